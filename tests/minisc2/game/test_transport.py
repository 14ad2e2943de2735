"""Boarding, riding, shooting from inside, and getting out."""

import pytest

from minisc2.game import ability_data, orders, transport
from tests.minisc2.game import worlds


def _names(carrier):
    return [passenger.type.name for passenger in carrier.cargo]


def test_marines_walk_into_a_bunker_and_leave_the_world():
    world = worlds.empty_world()
    bunker = worlds.add(world, "Bunker", 1, 20.5, 20.5)
    marines = [worlds.add(world, "Marine", 1, 10, 18 + i) for i in range(5)]
    food = world.players[1].food_used
    world.order(1, [unit.tag for unit in marines], orders.SMART, bunker)
    world.step(200)
    assert len(bunker.cargo) == 4  # slots
    outside = [unit for unit in marines if unit.tag in world.units]
    assert len(outside) == 1
    assert not outside[0].orders
    assert world.players[1].food_used == food
    assert world.players[1].army_count == 5
    assert len(list(world.crowd)) == 1


def test_who_fits_where():
    world = worlds.empty_world()
    bunker = worlds.add(world, "Bunker", 1, 20.5, 20.5)
    center = worlds.add(world, "CommandCenter", 1, 30.5, 20.5)
    medivac = worlds.add(world, "Medivac", 1, 40, 20)
    foreign = worlds.add(world, "Marine", 2, 60, 60)
    can = {name: [transport.can_load(carrier, worlds.add(world, name, 1, 20, 40))
                  for carrier in (bunker, center, medivac)]
           for name in ("Marine", "SCV", "SiegeTank", "SiegeTankSieged", "VikingFighter", "MULE")}
    assert can == {
        "Marine": [True, False, True], "SCV": [True, True, True],
        "SiegeTank": [False, False, True], "SiegeTankSieged": [False] * 3,
        "VikingFighter": [False] * 3, "MULE": [False] * 3}
    assert not transport.can_load(bunker, foreign)
    for _ in range(2):
        transport.take_in(world, medivac, worlds.add(world, "SiegeTank", 1, 40, 30))
    assert not transport.can_load(medivac, worlds.add(world, "Marine", 1, 40, 30))


def test_those_in_a_bunker_shoot_one_cell_farther():
    # Bunker: radius 1.8125; range 5 and 1; the Zealot's radius 0.5.
    for distance, is_hit in ((1.8125 + 6 + 0.5 - 0.02, True), (1.8125 + 6 + 0.5 + 0.02, False)):
        world = worlds.empty_world()
        bunker = worlds.add(world, "Bunker", 1, 20.5, 20.5)
        zealot = worlds.add(world, "Zealot", 2, 20.5 + distance, 20.5)
        zealot.is_disabled = True
        world.step(10)
        assert zealot.shield == 50  # nobody is in there
        transport.take_in(world, bunker, worlds.add(world, "Marine", 1, 10, 10))
        world.step(32)
        assert (zealot.shield < 50) is is_hit


def test_a_bunker_with_four_marines_does_the_damage_of_four():
    world = worlds.empty_world()
    bunker = worlds.add(world, "Bunker", 1, 20.5, 20.5)
    for _ in range(4):
        transport.take_in(world, bunker, worlds.add(world, "Marine", 1, 10, 10))
    target = worlds.add(world, "CommandCenter", 2, 28.5, 20.5)
    world.step(320)
    # A shot in 13.77 and 0.5 loops: 22.4 each, of 6 less 1 armor.
    assert 1500 - target.health == pytest.approx(4 * 320 / 14.27 * 5, rel=0.08)


def test_who_is_inside_cannot_be_hurt_and_gets_out_when_the_bunker_falls():
    world = worlds.empty_world()
    bunker = worlds.add(world, "Bunker", 1, 20.5, 20.5)
    marine = worlds.add(world, "Marine", 1, 10, 10)
    transport.take_in(world, bunker, marine)
    zealot = worlds.add(world, "Zealot", 2, 24, 20.5)
    zealot.ground_weapon = None
    world.order(2, [zealot.tag], orders.MOVE, (23.0, 20.5))
    world.step(20)
    assert marine.health == 45
    world.kill_unit(bunker, zealot)
    assert world.units[marine.tag] is marine
    assert marine.is_alive
    assert marine.distance_to(20.5, 20.5) < 4
    world.step(20)
    assert marine.target is zealot


def test_bunkers_let_everybody_out_one_after_the_other():
    world = worlds.empty_world()
    bunker = worlds.add(world, "Bunker", 1, 20.5, 20.5)
    marines = [worlds.add(world, "Marine", 1, 10, 10 + i) for i in range(3)]
    for marine in marines:
        transport.take_in(world, bunker, marine)
    assert world.order(1, [bunker.tag], ability_data.UNLOAD_BUNKER) == [(bunker.tag, 1)]
    assert _names(bunker) == ["Marine"] * 2
    world.step(2 * 8)
    assert bunker.cargo == []
    assert all(unit.tag in world.units for unit in marines)
    bunker_answer = world.order(1, [bunker.tag], ability_data.UNLOAD_BUNKER)[0][1]
    assert bunker_answer != 1


def test_a_medivac_carries_units_and_drops_them_one_a_second():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 10, 10)
    marines = [worlds.add(world, "Marine", 1, 12, 10 + i) for i in range(3)]
    for index, marine in enumerate(marines):
        world.order(1, [medivac.tag], ability_data.LOAD_MEDIVAC, marine, queued=index > 0)
    world.step(80)
    assert _names(medivac) == ["Marine"] * 3
    world.order(1, [medivac.tag], ability_data.UNLOAD_MEDIVAC, (40.0, 10.0))
    while len(medivac.cargo) == 3:
        world.step(1)
    assert medivac.x == pytest.approx(40, abs=0.2)
    loop = world.loop
    while medivac.cargo:
        world.step(1)
    assert world.loop == loop + 2 * 16
    assert all(abs(unit.x - 40) < 2 for unit in marines)
    world.step(2)
    assert not medivac.orders


def test_a_unit_sent_to_a_medivac_boards_it():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 20, 10)
    marine = worlds.add(world, "Marine", 1, 10, 10)
    world.order(1, [marine.tag], orders.SMART, medivac)
    world.step(100)
    assert medivac.cargo == [marine]


def test_passengers_die_with_a_medivac_and_are_counted():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 20, 10)
    marine = worlds.add(world, "Marine", 1, 10, 10)
    transport.take_in(world, medivac, marine)
    world.kill_unit(medivac)
    assert not marine.is_alive
    assert world.players[1].score.lost_minerals.army == 50 + 100
    assert world.players[1].food_used == 0
    assert list(world.crowd) == []


def test_a_town_hall_takes_its_workers_in_and_lets_them_out():
    world = worlds.empty_world()
    center = worlds.add(world, "CommandCenter", 1, 30.5, 30.5)
    for index in range(7):
        worlds.add(world, "SCV", 1, 24 + index, 25)
    assert world.order(1, [center.tag], ability_data.LOAD_COMMAND_CENTER) == [(center.tag, 1)]
    world.step(100)
    assert _names(center) == ["SCV"] * 5
    assert world.players[1].food_workers == 7
    world.order(1, [center.tag], ability_data.UNLOAD_COMMAND_CENTER)
    world.step(40)
    assert center.cargo == []
    assert len(world.units) == 8


def test_one_passenger_can_be_let_out():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 20, 10)
    for name in ("Marine", "Marauder"):
        transport.take_in(world, medivac, worlds.add(world, name, 1, 10, 10))
    assert transport.unload_one(world, medivac, 5) == 74
    assert transport.unload_one(world, medivac, 1) == 1
    assert _names(medivac) == ["Marine"]


def test_a_unit_aboard_takes_no_orders_and_is_no_target():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 20, 10)
    marine = worlds.add(world, "Marine", 1, 10, 10)
    enemy = worlds.add(world, "Marine", 2, 14, 10)
    world.step(4)
    assert enemy.target is marine
    transport.take_in(world, medivac, marine)
    assert world.order(1, [marine.tag], orders.STOP) == [(marine.tag, 2)]
    world.step(8)
    assert enemy.target is not marine


def test_who_is_picked_up_does_nothing_more_in_that_loop():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 10.5, 10)
    marine = worlds.add(world, "Marine", 1, 10, 10)
    worlds.add(world, "SCV", 2, 13, 10)
    world.order(1, [medivac.tag], ability_data.LOAD_MEDIVAC, marine)
    world.step(1)
    assert medivac.cargo == [marine]
    assert marine.target is None
