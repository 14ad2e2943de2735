"""Repairing: workers give back life to structures and machines, for a part of their cost."""

from typing import TYPE_CHECKING

from minisc2.game import ability_data, movement, orders, results, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

COST_SHARE = 0.25
"""Part of a unit's cost that repairing it from nothing takes."""

_REACH = 0.1


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
    elif not _pay(world, unit, target):
        world.fail(unit, order.ability_id, results.NOT_ENOUGH_MINERALS)
        world.finish_order(unit)
    else:
        gained = target.health_max / max(1.0, target.type.build_time)
        target.health = min(target.health_max, target.health + gained)


def _pay(world: "world_lib.World", unit: units.Unit, target: units.Unit) -> bool:
    """One game loop's share of the cost; players hold fractions of minerals between loops."""
    share = COST_SHARE / max(1.0, target.type.build_time)
    return world.pay(unit.owner, target.type.mineral_cost * share,
                     target.type.vespene_cost * share)
