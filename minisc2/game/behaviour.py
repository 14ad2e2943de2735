"""What a unit does in one game loop: carries out its first order, or waits for something to do."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from minisc2.game import (
    add_ons,
    combat,
    construction,
    harvesting,
    mending,
    morphing,
    movement,
    orders,
    production,
    repair,
    spells,
    transport,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

Kind = orders.Kind
Handler = Callable[["world_lib.World", units.Unit, orders.Order], None]

_FOLLOW_GAP = 0.5
"""Followers stop this far from the edge of whom they follow. Our choice."""


def update(world: "world_lib.World", unit: units.Unit) -> None:
    """One game loop of one unit that is awake."""
    if unit.is_disabled:
        unit.wake_loop = units.NEVER
    elif unit.orders:
        order = unit.orders[0]
        _HANDLERS[order.kind](world, unit, order)
    elif unit.is_on_guard:
        combat.guard(world, unit)
    elif unit.autocasts:
        mending.wait(world, unit)
    else:
        unit.wake_loop = units.NEVER


def finish_order(world: "world_lib.World", unit: units.Unit) -> None:
    """Goes on with the next order of the queue, if any."""
    order = unit.orders.pop(0)
    unit.last_goal = order.target_xy
    unit.target = None
    unit.engaged_target_tag = 0
    unit.wake_loop = 0
    unit.passes_units = False
    movement.start(unit)


def drop_order(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Tidies up after an order that will not be carried out: gives back what was paid, say."""
    drop = _DROPS.get(order.kind)
    if drop is not None:
        drop(world, unit, order)


def _move(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    x, y = order.target_xy
    if movement.move_towards(world, unit, x, y):
        finish_order(world, unit)


def _scan(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    # Armies do this in every game loop, so nothing is called that has nothing to do.
    if (unit.target is not None or unit.is_alert or unit.type.is_worker) and (
            combat.meets_enemy(world, unit)):
        return
    if unit.autocasts and mending.helps(world, unit):
        return
    x, y = order.target_xy
    if movement.move_towards(world, unit, x, y):
        finish_order(world, unit)
    elif unit.num_stuck_loops:
        combat.rest_if_stuck(world, unit)


def _patrol(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    if combat.meets_enemy(world, unit):
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
        finish_order(world, unit)
    elif combat.distance_between(unit, target) > _FOLLOW_GAP:
        movement.move_towards(world, unit, target.x, target.y)
    elif len(unit.orders) > 1:
        finish_order(world, unit)


def _attack(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    target = world.units.get(order.target_tag)
    if target is None or not combat.is_hittable(world, unit, target):
        finish_order(world, unit)
    elif world.can_see(unit.owner, target):
        combat.fight(world, unit, target, can_chase=True)
    elif not target.is_structure or unit.speed == 0 or movement.move_beside(
            world, unit, target, 0.0):
        finish_order(world, unit)  # structures stay where they were seen, others do not


def _hold(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    del order
    if len(unit.orders) > 1:
        finish_order(world, unit)
    else:
        combat.hold(world, unit)


_HANDLERS: dict[Kind, Handler] = {
    Kind.MOVE: _move,
    Kind.FOLLOW: _follow,
    Kind.ATTACK: _attack,
    Kind.SCAN: _scan,
    Kind.PATROL: _patrol,
    Kind.HOLD: _hold,
    Kind.GATHER: harvesting.gather,
    Kind.RETURN: harvesting.bring_home,
    Kind.BUILD: construction.build,
    Kind.BUILD_ADD_ON: add_ons.build,
    Kind.TRAIN: production.produce,
    Kind.RESEARCH: production.produce,
    Kind.MORPH: morphing.morph,
    Kind.LIFT: morphing.morph,
    Kind.LAND: morphing.land,
    Kind.REPAIR: repair.repair,
    Kind.LOAD: transport.load,
    Kind.UNLOAD: transport.unload,
    Kind.BOARD: transport.enter,
    Kind.SPELL: spells.cast,
}

_DROPS: dict[Kind, Handler] = {
    Kind.GATHER: harvesting.drop,
    Kind.RETURN: harvesting.drop,
    Kind.BUILD: construction.drop,
    Kind.BUILD_ADD_ON: add_ons.drop,
    Kind.TRAIN: production.drop,
    Kind.RESEARCH: production.drop,
    Kind.MORPH: morphing.drop,
    Kind.LIFT: morphing.drop,
    Kind.SPELL: spells.drop,
}
