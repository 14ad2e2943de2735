"""Speed, arrival, queues, crowds and obstacles."""

import itertools
import math

import pytest

from minisc2.game import edges, movement, orders, placement, unit_data
from tests.minisc2.game import worlds


def _largest_overlap(world):
    return max((a.radius + b.radius - math.hypot(a.x - b.x, a.y - b.y)
                for a, b in itertools.combinations(world.crowd, 2)), default=0.0)


def test_marine_walks_nine_cells_in_64_game_loops():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    world.order(1, [marine.tag], orders.MOVE, (19.0, 10.0))
    world.step(63)
    assert marine.orders  # 63 * 2.25 / 16 = 8.86 cells
    assert marine.x == pytest.approx(10 + 63 * 2.25 / 16)
    world.step(1)
    assert (marine.x, marine.y) == (19.0, 10.0)
    assert not marine.orders


def test_facing_turns_to_where_a_unit_walks():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    world.order(1, [marine.tag], orders.MOVE, (10.0, 5.0))
    world.step(1)
    assert marine.facing == pytest.approx(math.radians(270))


def test_orders_stop_at_the_edge_of_the_playable_area():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 62, 10)
    world.order(1, [marine.tag], orders.MOVE, (80.0, 10.0))
    world.step(64)
    assert (marine.x, marine.y) == (64.0, 10.0)


def test_queued_orders_are_done_in_turn_and_a_plain_order_replaces_them():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    world.order(1, [marine.tag], orders.MOVE, (11.0, 10.0))
    world.order(1, [marine.tag], orders.MOVE, (11.0, 12.0), queued=True)
    assert [order.target_xy for order in marine.orders] == [(11.0, 10.0), (11.0, 12.0)]
    world.step(8)  # 1 cell takes 7.1 game loops
    assert [order.target_xy for order in marine.orders] == [(11.0, 12.0)]
    world.step(16)
    assert (marine.x, marine.y) == (11.0, 12.0)
    world.order(1, [marine.tag], orders.MOVE, (20.0, 20.0))
    world.order(1, [marine.tag], orders.MOVE, (30.0, 20.0), queued=True)
    world.order(1, [marine.tag], orders.MOVE, (5.0, 5.0))
    assert [order.target_xy for order in marine.orders] == [(5.0, 5.0)]


def test_the_ninth_order_is_refused():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    answers = [world.order(1, [marine.tag], orders.MOVE, (20.0, float(y)), queued=True)[0][1]
               for y in range(9)]
    assert answers == [1] * 8 + [7]  # 7: QueueIsFull
    assert len(marine.orders) == 8


def test_stop_and_hold_end_a_walk():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    for ability, remaining in ((orders.GENERAL_STOP, []), (orders.STOP, []),
                               (orders.GENERAL_HOLD_POSITION, [orders.HOLD_POSITION])):
        world.order(1, [marine.tag], orders.MOVE, (40.0, 10.0))
        world.step(4)
        world.order(1, [marine.tag], ability)
        x = marine.x
        world.step(4)
        assert marine.x == x
        assert [order.ability_id for order in marine.orders] == remaining


def test_patrol_goes_to_and_fro():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    world.order(1, [marine.tag], orders.GENERAL_PATROL, (12.0, 10.0))
    xs = []
    for _ in range(64):
        world.step(1)
        xs.append(marine.x)
    assert max(xs) == 12.0
    assert min(xs[20:]) == 10.0
    assert marine.orders[0].ability_id == orders.PATROL


def test_following_keeps_up_with_the_leader():
    world = worlds.empty_world()
    leader = worlds.add(world, "Marine", 1, 10, 10)
    follower = worlds.add(world, "Marine", 1, 8, 10)
    world.order(1, [leader.tag], orders.MOVE, (30.0, 10.0))
    world.order(1, [follower.tag], orders.SMART, leader)
    assert follower.orders[0].ability_id == orders.MOVE
    assert follower.orders[0].target_tag == leader.tag
    world.step(200)
    assert follower.distance_to(leader.x, leader.y) < 2.0
    assert follower.orders


@pytest.mark.parametrize("num_units", [2, 9, 24])
def test_a_crowd_sent_to_one_point_settles_without_overlap(num_units):
    world = worlds.empty_world()
    tags = [worlds.add(world, "Marine", 1, 10 + i % 5, 10 + i // 5).tag for i in range(num_units)]
    world.order(1, tags, orders.MOVE, (30.0, 30.0))
    overlap = 0.0
    for _ in range(450):  # 28 cells take 200 game loops
        world.step(1)
        overlap = max(overlap, _largest_overlap(world))
    assert overlap <= 1e-5
    assert not any(unit.orders for unit in world.crowd)
    radius = max(unit.distance_to(30, 30) for unit in world.crowd)
    assert radius < 0.375 + 0.75 * math.sqrt(num_units)
    places = [(unit.x, unit.y) for unit in world.crowd]
    world.step(50)
    assert places == [(unit.x, unit.y) for unit in world.crowd]  # nobody jitters


def test_crossing_groups_pass_each_other():
    world = worlds.empty_world()
    left = [worlds.add(world, "Marine", 1, 10, 28 + i).tag for i in range(6)]
    right = [worlds.add(world, "Marine", 1, 30, 28 + i).tag for i in range(6)]
    for i in range(6):
        world.order(1, [left[i]], orders.MOVE, (30.0, 28.0 + i))
        world.order(1, [right[i]], orders.MOVE, (10.0, 28.0 + i))
    overlap = 0.0
    for _ in range(400):
        world.step(1)
        overlap = max(overlap, _largest_overlap(world))
    assert overlap <= 1e-5
    assert all(world.units[tag].x > 29 for tag in left)
    assert all(world.units[tag].x < 11 for tag in right)


def test_an_idle_friend_steps_aside_and_an_enemy_does_not():
    for owner, is_pushed in ((1, True), (2, False)):
        world = worlds.empty_world()
        walker = worlds.add(world, "SCV", 1, 10, 10)
        other = worlds.add(world, "SCV", owner, 14, 10)
        world.order(1, [walker.tag], orders.MOVE, (20.0, 10.0))
        world.step(120)
        assert (walker.x, walker.y) == (20.0, 10.0)
        assert ((other.x, other.y) != (14.0, 10.0)) is is_pushed


def test_units_made_at_one_point_stand_side_by_side():
    world = worlds.empty_world()
    for _ in range(12):
        worlds.add(world, "Marine", 1, 20, 20)
    assert _largest_overlap(world) <= 1e-5
    assert all(unit.distance_to(20, 20) < 3 for unit in world.crowd)


def test_flying_units_pass_over_everything_and_stop_beside_each_other():
    world = worlds.empty_world()
    worlds.add(world, "CommandCenter", 1, 20.5, 20.5)
    flyers = [worlds.add(world, "Medivac", 1, 10 + i, 20) for i in range(4)]
    zealot = worlds.add(world, "Zealot", 1, 30, 20)
    world.order(1, [unit.tag for unit in flyers], orders.MOVE, (30.0, 20.0))
    world.step(250)
    assert not any(unit.orders for unit in flyers)
    assert (zealot.x, zealot.y) == (30.0, 20.0)
    assert (flyers[-1].x, flyers[-1].y) == (30.0, 20.0)  # the first to come
    assert all(unit.distance_to(30, 20) < 3 for unit in flyers)
    # They keep half of the sum of their radii of 0.75, less one step.
    assert all(a.distance_to(b.x, b.y) > 0.75 - a.speed
               for a, b in itertools.combinations(flyers, 2))


def test_a_unit_walks_around_a_structure():
    world = worlds.empty_world()
    worlds.add(world, "CommandCenter", 1, 20.5, 20.5)
    scv = worlds.add(world, "SCV", 1, 10.5, 20.5)
    world.order(1, [scv.tag], orders.MOVE, (30.5, 20.5))
    num_loops = 0
    while scv.orders and num_loops < 300:
        world.step(1)
        num_loops += 1
        assert not (18 <= scv.x < 23 and 19 <= scv.y < 22)  # corners of town halls are free
        assert not (19 <= scv.x < 22 and 18 <= scv.y < 23)
    assert (scv.x, scv.y) == (30.5, 20.5)
    # Straight through would be 20 cells; around the corners at 2.5 cells aside about 21.5. Speeding
    # up and braking at 2.5 / 256 cells a loop take 18 loops each for half of the usual distance.
    assert num_loops * scv.speed < 22.5 + 18 * scv.speed


def test_a_walled_off_point_cannot_be_reached():
    world = worlds.empty_world()
    for x in range(0, 64, 5):
        worlds.add(world, "CommandCenter", 1, x + 2.5, 20.5)
    scv = worlds.add(world, "SCV", 1, 10.5, 10.5)
    assert world.path_distance(scv, (10.5, 30.5)) == 0
    world.order(1, [scv.tag], orders.MOVE, (10.5, 30.5))
    world.step(200)
    assert scv.y < 20.5
    assert not scv.orders


def test_workers_speed_up_and_brake():
    world = worlds.empty_world()
    scv = worlds.add(world, "SCV", 1, 10, 10)
    world.order(1, [scv.tag], orders.MOVE, (20.0, 10.0))
    xs = [scv.x]
    while scv.orders:
        world.step(1)
        xs.append(scv.x)
    steps = [b - a for a, b in itertools.pairwise(xs)]
    a, speed = 2.5 / 256, 2.8125 / 16
    assert steps[:5] == pytest.approx([a, 2 * a, 3 * a, 4 * a, 5 * a])
    assert max(steps) == pytest.approx(speed)
    assert scv.x == 20.0
    assert max(abs(c - b) for b, c in itertools.pairwise(steps[:-1])) < 3.1 * a
    # v / a = 18 loops to speed up, as many to brake, each for half of what full speed covers.
    assert len(steps) == pytest.approx(10 / speed + 18, abs=4)


def test_who_goes_on_to_another_order_does_not_brake():
    world = worlds.empty_world()
    scv = worlds.add(world, "SCV", 1, 10, 10)
    world.order(1, [scv.tag], orders.MOVE, (20.0, 10.0))
    world.order(1, [scv.tag], orders.MOVE, (30.0, 10.0), queued=True)
    steps = []
    while len(scv.orders) == 2:
        x = scv.x
        world.step(1)
        steps.append(scv.x - x)
    assert steps[-5:-1] == pytest.approx([scv.speed] * 4)  # the last one is what was left


def test_move_beside_stops_at_the_edge():
    for name, edge in (("Barracks", 1.5), ("CommandCenter", 2.5), ("MineralField", 1.0)):
        world = worlds.empty_world()
        target = worlds.add(world, name, 1, *placement.snap(unit_data.id_of(name), (30.2, 20.2)))
        scv = worlds.add(world, "SCV", 1, 20, target.y)
        for _ in range(200):
            if movement.move_beside(world, scv, target, 0.1):
                break
            world.loop += 1
        assert edges.gap(scv, target) <= 0.1
        assert target.x - scv.x == pytest.approx(edge + 0.375 + 0.1, abs=0.06)
        assert scv.y == pytest.approx(target.y)  # straight ahead


def test_a_walk_that_was_ended_is_planned_anew():
    world = worlds.empty_world()
    scv = worlds.add(world, "SCV", 1, 10, 10)
    depot = worlds.add(world, "SupplyDepot", 1, 12, 12)
    for _ in range(3):  # it speeds up, and the next loops are planned
        world.step(1)
        movement.move_towards(world, scv, 40.0, 10.0)
    assert scv.cruise_until > world.loop and scv.pace_change
    assert movement.move_beside(world, scv, depot, gap=5.0) and not scv.pace
    before = scv.x
    assert not movement.move_towards(world, scv, 40.0, 10.0)
    assert 0 < scv.x - before < scv.speed / 2  # from rest


def test_move_beside_finds_another_side_where_the_near_one_is_closed():
    world = worlds.empty_world()
    target = worlds.add(world, "Barracks", 1, 30.5, 20.5)
    for y in (17.5, 20.5, 23.5):
        worlds.add(world, "Barracks", 1, 27.5, y)
    scv = worlds.add(world, "SCV", 1, 20, 20.5)
    for _ in range(300):
        if movement.move_beside(world, scv, target, 0.1):
            break
        world.loop += 1
    assert edges.gap(scv, target) <= 0.1


def test_a_structure_put_in_the_way_is_walked_around_and_others_change_nothing():
    world = worlds.empty_world()
    worlds.add(world, "Barracks", 1, 5.5, 50.5)
    marine = worlds.add(world, "Marine", 1, 10.5, 20.5)
    world.order(1, [marine.tag], orders.MOVE, (40.5, 20.5))
    world.step(10)
    way = marine.path
    worlds.add(world, "Barracks", 1, 30.5, 40.5)
    world.step(20)
    assert marine.path is way  # still the very same list
    worlds.add(world, "Barracks", 1, 25.5, 20.5)
    while marine.orders and world.loop < 400:
        world.step(1)
        assert not (24 <= marine.x < 27 and 19 <= marine.y < 22)
    assert (marine.x, marine.y) == (40.5, 20.5)


def test_units_come_as_near_as_they_can_to_what_they_cannot_reach():
    world = worlds.empty_world()
    for x in range(2, 64, 5):
        worlds.add(world, "CommandCenter", 1, x + 0.5, 30.5)
        worlds.add(world, "SupplyDepot", 1, x - 2, 32)  # closes the gap between their corners
        worlds.add(world, "SupplyDepot", 1, x + 3, 32)
    marine = worlds.add(world, "Marine", 1, 10.5, 10.5)
    world.order(1, [marine.tag], orders.MOVE, (40.5, 40.5))
    world.step(400)
    assert not marine.orders
    assert marine.y == pytest.approx(27.5, abs=1)
    assert marine.x == pytest.approx(40.5, abs=3)
