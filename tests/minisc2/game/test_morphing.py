"""Units that turn into others: time, cost, what they can do meanwhile, what counts once."""

import pytest

from minisc2.game import orders, unit_data
from tests.minisc2.game import bases, worlds

ORBITAL, FORTRESS, SIEGE, UNSIEGE = 1516, 1450, 388, 390
CANCEL_ORBITAL, TRAIN_SCV = 1517, 524
LIFT, LAND = 417, 419


def town():
    world = worlds.empty_world()
    world.reveal_area(1, 0, 0, 64, 64)
    world.players[1].minerals = world.players[1].vespene = 1000
    return world, worlds.add(world, "CommandCenter", 1, 30.5, 30.5)


def test_an_orbital_command_needs_a_barracks_and_560_game_loops():
    world, hall = town()
    assert bases.order(world, hall, ORBITAL) == 79
    worlds.add(world, "Barracks", 1, 20.5, 20.5)
    hall.rally = [(10.0, 10.0)]
    assert bases.order(world, hall, ORBITAL) == 1
    world.step(1)
    assert world.players[1].minerals == 850
    assert bases.order(world, hall, TRAIN_SCV) == 2
    world.step(559)
    assert hall.type.name == "CommandCenter"
    world.step(1)
    assert (hall.type.name, hall.rally) == ("OrbitalCommand", [(10.0, 10.0)])
    assert hall.energy == pytest.approx(50, abs=0.1)
    assert bases.order(world, hall, TRAIN_SCV) == 1
    state = world.players[1]
    assert state.food_cap == 15
    assert world.accounts.count(1, unit_data.id_of("CommandCenter")) == 1
    score = state.score
    assert score.used_minerals.economy == 400 + 150
    assert score.total_used_minerals.economy == 400 + 150
    assert score.total_value_structures == 400 + 150 + 150  # with the Barracks


def test_a_cancelled_morph_is_paid_back():
    world, hall = town()
    worlds.add(world, "Barracks", 1, 20.5, 20.5)
    assert bases.order(world, hall, CANCEL_ORBITAL) == 2
    bases.order(world, hall, ORBITAL)
    world.step(100)
    assert bases.order(world, hall, CANCEL_ORBITAL) == 1
    assert (world.players[1].minerals, hall.orders) == (1000, [])
    world.step(600)
    assert hall.type.name == "CommandCenter"


def test_a_fortress_costs_gas_and_cannot_lift():
    world, hall = town()
    worlds.add(world, "EngineeringBay", 1, 20.5, 20.5)
    bases.order(world, hall, FORTRESS)
    world.step(802)
    assert hall.type.name == "PlanetaryFortress"
    assert (world.players[1].minerals, world.players[1].vespene) == (850, 850)
    assert bases.order(world, hall, 3679) == 2


def test_nobody_can_pay_for_a_morph_that_is_not_affordable():
    world, hall = town()
    worlds.add(world, "Barracks", 1, 20.5, 20.5)
    world.players[1].minerals = 149
    assert bases.order(world, hall, ORBITAL) == 9


def test_a_tank_goes_and_sieges_and_cannot_move_then():
    world, _ = town()
    tank = worlds.add(world, "SiegeTank", 1, 10, 10)
    bases.order(world, tank, orders.MOVE, (14.0, 10.0))
    assert bases.order(world, tank, SIEGE, queued=True) == 1
    while tank.type.name == "SiegeTank":
        world.step(1)
    assert tank.x == pytest.approx(14.0, abs=0.1)
    assert tank.type.name == "SiegeTankSieged"
    assert bases.order(world, tank, orders.MOVE, (20.0, 10.0)) == 2
    assert world.players[1].food_used == 3
    assert world.players[1].army_count == 1
    assert bases.order(world, tank, UNSIEGE) == 1
    world.step(62)
    assert tank.type.name == "SiegeTank"
    assert world.players[1].score.total_value_units == 275


def test_an_order_while_turning_waits_until_that_is_done():
    world, _ = town()
    tank = worlds.add(world, "SiegeTankSieged", 1, 10, 10)
    bases.order(world, tank, UNSIEGE)
    world.step(10)
    assert bases.order(world, tank, orders.STOP) == 1
    assert tank.orders[0].ability_id == UNSIEGE
    worlds.add(world, "Marine", 1, 40, 40)
    world.step(55)
    assert (tank.type.name, tank.orders) == ("SiegeTank", [])
    bases.order(world, tank, SIEGE)
    world.step(10)
    bases.order(world, tank, orders.MOVE, (20.0, 10.0))
    world.step(100)
    assert tank.type.name == "SiegeTankSieged"
    assert tank.distance_to(10, 10) < 0.1


def test_town_halls_lift_off_and_land():
    world, hall = town()
    assert bases.order(world, hall, LIFT) == 1
    world.step(34)
    assert (hall.type.name, hall.is_flying) == ("CommandCenterFlying", True)
    assert not world.ground.is_blocked(30.5, 30.5)
    assert world.players[1].food_cap == 15
    worlds.add(world, "SupplyDepot", 1, 40.0, 40.0)
    assert bases.order(world, hall, LAND, (40.5, 40.5)) == 53  # CantLandLocationInvalid
    assert bases.order(world, hall, LAND, (20.7, 20.4)) == 1
    world.step(400)
    assert (hall.type.name, hall.x, hall.y) == ("CommandCenter", 20.5, 20.5)
    assert world.ground.is_blocked(20.5, 20.5)


def test_nothing_lands_where_something_stands_by_now():
    world, hall = town()
    bases.order(world, hall, LIFT)
    world.step(34)
    bases.order(world, hall, LAND, (12.5, 12.5))
    world.step(20)
    worlds.add(world, "SupplyDepot", 1, 12.0, 12.0)
    failures = []
    while hall.orders:
        world.step(1)
        failures += world.failures
    assert hall.type.name == "CommandCenterFlying"
    assert [failure[1:] for failure in failures] == [(LAND, 53)]
