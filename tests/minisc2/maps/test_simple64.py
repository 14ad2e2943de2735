"""The ground of Simple64: symmetric, connected by ramps, and as replays of the real map show it."""

import functools
import os
import pathlib

import mpyq
import numpy as np
import pytest
from s2protocol import versions

from minisc2 import maps
from minisc2.game import orders, pathing, placement, players, results, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import simple64

REPLAYS = pathlib.Path(os.environ.get(
    "SHARED_DATA", pathlib.Path(__file__).resolve().parents[4] / "shared" / "data")) / (
        "replays/simple_test_map")
needs_replays = pytest.mark.skipif(
    not REPLAYS.is_dir(), reason=f"replays of the real map are not in {REPLAYS}")
MOBILE_WITHOUT_GROUND = frozenset((
    "Overlord", "Overseer", "Observer", "Medivac", "Raven", "WarpPrism", "Mutalisk", "VoidRay",
    "CommandCenterFlying", "BarracksFlying", "FactoryFlying", "StarportFlying", "Larva",
    "Broodling", "KD8Charge"))


def _world(seed=1):
    return world_lib.World(maps.get("Simple64"), [
        players.PlayerSetup(1, unit_data.TERRAN),
        players.PlayerSetup(2, unit_data.TERRAN, players.COMPUTER)], seed)


@functools.cache
def _tracker_events():
    protocol = versions.build(60321)
    return [list(protocol.decode_replay_tracker_events(
        mpyq.MPQArchive(str(path)).read_file("replay.tracker.events")))
        for path in sorted(REPLAYS.glob("*.SC2Replay"))]


def _real_structures():
    """(name, x, y) of everything that players built; the tracker rounds centres down."""
    found = set()
    for events in _tracker_events():
        for event in events:
            if event["_event"].endswith("SUnitInitEvent"):
                name = event["m_unitTypeName"].decode()
                if unit_data.get(unit_data.id_of(name)).is_structure:
                    found.add((name, event["m_x"], event["m_y"]))
    return sorted(found)


def _real_deaths():
    """(name, column, row) where ground units of players died."""
    found = []
    for events in _tracker_events():
        names = {}
        for event in events:
            kind = event["_event"]
            if kind.endswith(("SUnitBornEvent", "SUnitInitEvent")):
                names[event["m_unitTagIndex"]] = (event["m_controlPlayerId"] > 0
                                                  and event["m_unitTypeName"].decode())
            elif kind.endswith("SUnitTypeChangeEvent"):
                names[event["m_unitTagIndex"]] = event["m_unitTypeName"].decode()
            elif kind.endswith("SUnitDiedEvent"):
                name = names.get(event["m_unitTagIndex"])
                if (name and name not in MOBILE_WITHOUT_GROUND
                        and not name.startswith("Beacon")
                        and not unit_data.get(unit_data.id_of(name)).is_structure):
                    found.append((name, event["m_x"], event["m_y"]))
    return found


def test_half_a_turn_maps_the_ground_on_itself():
    game_map = maps.get("Simple64")
    for grid in (game_map.pathing_grid, game_map.placement_grid, game_map.jumping_grid,
                 game_map.terrain_height):
        assert (grid[12:76, 12:76] == grid[12:76, 12:76][::-1, ::-1]).all()
    resources = {(unit.type.name, unit.x, unit.y) for unit in _world().units.values()
                 if unit.owner == units.NEUTRAL_OWNER}
    assert {(name, 88 - x, 88 - y) for name, x, y in resources} == resources
    assert len(resources) == 32 + 8 + 2


def test_main_bases_are_high_and_ramps_lead_down():
    world = _world()
    game_map = world.game_map
    for start_xy, natural_xy in zip(game_map.start_locations, simple64.NATURALS, strict=True):
        assert world.ground.height((int(start_xy[0]), int(start_xy[1]))) == 10
        assert world.ground.height((int(natural_xy[0]), int(natural_xy[1]))) == 8
    slope = game_map.pathing_grid.astype(bool) & ~game_map.placement_grid.astype(bool)
    heights = game_map.terrain_height[slope] / 8 - 15.875
    assert ((heights > 8) & (heights < 10)).all()
    # Neighbouring cells that can be walked on never differ by a cliff.
    walkable = game_map.pathing_grid.astype(bool)
    steps = np.abs(np.diff(game_map.terrain_height.astype(int), axis=1))
    assert steps[walkable[:, 1:] & walkable[:, :-1]].max() <= 8
    assert steps.max() > 8


def test_the_way_across_leads_through_both_ramps():
    world = _world()
    start, goal = (59.5, 31.5), (28.5, 56.5)  # above one town hall, below the other
    length = world.path_distance(start, goal)
    # By hand: to the middle of a ramp at (42, 27.5), the one across at (46, 60.5), and back:
    # 18.0 + 33.2 + 18.0 = 69.2 with corners at the nearest cells of the ramps; 40 through the air.
    assert 66 < length < 72
    assert world.path_distance(goal, start) == pytest.approx(length, rel=0.01)


def test_a_marine_crosses_the_map_in_the_time_its_speed_says():
    world = _world()
    marine = world.create_unit(unit_data.id_of("Marine"), 1, (53.5, 31.5))
    goal = (34.5, 56.5)
    length = world.path_distance(marine, goal)
    world.order(1, [marine.tag], orders.MOVE, goal)
    num_loops = 0
    while marine.orders and num_loops < 1000:
        world.step(1)
        num_loops += 1
        assert world.game_map.pathing_grid[int(marine.y), int(marine.x)]
    assert marine.distance_to(*goal) < 0.01
    # 2.25 cells a second of 16 loops; corners are cut and cost part of a step each.
    assert num_loops == pytest.approx(length / (2.25 / 16), abs=12)


def test_units_stand_on_the_terrain_and_fly_above_it():
    world = _world()
    marine = world.create_unit(unit_data.id_of("Marine"), 1, (50.5, 40.5))
    medivac = world.create_unit(unit_data.id_of("Medivac"), 1, (50.5, 40.5))
    assert (marine.z, medivac.z) == (8, 11.75)
    world.set_position(marine, (59.5, 33.5))
    world.set_position(medivac, (59.5, 33.5))
    assert (marine.z, medivac.z) == (10, 13.75)


def test_reapers_jump_cliffs_and_marines_walk_around():
    world = _world()
    reaper = world.create_unit(unit_data.id_of("Reaper"), 1, (60.5, 44.5))
    marine = world.create_unit(unit_data.id_of("Marine"), 1, (61.5, 44.5))
    goal = (60.5, 34.5)
    world.order(1, [reaper.tag, marine.tag], orders.MOVE, goal)
    world.step(60)  # 10 cells at 3.75 cells a second take 43 loops
    assert reaper.distance_to(*goal) < 0.01
    assert marine.distance_to(*goal) > 10
    assert world.ground.way_length((60.5, 44.5), goal, pathing.JUMPING) == pytest.approx(10)
    assert world.ground.way_length((60.5, 44.5), goal) > 35


@pytest.mark.parametrize("name", ["Marine", "SiegeTank"])
def test_an_army_passes_the_ramps_and_reaches_the_other_base(name):
    world = _world()
    tags = [world.create_unit(unit_data.id_of(name), 1, (52 + i % 5, 30 + i // 5)).tag
            for i in range(50)]
    goal = (34.5, 57.5)
    world.order(1, tags, orders.MOVE, goal)
    army = [world.units[tag] for tag in tags]
    num_loops = 0
    while any(unit.orders for unit in army) and num_loops < 1600:
        world.step(16)
        num_loops += 16
    # 65 cells at 2.25 cells a second take 460 loops; the last ones queue at two ramps.
    assert not any(unit.orders for unit in army)
    # Tanks fill the ground from the goal to the ramp, so that some of them stop on it.
    is_near = [unit.distance_to(*goal) < 2 + 2 * army[0].radius * 50 ** 0.5 for unit in army]
    assert sum(is_near) >= (50 if name == "Marine" else 35)


def test_town_halls_fit_where_expansions_were():
    world = _world()
    command_center = unit_data.get(unit_data.id_of("CommandCenter")).ability_id
    for x, y in simple64.NATURALS:
        assert world.placement(command_center, (x, y)) == results.SUCCESS
        towards = 1 if x > 44 else -1  # its minerals lie towards the corner of the map
        assert world.placement(command_center, (x + towards, y + towards)) == (
            results.CANT_BUILD_TOO_CLOSE_TO_RESOURCES)


@needs_replays
def test_resources_are_those_of_the_real_map():
    real = set()
    for event in _tracker_events()[0]:
        if event["_gameloop"] == 0 and event["_event"].endswith("SUnitBornEvent") and (
                event["m_controlPlayerId"] == 0):
            real.add((event["m_unitTypeName"].decode(), event["m_x"], event["m_y"]))
    ours = {(unit.type.name, int(unit.x), int(unit.y)) for unit in _world().units.values()
            if unit.owner == units.NEUTRAL_OWNER}
    assert ours == real


@needs_replays
def test_real_structures_find_ground_to_stand_on():
    grid = maps.get("Simple64").placement_grid
    structures = _real_structures()
    assert len(structures) > 120
    misfits = []
    for name, x, y in structures:
        kind = unit_data.get(unit_data.id_of(name))
        width, height = kind.footprint
        # Odd sides have their centre half a cell above what the tracker says.
        center = (x + width % 2 / 2, y + height % 2 / 2)
        x0, y0, x1, y1 = placement.footprint_cells(kind, center)
        if not grid[y0:y1, x0:x1].all():
            misfits.append((name, x, y))
    assert misfits == []


@needs_replays
def test_real_units_died_where_ours_could_stand():
    grid = maps.get("Simple64").pathing_grid
    deaths = _real_deaths()
    assert len(deaths) > 500
    share = sum(bool(grid[row, column]) for _, column, row in deaths) / len(deaths)
    assert share > 0.99
