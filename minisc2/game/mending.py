"""What units do for others by themselves: dropships heal, workers repair.

Healing gives 9 life a second of the data tables (12.6 a second on screen) for a third of that in
energy, from up to 4 cells away; one dropship at a time for each unit (game 4.10).
"""

from typing import TYPE_CHECKING

from minisc2.game import ability_data, movement, repair, targeting, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

LIFE_PER_GAME_LOOP = 9.0 / unit_data.LOOPS_PER_SECOND
LIFE_PER_ENERGY = 3.0
HEAL_RANGE = 4.0

SEARCH_RANGE = 6.0
"""Cells between edges in which dropships look for the wounded. Our choice; `REPAIR_SEARCH_RANGE`,
that of workers who repair by themselves, too."""

REPAIR_SEARCH_RANGE = 6.0
_LOOK_PERIOD_GAME_LOOPS = 8
_LOOK_PERIOD_ON_THE_WAY = 4
_REPAIRS = frozenset((ability_data.REPAIR_SCV, ability_data.REPAIR_MULE))


def can_heal(unit: units.Unit, target: units.Unit) -> bool:
    """Whether a dropship can heal a unit: a wounded biological one of its player."""
    return (target.owner == unit.owner and target is not unit and not target.carrier_tag
            and unit_data.BIOLOGICAL in target.type.attributes and not target.is_structure
            and target.health < target.health_max and unit.energy > 0)


def heal(world: "world_lib.World", unit: units.Unit, target: units.Unit) -> None:
    """One game loop of healing a target, or of flying to it."""
    unit.engaged_target_tag = target.tag
    if targeting.distance_between(unit, target) > HEAL_RANGE:
        movement.move_towards(world, unit, target.x, target.y)
        return
    gained = min(LIFE_PER_GAME_LOOP, target.health_max - target.health,
                 unit.energy * LIFE_PER_ENERGY)
    target.health += gained
    unit.energy -= gained / LIFE_PER_ENERGY
    state = world.players.get(unit.owner)
    if state is not None:
        state.score.total_healed.life += gained


def helps(world: "world_lib.World", unit: units.Unit) -> bool:
    """One game loop of a unit that helps by itself, if somebody near needs it.

    Returns:
        Whether it had something to do.
    """
    if ability_data.HEAL in unit.autocasts:
        target = world.units.get(unit.engaged_target_tag)
        if target is None or not can_heal(unit, target):
            target = _most_wounded(world, unit)
        unit.engaged_target_tag = 0
        if target is not None:
            heal(world, unit, target)
        return target is not None
    return False


def wait(world: "world_lib.World", unit: units.Unit) -> None:
    """One game loop of an idle unit with abilities that it uses by itself."""
    if helps(world, unit):
        return
    unit.wake_loop = world.loop + _LOOK_PERIOD_GAME_LOOPS
    if unit.autocasts & _REPAIRS:
        _look_for_repair(world, unit)


def _most_wounded(world: "world_lib.World", unit: units.Unit) -> units.Unit | None:
    """The nearest unit to heal that no other dropship heals."""
    if unit.energy < 1 or unit.orders and (world.loop + unit.index) % _LOOK_PERIOD_ON_THE_WAY:
        return None
    owned = world.owned(unit.owner)
    healed = {other.engaged_target_tag for other in owned
              if ability_data.HEAL in other.autocasts and other is not unit}
    found = [(targeting.distance_between(unit, other), other.index, other) for other in owned
             if other.health < other.health_max and can_heal(unit, other)
             and other.tag not in healed]
    if not found:
        return None
    distance, _, target = min(found)
    return target if distance <= SEARCH_RANGE else None


def _look_for_repair(world: "world_lib.World", unit: units.Unit) -> None:
    damaged = [(targeting.distance_between(unit, other), other.index, other)
               for other in world.owned(unit.owner) if repair.can_repair(unit, other)]
    if not damaged:
        return
    distance, _, target = min(damaged)
    if distance <= REPAIR_SEARCH_RANGE:
        ability_id = next(iter(unit.autocasts & _REPAIRS))
        world.order(unit.owner, [unit.tag], ability_id, target)
