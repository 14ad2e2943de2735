"""Gathering, compared with what players of real replays collect, and its rules one by one.

The rates are those of the statistics in tracker events of 40 replays on Simple64 and 44 ladder
replays (rate of collection and workers, one base, before other things disturb them): 12 workers
671 to 727 with 699 when all gather; 16 workers 811 to 951; with three of them in a refinery, 20
workers 923 and 23 workers 1,035 on average; one refinery 156 or 179 vespene (mean 162), two 322.
"""

import itertools
import math

import pytest

from minisc2.game import ability_data, commutes, harvesting, orders, unit_data
from tests.minisc2.game import bases, worlds


def income(num_workers, num_refineries=0):
    """Minerals and vespene a minute, after the first minute; three workers in each refinery."""
    world = bases.base(num_workers, num_refineries)
    scvs, refineries = bases.named(world, "SCV"), bases.named(world, "Refinery")
    for index, scv in enumerate(scvs):
        place = index // 3
        target = refineries[place] if place < num_refineries else bases.fields(world)[0]
        bases.order(world, scv, ability_data.GATHER_SCV, target)
    world.step(bases.LOOPS_PER_MINUTE)
    score = world.players[1].score
    before = score.collected_minerals, score.collected_vespene
    world.step(2 * bases.LOOPS_PER_MINUTE)
    return ((score.collected_minerals - before[0]) / 2, (score.collected_vespene - before[1]) / 2)


@pytest.mark.parametrize(("num_workers", "expected"), [
    (12, 695),  # replays: 699
    (16, 915),  # Liquipedia, "Mining minerals": 900 to 930
    (20, 1020),  # replays: 923 with 17 gathering minerals, 1,035 with 20
    (24, 1125),  # eight fields, each 5 in 44.6 + 3 game loops: 1,130; Liquipedia: 1,100 to 1,145
])
def test_minerals_a_minute_on_one_base(num_workers, expected):
    minerals, vespene = income(num_workers)
    assert minerals == pytest.approx(expected, rel=0.02)
    assert vespene == 0


def test_more_workers_than_24_bring_nothing_more():
    assert income(30)[0] == pytest.approx(income(24)[0], rel=0.01)


@pytest.mark.parametrize(("num_refineries", "expected"), [(1, 162), (2, 322)])
def test_vespene_a_minute(num_refineries, expected):
    assert income(3 * num_refineries, num_refineries)[1] == pytest.approx(expected, rel=0.02)


def test_two_workers_in_a_refinery_bring_two_thirds():
    world = bases.base(2, 1)
    bases.gather_all(world, bases.named(world, "Refinery")[0])
    world.step(3 * bases.LOOPS_PER_MINUTE)
    # Nobody waits: 4 vespene a trip of about 100 game loops for each of the two.
    assert world.players[1].score.collected_vespene / 3 == pytest.approx(107, rel=0.03)


def test_a_way_from_rest_to_rest_speeds_up_and_brakes_evenly():
    # v = a t up to 4 * 0.25 = 1, and back: s = 1/8 t^2 up to 2, then mirrored; 4 cells in 8 loops.
    assert commutes.distances(4.0, 5.0, 0.25) == pytest.approx(
        [0.125, 0.5, 1.125, 2.0, 2.875, 3.5, 3.875, 4.0])
    # At most 0.5 a loop: 2 loops and 0.5 cells to speed up, 2 to brake, 6 loops for the 3 between.
    places = commutes.distances(4.0, 0.5, 0.25)
    assert len(places) == 10
    assert places[:3] == pytest.approx([0.125, 0.5, 1.0])
    assert places[-3:] == pytest.approx([3.5, 3.875, 4.0])
    assert commutes.distances(1.0, 0.4, 0.0) == pytest.approx([0.4, 0.8, 1.0])


def test_one_trip_takes_its_parts():
    world = bases.base(1)
    scv, field = bases.named(world, "SCV")[0], bases.fields(world)[1]
    bases.order(world, scv, ability_data.GATHER_SCV, field)
    score = world.players[1].score
    loops = []
    while len(loops) < 4:
        before = score.collected_minerals
        world.step(1)
        if score.collected_minerals > before:
            assert score.collected_minerals - before == 5
            loops.append(world.loop)
    trips = [later - sooner for sooner, later in itertools.pairwise(loops[1:])]
    assert trips[0] == trips[1]  # from the second time on the worker goes the same ways
    hall = bases.named(world, "CommandCenter")[0]
    ends = [world.commutes.way(scv, hall, field).points[-1],
            world.commutes.way(scv, field, hall).points[-1]]
    # 2.8125 a second and 2.5 a second each second, by 16 game loops a second.
    way_loops = 2 * math.sqrt(math.dist(*ends) / (2.5 / 256))
    expected = round(2.786 * 16) + 2 * math.ceil(way_loops) + 2 * harvesting.TURN_GAME_LOOPS
    assert trips[0] == expected


def test_a_load_is_shown_by_a_buff_and_the_way_home_as_an_order_to_return():
    world = bases.base(1)
    scv, field = bases.named(world, "SCV")[0], bases.fields(world)[0]
    bases.order(world, scv, orders.SMART, field)
    assert (scv.orders[0].ability_id, scv.orders[0].target_tag) == (295, field.tag)
    contents = field.mineral_contents
    while not scv.carried_minerals:
        world.step(1)
    hall = bases.named(world, "CommandCenter")[0]
    assert (scv.carried_minerals, field.mineral_contents, scv.buffs) == (5, contents - 5, [271])
    assert (scv.orders[0].ability_id, scv.orders[0].target_tag) == (296, hall.tag)
    while scv.carried_minerals:
        world.step(1)
    assert (scv.buffs, world.players[1].minerals) == ([], 5)
    assert (scv.orders[0].ability_id, scv.orders[0].target_tag) == (295, field.tag)


def test_only_one_worker_takes_from_a_field_at_a_time():
    world = bases.base(3)
    field = bases.fields(world)[0]
    for other in bases.fields(world)[1:]:
        world.remove_unit(other)
    bases.gather_all(world, field)
    num_most = 0
    for _ in range(600):
        world.step(1)
        num_taking = sum(bool(scv.orders) and field.harvest_tag == scv.tag
                         for scv in bases.named(world, "SCV"))
        num_most = max(num_most, num_taking)
        assert num_taking <= 1
    assert num_most == 1
    # 600 loops, the first trip of 5 after about 80, then one every 45 + 3.
    assert world.players[1].score.collected_minerals == pytest.approx(5 * (600 - 80) / 48, abs=5)


def test_many_workers_sent_to_one_field_spread_over_all():
    world = bases.base(16)
    bases.gather_all(world, bases.fields(world)[3])
    assert {scv.orders[0].target_tag for scv in bases.named(world, "SCV")} == {
        bases.fields(world)[3].tag}
    world.step(1)
    assert [field.num_harvesters for field in bases.fields(world)] == [2] * 8
    hall = bases.named(world, "CommandCenter")[0]
    assert commutes.num_assigned(world, hall) == (16, 16)


def test_one_worker_keeps_to_the_field_it_was_sent_to():
    world = bases.base(1)
    scv, field = bases.named(world, "SCV")[0], bases.fields(world)[7]
    bases.order(world, scv, ability_data.GATHER_SCV, field)
    world.step(600)
    assert scv.harvest_tag == field.tag
    assert field.num_harvesters == 1
    bases.order(world, scv, orders.MOVE, (10.0, 10.0))
    assert field.num_harvesters == 0


def test_workers_of_an_exhausted_field_go_to_another():
    world = bases.base(1)
    scv = bases.named(world, "SCV")[0]
    field, other = bases.fields(world)[:2]
    field.mineral_contents = 7
    bases.order(world, scv, ability_data.GATHER_SCV, field)
    world.step(700)
    assert not field.is_alive
    assert scv.orders[0].kind is orders.Kind.GATHER
    assert scv.harvest_tag != field.tag
    assert other.is_alive
    # 5 and 2 from the first field, then 5 a trip.
    assert world.players[1].score.collected_minerals % 5 == 2


def test_without_any_field_left_workers_are_idle():
    world = bases.base(2)
    for field in bases.fields(world)[1:]:
        world.remove_unit(field)
    field = bases.fields(world)[0]
    field.mineral_contents = 10
    bases.gather_all(world, field)
    world.step(500)
    assert world.players[1].score.collected_minerals == 10
    assert [scv.orders for scv in bases.named(world, "SCV")] == [[], []]


def test_an_exhausted_refinery_lets_its_workers_idle():
    world = bases.base(3, 1)
    refinery = bases.named(world, "Refinery")[0]
    refinery.vespene_contents = 14
    bases.gather_all(world, refinery)
    world.step(600)
    assert world.players[1].vespene == 14
    assert all(not scv.orders for scv in bases.named(world, "SCV"))
    scv = bases.named(world, "SCV")[0]
    assert bases.order(world, scv, ability_data.GATHER_SCV, refinery) == 89


def test_without_a_town_hall_workers_keep_their_loads_and_are_idle():
    world = bases.base(1)
    scv = bases.named(world, "SCV")[0]
    bases.order(world, scv, ability_data.GATHER_SCV, bases.fields(world)[0])
    while not scv.carried_minerals:
        world.step(1)
    world.kill_unit(bases.named(world, "CommandCenter")[0])
    world.step(60)
    assert (scv.orders, scv.carried_minerals) == ([], 5)
    assert bases.order(world, scv, ability_data.RETURN_SCV) == 3
    worlds.add(world, "CommandCenter", 1, 20.5, 20.5)
    assert bases.order(world, scv, ability_data.RETURN_SCV) == 1
    world.step(200)
    assert world.players[1].minerals == 5


def test_after_an_order_to_return_a_worker_gathers_where_it_did():
    world = bases.base(1)
    scv, field = bases.named(world, "SCV")[0], bases.fields(world)[6]
    bases.order(world, scv, ability_data.GATHER_SCV, field)
    while not scv.carried_minerals:
        world.step(1)
    bases.order(world, scv, orders.MOVE, (scv.x - 3, scv.y))
    world.step(60)
    assert not scv.orders
    bases.order(world, scv, orders.SMART, bases.named(world, "CommandCenter")[0])
    assert scv.orders[0].kind is orders.Kind.RETURN
    while scv.carried_minerals:
        world.step(1)
    world.step(2)
    assert (scv.orders[0].kind, scv.harvest_tag) == (orders.Kind.GATHER, field.tag)
    assert field.num_harvesters == 1


def test_with_something_else_to_do_a_worker_gathers_once():
    world = bases.base(1)
    scv = bases.named(world, "SCV")[0]
    bases.order(world, scv, ability_data.GATHER_SCV, bases.fields(world)[0])
    bases.order(world, scv, orders.MOVE, (40.0, 40.0), queued=True)
    world.step(400)
    assert (scv.carried_minerals, scv.orders) == (5, [])
    assert scv.distance_to(40.0, 40.0) < 0.5


def test_mules_take_25_beside_others():
    world = bases.base(1)
    field = bases.fields(world)[0]
    bases.gather_all(world, field)
    world.step(100)
    mule = worlds.add(world, "MULE", 1, field.x - 2, field.y)
    bases.order(world, mule, ability_data.GATHER_MULE, field)
    score = world.players[1].score
    before, loop = score.collected_minerals, world.loop
    world.step(1440)
    # 64 seconds: about nine loads, 225 minerals; the SCV goes on with one every 112 to 115.
    scv_minerals = 5 * (world.loop - loop) / 113
    assert score.collected_minerals - before == pytest.approx(225 + scv_minerals, abs=12)
    assert field.num_harvesters == 1  # MULEs are not counted


def test_rich_fields_give_seven():
    world = worlds.empty_world()
    worlds.add(world, "CommandCenter", 1, 30.5, 30.5)
    rich = world.create_unit(unit_data.id_of("RichMineralField"), 16, (37.0, 30.5),
                             mineral_contents=14)
    scv = worlds.add(world, "SCV", 1, 34, 30)
    bases.order(world, scv, ability_data.GATHER_SCV, rich)
    while not scv.carried_minerals:
        world.step(1)
    assert scv.buffs == [272]
    world.step(300)
    assert world.players[1].minerals == 14


def test_workers_find_around_what_stands_in_their_way():
    world = bases.base(1)
    scv, field = bases.named(world, "SCV")[0], bases.fields(world)[2]
    hall = bases.named(world, "CommandCenter")[0]
    bases.order(world, scv, ability_data.GATHER_SCV, field)
    world.step(200)
    middle = round((hall.x + 3 * field.x) / 4), round((hall.y + 3 * field.y) / 4)
    turret = worlds.add(world, "MissileTurret", 1, *middle)
    before = world.players[1].minerals
    world.step(800)
    assert world.players[1].minerals >= before + 20
    assert abs(scv.x - turret.x) >= 1 or abs(scv.y - turret.y) >= 1


def test_only_own_finished_refineries_and_fields_can_be_gathered_from():
    world = bases.base(1, 1)
    scv = bases.named(world, "SCV")[0]
    geyser = bases.geysers(world)[1]
    assert bases.order(world, scv, ability_data.GATHER_SCV, geyser) == 89
    unfinished = worlds.add(world, "Refinery", 1, geyser.x, geyser.y, build_progress=0.5,
                            vespene_contents=2250)
    assert bases.order(world, scv, ability_data.GATHER_SCV, unfinished) == 89
    theirs = worlds.add(world, "Refinery", 2, 50.5, 50.5, vespene_contents=2250)
    assert bases.order(world, scv, ability_data.GATHER_SCV, theirs) == 89
    mule = worlds.add(world, "MULE", 1, 20, 20)
    refinery = bases.named(world, "Refinery")[0]
    assert bases.order(world, mule, ability_data.GATHER_MULE, refinery) == 89


def test_the_same_seed_gives_the_same_income():
    assert income(7, 1) == income(7, 1)
