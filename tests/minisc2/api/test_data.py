"""Static data: general ids, targets, and agreement with recorded data of the real game."""

import lzma
import pickle

import pytest
from s2clientprotocol import data_pb2, sc2api_pb2

from minisc2.api import data, tables
from minisc2.game import orders, unit_data
from tests.minisc2.api import recorded

EVERYTHING = sc2api_pb2.RequestData(ability_id=True, unit_type_id=True, upgrade_id=True,
                                    buff_id=True, effect_id=True)


def test_lists_are_dense_and_only_what_was_asked_for():
    whole = data.response(EVERYTHING)
    for entries, field in ((whole.abilities, "ability_id"), (whole.units, "unit_id"),
                           (whole.upgrades, "upgrade_id"), (whole.buffs, "buff_id"),
                           (whole.effects, "effect_id")):
        assert [getattr(entry, field) for entry in entries] == list(range(len(entries)))
    assert len(whole.abilities) == 3797 and len(whole.effects) == 13
    only = data.response(sc2api_pb2.RequestData(buff_id=True))
    assert len(only.buffs) == len(whole.buffs) and not only.abilities and not only.units


@pytest.mark.parametrize(("ability_id", "general", "target"), [
    (1, 0, "PointOrUnit"), (4, 3665, "None"), (16, 3794, "PointOrUnit"),
    (23, 3674, "PointOrUnit"), (19, 3674, "PointOrUnit"), (319, 0, "Point"), (320, 0, "Unit"),
    (560, 0, "None"), (1374, 3661, "None"), (3674, 0, "PointOrUnit")])
def test_known_abilities(ability_id, general, target):
    ability = data.response(EVERYTHING).abilities[ability_id]
    assert ability.remaps_to_ability_id == general
    assert ability.HasField("target")
    assert data_pb2.AbilityData.Target.Name(ability.target) == target


def test_general_ids_are_those_the_game_simulates():
    for general, specific in ((orders.GENERAL_ATTACK, orders.ATTACK),
                              (orders.GENERAL_MOVE, orders.MOVE),
                              (orders.GENERAL_STOP, orders.STOP)):
        assert tables.general_id(specific) == general
        assert tables.general_id(general) == general


def test_takes_unit():
    assert tables.takes_unit(orders.ATTACK) and tables.takes_unit(orders.SMART)
    assert not tables.takes_unit(319) and not tables.takes_unit(orders.STOP)
    assert not tables.takes_unit(10**9)


def test_a_marine():
    marine = data.response(EVERYTHING).units[48]
    assert (marine.name, marine.mineral_cost, marine.food_required, marine.movement_speed) == (
        "Marine", 50, 1, 2.25)
    assert (marine.weapons[0].damage, marine.weapons[0].range) == (6, 5)
    assert marine.weapons[0].speed == pytest.approx(0.8608)
    assert len(data.response(EVERYTHING).units) == len(unit_data.UNIT_TYPES)


def test_what_units_need_before_they_can_be_made():
    units = data.response(EVERYTHING).units
    barracks, marauder, marine = (units[unit_data.id_of(name)]
                                  for name in ("Barracks", "Marauder", "Marine"))
    assert barracks.tech_requirement == unit_data.id_of("SupplyDepot")
    assert not barracks.require_attached
    assert marauder.tech_requirement == unit_data.id_of("TechLab") and marauder.require_attached
    assert not marine.HasField("tech_requirement")


def test_tables_agree_with_the_real_game():
    with lzma.open(recorded.path("observations/raw/AutomatonLE.xz")) as file:
        real = pickle.load(file)[0].data
    ours = data.response(EVERYTHING)
    for entry in ours.abilities:
        other = real.abilities[entry.ability_id]
        if not other.available:  # depends on the map
            continue
        for field in ("link_name", "link_index", "button_name", "friendly_name", "target",
                      "remaps_to_ability_id", "is_building", "allow_minimap", "allow_autocast"):
            assert getattr(entry, field) == getattr(other, field), (entry.ability_id, field)
    for entry in ours.upgrades[1:]:
        assert entry.name == real.upgrades[entry.upgrade_id].name
        assert entry.mineral_cost == real.upgrades[entry.upgrade_id].mineral_cost
    for entry in ours.units:
        other = real.units[entry.unit_id]
        if other.name == entry.name and other.race:
            for field in ("tech_requirement", "require_attached", "tech_alias", "unit_alias"):
                assert getattr(entry, field) == getattr(other, field), (entry.name, field)
