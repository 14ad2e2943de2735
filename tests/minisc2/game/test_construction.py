"""Construction by workers: cost, time, life, halting, resuming, cancelling, what is in the way."""

import pytest

from minisc2.game import ability_data, events, orders
from tests.minisc2.game import bases, worlds

DEPOT, BARRACKS, REFINERY, BAY = 319, 321, 320, 322
SITE = (16.0, 16.0)


def site(minerals=1000, num_workers=1):
    """A world with a town hall far away and SCVs beside SITE."""
    world = worlds.empty_world()
    world.reveal_area(1, 0, 0, 64, 64)
    world.players[1].minerals = minerals
    worlds.add(world, "CommandCenter", 1, 50.5, 50.5)
    scvs = [worlds.add(world, "SCV", 1, SITE[0] - 2.5 - index, SITE[1])
            for index in range(num_workers)]
    return world, scvs


def begin(world, scv, ability_id=DEPOT, xy=SITE):
    assert bases.order(world, scv, ability_id, xy) == 1
    while not scv.orders[0].site_tag:
        world.step(1)
    return world.units[scv.orders[0].site_tag]


def test_a_depot_is_paid_for_when_it_begins_and_takes_480_game_loops():
    world, (scv,) = site()
    bases.order(world, scv, DEPOT, SITE)
    assert world.players[1].minerals == 1000
    world.step(1)
    assert world.players[1].minerals == 1000  # on the way
    depot = begin(world, scv)
    start = world.loop
    assert world.players[1].minerals == 900
    assert (depot.health, depot.build_progress, depot.builder_tag) == (40, 0, scv.tag)
    world.step(240)
    assert depot.build_progress == pytest.approx(0.5, abs=0.01)
    assert depot.health == pytest.approx(40 + 360 / 2, abs=3)
    assert world.players[1].food_cap == 15
    while depot.build_progress < 1:
        world.step(1)
    assert world.loop - start == 480  # 21.4 seconds at 22.4 game loops a second
    assert (depot.health, world.players[1].food_cap) == (400, 23)
    assert not scv.orders
    assert not world.ground.is_blocked(scv.x, scv.y)
    kinds = [event.kind for event in world.events]
    assert events.EventKind.STRUCTURE_FINISHED in kinds


def test_an_order_to_build_shows_the_place_also_while_building():
    world, (scv,) = site()
    begin(world, scv)
    world.step(10)
    order = scv.orders[0]
    assert (order.ability_id, order.target_xy, order.target_tag) == (DEPOT, SITE, 0)


def test_what_is_not_affordable_or_not_allowed_is_refused():
    world, (scv,) = site(minerals=99)
    assert bases.order(world, scv, DEPOT, SITE) == 9  # NotEnoughMinerals
    world.players[1].minerals = 1000
    assert bases.order(world, scv, BARRACKS, (20.5, 20.5)) == 40  # BuildTechRequirementsNotMet
    worlds.add(world, "SupplyDepot", 1, *SITE)
    assert bases.order(world, scv, BARRACKS, (20.5, 20.5)) == 1
    assert bases.order(world, scv, DEPOT, SITE) == 44  # CantBuildLocationInvalid
    assert bases.order(world, scv, DEPOT) == 2


def test_who_cannot_pay_on_arrival_does_not_build():
    world, (scv,) = site(minerals=100)
    bases.order(world, scv, DEPOT, (30.0, 16.0))
    world.players[1].minerals = 0
    world.step(1)
    while scv.orders:
        world.step(1)
    assert not bases.named(world, "SupplyDepot")
    assert world.failures == [(scv, DEPOT, 9)]


def test_damage_during_construction_stays():
    world, (scv,) = site()
    depot = begin(world, scv)
    world.step(100)
    depot.health -= 50
    while depot.build_progress < 1:
        world.step(1)
    assert depot.health == pytest.approx(350)


def test_a_worker_that_is_told_otherwise_leaves_and_another_goes_on():
    world, (first, second) = site(num_workers=2)
    depot = begin(world, first)
    world.step(101)
    bases.order(world, first, orders.MOVE, (30.0, 30.0))
    assert depot.build_progress == pytest.approx(101 / 480)
    world.step(60)
    assert (depot.build_progress, depot.builder_tag) == (pytest.approx(101 / 480), 0)
    assert bases.order(world, second, orders.SMART, depot) == 1
    assert (second.orders[0].ability_id, second.orders[0].target_tag) == (DEPOT, depot.tag)
    assert world.players[1].minerals == 900
    world.step(480)
    assert depot.build_progress == 1
    assert world.players[1].minerals == 900  # nobody pays twice
    assert not second.orders


def test_only_one_worker_builds_and_only_what_is_unfinished():
    world, (first, second) = site(num_workers=2)
    depot = begin(world, first)
    bases.order(world, second, orders.SMART, depot)
    assert second.orders[0].kind is not orders.Kind.BUILD
    world.kill_unit(first)
    assert depot.builder_tag == 0
    world.step(30)
    progress = depot.build_progress
    assert progress < 0.1
    bases.order(world, second, orders.SMART, depot)
    world.step(100)
    assert depot.build_progress > progress + 0.1


@pytest.mark.parametrize("ability_id", [ability_data.HALT_BUILDER, 3660])
def test_halting_by_the_worker(ability_id):
    world, (scv,) = site()
    assert bases.order(world, scv, ability_id) == 2
    depot = begin(world, scv)
    world.step(20)
    assert bases.order(world, scv, ability_id) == 1
    assert (scv.orders, depot.builder_tag) == ([], 0)


def test_halting_and_cancelling_by_the_structure_gives_three_quarters_back():
    world, (scv,) = site()
    depot = begin(world, scv)
    uses = [use.ability_id for use in world.abilities(1, depot)]
    assert uses == [ability_data.CANCEL_CONSTRUCTION, ability_data.HALT_CONSTRUCTION]
    world.step(30)
    assert bases.order(world, depot, ability_data.HALT_CONSTRUCTION) == 1
    assert not scv.orders
    bases.order(world, scv, orders.SMART, depot)
    bases.order(world, scv, orders.MOVE, (5.0, 5.0), queued=True)
    world.step(20)
    assert bases.order(world, depot, 3659) == 1  # Cancel, by its general id
    assert not depot.is_alive
    assert world.players[1].minerals == 900 + 75
    assert scv.orders[0].kind is orders.Kind.MOVE
    assert not world.ground.is_blocked(*SITE)


def test_several_structures_in_a_row():
    world, (scv,) = site()
    places = [(16.0, 16.0), (20.0, 16.0), (24.0, 16.0)]
    for xy in places:
        assert bases.order(world, scv, DEPOT, xy, queued=True) == 1
    assert world.players[1].minerals == 1000
    world.step(3 * 480 + 200)
    depots = bases.named(world, "SupplyDepot")
    assert [(depot.x, depot.y) for depot in depots] == places
    assert all(depot.build_progress == 1 for depot in depots)
    assert world.players[1].minerals == 700


def test_units_are_put_beside_the_structure_that_comes():
    world, (scv,) = site()
    marine = worlds.add(world, "Marine", 1, 16.2, 16.2)
    begin(world, scv)
    assert not (15 < marine.x < 17 and 15 < marine.y < 17)


def test_units_of_others_stand_in_the_way():
    world, (scv,) = site()
    bases.order(world, scv, DEPOT, (24.0, 16.0))
    enemy = worlds.add(world, "SCV", 2, 24.0, 16.0)
    while scv.orders:
        world.step(1)
    assert world.failures == [(scv, DEPOT, 44)]
    assert enemy.distance_to(24.0, 16.0) < 0.1


def test_a_refinery_stands_on_a_geyser_and_has_its_gas():
    world = bases.base(1)
    world.players[1].minerals = 75
    world.reveal_area(1, 0, 0, 64, 64)
    scv, geyser = bases.named(world, "SCV")[0], bases.geysers(world)[0]
    geyser.vespene_contents = 1000
    assert bases.order(world, scv, REFINERY, (40.0, 40.0)) == 44
    assert bases.order(world, scv, REFINERY, geyser) == 1
    bases.order(world, scv, orders.SMART, bases.fields(world)[0], queued=True)
    world.step(480 + 150)
    refinery = bases.named(world, "Refinery")[0]
    assert ((refinery.x, refinery.y), refinery.build_progress) == ((geyser.x, geyser.y), 1)
    assert (refinery.vespene_contents, scv.orders[0].kind) == (1000, orders.Kind.GATHER)
    other = worlds.add(world, "SCV", 1, refinery.x, refinery.y - 4)
    world.players[1].minerals = 75
    assert bases.order(world, other, REFINERY, geyser) == 44
    refinery.vespene_contents = 600
    world.kill_unit(refinery)
    assert geyser.vespene_contents == 600


def test_depots_go_down_and_up_again():
    world, (scv,) = site()
    depot = worlds.add(world, "SupplyDepot", 1, *SITE)
    assert world.ground.is_blocked(*SITE)
    bases.order(world, depot, 556)
    world.step(30)
    assert depot.type.name == "SupplyDepotLowered"
    assert not world.ground.is_blocked(*SITE)
    assert world.players[1].food_cap == 23
    assert world.accounts.count(1, depot.unit_type) == 1
    bases.order(world, scv, BARRACKS, (22.5, 16.5))
    assert scv.orders, "a lowered depot is a depot"
    bases.order(world, depot, 558)
    world.step(30)
    assert depot.type.name == "SupplyDepot"
    assert world.ground.is_blocked(*SITE)


def test_structures_below_a_third_of_their_life_burn_down():
    world, _ = site()
    depot = worlds.add(world, "SupplyDepot", 1, *SITE, health=134.0)
    burning = worlds.add(world, "SupplyDepot", 1, 20.0, 20.0, health=130.0)
    unfinished = worlds.add(world, "SupplyDepot", 1, 24.0, 20.0, health=50.0, build_progress=0.3)
    world.step(160)
    # Ten seconds of 16 game loops, 3 life each.
    assert (depot.health, burning.health, unfinished.health) == (134, 100, 50)
    world.step(16 * 34)
    assert not burning.is_alive
