"""Ways on a grid with holes."""

import heapq
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


def test_a_way_is_as_short_as_the_slow_truth():
    rng = np.random.default_rng(1)
    for _ in range(20):
        grid = (rng.random((14, 14)) > 0.25).astype(np.uint8)
        grid[0, 0] = grid[13, 13] = 1
        ground = pathing.Ground(grid, (0, 0, 14, 14), grid, np.full_like(grid, 127))
        # Floyd and Warshall's shortest ways over the cells, without cutting corners.
        cells = [(x, y) for y in range(14) for x in range(14)]
        distance = np.full((196, 196), np.inf)
        np.fill_diagonal(distance, 0)
        for i, (x, y) in enumerate(cells):
            for dx, dy in itertools.product((-1, 0, 1), repeat=2):
                if (0 <= x + dx < 14 and 0 <= y + dy < 14 and (dx or dy) and grid[y, x]
                        and grid[y + dy, x + dx] and grid[y, x + dx] and grid[y + dy, x]):
                    distance[i, (y + dy) * 14 + x + dx] = math.hypot(dx, dy)
        for k in range(196):
            distance = np.minimum(distance, distance[:, k:k + 1] + distance[k:k + 1])
        truth = distance[0, 195]
        length = ground.way_length((0.5, 0.5), (13.5, 13.5))
        if np.isinf(truth):
            assert length == 0
        else:  # pulled straight, it is shorter than over the centres of cells, but no shortcut
            assert math.hypot(13, 13) - 1e-9 <= length <= truth + 1e-9


def test_fields_are_shared_kept_and_dropped_where_something_changes():
    ground = _ground(["." * 30] * 12 + ["." * 14 + "#" + "." * 15] * 3 + ["." * 30] * 15)
    cells = ground.passages(pathing.SMALL)
    ground.find_way((10.5, 16.2), (20.5, 16.2))
    ground.find_way((10.5, 15.2), (20.6, 16.4))
    assert len(cells._fields) == 1  # the same goal cell
    ground.block(3.5, 3.5, (3, 3))  # far from where the field has grown
    assert len(cells._fields) == 1
    ground.block(17.5, 19.5, (3, 3))
    assert len(cells._fields) == 0


def test_a_field_grows_as_by_a_priority_queue():
    grid = (np.random.default_rng(6).random((20, 20)) < 0.8).astype(np.uint8)
    grid[10, 10] = 1
    cells = pathing.Ground(grid, (0, 0, 20, 20), grid, np.full_like(grid, 127)
                           ).passages(pathing.SMALL)
    for y, x in zip(*np.nonzero(grid), strict=True):
        if (y, x) != (10, 10) and cells.are_connected((x + 0.5, y + 0.5), (10.5, 10.5)):
            cells.way((x + 0.5, y + 0.5), (10.5, 10.5))
    (field,) = cells._fields.values()
    free = np.pad(grid, 1)
    goal = 11 * 22 + 11
    distances, parents, done, queue = {goal: 0.0}, {goal: goal}, set(), [(0.0, goal)]
    while queue:
        distance, cell = heapq.heappop(queue)
        if cell in done:
            continue
        done.add(cell)
        row, column = divmod(cell, 22)
        for dy, dx in itertools.product((-1, 0, 1), repeat=2):
            if (dy or dx) and free[row + dy, column] and free[row, column + dx] and (
                    free[row + dy, column + dx]):
                other, length = cell + dy * 22 + dx, distance + math.sqrt(dy * dy + dx * dx)
                if length < distances.get(other, math.inf):
                    distances[other], parents[other] = length, cell
                    heapq.heappush(queue, (length, other))
    assert len(done) > 200
    assert {cell: field.distances[cell] for cell in done} == distances  # to the last bit
    assert {cell: field.parents[cell] for cell in done} == parents  # whichever of equals it is


def test_a_way_does_not_depend_on_who_asked_before():
    rng = np.random.default_rng(4)
    grid = (rng.random((24, 24)) < 0.75).astype(np.uint8)

    def make_ground():
        return pathing.Ground(grid, (0, 0, 24, 24), grid, np.full_like(grid, 127))

    shared = make_ground()
    cells = shared.passages(pathing.SMALL)
    places = [(x + 0.5, y + 0.5) for y, x in zip(*np.nonzero(grid), strict=True)]
    goal = places[len(places) // 2]
    reachable = [place for place in places if cells.are_connected(place, goal)]
    assert len(reachable) > 200
    for number in rng.permutation(len(reachable))[:60]:
        start = reachable[number]
        assert shared.find_way(start, goal) == make_ground().find_way(start, goal)


def test_only_changes_beside_a_way_touch_it():
    ground = _ground(["." * 30] * 30)
    way = [(20.0, 5.0), (20.0, 20.0)]
    version = ground.version
    ground.block(10.5, 10.5, (3, 3))
    assert not ground.is_way_touched((2.0, 5.0), way, version)
    ground.block(10.5, 7.5, (3, 3))  # its edge at y = 6 is a cell away
    assert not ground.is_way_touched((2.0, 5.0), way, version)
    ground.block(10.5, 3.5, (3, 3))  # its edge at y = 5 is not
    assert ground.is_way_touched((2.0, 5.0), way, version)
    assert not ground.is_way_touched((2.0, 5.0), way, ground.version)


@pytest.mark.parametrize(("rows", "kind", "is_open"), [
    (["...", "#.#", "..."], pathing.SMALL, True),
    (["....", "#.##", "...."], pathing.WIDE, False),
    (["....", "#..#", "....", "...."], pathing.WIDE, True),
])
def test_wide_units_need_gaps_of_two_cells(rows, kind, is_open):
    ground = _ground(rows)
    assert (ground.way_length((1.5, 0.5), (1.5, len(rows) - 0.5), kind) > 0) is is_open


def test_corners_of_town_halls_can_be_walked_on():
    ground = _ground(["......."] * 7)
    ground.block(3.5, 3.5, (5, 5))
    assert ground.grid()[1:6, 1:6].tolist() == [
        [1, 0, 0, 0, 1], [0] * 5, [0] * 5, [0] * 5, [1, 0, 0, 0, 1]]
    assert ground.occupied[1:6, 1:6].all()
    ground.block(3.5, 3.5, (5, 5), -1)
    assert ground.grid().all()
    assert not ground.occupied.any()


def test_no_way_leads_out_of_the_playable_area():
    grid = np.zeros((10, 10), np.uint8)
    grid[2:8, 2:8] = 1
    ground = pathing.Ground(grid, (2, 2, 8, 8), grid, np.full_like(grid, 127))
    assert not ground.has_obstacles
    assert ground.way_length((3.5, 3.5), (6.5, 3.5)) == 3
    assert ground.way_length((3.5, 3.5), (0.5, 3.5)) == 0
