"""Which pixels a unit covers, by the rules found in a recorded observation of the real game.

On the screen a unit is a disc around a whole pixel; its anti-aliased density counts 4x4 samples of
a pixel that lie in the exact circle; on the minimap it is a square. All three reproduce every pixel
of pysc2's recorded observation (two units on the screen, 166 on the minimap, 128x128 layers).
"""

import functools
import math
from collections.abc import Hashable, Sequence

import numpy as np

SAMPLES = 4  # a side; a pixel wholly inside one unit has density 16
LARGE = 64
"""Units with a larger radius in pixels are drawn by looking at each pixel of the screen: their own
pixels would be too many where a camera shows less than a cell."""

Circle = tuple[tuple[float, float], float]
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
    """The anti-aliased density of units, brought up to date by what moved.

    Args:
        width: of the image.
        height: of the image.
        margin: how far circles may reach over the edge, in pixels.
    """

    def __init__(self, width: int, height: int, margin: int):
        self._size = width, height
        self._circles: dict[Hashable, Circle] = {}
        self._shares: dict[Hashable, tuple[np.ndarray, np.ndarray]] = {}
        self._row = width + 2 * margin
        self._margin = margin
        self._sums = np.zeros((height + 2 * margin) * self._row, _SUMS)
        self._inside = self._sums.reshape(-1, self._row)[margin:margin + height,
                                                         margin:margin + width]

    def update(self, circles: dict[Hashable, Circle], image: np.ndarray) -> None:
        """Shows these circles instead of those before.

        Args:
            circles: by whatever tells one from another, such as tags.
            image: uint8 [H, W], the same each time; changed in place.
        """
        before = self._circles
        if circles == before:
            return
        self._circles = circles
        shares, sums = self._shares, self._sums
        changed = [key for key, circle in circles.items() if before.get(key) != circle]
        gone = [shares.pop(key) for key in changed if key in before]
        gone += [shares.pop(key) for key in before.keys() - circles.keys()]
        if len(gone) > _FEW:
            np.subtract.at(sums, np.concatenate([pixels for pixels, _ in gone]),
                           np.concatenate([counts for _, counts in gone]))
        else:
            for pixels, counts in gone:
                sums[pixels] -= counts  # no pixel is twice in one share
        by_radius: dict[float, list[Hashable]] = {}
        for key in changed:
            by_radius.setdefault(circles[key][1], []).append(key)
        for radius, keys in by_radius.items():
            if len(keys) > _FEW and radius <= LARGE:
                pixels, counts = self._shares_of([circles[key][0] for key in keys], radius)
                shares.update(zip(keys, zip(pixels, counts, strict=True), strict=True))
                np.add.at(sums, pixels.ravel(), counts.ravel())
                continue
            for key in keys:
                pixels, counts = shares[key] = self._share_of(circles[key][0], radius)
                sums[pixels] += counts
        if len(circles) * SAMPLES * SAMPLES > 255:
            np.minimum(self._inside, 255, out=image, casting="unsafe")
        else:
            np.copyto(image, self._inside, casting="unsafe")

    def _share_of(self, center: tuple[float, float], radius: float
                  ) -> tuple[np.ndarray, np.ndarray]:
        """Flat indices of the pixels that a circle may cover, intp [N], and their counts."""
        row, margin = self._row, self._margin
        top, left = 0, 0
        if radius > LARGE:
            counts = coverage_of_large(center, radius, *self._size)
        else:
            top, left, counts = coverage(center, radius)
        place = (top + margin) * row + left + margin
        return _block(*counts.shape, row) + place, counts.ravel()

    def _shares_of(self, centers: Sequence[tuple[float, float]], radius: float
                   ) -> tuple[np.ndarray, np.ndarray]:
        """The same of many circles of one size: intp [K, N] and their counts."""
        tops, lefts, counts = coverages(centers, radius)
        places = (tops + self._margin) * self._row + lefts + self._margin
        pixels = places[:, None] + _block(*counts.shape[1:], self._row)
        return pixels, counts.reshape(len(centers), -1).astype(_SUMS)


_FEW = 3
"""So many circles are cheaper one by one."""
_SUMS = np.int16
"""Holds 2,000 units that cover the same pixel."""


@functools.lru_cache(maxsize=256)
def _block(height: int, width: int, row: int) -> np.ndarray:
    """Flat offsets of a block of pixels in an image with `row` pixels in a row: intp [N]."""
    return (np.arange(height)[:, None] * row + np.arange(width)).ravel()


def coverages(centers: Sequence[tuple[float, float]], radius: float
              ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The `coverage` of many circles of one size.

    Returns:
        intp [K] and [K]: top rows and left columns; and uint8 [K, h, w] of 0 to 16.
    """
    middles = np.array(centers).T  # x and y: [2, K]
    corners = np.floor(middles - radius)
    side = int(2 * radius) + 2
    dy, dx = _sample_distances(side, side)  # [16, side, 1], [16, 1, side]
    dx = dx[..., None] + (corners[0] + 0.5 / SAMPLES - middles[0])
    dy = dy[..., None] + (corners[1] + 0.5 / SAMPLES - middles[1])
    dx *= dx
    dy *= dy
    counts = np.add.reduce(dy + dx <= radius * radius, axis=0, dtype=np.uint8)  # [h, w, K]
    lefts, tops = corners.astype(np.intp)
    return tops, lefts, np.ascontiguousarray(counts.transpose(2, 0, 1))


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
