"""What each player sees: sight of units, areas revealed by a script, and cells seen before.

Sight is kept as a count of viewers for each cell, changed only when a unit enters another cell, so
that asking is cheap and the answer does not depend on when it was asked. Units on the ground do not
see up cliffs; nothing else blocks sight.
"""

import functools
import math

import numpy as np

HIDDEN, FOGGED, VISIBLE = 0, 1, 2
"""Values of a visibility grid, as in the API's visibility layers."""

_EXPLORED, _FRESH = 1, 2
_SEEN = np.uint8(_EXPLORED | _FRESH)
"""Bits of a cell: it was seen before, and since `Sight.take_fresh`."""

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
        self._num_viewers_at = self._num_viewers.item  # half the price of indexing
        self._size = (width, height)
        self._explored = np.zeros((height, width), np.uint8)
        self._grid = np.zeros((height, width), np.uint8)
        self._is_stale = False

    def add(self, cell: tuple[int, int], sight_range: float, is_flying: bool = False,
            amount: int = 1) -> None:
        """A viewer enters `cell` (amount 1) or leaves it (amount -1)."""
        if sight_range <= 0:
            return
        disc, is_inside = _disc(sight_range)
        reach = disc.shape[0] // 2
        level = self._terrain.level(cell, is_flying)
        self._change(cell[0] - reach, cell[1] - reach, disc if amount > 0 else -disc,
                     is_inside if amount > 0 else None, level)

    def move(self, old_cell: tuple[int, int], cell: tuple[int, int], sight_range: float,
             is_flying: bool = False) -> None:
        """A viewer goes from one cell to another; the same as `add` there and `add(-1)` here."""
        if sight_range <= 0:
            return
        dx, dy = cell[0] - old_cell[0], cell[1] - old_cell[1]
        level = self._terrain.level(cell, is_flying)
        if abs(dx) > 1 or abs(dy) > 1 or level != self._terrain.level(old_cell, is_flying):
            self.add(cell, sight_range, is_flying)
            self.add(old_cell, sight_range, is_flying, -1)
            return
        change, is_seen, row, column = _moved_disc(sight_range, dx, dy)
        self._change(old_cell[0] - column, old_cell[1] - row, change, is_seen, level)

    def _change(self, x0: int, y0: int, change: np.ndarray, is_seen: np.ndarray | None, level: int
                ) -> None:
        """Adds int16 [h, w] to the number of viewers from the cell (x0, y0) on."""
        height, width = change.shape
        x1, y1 = x0 + width, y0 + height
        if x0 < 0 or y0 < 0 or x1 > self._size[0] or y1 > self._size[1]:
            part = (slice(max(0, -y0), max(0, self._size[1] - y0)),
                    slice(max(0, -x0), max(0, self._size[0] - x0)))
            change = change[part]
            is_seen = None if is_seen is None else is_seen[part]
            x0, y0, x1, y1 = max(0, x0), max(0, y0), max(0, x1), max(0, y1)
        if level:
            mask = self._terrain.mask(level)[y0:y1, x0:x1]
            change = change * mask
            is_seen = None if is_seen is None else is_seen * mask
        self._num_viewers[y0:y1, x0:x1] += change
        if is_seen is not None:
            self._explored[y0:y1, x0:x1] |= is_seen
        self._is_stale = True

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
            np.bitwise_and(self._explored, _EXPLORED, out=self._grid)
            self._grid += self._num_viewers > 0
            self._is_stale = False
        return self._grid

    def take_fresh(self) -> np.ndarray:
        """bool [H, W]: cells that came into sight since this was last called."""
        fresh = self._explored >= _FRESH
        self._explored &= _EXPLORED
        return fresh

    def sees(self, cell: tuple[int, int]) -> bool:
        """Whether a cell is visible now; False outside the map."""
        x, y = cell
        width, height = self._size
        return 0 <= x < width and 0 <= y < height and self._num_viewers_at(y, x) > 0
