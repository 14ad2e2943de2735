"""How somebody who sees the whole map leads an attack."""

import pytest

from minisc2.game import orders, unit_data
from tests.minisc2.ai import matches

CHEAT_VISION = 8
Kind = orders.Kind


def put(world, name, owner, xy):
    unit = world.create_unit(unit_data.id_of(name), owner, xy)
    unit.is_on_guard = False
    return unit


@pytest.fixture
def scene():
    """A Flat64 match in which nothing happens by itself, and the brain of player 1."""
    world = matches.match((CHEAT_VISION, 0), map_name="Flat64")
    world.step(1)
    brain = world.brains.pop(0)
    for unit in list(world.owned(2)):
        if not unit.is_structure:
            world.remove_unit(unit)
    return world, brain


def lead(world, brain, strike, goal):
    brain.knowledge.update()
    brain.army._assault.lead(strike, (strike[0].x, strike[0].y), goal)
    return [(unit.orders[0].kind, unit.orders[0].target_xy) if unit.orders else None
            for unit in strike]


def test_soldiers_walk_past_structures_to_the_goal(scene):
    world, brain = scene
    marines = [put(world, "Marine", 1, (32.0 + index, 32.0)) for index in range(3)]
    put(world, "SupplyDepot", 2, (33.0, 36.0))
    goal = world.players[2].start_xy
    assert lead(world, brain, marines, goal) == [(Kind.MOVE, goal)] * 3


def test_who_is_in_reach_shoots_and_the_others_come_closer(scene):
    world, brain = scene
    near, far = put(world, "Marine", 1, (32.0, 32.0)), put(world, "Marine", 1, (26.0, 32.0))
    enemy = put(world, "Marine", 2, (37.0, 32.0))
    world.step(1)
    xy = (enemy.x, enemy.y)
    assert lead(world, brain, [near, far], world.players[2].start_xy) == [
        (Kind.SCAN, xy), (Kind.MOVE, xy)]


def test_fighters_come_before_workers_and_only_those_that_can_be_hit(scene):
    world, brain = scene
    marine, tank = put(world, "Marine", 1, (32.0, 32.0)), put(world, "SiegeTank", 1, (32.0, 30.0))
    worker = put(world, "SCV", 2, (35.0, 32.0))
    viking = put(world, "VikingFighter", 2, (38.0, 32.0))
    world.step(1)
    told = lead(world, brain, [marine, tank], world.players[2].start_xy)
    assert told[0][1] == (viking.x, viking.y)  # a tank cannot shoot at it
    assert told[1] == (Kind.SCAN, (worker.x, worker.y))


def test_the_quick_wait_for_the_others(scene):
    world, brain = scene
    x, y = world.players[1].start_xy
    goal = world.players[2].start_xy
    slow = put(world, "Marine", 1, (x + 0.2 * (goal[0] - x), y + 0.2 * (goal[1] - y)))
    quick = put(world, "Hellion", 1, (x + 0.45 * (goal[0] - x), y + 0.45 * (goal[1] - y)))
    told = lead(world, brain, [slow, quick], goal)
    assert told[0] == (Kind.MOVE, goal)
    assert told[1] == (Kind.SCAN, (slow.x, slow.y))


def test_town_halls_are_the_goal_until_there_are_none(scene):
    world, brain = scene
    depot = put(world, "SupplyDepot", 2, (33.0, 36.0))
    hall = next(unit for unit in world.owned(2) if unit.type.name == "CommandCenter")
    brain.knowledge.update()
    assert brain.army._assault.goal((32.0, 32.0)) == (hall.x, hall.y)
    world.remove_unit(hall)
    world.step(1)
    brain.knowledge.update()
    assert brain.army._assault.goal((32.0, 32.0)) == (depot.x, depot.y)
    world.remove_unit(depot)
    world.step(1)
    brain.knowledge.update()
    assert brain.army._assault.goal((32.0, 32.0)) is None
