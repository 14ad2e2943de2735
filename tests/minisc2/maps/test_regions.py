"""Points drawn from regions."""

import random

import pytest

from minisc2.maps import regions


def test_points_of_a_rectangle_fill_it():
    rectangle = regions.Rectangle(2.0, 3.0, 6.0, 5.0)
    rng = random.Random(1)
    points = [rectangle.random_point(rng) for _ in range(2000)]
    assert all(rectangle.contains(*point) for point in points)
    assert sum(x for x, _ in points) / 2000 == pytest.approx(4.0, abs=0.1)
    assert sum(y for _, y in points) / 2000 == pytest.approx(4.0, abs=0.05)
    assert rectangle.center_xy == (4.0, 4.0)
    assert not rectangle.contains(6.1, 4.0)


def test_the_hole_stays_empty():
    region = regions.RectangleWithoutCircle(regions.Rectangle(0, 0, 10, 10), (5, 5), 4)
    rng = random.Random(1)
    points = [region.random_point(rng) for _ in range(1000)]
    assert min((x - 5) ** 2 + (y - 5) ** 2 for x, y in points) > 16
    assert not region.contains(5, 8.9)
    assert region.contains(5, 9.1)
