"""Repairing: workers give back life to structures and machines, for a part of their cost."""

import functools
from typing import TYPE_CHECKING

from minisc2.game import ability_data, edges, movement, orders, results, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

COST_SHARE = 0.25
"""Part of a unit's cost that repairing it from nothing takes."""

_REACH = 0.1
_OUT_OF_REACH = 1.0


@functools.cache
def repair_game_loops(unit_type: int) -> float:
    """How long one worker takes to repair a type of unit from no life to all.

    As long as building it, and what it grew out of: 135 seconds of the data tables for an
    OrbitalCommand, 150 for a PlanetaryFortress (field RepairTime of the catalogue). The time that
    the table has for types that others turn into is that of turning.
    """
    kind = unit_data.get(unit_type)
    if kind.unit_alias:
        return repair_game_loops(kind.unit_alias)
    if kind.name in ("OrbitalCommand", "PlanetaryFortress"):
        return kind.build_time + unit_data.get(unit_data.id_of("CommandCenter")).build_time
    if kind.name in ("TechLab", "Reactor"):
        return unit_data.get(unit_data.id_of(f"Barracks{kind.name}")).build_time
    return max(1.0, kind.build_time)


def can_repair(unit: units.Unit, target: units.Unit) -> bool:
    """Whether a worker can repair a target: a damaged Terran structure or machine of its player."""
    return (target is not unit and target.owner == unit.owner and target.build_progress >= 1
            and target.health < target.health_max and target.type.race == unit_data.TERRAN
            and (target.is_structure or unit_data.MECHANICAL in target.type.attributes))


def order_repair(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    if not isinstance(target, units.Unit) or not can_repair(unit, target):
        return results.REQUIRES_REPAIR_TARGET
    return orders.Order(ability.ability_id, orders.Kind.REPAIR, target_tag=target.tag,
                        ability=ability)


def repair(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of going to repair, or of repairing."""
    target = world.units.get(order.target_tag)
    if target is None or not can_repair(unit, target):
        world.finish_order(unit)
    elif not movement.move_beside(world, unit, target, _REACH):
        return
    elif edges.gap(unit, target) > _OUT_OF_REACH:  # there is no way to it
        world.finish_order(unit)
    elif not _pay(world, unit, target):
        world.fail(unit, order.ability_id, results.NOT_ENOUGH_MINERALS)
        world.finish_order(unit)
    else:
        gained = target.health_max / repair_game_loops(target.unit_type)
        target.health = min(target.health_max, target.health + gained)


def _pay(world: "world_lib.World", unit: units.Unit, target: units.Unit) -> bool:
    """One game loop's share of the cost; players hold fractions of minerals between loops."""
    share = COST_SHARE / repair_game_loops(target.unit_type)
    return world.pay(unit.owner, target.type.mineral_cost * share,
                     target.type.vespene_cost * share)
