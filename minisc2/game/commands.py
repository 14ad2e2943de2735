"""From an ability and its target to the order that a unit carries out."""

from typing import TYPE_CHECKING

from minisc2.game import combat, movement, orders, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

SUCCESS = 1
NOT_SUPPORTED = 2
QUEUE_IS_FULL = 7
CANT_TARGET_THAT_UNIT = 36
UNIT_CANT_MOVE = 38
MUST_TARGET_UNIT = 81
"""Answers, numbered as `error_pb2.ActionResult`."""

Target = tuple[float, float] | units.Unit | None


def give(world: "world_lib.World", unit: units.Unit, ability_id: int, target: Target,
         queued: bool) -> int:
    """Gives one unit an order.

    Args:
        world: its world.
        unit: who is told.
        ability_id: general or specific; the order keeps the specific one.
        target: None, a world point or a unit.
        queued: whether the order comes after those that the unit has.

    Returns:
        An `error_pb2.ActionResult`.
    """
    available = orders.abilities_of(unit.type)
    specific = orders.specific_ability(ability_id, available)
    if specific is None:
        return NOT_SUPPORTED
    if specific in (orders.STOP, orders.STOP_BUILDING):
        _replace(unit, [])
        return SUCCESS
    order = _make_order(world, unit, specific, target)
    if isinstance(order, int):
        return order
    if not queued or not unit.orders:
        _replace(unit, [order])
    elif len(unit.orders) >= orders.MAX_ORDERS:
        return QUEUE_IS_FULL
    else:
        unit.orders.append(order)
    return SUCCESS


def _replace(unit: units.Unit, new_orders: list[orders.Order]) -> None:
    unit.orders[:] = new_orders
    unit.target = None
    unit.is_alert = True
    unit.engaged_target_tag = 0
    unit.last_goal = None
    movement.start(unit)


def _make_order(world: "world_lib.World", unit: units.Unit, ability_id: int, target: Target
                ) -> orders.Order | int:
    """The order, or the `ActionResult` that refuses it."""
    if ability_id == orders.HOLD_POSITION:
        return orders.Order(ability_id, orders.Kind.HOLD)
    if target is None:
        return NOT_SUPPORTED
    if isinstance(target, units.Unit):
        return _order_at_unit(world, unit, ability_id, target)
    if unit.speed == 0:
        return MUST_TARGET_UNIT if ability_id == orders.ATTACK_BUILDING else UNIT_CANT_MOVE
    xy = world.ground.clamp(*target)
    if ability_id == orders.SMART:
        return orders.Order(orders.MOVE, orders.Kind.MOVE, xy)
    if ability_id == orders.PATROL:
        return orders.Order(ability_id, orders.Kind.PATROL, xy)
    if ability_id in (orders.ATTACK, orders.SCAN_MOVE):
        return orders.Order(ability_id, orders.Kind.SCAN, xy)
    return orders.Order(ability_id, orders.Kind.MOVE, xy)


def _order_at_unit(world: "world_lib.World", unit: units.Unit, ability_id: int,
                   target: units.Unit) -> orders.Order | int:
    if target is unit:
        return CANT_TARGET_THAT_UNIT
    is_attack = ability_id in (orders.ATTACK, orders.ATTACK_BUILDING)
    if ability_id == orders.SMART and world.is_enemy(unit.owner, target.owner):
        attack = orders.specific_ability(orders.GENERAL_ATTACK, orders.abilities_of(unit.type))
        is_attack = combat.is_target(world, unit, target)
        ability_id = attack if is_attack else orders.MOVE
    if is_attack:
        if not combat.is_target(world, unit, target):
            return CANT_TARGET_THAT_UNIT
        return orders.Order(ability_id, orders.Kind.ATTACK, target_tag=target.tag)
    if unit.speed == 0:
        return UNIT_CANT_MOVE
    xy = world.ground.clamp(target.x, target.y)
    if ability_id == orders.PATROL:
        return orders.Order(ability_id, orders.Kind.PATROL, xy)
    if ability_id == orders.SCAN_MOVE:
        return orders.Order(ability_id, orders.Kind.SCAN, xy)
    if not target.type.is_targetable:
        return orders.Order(orders.MOVE, orders.Kind.MOVE, xy)
    return orders.Order(orders.MOVE, orders.Kind.FOLLOW, target_tag=target.tag)
