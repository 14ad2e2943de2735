"""What a unit does in one game loop: carries out its first order, or looks for a fight."""

from typing import TYPE_CHECKING

from minisc2.game import combat, movement, orders, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

_FOLLOW_GAP = 0.5
"""Followers stop this far from the edge of whom they follow. Our choice."""


def update(world: "world_lib.World", unit: units.Unit) -> None:
    """One game loop of one unit that can move or fight."""
    if unit.weapon_cooldown > 0:
        unit.weapon_cooldown -= 1
        if unit.weapon_cooldown <= 0:
            unit.cooldown_remainder = unit.weapon_cooldown
            unit.weapon_cooldown = 0.0
    if unit.orders:
        order = unit.orders[0]
        _HANDLERS[order.kind](world, unit, order)
    elif unit.is_on_guard and combat.is_time_to_look(world, unit):
        combat.look_for_fight(world, unit, can_chase=unit.speed > 0)


def finish_order(unit: units.Unit) -> None:
    """Goes on with the next order of the queue, if any."""
    order = unit.orders.pop(0)
    unit.last_goal = order.target_xy
    unit.target = None
    unit.engaged_target_tag = 0
    movement.start(unit)


def _move(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    x, y = order.target_xy
    if movement.move_towards(world, unit, x, y):
        finish_order(unit)


def _scan(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    if not _meets_enemy(world, unit):
        _move(world, unit, order)


def _meets_enemy(world: "world_lib.World", unit: units.Unit) -> bool:
    return bool(unit.type.weapons and combat.is_time_to_look(world, unit)
                and combat.look_for_fight(world, unit, can_chase=True))


def _patrol(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    if _meets_enemy(world, unit):
        return
    if order.origin_xy is None:
        order.origin_xy = (unit.x, unit.y)
    x, y = order.target_xy
    if movement.move_towards(world, unit, x, y):
        order.target_xy, order.origin_xy = order.origin_xy, order.target_xy
        movement.start(unit)


def _follow(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    target = world.units.get(order.target_tag)
    if target is None or not world.can_see(unit.owner, target):
        finish_order(unit)
    elif combat.distance_between(unit, target) > _FOLLOW_GAP:
        movement.move_towards(world, unit, target.x, target.y)
    elif len(unit.orders) > 1:
        finish_order(unit)


def _attack(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    target = world.units.get(order.target_tag)
    if target is None or not combat.is_target(world, unit, target):
        finish_order(unit)
    else:
        combat.fight(world, unit, target, can_chase=True)


def _hold(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    if len(unit.orders) > 1:
        finish_order(unit)
    elif unit.type.weapons and combat.is_time_to_look(world, unit):
        combat.look_for_fight(world, unit, can_chase=False)


_HANDLERS = {
    orders.Kind.MOVE: _move,
    orders.Kind.FOLLOW: _follow,
    orders.Kind.ATTACK: _attack,
    orders.Kind.SCAN: _scan,
    orders.Kind.PATROL: _patrol,
    orders.Kind.HOLD: _hold,
}
