"""What a player made in a match, found in what is seen of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from data import strategy
from environment import pysc2_compat

pysc2_compat.install()

from pysc2.lib import units

_SELF = 1  # raw_pb2.Alliance
_COCOONS = frozenset(
    int(unit) for race in (units.Neutral, units.Protoss, units.Terran, units.Zerg)
    for unit in race if unit.name.endswith(("Cocoon", "Egg")))
"""What is on its way to become something, at a price of its own in the game's data."""


class MadeUnits:
    """Collects the units, structures, upgrades and effects of the player who looks on.

    A structure counts when it is begun, a unit when it comes out; so does what turns into
    something new (a Command Center into an Orbital Command), but not what only changes its form
    (a Supply Depot that is lowered). What costs nothing (larvae, MULEs) is not made.

    Args:
        unit_data: the game's data of unit types, by type id.
    """

    def __init__(self, unit_data: Mapping[int, Any]):
        self._unit_data = unit_data
        self._kinds: dict[int, int | None] = {}  # unit type -> what it counts as
        self._seen: dict[int, int] = {}  # tag -> its unit type at the last look
        self._counted: set[tuple[int, int]] = set()
        self._is_first = True
        self._made: list[strategy.Made] = []
        self._upgrades: set[int] = set()
        self._effects: set[int] = set()

    def look(self, observation: Any) -> None:
        """Takes in what is new since the look before.

        Args:
            observation: `sc2api_pb2.Observation` with raw units.
        """
        raw = observation.raw_data
        for unit in raw.units:
            if unit.alliance == _SELF and self._seen.get(unit.tag) != unit.unit_type:
                self._came(unit, observation.game_loop)
        self._upgrades.update(raw.player.upgrade_ids)
        for effect in raw.effects:
            if effect.alliance == _SELF:
                self._effects.add(effect.effect_id)
        self._is_first = False

    def _came(self, unit: Any, game_loop: int) -> None:
        if unit.is_hallucination:
            return
        self._seen[unit.tag] = unit.unit_type
        kind = self._kind(unit.unit_type)
        if kind is None or (unit.tag, kind) in self._counted:
            return
        self._counted.add((unit.tag, kind))
        if not self._is_first:
            self._made.append(strategy.Made(game_loop, kind, (unit.pos.x, unit.pos.y)))

    def _kind(self, unit_type: int) -> int | None:
        """The type without its form, or None for what is not made."""
        if unit_type not in self._kinds:
            data = self._unit_data.get(unit_type)
            kind = unit_type
            if data is not None:
                kind = data.unit_alias or unit_type
                if not (data.mineral_cost or data.vespene_cost):
                    kind = None
            self._kinds[unit_type] = None if unit_type in _COCOONS else kind
        return self._kinds[unit_type]

    @property
    def made(self) -> Iterable[strategy.Made]:
        """What was made so far, in its order."""
        return tuple(self._made)

    def strategy(self) -> strategy.Strategy:
        """The statistics of what was made so far."""
        return strategy.summarize(self._made, sorted(self._upgrades), sorted(self._effects))
