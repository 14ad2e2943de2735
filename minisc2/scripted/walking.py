"""How far it is to walk on a map, and which way."""

import heapq
import math

import numpy as np

_STEPS = tuple((dx, dy, math.hypot(dx, dy)) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)

Point = tuple[float, float]


def distances(pathing: np.ndarray, start: Point) -> np.ndarray:
    """The length of the way from a point to each cell, by steps between neighbouring cells.

    Args:
        pathing: bool [H, W], where one can walk; row is y.
        start: world point; whether one can walk there does not matter.

    Returns:
        float32 [H, W], infinite where no way leads.
    """
    height, width = pathing.shape
    found = np.full((height, width), np.inf, np.float32)
    x, y = int(start[0]), int(start[1])
    found[y, x] = 0.0
    waiting = [(0.0, x, y)]
    free = pathing.tolist()
    reached = {(x, y): 0.0}
    while waiting:
        length, x, y = heapq.heappop(waiting)
        if length > reached[x, y]:
            continue
        for dx, dy, step in _STEPS:
            column, row = x + dx, y + dy
            if not (0 <= column < width and 0 <= row < height and free[row][column]):
                continue
            new_length = length + step
            if new_length < reached.get((column, row), math.inf):
                reached[column, row] = new_length
                heapq.heappush(waiting, (new_length, column, row))
    for (x, y), length in reached.items():
        found[y, x] = length
    return found


def way(lengths: np.ndarray, end: Point) -> list[Point]:
    """The way to a point, from where `lengths` begin: one world point a cell.

    Args:
        lengths: as `distances` returns them.
        end: world point.
    """
    height, width = lengths.shape
    x, y = int(end[0]), int(end[1])
    points = [(x + 0.5, y + 0.5)]
    while lengths[y, x] > 0 and math.isfinite(lengths[y, x]):
        x, y = min(((x + dx, y + dy) for dx, dy, _ in _STEPS
                    if 0 <= x + dx < width and 0 <= y + dy < height),
                   key=lambda cell: (lengths[cell[1], cell[0]], cell))
        points.append((x + 0.5, y + 0.5))
    return points[::-1]
