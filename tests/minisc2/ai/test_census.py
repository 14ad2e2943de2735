"""What a computer player counts as its own."""

from minisc2.ai import census as census_lib
from minisc2.game import unit_data
from tests.minisc2.ai import matches

BUILD_DEPOT, TRAIN_SCV = 319, 524


def world_with_money():
    world = matches.match((0, 0), map_name="Flat64")
    world.step(1)
    world.players[1].minerals = 500
    return world


def depot_place(world):
    x, y = world.players[1].start_xy
    return next((x + dx + 0.5, y + dy + 0.5) for dx in range(-8, 9) for dy in range(-5, 6)
                if abs(dx) > 5 and world.placement(BUILD_DEPOT, (x + dx + 0.5, y + dy + 0.5)) == 1)


def test_a_depot_counts_once_from_the_order_to_its_end():
    world = world_with_money()
    worker = next(unit for unit in world.owned(1) if unit.type.is_worker)
    counts, minerals = [], []
    world.order(1, [worker.tag], BUILD_DEPOT, depot_place(world))
    for _ in range(70):
        census = census_lib.Census(world, 1)
        counts.append(census.counts["SupplyDepot"])
        minerals.append(census.minerals - world.players[1].minerals)
        if len(minerals) == 1:
            assert census.num_pending["SupplyDepot"] == 1
        world.step(10)
    assert set(counts) == {1}
    # Its price is spoken for on the way, and paid from the beginning of construction on.
    assert minerals[0] == -100
    assert minerals[-1] == 0
    assert len(census.finished["SupplyDepot"]) == 1
    assert census.num_pending["SupplyDepot"] == 0


def test_an_abandoned_structure_is_an_orphan_and_nothing_to_count_on():
    world = world_with_money()
    world.create_unit(unit_data.id_of("SupplyDepot"), 1, depot_place(world), build_progress=0.5)
    census = census_lib.Census(world, 1)
    assert [unit.type.name for unit in census.orphans] == ["SupplyDepot"]
    assert census.num_pending["SupplyDepot"] == 0


def test_what_is_in_production_counts():
    world = world_with_money()
    hall = next(unit for unit in world.owned(1) if unit.is_structure)
    world.order(1, [hall.tag], TRAIN_SCV)
    assert census_lib.Census(world, 1).counts["SCV"] == 13


def test_better_town_halls_are_town_halls():
    world = world_with_money()
    hall = next(unit for unit in world.owned(1) if unit.is_structure)
    world.change_type(hall, unit_data.id_of("OrbitalCommand"))
    census = census_lib.Census(world, 1)
    assert census.halls == [hall]
    assert (census.counts["CommandCenter"], census.counts["OrbitalCommand"]) == (1, 1)
