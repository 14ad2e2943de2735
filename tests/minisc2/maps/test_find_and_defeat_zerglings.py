"""The rules of FindAndDefeatZerglings, as its official script has them."""

import itertools
import math

import pytest

from minisc2 import maps
from minisc2.game import players, unit_data
from minisc2.game import world as world_lib

CENTER_XY = (32.0, 28.0)


def _world(seed=1):
    return world_lib.World(maps.get("FindAndDefeatZerglings"),
                           (players.PlayerSetup(1, unit_data.TERRAN),), seed)


def _kill_all_zerglings_but(world, num_left):
    for zergling in list(world.script.enemies)[num_left:]:
        world.kill_unit(zergling)
    world.step(1)


def test_marines_stand_in_a_triangle_and_are_selected():
    world = _world()
    marines = world.script.marines
    # At 210, 330 and 90 degrees, one cell from the centre: cos 30 = 0.866, sin 30 = 0.5.
    assert [(unit.x, unit.y) for unit in marines] == [
        pytest.approx(xy, abs=1e-3) for xy in ((31.134, 27.5), (32.866, 27.5), (32.0, 29.0))]
    assert world.players[1].selection_requested == [unit.tag for unit in marines]


def test_zerglings_are_placed_by_distance_from_the_centre():
    for seed in range(30):
        zerglings = _world(seed).script.enemies
        distances = [unit.distance_to(*CENTER_XY) for unit in zerglings]
        assert len(zerglings) == 25
        assert 7.99 <= distances[0] <= 9.01
        assert 7.5 <= distances[1] <= 9.5
        assert all(distance > 10.5 for distance in distances[2:])
        assert all(11 <= unit.x <= 53 and 13 <= unit.y <= 43 for unit in zerglings)
        assert min(a.distance_to(b.x, b.y)
                   for a, b in itertools.combinations(zerglings, 2)) >= 5
        assert {unit.owner for unit in zerglings} == {2}


def test_the_map_begins_unexplored_with_a_free_camera():
    world = _world()
    assert world.players[1].camera_xy == (32, 25)
    assert not world.players[1].camera_locked
    visibility = world.visibility(1)
    assert visibility[28, 32] == 2
    # A Marine sees 9 cells far: nothing is known of the corners.
    assert not visibility[12:16, 10:20].any()
    assert not world.can_see(1, max(
        world.script.enemies, key=lambda unit: unit.distance_to(*CENTER_XY)))
    assert maps.get("FindAndDefeatZerglings").playable == (10, 12, 54, 44)


def test_points():
    world = _world()
    score = world.players[1].score
    world.kill_unit(world.script.enemies[3])
    world.step(1)
    assert score.curriculum == 1
    assert len(world.script.enemies) == 24
    world.kill_unit(world.script.marines[0])
    world.step(1)
    assert score.curriculum == 0
    assert world.results is None


def test_the_next_wave_comes_with_the_last_zergling_and_brings_no_marines():
    for seed in range(10):
        world = _world(seed)
        script = world.script
        world.kill_unit(script.marines[0])
        world.set_position(script.marines[1], (14.0, 16.0))
        _kill_all_zerglings_but(world, 1)
        assert len(script.enemies) == 1
        _kill_all_zerglings_but(world, 0)
        assert world.players[1].score.curriculum == 25 - 1
        assert len(script.enemies) == 25
        assert len(script.marines) == 2
        assert all(10 <= unit.x <= 54 and 12 <= unit.y <= 44 for unit in script.enemies)
        assert min(math.hypot(a.x - b.x, a.y - b.y)
                   for a, b in itertools.combinations(script.enemies, 2)) >= 5
        assert min(unit.distance_to(marine.x, marine.y)
                   for unit in script.enemies for marine in script.marines) >= 8.5


def test_the_last_marine_loses_the_game():
    world = _world()
    for marine in list(world.script.marines):
        assert world.results is None
        world.kill_unit(marine)
        world.step(1)
    assert world.players[1].score.curriculum == -3
    assert world.results == {1: players.DEFEAT}


def test_zerglings_wait_until_they_see_somebody_near():
    world = _world()
    places = [(unit.x, unit.y) for unit in world.script.enemies]
    world.step(160)
    assert [(unit.x, unit.y) for unit in world.script.enemies] == places
