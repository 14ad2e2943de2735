"""The answer to `data`: everything static about abilities, units, upgrades, buffs and effects."""

import functools

from s2clientprotocol import data_pb2, sc2api_pb2

from minisc2.api import tables
from minisc2.game import unit_data

_NO_TARGET = data_pb2.AbilityData.Target.Value("None")


def response(request: sc2api_pb2.RequestData) -> sc2api_pb2.ResponseData:
    """The parts that the request asks for. Lists are dense: the entry at index i has id i."""
    message = sc2api_pb2.ResponseData()
    whole = _whole()
    if request.ability_id:
        message.abilities.extend(whole.abilities)
    if request.unit_type_id:
        message.units.extend(whole.units)
    if request.upgrade_id:
        message.upgrades.extend(whole.upgrades)
    if request.buff_id:
        message.buffs.extend(whole.buffs)
    if request.effect_id:
        message.effects.extend(whole.effects)
    return message


@functools.cache
def _whole() -> sc2api_pb2.ResponseData:
    message = sc2api_pb2.ResponseData()
    rows = tables.load()
    for ability_id, row in rows["abilities"].items():
        ability = data_pb2.AbilityData(available=True, **{"ability_id": ability_id, **row})
        if "target" not in row:  # clients take a missing target for an ability they do not know
            ability.target = _NO_TARGET
        message.abilities.append(ability)
    message.units.extend([_unit(unit_type) for _, unit_type in sorted(
        unit_data.UNIT_TYPES.items())])
    for upgrade_id, row in rows["upgrades"].items():
        message.upgrades.add(upgrade_id=upgrade_id, **row)
    for buff_id, row in rows["buffs"].items():
        message.buffs.add(buff_id=buff_id, **row)
    for effect_id, row in rows["effects"].items():
        message.effects.add(effect_id=effect_id, **row)
    return message


def _unit(unit_type: unit_data.UnitType) -> data_pb2.UnitTypeData:
    message = data_pb2.UnitTypeData(
        unit_id=unit_type.unit_id, name=unit_type.name, available=unit_type.unit_id > 0,
        cargo_size=unit_type.cargo_size, mineral_cost=unit_type.mineral_cost,
        vespene_cost=unit_type.vespene_cost, food_required=unit_type.food_required,
        food_provided=unit_type.food_provided, ability_id=unit_type.ability_id,
        race=unit_type.race, build_time=unit_type.build_time, has_vespene=unit_type.has_vespene,
        has_minerals=unit_type.has_minerals, sight_range=unit_type.sight_range,
        tech_alias=unit_type.tech_alias, unit_alias=unit_type.unit_alias,
        attributes=sorted(unit_type.attributes),
        movement_speed=unit_type.speed * unit_data.LOOPS_PER_SECOND, armor=unit_type.armor)
    if unit_type.tech_requirement:
        message.tech_requirement = unit_type.tech_requirement
        message.require_attached = unit_type.needs_add_on
    for weapon in unit_type.weapons:
        part = message.weapons.add(
            type=weapon.target, damage=weapon.damage, attacks=weapon.attacks, range=weapon.range,
            speed=weapon.cooldown_game_loops / unit_data.LOOPS_PER_SECOND)
        for attribute, bonus in weapon.bonuses:
            part.damage_bonus.add(attribute=attribute, bonus=bonus)
    return message
