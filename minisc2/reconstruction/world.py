"""The world of a replay of the real game, at one game loop after the other.

It has what seats and observers ask of `game.world.World`, and is drawn by the same code; but
nothing is simulated. What happens to units is told by the replay; where they are in between is
dead reckoning (`motion`), what players have in store is worked out from statistics (`economy`).
"""

import collections
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from minisc2.api import errors
from minisc2.game import (
    detection,
    effects,
    events,
    orders,
    players,
    transport,
    unit_data,
    units,
    vision,
    weapons,
)
from minisc2.game import world as world_lib
from minisc2.maps import game_map as game_map_lib
from minisc2.reconstruction import casters

_FIRST_HEALTH = 0.1
"""Share of its life with which a structure is begun."""

_LARGEST_SIGHT = 15.0


class _Fields:
    """What `game.commutes` asks of a world: where minerals are."""

    def __init__(self, world: "ReconstructedWorld"):
        self._world = world
        self._num_changes = -1
        self._fields: list[units.Unit] = []

    def fields(self) -> list[units.Unit]:
        """Mineral fields that are not exhausted. Not to be written to."""
        if self._num_changes != self._world.num_changes:
            self._num_changes = self._world.num_changes
            self._fields = [unit for unit in self._world.owned(units.NEUTRAL_OWNER)
                            if unit.type.has_minerals]
        return self._fields


class ReconstructedWorld:
    """Every unit and player of a replay, as they are at `loop`.

    Attributes:
        loop: the game loop that is shown.
        units: living units by tag, oldest first.
        players: by id.
        events: what happened since `forget_events`.
        num_changes: goes up whenever units come, go or turn into others.
    """

    def __init__(self, game_map: game_map_lib.GameMap,
                 states: Iterable[players.PlayerState]):
        self.game_map = game_map
        self.players = {state.player_id: state for state in states}
        self.loop = 0
        self.units: dict[int, units.Unit] = {}
        self.effects: list[effects.Effect] = []
        self.events: list[events.Event] = []
        self.failures: list[Any] = []
        self.results: dict[int, int] | None = None
        self.num_changes = 0
        self.commutes = _Fields(self)
        self._owned: dict[int, list[units.Unit]] = collections.defaultdict(list)
        self._in_construction: dict[int, tuple[int, float]] = {}  # tag -> loop begun, game loops
        self._hidden: dict[int, units.Unit] = {}
        self._num_made = 0
        self._alarms: list[tuple[int, Callable[[], None]]] = []
        terrain = vision.Terrain(game_map.terrain_height)
        self._sights = {player_id: vision.Sight(game_map.terrain_height, terrain)
                        for player_id in self.players}

    # What the replay tells.

    def add(self, tag: int, unit_type: int, owner: int, xy: tuple[float, float],
            build_game_loops: float = 0.0) -> units.Unit:
        """A unit comes into the world.

        Args:
            tag: as the API has it.
            unit_type: stable id.
            owner: player id, or `units.NEUTRAL_OWNER`.
            xy: world point.
            build_game_loops: how long it will be under construction; 0 if it is finished.
        """
        if tag in self.units:
            self.remove(tag)
        self._num_made += 1
        unit = units.Unit(self._num_made, unit_data.get(unit_type), owner, *self._inside(xy))
        unit.tag = tag
        unit.cell = int(unit.x), int(unit.y)
        unit.cargo_space_max = transport.capacity(unit)
        unit.is_powered = unit.type.race == unit_data.PROTOSS and unit.is_structure
        _fill_resources(unit)
        self._equip(unit)
        if build_game_loops:
            self._in_construction[tag] = self.loop, build_game_loops
            unit.build_progress = 0.0
            unit.health, unit.shield = _FIRST_HEALTH * unit.health_max, 0.0
        self._enter(unit)
        self._emit(events.EventKind.STRUCTURE_STARTED if build_game_loops
                   else events.EventKind.UNIT_CREATED, unit)
        return unit

    def finish(self, tag: int) -> None:
        """A structure is finished."""
        unit = self.units.get(tag)
        if unit is None:
            return
        self._in_construction.pop(tag, None)
        unit.build_progress = 1.0
        unit.health, unit.shield = unit.health_max, unit.shield_max
        self.num_changes += 1
        self._emit(events.EventKind.STRUCTURE_FINISHED, unit)

    def remove(self, tag: int, is_death: bool = True, killer_tag: int = 0) -> None:
        """A unit is gone; what morphs into something else or is used up did not die."""
        self._hidden.pop(tag, None)
        unit = self.units.get(tag)
        if unit is None:
            return
        self._emit(events.EventKind.UNIT_DIED if is_death else events.EventKind.UNIT_REMOVED,
                   unit, killer_tag)
        unit.is_alive = False
        self._leave(unit)
        self._in_construction.pop(tag, None)

    def hide(self, tag: int) -> None:
        """A unit is inside of another, such as a Drone that is turning into a structure."""
        unit = self.units.get(tag)
        if unit is not None:
            self._leave(unit)
            self._hidden[tag] = unit

    def show_again(self, tag: int) -> None:
        """A hidden unit comes out where it went in."""
        unit = self._hidden.pop(tag, None)
        if unit is not None:
            self._enter(unit)

    def change_type(self, tag: int, unit_type: int) -> None:
        """A unit turns into another type; its share of life stays."""
        unit = self.units.get(tag)
        if unit is None or unit.unit_type == unit_type:
            return
        share = unit.health / unit.health_max
        self._look(unit, -1)
        had_energy = unit.energy_max > 0
        unit.become(unit_data.get(unit_type))
        self._equip(unit)
        unit.health = share * unit.health_max
        if not had_energy:
            unit.energy = unit.type.energy_start
        unit.shield = min(unit.shield, unit.shield_max)
        unit.is_burrowed = unit.type.name.endswith("Burrowed")
        unit.cloak = (units.CLOAKED if unit.type.is_cloaked or unit.is_burrowed
                      else units.NOT_CLOAKED)
        unit.z = self._height(unit)
        self._look(unit, 1)
        self.num_changes += 1

    def change_owner(self, tag: int, owner: int) -> None:
        """A unit changes hands."""
        unit = self.units.get(tag)
        if unit is not None:
            self._leave(unit)
            unit.owner = owner
            self._enter(unit)

    def research(self, player_id: int, upgrade_id: int) -> None:
        """A player has finished an upgrade: weapons, armor and life of some types change."""
        self.players[player_id].upgrades.add(upgrade_id)
        self.num_changes += 1
        for unit in self._owned[player_id]:
            self._equip(unit)

    def _equip(self, unit: units.Unit) -> None:
        state = self.players.get(unit.owner)
        weapons.equip(unit, state.upgrades if state is not None else ())

    def put(self, unit: units.Unit, x: float, y: float) -> None:
        """A unit is somewhere else now."""
        unit.x, unit.y = self._inside((x, y))
        cell = int(unit.x), int(unit.y)
        if cell != unit.cell:
            sight = self._sights.get(unit.owner)
            if sight is not None:
                sight.move(unit.cell, cell, min(unit.type.sight_range, _LARGEST_SIGHT),
                           unit.is_flying)
            unit.cell = cell
            unit.z = self._height(unit)

    def show(self, effect: effects.Effect, game_loops: int, sight_range: float = 0.0) -> None:
        """An effect appears for some time, and lets its owner see the ground around it."""
        self.effects.append(effect)
        self._alarms.append((self.loop + game_loops, lambda: self.effects.remove(effect)))
        sight = self._sights.get(effect.owner)
        if sight is not None and sight_range:
            cell = int(effect.positions[0][0]), int(effect.positions[0][1])
            sight.add(cell, sight_range, True)
            self._alarms.append((self.loop + game_loops,
                                 lambda: sight.add(cell, sight_range, True, -1)))

    def advance(self, loop: int) -> None:
        """Time goes on: structures grow, effects end."""
        self.loop = loop
        for tag, (begun, game_loops) in self._in_construction.items():
            unit = self.units[tag]
            progress = min(0.999, (loop - begun) / game_loops)
            unit.build_progress = progress
            share = _FIRST_HEALTH + (1 - _FIRST_HEALTH) * progress
            unit.health, unit.shield = share * unit.health_max, share * unit.shield_max
        if self._alarms:
            due = [alarm for at, alarm in self._alarms if at <= loop]
            self._alarms = [one for one in self._alarms if one[0] > loop]
            for alarm in due:
                alarm()

    def forget_events(self) -> None:
        """What happened so far has been told."""
        self.events.clear()

    def _inside(self, xy: tuple[float, float]) -> tuple[float, float]:
        width, height = self.game_map.size
        return min(max(xy[0], 0.0), width - 0.01), min(max(xy[1], 0.0), height - 0.01)

    def _enter(self, unit: units.Unit) -> None:
        self.units[unit.tag] = unit
        self._owned[unit.owner] = [*self._owned[unit.owner], unit]
        unit.z = self._height(unit)
        self._look(unit, 1)
        self.num_changes += 1

    def _leave(self, unit: units.Unit) -> None:
        del self.units[unit.tag]
        self._owned[unit.owner] = [one for one in self._owned[unit.owner] if one is not unit]
        self._look(unit, -1)
        self.num_changes += 1

    def _look(self, unit: units.Unit, amount: int) -> None:
        sight = self._sights.get(unit.owner)
        if sight is not None:
            sight.add(unit.cell, min(unit.type.sight_range, _LARGEST_SIGHT), unit.is_flying,
                      amount)

    def _height(self, unit: units.Unit) -> float:
        column, row = unit.cell
        return float(self.game_map.terrain_height[row, column]) / 8 - 16 + (
            units.AIR_HEIGHT * unit.is_flying)

    def _emit(self, kind: events.EventKind, unit: units.Unit, other_tag: int = 0) -> None:
        self.events.append(events.Event(kind, self.loop, unit.tag, unit.unit_type, unit.owner,
                                        (unit.x, unit.y), other_tag))

    # What seats and observers ask, as of `game.world.World`.

    def owned(self, player_id: int) -> Sequence[units.Unit]:
        """Living units of an owner, oldest first."""
        return self._owned[player_id]

    def alliance(self, player_id: int, owner: int) -> int:
        """`players` alliance of an owner, as a player sees it."""
        if owner == player_id:
            return players.SELF
        return players.NEUTRAL if owner == units.NEUTRAL_OWNER else players.ENEMY

    def is_enemy(self, player_id: int, owner: int) -> bool:
        return owner not in (player_id, units.NEUTRAL_OWNER)

    def visibility(self, player_id: int) -> np.ndarray:
        """uint8 [H, W], row is y: 0 hidden, 1 fogged, 2 visible. Not to be written to."""
        return self._sights[player_id].grid()

    def take_fresh_sight(self, player_id: int) -> np.ndarray:
        """bool [H, W]: cells that came into a player's sight since this was last called."""
        return self._sights[player_id].take_fresh()

    def can_see(self, player_id: int, unit: units.Unit) -> bool:
        """Whether a player sees a unit now."""
        return unit.owner == player_id or (
            self._sights[player_id].sees(unit.cell)
            and (unit.cloak == units.NOT_CLOAKED
                 or detection.is_detected(self, player_id, unit)))

    def cloak_state(self, player_id: int, unit: units.Unit) -> int:
        """`units` cloak state as a player knows it."""
        if unit.owner == player_id:
            return units.NOT_CLOAKED if unit.cloak == units.NOT_CLOAKED else units.CLOAKED_ALLIED
        if not self._sights[player_id].sees(unit.cell):
            return units.CLOAKED_UNKNOWN
        if unit.cloak == units.NOT_CLOAKED:
            return units.NOT_CLOAKED
        is_detected = detection.is_detected(self, player_id, unit)
        return units.CLOAKED_DETECTED if is_detected else units.CLOAKED

    def display_type(self, player_id: int, unit: units.Unit) -> int:
        """How a unit is shown to a player; see `game.world.World`."""
        if self.can_see(player_id, unit):
            return world_lib.VISIBLE
        if unit.is_structure and unit.cloak == units.NOT_CLOAKED:
            column, row = unit.cell
            if unit.owner == units.NEUTRAL_OWNER or self.visibility(player_id)[row, column]:
                return world_lib.SNAPSHOT
        return 0

    def abilities(self, player_id: int, unit: units.Unit, ignores_costs: bool = False
                  ) -> tuple[orders.AbilityUse, ...]:
        """What units of its type do in real replays; neither costs nor requirements are known."""
        del ignores_costs
        if unit.owner != player_id or unit.build_progress < 1:
            return ()
        return casters.uses(unit.unit_type)

    def path_distance(self, start: tuple[float, float] | units.Unit, end_xy: tuple[float, float]
                      ) -> float:
        """Refuses: a replay of the real game does not tell where units can walk."""
        raise errors.RequestError("query: ways are not known in a replay of the real game that is "
                                  "put together from its events.")

    def placement(self, ability_id: int, xy: tuple[float, float],
                  builder: units.Unit | None = None) -> int:
        """Refuses: a replay of the real game does not tell where structures can stand."""
        raise errors.RequestError("query: placements are not known in a replay of the real game "
                                  "that is put together from its events.")

    def resolve(self, unit: units.Unit, ability_id: int) -> int:
        """The ability itself: replays tell specific ones."""
        del unit
        return ability_id


_CONTENTS = (("MineralField750", 900), ("MineralField450", 500), ("MineralField", 1800),
             ("Geyser", 2250))
"""What resources hold at first, by parts of their names."""


def _fill_resources(unit: units.Unit) -> None:
    """What a resource held when the match began: replays do not tell what is left."""
    kind = unit.type
    if kind.has_minerals or kind.has_vespene:
        amount = next((amount for part, amount in _CONTENTS if part in kind.name), 0)
        if kind.has_minerals:
            unit.mineral_contents = amount
        elif unit.owner == units.NEUTRAL_OWNER:
            unit.vespene_contents = amount or 2250
