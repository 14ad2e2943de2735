"""The world: every unit and player of one game, advanced one game loop at a time."""

import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from minisc2.game import behaviour, events, orders, players, unit_data, units, vision

if TYPE_CHECKING:
    from minisc2.maps import game_map as game_map_lib

SUCCESS = 1
ERROR_NOT_SUPPORTED = 2
_FIRST_TAG = 1 << 32
_TAG_STEP = 1 << 18


class World:
    """One game on one map. The same arguments and the same orders give the same game.

    Args:
        game_map: rules and ground.
        setups: one entry for each player.
        seed: of all randomness.
    """

    def __init__(self, game_map: "game_map_lib.GameMap", setups: Sequence[players.PlayerSetup],
                 seed: int):
        self.game_map = game_map
        self.seed = seed
        self.rng = random.Random(seed)
        self.loop = 0
        self.units: dict[int, units.Unit] = {}
        self.effects: list[Any] = []
        self.events: list[events.Event] = []
        self.results: dict[int, int] | None = None
        self.script: Any = None
        self.is_paused = False
        self.is_fog_enabled = True
        self.players = {setup.player_id: self._player_state(setup) for setup in setups}
        self._sights = {player_id: vision.Sight(game_map.size) for player_id in self.players}
        self._all_visible = np.full(game_map.size[::-1], vision.VISIBLE, np.uint8)
        self._num_tags = 0
        self._actors: list[units.Unit] = []
        game_map.setup(self)

    def _player_state(self, setup: players.PlayerSetup) -> players.PlayerState:
        race = setup.race
        if race not in (unit_data.TERRAN, unit_data.ZERG, unit_data.PROTOSS):
            race = self.rng.choice((unit_data.TERRAN, unit_data.ZERG, unit_data.PROTOSS))
        return players.PlayerState(
            setup.player_id, race, setup.race, setup.kind, setup.name, setup.difficulty,
            setup.ai_build, score=players.Score(kind=self.game_map.score_kind))

    # Time.

    def step(self, num_game_loops: int = 1) -> int:
        """Advances the game; `events` then holds what happened meanwhile.

        Returns:
            Number of game loops played: fewer than asked for when the game ended.
        """
        if self.events:
            self.events = []
        update_map = self.game_map.update
        num_played = 0
        while num_played < num_game_loops and self.results is None:
            self.loop += 1
            num_played += 1
            if not self.is_paused:
                for unit in self._actors:
                    if unit.orders:
                        behaviour.update(self, unit)
            update_map(self)
        return num_played

    def end_game(self, results: dict[int, int]) -> None:
        """Ends the game with one `players` result for each participant."""
        self.results = dict(results)
        for player_id, result in results.items():
            self.players[player_id].result = result

    # Units.

    def create_unit(self, unit_type: int, owner: int, xy: tuple[float, float],
                    **values: Any) -> units.Unit:
        """Makes a unit; `values` set further attributes of it, such as health.

        Raises:
            ValueError: there is no such type of unit, or no such attribute.
        """
        self._num_tags += 1
        unit = units.Unit(_FIRST_TAG + self._num_tags * _TAG_STEP + 1, unit_data.get(unit_type),
                          owner, *xy)
        for name, value in values.items():
            if name not in units.Unit.__slots__:
                raise ValueError(f"A unit has no attribute {name!r}.")
            setattr(unit, name, value)
        self.units[unit.tag] = unit
        if unit.type.speed > 0 or unit.type.weapons:
            self._actors.append(unit)
        if owner in self._sights:
            self._sights[owner].add(unit.cell, unit.type.sight_range)
        self._emit(events.EventKind.UNIT_CREATED, unit)
        return unit

    def kill_unit(self, unit: units.Unit, killer: units.Unit | None = None) -> None:
        """The unit dies."""
        self._emit(events.EventKind.UNIT_DIED, unit, killer.tag if killer else 0)
        self._take_away(unit)

    def remove_unit(self, unit: units.Unit) -> None:
        """Takes a unit out of the game without a death."""
        self._emit(events.EventKind.UNIT_REMOVED, unit)
        self._take_away(unit)

    def _take_away(self, unit: units.Unit) -> None:
        del self.units[unit.tag]
        unit.is_alive = False
        unit.orders.clear()
        if unit in self._actors:
            # A new list: the old one may be in use by `step`.
            self._actors = [actor for actor in self._actors if actor is not unit]
        if unit.owner in self._sights:
            self._sights[unit.owner].add(unit.cell, unit.type.sight_range, -1)

    def _emit(self, kind: events.EventKind, unit: units.Unit, other_tag: int = 0) -> None:
        self.events.append(events.Event(kind, self.loop, unit.tag, unit.unit_type, unit.owner,
                                        (unit.x, unit.y), other_tag))

    def set_position(self, unit: units.Unit, xy: tuple[float, float]) -> None:
        """Puts a unit somewhere else at once."""
        unit.x, unit.y = xy
        self.enter_cell(unit)

    def enter_cell(self, unit: units.Unit) -> None:
        """Updates what depends on the cell a unit is in; called after it moved."""
        cell = (int(unit.x), int(unit.y))
        if cell == unit.cell:
            return
        sight = self._sights.get(unit.owner)
        if sight is not None:
            sight.add(cell, unit.type.sight_range)
            sight.add(unit.cell, unit.type.sight_range, -1)
        unit.cell = cell

    # Sight.

    def set_fog(self, enabled: bool) -> None:
        self.is_fog_enabled = enabled

    def reveal_area(self, player_id: int, x0: int, y0: int, x1: int, y1: int) -> None:
        """Shows a rectangle of cells to a player for the rest of the game."""
        self._sights[player_id].reveal(x0, y0, x1, y1)

    def visibility(self, player_id: int) -> np.ndarray:
        """uint8 [H, W], row is y: 0 hidden, 1 fogged, 2 visible. Not to be written to."""
        if not self.is_fog_enabled:
            return self._all_visible
        return self._sights[player_id].grid()

    def can_see(self, player_id: int, unit: units.Unit) -> bool:
        """Whether a player sees a unit now."""
        return (unit.owner == player_id or not self.is_fog_enabled
                or self._sights[player_id].sees(unit.cell))

    def alliance(self, player_id: int, owner: int) -> int:
        """`players` alliance of a unit's owner, as a player sees it."""
        if owner == player_id:
            return players.SELF
        return players.NEUTRAL if owner == units.NEUTRAL_OWNER else players.ENEMY

    # Orders.

    def abilities(self, player_id: int, unit: units.Unit) -> tuple[orders.AbilityUse, ...]:
        """What a unit of the player can do now; empty for units of others."""
        return orders.abilities_of(unit.type) if unit.owner == player_id else ()

    def order(self, player_id: int, tags: Iterable[int], ability_id: int,
              target: tuple[float, float] | units.Unit | None = None, queued: bool = False,
              autocast: bool = False) -> list[tuple[int, int]]:
        """Gives an order to units of a player.

        Args:
            player_id: who orders; units of others are refused.
            tags: of the units.
            ability_id: general or specific.
            target: None, a world point or a unit.
            queued: whether it comes after the orders that a unit has.
            autocast: toggles autocast instead.

        Returns:
            (tag, `error_pb2.ActionResult`) for each unit; 1 is success.
        """
        results = []
        for tag in tags:
            unit = self.units.get(tag)
            if unit is None or unit.owner != player_id or autocast:
                results.append((tag, ERROR_NOT_SUPPORTED))
                continue
            specific = orders.specific_ability(ability_id, orders.abilities_of(unit.type))
            results.append((tag, self._order_one(unit, specific, target, queued)))
        return results

    def _order_one(self, unit: units.Unit, ability_id: int | None,
                   target: tuple[float, float] | units.Unit | None, queued: bool) -> int:
        if ability_id is None:
            return ERROR_NOT_SUPPORTED
        if ability_id in (orders.STOP, orders.HOLD_POSITION):
            unit.orders.clear()
            return SUCCESS
        if target is None:
            return ERROR_NOT_SUPPORTED
        xy = (target.x, target.y) if isinstance(target, units.Unit) else target
        if not queued:
            unit.orders.clear()
        shown = orders.MOVE if ability_id == orders.SMART else ability_id
        unit.orders.append(orders.Order(shown, orders.Kind.MOVE, xy))
        return SUCCESS

    def placement(self, ability_id: int, xy: tuple[float, float]) -> int:
        """`error_pb2.ActionResult` of building something at a point."""
        x, y = int(xy[0]), int(xy[1])
        height, width = self.game_map.placement_grid.shape
        if 0 <= x < width and 0 <= y < height and self.game_map.placement_grid[y, x]:
            return SUCCESS
        return 44  # CantBuildLocationInvalid

    def path_distance(self, start: tuple[float, float] | units.Unit,
                      end_xy: tuple[float, float]) -> float:
        """Length of the way from a point or unit to a point; 0 when there is none."""
        x, y = (start.x, start.y) if isinstance(start, units.Unit) else start
        return ((x - end_xy[0]) ** 2 + (y - end_xy[1]) ** 2) ** 0.5
