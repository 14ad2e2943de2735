"""Who sleeps, who wakes, and where units go that were lured away."""

import pytest

from minisc2.game import awareness, behaviour, orders, units
from tests.minisc2.game import worlds


def _count_updates(world, monkeypatch, num_game_loops):
    counted = []
    update = behaviour.update
    monkeypatch.setattr(behaviour, "update", lambda *args: counted.append(args) or update(*args))
    world.step(num_game_loops)
    return len(counted)


def _armies(world, gap):
    for index in range(20):
        worlds.add(world, "Marine", 1, 5 + index % 4, 5 + index // 4)
        worlds.add(world, "Marine", 2, 9 + gap + index % 4, 5 + index // 4)


def test_idle_armies_sleep_while_nobody_is_near(monkeypatch):
    world = worlds.empty_world()
    _armies(world, 12)
    world.step(8)
    assert {unit.wake_loop for unit in world.units.values()} == {units.NEVER}
    assert _count_updates(world, monkeypatch, 200) == 0


def test_the_next_look_is_put_off_by_the_distance():
    world = worlds.empty_world()
    _armies(world, 40)
    world.step(2)
    # 41 cells between the nearest edges but for the radii and 5 of range, at 0.8 a loop
    assert world.awareness.next_loop == pytest.approx(1 + (41 - 2 * 0.375 - 5) / 0.8, abs=1)
    _armies(world, 30)
    world.step(1)
    assert world.awareness.next_loop <= world.loop + 35


def test_an_enemy_that_walks_up_is_seen_within_one_period():
    world = worlds.empty_world()
    guard = worlds.add(world, "Marine", 1, 10, 10)
    scv = worlds.add(world, "SCV", 2, 50, 10)
    world.order(2, [scv.tag], orders.MOVE, (10.0, 10.0))
    while guard.target is None:
        world.step(1)
    gap = scv.x - guard.x - 2 * 0.375
    assert 5 - (awareness.PERIOD_GAME_LOOPS + 1) * scv.speed <= gap <= 5


def test_units_that_attack_move_notice_enemies_and_movers_do_not():
    for order, is_met in ((orders.ATTACK, True), (orders.PATROL, True), (orders.MOVE, False)):
        world = worlds.empty_world()
        marine = worlds.add(world, "Marine", 1, 10, 10)
        scv = worlds.add(world, "SCV", 2, 30, 12)
        world.order(1, [marine.tag], order, (50.0, 10.0))
        world.step(320)
        assert (scv.health < 45) is is_met


def test_units_that_hold_do_not_leave_their_place_and_shoot_who_comes():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    scv = worlds.add(world, "SCV", 2, 30, 10)
    world.order(1, [marine.tag], orders.HOLD_POSITION)
    world.step(2)
    assert marine.wake_loop == units.NEVER
    world.order(2, [scv.tag], orders.MOVE, (14.0, 10.0))
    world.step(200)
    assert scv.health < 45
    assert (marine.x, marine.y) == (10, 10)


def test_what_cannot_be_seen_wakes_nobody(monkeypatch):
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    observer = worlds.add(world, "Observer", 2, 13, 10)
    world.step(8)
    assert _count_updates(world, monkeypatch, 40) == 0
    assert marine.target is None
    assert marine.wake_loop == units.NEVER
    worlds.add(world, "Raven", 1, 8, 10)
    world.step(8)
    assert marine.target is observer


def test_an_idle_unit_goes_back_to_where_it_stood():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    scv = worlds.add(world, "SCV", 2, 15.5, 10)
    world.order(2, [scv.tag], orders.MOVE, (60.0, 10.0))
    world.step(40)
    assert marine.x > 10.2
    world.step(600)
    assert (marine.x, marine.y) == (10, 10)
    assert marine.wake_loop == units.NEVER
    assert scv.is_alive


def test_an_idle_unit_is_not_lured_across_the_map():
    world = worlds.empty_world()
    zealot = worlds.add(world, "Zealot", 1, 10, 10)
    marine = worlds.add(world, "Marine", 2, 13, 10)
    world.order(2, [marine.tag], orders.MOVE, (60.0, 10.0))  # as fast as a Zealot
    farthest = 0.0
    for _ in range(200):
        world.step(1)
        farthest = max(farthest, zealot.x - 10)
    assert 12 <= farthest <= 12 + 2 * zealot.speed
    world.step(200)
    assert (zealot.x, zealot.y) == (10, 10)


def test_a_hit_is_answered_at_once():
    world = worlds.empty_world()
    zealot = worlds.add(world, "Zealot", 1, 10, 10)
    tank = worlds.add(world, "SiegeTankSieged", 2, 22, 10)
    worlds.add(world, "Observer", 2, 14, 10)
    worlds.add(world, "Observer", 1, 20, 10)
    while zealot.shield == 50:
        world.step(1)
    assert zealot.target is tank
    assert zealot.wake_loop <= world.loop + 1


def test_a_better_target_is_taken_while_a_structure_burns():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    depot = worlds.add(world, "SupplyDepot", 2, 14, 10)
    world.step(8)
    assert marine.target is depot
    zergling = worlds.add(world, "Zergling", 2, 10, 15)
    world.step(8)
    assert marine.target is zergling
    assert not marine.is_alert


@pytest.mark.parametrize(("names", "first"), [
    (("SCV", "Marine"), 1),  # harmless workers come after those who shoot
    (("SCV", "Medivac"), 1),
    (("SupplyDepot", "SCV"), 1),
    (("SupplyDepot", "MissileTurret"), 0),  # a turret cannot hit a Marine: the nearer
    (("VikingFighter", "Marine"), 1),
])
def test_whom_a_marine_fights_first(names, first):
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10)
    targets = [worlds.add(world, name, 2, 10 + dx, 10 + dy) for name, (dx, dy) in zip(
        names, ((4, 0), (0, 5)), strict=True)]
    for target in targets:
        target.is_disabled = True
    world.step(1)
    assert marine.target is targets[first]


def test_upgrades_count_at_once_for_all_units():
    world = worlds.empty_world()
    marine = worlds.add(world, "Marine", 1, 10, 10, health=20.0)
    for upgrade_id in (7, 8, 11, 16):  # weapons 1 and 2, armor 1, combat shield
        world.add_upgrade(1, upgrade_id)
    other = worlds.add(world, "Marine", 1, 12, 10)
    assert (marine.health, marine.health_max) == (30, 55)
    assert (other.health, other.health_max) == (55, 55)
    for unit in (marine, other):
        assert (unit.attack_upgrade_level, unit.armor_upgrade_level) == (2, 1)
        assert (unit.ground_weapon.damage, unit.armor) == (8, 1)


def test_every_weapon_grows_by_its_own_steps():
    world = worlds.empty_world()
    for upgrade_id in (7, 30, 36, 19, 5, 6):
        world.add_upgrade(1, upgrade_id)

    def weapon(name, is_air=False):
        unit = worlds.add(world, name, 1, 30, 30)
        one = unit.air_weapon if is_air else unit.ground_weapon
        return one.damage, one.bonuses, one.range, unit.armor

    assert weapon("Marauder") == (11, ((2, 11),), 6, 1)
    assert weapon("Hellion") == (9, ((1, 6 + 1 + 5),), 5, 0)  # blue flame
    assert weapon("SiegeTankSieged") == (44, ((2, 31),), 13, 1)
    assert weapon("VikingFighter", True) == (11, ((2, 4),), 9, 0)
    assert weapon("PlanetaryFortress") == (40, (), 7, 5)  # Hi-Sec, structure armor
    assert weapon("MissileTurret", True) == (12, (), 8, 2)


def test_a_turret_under_construction_does_not_shoot():
    world = worlds.empty_world()
    turret = worlds.add(world, "MissileTurret", 1, 20, 20, build_progress=0.5)
    overlord = worlds.add(world, "Overlord", 2, 23, 20)
    world.step(32)
    assert overlord.health == 200
    world.finish_structure(turret)
    world.step(32)
    assert overlord.health < 200


def test_who_cannot_get_through_rests_and_goes_on_when_there_is_room(monkeypatch):
    world = worlds.empty_world()
    wall = [worlds.add(world, "SiegeTankSieged", 1, 20, 0.9 + 1.75 * y) for y in range(36)]
    marine = worlds.add(world, "Marine", 1, 15, 32)
    for unit in wall:
        world.order(1, [unit.tag], orders.HOLD_POSITION)
    world.order(1, [marine.tag], orders.ATTACK, (30.0, 32.0))
    world.step(64)  # 2.9 cells are 20 loops, then it pushes
    assert _count_updates(world, monkeypatch, 20) <= 8
    assert marine.x < 20
    for unit in wall:
        world.remove_unit(unit)
    world.order(1, [marine.tag], orders.ATTACK, (30.0, 32.0))
    world.step(150)
    assert marine.x == pytest.approx(30)
