"""Add-ons: built by the structure that they stand beside, and taken over by the next one there.

An add-on has the type of its structure (BarracksTechLab) while it is attached and a plain one
(TechLab) while it is not. A structure that lifts off leaves it behind; one that lands beside it
takes it over. What it was researching then is cancelled, for its whole cost.
"""

from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    construction,
    events,
    orders,
    results,
    technology,
    unit_data,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

WORK_GAME_LOOPS = 4
"""How often a structure drives its add-on's progress on."""

_OWNERS = ("Barracks", "Factory", "Starport")
_PLAIN = {ability_data.TECH_LAB: "TechLab", ability_data.REACTOR: "Reactor"}
_GOING, _BUILDING = 0, 1


def place(xy: tuple[float, float]) -> tuple[float, float]:
    """Where the add-on of a structure that stands at a point is, or would be."""
    dx, dy = construction.ADD_ON_OFFSET
    return xy[0] + dx, xy[1] + dy


def plain_type(unit: units.Unit) -> int:
    """TECH_LAB or REACTOR for add-ons of any structure, or of none; 0 for everything else."""
    for plain in _PLAIN:
        if unit.unit_type == plain or plain in unit.type.tech_alias:
            return plain
    return 0


def order_add_on(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """The order to build an add-on; with a point elsewhere the structure first flies there."""
    if isinstance(target, tuple):
        site = world.snap(_landed_type(unit), target)
        if unit.is_flying or site != (unit.x, unit.y):
            return _move_and_build(world, unit, ability, site)
    elif unit.is_flying:
        return results.NOT_SUPPORTED
    xy = place((unit.x, unit.y))
    answer = world.placement(ability.ability_id, xy, unit)
    if answer != results.SUCCESS:
        return answer
    return orders.Order(ability.ability_id, orders.Kind.BUILD_ADD_ON, xy, ability=ability)


def _ability(unit_type: int, kind: orders.Kind) -> ability_data.Ability | None:
    return next((one for one in ability_data.of_type(unit_type) if one.kind is kind), None)


def _landed_type(unit: units.Unit) -> int:
    land = _ability(unit.unit_type, orders.Kind.LAND)
    return land.product if land else unit.unit_type


def _move_and_build(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                    site: tuple[float, float]) -> int:
    lift = _ability(unit.unit_type, orders.Kind.LIFT)
    land = _ability(lift.product if lift else unit.unit_type, orders.Kind.LAND)
    xy = place(site)
    for answer in (world.placement(land.ability_id, site, unit),
                   world.placement(ability.ability_id, xy, unit)):
        if answer != results.SUCCESS:
            return answer
    world.replace_orders(unit, [
        *([orders.Order(lift.ability_id, orders.Kind.LIFT, ability=lift)] if lift else []),
        orders.Order(land.ability_id, orders.Kind.LAND, site, ability=land),
        orders.Order(ability.ability_id, orders.Kind.BUILD_ADD_ON, xy, ability=ability)])
    return results.SUCCESS


def build(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of a structure that builds its add-on."""
    if order.phase == _GOING and not _begin(world, unit, order):
        return
    add_on = world.units.get(order.site_tag)
    if add_on is None:
        world.finish_order(unit)
        return
    construction.progress(
        world, add_on,
        (world.loop - order.start_loop) / order.ability.game_loops - add_on.build_progress)
    unit.wake_loop = min(world.loop + WORK_GAME_LOOPS, max(order.end_loop, world.loop + 1))
    if add_on.build_progress >= 1:
        add_on.builder_tag = 0
        _attach(unit, add_on)
        world.emit(events.EventKind.ADD_ON_FINISHED, add_on)
        world.finish_order(unit)


def _begin(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> bool:
    ability = order.ability
    answer = world.placement(ability.ability_id, order.target_xy, unit)
    if answer == results.SUCCESS and unit.add_on_tag:
        answer = results.ERROR  # it landed beside one
    if answer == results.SUCCESS and not world.pay(unit.owner, ability.minerals, ability.vespene):
        answer = technology.shortage(world.players[unit.owner], ability)
    if answer != results.SUCCESS:
        world.fail(unit, ability.ability_id, answer)
        world.finish_order(unit)
        return False
    add_on = construction.start_structure(world, ability, unit.owner, order.target_xy)
    add_on.builder_tag = unit.tag
    order.site_tag = add_on.tag
    order.phase = _BUILDING
    order.start_loop = world.loop
    order.end_loop = world.loop + round(ability.game_loops)
    return True


def drop(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Cancelled: the unfinished add-on goes, for a part of its cost; so does that of the dead."""
    add_on = world.units.get(order.site_tag)
    if order.phase == _BUILDING and add_on is not None and add_on.build_progress < 1:
        if unit.health > 0:
            construction.cancel(world, add_on)
        else:
            world.kill_unit(add_on)


def _attach(unit: units.Unit, add_on: units.Unit) -> None:
    unit.add_on_tag = add_on.tag
    add_on.add_on_tag = unit.tag


def take_over(world: "world_lib.World", unit: units.Unit) -> None:
    """A structure has landed: a free add-on beside it becomes its own."""
    if unit.type.name not in _OWNERS:
        return
    x, y = place((unit.x, unit.y))
    for other in world.owned(unit.owner):
        if (other.x, other.y) == (x, y) and not other.add_on_tag and other.build_progress >= 1 and (
                plain := plain_type(other)):
            own = unit_data.id_of(f"{unit.type.name}{_PLAIN[plain]}")
            world.change_type(other, own)
            _attach(unit, other)
            return


def leave(world: "world_lib.World", unit: units.Unit) -> None:
    """A structure lifts off or is gone, or an add-on is gone: both are alone from now on."""
    other = world.units.get(unit.add_on_tag)
    unit.add_on_tag = 0
    if other is None:
        return
    other.add_on_tag = 0
    other.wake_loop = 0  # a structure without its reactor makes one thing at a time
    plain = plain_type(other)
    if plain and plain != other.unit_type:
        world.replace_orders(other, [])
        world.change_type(other, plain)
