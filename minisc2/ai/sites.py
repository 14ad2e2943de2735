"""Where on a map things can stand: bases, and places for structures around a start.

Worked out once for each map and start from what never changes (ground, heights, resources at the
start of the game), and kept. Whether a place is free at the moment is what `World.placement` says.
"""

import collections
import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

Point = tuple[float, float]

_CLUSTER_GAP = 7.0
"""Resources nearer to each other than this, in cells, belong to one base."""
_RESOURCE_GAP = 3
"""Cells that have to be free between a town hall and the resources around it."""
_SEARCH = 10
_MAIN_REACH = 26
"""Cells from the start, on foot, within which a base builds."""
_PITCH = (7, 5)
"""From one place for a producer to the next: 3 cells, 2 of its add-on and 2 to walk; 3 and 2.
One cell between them is too little: armies get stuck in it."""
_HALL_GAP = 6.0
"""Half the side of the square around a town hall that is left free."""
_MAX_PRODUCERS = 12
"""Places kept for them in the first base; the rest of it is for depots."""
_WAY_GAP = 2.0
"""Half the width of what is left free on the way to the enemy."""
_RAMP_GAP = 4
"""Cells around the way out of a base that are left free."""

_cache: dict[tuple, "Sites"] = {}


@dataclasses.dataclass(frozen=True)
class Base:
    """A place for a town hall.

    Attributes:
        xy: where the hall goes.
        fields: places of the mineral fields around it; `geysers` of the geysers.
    """

    xy: Point
    fields: tuple[Point, ...]
    geysers: tuple[Point, ...]


@dataclasses.dataclass(frozen=True)
class Sites:
    """What one start location offers.

    Attributes:
        bases: every base of the map, by the way to it from the start.
        producers: places for structures of 3x3 cells with an add-on, nearest first.
        depots: places for structures of 2x2 cells, nearest first.
        watch_points: points from which, together, the whole map is seen.
    """

    bases: tuple[Base, ...]
    producers: tuple[Point, ...]
    depots: tuple[Point, ...]
    watch_points: tuple[Point, ...]


def of(world: "world_lib.World", start_xy: Point) -> Sites:
    """The sites of a start location, worked out at the first call; to be asked at loop 0."""
    game_map = world.game_map
    resources = tuple(sorted(
        (unit.x, unit.y, unit.type.has_vespene, unit.type.footprint)
        for unit in world.units.values() if unit.type.has_minerals or unit.type.has_vespene))
    key = (game_map.name, game_map.size, start_xy, resources)
    if key not in _cache:
        _cache[key] = _Surveyor(world, start_xy, resources).sites()
    return _cache[key]


class _Surveyor:
    """Works out the sites of one start location."""

    def __init__(self, world: "world_lib.World", start_xy: Point, resources: Sequence[tuple]):
        game_map = world.game_map
        self._world = world
        self._start = start_xy
        self._resources = resources
        self._placeable = game_map.placement_grid.astype(bool)
        self._walkable = game_map.pathing_grid.astype(bool)
        self._heights = game_map.terrain_height
        self._playable = game_map.playable

    def sites(self) -> Sites:
        bases = self._bases()
        reach = self._reach()
        own = [base for base in bases if reach[int(base.xy[1]), int(base.xy[0])] >= 0]
        room = self._room(reach, own)
        producers = self._producers(room, reach)
        depots = self._depots(room, reach, producers)
        return Sites(tuple(bases), tuple(producers), tuple(depots), self._watch_points())

    def _bases(self) -> list[Base]:
        clusters: list[list[tuple]] = []
        for resource in self._resources:
            near = [cluster for cluster in clusters if any(
                math.dist(resource[:2], other[:2]) < _CLUSTER_GAP for other in cluster)]
            merged = [resource, *(other for cluster in near for other in cluster)]
            clusters = [cluster for cluster in clusters if cluster not in near] + [merged]
        bases = [base for base in (self._base(sorted(cluster)) for cluster in clusters) if base]
        distances = {base.xy: self._world.path_distance(self._start, base.xy) for base in bases}
        return sorted(bases, key=lambda base: (
            base.xy != self._start, distances[base.xy] or math.inf,
            math.dist(base.xy, self._start)))

    def _base(self, cluster: Sequence[tuple]) -> Base | None:
        fields = tuple(resource[:2] for resource in cluster if not resource[2])
        geysers = tuple(resource[:2] for resource in cluster if resource[2])
        if len(fields) < 4:
            return None
        center = np.mean([resource[:2] for resource in cluster], axis=0)
        for start_xy in self._world.game_map.start_locations:
            if math.dist(start_xy, center) < _SEARCH:
                return Base(start_xy, fields, geysers)
        best: tuple[float, Point] | None = None
        for dx in range(-_SEARCH, _SEARCH + 1):
            for dy in range(-_SEARCH, _SEARCH + 1):
                xy = (math.floor(center[0]) + dx + 0.5, math.floor(center[1]) + dy + 0.5)
                cost = sum(math.dist(xy, resource[:2]) for resource in cluster)
                if (best is None or cost < best[0]) and self._hall_fits(xy, cluster):
                    best = (cost, xy)
        return Base(best[1], fields, geysers) if best else None

    def _hall_fits(self, xy: Point, cluster: Sequence[tuple]) -> bool:
        column, row = int(xy[0]), int(xy[1])
        if column < 2 or row < 2 or not self._placeable[row - 2:row + 3, column - 2:column + 3
                                                        ].all():
            return False
        return all(abs(x - xy[0]) >= 2.5 + width / 2 + _RESOURCE_GAP
                   or abs(y - xy[1]) >= 2.5 + height / 2 + _RESOURCE_GAP
                   for x, y, _, (width, height) in cluster)

    def _reach(self) -> np.ndarray:
        """int [H, W]: steps on foot from the start on its level; -1 out of reach."""
        steps = np.full(self._walkable.shape, -1, int)
        walkable = self._walkable.copy()
        for x, y, _, (width, height) in self._resources:  # what lies behind them is far
            left, below = round(x - width / 2), round(y - height / 2)
            walkable[below:below + height, left:left + width] = False
        cell = (int(self._start[0]), int(self._start[1]))
        level = self._heights[cell[1], cell[0]]
        steps[cell[1], cell[0]] = 0
        queue = collections.deque([cell])
        while queue:
            column, row = queue.popleft()
            if steps[row, column] >= _MAIN_REACH:
                continue
            for x, y in ((column + 1, row), (column - 1, row), (column, row + 1),
                         (column, row - 1)):
                if (0 <= y < steps.shape[0] and 0 <= x < steps.shape[1] and steps[y, x] < 0
                        and walkable[y, x] and self._heights[y, x] == level):
                    steps[y, x] = steps[row, column] + 1
                    queue.append((x, y))
        return steps

    def _room(self, reach: np.ndarray, bases: Sequence[Base]) -> np.ndarray:
        """bool [H, W]: cells that may be built on: not among the resources, not in the way."""
        room = self._placeable & (reach >= 0)
        for base in bases:
            self._clear(room, *base.xy, _HALL_GAP, _HALL_GAP)
            for x, y in (*base.fields, *base.geysers):
                left, right = sorted((x, base.xy[0]))
                below, above = sorted((y, base.xy[1]))
                room[int(below) - 1:int(above) + 2, int(left) - 1:int(right) + 2] = False
        for x, y in self._ways():
            self._clear(room, x, y, _WAY_GAP, _WAY_GAP)
        level = self._heights[int(self._start[1]), int(self._start[0])]
        ways_out = self._walkable & ~self._placeable & (reach < 0) & (
            np.abs(self._heights.astype(int) - int(level)) <= 8)
        for row, column in np.argwhere(ways_out):
            self._clear(room, column + 0.5, row + 0.5, _RAMP_GAP, _RAMP_GAP)
        return room

    def _ways(self) -> list[Point]:
        """Points, a cell apart, of the ways to the other start locations."""
        found = []
        for goal in self._world.game_map.start_locations:
            way = [self._start, *self._world.ground.find_way(self._start, goal)]
            for here, there in itertools.pairwise(way):
                length = math.dist(here, there)
                found += [(here[0] + share / max(1.0, length) * (there[0] - here[0]),
                           here[1] + share / max(1.0, length) * (there[1] - here[1]))
                          for share in range(int(length) + 1)]
        return found

    @staticmethod
    def _clear(room: np.ndarray, x: float, y: float, half_width: float, half_height: float
               ) -> None:
        room[max(0, int(y - half_height)):int(y + half_height) + 1,
             max(0, int(x - half_width)):int(x + half_width) + 1] = False

    def _producers(self, room: np.ndarray, reach: np.ndarray) -> list[Point]:
        """Places on the lattice, shifted to where most of them fit."""
        best: list[Point] = []
        for shift_x in range(_PITCH[0]):
            for shift_y in range(_PITCH[1]):
                found = [(column + 1.5, row + 1.5)
                         for column in range(shift_x, room.shape[1] - 5, _PITCH[0])
                         for row in range(shift_y, room.shape[0] - 3, _PITCH[1])
                         if room[row:row + 3, column:column + 5].all()]
                if len(found) > len(best):
                    best = found
        best.sort(key=lambda xy: (int(reach[int(xy[1]), int(xy[0])]), xy))
        return best[:_MAX_PRODUCERS]

    def _depots(self, room: np.ndarray, reach: np.ndarray, producers: Sequence[Point]
                ) -> list[Point]:
        """Places that leave those of producers, and a cell around each, free: nearest first."""
        free = room.copy()
        for x, y in producers:
            free[int(y) - 2:int(y) + 3, int(x) - 2:int(x) + 5] = False
        found: list[Point] = []
        for shift_x, shift_y in ((0, 0), (0, 1), (1, 0), (1, 1)):
            shifted = [(column + 1.0, row + 1.0)
                       for row in range(shift_y, free.shape[0] - 2, 2)
                       for column in range(shift_x, free.shape[1] - 2, 2)
                       if free[row:row + 2, column:column + 2].all()]
            found = max(found, shifted, key=len)
        return sorted(found, key=lambda xy: (int(reach[int(xy[1]), int(xy[0])]), xy))

    def _watch_points(self) -> tuple[Point, ...]:
        x0, y0, x1, y1 = self._playable
        return tuple((float(x), float(y)) for y in range(y0 + 4, y1, 8)
                     for x in range(x0 + 4, x1, 8))
