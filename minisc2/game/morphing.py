"""Units that turn into others in place: better town halls, siege mode, lifting off, landing."""

from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    add_ons,
    events,
    movement,
    orders,
    results,
    technology,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

_GOING, _TURNING = 0, 1
_KINDS = frozenset((orders.Kind.MORPH, orders.Kind.LIFT, orders.Kind.LAND))


def is_turning(unit: units.Unit) -> bool:
    """Whether a unit is turning into another type right now, which nothing but Cancel stops."""
    if not unit.orders:
        return False
    order = unit.orders[0]
    return order.kind in _KINDS and order.phase == _TURNING


def order_morph(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """The order to turn into something else; it is paid for when it begins."""
    del target
    return orders.Order(ability.ability_id, ability.kind, ability=ability)


def order_land(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
               target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """The order to land a flying structure at a point."""
    if not isinstance(target, tuple):
        return results.NOT_SUPPORTED
    if world.placement(ability.ability_id, target, unit) != results.SUCCESS:
        return results.CANT_LAND_LOCATION_INVALID
    return orders.Order(ability.ability_id, orders.Kind.LAND, world.snap(ability.product, target),
                        ability=ability)


def morph(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Begins the change, or completes it when its time is over."""
    ability = order.ability
    if order.phase == _GOING:
        if not world.pay(unit.owner, ability.minerals, ability.vespene):
            world.fail(unit, ability.ability_id,
                       technology.shortage(world.players[unit.owner], ability))
            world.finish_order(unit)
            return
        order.paid = (ability.minerals, ability.vespene)
        if order.kind is orders.Kind.LIFT:
            add_ons.leave(world, unit)
        _begin(world, unit, order)
    elif world.loop >= order.end_loop:
        world.change_type(unit, ability.product)
        world.emit(events.EventKind.MORPH_FINISHED, unit)
        world.finish_order(unit)


def _begin(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    order.phase = _TURNING
    order.start_loop = world.loop
    order.end_loop = world.loop + round(order.ability.game_loops)
    unit.wake_loop = order.end_loop


def land(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Flies to the place, and sets down there if it is still free."""
    if order.phase == _GOING:
        if movement.move_towards(world, unit, *order.target_xy):
            _begin(world, unit, order)
    elif world.loop >= order.end_loop:
        ability = order.ability
        if world.placement(ability.ability_id, order.target_xy, unit) != results.SUCCESS:
            world.fail(unit, ability.ability_id, results.CANT_LAND_LOCATION_INVALID)
        else:
            world.set_position(unit, order.target_xy)
            world.change_type(unit, ability.product)
            add_ons.take_over(world, unit)
        world.finish_order(unit)


def drop(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Cancelled: gives back what was paid."""
    world.refund(unit.owner, *order.paid)
