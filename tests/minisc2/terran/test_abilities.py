"""What Terran units do beside fighting and building, asked for by pysc2's functions."""

import pytest
from s2clientprotocol import debug_pb2
from s2clientprotocol import sc2api_pb2 as sc_pb

from tests.minisc2.terran import stage as stage_lib

STIM, STIM_MARAUDER, SUPPLY_DROP, BOOST, CARRYING_GAS = 27, 24, 25, 89, 273
SCAN_EFFECT = 6


def test_stimpack_has_to_be_known_costs_life_and_ends(stage: stage_lib.Stage) -> None:
    for name, buff, life in (("Marine", STIM, 45), ("Marauder", STIM_MARAUDER, 105)):
        unit = stage.create(name, 40, 44)
        if name == "Marine":
            assert not stage.can_use("Effect_Stim", unit)
            stage.debug(game_state=debug_pb2.upgrade)
            stage.wait(1)
        stage.use("Effect_Stim", unit)
        unit = stage.by_tag(unit.tag)
        assert (unit.health, list(unit.buff_ids)) == (life, [buff])
        shown = next(one for one in stage.observation.raw_units if one.tag == unit.tag)
        assert (shown.buff_id_0, shown.buff_duration_remain) == (buff, 239)
        stage.wait(238)
        assert list(stage.by_tag(unit.tag).buff_ids) == [buff]
        stage.wait(2)
        assert not stage.by_tag(unit.tag).buff_ids
        stage.kill(unit.tag)


def test_an_orbital_command_calls_mules_supplies_and_scans(stage: stage_lib.Stage) -> None:
    orbital = stage.create("OrbitalCommand", 40.5, 40.5)
    field = stage.create("MineralField", 48, 40.5, owner=16)
    depot = stage.create("SupplyDepot", 36, 46)
    stage.value(orbital.tag, energy=151)
    food = stage.observation.player.food_cap
    stage.use("Effect_CalldownMULE", orbital, field)
    assert stage.by_tag(orbital.tag).energy == pytest.approx(101, abs=.5)
    mule = stage.one("MULE")
    stage.use("Effect_SupplyDrop", orbital, depot)
    assert stage.observation.player.food_cap == food + 8
    assert list(stage.by_tag(depot.tag).buff_ids) == [SUPPLY_DROP]
    stage.use("Effect_Scan", orbital, (52.0, 44.0))
    (effect,) = stage.response.observation.raw_data.effects
    assert (effect.effect_id, effect.radius, effect.alliance) == (SCAN_EFFECT, 13, 1)
    assert stage.by_tag(orbital.tag).energy == pytest.approx(1, abs=1)
    assert not stage.can("Effect_Scan_pt" if stage.is_raw else "Effect_Scan_screen", orbital.tag)
    stage.wait(300)
    assert stage.money[0] > 50
    stage.wait(1440 - 306)
    assert stage.by_tag(mule.tag) is not None
    stage.wait(8)
    assert stage.by_tag(mule.tag) is None
    assert sc_pb.MULEExpired in stage.response.observation.alerts


def test_workers_repair_for_money(stage: stage_lib.Stage) -> None:
    stage.rich()
    worker, bunker = stage.create("SCV", 44, 44), stage.create("Bunker", 48.5, 44.5)
    stage.value(bunker.tag, life=200)
    before = stage.money[0]
    stage.use("Effect_Repair", worker, stage.by_tag(bunker.tag))
    stage.wait(500)
    assert stage.by_tag(bunker.tag).health == 400
    assert stage.money[0] == pytest.approx(before - 200 / 400 * 100 * .25, abs=1)
    assert not stage.by_tag(worker.tag).orders


@pytest.mark.parametrize(("name", "caster", "ability_id"), [
    ("Effect_Repair_autocast", "SCV", 316), ("Effect_Heal_autocast", "Medivac", 386)])
def test_autocast_is_switched_and_told_of(stage: stage_lib.Stage, name: str, caster: str,
                                          ability_id: int) -> None:
    stage.rich()
    unit, tank = stage.create(caster, 44, 44), stage.create("SiegeTank", 48, 44)
    marine = stage.create("Marine", 48, 46)
    stage.value(tank.tag, life=100)
    stage.value(marine.tag, life=20)
    hurt = tank if caster == "SCV" else marine
    if caster == "SCV":  # a Medivac heals by itself from the first, a worker is told to
        stage.wait(60)
        assert stage.by_tag(hurt.tag).health < 101
    for _ in range(1 if caster == "SCV" else 2):
        if stage.is_raw:
            stage.do(name, [stage.index(unit.tag)])
        else:
            stage.select(stage.by_tag(unit.tag))
            stage.do(name)
        (told,) = stage.told()
        assert told.function.name == name
        (action,) = stage.response.actions
        assert (action.action_raw if stage.is_raw else action.action_ui
                ).toggle_autocast.ability_id == ability_id
    life = stage.by_tag(hurt.tag).health
    stage.wait(100)
    assert stage.by_tag(hurt.tag).health > life


def test_a_bunker_takes_four_from_every_side(stage: stage_lib.Stage) -> None:
    bunker = stage.create("Bunker", 44.5, 44.5)
    marines = [stage.create("Marine", 44.5 + x, 44.5 + y)
               for x, y in ((-4, -4), (5, -3), (4, 5), (-5, 3), (0, -7))]
    stage.use("Load", bunker, marines[0])
    for marine in marines[1:]:
        stage.use("Smart", marine, bunker)
    stage.wait(120)
    inside = stage.by_tag(bunker.tag)
    assert (inside.cargo_space_taken, inside.cargo_space_max) == (4, 4)
    assert {one.tag for one in inside.passengers} == {one.tag for one in marines[:4]}
    assert stage.observation.player.army_count == 5
    assert stage.observation.player.food_used == 5
    left = stage.by_tag(marines[4].tag)
    assert not left.orders
    assert not stage.can_use("Lift", bunker)
    if not stage.is_raw:
        stage.select(inside)
        assert len(stage.observation.cargo) == 4
        stage.do("unload", [0])
        assert stage.told()[0].function.name == "unload"
        stage.wait(1)
        assert stage.by_tag(bunker.tag).cargo_space_taken == 3
    stage.use("UnloadAll", bunker)
    stage.wait(40)
    assert stage.by_tag(bunker.tag).cargo_space_taken == 0
    assert all(stage.by_tag(one.tag) for one in marines)


def test_a_bunker_is_sold_for_three_quarters(stage: stage_lib.Stage) -> None:
    stage.rich()
    bunker, before = stage.create("Bunker", 44.5, 44.5), stage.money[0]
    stage.use("Effect_Salvage", bunker)
    stage.wait(85)
    assert stage.by_tag(bunker.tag) is None
    assert stage.money[0] == before + 75


def test_a_medivac_carries_and_drops(stage: stage_lib.Stage) -> None:
    medivac = stage.create("Medivac", 44, 44)
    tank, marine = stage.create("SiegeTank", 48, 44), stage.create("Marine", 46, 46)
    stage.use("Load", medivac, tank)
    stage.use("Load", medivac, marine, queued=True)
    stage.wait(150)
    medivac = stage.by_tag(medivac.tag)
    assert (medivac.cargo_space_taken, medivac.cargo_space_max) == (5, 8)
    assert {one.tag for one in medivac.passengers} == {tank.tag, marine.tag}
    stage.use("UnloadAllAt", medivac, (40.0, 40.0))
    stage.wait(150)
    for unit in (tank, marine):
        unit = stage.by_tag(unit.tag)
        assert abs(unit.pos.x - 40) + abs(unit.pos.y - 40) < 4
    medivac = stage.by_tag(medivac.tag)
    stage.use("Effect_MedivacIgniteAfterburners", medivac)
    assert list(stage.by_tag(medivac.tag).buff_ids) == [BOOST]
    assert not stage.can_use("Effect_MedivacIgniteAfterburners", medivac)
    stage.wait(320)
    assert stage.can_use("Effect_MedivacIgniteAfterburners", medivac)
    stage.value(marine.tag, life=20)
    stage.use("Effect_Heal", medivac, stage.by_tag(marine.tag))
    stage.wait(20)
    assert stage.by_tag(marine.tag).health > 28


def test_a_command_center_shelters_its_workers(stage: stage_lib.Stage) -> None:
    center = stage.create("CommandCenter", 44.5, 44.5)
    workers = [stage.create("SCV", 40 + number, 40) for number in range(6)]
    stage.use("LoadAll", center)
    stage.wait(120)
    assert stage.by_tag(center.tag).cargo_space_taken == 5
    assert stage.observation.player.food_workers == 6
    stage.use("Lift", center)
    stage.wait(40)
    stage.use("Land", center, (46.5, 44.5))
    stage.wait(120)
    assert stage.by_tag(center.tag).unit_type == stage_lib.type_id("CommandCenter")
    stage.use("UnloadAll", center)
    stage.wait(60)
    assert all(stage.by_tag(one.tag) for one in workers)


@pytest.mark.parametrize("name", [
    "Barracks", "Factory", "Starport", "CommandCenter", "OrbitalCommand"])
def test_structures_fly_and_land(stage: stage_lib.Stage, name: str) -> None:
    structure = stage.create(name, 44.5, 44.5)
    stage.use("Lift", structure)
    stage.wait(33)
    flying = stage.by_tag(structure.tag)
    assert flying.is_flying
    assert flying.unit_type == stage_lib.type_id(f"{name}Flying")
    assert "Attack_screen" not in stage.available()
    stage.use("Land", structure, (40.5, 40.5))
    stage.wait(200)
    landed = stage.by_tag(structure.tag)
    assert (landed.unit_type, landed.pos.x, landed.pos.y) == (structure.unit_type, 40.5, 40.5)
    assert not landed.is_flying


def test_what_leaves_its_add_on_can_take_it_back(stage: stage_lib.Stage) -> None:
    stage.rich()
    barracks, lab = stage.create("Barracks", 44.5, 44.5), stage.create("BarracksTechLab", 47, 44)
    assert stage.by_tag(barracks.tag).add_on_tag == lab.tag
    stage.use("Lift", barracks)
    stage.wait(33)
    assert stage.by_tag(lab.tag).unit_type == stage_lib.type_id("TechLab")
    stage.use("Move", barracks, (36.0, 50.0))
    stage.wait(150)
    factory = stage.create("FactoryFlying", 40, 40)
    stage.use("Land", factory, (44.5, 44.5))
    stage.wait(200)
    assert stage.by_tag(factory.tag).add_on_tag == lab.tag
    assert stage.by_tag(lab.tag).unit_type == stage_lib.type_id("FactoryTechLab")
    assert stage.can_use("Train_SiegeTank", factory)
    stage.use("Build_Reactor", barracks, (36.5, 44.5))  # flies there, lands and builds
    stage.wait(1000)
    assert stage.one("BarracksReactor").build_progress == 1


def test_rally_points_are_shown_and_obeyed(stage: stage_lib.Stage) -> None:
    stage.rich()
    barracks = stage.create("Barracks", 44.5, 44.5)
    stage.use("Rally_Units", barracks, (50.0, 50.0))
    stage.use("Rally_Units", barracks, (40.0, 50.0), queued=True)
    assert [(round(one.point.x), round(one.point.y))
            for one in stage.by_tag(barracks.tag).rally_targets] == [(50, 50), (40, 50)]
    stage.use("Train_Marine", barracks)
    stage.wait(404)
    assert [order.ability_id for order in stage.one("Marine").orders] == [16, 16]
    center, field = stage.create("CommandCenter", 50.5, 36.5), stage.create(
        "MineralField", 50, 44.5, owner=16)
    stage.use("Rally_Workers", center, field)
    assert stage.by_tag(center.tag).rally_targets[0].tag == field.tag
    stage.use("Train_SCV", center)
    stage.wait(276)
    assert [order.ability_id for order in stage.one("SCV").orders] == [295]


def test_construction_halts_and_goes_on(stage: stage_lib.Stage) -> None:
    stage.rich()
    worker = stage.create("SCV", 44, 44)
    assert not stage.can_use("Halt", worker)
    stage.use("Build_SupplyDepot", worker, (48.0, 44.0))
    stage.wait(40)
    depot = stage.one("SupplyDepot")
    for who in (worker, depot):
        stage.use("Halt", who)
        progress = stage.by_tag(depot.tag).build_progress
        stage.wait(20)
        assert stage.by_tag(depot.tag).build_progress == progress
        assert not stage.by_tag(worker.tag).orders
        assert not stage.can_use("Halt", worker)
        stage.use("Smart", worker, depot)
        stage.wait(40)
        assert stage.by_tag(depot.tag).build_progress > progress
    stage.kill(worker.tag)
    other = stage.create("SCV", 40, 44)
    stage.use("Smart", other, depot)
    stage.wait(560)
    assert stage.by_tag(depot.tag).build_progress == 1


def test_gas_is_gathered_and_brought_home(stage: stage_lib.Stage) -> None:
    worker = stage.create("SCV", 44, 44)
    geyser = stage.create("VespeneGeyser", 48.5, 44.5, owner=16)
    refinery = stage.create("Refinery", 48.5, 44.5)
    assert refinery.vespene_contents == geyser.vespene_contents == 2250
    stage.create("CommandCenter", 41.5, 44.5)
    assert not stage.can_use("Harvest_Return", worker)
    stage.use("Harvest_Gather", worker, refinery)
    for _ in range(60):
        stage.wait(4)
        if CARRYING_GAS in stage.by_tag(worker.tag).buff_ids:
            break
    assert stage.by_tag(refinery.tag).assigned_harvesters == 1
    stage.use("Harvest_Return", worker)
    stage.wait(60)
    assert stage.money[1] == 4
    assert stage.by_tag(refinery.tag).vespene_contents == 2246


def test_the_queue_is_shown_and_cancelled_slot_by_slot(screen: stage_lib.Stage) -> None:
    screen.rich()
    barracks = screen.create("Barracks", 44.5, 44.5)
    screen.create("BarracksTechLab", 47, 44)
    screen.select(barracks)
    for name in ("Marine", "Marauder", "Reaper", "Marine", "Marine"):
        screen.do(f"Train_{name}_quick", "now")
    assert "Train_Marine_quick" not in screen.available()
    assert list(screen.observation.build_queue[:, 0]) == [48, 51, 49, 48, 48]
    before = screen.money
    screen.do("build_queue", [1])
    assert screen.told()[0].function.name == "build_queue"
    assert screen.money == (before[0] + 100, before[1] + 25)
    assert [order.ability_id for order in screen.by_tag(barracks.tag).orders] == [
        560, 561, 560, 560]
    screen.do("Cancel_Last_quick", "now")
    assert screen.money == (before[0] + 150, before[1] + 25)


def test_a_reactor_makes_two_at_a_time(stage: stage_lib.Stage) -> None:
    stage.rich()
    barracks = stage.create("Barracks", 44.5, 44.5)
    stage.create("BarracksReactor", 47, 44)
    for _ in range(3):
        stage.use("Train_Marine", barracks)
    stage.wait(200)
    assert [order.progress > 0 for order in stage.by_tag(barracks.tag).orders] == [
        True, True, False]
    stage.wait(210)
    assert len(stage.all("Marine")) == 2


def test_levels_of_weapons_and_armor_follow_each_other(stage: stage_lib.Stage) -> None:
    stage.debug(game_state=debug_pb2.free)
    bay, marine = stage.create("EngineeringBay", 44.5, 44.5), stage.create("Marine", 40, 44)
    for level, loops in ((1, 2560), (2, 3040), (3, 3520)):
        if level == 2:
            assert not stage.can_use("Research_TerranInfantryWeapons", bay)
            stage.create("Armory", 50.5, 50.5)
        stage.use("Research_TerranInfantryWeapons", bay)
        stage.use("Research_TerranInfantryArmor", bay)
        assert not stage.can_use("Research_TerranInfantryWeapons", bay)
        stage.wait(loops + 4)
        assert stage.by_tag(marine.tag).attack_upgrade_level == level
        stage.wait(loops + 4)
        assert stage.by_tag(marine.tag).armor_upgrade_level == level
    assert not stage.can_use("Research_TerranInfantryArmor", bay)
    assert {7, 8, 9, 11, 12, 13} == set(stage.response.observation.raw_data.player.upgrade_ids)
    assert set(stage.observation.upgrades) == {7, 8, 9, 11, 12, 13}
