"""The rules of the mini-games, as their official scripts have them."""

import math

import pytest

from minisc2 import maps
from minisc2.game import orders, players, unit_data
from minisc2.game import world as world_lib
from minisc2.maps import collect_mineral_shards, move_to_beacon, skirmish

ONE_PLAYER = (players.PlayerSetup(1, unit_data.TERRAN),)


def _world(name, seed=1):
    return world_lib.World(maps.get(name), ONE_PLAYER, seed)


def _is_beacon_place_allowed(x, y):
    return (23.5 <= x <= 42.5 and 21.5 <= y <= 34.5 and math.hypot(x - 33, y - 28) > 4)


def test_beacon_places():
    for seed in range(200):
        world = _world("MoveToBeacon", seed)
        marine, beacon = world.script.marine, world.script.beacon
        assert 22 <= marine.x <= 44
        assert 20 <= marine.y <= 36
        assert _is_beacon_place_allowed(beacon.x, beacon.y)
        assert marine.distance_to(beacon.x, beacon.y) >= 5


def test_reaching_the_beacon_scores_and_moves_it():
    world = _world("MoveToBeacon")
    marine, beacon = world.script.marine, world.script.beacon
    for score in range(1, 11):
        old_x, old_y = beacon.x, beacon.y
        world.order(1, [marine.tag], orders.MOVE, (old_x, old_y))
        while beacon.x == old_x:
            distance = marine.distance_to(old_x, old_y)
            assert distance > move_to_beacon.REACHED_RADIUS
            world.step(1)
        assert distance - marine.speed <= move_to_beacon.REACHED_RADIUS  # not one loop too late
        assert world.players[1].score.curriculum == score
        assert _is_beacon_place_allowed(beacon.x, beacon.y)
        assert marine.distance_to(beacon.x, beacon.y) >= 5


@pytest.mark.parametrize(("name", "seconds"), [
    ("MoveToBeacon", 120), ("CollectMineralShards", 120), ("DefeatRoaches", 120),
    ("DefeatZerglingsAndBanelings", 120), ("FindAndDefeatZerglings", 180),
    ("CollectMineralsAndGas", 420), ("BuildMarines", 900)])
def test_mini_games_end_with_their_timer(name, seconds):
    world = _world(name)
    num_game_loops = seconds * 16
    assert world.step(num_game_loops - 1) == num_game_loops - 1
    assert world.results is None
    assert world.step(8) == 1
    assert world.loop == num_game_loops
    assert world.results == {1: players.VICTORY}


@pytest.mark.parametrize("name", ["MoveToBeacon", "CollectMineralShards", "DefeatRoaches",
                                  "DefeatZerglingsAndBanelings"])
def test_camera_and_sight(name):
    world = _world(name)
    assert world.players[1].camera_xy == (33, 25)
    assert world.players[1].camera_locked
    assert (world.visibility(1)[20:36, 22:44] == 2).all()


def test_shards_are_placed_away_from_the_marines():
    for seed in range(30):
        world = _world("CollectMineralShards", seed)
        script = world.script
        assert [unit.radius for unit in script.marines] == [
            collect_mineral_shards.MARINE_RADIUS] * 2
        assert len(script.shards) == 20
        for shard in script.shards:
            assert shard.unit_type == 1680
            assert shard.radius == collect_mineral_shards.SHARD_RADIUS
            assert 23 <= shard.x <= 43
            assert 21 <= shard.y <= 35
            assert min(marine.distance_to(shard.x, shard.y) for marine in script.marines) >= 2


def test_shards_are_picked_up_in_range_and_replaced_when_all_are_gone():
    world = _world("CollectMineralShards")
    script, state = world.script, world.players[1]
    first = list(script.shards)
    while len(script.shards) > 1 or script.shards[0] in first:
        num_before = len(script.shards)
        target = script.shards[0]
        world.order(1, [script.marines[0].tag], orders.MOVE, (target.x, target.y))
        world.step(1)
        collected = state.score.curriculum
        if collected < 20:
            assert len(script.shards) == 20 - collected <= num_before
            # 1 cell between the edges of Marine (0.375) and shard (0.5)
            assert all(marine.distance_to(shard.x, shard.y) > 1.875
                       for marine in script.marines for shard in script.shards)
        else:
            break
    assert state.minerals == 2000
    assert len(script.shards) == 20
    assert not set(first) & set(script.shards)
    assert sum(unit.unit_type == 1680 for unit in world.units.values()) == 20


def test_marines_and_roaches_line_up_on_opposite_sides():
    sides = set()
    for seed in range(20):
        world = _world("DefeatRoaches", seed)
        marines, roaches = world.script.marines, world.script.enemies
        assert [unit.health for unit in marines] == [45] * 9
        assert len({unit.x for unit in marines}) == 1
        middle = marines[0].y
        assert sorted(unit.y - middle for unit in marines) == pytest.approx(range(-4, 5))
        assert sorted(unit.y for unit in roaches) == pytest.approx(
            [min(unit.y for unit in roaches) + step for step in range(4)])
        assert abs(marines[0].x - roaches[0].x) > 10
        assert world.players[1].selection_requested == [unit.tag for unit in marines]
        sides.add(marines[0].x < roaches[0].x)
    assert sides == {True, False}


def test_a_beaten_wave_brings_four_roaches_and_five_marines():
    world = _world("DefeatRoaches")
    script, score = world.script, world.players[1].score
    world.kill_unit(script.marines[0])
    world.step(1)
    assert score.curriculum == -1
    script.marines[0].health = 7.0
    old_marines = list(script.marines)
    for number, roach in enumerate(list(script.enemies), start=1):
        roach.health = 1.0
        attacker = script.marines[2]
        attacker.is_invulnerable = True
        world.set_position(attacker, (roach.x - 3, roach.y))
        world.order(1, [attacker.tag], orders.GENERAL_ATTACK, roach)
        while roach.is_alive:
            world.step(1)
        assert score.curriculum == 10 * number - 1
    assert len(script.enemies) == 4
    assert all(roach.health == 145 for roach in script.enemies)
    alive = [unit for unit in script.marines if unit.is_alive]
    assert len(alive) == 9 - 1 + 5
    assert not set(alive) & set(old_marines)
    assert min(unit.health for unit in alive) == 7.0
    assert world.players[1].selection_requested == [unit.tag for unit in alive]


def test_the_last_marine_loses_the_game():
    world = _world("DefeatRoaches")
    score = world.players[1].score
    marines, roaches = world.script.marines, world.script.enemies
    for marine in marines:
        marine.is_on_guard = False  # who gives up walking would shoot
    world.order(1, [unit.tag for unit in marines], orders.MOVE, (roaches[0].x, roaches[0].y))
    while world.results is None:
        world.step(8)
    assert score.curriculum == -9
    assert world.results == {1: players.DEFEAT}
    assert world.loop < 1920


def test_roaches_wait_until_they_see_somebody_near():
    world = _world("DefeatRoaches")
    places = [(unit.x, unit.y) for unit in world.script.enemies]
    world.step(160)
    assert [(unit.x, unit.y) for unit in world.script.enemies] == places


@pytest.mark.parametrize("num_game_loops", [1, 2, 16])
def test_the_length_of_steps_changes_nothing(num_game_loops):
    def play(num_game_loops):
        world = _world("DefeatRoaches", seed=3)
        for _ in range(40):
            tags = [unit.tag for unit in world.script.marines]
            world.order(1, tags, orders.GENERAL_ATTACK, world.script.enemies[0])
            for _ in range(16 // num_game_loops):
                world.step(num_game_loops)
        return world.players[1].score.curriculum, [
            (unit.tag, unit.x, unit.y, unit.health) for unit in world.units.values()]

    score, places = play(num_game_loops)
    assert score >= 31  # more than one wave
    assert (score, places) == play(8)


def test_order_of_the_line():
    assert [skirmish.marine_offset_y(n) for n in range(1, 10)] == [
        0, 1, -1, 2, -2, 3, -3, 4, -4]


def test_moving_to_each_new_beacon_scores_about_26():
    """The real game: 26 for people, 26.3 for a trained network."""
    scores = []
    for seed in range(20):
        world = _world("MoveToBeacon", seed)
        marine, beacon = world.script.marine, world.script.beacon
        while world.results is None:
            world.order(1, [marine.tag], orders.MOVE, (beacon.x, beacon.y))
            world.step(8)
        scores.append(world.players[1].score.curriculum)
    assert 25 <= sum(scores) / len(scores) <= 28
