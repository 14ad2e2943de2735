"""Repairing: a quarter of the cost, in the time that building takes, by one worker or several."""

import pytest

from minisc2.game import ability_data, orders, repair, unit_data
from tests.minisc2.game import bases, worlds


def wounded(name="SupplyDepot", share=0.5, num_workers=1):
    world = worlds.empty_world()
    world.players[1].minerals = world.players[1].vespene = 1000
    target = worlds.add(world, name, 1, 16.0, 16.0)
    target.health = share * target.health_max
    for index in range(num_workers):
        worlds.add(world, "SCV", 1, 14.4, 15.4 + index)
    return world, target


def test_half_the_life_of_a_depot_takes_half_its_build_time_and_an_eighth_of_its_cost():
    world, depot = wounded()
    scv = bases.named(world, "SCV")[0]
    assert bases.order(world, scv, orders.SMART, depot) == 1
    assert scv.orders[0].kind is orders.Kind.REPAIR
    world.step(10)  # it is there by now
    before = depot.health
    world.step(120)
    assert depot.health - before == pytest.approx(400 * 120 / 480)
    while scv.orders:
        world.step(1)
    assert world.loop == pytest.approx(240, abs=10)
    assert depot.health == 400
    assert world.players[1].minerals == pytest.approx(1000 - 100 / 8, abs=0.5)


def test_two_workers_are_twice_as_fast():
    world, depot = wounded(num_workers=2)
    for scv in bases.named(world, "SCV"):
        bases.order(world, scv, ability_data.REPAIR_SCV, depot)
    world.step(10)
    before = depot.health
    world.step(60)
    assert depot.health - before == pytest.approx(2 * 400 * 60 / 480)


def test_what_can_be_repaired():
    world, depot = wounded()
    scv, other = bases.named(world, "SCV")[0], worlds.add(world, "SCV", 1, 30, 30, health=20.0)
    marine = worlds.add(world, "Marine", 1, 32, 32, health=20.0)
    theirs = worlds.add(world, "SupplyDepot", 2, 40, 40, health=200.0)
    unfinished = worlds.add(world, "SupplyDepot", 1, 44, 40, health=200.0, build_progress=0.5)
    answers = [bases.order(world, scv, ability_data.REPAIR_SCV, target)
               for target in (depot, other, scv, marine, theirs, unfinished)]
    assert answers == [1, 1, 91, 91, 91, 91]  # RequiresRepairTarget
    depot.health = depot.health_max
    assert bases.order(world, scv, ability_data.REPAIR_SCV, depot) == 91


def test_without_money_nobody_repairs():
    world, depot = wounded()
    world.players[1].minerals = 1
    scv = bases.named(world, "SCV")[0]
    bases.order(world, scv, ability_data.REPAIR_SCV, depot)
    failures = []
    for _ in range(60):
        world.step(1)
        failures += world.failures
    assert [failure[1:] for failure in failures] == [(ability_data.REPAIR_SCV, 9)]
    assert depot.health < 220


@pytest.mark.parametrize(("name", "seconds"), [
    ("CommandCenter", 100), ("OrbitalCommand", 135), ("OrbitalCommandFlying", 135),
    ("PlanetaryFortress", 150), ("SiegeTankSieged", 45), ("SupplyDepotLowered", 30),
    ("TechLab", 25), ("Marine", 25)])
def test_how_long_repairing_takes(name, seconds):
    """In seconds of the data tables, 16 game loops each."""
    assert repair.repair_game_loops(unit_data.id_of(name)) == 16 * seconds
