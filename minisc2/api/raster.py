"""Which pixels a unit covers, by the rules found in a recorded observation of the real game.

On the screen a unit is a disc around a whole pixel; its anti-aliased density counts 4x4 samples of
a pixel that lie in the exact circle; on the minimap it is a square. All three reproduce every pixel
of pysc2's recorded observation (two units on the screen, 166 on the minimap, 128x128 layers).
"""

import functools
import math
from collections.abc import Sequence

import numpy as np

SAMPLES = 4  # a side; a pixel wholly inside one unit has density 16
LARGE = 64
"""Units with a larger radius in pixels are drawn by looking at each pixel of the screen: their own
pixels would be too many where a camera shows less than a cell."""

Circle = tuple[float, float, float]
"""Centre in continuous pixel coordinates (x, y), and radius in pixels."""


@functools.lru_cache(maxsize=1024)
def disc(radius: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels of a filled disc, relative to its centre: dx^2 + dy^2 <= r^2 + r.

    Args:
        radius: whole pixels; 0 is a single pixel.
        width: pixels in a row of the image.

    Returns:
        intp [N] each: dy, dx, and the flat offset dy * width + dx.
    """
    span = np.arange(-radius, radius + 1)
    dy, dx = np.nonzero(span[:, None] ** 2 + span[None, :] ** 2 <= radius * radius + radius)
    dy, dx = dy - radius, dx - radius
    return dy, dx, dy * width + dx


def disc_pixels(center: tuple[float, float], radius: float, width: int, height: int) -> np.ndarray:
    """Flat indices into a [height, width] image of the pixels that a unit covers on the screen.

    Args:
        center: continuous pixel coordinates (x, y); the disc is drawn around the whole pixel.
        radius: in pixels.
        width: of the image.
        height: of the image.

    Returns:
        intp [N]; empty for a unit off the screen.
    """
    x, y, r = int(center[0]), int(center[1]), int(radius)
    if r > LARGE:
        rows, columns = np.ogrid[:height, :width]
        return np.flatnonzero((rows - y) ** 2 + (columns - x) ** 2 <= r * r + r)
    dy, dx, flat = disc(r, width)
    if r <= x < width - r and r <= y < height - r:
        return flat + (y * width + x)
    rows, columns = dy + y, dx + x
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return (rows * width + columns)[inside]


@functools.lru_cache(maxsize=4096)
def coverage(center: tuple[float, float], radius: float) -> tuple[int, int, np.ndarray]:
    """How many of the 4x4 samples of each pixel lie in the circle.

    Returns:
        (top row, left column, uint8 [h, w] of 0 to 16) of the circle's bounding box.
    """
    top, left = math.floor(center[1] - radius), math.floor(center[0] - radius)
    rows = math.floor(center[1] + radius) - top + 1
    columns = math.floor(center[0] + radius) - left + 1
    dy, dx = _sample_distances(rows, columns)
    dy = dy + (top + 0.5 / SAMPLES - center[1])
    dx = dx + (left + 0.5 / SAMPLES - center[0])
    dy *= dy
    dx *= dx
    counts = np.add.reduce(dy + dx <= radius * radius, axis=0, dtype=np.uint8)
    counts.flags.writeable = False  # shared by everyone who asks for this circle
    return top, left, counts


@functools.lru_cache(maxsize=256)
def _sample_distances(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """How far the 16 samples of each pixel are from the first sample of the first pixel.

    Returns:
        float64 [16, rows, 1] downwards and [16, 1, columns] to the right.
    """
    dy = np.arange(rows)[None, :, None] + np.repeat(np.arange(SAMPLES), SAMPLES)[
        :, None, None] / SAMPLES
    dx = np.arange(columns)[None, None, :] + np.tile(np.arange(SAMPLES), SAMPLES)[
        :, None, None] / SAMPLES
    return dy, dx


def coverage_of_large(center: tuple[float, float], radius: float, width: int, height: int
                      ) -> np.ndarray:
    """The same for a circle larger than an image: uint8 [height, width]."""
    rows, columns = np.ogrid[:height, :width]
    counts = np.zeros((height, width), np.uint8)
    for sample in range(SAMPLES * SAMPLES):
        dy = rows + (sample // SAMPLES + 0.5) / SAMPLES - center[1]
        dx = columns + (sample % SAMPLES + 0.5) / SAMPLES - center[0]
        counts += dy * dy + dx * dx <= radius * radius
    return counts


class Density:
    """The anti-aliased density of units.

    Args:
        width: of the image.
        height: of the image.
        margin: how far circles may reach over the edge, in pixels.
    """

    def __init__(self, width: int, height: int, margin: int):
        self._size = width, height
        self._row = width + 2 * margin
        self._origin = margin * self._row + margin
        self._inside = slice(margin, margin + height), slice(margin, margin + width)
        self._circles: list[Circle] = []
        self._still: list[Circle] = []
        self._sums = np.zeros((height + 2 * margin) * self._row, _SUMS)
        self._still_sums = self._sums.copy()

    def update(self, circles: list[Circle], image: np.ndarray,
               num_still: int = 0) -> None:
        """Shows these circles instead of those before.

        Args:
            circles: (x, y) of their centres, and their radii.
            image: uint8 [H, W], the same each time; changed in place.
            num_still: so many of the first circles are likely to be the same the next time.
        """
        if circles == self._circles:
            return
        self._circles = circles
        still = circles[:num_still]
        if still != self._still:
            self._still = still
            self._still_sums[:] = 0
            for x, y, radius in still:
                self._add_one(self._still_sums, (x, y), radius)
        sums = self._sums
        np.copyto(sums, self._still_sums)
        by_side: dict[int, list[Circle]] = {}
        for circle in circles[num_still:]:
            by_side.setdefault(int(2 * circle[2]) + 2, []).append(circle)
        for side, alike in by_side.items():
            if len(alike) > _FEW and side <= 2 * LARGE:
                self._add(sums, alike, side)
            else:
                for x, y, radius in alike:
                    self._add_one(sums, (x, y), radius)
        inside = sums.reshape(-1, self._row)[self._inside]
        if len(circles) * SAMPLES * SAMPLES > 255:
            np.minimum(inside, 255, out=image, casting="unsafe")
        else:
            np.copyto(image, inside, casting="unsafe")

    def _add_one(self, sums: np.ndarray, center: tuple[float, float], radius: float) -> None:
        top, left = 0, 0
        if radius > LARGE:
            counts = coverage_of_large(center, radius, *self._size)
        else:
            top, left, counts = coverage(center, radius)
        pixels = _block(*counts.shape, self._row) + (self._origin + top * self._row + left)
        sums[pixels] += counts.ravel()  # no pixel is there twice

    def _add(self, sums: np.ndarray, circles: list[Circle], side: int) -> None:
        """Adds circles that fit into squares of `side` pixels, wherever these begin."""
        corners, counts = coverages(circles, side)
        places = (corners[1] * self._row + corners[0]).astype(np.intp)
        places += self._origin
        pixels = _block(side, side, self._row)[:, None] + places  # [side * side, K]
        np.add.at(sums, pixels.ravel(), counts.ravel())


_FEW = 3
"""So many circles are cheaper one by one."""
_SUMS = np.int16
"""Holds 2,000 units that cover the same pixel."""


@functools.lru_cache(maxsize=256)
def _block(height: int, width: int, row: int) -> np.ndarray:
    """Flat offsets of a block of pixels in an image with `row` pixels in a row: intp [N]."""
    return (np.arange(height)[:, None] * row + np.arange(width)).ravel()


def coverages(circles: Sequence[Circle], side: int
              ) -> tuple[np.ndarray, np.ndarray]:
    """The `coverage` of many circles.

    Args:
        circles: (x, y) of their centres, and their radii.
        side: of the squares in which each of them is looked at, in pixels.

    Returns:
        float64 [2, K], whole numbers: left columns and top rows; and `_SUMS` [side, side, K].
    """
    numbers = np.array(circles).T  # [3, K]
    centers, radii = numbers[:2], numbers[2]
    corners = np.floor(centers - radii)
    to_first = corners + 0.5 / SAMPLES
    to_first -= centers
    dy, dx = _sample_distances(side, side)  # [16, side, 1], [16, 1, side]
    dx = dx[..., None] + to_first[0]
    dy = dy[..., None] + to_first[1]
    dx *= dx
    dy *= dy
    is_inside = dy + dx <= radii * radii  # [16, side, side, K]
    counts = np.add.reduce(is_inside, axis=0, dtype=np.uint8)
    return corners, counts.astype(_SUMS)


def square(center: tuple[float, float], radius: float) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) of what a unit covers on the minimap: as wide as it is, in pixels.

    Right and bottom are exclusive and may lie beyond the image; it covers at least one pixel.

    Args:
        center: continuous minimap coordinates (x, y).
        radius: in minimap pixels.
    """
    side = max(1, int(2 * radius))
    left = math.floor(center[0] - side / 2 + 0.5)
    top = math.floor(center[1] - side / 2 + 0.5)
    return max(0, top), max(0, top + side), max(0, left), max(0, left + side)


@functools.lru_cache(maxsize=1024)
def square_offsets(side: int, row: int) -> np.ndarray:
    """Flat offsets of a square's pixels from its upper left one, in rows of `row`: intp [N]."""
    return _block(side, side, row)


def minimap_square(center: tuple[float, float], radius: float) -> tuple[slice, slice]:
    """Rows and columns of a unit's `square`."""
    top, bottom, left, right = square(center, radius)
    return slice(top, bottom), slice(left, right)
