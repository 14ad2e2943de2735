"""What units can do now: listed only if it is possible and affordable."""

import pytest

from minisc2.game import ability_data, orders, unit_data
from tests.minisc2.game import bases, worlds

BASIC = [1, 4, 16, 17, 18, 23]
GATHER, RETURN, REPAIR = 295, 296, 316


def usable(world, unit):
    return [use.ability_id for use in world.abilities(1, unit)]


def rich_world(minerals=10_000):
    world = worlds.empty_world()
    world.players[1].minerals = world.players[1].vespene = minerals
    return world


def test_an_scv_without_money_or_buildings():
    world = rich_world(0)
    scv = worlds.add(world, "SCV", 1, 10, 10)
    assert usable(world, scv) == [*BASIC, GATHER, REPAIR]
    scv.carried_minerals = 5
    assert usable(world, scv) == [*BASIC, GATHER, RETURN, REPAIR]


@pytest.mark.parametrize(("minerals", "built"), [
    (74, []), (75, [320]), (100, [319, 320]), (400, [318, 319, 320])])
def test_scvs_build_what_is_affordable(minerals, built):
    world = rich_world(minerals)
    scv = worlds.add(world, "SCV", 1, 10, 10)
    assert [ability_id for ability_id in usable(world, scv) if 317 < ability_id < 348] == built


def test_the_tree_of_structures():
    """Each structure after the first ones it needs; the game's technology tree of 4.10."""
    world = rich_world()
    scv = worlds.add(world, "SCV", 1, 10, 10)
    steps = [  # structure that is there from now on -> abilities to build that come with it
        ("CommandCenter", [318, 319, 320, 322]), ("SupplyDepot", [321]),
        ("EngineeringBay", [323, 326]), ("Barracks", [324, 327, 328]), ("Factory", [329, 331]),
        ("Starport", [333])]
    known = {318, 319, 320}
    for index, (name, expected) in enumerate(steps):
        worlds.add(world, name, 1, 20.5 + 6 * index, 30.5)
        now = {ability_id for ability_id in usable(world, scv) if 317 < ability_id < 348}
        assert sorted(now - known | ({318, 319, 320} if index == 0 else set())) == expected, name
        known = now


def test_a_structure_under_construction_opens_nothing():
    world = rich_world()
    scv = worlds.add(world, "SCV", 1, 10, 10)
    depot = worlds.add(world, "SupplyDepot", 1, 20, 20, build_progress=0.9)
    assert 321 not in usable(world, scv)
    world.finish_structure(depot)
    assert 321 in usable(world, scv)
    world.kill_unit(depot)
    assert 321 not in usable(world, scv)


def test_a_barracks_with_what_it_needs():
    world = rich_world()
    barracks = worlds.add(world, "Barracks", 1, 20.5, 20.5)
    lift, lab, reactor, marine, reaper, marauder = 452, 421, 422, 560, 561, 563
    assert usable(world, barracks) == [1, 195, lab, reactor, lift]  # no supply
    worlds.add(world, "CommandCenter", 1, 40.5, 40.5)
    assert usable(world, barracks) == [1, 195, lab, reactor, lift, marine, reaper]
    part = worlds.add(world, "BarracksTechLab", 1, 23.0, 20.0, add_on_tag=barracks.tag)
    barracks.add_on_tag = part.tag
    assert usable(world, barracks) == [1, 195, lift, marine, reaper, marauder]
    bases.order(world, barracks, marine)
    assert usable(world, barracks) == [1, 195, 312, marine, reaper, marauder]  # busy: stays
    for _ in range(4):
        bases.order(world, barracks, marine)
    assert usable(world, barracks) == [1, 195, 312]  # the queue is full


def test_general_ids_mean_the_specific_ones():
    world = rich_world()
    worlds.add(world, "CommandCenter", 1, 40.5, 40.5)
    scv = worlds.add(world, "SCV", 1, 10, 10)
    barracks = worlds.add(world, "Barracks", 1, 20.5, 20.5)
    assert world.resolve(scv, 3666) == GATHER
    assert world.resolve(barracks, 3682) == 421
    assert world.resolve(barracks, 3679) == 452
    assert world.resolve(barracks, 3673) == 195
    assert world.resolve(scv, 560) == 560


def test_units_of_a_type_and_state_are_alike():
    world = rich_world()
    first, second = (worlds.add(world, "Marine", 1, 10 + index, 10) for index in range(2))
    assert world.abilities(1, first) == world.abilities(1, second)


def test_every_ability_of_every_terran_unit_has_a_way_to_be_carried_out():
    """Whatever is listed can be ordered, with some target, without an exception."""
    world = rich_world()
    world.reveal_area(1, 0, 0, 64, 64)
    enemy = worlds.add(world, "Marine", 2, 60, 60)
    num_tried = 0
    for unit_id in range(18, 60):
        kind = unit_data.UNIT_TYPES.get(unit_id)
        if kind is None or kind.race != unit_data.TERRAN:
            continue
        for ability in ability_data.of_type(unit_id):
            unit = world.create_unit(unit_id, 1, (30.5, 30.5))
            for target in (None, (40.0, 40.0), enemy, unit):
                for queued in (False, True):
                    world.order(1, [unit.tag], ability.ability_id, target, queued)
                    num_tried += 1
            world.step(3)
            if unit.is_alive:
                world.remove_unit(unit)
            for left in list(world.owned(1)):
                world.remove_unit(left)
    assert num_tried > 1000
    assert orders.SMART == 1


def test_what_the_map_forbids_is_not_listed():
    world = rich_world(0)
    scv = worlds.add(world, "SCV", 1, 10, 10)
    world.game_map.forbidden_abilities = frozenset((16, REPAIR))
    assert usable(world, scv) == [1, 4, 17, 18, 23, GATHER]
    assert bases.order(world, scv, 16, (20.0, 20.0)) == 2
