"""Carrying units: bunkers, dropships and town halls take others in and let them out.

Capacities and what fits where are those of the multiplayer game of patch 4.10. Those aboard are not
among `World.units`; they go on counting for their owner.
"""

from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    edges,
    movement,
    orders,
    results,
    targeting,
    unit_data,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

CAPACITIES = {"Bunker": 4, "Medivac": 8, "CommandCenter": 5, "CommandCenterFlying": 5,
              "PlanetaryFortress": 5}
"""Slots by the name of the type; a unit takes `UnitType.cargo_size` of them."""

LOAD_GAP = 0.5
"""Cells between the edges from which units board."""

LOAD_ALL_RANGE = 10.0
"""How far a town hall calls its workers from. Our choice."""

UNLOAD_GAME_LOOPS = {"Medivac": 16, "Bunker": 8}
"""From one unit that leaves to the next; about a second for a dropship. Others: DEFAULT."""

_DEFAULT_UNLOAD_GAME_LOOPS = 8
_GOING, _UNLOADING = 0, 1


def capacity(unit: units.Unit) -> int:
    """Slots of a carrier; 0 for units that carry nobody."""
    return CAPACITIES.get(unit.type.name, 0)


def slots_taken(carrier: units.Unit) -> int:
    return sum(passenger.type.cargo_size for passenger in carrier.cargo)


def can_load(carrier: units.Unit, target: units.Unit) -> bool:
    """Whether a carrier can take a unit in: one of its player that fits and has room."""
    kind = target.type
    if (target.owner != carrier.owner or target is carrier or target.is_flying
            or target.is_structure or kind.cargo_size == 0 or target.is_disabled
            or carrier.build_progress < 1):
        return False
    name = carrier.type.name
    if name == "Bunker" and unit_data.BIOLOGICAL not in kind.attributes:
        return False
    if name != "Bunker" and name != "Medivac" and not kind.is_worker:
        return False
    return slots_taken(carrier) + kind.cargo_size <= capacity(carrier)


def board(unit: units.Unit, carrier: units.Unit) -> orders.Order | None:
    """The order of a unit that is told to move to a carrier of its player; None if it is none."""
    if not can_load(carrier, unit):
        return None
    return orders.Order(orders.MOVE, orders.Kind.BOARD, target_tag=carrier.tag)


def enter(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of a unit that goes to a carrier and boards it."""
    carrier = world.units.get(order.target_tag)
    if carrier is None or not can_load(carrier, unit):
        world.finish_order(unit)
    elif edges.gap(unit, carrier) <= LOAD_GAP:
        take_in(world, carrier, unit)
    elif carrier.is_structure:
        movement.move_beside(world, unit, carrier, LOAD_GAP)
    else:
        movement.move_towards(world, unit, carrier.x, carrier.y)


def take_in(world: "world_lib.World", carrier: units.Unit, unit: units.Unit) -> None:
    """The unit is aboard from now on."""
    world.take_aboard(unit)
    unit.wake_loop = units.NEVER
    unit.carrier_tag = carrier.tag
    unit.x, unit.y = carrier.x, carrier.y
    carrier.cargo.append(unit)
    _changed(world, carrier)


def _changed(world: "world_lib.World", carrier: units.Unit) -> None:
    if carrier.type.name == "Bunker":
        carrier.is_on_guard = carrier.is_alert = bool(carrier.cargo)
        carrier.wake_loop = 0
        world.awareness.invalidate()


def put_out(world: "world_lib.World", carrier: units.Unit, unit: units.Unit) -> None:
    """A passenger is outside from now on, beside or below its carrier."""
    carrier.cargo.remove(unit)
    unit.carrier_tag = 0
    x, y = carrier.x, carrier.y
    if carrier.is_structure and not carrier.is_flying:
        x, y = _door(carrier, unit)
    world.put_ashore(unit, (x, y))
    _changed(world, carrier)


def _door(carrier: units.Unit, unit: units.Unit) -> tuple[float, float]:
    """Where units leave a structure: below it, or at the side of its rally point."""
    dx, dy = 0.0, -1.0
    if carrier.rally:
        target = carrier.rally[0]
        x, y = (target.x, target.y) if isinstance(target, units.Unit) else target
        distance = carrier.distance_to(x, y)
        if distance > 0:
            dx, dy = (x - carrier.x) / distance, (y - carrier.y) / distance
    reach = carrier.radius + unit.radius
    return carrier.x + dx * reach, carrier.y + dy * reach


def lose(world: "world_lib.World", carrier: units.Unit, killer: units.Unit | None) -> None:
    """A carrier dies: who is in a structure gets out alive, who is in the air dies with it."""
    for unit in list(carrier.cargo):
        put_out(world, carrier, unit)
        if carrier.is_flying and not carrier.is_structure:
            world.kill_unit(unit, killer)


def unload_one(world: "world_lib.World", carrier: units.Unit, index: int) -> int:
    """Lets the passenger at a place of the cargo panel out, at once.

    Returns:
        A `results` answer.
    """
    if not 0 <= index < len(carrier.cargo):
        return results.NO_CARGO_TO_UNLOAD
    if not _can_leave(world, carrier, carrier.cargo[index]):
        return results.CANT_UNLOAD_UNITS_THERE
    put_out(world, carrier, carrier.cargo[index])
    return results.SUCCESS


def _can_leave(world: "world_lib.World", carrier: units.Unit, unit: units.Unit) -> bool:
    del unit
    return not carrier.is_flying or not world.ground.is_blocked(carrier.x, carrier.y)


def order_load(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
               target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """Picks a unit up; structures call it, or, a town hall, all workers around."""
    if ability.ability_id == ability_data.LOAD_COMMAND_CENTER:
        return _call_workers(world, unit)
    if not isinstance(target, units.Unit):
        return results.MUST_TARGET_UNIT
    if not can_load(unit, target):
        return results.CANT_LOAD_THAT_UNIT
    if target.speed > 0 or unit.speed == 0:
        world.replace_orders(target, [board(target, unit)])
    if unit.speed == 0:
        return results.SUCCESS
    return orders.Order(ability.ability_id, orders.Kind.LOAD, target_tag=target.tag,
                        ability=ability)


def _call_workers(world: "world_lib.World", carrier: units.Unit) -> int:
    near = [unit for unit in world.owned(carrier.owner) if can_load(carrier, unit)
            and targeting.distance_between(carrier, unit) <= LOAD_ALL_RANGE]
    near.sort(key=lambda unit: (carrier.distance_to(unit.x, unit.y), unit.index))
    called = near[:capacity(carrier) - slots_taken(carrier)]
    for unit in called:
        world.replace_orders(unit, [board(unit, carrier)])
    return results.SUCCESS if called else results.LOAD_ALL_NO_TARGETS_FOUND


def order_unload(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    """Lets everybody out, here or where a dropship is sent; structures do so beside their work."""
    if not unit.cargo:
        return results.NO_CARGO_TO_UNLOAD
    if isinstance(target, units.Unit):
        target = (target.x, target.y)
    if unit.speed == 0:
        _let_out(world, unit)
        return results.SUCCESS
    return orders.Order(ability.ability_id, orders.Kind.UNLOAD,
                        None if target is None else world.ground.clamp(*target), ability=ability)


def _let_out(world: "world_lib.World", carrier: units.Unit) -> None:
    """Lets the first passenger of a structure out, and the others one after the other."""
    if not carrier.is_alive or not carrier.cargo:
        return
    put_out(world, carrier, carrier.cargo[0])
    if carrier.cargo:
        world.call_at(world.loop + unload_period(carrier), lambda: _let_out(world, carrier))


def unload_period(carrier: units.Unit) -> int:
    """Game loops from one unit that leaves to the next."""
    return UNLOAD_GAME_LOOPS.get(carrier.type.name, _DEFAULT_UNLOAD_GAME_LOOPS)


def load(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of a dropship that picks somebody up."""
    target = world.units.get(order.target_tag)
    if target is None or not can_load(unit, target):
        world.finish_order(unit)
    elif targeting.distance_between(unit, target) <= LOAD_GAP:
        take_in(world, unit, target)
        world.finish_order(unit)
    else:
        movement.move_towards(world, unit, target.x, target.y)


def unload(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of a dropship that flies somewhere and lets everybody out."""
    if order.phase == _GOING:
        if order.target_xy is not None and not movement.move_towards(
                world, unit, *order.target_xy):
            return
        order.phase = _UNLOADING
    if not unit.cargo:
        world.finish_order(unit)
    elif not _can_leave(world, unit, unit.cargo[0]):
        world.fail(unit, order.ability_id, results.CANT_UNLOAD_UNITS_THERE)
        world.finish_order(unit)
    else:
        put_out(world, unit, unit.cargo[0])
        if unit.cargo:
            unit.wake_loop = world.loop + unload_period(unit)
        else:
            world.finish_order(unit)
