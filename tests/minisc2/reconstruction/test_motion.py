"""Dead reckoning: known ways at known speeds."""

import math

import pytest

from minisc2.game import orders, unit_data, units
from minisc2.reconstruction import chronicle, economy, energy, inputs, production, tasks
from tests.minisc2.reconstruction import scenes

MOVE, ATTACK, STOP, GATHER, BUILD_DEPOT = 16, 23, 4, 295, 319
BLINK, RALLY = 1442, 195


def command(ability_id, xy=None, tag=0, **values):
    return inputs.Command(0, 1, ability_id, 0, 0, xy, tag, -1, False, False, False,
                          ())._replace(**values)


def send(motion, unit, ability_id, xy=None, tag=0, queued=False):
    task = tasks.of(motion._world, unit, command(ability_id, xy, tag))
    motion.give(unit, task, queued)


def at(world, motion, loop):
    world.advance(loop)
    motion.advance_all()


def test_units_go_straight_at_their_speed_and_stop_there():
    world = scenes.world()
    motion, marine = scenes.mover(world), scenes.add(world, "Marine", 10, 10)
    send(motion, marine, MOVE, (40.0, 50.0))  # 50 cells off, in the direction (3, 4) / 5
    at(world, motion, 100)
    way = 100 * 2.25 / 16
    assert (marine.x, marine.y) == pytest.approx((10 + way * 0.6, 10 + way * 0.8))
    assert marine.facing == pytest.approx(math.atan2(4, 3))
    assert [order.ability_id for order in marine.orders] == [MOVE]
    at(world, motion, 1000)
    assert (marine.x, marine.y) == pytest.approx((40, 50))
    assert not marine.orders


def test_what_is_queued_comes_after_and_anything_else_instead():
    world = scenes.world()
    motion, marine = scenes.mover(world), scenes.add(world, "Marine", 10, 10)
    send(motion, marine, MOVE, (19.0, 10.0))  # 64 loops
    send(motion, marine, MOVE, (19.0, 19.0), queued=True)
    at(world, motion, 96)
    assert (marine.x, marine.y) == pytest.approx((19, 14.5))
    send(motion, marine, STOP)
    at(world, motion, 200)
    assert (marine.x, marine.y) == pytest.approx((19, 14.5))
    send(motion, marine, MOVE, (10.0, 14.5))
    at(world, motion, 232)
    assert (marine.x, marine.y) == pytest.approx((14.5, 14.5))


def test_attackers_come_into_range_and_follow():
    world = scenes.world()
    motion, marine = scenes.mover(world), scenes.add(world, "Marine", 10, 10)
    target = scenes.add(world, "Zealot", 40, 10, owner=2)
    send(motion, marine, ATTACK, (40.0, 10.0), target.tag)
    at(world, motion, 1000)
    reach = 5 + marine.radius + target.radius
    assert marine.distance_to(target.x, target.y) == pytest.approx(reach)
    world.put(target, 40, 60)
    at(world, motion, 2000)
    assert marine.distance_to(target.x, target.y) == pytest.approx(reach)


def test_workers_carry_from_field_to_town_hall():
    world = scenes.world()
    motion = scenes.mover(world)
    hall = scenes.add(world, "CommandCenter", 30.5, 30.5)
    field = scenes.add(world, "MineralField", 37, 30.5, units.NEUTRAL_OWNER)
    worker = scenes.add(world, "SCV", 33, 30.5)
    send(motion, worker, GATHER, (37.0, 30.5), field.tag)
    loads, distances = 0, []
    for loop in range(1, 1001):
        was_loaded = worker.carried_minerals > 0
        at(world, motion, loop)
        loads += was_loaded and not worker.carried_minerals
        distances.append(worker.distance_to(hall.x, hall.y))
    # 6.5 cells apart, less the radii: a way of 1.9 cells, too short for full speed, in
    # 2 sqrt(1.9 / 2.5) seconds of 16 loops = 28; with 50.6 loops at the field 106 there and back.
    assert 8 <= loads <= 10
    assert min(distances[200:]) == pytest.approx(hall.radius + worker.radius, abs=0.2)
    assert field.num_harvesters == 1
    send(motion, worker, MOVE, (60.0, 60.0))
    at(world, motion, 1100)
    assert field.num_harvesters == 0


def test_a_terran_worker_stays_until_its_structure_is_finished():
    world = scenes.world()
    motion, worker = scenes.mover(world), scenes.add(world, "SCV", 30, 30)
    send(motion, worker, BUILD_DEPOT, (34.0, 30.0))
    send(motion, worker, MOVE, (60.0, 30.0), queued=True)
    at(world, motion, 100)
    assert worker.x == pytest.approx(34)
    site = scenes.add(world, "SupplyDepot", 34, 30, build_game_loops=300)
    assert motion.begin(site) is worker
    at(world, motion, 300)
    assert worker.distance_to(site.x, site.y) < 3
    world.finish(site.tag)
    at(world, motion, 400)
    assert worker.x > 40


def test_blinks_arrive_at_once_and_structures_only_rally():
    world = scenes.world()
    motion, stalker = scenes.mover(world), scenes.add(world, "Stalker", 30, 30)
    send(motion, stalker, BLINK, (37.0, 30.0))
    assert (stalker.x, stalker.y) == (37, 30)
    barracks = scenes.add(world, "Barracks", 50.5, 50.5)
    send(motion, barracks, RALLY, (60.0, 60.0))
    send(motion, barracks, 560)  # trains a Marine: nothing moves
    at(world, motion, 500)
    assert (barracks.x, barracks.y) == (50.5, 50.5) and barracks.rally == [(60.0, 60.0)]


def test_units_set_off_in_time_for_where_they_are_reported():
    """100 loops at 2.25 / 16 cells are 14.06 cells."""
    world = scenes.world()
    story = chronicle.Chronicle((chronicle.Placed(500, ((1000, (40.0, 10.0)),)),), {})
    motion = scenes.mover(world, story)
    marine = scenes.add(world, "Marine", 20, 10)
    motion.expect(marine)
    for loop in range(0, 501, 4):
        at(world, motion, loop)
        motion.keep_appointments()
        if loop == 300:
            assert marine.x == 20
    assert marine.x == pytest.approx(40, abs=1)


def test_faster_units_are_faster_once_it_is_researched():
    world = scenes.world()
    motion, zergling = scenes.mover(world), scenes.add(world, "Zergling", 10, 10)
    motion.research(1, "zerglingmovementspeed")
    send(motion, zergling, MOVE, (90.0, 10.0))
    at(world, motion, 100)
    assert zergling.x == pytest.approx(10 + 100 * unit_data.get(zergling.unit_type).speed * 1.6)


def test_what_is_made_is_shown_while_it_is_made():
    barracks_type, marine_type = unit_data.id_of("Barracks"), unit_data.id_of("Marine")
    world = scenes.world()
    barracks = scenes.add(world, "Barracks", 50.5, 50.5)
    story = chronicle.Chronicle((
        chronicle.Appeared(0, barracks.tag, barracks_type, 1, (50.5, 50.5), True, 0),
        chronicle.Appeared(700, 5, marine_type, 1, (52.5, 52.5), True, barracks.tag)), {})
    made = production.Production(story)  # a Marine takes 400 loops
    for loop, progress in ((299, None), (300, 0.0), (500, 0.5), (700, None)):
        world.advance(loop)
        made.update(world)
        shown = [order.progress(loop) for order in barracks.orders]
        assert shown == ([] if progress is None else [progress]), loop
        assert all(order.kind is orders.Kind.TRAIN and order.ability_id == 560
                   for order in barracks.orders)


def test_energy_grows_and_is_spent_by_the_one_that_has_most():
    world = scenes.world()
    queens = [scenes.add(world, "Queen", x, 10) for x in (10, 12)]
    queens[0].energy, queens[1].energy = 30.0, 40.0
    energy.spend(queens, 251)
    assert [queen.energy for queen in queens] == [30.0, 15.0]
    energy.grow(queens, 224)  # 10 seconds: 7.875
    assert [queen.energy for queen in queens] == pytest.approx([37.875, 22.875])
    energy.grow(queens, 100_000)
    assert [queen.energy for queen in queens] == [200.0, 200.0]


def test_what_turns_into_something_else_costs_the_difference():
    hatchery, lair = unit_data.id_of("Hatchery"), unit_data.id_of("Lair")
    story = chronicle.Chronicle((
        chronicle.Appeared(0, 5, hatchery, 1, (9.5, 9.5), True, 0),
        chronicle.BecameType(2000, 5, lair)), {})
    (paid, _) = economy._changes(story)[1]
    assert paid.loop == 2000 - unit_data.get(lair).build_time
    assert (paid.minerals, paid.vespene) == (150, 100)
