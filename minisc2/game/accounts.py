"""Bookkeeping of what players own, lose and destroy."""

import collections
from collections.abc import Mapping

from minisc2.game import players, units

_ECONOMY_STRUCTURES = frozenset((
    "CommandCenter", "OrbitalCommand", "PlanetaryFortress", "Nexus", "Hatchery", "Lair", "Hive",
    "Refinery", "Assimilator", "Extractor", "SupplyDepot", "Pylon", "Overlord"))


def _category(unit: units.Unit) -> str:
    """The field of `players.ValueByCategory` that a unit counts in."""
    if unit.type.is_worker or unit.type.name in _ECONOMY_STRUCTURES:
        return "economy"
    return "technology" if unit.is_structure else "army"


def _add(values: players.ValueByCategory, category: str, amount: float) -> None:
    setattr(values, category, getattr(values, category) + amount)


class Accounts:
    """Keeps `PlayerState` and `Score` true while units come and go.

    Args:
        states: players by id; units of other owners are not counted.
    """

    def __init__(self, states: Mapping[int, players.PlayerState]):
        self._states = states
        self._owned: dict[int, list[units.Unit]] = collections.defaultdict(list)
        self._num_finished: dict[int, collections.Counter[int]] = {
            player_id: collections.Counter() for player_id in states}

    def add(self, unit: units.Unit) -> None:
        """A player gets a unit."""
        self._owned[unit.owner] = [*self._owned[unit.owner], unit]
        state = self._states.get(unit.owner)
        if state is None:
            return
        self._count(state, unit, 1)
        score = state.score
        value = unit.type.mineral_cost + unit.type.vespene_cost
        if unit.is_structure:
            score.total_value_structures += value
        else:
            score.total_value_units += value
        category = _category(unit)
        _add(score.total_used_minerals, category, unit.type.mineral_cost)
        _add(score.total_used_vespene, category, unit.type.vespene_cost)

    def board(self, unit: units.Unit) -> None:
        """A unit is aboard of another: it counts as before, and is not among the owned."""
        self._owned[unit.owner] = [one for one in self._owned[unit.owner] if one is not unit]

    def leave(self, unit: units.Unit) -> None:
        """A unit that was aboard is among the owned again."""
        self._owned[unit.owner] = [*self._owned[unit.owner], unit]

    def owned(self, owner: int) -> list[units.Unit]:
        """Living units of an owner, oldest first. Not to be written to."""
        return self._owned[owner]

    def count(self, player_id: int, unit_type: int) -> int:
        """Finished units that a player has of a type, or that count as it."""
        return self._num_finished[player_id][unit_type]

    def remove(self, unit: units.Unit) -> None:
        """A player has a unit no longer, for whatever reason."""
        self._owned[unit.owner] = [one for one in self._owned[unit.owner] if one is not unit]
        state = self._states.get(unit.owner)
        if state is None:
            return
        self._count(state, unit, -1)

    def _count(self, state: players.PlayerState, unit: units.Unit, sign: int) -> None:
        if unit.is_hallucination:
            return
        kind = unit.type
        category = _category(unit)
        if unit.build_progress >= 1:
            state.food_cap += sign * (kind.food_provided + unit.food_bonus)
            for type_id in (kind.unit_id, *kind.tech_alias):
                self._num_finished[unit.owner][type_id] += sign
        state.food_used += sign * kind.food_required
        if kind.is_worker:
            state.food_workers += sign * kind.food_required
        elif kind.food_required > 0:
            state.food_army += sign * kind.food_required
            state.army_count += sign
        if kind.name == "WarpGate":
            state.warp_gate_count += sign
        elif kind.name == "Larva":
            state.larva_count += sign
        _add(state.score.food_used, category, sign * kind.food_required)
        _add(state.score.used_minerals, category, sign * kind.mineral_cost)
        _add(state.score.used_vespene, category, sign * kind.vespene_cost)

    def damage(self, attacker: units.Unit, target: units.Unit, life: float, shield: float) -> None:
        """A hit took `life` and `shield` from `target`."""
        dealt, taken = self._states.get(attacker.owner), self._states.get(target.owner)
        if dealt is not None:
            dealt.score.total_damage_dealt.life += life
            dealt.score.total_damage_dealt.shields += shield
        if taken is not None:
            taken.score.total_damage_taken.life += life
            taken.score.total_damage_taken.shields += shield

    def death(self, unit: units.Unit, killer: units.Unit | None) -> None:
        """`unit` died, by `killer` or by no unit's hand; `remove` is called as well."""
        if unit.is_hallucination:
            return
        category = _category(unit)
        minerals, vespene = unit.type.mineral_cost, unit.type.vespene_cost
        loser = self._states.get(unit.owner)
        if loser is not None:
            _add(loser.score.lost_minerals, category, minerals)
            _add(loser.score.lost_vespene, category, vespene)
        winner = self._states.get(killer.owner) if killer is not None else None
        if winner is None:
            return
        score = winner.score
        if killer.owner == unit.owner:
            _add(score.friendly_fire_minerals, category, minerals)
            _add(score.friendly_fire_vespene, category, vespene)
            return
        _add(score.killed_minerals, category, minerals)
        _add(score.killed_vespene, category, vespene)
        if unit.is_structure:
            score.killed_value_structures += minerals + vespene
        else:
            score.killed_value_units += minerals + vespene

    def refresh(self) -> None:
        """Counts what changes with orders: idle workers."""
        for player_id, state in self._states.items():
            state.idle_worker_count = sum(
                unit.type.is_worker and not unit.orders for unit in self._owned[player_id])
