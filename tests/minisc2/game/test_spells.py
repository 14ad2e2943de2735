"""Spells, buffs, healing, and what they cost."""

import pytest

from minisc2.game import ability_data, buffs, effects, orders, unit_data
from tests.minisc2.game import worlds

SECOND = unit_data.LOOPS_PER_SECOND


def _cast(world, unit, ability_id, target=None):
    ((_, answer),) = world.order(unit.owner, [unit.tag], ability_id, target)
    return answer


def test_stimpack_costs_life_and_speeds_up_for_fifteen_seconds():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    world.order(1, [marine.tag], orders.MOVE, (60.0, 10.0))
    assert _cast(world, marine, 3675) == 79  # not researched
    world.add_upgrade(1, 15)
    assert _cast(world, marine, 3675) == 1
    assert marine.orders  # goes on
    assert (marine.health, marine.buffs, marine.attack_rate) == (35, [buffs.STIMPACK], 1.5)
    assert marine.speed == pytest.approx(1.5 * 2.25 / 16)
    world.step(15 * SECOND - 1)
    assert marine.buffs == [buffs.STIMPACK]
    world.step(1)
    assert (marine.buffs, marine.attack_rate) == ([], 1.0)
    assert marine.speed == pytest.approx(2.25 / 16)
    marine.health = 10.0
    assert _cast(world, marine, 3675) == 15
    marauder = worlds.add(world, "Marauder", 1, 20, 20)
    _cast(world, marauder, 3675)
    assert (marauder.health, marauder.buffs) == (105, [buffs.STIMPACK_MARAUDER])


def test_a_second_stimpack_lasts_from_when_it_was_taken():
    world = worlds.empty_world()
    world.add_upgrade(1, 15)
    marine = worlds.add(world, "Marine", 1, 10, 10)
    _cast(world, marine, 380)
    world.step(100)
    _cast(world, marine, 380)
    world.step(239)
    assert marine.buffs == [buffs.STIMPACK]
    world.step(1)
    assert marine.buffs == []


def test_a_scan_shows_and_uncovers_for_a_while():
    world = worlds.empty_world()
    orbital = worlds.add(world, "OrbitalCommand", 1, 10.5, 10.5, energy=60.0)
    templar = worlds.add(world, "DarkTemplar", 2, 50, 50)
    assert not world.can_see(1, templar)
    assert _cast(world, orbital, ability_data.SCANNER_SWEEP, (45.0, 50.0)) == 1
    assert orbital.energy == 10
    assert world.can_see(1, templar)
    (effect,) = world.effects
    assert (effect.effect_id, effect.radius, effect.positions) == (6, 13, [(45.0, 50.0)])
    assert _cast(world, orbital, ability_data.SCANNER_SWEEP, (45.0, 50.0)) == 17
    world.step(195)
    assert world.can_see(1, templar)
    world.step(1)
    assert not world.can_see(1, templar)
    assert world.effects == []
    assert world.visibility(1)[50, 45] == 1


def test_a_mule_lands_gathers_and_goes():
    world = worlds.empty_world()
    orbital = worlds.add(world, "OrbitalCommand", 1, 20.5, 20.5)
    field = worlds.add(world, "MineralField", 16, 28, 20.5, mineral_contents=1800)
    assert _cast(world, orbital, ability_data.CALLDOWN_MULE, field) == 1
    (mule,) = [unit for unit in world.units.values() if unit.type.name == "MULE"]
    assert mule.orders[0].ability_id == ability_data.GATHER_MULE
    world.step(800)
    assert world.players[1].minerals > 0
    world.step(1439 - 800)
    assert mule.is_alive
    world.step(1)
    assert not mule.is_alive
    far = worlds.add(world, "OrbitalCommand", 1, 50.5, 50.5)
    assert _cast(world, far, ability_data.CALLDOWN_MULE, (40.0, 5.0)) == 84  # unseen


def test_extra_supplies_go_with_the_depot():
    world = worlds.empty_world()
    orbital = worlds.add(world, "OrbitalCommand", 1, 20.5, 20.5, energy=150.0)
    depot = worlds.add(world, "SupplyDepot", 1, 30, 30)
    cap = world.players[1].food_cap
    assert _cast(world, orbital, ability_data.SUPPLY_DROP, depot) == 1
    assert world.players[1].food_cap == cap + 8
    assert _cast(world, orbital, ability_data.SUPPLY_DROP, depot) == 36  # once
    world.change_type(depot, unit_data.id_of("SupplyDepotLowered"))
    assert world.players[1].food_cap == cap + 8
    world.kill_unit(depot)
    assert world.players[1].food_cap == cap - 8


def test_a_medivac_heals_by_itself_for_energy():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 10, 10)
    marine = worlds.add(world, "Marine", 1, 16.5, 10, health=9.0)
    worlds.add(world, "Hellion", 1, 8, 10, health=9.0)  # no flesh
    world.step(100)
    # Half a second more or less until it looks and has come within 4 cells; 36 life are 4 seconds.
    assert marine.health == 45
    assert 10 < medivac.x < 12  # 4 cells and the radii away
    # 12 energy for 36 life; meanwhile 0.5625 a second came back.
    assert medivac.energy == pytest.approx(50 - 12 + 100 / 16 * 0.5625, abs=0.1)
    assert world.players[1].score.total_healed.life == pytest.approx(36)


def test_healing_is_nine_life_a_second_by_one_medivac_only():
    world = worlds.empty_world()
    for y in (8, 12):
        worlds.add(world, "Medivac", 1, 10, y)
    marauder = worlds.add(world, "Marauder", 1, 12, 10, health=5.0)
    world.step(16)
    before = marauder.health
    world.step(32)
    assert marauder.health - before == pytest.approx(18)


def test_healing_can_be_switched_off():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 10, 10)
    marine = worlds.add(world, "Marine", 1, 12, 10, health=9.0)
    assert world.order(1, [medivac.tag], ability_data.HEAL, autocast=True) == [(medivac.tag, 1)]
    world.step(100)
    assert marine.health == 9
    assert _cast(world, medivac, ability_data.HEAL, marine) == 1
    world.step(100)
    assert marine.health == 45
    assert _cast(world, medivac, ability_data.HEAL, marine) == 90  # not wounded


def test_afterburners():
    world = worlds.empty_world()
    medivac = worlds.add(world, "Medivac", 1, 10, 10)
    assert _cast(world, medivac, ability_data.AFTERBURNERS) == 1
    assert medivac.speed == pytest.approx(4.25 / 16)
    assert _cast(world, medivac, ability_data.AFTERBURNERS) == 6  # cooldown
    world.step(6 * SECOND)
    assert medivac.speed == pytest.approx(2.5 / 16)
    world.step(14 * SECOND)
    assert _cast(world, medivac, ability_data.AFTERBURNERS) == 1


def test_salvaging_a_bunker_gives_three_quarters_back():
    world = worlds.empty_world()
    bunker = worlds.add(world, "Bunker", 1, 20.5, 20.5)
    assert _cast(world, bunker, ability_data.SALVAGE) == 1
    marine = worlds.add(world, "Marine", 1, 23, 20.5)
    world.order(1, [marine.tag], orders.SMART, bunker)
    world.step(5 * SECOND)
    assert bunker.cargo == [marine]
    assert bunker.is_alive
    world.step(1)
    assert not bunker.is_alive
    assert world.players[1].minerals == 75
    assert marine.tag in world.units  # was inside


def test_a_kd8_charge_goes_off_later_hurts_and_pushes():
    world = worlds.empty_world()
    reaper = worlds.add(world, "Reaper", 1, 10, 10)
    zergling = worlds.add(world, "Zergling", 2, 14, 10)
    zergling.is_disabled = True
    assert _cast(world, reaper, ability_data.KD8_CHARGE, (13.5, 10.0)) == 1
    world.step(1)
    reaper.is_disabled = True
    world.step(31)
    assert zergling.health == 35
    world.step(1)
    assert zergling.health == pytest.approx(30, abs=0.1)
    assert zergling.x == pytest.approx(15.5)
    assert _cast(world, reaper, ability_data.KD8_CHARGE, (13.5, 10.0)) == 6


def test_a_guardian_shield_covers_friends_near_and_weakens_shots():
    world = worlds.empty_world()
    sentry = worlds.add(world, "Sentry", 1, 20, 20, energy=100.0)
    near, far = worlds.add(world, "Zealot", 1, 22, 20), worlds.add(world, "Zealot", 1, 30, 20)
    assert _cast(world, sentry, ability_data.GUARDIAN_SHIELD) == 1
    assert (sentry.energy, near.buffs, far.buffs) == (25, [buffs.GUARDIAN_SHIELD], [])
    assert world.effects[0].effect_id == effects.GUARDIAN_SHIELD
    near.shield = 0.0
    near.last_hit_loop = 0
    marine = worlds.add(world, "Marine", 2, 25, 21)
    for unit in (sentry, near, far):
        unit.is_disabled = True
    world.order(2, [marine.tag], orders.GENERAL_ATTACK, near)
    world.step(2)
    assert near.health == 100 - (6 - 2 - 1)
    world.kill_unit(marine)
    world.step(15 * SECOND)
    assert world.effects == []
    assert near.buffs == []


def test_a_graviton_beam_lifts_and_holds():
    world = worlds.empty_world()
    phoenix = worlds.add(world, "Phoenix", 1, 10, 10)
    marine = worlds.add(world, "Marine", 2, 13, 10)
    turret = worlds.add(world, "MissileTurret", 1, 10, 14)
    archon = worlds.add(world, "Archon", 2, 60, 60)
    assert _cast(world, phoenix, ability_data.GRAVITON_BEAM, archon) == 36
    phoenix.energy = 60.0
    assert _cast(world, phoenix, ability_data.GRAVITON_BEAM, marine) == 1
    world.step(2)
    assert (marine.is_flying, marine.buffs) == (True, [buffs.GRAVITON_BEAM])
    assert phoenix.energy == pytest.approx(10, abs=0.1)
    assert marine not in list(world.crowd)
    world.step(4)
    assert turret.target is marine  # weapons against air reach it
    marine.health = 1000.0
    world.step(150)
    assert phoenix.health == 120
    world.step(8)
    assert (marine.is_flying, marine.buffs, marine.is_disabled) == (False, [], False)
    assert marine in list(world.crowd)


def test_a_beam_ends_with_another_order():
    world = worlds.empty_world()
    phoenix = worlds.add(world, "Phoenix", 1, 10, 10)
    marine = worlds.add(world, "Marine", 2, 13, 10)
    _cast(world, phoenix, ability_data.GRAVITON_BEAM, marine)
    world.step(2)
    world.order(1, [phoenix.tag], orders.MOVE, (5.0, 5.0))
    assert not marine.is_flying


def test_a_hallucination_does_nothing_and_takes_double():
    world = worlds.empty_world()
    sentry = worlds.add(world, "Sentry", 1, 10, 10, energy=100.0)
    food = world.players[1].food_used
    assert _cast(world, sentry, ability_data.HALLUCINATION_ARCHON) == 1
    (archon,) = [unit for unit in world.units.values() if unit.type.name == "Archon"]
    assert archon.is_hallucination
    assert world.players[1].food_used == food
    marine = worlds.add(world, "Marine", 2, 14, 10)
    sentry.is_disabled = True
    world.order(2, [marine.tag], orders.GENERAL_ATTACK, archon)
    world.step(2)
    assert archon.shield == 350 - 2 * 6
    world.step(30)
    assert marine.health == 45
    world.kill_unit(marine)
    world.step(960 - 32 - 1)
    assert archon.is_alive
    world.step(1)
    assert not archon.is_alive


def test_workers_repair_by_themselves_only_when_told_to():
    world = worlds.empty_world()
    world.players[1].minerals = 1000
    scv = worlds.add(world, "SCV", 1, 10, 10)
    depot = worlds.add(world, "SupplyDepot", 1, 14, 10, health=200.0)
    world.step(64)
    assert depot.health == 200
    world.order(1, [scv.tag], ability_data.REPAIR_SCV, autocast=True)
    world.step(128)
    assert depot.health > 200


def test_detectors_work_when_they_are_finished():
    world = worlds.empty_world()
    turret = worlds.add(world, "MissileTurret", 1, 20, 20, build_progress=0.5)
    templar = worlds.add(world, "DarkTemplar", 2, 25, 20)
    assert not world.can_see(1, templar)
    world.finish_structure(turret)
    assert world.can_see(1, templar)
