"""What comes back by itself: shields, energy, and the life of Zerg units."""

from collections.abc import Iterable

from minisc2.game import unit_data, units

ZERG_LIFE_PER_SECOND = 0.2734
SHIELD_PER_SECOND = 2.0
SHIELD_DELAY_GAME_LOOPS = 10 * unit_data.LOOPS_PER_SECOND
ENERGY_PER_SECOND = 0.5625
"""Rates and delay as the game's UnitData catalogue gives them for nearly every unit."""

_LIFE = ZERG_LIFE_PER_SECOND / unit_data.LOOPS_PER_SECOND
_SHIELD = SHIELD_PER_SECOND / unit_data.LOOPS_PER_SECOND
_ENERGY = ENERGY_PER_SECOND / unit_data.LOOPS_PER_SECOND


def needs(unit: units.Unit) -> bool:
    """Whether anything of the unit can come back."""
    return unit.shield_max > 0 or unit.energy_max > 0 or unit.type.race == unit_data.ZERG


def update(needing: Iterable[units.Unit], loop: int) -> None:
    """One game loop of all units that `needs` is true for."""
    for unit in needing:
        if unit.energy < unit.energy_max:
            unit.energy = min(unit.energy_max, unit.energy + _ENERGY)
        if (unit.shield < unit.shield_max
                and loop - unit.last_hit_loop >= SHIELD_DELAY_GAME_LOOPS):
            unit.shield = min(unit.shield_max, unit.shield + _SHIELD)
        if unit.health < unit.health_max and unit.type.race == unit_data.ZERG:
            unit.health = min(unit.health_max, unit.health + _LIFE)
