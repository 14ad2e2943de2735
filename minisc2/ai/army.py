"""The army: who stays at home and who attacks, and where they go."""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from minisc2.ai import assault, defence, duty, forces, judgement, tactics
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
_WAVE_GAME_LOOPS = 5000
"""Survivors of an attack that got no help for so long go home, and come again with the next."""
_STAGE_WAY = 26.0
"""Cells before its goal where an attack gathers."""
_GATHERED, _GATHERED_SHARE, _GATHERING_GAME_LOOPS = 8.0, 0.8, 900
"""It goes on when this share is this near to each other, or after this long."""


class Army(duty.Duty):
    """Commands everything that fights.

    Args:
        computer: whose.
    """

    def __init__(self, computer: "computer_lib.Computer"):
        super().__init__(computer)
        self._strike: dict[int, None] = {}
        self._num_waves = 0
        self._wave_loop = 0
        self._stage_xy: Point | None = None
        self._tactics = tactics.Tactics(computer)
        self._judgement = judgement.Judgement(computer)
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
        if not self._defend(home, census):
            if self._joins(home, strike, census):
                if not strike:
                    self._num_waves += 1
                    self._wave_loop = self._world.loop
                    self._stage_xy = self._stage() if self._level.retreats else None
                self._strike.update(dict.fromkeys(unit.tag for unit in home))
                strike = [*strike, *home]
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

    def _defend(self, home: Sequence[units.Unit], census: census_lib.Census) -> bool:
        """Fights whoever attacks. Returns whether somebody does."""
        if self._level.sees_all:
            place = self._defence.place(home, self._muster_xy, census)
            if place is not None:
                xy, is_fight = place
                self._send(home, xy, gap=4.0 if is_fight else 8.0)
                return True
        threats = self._threats(census)
        if threats:
            self._send(home, threats[0].xy, gap=4.0)
        return bool(threats)

    def _joins(self, home: Sequence[units.Unit], strike: Sequence[units.Unit],
               census: census_lib.Census) -> bool:
        """Whether those at home attack, or follow an attack."""
        if strike:
            return self._judgement.is_worth_following(home, strike)
        return self._judgement.is_wave_ready(home, census, self._num_waves, self._wave_loop)

    def _lead(self, strike: Sequence[units.Unit]) -> None:
        center = forces.center(strike)
        is_over = not self._level.reinforces and (
            self._world.loop - self._wave_loop > _WAVE_GAME_LOOPS)
        if is_over or (self._level.retreats and self._judgement.is_losing(strike, center)):
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
