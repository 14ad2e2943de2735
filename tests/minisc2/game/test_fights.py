"""Whole fights, against arithmetic with the units' numbers."""

import math
import statistics

import pytest

from minisc2.game import damage, events, orders
from tests.minisc2.game import worlds

MARINE_LIFE, MARINE_DAMAGE, MARINE_COOLDOWN = 45, 6, 0.8608 * 16
MEAN_DELAY = 0.5
"""The random delay of a cooldown is between -1 and 2 game loops."""


def _fight(num_first, num_second, seed, limit=2000):
    """Two lines of Marines 4.5 cells apart; (survivors, life left, game loops it took)."""
    world = worlds.empty_world(seed)
    for owner, count, x in ((1, num_first, 20.0), (2, num_second, 24.5)):
        for index in range(count):
            worlds.add(world, "Marine", owner, x, 20 + 0.8 * (index - count / 2))
    while world.loop < limit and len({unit.owner for unit in world.units.values()}) == 2:
        world.step(1)
    left = list(world.units.values())
    return ([sum(unit.owner == owner for unit in left) for owner in (1, 2)],
            sum(unit.health for unit in left), world.loop)


def test_a_marine_against_a_marine():
    """45 life are 8 shots of 6. The winner has shot 8 times, the loser 7 times or 8 times at once.

    The last shot comes after 7 cooldowns of 13.77 loops and 7 delays of -1 to 2: loop 91 to 112,
    the first beginning in loop 1 and hitting 0.8 loops later.
    """
    outcomes = [_fight(1, 1, seed) for seed in range(40)]
    num_shots = math.ceil(MARINE_LIFE / MARINE_DAMAGE)
    assert num_shots == 8
    for survivors, life, loop in outcomes:
        assert sum(survivors) == 1
        assert life in (MARINE_LIFE - 7 * MARINE_DAMAGE, MARINE_LIFE - 6 * MARINE_DAMAGE)
        assert 2 + 7 * (MARINE_COOLDOWN - 1) - 1 <= loop <= 2 + 7 * (MARINE_COOLDOWN + 2) + 1
    mean = statistics.fmean(loop for _, _, loop in outcomes)
    # The mean of the earlier of two: half a deviation (2.3 loops of 7 delays) before 101.9.
    assert mean == pytest.approx(2 + 7 * (MARINE_COOLDOWN + MEAN_DELAY), abs=3)
    num_won = sum(survivors[0] for survivors, _, _ in outcomes)
    assert 10 <= num_won <= 30  # fair: 20 with a deviation of 3.2


def _volleys(first, second):
    """Survivors when everybody shoots the nearest weakened enemy in volleys, life by life."""
    lives = [[MARINE_LIFE] * first, [MARINE_LIFE] * second]
    while lives[0] and lives[1]:
        shots = len(lives[0]), len(lives[1])
        for side, num_shots in ((1, shots[0]), (0, shots[1])):
            for _ in range(num_shots):
                if lives[side]:
                    lives[side][0] -= MARINE_DAMAGE
                    if lives[side][0] <= 0:
                        lives[side].pop(0)
    return len(lives[0]), len(lives[1])


def test_eight_marines_against_five():
    """Lanchester's square law: sqrt(8^2 - 5^2) = 6.2 of the 8 are left, 281 of 360 life.

    Volleys of whole shots, all at the foremost enemy, leave 6 as well: that is the most that the
    eight can make of it. In the game everybody shoots the nearest, so the shots spread, and those
    who are hurt go on shooting: at worst all five until the end. 5 * 45 life take 40 shots of 6,
    5 volleys of 8, and one more for shots wasted on the dying: 6 * 5 * 6 = 180 of 360 life are lost
    at most. Spread over eight, that kills nobody before the end, so 6 to 8 are left.
    """
    assert math.sqrt(8 ** 2 - 5 ** 2) == pytest.approx(6.245, abs=0.001)
    assert _volleys(8, 5) == (6, 0)
    outcomes = [_fight(8, 5, seed) for seed in range(20)]
    for survivors, life, loop in outcomes:
        assert survivors[1] == 0
        assert 6 <= survivors[0] <= 8
        assert 360 - 180 <= life <= 281
        # From the fifth volley to the sixth one, with delays of -1 to 2 loops.
        assert 2 + 4 * (MARINE_COOLDOWN - 1) <= loop <= 2 + 6 * (MARINE_COOLDOWN + 2)


def test_stimpack_pays_after_five_shots():
    """10 of 45 life leave 35, 6 shots of 6; a rate of 1.5 makes 8 shots in 4.67 cooldowns.

    So a Marine with stimpack (8 shots in 7 / 1.5 = 4.67 cooldowns) kills one without (who needs 6
    shots, 5 cooldowns) and keeps 35 - 5 * 6 = 5, unless the delays say otherwise.
    """
    num_won = 0
    for seed in range(20):
        world = worlds.empty_world(seed)
        first, second = (worlds.add(world, "Marine", 1, 20, 20),
                         worlds.add(world, "Marine", 2, 24.5, 20))
        world.add_upgrade(1, 15)
        assert world.order(1, [first.tag], 380) == [(first.tag, 1)]
        assert first.health == 35
        while first.is_alive and second.is_alive:
            world.step(1)
        num_won += first.is_alive
    # The difference, a third of a cooldown of 14.3 loops less the longer delays of more shots (1),
    # is 4 loops; the deviation of 7 and of 5 delays together 3.
    assert num_won >= 15


@pytest.mark.parametrize(("distance", "share"), [(0.8, 1.0), (1.1, 0.5), (1.5, 0.25), (1.7, 0.0)])
def test_siege_splash_falls_off_from_the_centre_of_the_target(distance, share):
    """Rings of 0.4687, 0.7812 and 1.25 to the edge of a Marine of radius 0.375."""
    world = worlds.empty_world()
    tank = worlds.add(world, "SiegeTankSieged", 1, 20, 20)
    target = worlds.add(world, "Marauder", 2, 30, 20)
    beside = worlds.add(world, "Marine", 2, 30, 20)
    friend = worlds.add(world, "Marine", 1, 35, 35)
    world.set_position(beside, (30, 20 + distance))
    world.set_position(friend, (30, 20 - distance))
    for unit in (target, beside, friend):
        world.order(unit.owner, [unit.tag], orders.HOLD_POSITION)
        unit.weapon_ready_loop = 10_000
    world.order(1, [tank.tag], orders.GENERAL_ATTACK, target)
    world.step(4)
    assert target.health == 125 - (40 + 30 - 1)  # armored, armor of 1
    assert beside.health == 45 - 40 * share
    assert friend.health == 45 - 40 * share  # friendly fire


def test_a_sieged_tank_cannot_hit_what_is_next_to_it():
    world = worlds.empty_world()
    worlds.add(world, "SiegeTankSieged", 1, 20, 20)
    near = worlds.add(world, "SCV", 2, 20 + 0.875 + 0.375 + 1.9, 20)
    world.step(60)
    assert near.health == 45
    world.set_position(near, (20 + 0.875 + 0.375 + 2.1, 20))
    world.step(40)
    assert near.health == 5  # one shot of 40 in 48 loops


def test_a_hellion_burns_everybody_in_line():
    world = worlds.empty_world()
    hellion = worlds.add(world, "Hellion", 1, 20, 20)
    victims = [worlds.add(world, "Zergling", 2, 24 + i, 20) for i in range(2)]
    aside = worlds.add(world, "Zergling", 2, 24, 21)
    world.order(1, [hellion.tag], orders.GENERAL_ATTACK, victims[0])
    for unit in (*victims, aside):
        unit.is_disabled = True
    world.step(5)
    # 8 and 6 more against light
    assert [unit.health for unit in victims] == pytest.approx([35 - 14] * 2, abs=0.1)
    assert aside.health == 35


def test_a_baneling_takes_everybody_around_with_it():
    world = worlds.empty_world()
    marines = [worlds.add(world, "Marine", 1, 20, 20 + y) for y in (0, 1, 4)]
    for marine in marines:
        marine.is_disabled = True
    marauder = worlds.add(world, "Marauder", 1, 20.5, 18.5)
    marauder.is_disabled = True
    baneling = worlds.add(world, "Baneling", 2, 23, 20)
    world.step(64)
    assert not baneling.is_alive
    # 16, 19 more against light; radius 2.2 from the Baneling to the edge
    assert [marine.health for marine in marines] == [10, 10, 45]
    assert marauder.health == 125 - (16 - 1)


def test_a_baneling_that_is_shot_goes_off_as_well():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 20, 20)
    baneling = worlds.add(world, "Baneling", 2, 22.5, 20, health=3.0)
    baneling.is_disabled = True
    world.step(3)
    assert not baneling.is_alive
    assert marine.health == 45 - 35


def test_a_baneling_does_eighty_to_structures():
    world = worlds.empty_world()
    depot = worlds.add(world, "SupplyDepot", 1, 20, 20)
    worlds.add(world, "Baneling", 2, 23, 20)
    world.step(64)
    assert depot.health == depot.health_max - (80 - 1)


def test_concussive_shells_slow_only_after_research():
    for researched, speed in ((False, 2.25 / 16), (True, 1.125 / 16)):
        world = worlds.empty_world()
        marauder = worlds.add(world, "Marauder", 1, 20, 20)
        target = worlds.add(world, "Zealot", 2, 24, 20)
        target.is_disabled = True
        if researched:
            world.add_upgrade(1, 17)
        world.order(1, [marauder.tag], orders.GENERAL_ATTACK, target)
        world.step(1)
        assert target.speed == pytest.approx(speed)
        marauder.is_disabled = True
        world.step(25)  # 1.5 seconds
        assert target.speed == pytest.approx(2.25 / 16)


def test_a_victim_that_died_with_another_is_not_killed_again():
    """A blast strikes its victims one after the other; a structure takes its add-on with it."""
    world = worlds.empty_world(1)
    hellion = worlds.add(world, "Hellion", 1, 20.0, 20.0)
    victim = worlds.add(world, "Marine", 2, 22.0, 20.0)
    world.kill_unit(victim)
    damage.strike(world, hellion, victim, hellion.ground_weapon)
    deaths = [event for event in world.events if event.kind is events.EventKind.UNIT_DIED]
    assert len(deaths) == 1
