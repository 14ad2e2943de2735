"""The unit table against numbers of the real game."""

import pytest

from minisc2.game import unit_data


def test_marine_has_the_numbers_of_the_real_game():
    marine = unit_data.get(48)
    assert marine.name == "Marine"
    assert marine.speed == pytest.approx(2.25 / 16)  # 2.25 cells a second of 16 game loops
    assert (marine.health_max, marine.shield_max, marine.armor, marine.radius) == (45, 0, 0, 0.375)
    (weapon,) = marine.weapons
    assert (weapon.damage, weapon.attacks, weapon.range) == (6, 1, 5)
    assert weapon.cooldown_game_loops == pytest.approx(0.8608 * 16, abs=1e-3)
    assert marine.ground_weapon is weapon
    assert marine.air_weapon is weapon


def test_roach_cannot_shoot_at_the_air():
    roach = unit_data.get(unit_data.id_of("Roach"))
    assert roach.air_weapon is None
    assert roach.ground_weapon.damage == 16


@pytest.mark.parametrize(("name", "health", "shield", "is_flying"), [
    ("Zealot", 100, 50, False), ("DarkTemplar", 40, 80, False), ("Observer", 40, 20, True),
    ("Archon", 10, 350, False), ("Overlord", 200, 0, True), ("Nexus", 1000, 1000, False),
])
def test_vitals_of_other_races(name, health, shield, is_flying):
    unit_type = unit_data.get(unit_data.id_of(name))
    assert (unit_type.health_max, unit_type.shield_max) == (health, shield)
    assert unit_type.is_flying is is_flying


def test_every_stable_id_has_a_row_and_says_when_its_numbers_are_defaults():
    assert len(unit_data.UNIT_TYPES) == 1943
    unknown = unit_data.get(unit_data.id_of("Lyote"))
    assert not unknown.has_real_vitals
    assert unknown.health_max == unit_data.DEFAULT_HEALTH
    assert unit_data.get(48).has_real_vitals


def test_unknown_ids_and_names_are_refused():
    with pytest.raises(ValueError, match="999999"):
        unit_data.get(999_999)
    with pytest.raises(ValueError, match="Morine"):
        unit_data.id_of("Morine")
