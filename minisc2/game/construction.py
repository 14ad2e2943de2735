"""Building structures by workers.

The cost is taken when construction begins, and three quarters of it come back when it is
cancelled. A structure has a tenth of its life at the beginning and gains the rest in step with its
progress, so that damage done meanwhile stays. Its worker walks around it; if the worker leaves or
dies, another one can go on. Simplified: a worker at work that gets another order leaves its work,
as if it had been told to halt first.
"""

import math
from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    collision,
    edges,
    events,
    movement,
    orders,
    results,
    technology,
    unit_data,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

ADD_ON_OFFSET = (2.5, -0.5)
"""From the centre of a structure to that of its add-on."""

START_SHARE = 0.1
"""Part of its life that a structure has when construction begins."""

CANCEL_SHARE = 0.75
"""Part of the cost that comes back when a structure under construction is cancelled."""

WORK_GAME_LOOPS = 4
"""How often a worker drives its structure's progress on."""

_REACH = 0.1
_LAP_SPEED = 0.5
"""A worker goes around its structure at this part of its speed. Our choice."""

_GOING, _BUILDING = 0, 1

Target = tuple[float, float] | units.Unit | None


def can_resume(unit: units.Unit, target: units.Unit) -> bool:
    """Whether a worker can go on with a structure that somebody left unfinished."""
    return (unit.type.name == "SCV" and target.owner == unit.owner and target.build_progress < 1
            and target.is_structure and not target.builder_tag
            and _ability_of(target) is not None)


def _ability_of(structure: units.Unit) -> ability_data.Ability | None:
    """The ability by which workers build a structure; None for add-ons and the like."""
    ability = ability_data.load().get(structure.type.ability_id)
    return ability if ability is not None and ability.kind is orders.Kind.BUILD else None


def order_build(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                target: Target) -> orders.Order | int:
    """The order to build a structure; it is paid for when the worker begins."""
    if target is None:
        return results.NOT_SUPPORTED
    xy = (target.x, target.y) if isinstance(target, units.Unit) else target
    answer = world.placement(ability.ability_id, xy, unit)
    if answer != results.SUCCESS:
        return answer
    return orders.Order(ability.ability_id, orders.Kind.BUILD, world.snap(ability.product, xy),
                        ability=ability)


def order_resume(structure: units.Unit) -> orders.Order:
    """The order to go on with an unfinished structure; see `can_resume`."""
    ability = _ability_of(structure)
    order = orders.Order(ability.ability_id, orders.Kind.BUILD, (structure.x, structure.y),
                         target_tag=structure.tag, ability=ability)
    order.site_tag = structure.tag
    return order


def build(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of a worker that goes to build, or builds."""
    if order.phase == _BUILDING:
        _work(world, unit, order)
    elif order.site_tag:
        _go_on(world, unit, order)
    else:
        kind = unit_data.get(order.ability.product)
        x, y = order.target_xy
        if unit.distance_to(x, y) - unit.radius - kind.radius <= _REACH or (
                movement.move_towards(world, unit, x, y)):
            _begin(world, unit, order)


def _begin(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    ability = order.ability
    answer = world.placement(ability.ability_id, order.target_xy, unit)
    if answer == results.SUCCESS and not _is_near(unit, order):
        answer = results.CANT_BUILD_LOCATION_INVALID  # there is no way to the place
    if answer == results.SUCCESS and not world.pay(unit.owner, ability.minerals, ability.vespene):
        answer = technology.shortage(world.players[unit.owner], ability)
    if answer != results.SUCCESS:
        world.fail(unit, ability.ability_id, answer)
        world.finish_order(unit)
        return
    unit.passes_units = True  # the worker may stay where the structure comes
    structure = start_structure(world, ability, unit.owner, order.target_xy)
    order.site_tag = structure.tag
    _start_work(world, unit, order, structure)


def _is_near(unit: units.Unit, order: orders.Order) -> bool:
    kind = unit_data.get(order.ability.product)
    return unit.distance_to(*order.target_xy) <= unit.radius + kind.radius + 1.0


def start_structure(world: "world_lib.World", ability: ability_data.Ability, owner: int,
                    xy: tuple[float, float]) -> units.Unit:
    """Makes a structure whose construction has just begun."""
    kind = unit_data.get(ability.product)
    geyser = _geyser_at(world, xy) if kind.has_vespene else None
    structure = world.create_unit(
        ability.product, owner, xy, build_progress=0.0, health=kind.health_max * START_SHARE,
        vespene_contents=geyser.vespene_contents if geyser else 0)
    world.emit(events.EventKind.STRUCTURE_STARTED, structure)
    return structure


def _geyser_at(world: "world_lib.World", xy: tuple[float, float]) -> units.Unit | None:
    return next((unit for unit in world.owned(units.NEUTRAL_OWNER)
                 if unit.type.has_vespene and (unit.x, unit.y) == xy), None)


def _go_on(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Goes to a structure that somebody else began."""
    structure = world.units.get(order.site_tag)
    if structure is None or not can_resume(unit, structure):
        world.finish_order(unit)
    elif movement.move_beside(world, unit, structure, _REACH):
        if edges.gap(unit, structure) > 1.0:  # there is no way to it
            world.finish_order(unit)
        else:
            unit.passes_units = True
            _start_work(world, unit, order, structure)


def _start_work(world: "world_lib.World", unit: units.Unit, order: orders.Order,
                structure: units.Unit) -> None:
    structure.builder_tag = unit.tag
    order.phase = _BUILDING
    order.start_loop = world.loop
    _work(world, unit, order)


def _work(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Drives progress on by the game loops since the last time."""
    structure = world.units.get(order.site_tag)
    if structure is None:
        _step_out(world, unit)
        world.finish_order(unit)
        return
    game_loops = order.ability.game_loops
    progress(world, structure, (world.loop - order.start_loop) / game_loops)
    order.start_loop = world.loop
    if structure.build_progress >= 1:
        structure.builder_tag = 0
        _step_out(world, unit)
        world.finish_order(unit)
        return
    _walk_around(world, unit, structure)
    left = math.ceil((1 - structure.build_progress) * game_loops - 1e-6)
    unit.wake_loop = world.loop + max(1, min(WORK_GAME_LOOPS, left))


def progress(world: "world_lib.World", structure: units.Unit, share: float) -> None:
    """Construction goes on by a share of the whole; the structure gains life in step."""
    structure.health = min(structure.health_max,
                           structure.health + share * structure.health_max * (1 - START_SHARE))
    if structure.build_progress + share < 1.0 - 1e-9:
        structure.build_progress += share
    else:
        world.finish_structure(structure)


def _walk_around(world: "world_lib.World", unit: units.Unit, structure: units.Unit) -> None:
    """Where the worker is now on its circle around the structure."""
    radius = structure.radius + unit.radius
    dx, dy = unit.x - structure.x, unit.y - structure.y
    angle = math.atan2(dy, dx) + unit.speed * _LAP_SPEED * WORK_GAME_LOOPS / radius
    unit.facing = (angle + math.pi) % math.tau
    world.set_position(unit, world.ground.clamp(structure.x + radius * math.cos(angle),
                                                structure.y + radius * math.sin(angle)))


def _step_out(world: "world_lib.World", unit: units.Unit) -> None:
    """The worker bumps into others again, so it takes the nearest place where it does not."""
    unit.passes_units = False
    world.set_position(unit, collision.free_place(world, unit, unit.x, unit.y))


def drop(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """The worker leaves; the structure waits for another."""
    if order.phase != _BUILDING:
        return
    structure = world.units.get(order.site_tag)
    if structure is not None and structure.build_progress < 1:
        structure.builder_tag = 0
        progress(world, structure, (world.loop - order.start_loop) / order.ability.game_loops)
    if unit.health > 0:
        _step_out(world, unit)


def halt(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
         target: Target) -> int:
    """Stops construction: told to the worker, or to the structure."""
    del ability, target
    builder = unit if unit.build_progress >= 1 else world.units.get(unit.builder_tag)
    if builder is not None and not builder.is_structure:
        world.replace_orders(builder, [])
    return results.SUCCESS


def cancel(world: "world_lib.World", structure: units.Unit) -> None:
    """Takes a structure under construction back for a part of its cost."""
    kind = structure.type
    builder = world.units.get(structure.builder_tag)
    world.refund(structure.owner, int(kind.mineral_cost * CANCEL_SHARE),
                 int(kind.vespene_cost * CANCEL_SHARE))
    world.kill_unit(structure)
    if builder is not None and builder.orders and builder.orders[0].site_tag == structure.tag:
        if not builder.is_structure:
            _step_out(world, builder)
        world.finish_order(builder)


def release(world: "world_lib.World", structure: units.Unit) -> None:
    """A structure is gone: its geyser has what is left in it."""
    if structure.type.has_vespene:
        geyser = _geyser_at(world, (structure.x, structure.y))
        if geyser is not None:
            geyser.vespene_contents = structure.vespene_contents
