"""Training and research: queues, supply, reactors, rally points, cancelling."""

import pytest

from minisc2.game import ability_data, orders, production, unit_data, upgrade_data
from tests.minisc2.game import bases, worlds

TRAIN_SCV, TRAIN_MARINE, TRAIN_MARAUDER = 524, 560, 563
STIMPACK, SHIELD = 730, 731
WEAPONS_1, GENERAL_WEAPONS = 652, 3698


def economy(minerals=1000, vespene=1000):
    world = worlds.empty_world()
    world.players[1].minerals, world.players[1].vespene = minerals, vespene
    hall = worlds.add(world, "CommandCenter", 1, 50.5, 50.5)
    return world, hall


def barracks(world, add_on=None):
    """A Barracks with an add-on of the named kind beside it."""
    building = worlds.add(world, "Barracks", 1, 20.5, 20.5)
    if add_on:
        part = worlds.add(world, f"Barracks{add_on}", 1, 23.0, 20.0, add_on_tag=building.tag)
        building.add_on_tag = part.tag
    return building


def test_an_scv_takes_272_game_loops_and_its_supply_from_the_beginning():
    world, hall = economy(minerals=50)
    assert bases.order(world, hall, TRAIN_SCV) == 1
    state = world.players[1]
    assert (state.minerals, state.food_used) == (0, 0)
    world.step(1)
    assert state.food_used == 1
    world.step(271)
    assert not bases.named(world, "SCV")
    assert hall.orders[0].progress(world.loop) == pytest.approx(271 / 272)
    world.step(1)
    assert len(bases.named(world, "SCV")) == 1
    assert (state.food_used, state.food_workers, hall.orders) == (1, 1, [])


def test_five_in_a_row_and_no_more():
    world, hall = economy()
    answers = [bases.order(world, hall, TRAIN_SCV) for _ in range(6)]
    assert answers == [1] * 5 + [7]  # QueueIsFull
    assert world.players[1].minerals == 750
    world.step(10)
    assert [order.progress(world.loop) > 0 for order in hall.orders] == [True] + [False] * 4
    world.step(5 * 273)
    assert len(bases.named(world, "SCV")) == 5


def test_a_reactor_makes_two_at_once_and_keeps_eight():
    world, _ = economy()
    building = barracks(world, "Reactor")
    answers = [bases.order(world, building, TRAIN_MARINE) for _ in range(9)]
    assert answers == [1] * 8 + [7]
    world.step(10)
    assert [order.end_loop > 0 for order in building.orders] == [True, True] + [False] * 6
    world.step(4 * 401)  # a Marine takes 400
    assert len(bases.named(world, "Marine")) == 8


def test_what_has_no_supply_waits_in_the_queue():
    world, hall = economy()
    for index in range(14):
        worlds.add(world, "SCV", 1, 10 + 2 * index, 10)
    building = barracks(world)
    assert bases.order(world, hall, TRAIN_SCV) == 1
    assert bases.order(world, building, TRAIN_MARINE) == 1  # there is supply as long as
    world.step(1)
    assert world.players[1].food_used == 15
    assert bases.order(world, building, TRAIN_MARINE) == 13  # NotEnoughFood
    world.step(500)
    assert building.orders[0].end_loop == 0
    worlds.add(world, "SupplyDepot", 1, 30, 30)
    world.step(9)
    assert building.orders[0].end_loop > 0


def test_nobody_has_more_than_200_supply():
    world, hall = economy()
    for index in range(30):
        worlds.add(world, "SupplyDepot", 1, 4.0 + 2 * (index % 15), 40.0 + 2 * (index // 15))
    world.players[1].food_used = 200.0
    assert bases.order(world, hall, TRAIN_SCV) == 13


@pytest.mark.parametrize("index", [0, 1, 2])
def test_any_place_in_the_queue_can_be_cancelled_for_the_whole_cost(index):
    world, hall = economy(minerals=150)
    for _ in range(3):
        bases.order(world, hall, TRAIN_SCV)
    world.step(100)
    assert production.cancel(world, hall, index) == 1
    assert (world.players[1].minerals, len(hall.orders)) == (50, 2)
    assert world.players[1].food_used == (0 if index == 0 else 1)
    world.step(1)
    assert world.players[1].food_used == 1
    assert hall.orders[0].progress(world.loop) == pytest.approx(
        0 if index == 0 else 100 / 272, abs=0.01)
    assert production.cancel(world, hall, 2) == 3
    assert production.cancel(world, hall, -1) == 3


@pytest.mark.parametrize("ability_id", [308, 3671])
def test_cancel_last_takes_the_last(ability_id):
    world, hall = economy(minerals=100)
    assert bases.order(world, hall, ability_id) == 2
    bases.order(world, hall, TRAIN_SCV)
    bases.order(world, hall, TRAIN_SCV)
    world.step(5)
    assert bases.order(world, hall, ability_id) == 1
    assert (world.players[1].minerals, len(hall.orders)) == (50, 1)
    assert hall.orders[0].end_loop > 0


def test_the_queue_of_a_lost_structure_is_paid_back():
    world, hall = economy(minerals=100)
    bases.order(world, hall, TRAIN_SCV)
    bases.order(world, hall, TRAIN_SCV)
    world.step(5)
    world.kill_unit(hall)
    assert (world.players[1].minerals, world.players[1].food_used) == (100, 0)


def test_what_needs_a_tech_lab():
    world, _ = economy()
    building = barracks(world)
    assert bases.order(world, building, TRAIN_MARAUDER) == 79  # TechRequirementsNotMet
    with_lab = worlds.add(world, "Barracks", 1, 30.5, 30.5)
    lab = worlds.add(world, "BarracksTechLab", 1, 33.0, 30.0, add_on_tag=with_lab.tag)
    with_lab.add_on_tag = lab.tag
    assert bases.order(world, with_lab, TRAIN_MARAUDER) == 1
    assert bases.order(world, with_lab, 562) == 79  # a Ghost needs an academy as well


def test_units_go_to_the_rally_points_one_after_the_other():
    world, hall = economy()
    building = barracks(world)
    assert bases.order(world, building, orders.SMART, (30.0, 20.0)) == 1
    assert bases.order(world, building, 3673, (30.0, 26.0), queued=True) == 1
    assert building.rally == [(30.0, 20.0), (30.0, 26.0)]
    bases.order(world, building, TRAIN_MARINE)
    world.step(401)
    marine = bases.named(world, "Marine")[0]
    assert [order.target_xy for order in marine.orders] == [(30.0, 20.0), (30.0, 26.0)]
    world.step(150)
    assert marine.distance_to(30.0, 26.0) < 0.5
    bases.order(world, building, 3673, (12.0, 20.0))
    assert building.rally == [(12.0, 20.0)]
    bases.order(world, building, 3673, building)
    assert building.rally == []
    assert hall.rally == []


def test_workers_rally_to_minerals_and_gather():
    world = bases.base()
    world.players[1].minerals = 50
    hall, field = bases.named(world, "CommandCenter")[0], bases.fields(world)[4]
    assert bases.order(world, hall, orders.SMART, field) == 1
    assert hall.rally == [field]
    bases.order(world, hall, TRAIN_SCV)
    world.step(274)
    scv = bases.named(world, "SCV")[0]
    assert (scv.orders[0].kind, scv.harvest_tag) == (orders.Kind.GATHER, field.tag)
    world.remove_unit(field)
    world.players[1].minerals = 50
    bases.order(world, hall, TRAIN_SCV)
    world.step(273)
    assert hall.rally == [(field.x, field.y)]


def test_research_counts_when_it_is_finished_and_is_done_once():
    world, _ = economy()
    building = barracks(world, "TechLab")
    lab = world.units[building.add_on_tag]
    state = world.players[1]
    assert bases.order(world, lab, STIMPACK) == 1
    assert (state.minerals, state.vespene) == (900, 900)
    assert bases.order(world, lab, STIMPACK) == 79
    world.step(2239)
    assert state.upgrades == set()
    world.step(2)  # 100 seconds on screen, 2,240 game loops
    stimpack = upgrade_data.id_of("Stimpack")
    assert state.upgrades == {stimpack}
    assert bases.order(world, lab, STIMPACK) == 79
    assert (state.score.used_minerals.upgrade, state.score.total_used_vespene.upgrade) == (100, 100)


def test_two_laboratories_do_not_research_the_same():
    world, _ = economy()
    labs = [worlds.add(world, "BarracksTechLab", 1, 20.0 + 5 * index, 20.0) for index in range(2)]
    assert bases.order(world, labs[0], SHIELD) == 1
    assert bases.order(world, labs[1], SHIELD) == 79
    world.step(10)
    assert bases.order(world, labs[0], 3671) == 1
    assert world.players[1].minerals == 1000
    assert bases.order(world, labs[1], SHIELD) == 1


def test_general_research_means_the_next_level():
    world, _ = economy()
    bay = worlds.add(world, "EngineeringBay", 1, 20.5, 20.5)
    assert bases.order(world, bay, GENERAL_WEAPONS) == 1
    assert bay.orders[0].ability_id == WEAPONS_1
    world.step(2600)
    assert world.players[1].upgrades == {upgrade_data.id_of("TerranInfantryWeaponsLevel1")}
    assert bases.order(world, bay, GENERAL_WEAPONS) == 79  # level 2 needs an armory
    worlds.add(world, "Armory", 1, 30.5, 30.5)
    assert bases.order(world, bay, GENERAL_WEAPONS) == 1
    assert bay.orders[0].ability_id == WEAPONS_1 + 1


def test_every_upgrade_can_be_researched():
    world, _ = economy(minerals=10**6, vespene=10**6)
    for name in ("EngineeringBay", "Armory", "FusionCore", "GhostAcademy", "BarracksTechLab",
                 "FactoryTechLab", "StarportTechLab"):
        if any(ability.kind is orders.Kind.RESEARCH
               for ability in ability_data.of_type(unit_data.id_of(name))):
            worlds.add(world, name, 1, 10.5 + 4 * len(world.units), 10.5)
    wanted = {ability.upgrade_id for ability in ability_data.load().values()
              if ability.kind is orders.Kind.RESEARCH}
    for _ in range(40):
        for unit in list(world.owned(1)):
            for use in world.abilities(1, unit):
                if ability_data.load()[use.ability_id].kind is orders.Kind.RESEARCH:
                    bases.order(world, unit, use.ability_id)
        world.step(1000)
    assert world.players[1].upgrades == wanted
    assert len(wanted) >= 20


def test_a_fortress_shoots_while_it_makes_workers():
    world, _ = economy()
    fortress = worlds.add(world, "PlanetaryFortress", 1, 30.5, 30.5)
    assert bases.order(world, fortress, TRAIN_SCV) == 1
    world.step(10)
    enemy = worlds.add(world, "Marauder", 2, 35, 30)
    world.step(40)
    assert enemy.health < enemy.health_max
    other = worlds.add(world, "Marauder", 2, 36, 32)
    assert bases.order(world, fortress, orders.GENERAL_ATTACK, other) == 1
    assert fortress.target is other
    assert bases.order(world, fortress, orders.GENERAL_STOP) == 1
    assert [order.ability_id for order in fortress.orders] == [TRAIN_SCV]
    assert fortress.target is None
    world.step(240)
    assert len(bases.named(world, "SCV")) == 1


def test_idle_structures_and_workers_are_counted_in_seconds():
    world, hall = economy()
    worlds.add(world, "SCV", 1, 10, 10)
    bases.order(world, hall, TRAIN_SCV)
    world.step(160)
    score = world.players[1].score
    assert (score.idle_production_time, score.idle_worker_time) == (0, 10)
    world.step(160 + 112)  # the second worker is there after 272, sampled every 8
    assert score.idle_production_time == pytest.approx((432 - 272) / 16, abs=0.5)
    assert score.idle_worker_time == pytest.approx((432 + 432 - 272) / 16, abs=0.5)
