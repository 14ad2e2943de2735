"""The army: where it musters, when it attacks, what it defends, how it finds the last enemy."""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from minisc2.ai import assault, catalogue, defence, forces, tactics
from minisc2.ai import census as census_lib
from minisc2.game import orders, units

if TYPE_CHECKING:
    from minisc2.ai import computer as computer_lib
    from minisc2.ai import knowledge as knowledge_lib

Point = tuple[float, float]

_MUSTER_WAY = 11.0
"""Cells from the foremost town hall, on the way to the enemy, to where the army musters."""
_HOME_RANGE = 16.0
"""Enemies this near to a structure are attackers."""
_ARRIVED = 5.0
_LOCAL_RANGE = 14.0
_LOSING, _LOSING_EXACT = 0.6, 0.7
"""A fight is broken off when its own worth near by is this share of the enemy's."""
_LOST = 0.9
"""Who sees everything turns back when the enemy's whole army has become that much stronger."""
_FAVOUR = 1.3
_MAX_ARMY_FOOD = 110
_WAVE_GAME_LOOPS = 5000
"""Survivors of an attack that got no help for so long go home, and come again with the next."""
_STAGE_WAY = 26.0
"""Cells before its goal where an attack gathers."""
_GATHERED, _GATHERED_SHARE, _GATHERING_GAME_LOOPS = 8.0, 0.8, 900
"""It goes on when this share is this near to each other, or after this long."""
_REINFORCEMENT = 8
"""Supply of those who follow an attack together."""
_ADVANTAGE = 1.1
"""Who weighs up his chances attacks with this times what he knows of the enemy's army."""
_OPPORTUNITY, _OPPORTUNITY_FOOD = 1.5, 16
"""Who sees everything attacks as soon as his army is worth this times the enemy's."""
_PATIENCE_GAME_LOOPS = 8000
"""Who has waited this long attacks with whatever there is, or matches would never end."""
_FULL_FOOD = 185
"""With this much supply in use there is nothing to wait for."""


class Army:
    """Commands everything that fights.

    Args:
        computer: whose.
    """

    def __init__(self, computer: "computer_lib.Computer"):
        self._computer = computer
        self._world = computer.world
        self._player_id = computer.player_id
        self._level = computer.level
        self._knowledge = computer.knowledge
        self._strike: dict[int, None] = {}
        self._num_waves = 0
        self._wave_loop = 0
        self._stage_xy: Point | None = None
        self._tactics = tactics.Tactics(computer)
        self._assault = assault.Assault(computer)
        self._defence = defence.Defence(computer)
        self._goal: Point | None = None
        self._muster_xy = computer.start_xy
        self._num_halls = -1
        start_xy = computer.start_xy
        others = [xy for xy in self._world.game_map.start_locations if xy != start_xy]
        self._enemy_start = max(others, key=lambda xy: math.dist(xy, start_xy),
                                default=start_xy)

    @property
    def num_waves(self) -> int:
        """Attacks begun so far."""
        return self._num_waves

    def update(self, census: census_lib.Census) -> None:
        """One thought about the army."""
        self._place_muster(census)
        alive = {unit.tag for unit in census.army}
        self._strike = {tag: None for tag in self._strike if tag in alive}
        home = [unit for unit in census.army if unit.tag not in self._strike]
        strike = [unit for unit in census.army if unit.tag in self._strike]
        threats = self._threats(census)
        if self._level.sees_all and self._guard(home, census):
            pass
        elif threats:
            self._defend(home, threats)
        elif self._is_wave_ready(home, strike, census):
            if not strike:
                self._num_waves += 1
                self._wave_loop = self._world.loop
                self._stage_xy = self._stage() if self._level.retreats else None
            self._strike.update(dict.fromkeys(unit.tag for unit in home))
            strike, home = [*strike, *home], []
        else:
            self._send(home, self._muster_xy, gap=8.0)
        if strike:
            self._lead(strike)
        if self._level.focuses:
            self._tactics.update(census.army)

    def _place_muster(self, census: census_lib.Census) -> None:
        if len(census.halls) == self._num_halls:
            return
        self._num_halls = len(census.halls)
        front = min(census.halls, key=lambda hall: math.dist((hall.x, hall.y), self._enemy_start),
                    default=None)
        xy = (front.x, front.y) if front else self._computer.start_xy
        way = [xy, *self._world.ground.find_way(xy, self._enemy_start)]
        self._muster_xy = _along(way, _MUSTER_WAY) or self._muster_xy

    def _stage(self) -> Point | None:
        """Where an attack gathers before it begins, on the way to its goal."""
        goal = self._next_goal(self._muster_xy) or self._enemy_start
        way = [self._muster_xy, *self._world.ground.find_way(self._muster_xy, goal)]
        return _along(way[::-1], _STAGE_WAY)

    def _threats(self, census: census_lib.Census) -> list["knowledge_lib.Sighting"]:
        """Enemies in sight that are near to a structure, nearest first."""
        enemies = [sighting for sighting in self._knowledge.visible
                   if sighting.value or not sighting.is_structure]
        if not enemies or not census.structures:
            return []
        places = np.array([(structure.x, structure.y) for structure in census.structures])
        offsets = np.array([enemy.xy for enemy in enemies])[:, None] - places  # [E, S, 2]
        distances = np.sqrt((offsets * offsets).sum(axis=2).min(axis=1))
        return [enemies[index] for index in np.argsort(distances, kind="stable")
                if distances[index] <= _HOME_RANGE]

    def _defend(self, home: Sequence[units.Unit], threats: Sequence["knowledge_lib.Sighting"]
                ) -> None:
        self._send(home, threats[0].xy, gap=4.0)

    def _guard(self, home: Sequence[units.Unit], census: census_lib.Census) -> bool:
        """Defence of somebody who sees all. Returns whether there is anything to do."""
        attackers = self._defence.attackers(census)
        if not attackers or not home:
            return False
        center = _center(home)
        xy, is_fight = self._defence.place(home, center, attackers, self._muster_xy, census)
        self._send(home, xy, gap=4.0 if is_fight else 8.0)
        return True

    def _is_wave_ready(self, home: Sequence[units.Unit], strike: Sequence[units.Unit],
                       census: census_lib.Census) -> bool:
        plan, level = self._computer.plan, self._level
        food = sum(unit.type.food_required for unit in home)
        if strike:
            return level.reinforces and food >= _REINFORCEMENT and (
                not level.retreats
                or _worth(strike) + _worth(home) > self._knowledge.army_value())
        if level.sees_all and food >= _OPPORTUNITY_FOOD and (
                forces.force(home) > _OPPORTUNITY * self._assault.enemy_force()):
            return True
        enemy_worth = self._knowledge.army_value()
        first_loop = max(level.first_attack_game_loop, plan.first_wave_game_loop)
        if not home or self._world.loop < first_loop:
            return False
        waited = self._world.loop - max(first_loop, self._wave_loop)
        hesitation = max(0.0, 1.0 - waited / _PATIENCE_GAME_LOOPS)
        if level.sees_all and census.food_used < _FULL_FOOD and (
                forces.force(home) < _FAVOUR * hesitation * self._assault.enemy_force()):
            return False
        if level.retreats and census.food_used < _FULL_FOOD and (
                _worth(home) < hesitation * _ADVANTAGE * enemy_worth):
            return False
        wanted = level.wave_share * (plan.wave_food + self._num_waves * plan.wave_growth)
        return food >= hesitation * min(wanted, _MAX_ARMY_FOOD)

    def _lead(self, strike: Sequence[units.Unit]) -> None:
        center = _center(strike)
        is_over = not self._level.reinforces and (
            self._world.loop - self._wave_loop > _WAVE_GAME_LOOPS)
        if is_over or (self._level.retreats and self._is_losing(strike, center)):
            self._strike.clear()
            self._wave_loop = self._world.loop
            self._send(strike, self._muster_xy, gap=8.0, ability_id=orders.GENERAL_MOVE)
            return
        goal = self._next_goal(center)
        if self._stage_xy is not None:
            if self._is_gathered(strike):
                self._stage_xy = None
            else:
                goal = self._stage_xy
        if goal is None:
            self._search(strike)
        elif self._level.sees_all and self._stage_xy is None:
            self._assault.lead(strike, center, goal)
        else:
            self._send(strike, goal, gap=_ARRIVED)

    def _is_gathered(self, strike: Sequence[units.Unit]) -> bool:
        num_there = sum(unit.distance_to(*self._stage_xy) <= _GATHERED for unit in strike)
        return (num_there >= _GATHERED_SHARE * len(strike)
                or self._world.loop - self._wave_loop > _GATHERING_GAME_LOOPS)

    def _is_losing(self, strike: Sequence[units.Unit], center: Point) -> bool:
        enemy = sum(one.value for one in self._knowledge.visible
                    if one.value and math.dist(one.xy, center) <= _LOCAL_RANGE)
        if self._level.sees_all:
            own = forces.force(unit for unit in strike
                               if unit.distance_to(*center) <= _LOCAL_RANGE)
            near = self._assault.force_near(center, _LOCAL_RANGE)
            if near:
                return own < _LOSING_EXACT * near
            return forces.force(strike) < _LOST * self._assault.enemy_force()
        own = _worth(unit for unit in strike if unit.distance_to(*center) <= _LOCAL_RANGE)
        return own < _LOSING * enemy

    def _next_goal(self, center: Point) -> Point | None:
        """Where to attack; None when nobody knows where an enemy is."""
        if self._level.sees_all:
            return self._assault.goal(center)
        structures = self._knowledge.structures
        if structures:
            if self._goal is None or not any(one.xy == self._goal for one in structures):
                self._goal = min(structures, key=lambda one: (
                    math.dist(one.xy, center), one.tag)).xy
            return self._goal
        self._goal = None
        return None if self._knowledge.was_seen(self._enemy_start) else self._enemy_start

    def _search(self, strike: Sequence[units.Unit]) -> None:
        """Everybody looks somewhere else: bases first, then where nobody looked for longest."""
        points = [xy for xy in self._knowledge.stalest_points()
                  if not self._world.ground.is_blocked(*xy)]
        bases = [base.xy for base in self._computer.sites.bases
                 if not self._knowledge.was_seen(base.xy)]
        places = [*bases, *points]
        for index, unit in enumerate(strike):
            if not unit.orders and places:
                self._send([unit], places[index % len(places)], gap=1.0)

    def _send(self, army: Iterable[units.Unit], xy: Point, gap: float,
              ability_id: int = orders.GENERAL_ATTACK) -> None:
        """Orders those who are not there, nor on their way, to go somewhere."""
        tags = []
        for unit in army:
            if not unit.speed:
                continue
            if unit.orders:
                target = unit.orders[0].target_xy
                if target is not None and math.dist(target, xy) <= 2.0:
                    continue
            elif unit.distance_to(*xy) <= gap:
                continue
            tags.append(unit.tag)
        if tags:
            self._world.order(self._player_id, tags, ability_id, xy)


def _along(way: Sequence[Point], length: float) -> Point | None:
    """The point of a way this far from its beginning; None if the way is shorter."""
    left = length
    for here, there in itertools.pairwise(way):
        step = math.dist(here, there)
        if step >= left:
            share = left / step
            return (here[0] + share * (there[0] - here[0]),
                    here[1] + share * (there[1] - here[1]))
        left -= step
    return None


def _worth(army: Iterable[units.Unit]) -> float:
    return sum(catalogue.army_value(unit.unit_type) for unit in army)


def _center(army: Sequence[units.Unit]) -> Point:
    """The unit nearest to the mean of all: a point that somebody stands on."""
    x = sum(unit.x for unit in army) / len(army)
    y = sum(unit.y for unit in army) / len(army)
    middle = min(army, key=lambda unit: (unit.distance_to(x, y), unit.index))
    return (middle.x, middle.y)
