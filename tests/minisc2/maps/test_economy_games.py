"""The rules of CollectMineralsAndGas and BuildMarines, as their official scripts have them."""

import collections

import pytest

from minisc2 import maps
from minisc2.game import ability_data, orders, players, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import build_marines

BUILD_COMMAND_CENTER, BUILD_REFINERY, TRAIN_SCV = 318, 320, 524


def _world(name, seed=1):
    return world_lib.World(maps.get(name), (players.PlayerSetup(1, unit_data.TERRAN),), seed)


def _units(world, name):
    return [unit for unit in world.units.values() if unit.type.name == name]


def _use(world, unit, ability_id, target=None):
    ((_, answer),) = world.order(1, [unit.tag], ability_id, target)
    return answer


@pytest.mark.parametrize(("name", "num_fields", "num_geysers"), [
    ("CollectMineralsAndGas", 16, 4), ("BuildMarines", 8, 0)])
def test_the_start(name, num_fields, num_geysers):
    world = _world(name)
    assert collections.Counter(unit.type.name for unit in world.units.values()) == (
        collections.Counter(CommandCenter=1, SCV=12, MineralField=num_fields,
                            VespeneGeyser=num_geysers))
    assert {unit.mineral_contents for unit in _units(world, "MineralField")} == {1800}
    (command_center,) = _units(world, "CommandCenter")
    assert (command_center.x, command_center.y) == (30.5, 27.5)
    state = world.players[1]
    assert (state.minerals, state.vespene) == (50, 0)
    assert (state.food_used, state.food_cap) == (12, 15)
    assert maps.get(name).playable == (20, 19, 46, 37)
    # Region 1 is centred at (32.9361, 27.998); the camera looks at a point 3 cells below.
    assert state.camera_xy == (32.936, 24.998)
    assert state.camera_locked
    assert (world.visibility(1)[19:37, 20:46] == 2).all()


@pytest.mark.parametrize("name", ["CollectMineralsAndGas", "BuildMarines"])
def test_scvs_stand_on_one_side_by_chance(name):
    sides = set()
    for seed in range(20):
        scvs = _units(_world(name, seed), "SCV")
        assert all(unit.owner == 1 for unit in scvs)
        on_the_right = {unit.x > 30.5 for unit in scvs}
        assert len(on_the_right) == 1
        sides |= on_the_right
        assert {round(unit.y - 28.0083, 1) for unit in scvs} <= {
            2.5, 1.5, 0.5, -0.5, -1.5, -2.5}
    assert sides == {True, False}


def test_the_fields_of_both_sides_mirror_each_other():
    world = _world("CollectMineralsAndGas")
    places = {(unit.x, unit.y) for unit in world.units.values()
              if unit.owner == units.NEUTRAL_OWNER}
    assert {(66 - x, y) for x, y in places} == places


def test_nobody_gathers_without_orders_and_the_score_starts_at_fifty():
    world = _world("CollectMineralsAndGas")
    score = world.players[1].score
    assert score.curriculum == 50
    world.step(1)
    assert score.curriculum == 0
    world.step(800)
    assert score.curriculum == 0
    assert all(not unit.orders for unit in _units(world, "SCV"))


def test_what_is_brought_home_counts_and_stays_counted():
    world = _world("CollectMineralsAndGas")
    state = world.players[1]
    worker, (field, *_) = _units(world, "SCV")[0], _units(world, "MineralField")
    assert _use(world, worker, ability_data.GATHER_SCV, field) == 1
    while state.minerals == 50:
        assert world.loop < 400
        assert state.score.curriculum in (50, 0)
        world.step(1)
    assert state.score.curriculum == 5
    (command_center,) = _units(world, "CommandCenter")
    assert _use(world, command_center, TRAIN_SCV) == 1
    world.step(1)
    assert state.minerals == 5
    assert state.score.curriculum == 5


def test_gas_counts_like_minerals():
    world = _world("CollectMineralsAndGas")
    state = world.players[1]
    geyser = _units(world, "VespeneGeyser")[0]
    refinery = world.create_unit(unit_data.id_of("Refinery"), 1, (geyser.x, geyser.y),
                                 vespene_contents=2250)
    _use(world, _units(world, "SCV")[0], ability_data.GATHER_SCV, refinery)
    while state.vespene == 0:
        assert world.loop < 400
        world.step(1)
    assert state.vespene == state.score.curriculum == 4


def test_nothing_is_forbidden_where_minerals_and_gas_count():
    world = _world("CollectMineralsAndGas")
    state = world.players[1]
    state.minerals = 1000
    worker = _units(world, "SCV")[0]
    assert _use(world, worker, BUILD_COMMAND_CENTER, (35.5, 27.5)) == 1
    abilities = {use.ability_id for use in world.abilities(1, worker)}
    assert {BUILD_REFINERY, BUILD_COMMAND_CENTER, orders.MOVE} <= abilities


def test_scvs_gather_by_themselves_where_marines_count():
    world = _world("BuildMarines")
    (command_center,) = _units(world, "CommandCenter")
    (field,) = (unit for unit in _units(world, "MineralField")
                if (unit.x, unit.y) == build_marines.FIRST_FIELD_XY)
    assert command_center.rally == [field]
    assert {unit.orders[0].ability_id for unit in _units(world, "SCV")} == {
        ability_data.GATHER_SCV}
    world.step(960)
    # A trip brings 5 minerals and takes 3 to 8 seconds of 16 loops: in a minute of game time
    # twelve SCVs on eight fields bring between 12 * 5 * 60 / 8 and 12 * 5 * 60 / 3.
    assert 450 <= world.players[1].minerals <= 1200
    assert world.players[1].score.curriculum == 0


def test_every_marine_is_a_point_as_soon_as_it_is_made():
    world = _world("BuildMarines")
    state = world.players[1]
    depot = world.create_unit(unit_data.id_of("SupplyDepot"), 1, (36.0, 34.0))
    barracks = world.create_unit(unit_data.id_of("Barracks"), 1, (38.5, 24.5))
    assert depot.build_progress == 1
    state.minerals = 200
    for _ in range(2):
        assert _use(world, barracks, build_marines.TRAIN_MARINE) == 1
    # A Marine takes 18 seconds of 22.4 loops, twice the time the queue of one Barracks.
    while state.score.curriculum < 2:
        assert len(_units(world, "Marine")) == state.score.curriculum
        assert world.loop < 900
        world.step(1)
    assert len(_units(world, "Marine")) == 2
    world.kill_unit(_units(world, "Marine")[0])
    world.step(1)
    assert state.score.curriculum == 2


def test_only_what_marines_need_can_be_built_where_marines_count():
    world = _world("BuildMarines")
    state = world.players[1]
    for name, xy in (("SupplyDepot", (36.0, 34.0)), ("Barracks", (38.5, 24.5))):
        world.create_unit(unit_data.id_of(name), 1, xy)
    marine = world.create_unit(unit_data.id_of("Marine"), 1, (40.0, 30.0))
    state.minerals = state.vespene = 1000
    state.upgrades.add(15)  # stimpack
    always = {orders.SMART}
    to_move = {orders.STOP, orders.MOVE, orders.PATROL, orders.HOLD_POSITION, orders.ATTACK}

    def abilities(unit):
        return {use.ability_id for use in world.abilities(1, unit)}

    assert abilities(_units(world, "CommandCenter")[0]) == always | {
        TRAIN_SCV, ability_data.RALLY_COMMAND_CENTER}
    assert abilities(_units(world, "Barracks")[0]) == always | {build_marines.TRAIN_MARINE}
    assert abilities(_units(world, "SupplyDepot")[0]) == set()
    assert abilities(marine) == always | to_move
    worker = _units(world, "SCV")[0]
    assert abilities(worker) == always | to_move | {
        ability_data.GATHER_SCV, build_marines.BUILD_SUPPLY_DEPOT, build_marines.BUILD_BARRACKS}
    assert _use(world, worker, BUILD_COMMAND_CENTER, (38.5, 30.5)) != 1
    assert _use(world, worker, build_marines.BUILD_SUPPLY_DEPOT, (42.0, 30.0)) == 1
