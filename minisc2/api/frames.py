"""Where pixels are in the world: the screen, the minimap, and the raw interface's coordinates.

World coordinates are (x, y) with y upwards; pixel coordinates are (x, y) with y downwards, and a
pixel (i, j) covers [i, i+1) x [j, j+1). The conventions are those of pysc2's `lib/transform.py` and
`lib/renderer_human.py`: the camera looks at the centre of the screen, and the minimap is scaled by
one factor so that the map (or its playable part) fits, with its upper left corner at pixel (0, 0).
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ScreenFrame:
    """The screen: `camera_width` world units across `width` pixels, square pixels.

    pysc2 documents that a 64x48 screen with a camera width of 24 shows 24 x 18 world units.
    """

    width: int
    height: int
    camera_width: float

    @property
    def scale(self) -> float:
        """Pixels per world unit."""
        return self.width / self.camera_width

    @property
    def camera_height(self) -> float:
        """World units from the top of the screen to its bottom."""
        return self.height / self.scale

    def world_to_screen(self, camera_xy: tuple[float, float], world_xy: tuple[float, float]
                        ) -> tuple[float, float]:
        """Continuous pixel coordinates of a point of the world."""
        scale = self.width / self.camera_width  # not the property: this is called for each unit
        return ((world_xy[0] - camera_xy[0]) * scale + self.width / 2,
                (camera_xy[1] - world_xy[1]) * scale + self.height / 2)

    def screen_to_world(self, camera_xy: tuple[float, float], pixel: tuple[int, int]
                        ) -> tuple[float, float]:
        """World point at the centre of a pixel."""
        scale = self.scale
        return (camera_xy[0] + (pixel[0] + 0.5 - self.width / 2) / scale,
                camera_xy[1] - (pixel[1] + 0.5 - self.height / 2) / scale)

    def covers(self, camera_xy: tuple[float, float], unit: tuple[float, float, float],
               pixels: tuple[int, int, int, int]) -> bool:
        """Whether a unit (x, y, radius) is shown in any pixel of (left, top, right, bottom)."""
        left, top, right, bottom = pixels
        x, y = map(int, self.world_to_screen(camera_xy, unit[:2]))
        radius = int(unit[2] * self.scale)
        dx, dy = max(left - x, 0, x - right), max(top - y, 0, y - bottom)
        return dx * dx + dy * dy <= radius * radius + radius

    def contains(self, pixel: tuple[int, int]) -> bool:
        """Whether there is such a pixel."""
        return 0 <= pixel[0] < self.width and 0 <= pixel[1] < self.height

    def cells(self, camera_xy: tuple[float, float], map_size: tuple[int, int]
              ) -> tuple[np.ndarray, np.ndarray | None]:
        """The map cell under the centre of each pixel.

        Args:
            camera_xy: centre of the screen in the world.
            map_size: (W, H) of the map's grids, whose row is y.

        Returns:
            intp [height, width] flat indices into a [H, W] grid, and bool [height, width] of the
            pixels outside the map (their index is that of the nearest cell), or None without any.
        """
        xs = camera_xy[0] + (np.arange(self.width) + 0.5 - self.width / 2) / self.scale
        ys = camera_xy[1] - (np.arange(self.height) + 0.5 - self.height / 2) / self.scale
        return _cell_indices(xs, ys, map_size)


@dataclass(frozen=True)
class MinimapFrame:
    """The minimap: the world rectangle from (left, bottom) to (right, top) in the upper left."""

    width: int
    height: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def scale(self) -> float:
        """Pixels per world unit."""
        return min(self.width / (self.right - self.left), self.height / (self.top - self.bottom))

    def world_to_minimap(self, world_xy: tuple[float, float]) -> tuple[float, float]:
        """Continuous pixel coordinates of a point of the world."""
        scale = self.scale
        return (world_xy[0] - self.left) * scale, (self.top - world_xy[1]) * scale

    def minimap_to_world(self, pixel: tuple[int, int]) -> tuple[float, float]:
        """World point at the centre of a pixel."""
        scale = self.scale
        return self.left + (pixel[0] + 0.5) / scale, self.top - (pixel[1] + 0.5) / scale

    def contains(self, pixel: tuple[int, int]) -> bool:
        """Whether there is such a pixel."""
        return 0 <= pixel[0] < self.width and 0 <= pixel[1] < self.height

    def cells(self, map_size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray | None]:
        """The map cell under the centre of each pixel; see `ScreenFrame.cells`.

        Sampling at pixel centres reproduces the visibility layer of a recorded real observation.
        """
        xs = self.left + (np.arange(self.width) + 0.5) / self.scale
        ys = self.top - (np.arange(self.height) + 0.5) / self.scale
        indices, outside = _cell_indices(xs, ys, map_size)
        beyond = (ys < self.bottom)[:, None] | (xs >= self.right)[None, :]
        if beyond.any():
            outside = beyond if outside is None else outside | beyond
        return indices, outside


def _cell_indices(xs: np.ndarray, ys: np.ndarray, map_size: tuple[int, int]
                  ) -> tuple[np.ndarray, np.ndarray | None]:
    width, height = map_size
    columns, rows = np.floor(xs).astype(np.intp), np.floor(ys).astype(np.intp)
    outside = (((rows < 0) | (rows >= height))[:, None]
               | ((columns < 0) | (columns >= width))[None, :])
    indices = (rows.clip(0, height - 1) * width)[:, None] + columns.clip(0, width - 1)[None, :]
    return indices, outside if outside.any() else None


@dataclass(frozen=True)
class RawFrame:
    """The raw interface's coordinates: the world's, or those of its playable part from (0, 0).

    `offset` is what `raw_crop_to_playable_area` takes off every position a client sees.
    """

    offset: tuple[float, float] = (0.0, 0.0)

    def world_to_raw(self, world_xy: tuple[float, float]) -> tuple[float, float]:
        """A point of the world as a client sees it."""
        return world_xy[0] - self.offset[0], world_xy[1] - self.offset[1]

    def raw_to_world(self, raw_xy: tuple[float, float]) -> tuple[float, float]:
        """A client's point in the world."""
        return raw_xy[0] + self.offset[0], raw_xy[1] + self.offset[1]
