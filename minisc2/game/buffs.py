"""Buffs: what changes a unit for some time, shown by its stable id.

Durations are absolute game loops: a buff is taken off by an alarm of the world, and nobody counts
it down.
"""

from typing import TYPE_CHECKING

from minisc2.game import units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

GRAVITON_BEAM, GUARDIAN_SHIELD, STIMPACK_MARAUDER, SUPPLY_DROP = 5, 18, 24, 25
STIMPACK, SLOW, MEDIVAC_SPEED_BOOST = 27, 33, 89
"""Stable ids."""

_SPEED_FACTORS = {STIMPACK: 1.5, STIMPACK_MARAUDER: 1.5, SLOW: 0.5, MEDIVAC_SPEED_BOOST: 1.7}
_ATTACK_FACTORS = {STIMPACK: 1.5, STIMPACK_MARAUDER: 1.5}
"""What speeds are multiplied by while a buff lasts (game 4.10)."""


def add(world: "world_lib.World", unit: units.Unit, buff_id: int, game_loops: int) -> None:
    """Gives a unit a buff for some time, or makes the one that it has last longer."""
    end_loop = world.loop + game_loops
    if buff_id not in unit.buffs:
        unit.buffs = [*unit.buffs, buff_id]
        refresh(unit)
    unit.buff_ends[buff_id] = end_loop
    world.call_at(end_loop, lambda: _expire(unit, buff_id, end_loop))


def remove(unit: units.Unit, buff_id: int) -> None:
    """Takes a buff off; nothing happens if the unit has none of it."""
    if buff_id in unit.buffs:
        unit.buffs = [one for one in unit.buffs if one != buff_id]
        unit.buff_ends.pop(buff_id, None)
        refresh(unit)


def _expire(unit: units.Unit, buff_id: int, end_loop: int) -> None:
    if unit.buff_ends.get(buff_id) == end_loop:
        remove(unit, buff_id)


def refresh(unit: units.Unit) -> None:
    """Works out again how fast a unit moves and attacks."""
    speed, attack_rate = unit.type.speed, 1.0
    for buff_id in unit.buffs:
        speed *= _SPEED_FACTORS.get(buff_id, 1.0)
        attack_rate *= _ATTACK_FACTORS.get(buff_id, 1.0)
    unit.speed = speed
    unit.attack_rate = attack_rate
    unit.cruise_until = 0  # a walk that was planned at the old speed is planned again
