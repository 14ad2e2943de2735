"""What players have in store, and their scores: told every 160 game loops, worked out in between.

Between two statistics of a replay, at loops a and b, what a player gathered grows evenly:

    gathered(t) = stored(t) - stored(a) + spent(a, t)
    stored(t) = stored(a) + gathered(b) (t - a) / (b - a) - spent(a, t)

where `spent` follows from what was begun when: structures when they appear, units and upgrades as
long before they are finished as they take. At the loops of the statistics the numbers are exact,
whatever `spent` misses.
"""

import bisect
import collections
import itertools
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from minisc2.game import players, unit_data, units, upgrade_data
from minisc2.reconstruction import chronicle

FOOD_STEPS = 4096
"""Parts of one supply in which statistics count it."""

MAX_FOOD = 200.0

_FREE = frozenset((
    "MULE", "Larva", "Broodling", "Interceptor", "AutoTurret", "LocustMP", "LocustMPFlying",
    "Changeling", "AdeptPhaseShift", "Archon", "KD8Charge", "PointDefenseDrone", "OracleStasisTrap",
    "ForceField", "CreepTumor", "CreepTumorQueen", "CreepTumorBurrowed", "InfestedTerran"))
"""Types that cost nothing when they appear, whatever the table says they are worth."""

_DRONE = unit_data.id_of("Drone")
_PREFIX = "m_scoreValue"
_CATEGORIES = (("army", "Army"), ("economy", "Economy"), ("technology", "Technology"))
_BY_CATEGORY = {
    "lost_minerals": "MineralsLost", "lost_vespene": "VespeneLost",
    "killed_minerals": "MineralsKilled", "killed_vespene": "VespeneKilled",
    "friendly_fire_minerals": "MineralsFriendlyFire",
    "friendly_fire_vespene": "VespeneFriendlyFire",
    "used_minerals": "MineralsUsedCurrent", "used_vespene": "VespeneUsedCurrent"}
"""Field of the score -> name in the statistics, before the category."""


class _Change(NamedTuple):
    """What a player's stores change by at one loop."""

    loop: float
    minerals: float
    vespene: float
    food_used: float
    food_made: float


class _Ledger:
    """One player's statistics and changes."""

    def __init__(self, statistics: list[chronicle.Statistics], changes: list[_Change]):
        self.statistics = statistics
        self._loops = [one.loop for one in statistics]
        ordered = sorted(changes, key=lambda one: one.loop)
        self._change_loops = [one.loop for one in ordered]
        self._sums = [tuple(itertools.accumulate((getattr(one, name) for one in ordered),
                                                 initial=0.0))
                      for name in _Change._fields[1:]]

    def _total(self, which: int, loop: float) -> float:
        return self._sums[which][bisect.bisect_right(self._change_loops, loop)]

    def last(self, loop: int) -> int:
        """Index of the last statistics at or before a loop; -1 before the first."""
        return bisect.bisect_right(self._loops, loop) - 1

    def stored(self, name: str, which: int, loop: int) -> float:
        """Minerals (0) or vespene (1) in store."""
        index = max(0, self.last(loop))
        before = self.statistics[index]
        after = self.statistics[min(index + 1, len(self.statistics) - 1)]
        start, end = before.values[name], after.values[name]
        spent = self._total(which, loop) - self._total(which, before.loop)
        if after.loop <= before.loop or loop <= before.loop:
            return max(0.0, start - (spent if loop > before.loop else 0.0))
        gathered = end - start + self._total(which, after.loop) - self._total(which, before.loop)
        share = (loop - before.loop) / (after.loop - before.loop)
        return max(0.0, start + gathered * share - spent)

    def counted(self, name: str, which: int, loop: int) -> float:
        """Supply used (2) or made (3): the last statistics, and what changed since."""
        before = self.statistics[max(0, self.last(loop))]
        return before.values[name] / FOOD_STEPS + (
            self._total(which, loop) - self._total(which, before.loop))


class Economy:
    """Fills in what players have at a loop."""

    def __init__(self, story: chronicle.Chronicle, player_ids: Iterable[int]):
        """Reads statistics and costs out of what happened."""
        changes = _changes(story)
        statistics: dict[int, list[chronicle.Statistics]] = collections.defaultdict(list)
        for one in story.happenings:
            if isinstance(one, chronicle.Statistics):
                known = statistics[one.player_id]
                if known and known[-1].loop == one.loop:
                    known[-1] = one
                else:
                    known.append(one)
        self._ledgers = {player_id: _Ledger(statistics[player_id], changes[player_id])
                         for player_id in player_ids if statistics[player_id]}
        self._filled: dict[int, int] = {}  # player -> index of the statistics in the score

    def stored(self, player_id: int, loop: int) -> tuple[float, float]:
        """(minerals, vespene) in store; zeros without statistics."""
        ledger = self._ledgers.get(player_id)
        if ledger is None:
            return 0.0, 0.0
        return (ledger.stored("m_scoreValueMineralsCurrent", 0, loop),
                ledger.stored("m_scoreValueVespeneCurrent", 1, loop))

    def food(self, player_id: int, loop: int) -> tuple[float, float]:
        """(supply used, supply made, at most 200)."""
        ledger = self._ledgers.get(player_id)
        if ledger is None:
            return 0.0, 0.0
        return (max(0.0, ledger.counted("m_scoreValueFoodUsed", 2, loop)),
                min(MAX_FOOD, max(0.0, ledger.counted("m_scoreValueFoodMade", 3, loop))))

    def fill(self, state: players.PlayerState, own: Iterable[units.Unit], loop: int) -> None:
        """Brings a player's state up to date.

        Args:
            state: of the player.
            own: the player's units.
            loop: now.
        """
        ledger = self._ledgers.get(state.player_id)
        if ledger is None:
            return
        state.minerals, state.vespene = self.stored(state.player_id, loop)
        state.food_used, state.food_cap = self.food(state.player_id, loop)
        _count(state, own)
        index = ledger.last(loop)
        if index >= 0 and self._filled.get(state.player_id) != index:
            self._filled[state.player_id] = index
            _fill_score(state.score, ledger.statistics[index].values)


def _count(state: players.PlayerState, own: Iterable[units.Unit]) -> None:
    """What can be counted: workers, army, larvae, warp gates."""
    workers = army = larvae = gates = idle = 0
    food_army = 0.0
    for unit in own:
        kind = unit.type
        if kind.is_worker:
            workers += 1
            idle += not unit.orders
        elif kind.food_required > 0:
            army += 1
            food_army += kind.food_required
        elif kind.name == "Larva":
            larvae += 1
        elif kind.name == "WarpGate":
            gates += 1
    state.food_workers, state.food_army, state.army_count = workers, food_army, army
    state.idle_worker_count, state.larva_count, state.warp_gate_count = idle, larvae, gates


def _fill_score(score: players.Score, values: Mapping[str, int]) -> None:
    """Takes over what statistics and the API's score both have."""
    score.collection_rate_minerals = values[f"{_PREFIX}MineralsCollectionRate"]
    score.collection_rate_vespene = values[f"{_PREFIX}VespeneCollectionRate"]
    for field, name in _BY_CATEGORY.items():
        group = getattr(score, field)
        for category, suffix in _CATEGORIES:
            setattr(group, category, values[f"{_PREFIX}{name}{suffix}"])
    for field, kinds in (("killed_value_units", ("Army", "Economy")),
                         ("killed_value_structures", ("Technology",))):
        setattr(score, field, float(sum(
            values[f"{_PREFIX}{resource}Killed{kind}"]
            for resource in ("Minerals", "Vespene") for kind in kinds)))


def _changes(story: chronicle.Chronicle) -> dict[int, list[_Change]]:
    """Player -> what its stores change by, when."""
    found: dict[int, list[_Change]] = collections.defaultdict(list)
    types: dict[int, int] = {}
    owners: dict[int, int] = {}
    egg_loops: dict[int, int] = {}
    unfinished: set[int] = set()
    for one in story.happenings:
        if isinstance(one, chronicle.Appeared):
            types[one.tag], owners[one.tag] = one.unit_type, one.owner
            if not one.is_finished:
                unfinished.add(one.tag)
            if one.loop:
                found[one.owner] += _of_appeared(one, egg_loops.get(one.creator_tag))
        elif isinstance(one, chronicle.Finished) and one.tag in types:
            unfinished.discard(one.tag)
            made = unit_data.get(types[one.tag]).food_provided
            found[owners[one.tag]].append(_Change(one.loop, 0, 0, 0, made))
        elif isinstance(one, chronicle.BecameType) and one.tag in types:
            new, old = unit_data.get(one.unit_type), unit_data.get(types[one.tag])
            types[one.tag] = one.unit_type
            if new.name == "Egg":
                egg_loops[one.tag] = one.loop
            elif old.name not in ("Egg", "Larva"):
                found[owners[one.tag]] += _of_change(one.loop, old, new)
        elif isinstance(one, chronicle.BecameOwned) and one.tag in types:
            owners[one.tag] = one.owner
        elif isinstance(one, chronicle.Died) and one.tag in types:
            kind = unit_data.get(types.pop(one.tag))
            made = 0.0 if one.tag in unfinished else kind.food_provided
            if not (kind.unit_id == _DRONE and not one.killer_tag):
                found[owners[one.tag]].append(_Change(one.loop, 0, 0, -kind.food_required, -made))
        elif isinstance(one, chronicle.Researched) and one.loop:
            row = upgrade_data.load().get(one.upgrade_id)
            if row is not None:
                found[one.player_id].append(_Change(one.loop - row.game_loops, row.mineral_cost,
                                                    row.vespene_cost, 0, 0))
    return found


def _of_appeared(one: chronicle.Appeared, egg_loop: int | None) -> list[_Change]:
    kind = unit_data.get(one.unit_type)
    if kind.name in _FREE or one.is_hallucination:
        return []
    minerals, vespene, food = kind.mineral_cost, kind.vespene_cost, kind.food_required
    if not one.is_finished:
        if kind.is_structure and kind.race == unit_data.ZERG:  # made of a Drone, which is paid
            minerals -= unit_data.get(_DRONE).mineral_cost
            food = -1.0
        return [_Change(one.loop, minerals, vespene, food, 0)]
    begun = egg_loop if egg_loop is not None else one.loop - kind.build_time
    return [_Change(begun, minerals, vespene, food, 0),
            _Change(one.loop, 0, 0, 0, kind.food_provided)]


def _of_change(loop: int, old: unit_data.UnitType, new: unit_data.UnitType) -> list[_Change]:
    """A unit became another type: what that costs more was paid when it began."""
    minerals = max(0, new.mineral_cost - old.mineral_cost)
    vespene = max(0, new.vespene_cost - old.vespene_cost)
    begun = loop - (new.build_time if new.is_structure and (minerals or vespene) else 0)
    return [_Change(begun, minerals, vespene, new.food_required - old.food_required, 0),
            _Change(loop, 0, 0, 0, new.food_provided - old.food_provided)]
