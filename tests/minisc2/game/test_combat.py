"""Damage, rates of fire, ranges, and who fights whom."""

import itertools

import pytest

from minisc2.game import events, orders
from tests.minisc2.game import worlds

REGAIN = 0.02
"""A Zerg unit gets back 0.2734 / 16 of its life in the game loop in which it is shot at."""


def _hits(world, tag, num_game_loops):
    """Game loops in which a unit was shot at."""
    loops = []
    for _ in range(num_game_loops):
        world.step(1)
        loops += [event.loop for event in world.events
                  if event.kind is events.EventKind.UNIT_ATTACKED and event.tag == tag]
    return loops


def test_marine_takes_five_of_a_roach_with_each_shot():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    roach = worlds.add(world, "Roach", 2, 14, 10)
    world.order(1, [marine.tag], orders.GENERAL_ATTACK, roach)
    world.step(1)
    assert roach.health == 145  # the damage point of 0.05 seconds is 0.8 loops
    assert marine.engaged_target_tag == roach.tag
    world.step(1)
    # 6 damage against 1 armor
    assert roach.health == pytest.approx(145 - (6 - 1), abs=REGAIN)
    world.step(4)
    assert marine.health == 45 - 16  # the Roach shoots back, against no armor


def test_rate_of_fire():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    target = worlds.add(world, "CommandCenter", 2, 15, 10)
    world.order(1, [marine.tag], orders.GENERAL_ATTACK, target)
    loops = _hits(world, target.tag, 16 * 60)
    # 0.8608 seconds and a delay of 0.03125 on average: 67.3 shots in 60 seconds, the first at once.
    # The delays deviate by 0.87 loops each, their sum by 7 loops, half a shot.
    assert 66 <= len(loops) <= 69
    gaps = [late - early for early, late in itertools.pairwise(loops)]
    # 13.8 loops, 1 less to 2 more, and up to 1 for what is left of the loop before.
    assert 12 <= min(gaps) < max(gaps) <= 16


def test_bonus_damage_and_several_hits_a_shot():
    world = worlds.empty_world()
    marauder = worlds.add(world, "Marauder", 1, 10, 10)
    armored = worlds.add(world, "Roach", 2, 14, 10)
    world.order(1, [marauder.tag], orders.GENERAL_ATTACK, armored)
    world.step(1)
    # 10, and 10 more against armored, less 1 armor
    assert armored.health == pytest.approx(145 - (10 + 10 - 1), abs=REGAIN)
    zealot = worlds.add(world, "Zealot", 1, 30, 30)
    other = worlds.add(world, "Roach", 2, 31, 30)  # the radii of 0.5 touch
    world.order(1, [zealot.tag], orders.GENERAL_ATTACK, other)
    world.step(4)  # 0.167 seconds are 2.7 loops
    # two hits, armor counts twice
    assert other.health == pytest.approx(145 - 2 * (8 - 1), abs=4 * REGAIN)


def test_shields_go_first_and_have_no_armor_of_the_unit():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    zealot = worlds.add(world, "Zealot", 2, 14, 10, shield=8.0)
    world.order(1, [marine.tag], orders.GENERAL_ATTACK, zealot)
    zealot.last_hit_loop = 0  # nothing comes back meanwhile
    world.step(2)
    assert (zealot.shield, zealot.health) == (2.0, 100.0)  # 8 - 6
    world.step(17)  # 13.8 loops, 1 less to 2 more
    # 2 of the next shot are taken by the shield; 4 are left, less 1 armor.
    assert (zealot.shield, zealot.health) == (0.0, 97.0)


def test_armor_leaves_half_a_point():
    world = worlds.empty_world()
    zergling = worlds.add(world, "Zergling", 1, 10, 10)
    target = worlds.add(world, "SCV", 2, 10.75, 10)
    target.armor = 9.0
    world.order(1, [zergling.tag], orders.GENERAL_ATTACK, target)
    world.step(4)
    assert target.health == 45 - 0.5


def test_range_is_from_edge_to_edge():
    # Marine: range 5, radius 0.375. Roach: radius 0.5. So it shoots from 5.875 on.
    for distance, is_hit in ((5.87, True), (5.88, False)):
        world = worlds.empty_world()
        marine = worlds.add(world, "Marine", 1, 10, 10)
        roach = worlds.add(world, "Roach", 2, 10 + distance, 10)
        world.order(1, [marine.tag], orders.HOLD_POSITION)
        world.order(2, [roach.tag], orders.HOLD_POSITION)
        world.step(4)
        assert (roach.health < 145) is is_hit
        assert marine.x == 10


def test_an_attacker_walks_into_range_and_stops_there():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    target = worlds.add(world, "CommandCenter", 2, 30, 10)
    worlds.add(world, "Observer", 1, 25, 10)  # sees the target from the start
    world.order(1, [marine.tag], orders.GENERAL_ATTACK, target)
    world.step(200)
    edge = 30 - 2.75 - 5 - 0.375
    assert edge - marine.speed <= marine.x <= edge + marine.speed
    assert target.health < 1500


def test_weapons_for_the_ground_do_not_reach_the_air():
    world = worlds.empty_world()
    roach = worlds.add(world, "Roach", 1, 10, 10)
    overlord = worlds.add(world, "Overlord", 2, 12, 10)
    assert world.order(1, [roach.tag], orders.GENERAL_ATTACK, overlord) == [(roach.tag, 36)]
    world.step(32)
    assert overlord.health == 200
    marine = worlds.add(world, "Marine", 1, 13, 10)
    world.step(16)
    assert overlord.health < 200
    assert marine.engaged_target_tag == overlord.tag


def test_idle_units_fight_whom_they_meet_but_workers_do_not():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    scv = worlds.add(world, "SCV", 2, 15, 10)
    world.step(16)
    assert scv.health < 45
    assert marine.health == 45
    assert not marine.orders


def test_units_with_a_move_order_do_not_fight():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    scv = worlds.add(world, "SCV", 2, 12, 12)
    world.order(1, [marine.tag], orders.MOVE, (30.0, 10.0))
    world.step(64)
    assert scv.health == 45


def test_attack_move_fights_on_the_way_and_arrives():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    scv = worlds.add(world, "SCV", 2, 20, 10)
    world.order(1, [marine.tag], orders.GENERAL_ATTACK, (30.0, 10.0))
    assert marine.orders[0].ability_id == orders.ATTACK
    world.step(350)
    assert not scv.is_alive
    assert (marine.x, marine.y) == (30.0, 10.0)


def test_units_are_fought_before_structures_and_the_nearest_first():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    worlds.add(world, "SupplyDepot", 2, 13, 10)
    worlds.add(world, "SCV", 2, 10, 15)
    near = worlds.add(world, "SCV", 2, 10, 6)
    world.step(4)
    assert marine.engaged_target_tag == near.tag


def test_a_unit_without_weapon_scans_instead_of_attacking():
    world = worlds.empty_world()
    observer = worlds.add(world, "Observer", 1, 10, 10)
    zealot = worlds.add(world, "Zealot", 1, 20, 10)
    answers = world.order(1, [observer.tag, zealot.tag], orders.GENERAL_ATTACK, (12.0, 12.0))
    assert [answer for _, answer in answers] == [1, 1]
    assert observer.orders[0].ability_id == orders.SCAN_MOVE
    assert zealot.orders[0].ability_id == orders.ATTACK


def test_friends_of_the_attacked_answer():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    roaches = [worlds.add(world, "Roach", 2, 15.8, 10), worlds.add(world, "Roach", 2, 17, 12)]
    world.order(1, [marine.tag], orders.GENERAL_ATTACK, roaches[0])
    world.step(3)
    assert [roach.target for roach in roaches] == [marine, marine]


def test_deaths_are_counted():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    scv = worlds.add(world, "SCV", 2, 12, 10, health=5.0)
    world.order(1, [marine.tag], orders.GENERAL_ATTACK, scv)
    assert world.players[2].food_workers == 1
    world.step(2)
    assert scv.tag not in world.units
    (death,) = [event for event in world.events if event.kind is events.EventKind.UNIT_DIED]
    assert (death.tag, death.owner, death.other_tag) == (scv.tag, 2, marine.tag)
    winner, loser = world.players[1].score, world.players[2].score
    assert winner.killed_value_units == 50
    assert winner.killed_minerals.economy == 50
    assert winner.total_damage_dealt.life == 5
    assert loser.lost_minerals.economy == 50
    assert world.players[2].food_workers == 0
    world.step(1)
    assert not marine.orders


def test_protected_players_lose_nothing_and_nobody_tries():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    scv = worlds.add(world, "SCV", 2, 12, 10)
    world.players[2].is_invulnerable = True
    world.step(64)
    assert scv.health == 45
    assert marine.target is None
    assert world.order(1, [marine.tag], orders.ATTACK, scv) == [(marine.tag, 36)]


def test_what_comes_back_by_itself():
    world = worlds.empty_world()
    zealot = worlds.add(world, "Zealot", 1, 10, 10, shield=10.0)
    roach = worlds.add(world, "Roach", 1, 20, 10, health=100.0)
    sentry = worlds.add(world, "Sentry", 1, 30, 10)
    marine = worlds.add(world, "Marine", 1, 40, 10, health=10.0)
    world.step(160)  # 10 seconds
    assert zealot.shield == pytest.approx(10 + 10 * 2)
    assert roach.health == pytest.approx(100 + 10 * 0.2734)
    assert sentry.energy == pytest.approx(50 + 10 * 0.5625)
    assert marine.health == 10


def test_shields_wait_ten_seconds_after_a_hit():
    world = worlds.empty_world()
    zealot = worlds.add(world, "Zealot", 1, 10, 10, shield=10.0)
    zealot.last_hit_loop = 0
    world.step(159)
    assert zealot.shield == 10
    world.step(2)
    assert zealot.shield > 10
