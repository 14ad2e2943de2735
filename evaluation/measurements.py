"""What an agent reached in a match, measured in what the game tells its player.

Everything comes from the player's own observations over the API, the same for every game behind
it and every interface of the agent: what is hidden from the player is not counted. The match is
looked at whenever the agent is asked, so what comes and goes while it waits (at most some seconds)
is not seen, and what came meanwhile has the game loop of the look.
"""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from data import strategy
from data.conversion import made
from environment import pysc2_compat
from evaluation import match_records

pysc2_compat.install()

from pysc2.lib import units
from s2clientprotocol import data_pb2, raw_pb2, sc2api_pb2

MIN_ATTACKERS = 5
"""Fewer army units near an enemy structure are a scout, not an attack."""

ATTACK_RADIUS = 12.0
"""Cells from an enemy structure within which an army unit attacks it, or soon will."""

_RESULTS = {sc2api_pb2.Victory: match_records.VICTORY, sc2api_pb2.Defeat: match_records.DEFEAT,
            sc2api_pb2.Tie: match_records.TIE}
_WORKERS = frozenset(int(unit) for unit in (
    units.Terran.SCV, units.Terran.MULE, units.Protoss.Probe, units.Zerg.Drone,
    units.Zerg.DroneBurrowed))
_SHOWN = (raw_pb2.Visible, raw_pb2.Snapshot)


def result_of(response: sc2api_pb2.ResponseObservation) -> str:
    """What the game says to the player who looks on; "undecided" if nothing."""
    player_id = response.observation.player_common.player_id
    for result in response.player_result:
        if result.player_id == player_id:
            return _RESULTS.get(result.result, match_records.UNDECIDED)
    return match_records.UNDECIDED


class Measurements:
    """Watches one match.

    An attack is taken to be on while at least `MIN_ATTACKERS` army units (what has a weapon and is
    neither a worker nor a structure) are within `ATTACK_RADIUS` of an enemy structure that the
    player knows of. It counts when the damage that the game credits to the player grows meanwhile.

    Attributes:
        finished: how many units and structures were finished, by name. What the match began with
            does not count, nor what only changes its form, nor what costs nothing.
        largest_attack: most army units that were near enemy structures at once.
        first_attack: game loop of the first damage of an attack, or None.
        num_refused: observations with an error that was not in the one before: commands that the
            game did not take. (A unit that tries in vain reports the same error again and again.)
        start_xy: where the player's first structure is, in cells; (0, 0) without one.
    """

    def __init__(self, unit_data: Mapping[int, Any]):
        """Takes the game's data of unit types, by type id."""
        self._unit_data = unit_data
        self._made = made.MadeUnits(unit_data)
        self._kinds: dict[int, str | None] = {}
        self._done: set[tuple[int, str]] = set()
        self._damage: float | None = None
        self._errors: set[tuple[int, int, int]] = set()
        self.finished: Counter[str] = Counter()
        self.largest_attack = 0
        self.first_attack: int | None = None
        self.num_refused = 0
        self.start_xy = (0.0, 0.0)

    def look(self, response: sc2api_pb2.ResponseObservation) -> None:
        """Takes in an observation; the first one shows what the match begins with."""
        observation = response.observation
        is_first = self._damage is None
        self._made.look(observation)
        army, structures = [], []
        for unit in observation.raw_data.units:
            if unit.alliance == raw_pb2.Self:
                if unit.build_progress >= 1:
                    self._finish(unit, is_first)
                if self._is_army(unit.unit_type):
                    army.append((unit.pos.x, unit.pos.y))
            elif (unit.alliance == raw_pb2.Enemy and unit.display_type in _SHOWN
                  and self._is_structure(unit.unit_type)):
                structures.append((unit.pos.x, unit.pos.y))
        if is_first:
            self.start_xy = next(((unit.pos.x, unit.pos.y) for unit in observation.raw_data.units
                                  if unit.alliance == raw_pb2.Self
                                  and self._is_structure(unit.unit_type)), (0.0, 0.0))
        self._look_for_attack(observation, army, structures)
        self._look_for_errors(response)

    def _look_for_attack(self, observation: sc2api_pb2.Observation,
                         army: list[tuple[float, float]],
                         structures: list[tuple[float, float]]) -> None:
        dealt = observation.score.score_details.total_damage_dealt
        damage = dealt.life + dealt.shields
        near = sum(any(math.dist(place, target) <= ATTACK_RADIUS for target in structures)
                   for place in army) if len(army) >= MIN_ATTACKERS else 0
        self.largest_attack = max(self.largest_attack, near)
        if (self.first_attack is None and near >= MIN_ATTACKERS and self._damage is not None
                and damage > self._damage):
            self.first_attack = int(observation.game_loop)
        self._damage = damage

    def _look_for_errors(self, response: sc2api_pb2.ResponseObservation) -> None:
        errors = {(error.unit_tag, error.ability_id, error.result)
                  for error in response.action_errors}
        self.num_refused += bool(errors - self._errors)
        self._errors = errors

    def _finish(self, unit: Any, is_first: bool) -> None:
        name = self._name(unit.unit_type)
        if name is None or (unit.tag, name) in self._done or unit.is_hallucination:
            return
        self._done.add((unit.tag, name))
        if not is_first:
            self.finished[name] += 1

    def _name(self, unit_type: int) -> str | None:
        """The name of a unit type without its form; None for what costs nothing."""
        if unit_type not in self._kinds:
            data = self._unit_data.get(unit_type)
            name = None
            if data is not None and (data.mineral_cost or data.vespene_cost):
                name = self._unit_data.get(data.unit_alias or unit_type, data).name
            self._kinds[unit_type] = name
        return self._kinds[unit_type]

    def _is_structure(self, unit_type: int) -> bool:
        data = self._unit_data.get(unit_type)
        return data is not None and data_pb2.Structure in data.attributes

    def _is_army(self, unit_type: int) -> bool:
        data = self._unit_data.get(unit_type)
        return (data is not None and unit_type not in _WORKERS and len(data.weapons) > 0
                and data_pb2.Structure not in data.attributes)

    @property
    def build_order(self) -> tuple[tuple[int, int, float, float], ...]:
        """Game loop, unit type, x and y of the first that were made."""
        first = sorted(self._made.made, key=lambda one: one.game_loop)
        return tuple((one.game_loop, one.unit_type, *map(float, one.world_xy))
                     for one in first[:strategy.BUILD_ORDER_LENGTH])
