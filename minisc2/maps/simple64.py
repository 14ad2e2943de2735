"""Simple64, which Blizzard calls Simple Test Map 64x64.

What comes from replays of the real map (tracker events of 40 replays of version 4.1.2;
icpm/pysc2-replay-data-extraction, Apache-2.0): size and playable area, start locations, every
mineral field, geyser and rock, which base is whose natural expansion, that half a turn about
(44, 44) maps one side on the other, where structures stood and where ground units were born and
died. What is ours, because replays do not show the ground itself: the outlines below, drawn so that
nearly all of those structures and units find ground to stand on; the heights; and that there is
exactly one ramp to each main base. Where fights and warp-ins crowd and where the unbuildable rocks
lie, as they do below ramps of other maps, say where that ramp should be.

The map: a main base on high ground in the lower right corner, its ramp going down to the left to
the natural expansion in the lower left corner, and the same turned by half a circle. The rest is
open low ground.
"""

import numpy as np

from minisc2.game import pathing, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import bases, melee

LOW_HEIGHT, HIGH_HEIGHT = 8, 10
"""Cells. Two levels of cliffs are two cells apart in the real game, whose maps lie at 8 to 12."""

NATURALS = ((25.5, 23.5), (62.5, 64.5))
"""Where town halls of the natural expansions stand: of the player who starts at the lower right,
and of the other one."""

_TURN = 88
"""Half a turn takes the point (x, y) to (_TURN - x, _TURN - y)."""

# Of the half with the main base at the lower right; cells by (column, row).
_MAIN_LEFT = 44
_MAIN_TOP = 39
_CORNER_CUT = 13
"""The upper left corner of the main base is cut: cells with column < row + this are not in it."""

_RAMP_COLUMNS = (40, 44)
_RAMP_ROWS = (20, 28)
_CLIFF_WIDTH = 2

_NATURAL_MINERALS = (
    ("MineralField750", 19.0, 19.5), ("MineralField", 26.0, 17.5), ("MineralField", 19.0, 23.5),
    ("MineralField", 18.0, 20.5), ("MineralField750", 25.0, 16.5), ("MineralField", 22.0, 16.5),
    ("MineralField750", 21.0, 17.5), ("MineralField750", 18.0, 22.5))
_NATURAL_GEYSERS = ((18.5, 26.5), (29.5, 16.5))
_ROCKS = ((40.0, 19.0),)


class Simple64(melee.Melee):
    """Simple Test Map 64x64."""

    name = "Simple64"
    aliases = ("Simple Test Map 64x64",)
    size = (88, 96)
    playable = (12, 12, 76, 76)
    start_locations = ((59.5, 27.5), (28.5, 60.5))
    map_path = "Melee/Simple64.SC2Map"

    def __init__(self):
        super().__init__()
        main, ramp, cliff = _outlines(self.size, self.playable)
        heights = np.where(main, HIGH_HEIGHT, LOW_HEIGHT).astype(np.float64)
        first, last = _RAMP_COLUMNS
        share = (np.arange(self.size[0]) + 0.5 - first) / (last - first)
        slope = LOW_HEIGHT + (HIGH_HEIGHT - LOW_HEIGHT) * np.clip(share, 0, 1)
        heights = np.where(ramp, slope, heights)
        # Cliffs look like the high ground that they are the edge of.
        heights = np.where(cliff, HIGH_HEIGHT, heights)
        heights = np.maximum(heights, _turned(heights))
        is_cliff = cliff | _turned(cliff)
        self.jumping_grid = self.pathing_grid.copy()
        self.pathing_grid[is_cliff] = 0
        self.placement_grid = self.pathing_grid.copy()
        self.placement_grid[ramp | _turned(ramp)] = 0
        self.terrain_height = np.round(
            (heights + pathing.ZERO_HEIGHT) * pathing.STEPS_PER_CELL).astype(np.uint8)

    def add_neutral_units(self, world: world_lib.World) -> None:
        for name, x, y in _NATURAL_MINERALS:
            bases.add_mineral_field(world, name, (x, y))
            bases.add_mineral_field(world, name, (_TURN - x, _TURN - y))
        for x, y in _NATURAL_GEYSERS:
            bases.add_geyser(world, (x, y))
            bases.add_geyser(world, (_TURN - x, _TURN - y))
        rocks = unit_data.id_of("UnbuildableRocksDestructible")
        for x, y in _ROCKS:
            world.create_unit(rocks, units.NEUTRAL_OWNER, (x, y))
            world.create_unit(rocks, units.NEUTRAL_OWNER, (_TURN - x, _TURN - y))


def _turned(grid: np.ndarray) -> np.ndarray:
    """The grid after half a turn about (44, 44), which is not the middle of its rows."""
    turned = np.zeros_like(grid)
    turned[:_TURN, :_TURN] = grid[:_TURN, :_TURN][::-1, ::-1]
    return turned


def _outlines(size: tuple[int, int], playable: tuple[int, int, int, int]
              ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """bool [H, W] each: the main base at the lower right, its ramp, and the cliffs around it."""
    width, height = size
    x0, y0, x1, y1 = playable
    row, column = np.mgrid[:height, :width]
    is_playable = (column >= x0) & (column < x1) & (row >= y0) & (row < y1)
    ramp = ((column >= _RAMP_COLUMNS[0]) & (column < _RAMP_COLUMNS[1])
            & (row >= _RAMP_ROWS[0]) & (row < _RAMP_ROWS[1]))

    def is_inside(margin: int) -> np.ndarray:
        return is_playable & (column >= _MAIN_LEFT - margin) & (row < _MAIN_TOP + margin) & (
            column >= row + _CORNER_CUT - margin)

    main = is_inside(0) & ~ramp
    cliff = is_inside(_CLIFF_WIDTH) & ~main & ~ramp
    return main, ramp, cliff
