"""How somebody who sees the whole map defends."""

import math

from minisc2.ai import census as census_lib
from minisc2.game import orders, unit_data
from tests.minisc2.ai import matches

CHEAT_VISION = 8


def army(world, owner, xy, num, name="Marine"):
    made = [world.create_unit(unit_data.id_of(name), owner, (xy[0] + index % 4, xy[1] + index // 4))
            for index in range(num)]
    for unit in made:
        unit.is_on_guard = False
    return made


def scene(num_home, num_attackers, way):
    """A player's soldiers where they muster, and attackers at a part of the way to them."""
    world = matches.match((CHEAT_VISION, 0), map_name="Flat64")
    world.step(20)
    brain = world.brains[0]
    muster_xy = brain.army._muster_xy
    there = world.players[2].start_xy
    home = army(world, 1, muster_xy, num_home)
    attackers = army(world, 2, (there[0] + way * (muster_xy[0] - there[0]),
                                there[1] + way * (muster_xy[1] - there[1])), num_attackers)
    brain.knowledge.update()
    census = census_lib.Census(world, 1)
    return world, brain, home, attackers, census


def place(world, brain, home, census):
    return brain.army._defence.place(home, brain.army._muster_xy, census)


def test_nothing_to_do_while_the_enemy_is_at_home():
    world, brain, home, _, census = scene(4, 12, way=0.1)
    assert place(world, brain, home, census) is None


def test_the_stronger_go_to_meet_attackers_and_the_weaker_wait():
    world, brain, home, attackers, census = scene(12, 4, way=0.8)
    xy, is_fight = place(world, brain, home, census)
    assert is_fight
    assert xy in {(unit.x, unit.y) for unit in attackers}
    world, brain, home, _, census = scene(4, 12, way=0.8)
    xy, is_fight = place(world, brain, home, census)
    assert not is_fight
    assert xy in (brain.army._muster_xy, world.players[1].start_xy)


def test_those_who_follow_the_first_attackers_count():
    world, brain, _, attackers, census = scene(6, 12, way=0.8)
    # A long column, of which only the first are on this side of the middle.
    (x, y), there = (attackers[0].x, attackers[0].y), world.players[2].start_xy
    for index, unit in enumerate(attackers):
        world.set_position(unit, (x + 0.04 * index * (there[0] - x),
                                  y + 0.04 * index * (there[1] - y)))
    brain.knowledge.update()
    home = world.players[1].start_xy
    assert any(unit.distance_to(*there) < unit.distance_to(*home) for unit in attackers)
    assert len(brain.knowledge.invaders(census.structures)) == len(attackers)


def militia(world):
    return [unit for unit in world.owned(1) if unit.type.is_worker and unit.orders
            and unit.orders[0].kind is orders.Kind.SCAN]


def test_workers_help_at_a_town_hall_if_that_gives_hope():
    for num_attackers, is_called in ((4, True), (30, False)):
        world = matches.match((CHEAT_VISION, 0), map_name="Flat64")
        world.step(20)
        brain = world.brains[0]
        x, y = world.players[1].start_xy
        army(world, 2, (x - 6.0, y + 6.0), num_attackers)
        brain.knowledge.update()
        place(world, brain, [], census_lib.Census(world, 1))
        called = militia(world)
        assert bool(called) == is_called
        assert len(called) <= 12


def test_workers_gather_again_when_the_attackers_are_dead():
    world = matches.match((CHEAT_VISION, 0), map_name="Flat64")
    world.step(20)
    x, y = world.players[1].start_xy
    attackers = army(world, 2, (x - 6.0, y + 6.0), 2)
    world.step(40)
    assert militia(world)
    for unit in attackers:
        if unit.is_alive:
            world.remove_unit(unit)
    world.step(300)
    assert not militia(world)
    gathering = [unit for unit in world.owned(1) if unit.type.is_worker and unit.orders
                 and unit.orders[0].kind in (orders.Kind.GATHER, orders.Kind.RETURN)]
    assert len(gathering) >= 8
    assert all(math.dist((unit.x, unit.y), (x, y)) < 16 for unit in gathering)
