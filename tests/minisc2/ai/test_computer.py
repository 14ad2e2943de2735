"""Computer players as a whole: they play every difficulty and build, the same way each time."""

import hashlib

import pytest

from minisc2 import ai, maps
from minisc2.game import players, unit_data
from minisc2.game import world as world_lib


def match(difficulties, builds=(1, 1), seed=1, map_name="Simple64"):
    setups = [players.PlayerSetup(index + 1, unit_data.TERRAN, players.COMPUTER, difficulty, build)
              for index, (difficulty, build) in enumerate(zip(difficulties, builds, strict=True))]
    world = world_lib.World(maps.get(map_name), setups, seed)
    world.brains.extend(ai.make(world, state) for state in world.players.values())
    return world


def digest(world):
    rows = [(unit.tag, unit.unit_type, unit.owner, unit.x, unit.y, unit.health)
            for unit in world.units.values()]
    money = [(state.minerals, state.vespene) for state in world.players.values()]
    return hashlib.sha256(repr((rows, money, world.loop)).encode()).hexdigest()


@pytest.mark.parametrize("difficulty", range(1, 11))
def test_every_difficulty_plays_3000_game_loops(difficulty):
    world = match((difficulty, 1))
    world.step(3000)
    assert world.players[1].score.collected_minerals > 1500
    assert world.accounts.count(1, unit_data.id_of("Barracks")) >= 1
    assert world.players[1].food_workers > 12


def test_same_seed_same_match():
    first, second, other = (match((6, 5), seed=seed) for seed in (3, 3, 4))
    for world in (first, second, other):
        world.step(2000)
    assert digest(first) == digest(second)
    assert digest(first) != digest(other)
