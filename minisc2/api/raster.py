"""Which pixels a unit covers, by the rules found in a recorded observation of the real game.

On the screen a unit is a disc around a whole pixel; its anti-aliased density counts 4x4 samples of
a pixel that lie in the exact circle; on the minimap it is a square. All three reproduce every pixel
of pysc2's recorded observation (two units on the screen, 166 on the minimap, 128x128 layers).
"""

import functools
import math

import numpy as np

SAMPLES = 4  # a side; a pixel wholly inside one unit has density 16


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
    step = 1.0 / SAMPLES
    dy = top + step / 2 - center[1] + step * np.arange(rows * SAMPLES)
    dx = left + step / 2 - center[0] + step * np.arange(columns * SAMPLES)
    inside = (dy * dy)[:, None] + (dx * dx)[None, :] <= radius * radius
    counts = inside.reshape(rows, SAMPLES, columns, SAMPLES).sum(axis=(1, 3), dtype=np.uint8)
    counts.flags.writeable = False  # shared by everyone who asks for this circle
    return top, left, counts


def add_coverage(image: np.ndarray, center: tuple[float, float], radius: float) -> None:
    """Adds a unit's density to a uint16 [H, W] image in place."""
    top, left, counts = coverage(center, radius)
    height, width = image.shape
    bottom, right = top + counts.shape[0], left + counts.shape[1]
    if bottom <= 0 or right <= 0 or top >= height or left >= width:
        return
    part = counts[max(0, -top):height - top, max(0, -left):width - left]
    image[max(0, top):bottom, max(0, left):right] += part


def saturated(image: np.ndarray) -> np.ndarray:
    """A uint16 density image as the uint8 layer: 255 and more is 255."""
    return np.minimum(image, 255).astype(np.uint8)


def minimap_square(center: tuple[float, float], radius: float) -> tuple[slice, slice]:
    """Rows and columns that a unit covers on the minimap: as many as its diameter holds.

    It covers at least one pixel.

    Args:
        center: continuous minimap coordinates (x, y).
        radius: in minimap pixels.
    """
    side = max(1, int(2 * radius))
    left = math.floor(center[0] - side / 2 + 0.5)
    top = math.floor(center[1] - side / 2 + 0.5)
    return slice(max(0, top), max(0, top + side)), slice(max(0, left), max(0, left + side))
