"""Groups of soldiers: how strong they are, life and upgrades counted, and where they stand."""

import math
from collections.abc import Iterable, Sequence

from minisc2.game import units, weapons

_SPLASH = 2.0
"""What splash hits at once, on average: what a Siege Tank's shot is worth."""
_HEALING = 0.4
"""Damage a game loop that a Medivac's healing makes up for, roughly a Marine's."""


def force(soldiers: Iterable[units.Unit]) -> float:
    """Strength of a group.

    By Lanchester's square law n soldiers, each with d damage a loop and h life, are as strong as
    n² d h; its root adds up, so that of two groups the one with the greater sum wins.
    """
    return sum(math.sqrt(_damage(unit) * (unit.health + unit.shield)) for unit in soldiers)


def _damage(unit: units.Unit) -> float:
    """Damage a game loop of the better weapon, or of somebody who heals."""
    if unit.type.name == "Medivac":
        return _HEALING
    return max(_weapon_damage(unit.ground_weapon), _weapon_damage(unit.air_weapon))


def _weapon_damage(weapon: weapons.Weapon | None) -> float:
    if weapon is None:
        return 0.0
    damage = weapon.damage * weapon.attacks / weapon.cooldown_game_loops
    return damage * _SPLASH if weapon.traits.splash else damage


def center(soldiers: Sequence[units.Unit]) -> tuple[float, float]:
    """Place of the unit nearest to the mean of all: a point that somebody stands on."""
    x = sum(unit.x for unit in soldiers) / len(soldiers)
    y = sum(unit.y for unit in soldiers) / len(soldiers)
    middle = min(soldiers, key=lambda unit: (unit.distance_to(x, y), unit.index))
    return (middle.x, middle.y)
