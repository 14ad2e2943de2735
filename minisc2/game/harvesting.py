"""Gathering: to the field, take a load, bring it to the nearest town hall, and again.

Amounts and times are those of the multiplayer game of patch 4.10 (harvest abilities of its
catalogue): 5 minerals in 2.786 seconds and 4 vespene in 1.981, seconds of 16 game loops.
"""

from typing import TYPE_CHECKING

from minisc2.game import ability_data, events, movement, orders, results, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

MINERAL_GAME_LOOPS = 2.786 * unit_data.LOOPS_PER_SECOND
VESPENE_GAME_LOOPS = 1.981 * unit_data.LOOPS_PER_SECOND
MINERALS_PER_TRIP = 5
VESPENE_PER_TRIP = 4
CARRIES_MINERALS, CARRIES_VESPENE = 271, 273
"""Ids of the buffs that show what a worker carries."""

_REACH = 0.1
"""Workers gather, and bring home, from this far between edges."""

_NEXT_FIELD_RANGE = 8.0
_GOING, _TAKING = 0, 1
_TOWN_HALLS = frozenset(("CommandCenter", "OrbitalCommand", "PlanetaryFortress", "Nexus",
                         "Hatchery", "Lair", "Hive"))


def is_resource(unit: units.Unit, target: units.Unit) -> bool:
    """Whether a worker can gather from a target: a mineral field, or a refinery of its player."""
    if target.type.has_minerals:
        return target.mineral_contents > 0
    return (target.type.has_vespene and target.owner == unit.owner and target.build_progress >= 1
            and unit.type.name != "MULE")


def is_drop_off(unit: units.Unit, target: units.Unit) -> bool:
    """Whether a worker can bring its load there: a finished town hall of its player."""
    return (target.owner == unit.owner and target.type.name in _TOWN_HALLS
            and target.build_progress >= 1)


def order_gather(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    if not isinstance(target, units.Unit) or not is_resource(unit, target):
        return results.MUST_TARGET_RESOURCES
    return orders.Order(ability.ability_id, orders.Kind.GATHER, target_tag=target.tag,
                        ability=ability)


def order_return(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: tuple[float, float] | units.Unit | None) -> orders.Order | int:
    return orders.Order(ability.ability_id, orders.Kind.RETURN, ability=ability)


def gather(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of gathering."""
    unit.passes_units = True
    if unit.carried_minerals or unit.carried_vespene:
        if _bring(world, unit):
            _start_going(world, unit, order)
        return
    field = world.units.get(order.target_tag)
    if field is None or not is_resource(unit, field):
        field = _next_field(world, unit, order)
        if field is None:
            world.finish_order(unit)
            return
    if order.phase == _TAKING:
        _take(world, unit, order, field)
    elif not movement.move_beside(world, unit, field, _REACH):
        return
    elif field.harvest_tag in (0, unit.tag) or field.harvest_tag not in world.units:
        field.harvest_tag = unit.tag
        order.phase = _TAKING
        order.end_loop = world.loop + round(
            MINERAL_GAME_LOOPS if field.type.has_minerals else VESPENE_GAME_LOOPS)
        unit.wake_loop = order.end_loop
    else:
        other = _next_field(world, unit, order)
        if other is field or other is None:
            unit.wake_loop = world.loop + 2


def bring_home(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of bringing a load home; then the worker gathers where it did before."""
    del order
    unit.passes_units = True
    if not (unit.carried_minerals or unit.carried_vespene) or _bring(world, unit):
        world.finish_order(unit)


def drop(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Frees the field."""
    field = world.units.get(order.target_tag)
    if field is not None and field.harvest_tag == unit.tag:
        field.harvest_tag = 0
    unit.passes_units = False


def _start_going(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    order.phase = _GOING
    movement.start(unit)


def _take(world: "world_lib.World", unit: units.Unit, order: orders.Order, field: units.Unit
          ) -> None:
    """The load is complete when the worker wakes up."""
    if world.loop < order.end_loop:
        unit.wake_loop = order.end_loop
        return
    field.harvest_tag = 0
    if field.type.has_minerals:
        unit.carried_minerals = min(MINERALS_PER_TRIP, field.mineral_contents)
        field.mineral_contents -= unit.carried_minerals
        unit.buffs.append(CARRIES_MINERALS)
        if field.mineral_contents <= 0:
            world.emit(events.EventKind.RESOURCE_EXHAUSTED, field)
            world.remove_unit(field)
    else:
        unit.carried_vespene = min(VESPENE_PER_TRIP, field.vespene_contents)
        field.vespene_contents -= unit.carried_vespene
        unit.buffs.append(CARRIES_VESPENE)
    order.phase = _GOING
    movement.start(unit)


def _bring(world: "world_lib.World", unit: units.Unit) -> bool:
    """One game loop of the way home; True when the load is delivered."""
    halls = [other for other in world.owned(unit.owner) if is_drop_off(unit, other)]
    if not halls:
        return False
    hall = min(halls, key=lambda other: (other.distance_to(unit.x, unit.y), other.index))
    if not movement.move_beside(world, unit, hall, _REACH):
        return False
    state = world.players[unit.owner]
    state.minerals += unit.carried_minerals
    state.vespene += unit.carried_vespene
    state.score.collected_minerals += unit.carried_minerals
    state.score.collected_vespene += unit.carried_vespene
    unit.carried_minerals = unit.carried_vespene = 0
    unit.buffs = [buff for buff in unit.buffs if buff not in (CARRIES_MINERALS, CARRIES_VESPENE)]
    return True


def _next_field(world: "world_lib.World", unit: units.Unit, order: orders.Order
                ) -> units.Unit | None:
    """Another field near by, a free one if there is one; the order goes there from now on."""
    fields = [field for field in world.units.values()
              if field.type.has_minerals and field.mineral_contents > 0
              and field.distance_to(unit.x, unit.y) <= _NEXT_FIELD_RANGE]
    if not fields:
        return None
    field = min(fields, key=lambda one: (one.harvest_tag != 0,
                                         one.distance_to(unit.x, unit.y), one.index))
    if field.tag != order.target_tag:
        order.target_tag = field.tag
        _start_going(world, unit, order)
    return field
