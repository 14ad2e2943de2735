"""Points drawn from regions."""

import math
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


def test_points_of_a_ring_are_spread_evenly_by_area():
    ring = regions.Ring((5.0, -2.0), inner_radius=3.0, outer_radius=5.0)
    rng = random.Random(1)
    points = [ring.random_point(rng) for _ in range(2000)]
    assert all(ring.contains(*point) for point in points)
    # Half of the area lies within sqrt((9 + 25) / 2) = 4.123 of the centre.
    is_inner = [(x - 5) ** 2 + (y + 2) ** 2 < 17 for x, y in points]
    assert sum(is_inner) / 2000 == pytest.approx(0.5, abs=0.03)
    assert sum(x for x, _ in points) / 2000 == pytest.approx(5.0, abs=0.15)
    assert not ring.contains(5.0, 0.9)
    assert not ring.contains(10.1, -2.0)


def test_polar_offsets():
    assert regions.from_polar((1.0, 2.0), 2.0, 0.0) == pytest.approx((3.0, 2.0))
    assert regions.from_polar((1.0, 2.0), 2.0, math.radians(90)) == pytest.approx((1.0, 4.0))
