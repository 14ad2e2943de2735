"""What each player sees: sight of units, areas revealed by a script, and cells seen before.

Sight is kept as a count of viewers for each cell, changed only when a unit enters another cell, so
that asking is cheap and the answer does not depend on when it was asked. Units on the ground do not
see up cliffs; nothing else blocks sight. What a step from one cell to another changes is worked out
once: workers take the same steps all the time, and armies follow each other.
"""

import functools
import math

import numpy as np

HIDDEN, FOGGED, VISIBLE = 0, 1, 2
"""Values of a visibility grid, as in the API's visibility layers."""

_EXPLORED, _FRESH = 1, 2
_SEEN = np.uint8(_EXPLORED | _FRESH)
"""Bits of a cell: it was seen before, and since `Sight.take_fresh`."""

_Slices = tuple[slice, slice]
_ALL = (slice(None), slice(None))

MAX_RISE = 8
"""Units on the ground see ground that is at most this many steps of an eighth of a cell higher than
their own: half of what a cliff rises."""


@functools.cache
def _disc(sight_range: float) -> tuple[np.ndarray, np.ndarray]:
    """int16 (1) and uint8 (`_SEEN`) [2R+1, 2R+1]: cells in range of the middle cell's centre."""
    reach = math.ceil(sight_range)
    offsets = np.arange(-reach, reach + 1)
    inside = offsets[:, None] ** 2 + offsets[None, :] ** 2 <= sight_range * sight_range
    return inside.astype(np.int16), inside * _SEEN


@functools.cache
def _moved_disc(sight_range: float, dx: int, dy: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """What a viewer changes that goes from one cell to another, by (dx, dy).

    Returns:
        int16 [h, w] of the change in the number of viewers, uint8 [h, w] with `_SEEN` in the cells
        seen from the new cell, and the row and the column of the old cell in both.
    """
    disc, is_inside = _disc(sight_range)
    side = disc.shape[0]
    change = np.zeros((side + abs(dy), side + abs(dx)), np.int16)
    is_seen = np.zeros(change.shape, np.uint8)
    y, x = max(0, -dy), max(0, -dx)  # of the old disc; the new one is at (y + dy, x + dx)
    change[y:y + side, x:x + side] -= disc
    change[y + dy:y + dy + side, x + dx:x + dx + side] += disc
    is_seen[y + dy:y + dy + side, x + dx:x + dx + side] = is_inside
    return change, is_seen, y + side // 2, x + side // 2


@functools.cache
def _flat_moved_disc(sight_range: float, dx: int, dy: int, num_columns: int
                     ) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """The same for grids with so many columns, where all of it is on the map.

    Returns:
        intp [N] and int16 [N]: the cells in which the number of viewers changes, as flat offsets
        from the old cell, and by how much; uint8 [M] with `_SEEN` in the cells seen, as they follow
        each other in the grid, and the flat offset of their first from the old cell.
    """
    change, is_seen, row, column = _moved_disc(sight_range, dx, dy)
    rows, columns = np.nonzero(change)
    whole_rows = np.zeros((change.shape[0], num_columns), np.uint8)
    whole_rows[:, :change.shape[1]] = is_seen
    size = whole_rows.size - num_columns + change.shape[1]
    return ((rows - row) * num_columns + columns - column, change[rows, columns],
            whole_rows.ravel()[:size], -row * num_columns - column)


_MAX_STEPS = 4096
"""Steps that a `Sight` keeps: a few megabytes at most."""

_MANY_STEPS = 3
"""So many steps at once are cheaper together."""

_MAX_PENDING_STEPS = 64
"""No more wait for somebody to ask, who may never come."""


class _Step:
    """What a viewer changes in the grids of a `Sight` by going from one cell to a neighbouring one.

    Attributes:
        cells: intp [N], flat indices of those in which the number of viewers changes.
        amounts: int16 [N], by how much.
        explored: view [M] of the flat grid; adjoining cells.
        is_seen: uint8 [M], bits that are set in `explored`.
        fresh_number: of the last `Sight.take_fresh` before they were set.
    """

    __slots__ = ("amounts", "cells", "explored", "fresh_number", "is_seen")

    def __init__(self, cells: np.ndarray, amounts: np.ndarray, explored: np.ndarray,
                 is_seen: np.ndarray):
        self.cells = cells
        self.amounts = amounts
        self.explored = explored
        self.is_seen = is_seen
        self.fresh_number = -1


class Terrain:
    """Which ground is too high to be seen from where.

    Args:
        terrain_height: uint8 [H, W], 8 steps are one cell.
    """

    def __init__(self, terrain_height: np.ndarray):
        self._masks: list[np.ndarray] = []
        levels = np.zeros(terrain_height.shape, np.int16)
        for height in np.unique(terrain_height).tolist():
            is_seen = terrain_height <= height + MAX_RISE
            if not is_seen.all():
                levels[terrain_height == height] = len(self._masks) + 1
                self._masks.append(is_seen)
        self._levels = levels.tolist()

    def level(self, cell: tuple[int, int], is_flying: bool) -> int:
        """The level of a viewer: those of one level see the same ground; level 0 sees all."""
        x, y = cell
        if is_flying or not self._masks or not (
                0 <= y < len(self._levels) and 0 <= x < len(self._levels[0])):
            return 0
        return self._levels[y][x]

    def mask(self, level: int) -> np.ndarray:
        """bool [H, W]: ground that viewers of a level other than 0 can see."""
        return self._masks[level - 1]


class Sight:
    """One player's view of the ground.

    Args:
        terrain_height: uint8 [H, W] of the map.
        terrain: what can be seen from where; None works it out.
    """

    def __init__(self, terrain_height: np.ndarray, terrain: Terrain | None = None):
        height, width = terrain_height.shape
        self._terrain = terrain or Terrain(terrain_height)
        self._num_viewers = np.zeros((height, width), np.int16)
        self._flat_num_viewers = self._num_viewers.reshape(-1)
        self._num_viewers_at = self._num_viewers.item  # half the price of indexing
        self._size = (width, height)
        self._explored = np.zeros((height, width), np.uint8)
        self._flat_explored = self._explored.reshape(-1)
        self._grid = np.zeros((height, width), np.uint8)
        self._is_visible = np.zeros((height, width), np.bool_)
        self._is_stale = False
        self._steps: dict[tuple, _Step] = {}
        self._pending: list[_Step] = []  # taken, and not yet in the grids
        self._fresh_number = 0

    def add(self, cell: tuple[int, int], sight_range: float, is_flying: bool = False,
            amount: int = 1) -> None:
        """A viewer enters `cell` (amount 1) or leaves it (amount -1)."""
        if sight_range <= 0:
            return
        disc, is_inside = _disc(sight_range)
        reach = disc.shape[0] // 2
        place, part = self._place(cell[0] - reach, cell[1] - reach, disc.shape)
        disc, is_inside = disc[part], is_inside[part]
        level = self._terrain.level(cell, is_flying)
        if level:
            mask = self._terrain.mask(level)[place]
            disc, is_inside = disc * mask, is_inside * mask
        if amount > 0:
            self._num_viewers[place] += disc
            self._explored[place] |= is_inside
        else:
            self._num_viewers[place] -= disc
        self._is_stale = True

    def move(self, old_cell: tuple[int, int], cell: tuple[int, int], sight_range: float,
             is_flying: bool = False) -> None:
        """A viewer goes from one cell to another; the same as `add` there and `add(-1)` here."""
        key = (old_cell, cell, sight_range, is_flying)
        step = self._steps.get(key)
        if step is None:
            if sight_range <= 0:
                return
            step = self._step(*key)
            if step is None:
                self.add(cell, sight_range, is_flying)
                self.add(old_cell, sight_range, is_flying, -1)
                return
            if len(self._steps) >= _MAX_STEPS:
                self._steps.clear()
            self._steps[key] = step
        self._pending.append(step)
        self._is_stale = True
        if len(self._pending) >= _MAX_PENDING_STEPS:
            self._take_steps()

    def _take_steps(self) -> None:
        """Brings the grids up to date: many steps at once are cheaper than one by one."""
        pending = self._pending
        viewers, fresh_number = self._flat_num_viewers, self._fresh_number
        if len(pending) < _MANY_STEPS:
            for step in pending:
                viewers[step.cells] += step.amounts
        else:
            np.add.at(viewers, np.concatenate([step.cells for step in pending]),
                      np.concatenate([step.amounts for step in pending]))
        for step in pending:
            if step.fresh_number != fresh_number:
                step.fresh_number = fresh_number
                np.bitwise_or(step.explored, step.is_seen, step.explored)
        pending.clear()

    def _step(self, old_cell: tuple[int, int], cell: tuple[int, int], sight_range: float,
              is_flying: bool) -> _Step | None:
        """What the step changes; None where the cells are no neighbours or see other ground."""
        dx, dy = cell[0] - old_cell[0], cell[1] - old_cell[1]
        level = self._terrain.level(cell, is_flying)
        if abs(dx) > 1 or abs(dy) > 1 or level != self._terrain.level(old_cell, is_flying):
            return None
        mask = self._terrain.mask(level) if level else None
        columns, rows = self._size
        reach = math.ceil(sight_range) + 1
        if reach <= old_cell[0] < columns - reach and reach <= old_cell[1] < rows - reach:
            here = old_cell[1] * columns + old_cell[0]
            cells, amounts, is_seen, first = _flat_moved_disc(sight_range, dx, dy, columns)
            cells, first = cells + here, first + here
            end = first + is_seen.size
            if mask is not None:
                mask = mask.reshape(-1)
                is_changed = mask.take(cells)
                cells, amounts = cells[is_changed], amounts[is_changed]
                is_seen = is_seen * mask[first:end]
            return _Step(cells, amounts, self._flat_explored[first:end], is_seen)
        change, is_seen, row, column = _moved_disc(sight_range, dx, dy)
        place, part = self._place(old_cell[0] - column, old_cell[1] - row, change.shape)
        change, is_seen = change[part], is_seen[part]
        if mask is not None:
            change, is_seen = change * mask[place], is_seen * mask[place]
        bottom, left = place[0].start, place[1].start
        ys, xs = np.nonzero(change)
        whole_rows = np.zeros((change.shape[0], columns), np.uint8)
        whole_rows[:, place[1]] = is_seen
        return _Step((ys + bottom) * columns + xs + left, change[ys, xs],
                     self._flat_explored[bottom * columns:place[0].stop * columns],
                     whole_rows.ravel())

    def _place(self, x0: int, y0: int, shape: tuple[int, int]) -> tuple[_Slices, _Slices]:
        """Where an array of this shape lies in the grids if it begins at the cell (x0, y0).

        Returns:
            Its place in the grids, and the part of it that is on the map.
        """
        columns, rows = self._size
        height, width = shape
        if x0 >= 0 and y0 >= 0 and x0 + width <= columns and y0 + height <= rows:
            return (slice(y0, y0 + height), slice(x0, x0 + width)), _ALL
        left, bottom = min(max(x0, 0), columns), min(max(y0, 0), rows)
        right, top = max(min(x0 + width, columns), left), max(min(y0 + height, rows), bottom)
        return ((slice(bottom, top), slice(left, right)),
                (slice(bottom - y0, top - y0), slice(left - x0, right - x0)))

    def reveal(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Shows a rectangle of cells for the rest of the game."""
        self._num_viewers[y0:y1, x0:x1] += 1
        self._explored[y0:y1, x0:x1] = _SEEN
        self._is_stale = True

    def explore_all(self) -> None:
        """Marks every cell as seen before."""
        self._explored |= _EXPLORED
        self._is_stale = True

    def grid(self) -> np.ndarray:
        """uint8 [H, W] of HIDDEN, FOGGED and VISIBLE; valid until the world changes."""
        if self._is_stale:
            self._take_steps()
            np.bitwise_and(self._explored, _EXPLORED, out=self._grid)
            np.greater(self._num_viewers, 0, out=self._is_visible)
            np.add(self._grid, self._is_visible.view(np.uint8), out=self._grid)
            self._is_stale = False
        return self._grid

    def take_fresh(self) -> np.ndarray:
        """bool [H, W]: cells that came into sight since this was last called."""
        self._take_steps()
        fresh = self._explored >= _FRESH
        self._explored &= _EXPLORED
        self._fresh_number += 1
        return fresh

    def sees(self, cell: tuple[int, int]) -> bool:
        """Whether a cell is visible now; False outside the map."""
        x, y = cell
        width, height = self._size
        if not (0 <= x < width and 0 <= y < height):
            return False
        if self._pending:
            # Each step that is not in the grid takes away one viewer at most.
            if self._num_viewers_at(y, x) > len(self._pending):
                return True
            self._take_steps()
        return self._num_viewers_at(y, x) > 0
