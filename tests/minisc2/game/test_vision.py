"""Fog of war, cloaks and detectors."""

import math

import numpy as np

from minisc2 import maps
from minisc2.game import orders, players, unit_data, units, vision
from minisc2.game import world as world_lib
from tests.minisc2.game import worlds


def test_sight_is_a_disc_of_the_sight_range():
    world = worlds.empty_world()
    worlds.add(world, "Marine", 1, 30.5, 30.5)
    grid = world.visibility(1)
    assert grid.dtype == np.uint8
    rows, _ = np.nonzero(grid == vision.VISIBLE)
    expected = sum(math.hypot(x, y) <= 9 for x in range(-9, 10) for y in range(-9, 10))
    assert rows.size == expected
    assert grid[30, 39] == vision.VISIBLE
    assert grid[30, 40] == vision.HIDDEN
    assert grid[37, 37] == vision.HIDDEN  # hypot(7, 7) = 9.9
    assert (world.visibility(2) == vision.HIDDEN).all()


def test_places_once_seen_are_fogged_however_the_game_is_stepped():
    grids = []
    for num_game_loops in (1, 50, 200):
        world = worlds.empty_world()
        marine = worlds.add(world, "Marine", 1, 10.5, 10.5)
        world.order(1, [marine.tag], orders.MOVE, (35.5, 20.5))
        for _ in range(200 // num_game_loops):
            world.step(num_game_loops)
        grids.append(world.visibility(1).copy())
    assert grids[0][10, 10] == vision.FOGGED
    assert grids[0][20, 35] == vision.VISIBLE
    assert (grids[0] == grids[1]).all()
    assert (grids[0] == grids[2]).all()


def test_the_dead_see_nothing():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 1.5, 62.5)  # at a corner: the disc is cut off
    world.kill_unit(marine)
    assert not (world.visibility(1) == vision.VISIBLE).any()
    assert (world.visibility(1) == vision.FOGGED).any()


def test_units_are_seen_in_sight_only_or_without_fog():
    world = worlds.empty_world()
    worlds.add(world, "Marine", 1, 10, 10)
    near, far = worlds.add(world, "SCV", 2, 18, 10), worlds.add(world, "SCV", 2, 40, 10)
    assert world.can_see(1, near)
    assert not world.can_see(1, far)
    assert world.display_type(1, far) == 0
    world.set_fog(False)
    assert world.can_see(1, far)
    assert (world.visibility(1) == vision.VISIBLE).all()


def test_cloaked_units_need_a_detector():
    world = worlds.empty_world()
    templar = worlds.add(world, "DarkTemplar", 1, 30, 30)
    marine = worlds.add(world, "Marine", 2, 28, 30)
    assert not world.can_see(2, templar)
    assert world.cloak_state(2, templar) == units.CLOAKED
    assert world.cloak_state(1, templar) == units.CLOAKED_ALLIED
    assert world.order(2, [marine.tag], orders.GENERAL_ATTACK, templar)[0][1] == 36
    worlds.add(world, "Observer", 2, 28, 28)
    assert world.can_see(2, templar)
    assert world.cloak_state(2, templar) == units.CLOAKED_DETECTED
    assert world.order(2, [marine.tag], orders.GENERAL_ATTACK, templar)[0][1] == 1


def test_structures_are_remembered_and_resources_known():
    world = worlds.empty_world()
    center = worlds.add(world, "CommandCenter", 2, 30.5, 30.5)
    minerals = worlds.add(world, "MineralField", units.NEUTRAL_OWNER, 50, 50.5)
    assert world.display_type(1, center) == 0
    assert world.display_type(1, minerals) == world_lib.SNAPSHOT
    scout = worlds.add(world, "Marine", 1, 25, 30)
    assert world.display_type(1, center) == world_lib.VISIBLE
    world.kill_unit(scout)
    assert world.display_type(1, center) == world_lib.SNAPSHOT


def test_an_unseen_target_is_given_up():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    runner = worlds.add(world, "Reaper", 2, 18, 10)
    world.order(1, [marine.tag], orders.GENERAL_ATTACK, runner)
    world.order(2, [runner.tag], orders.MOVE, (60.0, 10.0))
    world.step(64)  # 3.75 cells a second against 2.25: out of sight after a second
    assert not marine.orders


def test_moving_a_viewer_is_adding_there_and_taking_away_here():
    rng = np.random.default_rng(0)
    for sight_range in (0.0, 2.5, 9.0):
        # A plateau with a slope on flat ground: levels change on the way.
        heights = np.full((14, 20), 127, np.uint8)
        heights[:, 12:] = 143
        heights[5:9, 11] = 135
        moved, added = vision.Sight(heights), vision.Sight(heights)
        cell = (10, 7)
        for sight in (moved, added):
            sight.add(cell, sight_range)
        for _ in range(400):
            dx, dy = rng.integers(-1, 2, 2) if rng.random() < 0.95 else rng.integers(-4, 5, 2)
            goal = (min(max(cell[0] + int(dx), -3), 23), min(max(cell[1] + int(dy), -3), 17))
            moved.move(cell, goal, sight_range)
            added.add(goal, sight_range)
            added.add(cell, sight_range, amount=-1)
            cell = goal
            assert np.array_equal(moved.grid(), added.grid())
            assert moved.sees((3, 3)) == added.sees((3, 3))
            if rng.random() < 0.1:
                assert np.array_equal(moved.take_fresh(), added.take_fresh())


def test_it_does_not_matter_how_often_one_asks():
    rng = np.random.default_rng(1)
    often, seldom = (vision.Sight(np.full((30, 30), 127, np.uint8)) for _ in range(2))
    cells = [(12, 12), (13, 12), (20, 15)]
    for sight in (often, seldom):
        for cell in cells:
            sight.add(cell, 5.0)
    for index in range(600):
        viewer = index % len(cells)
        here = cells[viewer]
        goal = tuple((np.array(here) + rng.integers(-1, 2, 2)).clip(7, 22).tolist())
        cells[viewer] = goal
        for sight in (often, seldom):
            sight.move(here, goal, 5.0)
        often.grid()
        if index in (2, 10, 150, 599):  # after few steps and after very many
            assert seldom.sees(goal) and not seldom.sees((0, 0))
            assert np.array_equal(often.take_fresh(), seldom.take_fresh())
            assert np.array_equal(often.grid(), seldom.grid())
    for viewer, cell in enumerate(cells):
        seldom.add(cell, 5.0, amount=-1)
        assert seldom.sees(cell) == any(
            math.dist(cell, other) <= 5.0 for other in cells[viewer + 1:])


def test_a_cell_is_seen_until_the_last_of_several_viewers_leaves():
    sight = vision.Sight(np.full((20, 20), 127, np.uint8))
    for _ in range(3):
        sight.add((5, 5), 1.0)
    for num_left in (2, 1, 0):
        sight.move((5, 5), (6, 5), 1.0)  # loses (4, 5)
        assert sight.sees((4, 5)) == (num_left > 0)


def test_fresh_cells_are_those_that_came_into_sight_since_one_asked():
    sight = vision.Sight(np.full((20, 20), 127, np.uint8))
    sight.add((5, 5), 2)
    assert sight.take_fresh()[5, 5] and not sight.take_fresh().any()
    sight.move((5, 5), (6, 5), 2)
    sight.move((6, 5), (7, 5), 2)
    sight.add((7, 5), 2, amount=-1)
    fresh = sight.take_fresh()  # what was seen from the second and the third cell
    assert fresh.sum() == 13 + 5 and fresh[5, 4] and fresh[5, 9] and not fresh[5, 3]
    assert sight.grid()[5, 4] == vision.FOGGED and not sight.sees((7, 5))


def _cliff(is_flying=False, x=8):
    """What a viewer with a range of 6 sees of flat ground with a plateau from x = 12 on."""
    heights = np.full((20, 20), 191, np.uint8)
    heights[:, 12:] = 207
    heights[8:12, 11] = 199
    sight = vision.Sight(heights)
    sight.add((x, 10), 6.0, is_flying)
    return sight.grid()


def test_nobody_sees_up_a_cliff_from_below():
    grid = _cliff()
    assert grid[10, 11] == vision.VISIBLE  # the slope is half a level higher
    assert (grid[:, 12:] == vision.HIDDEN).all()
    assert grid[10, 2] == vision.VISIBLE


def test_those_above_and_in_the_air_see_everything_in_range():
    assert _cliff(is_flying=True)[10, 14] == vision.VISIBLE
    above = _cliff(x=13)
    assert above[10, 13 - 6] == vision.VISIBLE
    assert _cliff(x=11)[10, 14] == vision.VISIBLE  # from the slope


def test_on_simple64_the_main_base_is_hidden_from_below():
    world = world_lib.World(maps.get("Simple64"), [players.PlayerSetup(1, unit_data.TERRAN)], 1)
    hall = next(unit for unit in world.units.values() if unit.owner == 1 and unit.is_structure)
    x, row = (40.5, 30) if hall.x < 44 else (47.5, 57)  # beside the other player's main base
    inside = 46 if hall.x < 44 else 41
    scout = worlds.add(world, "Marine", 1, x, row + 0.5)
    assert world.visibility(1)[row, int(x)] == vision.VISIBLE
    assert world.visibility(1)[row, inside] == vision.HIDDEN
    world.remove_unit(scout)
    worlds.add(world, "Medivac", 1, x, row + 0.5)
    assert world.visibility(1)[row, inside] == vision.VISIBLE
