"""What a computer player knows of its enemies: what it sees, and what it remembers."""

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from minisc2.ai import catalogue
from minisc2.game import vision

if TYPE_CHECKING:
    from minisc2.game import units
    from minisc2.game import world as world_lib

Point = tuple[float, float]

_COLUMN = 12.0
"""From one to the next of those who attack together, at most."""
_FORGET_GAME_LOOPS = 1200
"""Units that move are forgotten after this long out of sight."""


@dataclasses.dataclass(slots=True)
class Sighting:
    """An enemy as it was last seen.

    Attributes:
        tag: of the unit.
        type_id: what it was.
        xy: where it was.
        loop: when.
        value: `catalogue.army_value`.
        is_structure: whether it stays where it is.
        is_flying: whether only weapons against air reach it.
    """

    tag: int
    type_id: int
    xy: Point
    loop: int
    value: float
    is_structure: bool
    is_flying: bool


class Knowledge:
    """One player's picture of the others.

    Args:
        world: the game.
        player_id: who looks.
        sees_all: whether fog hides nothing.
        watch_points: points of the map whose last sight is remembered.

    Attributes:
        sightings: enemies by tag, in the order in which they were discovered.
        visible: those in sight now.
    """

    def __init__(self, world: "world_lib.World", player_id: int, sees_all: bool,
                 watch_points: Sequence[Point]):
        self._world = world
        self._player_id = player_id
        self._sees_all = sees_all
        self._watch_points = tuple(watch_points)
        self._watch_rows = np.array([int(y) for _, y in watch_points], int)
        self._watch_columns = np.array([int(x) for x, _ in watch_points], int)
        self._watched = np.full(len(watch_points), -1, int)
        self.sightings: dict[int, Sighting] = {}
        self.visible: list[Sighting] = []

    def update(self) -> None:
        """Looks around."""
        world, player_id = self._world, self._player_id
        loop = world.loop
        self.visible = []
        for unit in world.enemies(player_id):
            if self._sees_all or world.can_see(player_id, unit):
                self._note(unit, loop)
        grid = world.visibility(player_id)
        for sighting in [one for one in self.sightings.values() if one.loop < loop]:
            is_gone = self._sees_all or (
                grid[int(sighting.xy[1]), int(sighting.xy[0])] == vision.VISIBLE)
            if is_gone or (not sighting.is_structure
                           and loop - sighting.loop > _FORGET_GAME_LOOPS):
                del self.sightings[sighting.tag]
        in_sight = grid[self._watch_rows, self._watch_columns] == vision.VISIBLE
        self._watched[in_sight] = loop

    def _note(self, unit: "units.Unit", loop: int) -> None:
        sighting = self.sightings.get(unit.tag)
        if sighting is None:
            sighting = self.sightings[unit.tag] = Sighting(
                unit.tag, 0, (0.0, 0.0), 0, 0.0, False, False)
        if sighting.type_id != unit.unit_type:
            sighting.type_id = unit.unit_type
            sighting.value = catalogue.army_value(unit.unit_type)
            sighting.is_structure = unit.is_structure
            sighting.is_flying = unit.is_flying
        sighting.xy = (unit.x, unit.y)
        sighting.loop = loop
        self.visible.append(sighting)

    @property
    def structures(self) -> list[Sighting]:
        """Known structures of enemies."""
        return [one for one in self.sightings.values() if one.is_structure]

    def fighters(self) -> list["units.Unit"]:
        """Units and structures in sight that fight."""
        return [self._world.units[one.tag] for one in self.visible if one.value]

    def army_value(self) -> float:
        """Worth of the army that is known."""
        return sum(one.value for one in self.sightings.values())

    def flyers_value(self) -> float:
        """Worth of the part of it that flies and fights."""
        return sum(one.value for one in self.sightings.values()
                   if one.is_flying and not one.is_structure)

    def value_near(self, xy: Point, distance: float) -> float:
        """Worth of the known army within a distance of a point."""
        return sum(one.value for one in self.sightings.values()
                   if one.value and math.dist(one.xy, xy) <= distance)

    def invaders(self, homes: Sequence["units.Unit"]) -> list[Sighting]:
        """Soldiers in sight that are nearer to one of these structures than to their own.

        Whoever follows them closely is one of them.
        """
        soldiers = [one for one in self.visible if one.value and not one.is_structure]
        bases = [one.xy for one in self.sightings.values() if one.is_structure]
        places = [(home.x, home.y) for home in homes]
        if not (bases and places and soldiers):
            return soldiers
        xys = np.array([one.xy for one in soldiers])
        to_homes, to_bases = (
            ((xys[:, None] - np.array(points)) ** 2).sum(axis=2).min(axis=1)
            for points in (places, bases))
        vanguard = xys[to_homes < to_bases]
        if not len(vanguard):
            return []
        gaps = ((xys[:, None] - vanguard) ** 2).sum(axis=2).min(axis=1)
        return [one for one, gap in zip(soldiers, gaps, strict=True) if gap <= _COLUMN ** 2]

    def stalest_points(self) -> list[Point]:
        """Watch points, those not seen for the longest time first."""
        order = np.argsort(self._watched, kind="stable")
        return [self._watch_points[index] for index in order]

    def was_seen(self, xy: Point) -> bool:
        """Whether the player has ever seen the ground at a point."""
        return bool(self._world.visibility(self._player_id)[int(xy[1]), int(xy[0])])
