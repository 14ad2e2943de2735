"""Ways on a grid with holes."""

import itertools
import math

import numpy as np
import pytest

from minisc2.game import pathing


def _ground(rows: list[str]) -> pathing.Ground:
    """'#' is blocked; the first row of text is the top of the map."""
    grid = np.array([[cell != "#" for cell in row] for row in reversed(rows)], np.uint8)
    height, width = grid.shape
    return pathing.Ground(grid, (0, 0, width, height), grid, np.full_like(grid, 127))


def test_open_ground_is_a_straight_way():
    ground = _ground(["....."] * 5)
    assert not ground.has_obstacles
    assert ground.find_way((0.5, 0.5), (4.5, 2.5)) == [(4.5, 2.5)]
    assert ground.way_length((0.5, 0.5), (4.5, 2.5)) == pytest.approx(math.hypot(4, 2))


def test_the_way_around_a_wall():
    ground = _ground([".....", ".###.", ".....", "....."])
    assert ground.is_blocked(2.5, 2.5)
    length = ground.way_length((2.5, 1.5), (2.5, 3.5))
    # Two cells to the side, around the end of the wall, and back: longer than 2, at most 6.
    assert 4 < length <= 6
    way = ground.find_way((2.5, 1.5), (2.5, 3.5))
    points = [(2.5, 1.5), *way]
    assert all(ground.is_straight_way_free(a, b)
               for a, b in itertools.pairwise(points))


def test_no_way_has_length_zero():
    ground = _ground(["..#..", "..#..", "..#.."])
    assert ground.way_length((0.5, 0.5), (4.5, 0.5)) == 0
    assert ground.find_way((0.5, 0.5), (4.5, 0.5)) == [(1.5, 0.5)]  # as near as one can come


def test_a_way_does_not_cut_corners():
    ground = _ground([".#.", "#..", "..."])
    assert ground.way_length((0.5, 2.5), (1.5, 1.5)) == 0


def test_blocked_goals_are_replaced_by_the_nearest_free_cell():
    ground = _ground(["....", ".##.", "...."])
    assert ground.nearest_free(1.4, 1.5) == (0.5, 1.5)
    assert ground.way_length((0.5, 0.5), (1.5, 1.5)) == 0


def test_structures_block_and_free_their_cells():
    ground = _ground(["......"] * 6)
    ground.block(2.5, 2.5, (3, 3))
    assert ground.grid()[1:4, 1:4].sum() == 0
    assert ground.grid().sum() == 36 - 9
    ground.block(2.5, 2.5, (3, 3), -1)
    assert ground.grid().sum() == 36


def test_mineral_fields_are_two_cells_wide():
    ground = _ground(["......"] * 6)
    ground.block(3.0, 2.5, (2, 1))
    assert ground.grid()[2].tolist() == [1, 1, 0, 0, 1, 1]
