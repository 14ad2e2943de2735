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


def add_coverage(image: np.ndarray, center: tuple[float, float], radius: float, sign: int = 1
                 ) -> None:
    """Adds a unit's density to an integer [H, W] image in place, or takes it off (sign -1)."""
    top, left, counts = coverage(center, radius)
    height, width = image.shape
    bottom, right = top + counts.shape[0], left + counts.shape[1]
    if bottom <= 0 or right <= 0 or top >= height or left >= width:
        return
    if top < 0 or left < 0 or bottom > height or right > width:
        counts = counts[max(0, -top):height - top, max(0, -left):width - left]
    if sign > 0:
        image[max(0, top):bottom, max(0, left):right] += counts
    else:
        image[max(0, top):bottom, max(0, left):right] -= counts


def saturated(image: np.ndarray) -> np.ndarray:
    """A uint16 density image as the uint8 layer: 255 and more is 255."""
    return np.minimum(image, 255).astype(np.uint8)


def redraw_coverage(image: np.ndarray, old: Sequence[Circle], new: Sequence[Circle]) -> None:
    """Makes a uint8 [H, W] image of the density of some circles one of others, in place.

    Args:
        image: the layer; where it is not covered by the old circles it is 0.
        old: (center, radius) of the circles that it shows.
        new: (center, radius) of those that it is to show.
    """
    if len(new) * SAMPLES * SAMPLES > 255:  # may have to saturate
        sums = np.zeros(image.shape, np.uint16)
        for center, radius in new:
            add_coverage(sums, center, radius)
        image[:] = saturated(sums)
        return
    shown, wanted = set(old), set(new)
    if (len(old) * SAMPLES * SAMPLES > 255 or len(shown) < len(old) or len(wanted) < len(new)):
        image[:] = 0  # it may have saturated, or there are several of a kind: begin anew
        old = ()
        shown = set()
    kept = shown & wanted
    for circles, sign in ((old, -1), (new, 1)):
        for circle in circles:
            if circle not in kept:
                add_coverage(image, *circle, sign)


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


def square_pixels(place: tuple[int, int, int, int], width: int, height: int) -> np.ndarray:
    """Flat indices into a [height, width] image of the pixels of a `square`: intp [N]."""
    top, bottom, left, right = place
    rows = np.arange(top, min(bottom, height)) * width
    return (rows[:, None] + np.arange(left, min(right, width))).ravel()


def minimap_square(center: tuple[float, float], radius: float) -> tuple[slice, slice]:
    """Rows and columns of a unit's `square`."""
    top, bottom, left, right = square(center, radius)
    return slice(top, bottom), slice(left, right)
