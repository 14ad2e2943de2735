"""Building structures by workers, and add-ons by the structures that they belong to."""

from typing import TYPE_CHECKING

from minisc2.game import ability_data, events, movement, orders, results, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

ADD_ON_OFFSET = (2.5, -0.5)
"""From the centre of a structure to that of its add-on."""

START_SHARE = 0.1
"""Part of its life that a structure has when construction begins."""

CANCEL_SHARE = 0.75
"""Part of the cost that comes back when a structure under construction is cancelled."""

_REACH = 0.1
_GOING, _BUILDING = 0, 1


def order_build(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """The order to build a structure; it is paid for when the worker begins."""
    if target is None:
        return results.NOT_SUPPORTED
    xy = (target.x, target.y) if isinstance(target, units.Unit) else target
    answer = world.placement(ability.ability_id, xy, unit)
    if answer != results.SUCCESS:
        return answer
    return orders.Order(ability.ability_id, orders.Kind.BUILD, world.snap(ability.product, xy),
                        ability=ability)


def build(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of a worker that goes to build, or builds."""
    if order.phase == _BUILDING:
        _work(world, unit, order)
        return
    kind = unit_data.get(order.ability.product)
    x, y = order.target_xy
    if unit.distance_to(x, y) - unit.radius - kind.radius > _REACH and (
            not movement.move_towards(world, unit, x, y)):
        return
    _begin(world, unit, order)


def _begin(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    ability = order.ability
    answer = world.placement(ability.ability_id, order.target_xy, unit)
    if answer == results.SUCCESS and not world.pay(unit.owner, ability.minerals, ability.vespene):
        answer = results.NOT_ENOUGH_MINERALS
    if answer != results.SUCCESS:
        world.fail(unit, ability.ability_id, answer)
        world.finish_order(unit)
        return
    structure = _start_structure(world, ability, unit.owner, order.target_xy)
    structure.builder_tag = unit.tag
    order.target_tag = structure.tag
    order.phase = _BUILDING
    unit.passes_units = True


def _start_structure(world: "world_lib.World", ability: ability_data.Ability, owner: int,
                     xy: tuple[float, float]) -> units.Unit:
    health_max = unit_data.get(ability.product).health_max
    structure = world.create_unit(ability.product, owner, xy, build_progress=0.0,
                                  health=health_max * START_SHARE)
    world.emit(events.EventKind.STRUCTURE_STARTED, structure)
    return structure


def _work(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    structure = world.units.get(order.target_tag)
    if structure is None:
        world.finish_order(unit)
        return
    if _progress(world, structure, order.ability.game_loops):
        structure.builder_tag = 0
        world.finish_order(unit)


def _progress(world: "world_lib.World", structure: units.Unit, game_loops: float) -> bool:
    """One game loop of work; True when the structure is finished."""
    share = 1.0 / game_loops
    structure.health = min(structure.health_max,
                           structure.health + share * structure.health_max * (1 - START_SHARE))
    structure.build_progress = min(1.0, structure.build_progress + share)
    if structure.build_progress < 1.0 - 1e-9:
        return False
    world.finish_structure(structure)
    return True


def drop(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """The worker leaves; the structure waits for another."""
    unit.passes_units = False
    structure = world.units.get(order.target_tag)
    if order.phase == _BUILDING and structure is not None:
        structure.builder_tag = 0


def halt(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
         target: tuple[float, float] | units.Unit | None) -> int:
    """Stops construction: told to the worker, or to the structure."""
    builder = unit if unit.build_progress >= 1 else world.units.get(unit.builder_tag)
    if builder is not None:
        world.replace_orders(builder, [])
    return results.SUCCESS


def cancel(world: "world_lib.World", structure: units.Unit) -> None:
    """Takes a structure under construction back for a part of its cost."""
    kind = structure.type
    world.refund(structure.owner, int(kind.mineral_cost * CANCEL_SHARE),
                 int(kind.vespene_cost * CANCEL_SHARE))
    builder = world.units.get(structure.builder_tag)
    world.kill_unit(structure)
    if builder is not None:
        world.finish_order(builder)


def order_add_on(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """A structure builds an add-on beside itself."""
    xy = (unit.x + ADD_ON_OFFSET[0], unit.y + ADD_ON_OFFSET[1])
    answer = world.placement(ability.ability_id, xy, unit)
    if answer != results.SUCCESS:
        return answer
    return orders.Order(ability.ability_id, orders.Kind.BUILD_ADD_ON, xy, ability=ability)


def build_add_on(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of a structure that builds its add-on."""
    ability = order.ability
    if order.phase == _GOING:
        if not world.pay(unit.owner, ability.minerals, ability.vespene):
            world.fail(unit, ability.ability_id, results.NOT_ENOUGH_MINERALS)
            world.finish_order(unit)
            return
        add_on = _start_structure(world, ability, unit.owner, order.target_xy)
        add_on.builder_tag = unit.tag
        order.target_tag = add_on.tag
        order.phase = _BUILDING
        order.start_loop = world.loop
        order.end_loop = world.loop + round(ability.game_loops)
    add_on = world.units.get(order.target_tag)
    if add_on is None:
        world.finish_order(unit)
    elif _progress(world, add_on, ability.game_loops):
        add_on.builder_tag = 0
        add_on.add_on_tag = unit.tag
        unit.add_on_tag = add_on.tag
        world.emit(events.EventKind.ADD_ON_FINISHED, add_on)
        world.finish_order(unit)


def drop_add_on(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Cancelled: the unfinished add-on goes."""
    add_on = world.units.get(order.target_tag)
    if order.phase == _BUILDING and add_on is not None and add_on.build_progress < 1:
        cancel(world, add_on)
