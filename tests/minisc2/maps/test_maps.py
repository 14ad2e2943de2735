"""Finding maps, and what all of them must have."""

import pathlib

import numpy as np
import pytest

from minisc2 import maps
from minisc2.game import players
from minisc2.game import world as world_lib


@pytest.mark.parametrize("name", [
    "MoveToBeacon", "movetobeacon", "mini_games/MoveToBeacon.SC2Map",
    "C:\\Maps\\mini_games\\MoveToBeacon.SC2Map", pathlib.PurePosixPath("x/MoveToBeacon.SC2Map"),
    maps.file_bytes("MoveToBeacon"),
])
def test_maps_are_found_by_name_path_and_content(name):
    assert maps.get(name).name == "MoveToBeacon"


@pytest.mark.parametrize("name", ["MoveToBacon", "", b"MPQ\x1a something", b"minisc2 map: \xff"])
def test_unknown_maps_are_refused_with_what_there_is(name):
    with pytest.raises(maps.UnknownMapError, match="MoveToBeacon"):
        maps.get(name)


@pytest.mark.parametrize("name", maps.names())
def test_every_map_is_whole(name):
    game_map = maps.get(name)
    width, height = game_map.size
    for grid in (game_map.pathing_grid, game_map.placement_grid, game_map.terrain_height):
        assert grid.shape == (height, width)
        assert grid.dtype == np.uint8
    x0, y0, x1, y1 = game_map.playable
    assert 0 <= x0 < x1 <= width
    assert 0 <= y0 < y1 <= height
    assert game_map.map_path.endswith(f"{name}.SC2Map")
    setups = [players.PlayerSetup(player_id) for player_id in range(1, game_map.max_players + 1)]
    world = world_lib.World(game_map, setups, seed=5)
    for unit in world.units.values():
        assert x0 <= unit.x <= x1
        assert y0 <= unit.y <= y1
    world.step(8)
    assert world.loop == 8


@pytest.mark.parametrize("name", maps.names())
def test_the_same_seed_gives_the_same_start(name):
    def start(seed):
        setups = [players.PlayerSetup(1), players.PlayerSetup(2)][:maps.get(name).max_players]
        world = world_lib.World(maps.get(name), setups, seed)
        return [(unit.unit_type, unit.owner, unit.x, unit.y) for unit in world.units.values()]

    assert start(1) == start(1)
    assert any(start(1) != start(seed) for seed in range(2, 6))
