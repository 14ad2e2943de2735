"""Gathering: to the field, take a load, bring it to the nearest town hall, and again.

Loads and times are those of the multiplayer game of patch 4.10 (harvest abilities of its
catalogue), except for three pauses, which are derived from what players of replays collect:

- `TURN_GAME_LOOPS` so that twelve SCVs on the eight fields of Simple64 bring about 700 minerals a
  minute (rate of collection in tracker events: 25 loads in 240 game loops, 699);
- `MINERAL_CHANGE_GAME_LOOPS` so that a field with three SCVs gives 140 minerals a minute;
- `VESPENE_CHANGE_GAME_LOOPS` so that a refinery with three SCVs gives 162 vespene a minute (in the
  same statistics 7 or 8 loads in 240 game loops, 156 or 179, the first three times as often).

Simplified: a worker inside a refinery stays visible beside it; workers that gather pass through
each other, as in the real game, and also through all other units.
"""

from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    commutes,
    edges,
    events,
    movement,
    orders,
    results,
    unit_data,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

MINERAL_GAME_LOOPS = 2.786 * unit_data.LOOPS_PER_SECOND
VESPENE_GAME_LOOPS = 1.981 * unit_data.LOOPS_PER_SECOND
MULE_GAME_LOOPS = 2 * MINERAL_GAME_LOOPS
"""A MULE takes so long that it brings nine loads of 25, 225 minerals, in the 64 seconds it has."""

TURN_GAME_LOOPS = 3
"""From the end of taking or delivering to setting off."""

MINERAL_CHANGE_GAME_LOOPS, VESPENE_CHANGE_GAME_LOOPS = 3, 1
"""From the end of taking until the next worker takes from the same field or refinery."""

MINERALS_PER_TRIP, RICH_MINERALS_PER_TRIP, MULE_MINERALS_PER_TRIP = 5, 7, 25
VESPENE_PER_TRIP = 4
CARRIES_MINERALS, CARRIES_RICH_MINERALS, CARRIES_VESPENE = 271, 272, 273
"""Ids of the buffs that show what a worker carries."""

NEXT_FIELD_RANGE = 10.0
"""How far workers look for another field when theirs is exhausted or has enough workers."""

_FREE_FIELD_RANGE = 3.0
"""How far from their own field workers look for a free one when theirs is taken."""

_OUT_OF_REACH = 1.0
_WORKERS_A_FIELD = 2
_GLIDE_GAME_LOOPS = 4
"""Workers on their ways have their places refreshed in every game loop that this divides: half a
cell is the most that they are behind in others."""

_WAIT_GAME_LOOPS = 8
"""Who waits for a field looks at least this often whether it is free."""

_NEW, _WALKING, _GLIDING, _TAKING, _WAITING = range(5)
"""Phases of an order to gather; whether the worker carries something tells where it goes."""

_LOADS = (CARRIES_MINERALS, CARRIES_RICH_MINERALS, CARRIES_VESPENE)
_GATHER_OF_RETURN = {ability_data.RETURN_SCV: ability_data.GATHER_SCV,
                     ability_data.RETURN_MULE: ability_data.GATHER_MULE,
                     ability_data.RETURN_PROBE: ability_data.GATHER_PROBE,
                     ability_data.RETURN_DRONE: ability_data.GATHER_DRONE}
_RETURN_OF_GATHER = {gather: bring for bring, gather in _GATHER_OF_RETURN.items()}


def is_resource(unit: units.Unit, target: units.Unit) -> bool:
    """Whether a worker can gather from a target: a mineral field, or a refinery of its player."""
    if target.type.has_minerals:
        return target.mineral_contents > 0
    return (target.type.has_vespene and target.owner == unit.owner and target.build_progress >= 1
            and target.vespene_contents > 0 and unit.type.name != "MULE")


def is_drop_off(unit: units.Unit, target: units.Unit) -> bool:
    """Whether a worker can bring its load there: a finished town hall of its player."""
    return commutes.is_drop_off(unit.owner, target)


def order_gather(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """The order to gather from a field or refinery until told otherwise."""
    del world
    if not isinstance(target, units.Unit) or not is_resource(unit, target):
        return results.MUST_TARGET_RESOURCES
    order = orders.Order(ability.ability_id, orders.Kind.GATHER, target_tag=target.tag,
                         ability=ability)
    order.site_tag = target.tag
    return order


def order_return(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """The order to bring a load home, and to gather again where the worker did before."""
    hall = target if isinstance(target, units.Unit) and is_drop_off(unit, target) else (
        world.commutes.nearest_hall(unit.owner, unit.x, unit.y))
    if hall is None:
        return results.ERROR
    return orders.Order(ability.ability_id, orders.Kind.RETURN, target_tag=hall.tag,
                        ability=ability)


def gather(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of gathering."""
    phase = order.phase
    if phase == _GLIDING:
        points, cells, facing = order.way
        loop, num_loops = world.loop, len(points)
        index = loop - order.start_loop - 1
        if index >= num_loops - 1:
            _come_to_end(world, unit, order)
        elif index < 0:
            unit.wake_loop = order.start_loop + 1
        else:
            unit.x, unit.y = points[index]
            if cells[index] != unit.cell:
                world.enter_cell(unit)
            unit.facing = facing
            unit.wake_loop = min(loop - loop % _GLIDE_GAME_LOOPS + _GLIDE_GAME_LOOPS,
                                 order.start_loop + num_loops)
    elif phase == _TAKING:
        if world.loop < order.end_loop:
            unit.wake_loop = order.end_loop
        else:
            _take(world, unit, order)
    elif phase == _WALKING:
        _walk(world, unit, order)
    elif phase == _WAITING:
        _arrive(world, unit, order)
    else:
        _begin(world, unit, order)


def bring_home(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of bringing a load home; then the worker gathers where it did before."""
    unit.passes_units = True
    hall = world.units.get(order.target_tag)
    if hall is None or not is_drop_off(unit, hall):
        hall = world.commutes.nearest_hall(unit.owner, unit.x, unit.y)
        if hall is None:
            world.finish_order(unit)
            return
        order.target_tag = hall.tag
    if not movement.move_beside(world, unit, hall, commutes.REACH):
        return
    if edges.gap(unit, hall) > _OUT_OF_REACH:
        world.finish_order(unit)
        return
    _deliver(world, unit)
    field = world.units.get(unit.harvest_tag)
    unit.harvest_tag = 0  # the order to return counts nowhere; the next one does
    world.finish_order(unit)
    if not unit.orders and field is not None and is_resource(unit, field):
        gather_id = _GATHER_OF_RETURN[order.ability_id]
        world.order(unit.owner, [unit.tag], gather_id, field)


def drop(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Stops gathering: frees the field. The worker remembers it until it has another."""
    field = world.units.get(order.site_tag)
    if order.phase != _NEW and field is not None:
        field.num_harvesters -= unit.type.is_worker
        if field.harvest_tag == unit.tag:
            field.harvest_tag = 0
            field.free_loop = 0
    order.phase = _NEW
    order.way = None
    unit.passes_units = False


def _begin(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Settles where the worker belongs, and sets off."""
    unit.passes_units = True
    field = world.units.get(order.site_tag)
    if field is None or not is_resource(unit, field):
        field = _next_field(world, unit, field)
        if field is None:
            world.finish_order(unit)
            return
    elif field.type.has_minerals and field.num_harvesters >= _WORKERS_A_FIELD and (
            unit.type.is_worker):
        # Many workers that are sent to one field spread over all of them.
        field = _next_field(world, unit, field) or field
    _belong(unit, order, field)
    order.phase = _WALKING
    _set_off(world, unit, order, 0)


def _belong(unit: units.Unit, order: orders.Order, field: units.Unit) -> None:
    """The worker gathers from `field` from now on."""
    order.site_tag = field.tag
    unit.harvest_tag = field.tag
    field.num_harvesters += unit.type.is_worker


def _change_field(world: "world_lib.World", unit: units.Unit, order: orders.Order,
                  field: units.Unit) -> None:
    old = world.units.get(order.site_tag)
    if old is not None:
        old.num_harvesters -= unit.type.is_worker
    _belong(unit, order, field)


def _set_off(world: "world_lib.World", unit: units.Unit, order: orders.Order, pause: int) -> None:
    """On the way to the field, or home with a load, after a pause of game loops."""
    field = world.units.get(order.site_tag)
    if unit.carried_minerals or unit.carried_vespene:
        target = world.commutes.nearest_hall(unit.owner, unit.x, unit.y)
        other = field
        order.ability_id = _RETURN_OF_GATHER[order.ability.ability_id]
    else:
        target = field
        other = field and world.commutes.nearest_hall(unit.owner, field.x, field.y)
        order.ability_id = order.ability.ability_id
    if target is None or (target is field and not is_resource(unit, field)):
        field = _next_field(world, unit, field) if target is field else None
        if field is None:  # nothing to gather any more, or nowhere to bring it
            _end(world, unit, order)
            return
        _change_field(world, unit, order, field)
        _set_off(world, unit, order, pause)
        return
    order.target_tag = target.tag
    order.way = world.commutes.way(unit, target, other)
    if order.way is None:
        order.phase = _WALKING
        movement.start(unit)
        unit.wake_loop = world.loop + pause + 1
        return
    order.phase = _GLIDING
    order.start_loop = world.loop + pause
    unit.wake_loop = order.start_loop + 1


def _end(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    drop(world, unit, order)
    world.finish_order(unit)


def _come_to_end(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """The last game loop of a straight way."""
    unit.x, unit.y = order.way.points[-1]
    world.enter_cell(unit)
    unit.facing = order.way.facing
    _arrive(world, unit, order)


def _walk(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Around what is in the straight way."""
    target = world.units.get(order.target_tag)
    if target is None:
        _set_off(world, unit, order, 0)
    elif movement.move_beside(world, unit, target, commutes.REACH):
        if edges.gap(unit, target) > _OUT_OF_REACH:  # there is no way to it
            _end(world, unit, order)
        else:
            _arrive(world, unit, order)


def _arrive(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """At the field or at the town hall."""
    target = world.units.get(order.target_tag)
    if unit.carried_minerals or unit.carried_vespene:
        if target is not None and is_drop_off(unit, target):
            _deliver(world, unit)
            _set_off(world, unit, order, TURN_GAME_LOOPS)
        else:
            _set_off(world, unit, order, 0)
    elif target is None or not is_resource(unit, target):
        _set_off(world, unit, order, 0)
    elif not unit.type.is_worker:  # MULEs take from fields that others take from
        _start_taking(world, unit, order, MULE_GAME_LOOPS)
    elif world.loop >= target.free_loop or target.harvest_tag == unit.tag:
        taking, change = ((MINERAL_GAME_LOOPS, MINERAL_CHANGE_GAME_LOOPS)
                          if target.type.has_minerals
                          else (VESPENE_GAME_LOOPS, VESPENE_CHANGE_GAME_LOOPS))
        _start_taking(world, unit, order, taking)
        target.harvest_tag = unit.tag
        target.free_loop = order.end_loop + change
    else:
        _wait(world, unit, order, target)


def _start_taking(world: "world_lib.World", unit: units.Unit, order: orders.Order,
                  game_loops: float) -> None:
    order.phase = _TAKING
    order.end_loop = world.loop + round(game_loops)
    unit.wake_loop = order.end_loop


def _wait(world: "world_lib.World", unit: units.Unit, order: orders.Order, field: units.Unit
          ) -> None:
    """Somebody else takes from the field: the worker goes to a free one near by, or waits."""
    if order.phase != _WAITING and field.type.has_minerals:
        other = _free_field(world, field)
        if other is not None:
            _change_field(world, unit, order, other)
            _set_off(world, unit, order, 0)
            return
    order.phase = _WAITING
    unit.wake_loop = min(field.free_loop, world.loop + _WAIT_GAME_LOOPS)


def _take(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """The load is complete."""
    field = world.units.get(order.site_tag)
    if field is None:
        _set_off(world, unit, order, 0)
        return
    if field.harvest_tag == unit.tag:
        field.harvest_tag = 0
    if field.type.has_minerals:
        _take_minerals(world, unit, field)
    else:
        unit.carried_vespene = min(VESPENE_PER_TRIP, field.vespene_contents)
        field.vespene_contents -= unit.carried_vespene
        unit.buffs.append(CARRIES_VESPENE)
        if field.vespene_contents <= 0:
            world.emit(events.EventKind.RESOURCE_EXHAUSTED, field)
    if len(unit.orders) > 1:  # whoever has something else to do gathers once
        _end(world, unit, order)
    else:
        _set_off(world, unit, order, TURN_GAME_LOOPS)


def _take_minerals(world: "world_lib.World", unit: units.Unit, field: units.Unit) -> None:
    is_rich = field.type.name.startswith("Rich")
    amount = RICH_MINERALS_PER_TRIP if is_rich else MINERALS_PER_TRIP
    if not unit.type.is_worker:
        amount = MULE_MINERALS_PER_TRIP
    unit.carried_minerals = min(amount, field.mineral_contents)
    field.mineral_contents -= unit.carried_minerals
    unit.buffs.append(CARRIES_RICH_MINERALS if is_rich else CARRIES_MINERALS)
    if field.mineral_contents <= 0:
        world.emit(events.EventKind.RESOURCE_EXHAUSTED, field)
        world.remove_unit(field)


def _deliver(world: "world_lib.World", unit: units.Unit) -> None:
    world.accounts.collect(unit.owner, unit.carried_minerals, unit.carried_vespene, world.loop)
    unit.carried_minerals = unit.carried_vespene = 0
    unit.buffs = [buff for buff in unit.buffs if buff not in _LOADS]


def _next_field(world: "world_lib.World", unit: units.Unit, near: units.Unit | None
                ) -> units.Unit | None:
    """The field with the fewest workers near a field, or near the worker if that is gone.

    None for a refinery: who gathered there does not change to minerals.
    """
    if near is not None and not near.type.has_minerals:
        return None
    middle = near or unit
    hall = world.commutes.nearest_hall(unit.owner, middle.x, middle.y)
    goal = hall or unit  # fields near the town hall are better than those near the worker
    return min((field for field in world.commutes.fields()
                if field.mineral_contents > 0
                and field.distance_to(middle.x, middle.y) <= NEXT_FIELD_RANGE),
               key=lambda field: (field.num_harvesters, field.distance_to(goal.x, goal.y),
                                  field.index), default=None)


def _free_field(world: "world_lib.World", field: units.Unit) -> units.Unit | None:
    """A field near by that nobody takes from and that fewer workers belong to."""
    return min((other for other in world.commutes.fields()
                if other.free_loop <= world.loop and other.mineral_contents > 0
                and other.num_harvesters < field.num_harvesters - 1
                and other.distance_to(field.x, field.y) <= _FREE_FIELD_RANGE),
               key=lambda other: (other.distance_to(field.x, field.y), other.index),
               default=None)
