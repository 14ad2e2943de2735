"""What a unit can do now: abilities of its type that its state and its owner's progress allow."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    orders,
    players,
    production,
    results,
    unit_data,
    units,
    upgrade_data,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

Kind = orders.Kind

_MORPH_CANCELS = {1517: 1516, 1451: 1450}
"""Ability that cancels a morph -> the morph."""


def abilities(world: "world_lib.World", unit: units.Unit, ignores_costs: bool = False
              ) -> tuple[ability_data.Ability, ...]:
    """Every ability that the unit can use now, by id.

    Args:
        world: its world.
        unit: whose abilities.
        ignores_costs: includes those that its owner lacks minerals, vespene or supply for.
    """
    forbidden = world.game_map.forbidden_abilities
    return tuple([
        ability for ability in _of(unit)
        if ((ability.is_plain and ability.ability_id not in forbidden)
            or (_fits_state(unit, ability)
                and refusal(world, unit, ability, ignores_costs) is None))])


def resolve(world: "world_lib.World", unit: units.Unit, ability_id: int
            ) -> ability_data.Ability | None:
    """The ability of a unit that a general or specific id means.

    A general id (3698: research infantry weapons) means the first that it can use now, else the
    first that its type has; a unit without a weapon that is told to attack does a scan move, as
    in the real game.

    Returns:
        The ability; None where the unit has none of that name.
    """
    found = [ability for ability in _of(unit)
             if ability_id in (ability.ability_id, ability.general_id)
             and _fits_state(unit, ability)]
    if not found and ability_id in (orders.ATTACK, orders.GENERAL_ATTACK) and unit.speed > 0:
        found = [ability for ability in _of(unit) if ability.ability_id == orders.SCAN_MOVE]
    for ability in found:
        if refusal(world, unit, ability) is None:
            return ability
    return found[0] if found else None


def _of(unit: units.Unit) -> tuple[ability_data.Ability, ...]:
    if unit.build_progress < 1:
        return ability_data.of_construction() if unit.type.race == unit_data.TERRAN else ()
    return ability_data.of_type(unit.unit_type)


def _fits_state(unit: units.Unit, ability: ability_data.Ability) -> bool:
    """Whether an ability makes sense for what the unit is doing now."""
    fits = _FITS.get(ability.kind)
    return fits is None or fits(unit, ability)


def _has_load(unit: units.Unit, ability: ability_data.Ability) -> bool:
    del ability
    return unit.carried_minerals > 0 or unit.carried_vespene > 0


def _can_halt(unit: units.Unit, ability: ability_data.Ability) -> bool:
    del ability
    if unit.is_structure:
        return _is_built_by_worker(unit)
    return bool(unit.orders) and unit.orders[0].kind is Kind.BUILD and unit.orders[0].site_tag != 0


def _can_cancel(unit: units.Unit, ability: ability_data.Ability) -> bool:
    if ability.ability_id == ability_data.CANCEL_CONSTRUCTION:
        return unit.build_progress < 1
    if not unit.orders:
        return False
    if ability.ability_id in _MORPH_CANCELS:
        return unit.orders[0].ability_id == _MORPH_CANCELS[ability.ability_id]
    return unit.orders[0].kind is Kind.BUILD_ADD_ON


def _makes_something(unit: units.Unit, ability: ability_data.Ability) -> bool:
    del ability
    return any(order.kind in production.KINDS for order in unit.orders)


def _can_build_add_on(unit: units.Unit, ability: ability_data.Ability) -> bool:
    del ability
    return not unit.orders and not unit.add_on_tag


def _can_lift(unit: units.Unit, ability: ability_data.Ability) -> bool:
    del ability
    return not unit.orders


def _can_morph(unit: units.Unit, ability: ability_data.Ability) -> bool:
    del ability
    return not unit.orders or not unit.is_structure and unit.orders[0].kind is not Kind.MORPH


def _has_cargo(unit: units.Unit, ability: ability_data.Ability) -> bool:
    del ability
    return bool(unit.cargo)


def _can_produce(unit: units.Unit, ability: ability_data.Ability) -> bool:
    del ability
    return not unit.orders or unit.orders[0].kind in production.KINDS


_FITS: dict[Kind, Callable[[units.Unit, ability_data.Ability], bool]] = {
    Kind.RETURN: _has_load, Kind.HALT: _can_halt, Kind.CANCEL: _can_cancel,
    Kind.CANCEL_LAST: _makes_something, Kind.LIFT: _can_lift,
    Kind.BUILD_ADD_ON: _can_build_add_on, Kind.MORPH: _can_morph, Kind.UNLOAD: _has_cargo,
    Kind.TRAIN: _can_produce, Kind.RESEARCH: _can_produce}
"""Kinds that depend on what the unit is doing; all others always make sense."""


def _is_built_by_worker(structure: units.Unit) -> bool:
    """Whether a structure is under construction by hand, not by the structure beside it."""
    ability = ability_data.load().get(structure.type.ability_id)
    return structure.build_progress < 1 and ability is not None and ability.kind is Kind.BUILD


def refusal(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
            ignores_costs: bool = False) -> int | None:
    """The `results` answer that keeps a unit from using an ability; None if nothing does."""
    player_id = unit.owner
    state = world.players.get(player_id)
    if state is None or ability.ability_id in world.game_map.forbidden_abilities:
        return results.NOT_SUPPORTED
    if not _requirements_met(world, unit, ability):
        return (results.BUILD_TECH_REQUIREMENTS_NOT_MET if ability.kind is Kind.BUILD
                else results.TECH_REQUIREMENTS_NOT_MET)
    if not (ignores_costs or state.is_free) and (
            state.minerals < ability.minerals or state.vespene < ability.vespene):
        return shortage(state, ability)
    if unit.energy < ability.energy:
        return results.NOT_ENOUGH_ENERGY
    if unit.ready_loops and unit.ready_loops.get(ability.ability_id, 0) > world.loop and (
            not state.has_no_cooldowns):
        return results.COOLDOWN
    if ability.food and not ignores_costs and ability.food > state.food_left:
        return results.NOT_ENOUGH_FOOD
    if ability.kind in (Kind.TRAIN, Kind.RESEARCH) and not production.has_room(world, unit):
        return results.QUEUE_IS_FULL
    return None


def shortage(state: players.PlayerState, ability: ability_data.Ability) -> int:
    """The `results` answer to somebody who cannot pay for an ability."""
    return (results.NOT_ENOUGH_MINERALS if state.minerals < ability.minerals
            else results.NOT_ENOUGH_VESPENE)


def _requirements_met(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability
                      ) -> bool:
    if ability.kind is Kind.RESEARCH and not _can_research(world, unit, ability.upgrade_id):
        return False
    if world.players[unit.owner].has_all_technology:
        return True
    if ability.add_on:
        add_on = world.units.get(unit.add_on_tag)
        if add_on is None or add_on.build_progress < 1 or (
                ability.add_on not in add_on.type.tech_alias):
            return False
    return all(_has(world, unit.owner, name) for name in ability.requires)


def _has(world: "world_lib.World", player_id: int, name: str) -> bool:
    """Whether a player has a finished structure, or an upgrade, of this name."""
    if name == "Stimpack":
        return upgrade_data.id_of(name) in world.players[player_id].upgrades
    return world.accounts.count(player_id, unit_data.id_of(name)) > 0


def _can_research(world: "world_lib.World", unit: units.Unit, upgrade_id: int) -> bool:
    state = world.players[unit.owner]
    previous = upgrade_data.load()[upgrade_id].previous
    return (upgrade_id not in state.upgrades and upgrade_id not in state.upgrades_in_research
            and (not previous or upgrade_data.id_of(previous) in state.upgrades))
