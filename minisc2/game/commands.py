"""From an ability and its target to what a unit does: an order to carry out, or an act at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    accounts,
    add_ons,
    behaviour,
    combat,
    construction,
    harvesting,
    morphing,
    orders,
    production,
    repair,
    results,
    spells,
    technology,
    transport,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

Kind = orders.Kind
Target = tuple[float, float] | units.Unit | None
Maker = Callable[["world_lib.World", units.Unit, ability_data.Ability, Target],
                 orders.Order | int]


def give(world: "world_lib.World", unit: units.Unit, ability_id: int, target: Target,
         queued: bool) -> int:
    """Tells one unit to use an ability.

    Args:
        world: its world.
        unit: who is told.
        ability_id: general or specific; the order keeps the specific one.
        target: None, a world point or a unit.
        queued: whether it comes after the orders that the unit has.

    Returns:
        A `results` answer.
    """
    ability = technology.resolve(world, unit, ability_id)
    if ability is not None and ability.kind is Kind.SMART:
        if isinstance(target, units.Unit) and construction.can_resume(unit, target):
            return assign(world, unit, construction.order_resume(target), queued)
        ability = _smart(world, unit, target)
    if ability is None:
        return results.NOT_SUPPORTED
    answer = technology.refusal(world, unit, ability)
    if answer is not None:
        return answer
    if ability.kind is Kind.RALLY:
        return production.set_rally(world, unit, target, queued)
    order = _MAKERS[ability.kind](world, unit, ability, target)
    if isinstance(order, int):
        return order
    return assign(world, unit, order, queued)


def assign(world: "world_lib.World", unit: units.Unit, order: orders.Order, queued: bool) -> int:
    """Puts an order in place of those that a unit has, or behind them.

    Returns:
        A `results` answer.
    """
    if not queued or not unit.orders:
        _replace(world, unit, [order])
    elif len(unit.orders) >= orders.MAX_ORDERS:
        return results.QUEUE_IS_FULL
    else:
        unit.orders.append(order)
        unit.wake_loop = 0
    return results.SUCCESS


def _replace(world: "world_lib.World", unit: units.Unit, new_orders: list[orders.Order]) -> None:
    """Gives a unit other orders; but what turns into something else does that first."""
    if not morphing.is_turning(unit):
        world.replace_orders(unit, new_orders)
        return
    for old in unit.orders[1:]:
        behaviour.drop_order(world, unit, old)
    unit.orders[1:] = new_orders


def switch_autocast(world: "world_lib.World", unit: units.Unit, ability_id: int) -> int:
    """Switches whether a unit uses an ability by itself.

    Returns:
        A `results` answer.
    """
    ability = technology.resolve(world, unit, ability_id)
    if ability is None or not ability.can_autocast:
        return results.NOT_SUPPORTED
    unit.autocasts ^= {ability.ability_id}
    unit.wake_loop = 0
    return results.SUCCESS


def _smart(world: "world_lib.World", unit: units.Unit, target: Target
           ) -> ability_data.Ability | None:
    """What a right click means for a unit."""
    rows = {ability.kind: ability for ability in ability_data.of_type(unit.unit_type)}
    kind = Kind.MOVE
    if isinstance(target, units.Unit):
        kind = _smart_at_unit(world, unit, target, rows)
    if kind is Kind.MOVE and unit.speed == 0:
        kind = Kind.RALLY
    return rows.get(kind)


def _smart_at_unit(world: "world_lib.World", unit: units.Unit, target: units.Unit,
                   rows: dict[Kind, ability_data.Ability]) -> Kind:
    if world.is_enemy(unit.owner, target.owner):
        return Kind.ATTACK if combat.is_hittable(world, unit, target) else Kind.MOVE
    if Kind.GATHER in rows and harvesting.is_resource(unit, target):
        return Kind.GATHER
    if Kind.RETURN in rows and harvesting.is_drop_off(unit, target) and (
            unit.carried_minerals or unit.carried_vespene):
        return Kind.RETURN
    if Kind.REPAIR in rows and repair.can_repair(unit, target):
        return Kind.REPAIR
    if Kind.LOAD in rows and transport.can_load(unit, target):
        return Kind.LOAD
    return Kind.MOVE


def _stop(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
          target: Target) -> int:
    del ability, target
    if accounts.can_make(unit.unit_type):  # it stops shooting, and goes on with what it makes
        unit.target = None
    else:
        _replace(world, unit, [])
    return results.SUCCESS


def _hold(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
          target: Target) -> orders.Order:
    del world, unit, target
    return orders.Order(ability.ability_id, Kind.HOLD)


def _go(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
        target: Target) -> orders.Order | int:
    """Orders to go somewhere: move, follow, patrol, scan move, attack."""
    if target is None:
        return results.NOT_SUPPORTED
    if isinstance(target, units.Unit):
        return _go_to_unit(world, unit, ability, target)
    if unit.speed == 0:
        return (results.MUST_TARGET_UNIT if ability.kind is Kind.ATTACK
                else results.UNIT_CANT_MOVE)
    kind = Kind.SCAN if ability.kind is Kind.ATTACK else ability.kind
    return orders.Order(ability.ability_id, kind, world.ground.clamp(*target))


def _go_to_unit(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                target: units.Unit) -> orders.Order | int:
    if target is unit:
        return results.CANT_TARGET_THAT_UNIT
    if ability.kind is Kind.ATTACK:
        is_known = world.display_type(unit.owner, target) != 0
        if not (is_known and combat.is_hittable(world, unit, target)):
            return results.CANT_TARGET_THAT_UNIT
        if accounts.can_make(unit.unit_type):  # its orders are what it makes
            unit.target = target
            unit.wake_loop = 0
            return results.SUCCESS
        return orders.Order(ability.ability_id, Kind.ATTACK, target_tag=target.tag)
    if unit.speed == 0:
        return results.UNIT_CANT_MOVE
    if ability.kind is Kind.MOVE and target.type.is_targetable:
        transport_order = transport.board(unit, target)
        return transport_order or orders.Order(ability.ability_id, Kind.FOLLOW,
                                               target_tag=target.tag)
    return orders.Order(ability.ability_id, ability.kind, world.ground.clamp(target.x, target.y))


def _cancel(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
            target: Target) -> int:
    """Takes back what is being built, or the add-on or morph that a structure works at."""
    del target
    if ability.ability_id == ability_data.CANCEL_CONSTRUCTION:
        construction.cancel(world, unit)
    else:
        world.replace_orders(unit, [])
    return results.SUCCESS


_MAKERS: dict[Kind, Maker] = {
    Kind.MOVE: _go,
    Kind.ATTACK: _go,
    Kind.SCAN: _go,
    Kind.PATROL: _go,
    Kind.HOLD: _hold,
    Kind.STOP: _stop,
    Kind.CANCEL: _cancel,
    Kind.GATHER: harvesting.order_gather,
    Kind.RETURN: harvesting.order_return,
    Kind.BUILD: construction.order_build,
    Kind.HALT: construction.halt,
    Kind.BUILD_ADD_ON: add_ons.order_add_on,
    Kind.TRAIN: production.enqueue,
    Kind.RESEARCH: production.enqueue,
    Kind.CANCEL_LAST: production.cancel_last,
    Kind.MORPH: morphing.order_morph,
    Kind.LIFT: morphing.order_morph,
    Kind.LAND: morphing.order_land,
    Kind.REPAIR: repair.order_repair,
    Kind.LOAD: transport.order_load,
    Kind.UNLOAD: transport.order_unload,
    Kind.SPELL: spells.order_spell,
}
