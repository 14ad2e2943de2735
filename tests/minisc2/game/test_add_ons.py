"""Add-ons: building them, leaving them behind, taking them over."""

import pytest

from minisc2.game import ability_data, add_ons, orders, unit_data
from tests.minisc2.game import bases, worlds

TECH_LAB_BARRACKS, REACTOR_BARRACKS, GENERAL_TECH_LAB = 421, 422, 3682
LIFT_BARRACKS, LAND_BARRACKS, LIFT_FACTORY, LAND_FACTORY = 452, 554, 485, 520
TRAIN_MARINE, STIMPACK, TRAIN_TANK = 560, 730, 591


def shop(name="Barracks", xy=(20.5, 20.5)):
    world = worlds.empty_world()
    world.reveal_area(1, 0, 0, 64, 64)
    world.players[1].minerals = world.players[1].vespene = 1000
    worlds.add(world, "CommandCenter", 1, 50.5, 50.5)
    return world, worlds.add(world, name, 1, *xy)


@pytest.mark.parametrize(("ability_id", "name", "game_loops", "cost"), [
    (TECH_LAB_BARRACKS, "BarracksTechLab", 400, (50, 25)),
    (GENERAL_TECH_LAB, "BarracksTechLab", 400, (50, 25)),
    (REACTOR_BARRACKS, "BarracksReactor", 800, (50, 50)),
])
def test_an_add_on_comes_beside_its_structure(ability_id, name, game_loops, cost):
    world, building = shop()
    assert bases.order(world, building, ability_id) == 1
    world.step(1)
    state = world.players[1]
    assert (1000 - state.minerals, 1000 - state.vespene) == cost
    assert bases.order(world, building, TRAIN_MARINE) == 2  # it is busy
    part = bases.named(world, name)[0]
    world.step(game_loops // 2)
    assert part.build_progress == pytest.approx(0.5, abs=0.02)
    assert building.orders[0].progress(world.loop) == pytest.approx(0.5, abs=0.01)
    assert part.health == pytest.approx(0.55 * part.health_max, abs=8)
    world.step(game_loops // 2 - 1)
    assert part.build_progress < 1
    world.step(1)
    assert (part.build_progress, part.health) == (1, part.health_max)
    assert (part.x, part.y) == (23.0, 20.0)
    assert (building.add_on_tag, part.add_on_tag) == (part.tag, building.tag)
    assert not building.orders
    assert bases.order(world, building, ability_id) == 2  # one is enough


def test_cancelling_an_add_on_gives_three_quarters_back():
    world, building = shop()
    assert bases.order(world, building, 451) == 2
    bases.order(world, building, TECH_LAB_BARRACKS)
    world.step(50)
    assert bases.order(world, building, 451) == 1
    state = world.players[1]
    assert (state.minerals, state.vespene) == (1000 - 50 + 37, 1000 - 25 + 18)
    assert not bases.named(world, "BarracksTechLab")
    assert (building.orders, building.add_on_tag) == ([], 0)


def test_an_add_on_that_is_cancelled_itself_frees_its_structure():
    world, building = shop()
    bases.order(world, building, TECH_LAB_BARRACKS)
    world.step(50)
    part = bases.named(world, "BarracksTechLab")[0]
    assert [use.ability_id for use in world.abilities(1, part)] == [
        ability_data.CANCEL_CONSTRUCTION]
    assert bases.order(world, part, ability_data.CANCEL_CONSTRUCTION) == 1
    assert building.orders == []
    assert (building.x, building.y) == (20.5, 20.5)


def test_a_structure_without_its_builder_loses_the_unfinished_add_on():
    world, building = shop()
    bases.order(world, building, TECH_LAB_BARRACKS)
    world.step(50)
    world.kill_unit(building)
    assert not bases.named(world, "BarracksTechLab")


def test_there_has_to_be_room():
    world, building = shop()
    worlds.add(world, "SupplyDepot", 1, 23.0, 20.0)
    assert bases.order(world, building, TECH_LAB_BARRACKS) == 44


def test_lifting_leaves_the_add_on_and_another_structure_takes_it_over():
    world, building = shop()
    bases.order(world, building, TECH_LAB_BARRACKS)
    world.step(402)
    part = bases.named(world, "BarracksTechLab")[0]
    bases.order(world, part, STIMPACK)
    world.step(5)
    assert bases.order(world, building, LIFT_BARRACKS) == 1
    world.step(40)
    assert (building.type.name, building.is_flying, building.add_on_tag) == (
        "BarracksFlying", True, 0)
    assert (part.type.name, part.add_on_tag, part.orders) == ("TechLab", 0, [])
    assert world.players[1].minerals == 950  # the research is paid back
    assert not world.ground.is_blocked(20.5, 20.5)
    assert bases.order(world, building, LAND_BARRACKS, (30.5, 30.5)) == 1
    factory = worlds.add(world, "Factory", 1, 40.5, 20.5)
    bases.order(world, factory, LIFT_FACTORY)
    world.step(40)
    assert bases.order(world, factory, LAND_FACTORY, (20.5, 20.5)) == 1
    world.step(800)
    assert (factory.type.name, part.type.name) == ("Factory", "FactoryTechLab")
    assert (factory.add_on_tag, part.add_on_tag) == (part.tag, factory.tag)
    assert bases.order(world, factory, TRAIN_TANK) == 1
    assert (building.type.name, building.x, building.y) == ("Barracks", 30.5, 30.5)
    assert world.ground.is_blocked(30.5, 30.5)
    assert world.accounts.count(1, unit_data.id_of("FactoryTechLab")) == 1
    assert world.accounts.count(1, unit_data.id_of("BarracksTechLab")) == 0


def test_a_lost_reactor_leaves_one_line():
    world, building = shop()
    part = worlds.add(world, "BarracksReactor", 1, 23.0, 20.0, add_on_tag=building.tag)
    building.add_on_tag = part.tag
    for _ in range(4):
        bases.order(world, building, TRAIN_MARINE)
    world.step(100)
    world.kill_unit(part)
    assert building.add_on_tag == 0
    world.step(310)  # the first two were begun, and the structure now goes on with the first
    assert len(bases.named(world, "Marine")) >= 1
    assert [order.end_loop > 0 for order in building.orders][-1:] == [False]


def test_with_a_point_the_structure_flies_there_first():
    world, building = shop()
    assert bases.order(world, building, TECH_LAB_BARRACKS, (30.5, 30.5)) == 1
    assert [order.kind for order in building.orders] == [
        orders.Kind.LIFT, orders.Kind.LAND, orders.Kind.BUILD_ADD_ON]
    world.step(1500)
    part = bases.named(world, "BarracksTechLab")[0]
    assert (building.x, building.y) == (30.5, 30.5)
    assert (part.x, part.y) == add_ons.place((30.5, 30.5))
    assert building.add_on_tag == part.tag
    bases.order(world, building, LIFT_BARRACKS)
    world.step(40)
    assert bases.order(world, building, REACTOR_BARRACKS, (40.5, 40.5)) == 1
    world.step(1500)
    assert (building.x, building.y) == (40.5, 40.5)
    assert world.units[building.add_on_tag].type.name == "BarracksReactor"


def test_what_is_needed_from_an_add_on():
    world, building = shop()
    part = worlds.add(world, "BarracksTechLab", 1, 23.0, 20.0)
    assert add_ons.plain_type(part) == ability_data.TECH_LAB
    assert add_ons.plain_type(building) == 0
