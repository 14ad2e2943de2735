"""The crowd of ground units, and how they keep off each other."""

import math
import random

import pytest

from minisc2.game import collision, unit_data, units
from tests.minisc2.game import worlds


def _unit(index, x, y, name="Marine"):
    return units.Unit(index, unit_data.get(unit_data.id_of(name)), 1, x, y)


def test_near_is_what_a_look_at_everybody_finds():
    rng = random.Random(3)
    crowd = collision.Crowd((30, 20))
    marines = [_unit(i, rng.uniform(0, 30), rng.uniform(0, 20)) for i in range(80)]
    for marine in marines:
        crowd.add(marine)
    assert len(crowd) == 80
    for _ in range(200):
        marine = rng.choice(marines)
        marine.x, marine.y = rng.uniform(0, 30), rng.uniform(0, 20)
        marine.cell = int(marine.x), int(marine.y)
        crowd.move(marine)
        x, y, reach = rng.uniform(-2, 32), rng.uniform(-2, 22), rng.uniform(0, 6)
        expected = [one for one in marines if math.hypot(one.x - x, one.y - y) <= reach]
        found = crowd.near(x, y, reach)
        assert sorted(one.index for one in found) == [one.index for one in expected]
        assert {one.index for one in expected} <= {
            one.index for one in crowd.candidates(x, y, reach)}


def test_the_order_of_neighbours_does_not_depend_on_addresses():
    orders = []
    for _ in range(3):
        crowd = collision.Crowd((10, 10))
        keep_alive = [object() for _ in range(1000 * len(orders))]
        for i in range(20):
            crowd.add(_unit(i, 5 + math.cos(i), 5 + math.sin(i)))
        orders.append([one.index for one in crowd.near(5, 5, 3)])
        del keep_alive
    assert orders[0] == orders[1] == orders[2]
    assert len(orders[0]) == 20


def test_who_is_taken_out_is_found_no_more():
    crowd = collision.Crowd((10, 10))
    first, second = _unit(1, 5, 5), _unit(2, 5.5, 5)
    crowd.add(first)
    crowd.add(second)
    crowd.remove(first)
    crowd.remove(first)  # nothing happens
    first.x, first.cell = 1.0, (1, 5)
    crowd.move(first)
    assert crowd.near(5, 5, 4) == [second]
    assert list(crowd) == [second]
    assert len(crowd) == 1


def test_gathering_workers_neither_block_nor_are_blocked():
    world = worlds.empty_world()
    scv = worlds.add(world, "SCV", 1, 10, 10)
    marine = worlds.add(world, "Marine", 1, 12, 10)
    assert collision.blocker_at(world, scv, 11.5, 10) is marine
    scv.passes_units = True
    assert collision.blocker_at(world, scv, 11.5, 10) is None
    assert collision.blocker_at(world, marine, 10.5, 10) is None
    assert world.crowd.near(10, 10, 1) == []


def test_nobody_comes_within_reach_before_the_loops_that_look_ahead_promises():
    rng = random.Random(5)
    for _ in range(300):
        world = worlds.empty_world()
        runner = worlds.add(world, "Reaper", 1, 30, 30)
        other = worlds.add(world, rng.choice(["Marine", "Zergling", "SiegeTank"]), 2,
                           30 + rng.uniform(-3, 3), 30 + rng.uniform(-3, 3))
        blocker, num_loops = collision.look_ahead(world, runner, runner.x, runner.y)
        assert blocker is None
        gap = math.dist((runner.x, runner.y), (other.x, other.y)) - runner.radius - other.radius
        closing = runner.speed + other.speed
        assert (runner.watched == [other]) == (gap < collision.WATCH_LOOPS * closing)
        if runner.watched:
            continue
        assert num_loops * closing <= gap + 1e-6 or gap > 1.5 - runner.speed
        # It is not needlessly careful either.
        assert num_loops == collision.FAR_LOOPS or (num_loops + 1) * closing > gap - 1e-5


def test_who_is_ahead_or_comes_from_the_side_is_watched():
    world = worlds.empty_world()
    runner = worlds.add(world, "Marine", 1, 30, 30)
    ahead = worlds.add(world, "Marine", 1, 31.5, 30)
    beside = worlds.add(world, "Marine", 1, 30, 31)
    worlds.add(world, "Marine", 1, 28.9, 30)  # behind, and no faster
    blocker, _ = collision.look_ahead(world, runner, 30 + runner.speed, 30)
    assert blocker is None
    assert runner.watched == [ahead, beside]
    assert not collision.bumps_into_watched(runner, 30.5, 30)
    assert collision.bumps_into_watched(runner, 30.8, 30)  # 0.7 cells from the next, not 0.75


@pytest.mark.parametrize("name", ["Marine", "SiegeTank"])
def test_new_units_stay_on_their_side_of_a_wall(name):
    world = worlds.empty_world()
    for y in range(1, 64, 2):
        worlds.add(world, "SupplyDepot", 1, 30, y)
    made = [worlds.add(world, name, 1, 28, 30) for _ in range(30)]
    assert all(unit.x < 29 for unit in made)
