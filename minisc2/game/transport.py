"""Carrying units: bunkers, dropships and town halls take others in and let them out."""

from typing import TYPE_CHECKING

from minisc2.game import ability_data, orders, results, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib


def can_load(carrier: units.Unit, target: units.Unit) -> bool:
    """Whether a carrier can take a unit in."""
    return False


def board(unit: units.Unit, carrier: units.Unit) -> orders.Order | None:
    """The order of a unit that is told to move to a carrier of its player; None if it is none."""
    return None


def order_load(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
               target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    return results.NOT_SUPPORTED


def order_unload(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    return results.NOT_SUPPORTED


def load(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    world.finish_order(unit)


def unload(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    world.finish_order(unit)
