"""Bookkeeping of what players own, gather, lose and destroy.

What counts as what is read off the tracker events of real replays: what a player's score gains when
one kind of unit is finished and nothing else happens (town halls, gas structures, what provides
supply and workers are "economy", all other structures "technology", all other units "army").
"""

import collections
import functools
from collections.abc import Mapping

from minisc2.game import ability_data, orders, players, unit_data, units

RATE_GAME_LOOPS = 240
"""Rates of collection are those of the last 240 game loops, 15 seconds of the data tables."""

SAMPLE_GAME_LOOPS = 8
"""How often idle workers and structures are counted for the times in the score."""

_PER_MINUTE = 60 * 1.4 * unit_data.LOOPS_PER_SECOND / RATE_GAME_LOOPS
"""Rates are those of a minute at "faster" speed. The statistics of replays are all multiples of
5.6 times what one worker carries, cut off to whole numbers: 671, 699 and 727 are 24, 25 and 26
loads of five minerals, 156 and 179 are 7 and 8 loads of four vespene."""

_CUT_OFF = 0.01
"""The game's fixed-point numbers stay a little below whole ones: 25 loads are 699, not 700."""

_ECONOMY_STRUCTURES = frozenset((
    "CommandCenter", "OrbitalCommand", "PlanetaryFortress", "CommandCenterFlying",
    "OrbitalCommandFlying", "Nexus", "Hatchery", "Lair", "Hive", "Refinery", "RefineryRich",
    "Assimilator", "Extractor", "SupplyDepot", "SupplyDepotLowered", "Pylon", "Overlord",
    "OverlordTransport"))

_MAKING = frozenset((orders.Kind.TRAIN, orders.Kind.RESEARCH))


@functools.cache
def can_make(unit_type: int) -> bool:
    """Whether structures of a type train or research anything."""
    return any(ability.kind in _MAKING for ability in ability_data.of_type(unit_type))


def _category(kind: unit_data.UnitType) -> str:
    """The field of `players.ValueByCategory` that a type of unit counts in."""
    if kind.is_worker or kind.name in _ECONOMY_STRUCTURES:
        return "economy"
    return "technology" if kind.is_structure else "army"


def _cost(kind: unit_data.UnitType) -> tuple[int, int]:
    """(minerals, vespene) that a type counts for; a MULE has a cost in the table, but is free."""
    return (0, 0) if kind.name == "MULE" else (kind.mineral_cost, kind.vespene_cost)


def _add(values: players.ValueByCategory, category: str, amount: float) -> None:
    setattr(values, category, getattr(values, category) + amount)


def _rate(amount: int) -> float:
    return float(int(max(0.0, amount * _PER_MINUTE - _CUT_OFF)))


class _Income:
    """What one player's workers brought in the last `RATE_GAME_LOOPS`."""

    def __init__(self):
        self._loads: collections.deque[tuple[int, int, int]] = collections.deque()
        self._minerals = self._vespene = 0

    def add(self, loop: int, minerals: int, vespene: int) -> None:
        self._loads.append((loop, minerals, vespene))
        self._minerals += minerals
        self._vespene += vespene

    def rates(self, loop: int) -> tuple[float, float]:
        """Minerals and vespene a minute."""
        loads = self._loads
        while loads and loads[0][0] <= loop - RATE_GAME_LOOPS:
            _, minerals, vespene = loads.popleft()
            self._minerals -= minerals
            self._vespene -= vespene
        return _rate(self._minerals), _rate(self._vespene)


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
        self._incomes = {player_id: _Income() for player_id in states}
        self._values: dict[int, tuple[int, int]] = {}  # tag -> what its score had so far
        # Of each player what is owned, and of that the workers and what can make something.
        self._told_apart: dict[
            int, tuple[list[units.Unit], list[units.Unit], list[units.Unit]]] = {}

    def add(self, unit: units.Unit) -> None:
        """A player gets a unit, or a unit has become another type."""
        self._owned[unit.owner] = [*self._owned[unit.owner], unit]
        state = self._states.get(unit.owner)
        if state is not None:
            self._count(state, unit, 1)

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
        if state is not None:
            self._count(state, unit, -1)

    def finish(self, unit: units.Unit) -> None:
        """A structure of a player is finished; `build_progress` was below 1 until now."""
        state = self._states.get(unit.owner)
        if state is not None:
            self._count(state, unit, -1)
        unit.build_progress = 1.0
        if state is not None:
            self._count(state, unit, 1)
        self._owned[unit.owner] = list(self._owned[unit.owner])  # whoever keeps it looks again

    def _count(self, state: players.PlayerState, unit: units.Unit, sign: int) -> None:
        if unit.is_hallucination:
            return
        kind = unit.type
        category = _category(kind)
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
        if unit.build_progress < 1:
            return
        state.food_cap += sign * (kind.food_provided + unit.food_bonus)
        for type_id in (kind.unit_id, *kind.tech_alias):
            self._num_finished[unit.owner][type_id] += sign
        minerals, vespene = _cost(kind)
        _add(state.score.used_minerals, category, sign * minerals)
        _add(state.score.used_vespene, category, sign * vespene)
        if sign > 0:
            self._count_total(state.score, unit, category)

    def _count_total(self, score: players.Score, unit: units.Unit, category: str) -> None:
        """Totals count what a unit cost once, and what it turned into by the difference."""
        minerals, vespene = _cost(unit.type)
        known = self._values.get(unit.tag, (0, 0))
        minerals, vespene = max(0, minerals - known[0]), max(0, vespene - known[1])
        self._values[unit.tag] = known[0] + minerals, known[1] + vespene
        if unit.is_structure:
            score.total_value_structures += minerals + vespene
        else:
            score.total_value_units += minerals + vespene
        _add(score.total_used_minerals, category, minerals)
        _add(score.total_used_vespene, category, vespene)

    def collect(self, player_id: int, minerals: int, vespene: int, loop: int) -> None:
        """A worker brings something home."""
        state = self._states.get(player_id)
        if state is None:
            return
        state.minerals += minerals
        state.vespene += vespene
        state.score.collected_minerals += minerals
        state.score.collected_vespene += vespene
        self._incomes[player_id].add(loop, minerals, vespene)

    def research(self, player_id: int, ability: ability_data.Ability) -> None:
        """A player has finished an upgrade."""
        score = self._states[player_id].score
        for values, amount in (
                (score.used_minerals, ability.minerals), (score.used_vespene, ability.vespene),
                (score.total_used_minerals, ability.minerals),
                (score.total_used_vespene, ability.vespene)):
            values.upgrade += amount

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
        category = _category(unit.type)
        minerals, vespene = _cost(unit.type)
        self._values.pop(unit.tag, None)
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

    def _workers_and_makers(self, player_id: int) -> tuple[list[units.Unit], list[units.Unit]]:
        """A player's workers, and the structures that can make something once finished."""
        owned = self._owned[player_id]
        known = self._told_apart.get(player_id)
        if known is None or known[0] is not owned:  # the list is replaced with every change
            known = self._told_apart[player_id] = (
                owned, [unit for unit in owned if unit.type.is_worker],
                [unit for unit in owned if unit.is_structure and can_make(unit.unit_type)])
        return known[1], known[2]

    def sample(self) -> None:
        """Adds to the times that are idle; called every `SAMPLE_GAME_LOOPS`."""
        seconds = SAMPLE_GAME_LOOPS / unit_data.LOOPS_PER_SECOND
        for player_id, state in self._states.items():
            workers, makers = self._workers_and_makers(player_id)
            num_workers = len([unit for unit in workers if not unit.orders])
            num_structures = len([unit for unit in makers
                                  if not unit.orders and unit.build_progress >= 1])
            state.score.idle_worker_time += seconds * num_workers
            state.score.idle_production_time += seconds * num_structures

    def refresh(self, loop: int) -> None:
        """Counts what changes with orders and time: idle workers, rates of collection."""
        for player_id, state in self._states.items():
            workers, _ = self._workers_and_makers(player_id)
            state.idle_worker_count = len([unit for unit in workers if not unit.orders])
            state.score.collection_rate_minerals, state.score.collection_rate_vespene = (
                self._incomes[player_id].rates(loop))
