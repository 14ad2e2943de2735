"""The ground: which cells can be walked on, by whom, and ways around those that cannot.

Blocked are the cliffs of the map and the footprints of structures. Units are points here, kept a
little away from what is blocked; that they are round is `collision`'s business. There are three
kinds of ground units: small ones fit through gaps of one cell, wide ones need two, and jumping
ones cross cliffs.
"""

import math

import numpy as np

from minisc2.game import passages

Point = passages.Point

SMALL, WIDE, JUMPING = range(3)
"""Kinds of ground units."""

_HALF_WIDTHS = (0.35, 0.45, 0.35)
"""How far straight ways of each kind keep from blocked cells. Our choice, after the inner radius of
0.375 that infantry of the real game has for the ground, and small enough for gaps of one cell."""

ROUNDED_WIDTH = 5
"""Units can walk over the corner cells of footprints this wide: town halls are round."""

STEPS_PER_CELL = 8
ZERO_HEIGHT = 15.875
"""The API's terrain height 127 is height 0: 127 / 8 = 15.875."""

_TOUCH = 0.4
"""A way is found again when something is put up this near to it."""


class Ground:
    """Which cells can be walked on.

    Args:
        pathing_grid: uint8 [H, W], 1 where the map can be walked on.
        playable: (x0, y0, x1, y1), outside of which nothing moves.
        jumping_grid: uint8 [H, W], 1 where units that jump cliffs can go.
        terrain_height: uint8 [H, W], in steps of 1 / `STEPS_PER_CELL` cells.

    Attributes:
        playable: as given.
        has_obstacles: False while the whole playable area is free, so that every way is straight.
        version: changes with every change of the blocked cells.
        occupied: int16 [H, W], number of structures on each cell, corners of town halls included.
    """

    def __init__(self, pathing_grid: np.ndarray, playable: tuple[int, int, int, int],
                 jumping_grid: np.ndarray, terrain_height: np.ndarray):
        self._map_free = pathing_grid.astype(np.bool_)
        self._jumping_free = jumping_grid.astype(np.bool_)
        self._heights = (terrain_height / STEPS_PER_CELL - ZERO_HEIGHT).tolist()
        self._num_rows, self._num_columns = terrain_height.shape
        self._num_structures = np.zeros(pathing_grid.shape, np.int16)
        self.occupied = np.zeros(pathing_grid.shape, np.int16)
        self.playable = playable
        self._changes: list[tuple[int, int, int, int]] = []
        self.version = 0
        self._passages: list[passages.Passages | None] = [None] * len(_HALF_WIDTHS)
        self._look_for_obstacles()

    def _look_for_obstacles(self) -> None:
        x0, y0, x1, y1 = self.playable
        self.has_obstacles = bool(self._num_structures.any()
                                  or not self._map_free[y0:y1, x0:x1].all())

    def _free_cells(self, kind: int) -> np.ndarray:
        """bool [H, W]: cells that a kind of unit can be in."""
        free = (self._jumping_free if kind == JUMPING else self._map_free) & (
            self._num_structures <= 0)
        if kind != WIDE:
            return free
        # A cell is wide enough if one of the four squares of 2x2 cells around it is free.
        squares = free[1:, 1:] & free[1:, :-1] & free[:-1, 1:] & free[:-1, :-1]
        wide = np.zeros_like(free)
        for rows in (slice(1, None), slice(None, -1)):
            for columns in (slice(1, None), slice(None, -1)):
                wide[rows, columns] |= squares
        return wide

    def passages(self, kind: int) -> passages.Passages:
        """Where one kind of unit can walk, made when it is first needed."""
        found = self._passages[kind]
        if found is None:
            found = self._passages[kind] = passages.Passages(
                self._free_cells(kind), _HALF_WIDTHS[kind])
        return found

    def block(self, x: float, y: float, size: tuple[int, int], amount: int = 1,
              is_solid: bool = True) -> None:
        """A structure appears, or goes.

        Args:
            x: of its centre.
            y: of its centre.
            size: (width, height) in cells.
            amount: 1, or -1 when it goes.
            is_solid: False if units can walk over it.
        """
        width, height = size
        if width == 0:
            return
        num_rows, num_columns = self._num_structures.shape
        left, bottom = round(x - width / 2), round(y - height / 2)
        right, top = min(left + width, num_columns), min(bottom + height, num_rows)
        left, bottom = max(left, 0), max(bottom, 0)
        self.occupied[bottom:top, left:right] += amount
        if not is_solid:
            return
        blocked = np.ones((top - bottom, right - left), np.int16)
        if blocked.shape == (ROUNDED_WIDTH, ROUNDED_WIDTH):
            blocked[::ROUNDED_WIDTH - 1, ::ROUNDED_WIDTH - 1] = 0
        self._num_structures[bottom:top, left:right] += amount * blocked
        self._look_for_obstacles()
        changed = (left, bottom, right, top)
        for kind, found in enumerate(self._passages):
            if found is not None:
                # A structure also narrows the passages next to it.
                found.update(self._free_cells(kind), (left - 1, bottom - 1, right + 1, top + 1))
        self._changes.append(changed)
        self.version += 1

    def height(self, cell: tuple[int, int]) -> float:
        """Height in cells of the ground in a cell (column, row); 0 off the map."""
        column, row = cell
        if 0 <= row < self._num_rows and 0 <= column < self._num_columns:
            return self._heights[row][column]
        return 0.0

    def grid(self) -> np.ndarray:
        """uint8 [H, W], 1 where ground units can walk now."""
        return self._free_cells(SMALL).astype(np.uint8)

    def is_blocked(self, x: float, y: float, kind: int = SMALL) -> bool:
        """Whether the cell of a point cannot be walked on; points off the map cannot."""
        return not self.passages(kind).is_free(x, y)

    def clamp(self, x: float, y: float) -> Point:
        """The nearest point of the playable area."""
        x0, y0, x1, y1 = self.playable
        if x0 <= x <= x1 and y0 <= y <= y1:
            return x, y
        return min(max(x, x0), x1), min(max(y, y0), y1)

    def is_straight_way_free(self, start: Point, goal: Point, kind: int = SMALL,
                             half_width: float | None = None) -> bool:
        """Whether a unit can walk straight; see `passages.Passages.is_clear`."""
        return not self.has_obstacles or self.passages(kind).is_clear(start, goal, half_width)

    def nearest_free(self, x: float, y: float, start: Point | None = None, kind: int = SMALL
                     ) -> Point | None:
        """The point, or the free one nearest to it; see `passages.Passages.nearest_free`."""
        return self.passages(kind).nearest_free(x, y, start)

    def find_way(self, start: Point, goal: Point, kind: int = SMALL) -> list[Point]:
        """Way points from `start` (not included) to `goal`.

        Returns:
            The way; it ends at the nearest point that can be reached where the goal cannot, and is
            empty when nothing is free.
        """
        if not self.has_obstacles:
            return [goal]
        cells = self.passages(kind)
        # Whoever stands on blocked ground (a structure was put there) first steps off it.
        free_start = cells.nearest_free(*start)
        if free_start is None:
            return []
        free_goal = cells.nearest_free(*goal, start)
        if cells.is_clear(start, free_goal):
            return [free_goal]
        if not cells.are_connected(free_start, free_goal):
            free_goal = cells.nearest_free(*goal, region_of=free_start)
        way = cells.way(free_start, free_goal)
        return way if free_start == start else [free_start, *way]

    def is_way_touched(self, start: Point, way: list[Point], since_version: int) -> bool:
        """Whether something changed on or beside a way since a version of the ground."""
        for x0, y0, x1, y1 in self._changes[since_version:]:
            here = start
            for point in way:
                if _crosses(here, point, x0 - _TOUCH, y0 - _TOUCH, x1 + _TOUCH, y1 + _TOUCH):
                    return True
                here = point
        return False

    def way_length(self, start: Point, goal: Point, kind: int = SMALL) -> float:
        """Length of the way between two points; 0 when there is none or it has no length."""
        cells = self.passages(kind)
        free_start = cells.nearest_free(*start)
        if free_start is None or not cells.is_free(*goal) or (
                not cells.are_connected(free_start, goal)):
            return 0.0
        length = 0.0
        for x, y in self.find_way(start, goal, kind):
            length += math.hypot(x - start[0], y - start[1])
            start = (x, y)
        return length


def _crosses(start: Point, goal: Point, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Whether a segment touches a rectangle: clipped by both pairs of sides something remains."""
    first, last = 0.0, 1.0
    for here, there, low, high in ((start[0], goal[0], x0, x1), (start[1], goal[1], y0, y1)):
        delta = there - here
        if delta == 0.0:
            if not low <= here <= high:
                return False
            continue
        enter, leave = sorted(((low - here) / delta, (high - here) / delta))
        first, last = max(first, enter), min(last, leave)
    return first <= last
