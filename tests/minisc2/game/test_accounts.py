"""What the score counts, and that it counts everything once."""

import pytest

from minisc2.game import ability_data, accounts, orders
from tests.minisc2.game import bases, worlds


def test_categories_are_those_of_replays():
    world = worlds.empty_world()
    for index, name in enumerate((
            "SCV", "CommandCenter", "Refinery", "SupplyDepot", "SupplyDepotLowered",  # economy
            "Barracks", "EngineeringBay", "MissileTurret", "StarportTechLab",  # technology
            "Marine", "Marauder", "Medivac", "MULE")):  # army; MULEs are free
        worlds.add(world, name, 1, 10.5 + 8 * (index % 6), 10.5 + 10 * (index // 6))
    used = world.players[1].score.used_minerals
    assert used.economy == 50 + 400 + 75 + 100 + 100
    assert used.technology == 150 + 125 + 100 + 50
    assert used.army == 50 + 100 + 100
    assert world.players[1].score.total_value_units == 50 + 50 + (100 + 25) + (100 + 100)


def test_a_structure_counts_as_used_when_it_is_finished():
    world = worlds.empty_world()
    world.players[1].minerals = 100
    scv = worlds.add(world, "SCV", 1, 13, 16)
    bases.order(world, scv, 319, (16.0, 16.0))
    world.step(100)
    score = world.players[1].score
    assert (score.spent_minerals, score.used_minerals.economy) == (100, 50)
    assert score.total_value_structures == 0
    world.step(450)
    assert (score.spent_minerals, score.used_minerals.economy) == (100, 150)
    assert (score.total_value_structures, score.total_used_minerals.economy) == (100, 150)
    depot = bases.named(world, "SupplyDepot")[0]
    bases.order(world, depot, 556)
    world.step(30)
    assert (score.total_value_structures, score.used_minerals.economy) == (100, 150)
    world.kill_unit(depot)
    assert (score.used_minerals.economy, score.lost_minerals.economy) == (50, 100)
    assert (score.total_value_structures, world.players[1].food_cap) == (100, 0)


def test_what_comes_back_is_not_spent():
    world = worlds.empty_world()
    world.players[1].minerals = 100
    hall = worlds.add(world, "CommandCenter", 1, 30.5, 30.5)
    bases.order(world, hall, 524)
    bases.order(world, hall, 3671)
    assert (world.players[1].minerals, world.players[1].score.spent_minerals) == (100, 0)


@pytest.mark.parametrize(("minerals", "rate"), [(24, 671), (25, 699), (26, 727), (0, 0)])
def test_rates_are_those_that_replays_have(minerals, rate):
    world = worlds.empty_world()
    for index in range(minerals):
        world.accounts.collect(1, 5, 0, 9 * index)
    world.accounts.refresh(239)
    assert world.players[1].score.collection_rate_minerals == rate


def test_rates_forget_what_is_older_than_240_game_loops():
    world = worlds.empty_world()
    world.accounts.collect(1, 0, 4, 10)
    world.accounts.refresh(249)
    assert world.players[1].score.collection_rate_vespene == 22
    world.accounts.refresh(250)
    assert world.players[1].score.collection_rate_vespene == 0
    assert world.players[1].score.collected_vespene == 4


def test_the_rate_of_twelve_workers():
    world = bases.base(12)
    bases.gather_all(world, bases.fields(world)[0])
    world.step(1000)
    assert world.players[1].score.collection_rate_minerals == pytest.approx(699, abs=30)


def test_the_score_does_not_depend_on_the_length_of_steps():
    scores = []
    for num_game_loops in (1, 8, 37):
        world = bases.base(6)
        world.players[1].minerals = 50
        hall = bases.named(world, "CommandCenter")[0]
        bases.gather_all(world, bases.fields(world)[0])
        bases.order(world, hall, 524)
        for _ in range(592 // num_game_loops):
            world.step(num_game_loops)
        scores.append(world.players[1].score)
    assert scores[0] == scores[1] == scores[2]
    assert scores[0].collected_minerals > 0


def test_idle_workers_are_those_without_orders():
    world = bases.base(3)
    assert bases.order(world, bases.named(world, "SCV")[0], ability_data.GATHER_SCV,
                       bases.fields(world)[0]) == 1
    worlds.add(world, "MULE", 1, 20, 20)
    world.step(1)
    assert world.players[1].idle_worker_count == 2
    bases.order(world, bases.named(world, "SCV")[1], orders.HOLD_POSITION)
    world.step(1)
    assert world.players[1].idle_worker_count == 1


def test_idle_structures_are_those_that_could_make_something():
    world = bases.base(1)
    score = world.players[1].score

    def rise():
        before = score.idle_production_time
        world.step(accounts.SAMPLE_GAME_LOOPS)
        return (score.idle_production_time - before) / (
            accounts.SAMPLE_GAME_LOOPS / bases.unit_data.LOOPS_PER_SECOND)

    assert rise() == pytest.approx(1)  # the town hall
    barracks = worlds.add(world, "Barracks", 1, 20, 20, build_progress=0.5)
    worlds.add(world, "SupplyDepot", 1, 24, 20)
    assert rise() == pytest.approx(1)
    world.finish_structure(barracks)
    assert rise() == pytest.approx(2)
    world.players[1].minerals = 50
    assert bases.order(world, bases.named(world, "CommandCenter")[0], 524) == 1
    assert rise() == pytest.approx(1)
    world.kill_unit(barracks)
    assert rise() == pytest.approx(0)


def test_who_can_make_something():
    names = [name for name in ("Barracks", "EngineeringBay", "SupplyDepot", "BarracksTechLab",
                               "OrbitalCommand", "Reactor")
             if accounts.can_make(bases.unit_data.id_of(name))]
    assert names == ["Barracks", "EngineeringBay", "BarracksTechLab", "OrbitalCommand"]
