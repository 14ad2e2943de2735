"""Where structures may stand."""

import pytest

from minisc2 import maps
from minisc2.game import placement, players, results, unit_data, units
from minisc2.game import world as world_lib
from tests.minisc2.game import worlds


def _build(name: str) -> int:
    return unit_data.get(unit_data.id_of(name)).ability_id


@pytest.fixture(name="world")
def _world():
    world = worlds.empty_world()
    world.reveal_area(1, 0, 0, 64, 40)
    return world


@pytest.mark.parametrize(("name", "xy", "expected"), [
    ("Barracks", (20.2, 20.7), (20.5, 20.5)),
    ("Barracks", (21.1, 19.9), (21.5, 19.5)),
    ("SupplyDepot", (20.4, 20.6), (20.0, 21.0)),
    ("CommandCenter", (20.0, 20.5), (20.5, 20.5)),
    ("MineralField", (20.2, 20.2), (20.0, 20.5)),
])
def test_footprints_cover_whole_cells(name, xy, expected):
    assert placement.snap(unit_data.id_of(name), xy) == expected


def test_structures_do_not_overlap(world):
    worlds.add(world, "Barracks", 1, 20.5, 20.5)  # cells 19 to 22
    depot = _build("SupplyDepot")
    assert world.placement(depot, (23.0, 20.0)) == results.SUCCESS
    assert world.placement(depot, (22.4, 20.0)) == results.CANT_BUILD_LOCATION_INVALID
    assert world.placement(_build("Barracks"), (23.5, 20.5)) == results.SUCCESS
    assert world.placement(_build("Barracks"), (22.5, 22.5)) == results.CANT_BUILD_LOCATION_INVALID


def test_nothing_hangs_over_the_edge_of_the_map(world):
    assert world.placement(_build("Barracks"), (1.5, 1.5)) == results.SUCCESS
    assert world.placement(_build("Barracks"), (0.5, 1.5)) == results.CANT_BUILD_LOCATION_INVALID
    assert world.placement(_build("Barracks"), (70.0, 1.5)) == results.CANT_BUILD_LOCATION_INVALID


def test_abilities_that_build_nothing_are_not_supported(world):
    assert world.placement(16, (20.5, 20.5)) == results.NOT_SUPPORTED


def test_what_nobody_saw_is_in_the_way_only_when_the_builder_is_near(world):
    scv = worlds.add(world, "SCV", 1, 20, 20)
    barracks = _build("Barracks")
    worlds.add(world, "SupplyDepot", 2, 20, 50)
    assert world.placement(barracks, (20.5, 50.5), scv) == results.SUCCESS
    assert world.placement(barracks, (20.5, 50.5)) == results.CANT_BUILD_LOCATION_INVALID
    own = worlds.add(world, "SupplyDepot", 1, 22, 52)
    assert world.placement(barracks, (20.5, 50.5), scv) == results.CANT_BUILD_LOCATION_INVALID
    world.kill_unit(own)  # it has shown the other one
    assert world.placement(barracks, (20.5, 50.5), scv) == results.CANT_BUILD_LOCATION_INVALID
    worlds.add(world, "SupplyDepot", 2, 50, 56)
    assert world.placement(barracks, (50.5, 56.5), scv) == results.SUCCESS
    world.set_position(scv, (50.0, 60.0))
    assert world.placement(barracks, (50.5, 56.5), scv) == results.CANT_BUILD_LOCATION_INVALID


def test_units_of_others_are_in_the_way_and_own_ones_are_not(world):
    scv = worlds.add(world, "SCV", 1, 10, 10)
    barracks = _build("Barracks")
    worlds.add(world, "Marine", 1, 20, 20)
    assert world.placement(barracks, (20.5, 20.5), scv) == results.SUCCESS
    worlds.add(world, "Marine", 2, 30.5, 22.2)  # its edge is at 21.825, that of the cells at 22
    assert world.placement(barracks, (30.5, 20.5), scv) == results.CANT_BUILD_LOCATION_INVALID
    assert world.placement(barracks, (30.5, 19.5), scv) == results.SUCCESS
    templar = worlds.add(world, "DarkTemplar", 2, 40.5, 20.5)
    assert not world.can_see(1, templar)
    assert world.placement(barracks, (40.5, 20.5), scv) == results.SUCCESS


def test_units_step_off_the_ground_of_a_structure(world):
    marines = [worlds.add(world, "Marine", 1, 20, 20) for _ in range(3)]
    barracks = worlds.add(world, "Barracks", 1, 20.5, 20.5)
    for marine in marines:
        assert max(abs(marine.x - barracks.x), abs(marine.y - barracks.y)) >= 1.5
        assert marine.distance_to(20, 20) < 4


def test_refineries_stand_on_geysers(world):
    refinery = _build("Refinery")
    geyser = worlds.add(world, "VespeneGeyser", units.NEUTRAL_OWNER, 20.5, 20.5)
    assert world.placement(refinery, (geyser.x, geyser.y)) == results.SUCCESS
    assert world.placement(refinery, (21.5, 20.5)) == results.CANT_BUILD_LOCATION_INVALID
    assert world.placement(refinery, (40.5, 20.5)) == results.CANT_BUILD_LOCATION_INVALID
    worlds.add(world, "Refinery", 2, 20.5, 20.5)
    assert world.placement(refinery, (geyser.x, geyser.y)) == results.CANT_BUILD_LOCATION_INVALID


def test_town_halls_keep_away_from_resources():
    world = world_lib.World(maps.get("Simple64"), [players.PlayerSetup(1, unit_data.TERRAN)], 1)
    hall = next(unit for unit in world.units.values() if unit.owner == 1 and unit.is_structure)
    command_center = hall.type.ability_id
    place = (hall.x, hall.y)
    world.remove_unit(hall)
    side = 1 if place[1] < 48 else -1
    assert world.placement(command_center, place) == results.SUCCESS
    for dx, dy in ((1, 0), (0, -1), (1, -1)):  # towards the minerals
        answer = world.placement(command_center, (place[0] + side * dx, place[1] + side * dy))
        assert answer == results.CANT_BUILD_TOO_CLOSE_TO_RESOURCES
    assert world.placement(_build("Barracks"), (place[0] + side, place[1])) == results.SUCCESS


def test_lowered_depots_are_walked_over_and_not_built_on(world):
    depot = worlds.add(world, "SupplyDepot", 1, 20, 20)
    assert world.ground.is_blocked(20, 20)
    world.change_type(depot, unit_data.id_of("SupplyDepotLowered"))
    assert not world.ground.is_blocked(20, 20)
    assert world.placement(_build("SupplyDepot"), (21.0, 20.0)) == (
        results.CANT_BUILD_LOCATION_INVALID)
    marine = worlds.add(world, "Marine", 1, 20, 20)
    world.change_type(depot, unit_data.id_of("SupplyDepot"))
    assert world.ground.is_blocked(20, 20)
    assert not world.ground.is_blocked(marine.x, marine.y)


def test_landing_has_answers_of_its_own(world):
    factory = worlds.add(world, "BarracksFlying", 1, 10, 10)
    worlds.add(world, "Barracks", 1, 20.5, 20.5)
    land = 554
    assert world.placement(land, (30.5, 20.5), factory) == results.SUCCESS
    assert world.placement(land, (20.5, 20.5), factory) == results.CANT_LAND_LOCATION_INVALID
