"""Regions of the map editor: unions of rectangles and circles, minus the negative ones."""

import dataclasses
import math
import random


@dataclasses.dataclass(frozen=True)
class Rectangle:
    """x0 <= x <= x1 and y0 <= y <= y1."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def center_xy(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def contains(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    def random_point(self, rng: random.Random) -> tuple[float, float]:
        """A uniformly drawn point."""
        return rng.uniform(self.x0, self.x1), rng.uniform(self.y0, self.y1)


@dataclasses.dataclass(frozen=True)
class RectangleWithoutCircle:
    """A rectangle with a round hole."""

    rectangle: Rectangle
    hole_xy: tuple[float, float]
    hole_radius: float

    def contains(self, x: float, y: float) -> bool:
        hole_x, hole_y = self.hole_xy
        return (self.rectangle.contains(x, y)
                and math.hypot(x - hole_x, y - hole_y) > self.hole_radius)

    def random_point(self, rng: random.Random) -> tuple[float, float]:
        """A uniformly drawn point, by rejection."""
        while True:
            x, y = self.rectangle.random_point(rng)
            if self.contains(x, y):
                return x, y


@dataclasses.dataclass(frozen=True)
class Ring:
    """The points whose distance from a centre lies between two radii."""

    center_xy: tuple[float, float]
    inner_radius: float
    outer_radius: float

    def contains(self, x: float, y: float) -> bool:
        center_x, center_y = self.center_xy
        return self.inner_radius <= math.hypot(x - center_x, y - center_y) <= self.outer_radius

    def random_point(self, rng: random.Random) -> tuple[float, float]:
        """A point drawn uniformly by area: the square of its distance is uniform."""
        radius = math.sqrt(rng.uniform(self.inner_radius ** 2, self.outer_radius ** 2))
        return from_polar(self.center_xy, radius, rng.uniform(0.0, math.tau))


def from_polar(xy: tuple[float, float], distance: float, angle: float) -> tuple[float, float]:
    """The point at a distance and an angle (radians, counterclockwise from the right) from `xy`."""
    return xy[0] + distance * math.cos(angle), xy[1] + distance * math.sin(angle)
