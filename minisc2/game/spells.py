"""Abilities with an effect of their own: stimpack, scan, MULE, supply drop, salvage, healing."""

from typing import TYPE_CHECKING

from minisc2.game import ability_data, orders, results, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib


def order_spell(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    return results.NOT_SUPPORTED


def cast(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    world.finish_order(unit)
