"""Making and ordering units, abilities, and the same game from the same seed."""

import pytest

from minisc2.game import events, orders
from tests.minisc2.game import worlds


def test_marine_abilities_are_those_of_the_real_game():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    assert [use.ability_id for use in world.abilities(1, marine)] == [1, 4, 16, 17, 18, 23]
    assert world.abilities(2, marine) == ()


@pytest.mark.parametrize(("general", "specific"), [
    (orders.GENERAL_ATTACK, orders.ATTACK), (orders.GENERAL_MOVE, orders.MOVE),
    (orders.GENERAL_PATROL, orders.PATROL), (orders.SMART, orders.MOVE),
    (orders.SCAN_MOVE, None),
])
def test_orders_carry_specific_ids(general, specific):
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    answers = world.order(1, [marine.tag], general, (20.0, 10.0))
    if specific is None:
        assert answers == [(marine.tag, 2)]  # NotSupported
    else:
        assert answers == [(marine.tag, 1)]
        assert marine.orders[0].ability_id == specific


def test_smart_means_attack_on_enemies_and_follow_on_friends():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    friend, enemy = worlds.add(world, "Marine", 1, 12, 10), worlds.add(world, "SCV", 2, 14, 10)
    world.order(1, [marine.tag], orders.SMART, friend)
    assert (marine.orders[0].ability_id, marine.orders[0].kind) == (16, orders.Kind.FOLLOW)
    world.order(1, [marine.tag], orders.SMART, enemy)
    assert (marine.orders[0].ability_id, marine.orders[0].target_tag) == (23, enemy.tag)


def test_orders_for_others_for_the_dead_or_without_a_target_are_refused():
    world = worlds.empty_world()
    mine, theirs = worlds.add(world, "Marine", 1, 10, 10), worlds.add(world, "Marine", 2, 50, 50)
    assert world.order(1, [theirs.tag, 12345, mine.tag], orders.MOVE, (1.0, 1.0)) == [
        (theirs.tag, 2), (12345, 2), (mine.tag, 1)]
    assert world.order(1, [mine.tag], orders.MOVE, None) == [(mine.tag, 2)]
    assert world.order(1, [mine.tag], orders.MOVE, mine) == [(mine.tag, 36)]
    center = worlds.add(world, "CommandCenter", 1, 30.5, 30.5)
    assert world.order(1, [center.tag], orders.MOVE, (1.0, 1.0)) == [(center.tag, 2)]


def test_any_stable_unit_can_be_made_with_values():
    world = worlds.empty_world()
    unit = worlds.add(world, "Ultralisk", 1, 10, 10, health=123.0)
    assert unit.health == 123
    with pytest.raises(ValueError, match="wings"):
        worlds.add(world, "Ultralisk", 1, 10, 10, wings=2)
    with pytest.raises(ValueError, match="does not exist"):
        world.create_unit(999_999, 1, (1.0, 1.0))


def test_units_of_somebody_who_is_no_player_fight_too():
    world = worlds.empty_world(num_players=1)
    marine = worlds.add(world, "Marine", 1, 10, 10)
    roach = worlds.add(world, "Roach", 7, 14, 10)
    world.step(8)
    assert roach.health < 145
    assert marine.health < 45


def test_events_are_those_of_the_last_step_and_since_the_one_before():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    world.step(1)
    assert [event.kind for event in world.events] == [events.EventKind.UNIT_CREATED]
    world.step(1)
    assert world.events == []
    world.kill_unit(marine)
    world.step(1)
    assert [event.kind for event in world.events] == [events.EventKind.UNIT_DIED]
    world.step(1)
    assert world.events == []


def test_food_and_army_are_counted():
    world = worlds.empty_world()
    worlds.add(world, "CommandCenter", 1, 30.5, 30.5)
    worlds.add(world, "SCV", 1, 10, 10)
    roach = worlds.add(world, "Roach", 1, 12, 10)
    world.step(1)
    state = world.players[1]
    assert (state.food_cap, state.food_used, state.food_army, state.food_workers) == (15, 3, 2, 1)
    assert (state.army_count, state.idle_worker_count) == (1, 1)
    world.remove_unit(roach)
    assert (state.food_used, state.army_count) == (1, 0)


def test_a_structure_is_in_the_way_until_it_dies():
    world = worlds.empty_world()
    center = worlds.add(world, "CommandCenter", 1, 30.5, 30.5)
    assert world.placement(318, (30.5, 30.5)) == 44
    assert world.placement(318, (40.5, 30.5)) == 1
    assert world.placement(318, (-1.0, 30.5)) == 44
    world.kill_unit(center)
    assert world.placement(318, (30.5, 30.5)) == 1


def test_ended_games_stand_still():
    world = worlds.empty_world()
    world.end_game({1: 1, 2: 2})
    assert world.step(8) == 0
    assert world.loop == 0
    assert world.players[2].result == 2


def _battle(seed):
    world = worlds.empty_world(seed)
    for index in range(12):
        worlds.add(world, "Marine", 1, world.rng.uniform(5, 20), world.rng.uniform(5, 50))
        worlds.add(world, "Roach", 2, world.rng.uniform(30, 50), world.rng.uniform(5, 50))
        assert len(world.units) == 2 * index + 2
    for owner, x in ((1, 45.0), (2, 10.0)):
        tags = [unit.tag for unit in world.units.values() if unit.owner == owner]
        world.order(owner, tags, orders.GENERAL_ATTACK, (x, 28.0))
    world.step(400)
    return [(unit.tag, unit.x, unit.y, unit.health) for unit in world.units.values()]


def test_the_same_seed_gives_the_same_battle():
    assert _battle(3) == _battle(3)
    assert _battle(3) != _battle(4)
    assert len(_battle(3)) < 24
