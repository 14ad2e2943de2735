"""What a melee game starts with and how it ends."""

import itertools

import pytest

from minisc2 import maps
from minisc2.game import players, unit_data
from minisc2.game import world as world_lib

RACES = (unit_data.TERRAN, unit_data.ZERG, unit_data.PROTOSS)


def _world(name="Simple64", race=unit_data.TERRAN, seed=1):
    return world_lib.World(maps.get(name), [players.PlayerSetup(1, race),
                                            players.PlayerSetup(2, race, players.COMPUTER)], seed)


def _names(world, owner):
    return sorted(unit.type.name for unit in world.units.values() if unit.owner == owner)


@pytest.mark.parametrize(("race", "expected"), [
    (unit_data.TERRAN, ["CommandCenter"] + ["SCV"] * 12),
    (unit_data.PROTOSS, ["Nexus"] + ["Probe"] * 12),
    (unit_data.ZERG, ["Drone"] * 12 + ["Hatchery"] + ["Larva"] * 3 + ["Overlord"]),
])
def test_starting_units(race, expected):
    world = _world(race=race)
    assert _names(world, 1) == expected
    assert _names(world, 2) == expected
    world.step(1)
    state = world.players[1]
    assert (state.minerals, state.food_used, state.food_workers) == (50, 12, 12)
    assert state.food_cap == (14 if race == unit_data.ZERG else 15)
    assert state.idle_worker_count == 0


def test_start_locations_of_the_real_simple64():
    starts = {_world(seed=seed).players[1].start_xy for seed in range(12)}
    assert starts == {(59.5, 27.5), (28.5, 60.5)}
    world = _world()
    assert sorted(_names(world, 16)) == (["MineralField"] * 16 + ["MineralField750"] * 16
                                         + ["UnbuildableRocksDestructible"] * 2
                                         + ["VespeneGeyser"] * 8)


@pytest.mark.parametrize("name", [game_map for game_map in maps.names()
                                  if game_map.startswith(("Flat", "Simple"))])
@pytest.mark.parametrize("race", RACES)
def test_nothing_stands_in_anything_else(name, race):
    world = _world(name, race)
    taken = set()
    for unit in world.units.values():
        width, height = unit.type.footprint
        left, bottom = round(unit.x - width / 2), round(unit.y - height / 2)
        cells = set(itertools.product(range(left, left + width), range(bottom, bottom + height)))
        assert not cells & taken
        taken |= cells
    assert all(not world.ground.is_blocked(unit.x, unit.y) for unit in world.crowd)
    first, second = world.game_map.start_locations
    assert world.path_distance((first[0], first[1] + 4), (second[0], second[1] - 4)) > 0


def test_who_loses_the_last_structure_loses_the_game():
    world = _world()
    worker = next(unit for unit in world.units.values()
                  if unit.owner == 2 and not unit.is_structure)
    world.kill_unit(worker)
    world.step(1)
    assert world.results is None
    attacker = world.create_unit(unit_data.id_of("Marine"), 1, (45.0, 45.0))
    hall = next(unit for unit in world.units.values() if unit.owner == 2 and unit.is_structure)
    hall.health = 1.0
    world.set_position(attacker, (hall.x, hall.y + 5 if hall.y < 45 else hall.y - 5))
    world.order(1, [attacker.tag], 3674, hall)
    world.step(8)
    assert world.results == {1: players.VICTORY, 2: players.DEFEAT}


def test_structures_killed_between_steps_count():
    world = _world()
    hall = next(unit for unit in world.units.values() if unit.owner == 1 and unit.is_structure)
    world.kill_unit(hall)
    world.step(8)
    assert world.results == {1: players.DEFEAT, 2: players.VICTORY}
    assert world.loop == 1


def test_random_races_are_drawn_from_the_seed():
    races = {_world(race=4, seed=seed).players[1].race for seed in range(20)}
    assert races == set(RACES)
    assert _world(race=4, seed=3).players[1].race == _world(race=4, seed=3).players[1].race


def test_a_flying_structure_keeps_its_owner_in_the_game():
    world = _world()
    flying = world.create_unit(unit_data.id_of("BarracksFlying"), 2, (45.0, 45.0))
    hall = next(unit for unit in world.units.values()
                if unit.owner == 2 and unit.is_structure and unit is not flying)
    world.kill_unit(hall)
    world.step(1)
    assert world.results is None
    world.kill_unit(flying)
    world.step(1)
    assert world.results == {1: players.VICTORY, 2: players.DEFEAT}
