"""When an army attacks, follows an attack under way, and turns back.

Most players compare what units cost, of those they know about. Who sees everything compares
strengths: life, damage and upgrades of everybody there is.
"""

import math
from collections.abc import Iterable, Sequence

from minisc2.ai import catalogue, duty, forces
from minisc2.ai import census as census_lib
from minisc2.game import units

Point = tuple[float, float]

_LOCAL_RANGE = 14.0
"""Cells around the middle of an attack within which it fights."""
_LOSING, _LOSING_EXACT = 0.6, 0.7
"""A fight is broken off when one's own share of the enemy's worth, or strength, is this."""
_LOST = 0.9
"""Who sees everything turns back on the way when he is only this share of the enemy's strength."""
_MAX_ARMY_FOOD = 110
_REINFORCEMENT = 8
"""Supply of those who follow an attack together."""
_ADVANTAGE, _ADVANTAGE_EXACT = 1.1, 1.3
"""Who weighs up his chances attacks with this times the worth, or strength, of the enemy's army."""
_OPPORTUNITY, _OPPORTUNITY_FOOD = 1.5, 16
"""Who sees everything attacks at any time with this times the enemy's strength."""
_PATIENCE_GAME_LOOPS = 8000
"""Who has waited this long attacks with whatever there is, or matches would never end."""
_FULL_FOOD = 185
"""With this much supply in use there is nothing to wait for."""


class Judgement(duty.Duty):
    """Weighs up the chances of attacks."""

    def is_wave_ready(self, home: Sequence[units.Unit], census: census_lib.Census, num_waves: int,
                      wave_loop: int) -> bool:
        """Whether those at home should attack.

        Args:
            home: soldiers.
            census: what the player owns.
            num_waves: attacks so far.
            wave_loop: when the last of them began or ended.
        """
        plan, level = self._computer.plan, self._level
        food = sum(unit.type.food_required for unit in home)
        if level.sees_all and food >= _OPPORTUNITY_FOOD and (
                forces.force(home) > _OPPORTUNITY * self._enemy_force()):
            return True
        first_loop = max(level.first_attack_game_loop, plan.first_wave_game_loop)
        if not home or self._world.loop < first_loop:
            return False
        waited = self._world.loop - max(first_loop, wave_loop)
        hesitation = max(0.0, 1.0 - waited / _PATIENCE_GAME_LOOPS)
        if level.retreats and census.food_used < _FULL_FOOD and not self._is_stronger(
                home, hesitation):
            return False
        wanted = level.wave_share * (plan.wave_food + num_waves * plan.wave_growth)
        return food >= hesitation * min(wanted, _MAX_ARMY_FOOD)

    def _is_stronger(self, home: Sequence[units.Unit], hesitation: float) -> bool:
        if self._level.sees_all and (
                forces.force(home) < hesitation * _ADVANTAGE_EXACT * self._enemy_force()):
            return False
        return worth(home) >= hesitation * _ADVANTAGE * self._knowledge.army_value()

    def is_worth_following(self, home: Sequence[units.Unit], strike: Sequence[units.Unit]) -> bool:
        """Whether those at home should follow an attack under way."""
        level = self._level
        food = sum(unit.type.food_required for unit in home)
        return level.reinforces and food >= _REINFORCEMENT and (
            not level.retreats or worth(strike) + worth(home) > self._knowledge.army_value())

    def is_losing(self, strike: Sequence[units.Unit], center: Point) -> bool:
        """Whether an attack should turn back.

        Args:
            strike: who attacks.
            center: where most of them are.
        """
        near = [unit for unit in strike if unit.distance_to(*center) <= _LOCAL_RANGE]
        if not self._level.sees_all:
            enemy = sum(one.value for one in self._knowledge.visible
                        if one.value and math.dist(one.xy, center) <= _LOCAL_RANGE)
            return worth(near) < _LOSING * enemy
        enemy = forces.force(unit for unit in self._knowledge.fighters()
                             if unit.distance_to(*center) <= _LOCAL_RANGE)
        if enemy:
            return forces.force(near) < _LOSING_EXACT * enemy
        return forces.force(strike) < _LOST * self._enemy_force()

    def _enemy_force(self) -> float:
        return forces.force(self._knowledge.fighters())


def worth(army: Iterable[units.Unit]) -> float:
    """What an army cost."""
    return sum(catalogue.army_value(unit.unit_type) for unit in army)
