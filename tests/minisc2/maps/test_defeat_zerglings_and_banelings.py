"""The rules of DefeatZerglingsAndBanelings, as its official script has them."""

import collections

from minisc2 import maps
from minisc2.game import players, unit_data
from minisc2.game import world as world_lib
from minisc2.maps import skirmish


def _world(seed=1):
    return world_lib.World(maps.get("DefeatZerglingsAndBanelings"),
                           (players.PlayerSetup(1, unit_data.TERRAN),), seed)


def _names(some_units):
    return collections.Counter(unit.type.name for unit in some_units)


def test_a_line_of_marines_faces_a_crowd():
    sides = set()
    for seed in range(20):
        world = _world(seed)
        marines, enemies = world.script.marines, world.script.enemies
        assert _names(marines) == {"Marine": 9}
        assert _names(enemies) == {"Zergling": 6, "Baneling": 4}
        assert {unit.owner for unit in enemies} == {2}
        assert len({unit.x for unit in marines}) == 1
        first = enemies[0]
        assert (skirmish.SPAWN_LEFT.contains(first.x, first.y)
                or skirmish.SPAWN_RIGHT.contains(first.x, first.y))
        # Made at one point, pushed apart: ten circles of radius 0.375 fit into one of radius 2.
        assert max(first.distance_to(unit.x, unit.y) for unit in enemies) < 2
        assert min(a.distance_to(b.x, b.y) for a in enemies for b in enemies if a is not b) > 0.5
        assert abs(marines[0].x - first.x) > 10
        assert world.players[1].selection_requested == [unit.tag for unit in marines]
        sides.add(marines[0].x < first.x)
    assert sides == {True, False}


def test_every_dead_enemy_counts_whoever_killed_it():
    world = _world()
    score = world.players[1].score
    by_type = {unit.type.name: unit for unit in world.script.enemies}
    world.kill_unit(by_type["Zergling"], world.script.marines[0])
    world.step(1)
    assert score.curriculum == 5
    world.kill_unit(by_type["Baneling"], by_type["Baneling"])  # it blew itself up
    world.step(1)
    assert score.curriculum == 10
    world.kill_unit(world.script.marines[0])
    world.step(1)
    assert score.curriculum == 9


def test_a_beaten_wave_brings_ten_enemies_and_four_marines():
    world = _world()
    script = world.script
    script.marines[2].health = 11.0
    old_marines = list(script.marines)
    for enemy in list(script.enemies):
        assert len(script.marines) == 9
        world.kill_unit(enemy)
    world.step(1)
    assert world.players[1].score.curriculum == 50
    assert _names(script.enemies) == {"Zergling": 6, "Baneling": 4}
    assert len(script.marines) == 13
    assert not set(old_marines) & set(script.marines)
    assert sorted(unit.health for unit in script.marines)[:2] == [11.0, 45.0]
    assert world.players[1].selection_requested == [unit.tag for unit in script.marines]


def test_a_wave_and_the_last_marine_may_die_in_the_same_loop():
    """The script is told of one death after the other, when all who died in the loop are dead.

    So the first dead Marine finds no other alive, and with it the script stops counting.
    """
    world = _world()
    for unit in (*world.script.enemies, *world.script.marines):
        world.kill_unit(unit)
    world.step(1)
    assert world.players[1].score.curriculum == 50 - 9
    assert [unit.health for unit in world.script.marines] == [45.0] * 4
    assert world.results is None

    world = _world()
    for unit in (*world.script.marines, *world.script.enemies):
        world.kill_unit(unit)
    world.step(1)
    assert world.players[1].score.curriculum == -1
    assert world.results == {1: players.DEFEAT}
