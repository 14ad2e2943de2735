"""The world: every unit and player of one game, advanced one game loop at a time."""

import random
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from minisc2.game import (
    ability_data,
    accounts,
    add_ons,
    awareness,
    behaviour,
    burning,
    collision,
    commands,
    commutes,
    construction,
    detection,
    events,
    movement,
    orders,
    pathing,
    placement,
    players,
    results,
    technology,
    transport,
    unit_data,
    units,
    upkeep,
    vision,
    weapons,
)

if TYPE_CHECKING:
    from minisc2.maps import game_map as game_map_lib

VISIBLE, SNAPSHOT, HIDDEN = 1, 2, 3
"""How a unit is shown to a player, numbered as `raw_pb2.DisplayType`; 0 is not at all."""

_WALKS = frozenset((orders.Kind.MOVE, orders.Kind.FOLLOW, orders.Kind.SCAN, orders.Kind.PATROL))
_RACES = (unit_data.TERRAN, unit_data.ZERG, unit_data.PROTOSS)


class Brain(Protocol):
    """A computer player."""

    def update(self) -> None:
        """Called at the end of every game loop."""


class World:
    """One game on one map. The same arguments and the same orders give the same game.

    Args:
        game_map: rules and ground.
        setups: one entry for each player.
        seed: of all randomness.

    Attributes:
        loop: game loops played.
        units: living units by tag, oldest first.
        events: what happened in the last `step` and since, and between it and the one before.
        results: `players` result of each participant; None while the game goes on.
        failures: (unit, ability id, `results` answer) of orders that failed while they were
            carried out, in the last `step` and since.
        brains: computer players; each one's `update()` is called in every game loop.
        script: whatever the map wants to remember.
        num_changes: goes up whenever a unit comes, goes, is finished or becomes another type, when
            research is finished, and when a structure is put elsewhere: what players have and can
            do, and where it stands, may then be another.
        is_paused: True when the map script has paused every unit.
        crowd: living ground units that others cannot walk through.
        flyers: living units in the air, where others find them.
        ground: where units can walk.
        accounts: bookkeeping of players' units and scores.
        commutes: ways of workers that gather.
        awareness: wakes units that have an enemy near.
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
        self._num_told_events = 0
        self._num_events_taken_by_map = 0
        self.failures: list[tuple[units.Unit, int, int]] = []
        self.brains: list[Brain] = []
        self._alarms: dict[int, list[Callable[[], None]]] = {}
        self.results: dict[int, int] | None = None
        self.script: Any = None
        self.is_paused = False
        self.is_fog_enabled = True
        self.crowd = collision.Crowd(game_map.size)
        self.flyers = collision.Crowd(game_map.size)
        self.ground = pathing.Ground(game_map.pathing_grid, game_map.playable,
                                     game_map.jumping_grid, game_map.terrain_height)
        self.players = {setup.player_id: self._player_state(setup) for setup in setups}
        self.accounts = accounts.Accounts(self.players)
        self.commutes = commutes.Commutes(self)
        self._terrain = vision.Terrain(game_map.terrain_height)
        self._sights: dict[int, vision.Sight] = {}
        self._all_visible = np.full(game_map.size[::-1], vision.VISIBLE, np.uint8)
        self._num_units_made = 0
        self.num_changes = 0
        self.awareness = awareness.Awareness()
        self._actors: list[units.Unit] = []
        self._needing_upkeep: list[units.Unit] = []
        # What each player may have to fight; lists are replaced, never changed in place, because
        # units die while they are in use.
        self._enemies: dict[int, list[units.Unit]] = {}
        for owner in (*self.players, *game_map.hostile_owners):
            self._add_side(owner)
        game_map.setup(self)

    def _player_state(self, setup: players.PlayerSetup) -> players.PlayerState:
        race = setup.race if setup.race in _RACES else self.rng.choice(_RACES)
        return players.PlayerState(
            setup.player_id, race, setup.race, setup.kind, setup.name, setup.difficulty,
            setup.ai_build, score=players.Score(kind=self.game_map.score_kind))

    def _add_side(self, owner: int) -> None:
        """Somebody whose units see and fight: a player, or another owner of units."""
        self._sights[owner] = vision.Sight(self.game_map.terrain_height, self._terrain)
        self._enemies[owner] = [unit for unit in self.units.values() if unit.owner != owner
                                and unit.type.is_targetable and unit.owner != units.NEUTRAL_OWNER]

    # Time.

    def step(self, num_game_loops: int = 1) -> int:
        """Advances the game; `events` then holds what happened meanwhile.

        Returns:
            Number of game loops played: fewer than asked for when the game ended.
        """
        # What happened since the last step (a debug command, say) is news for the map, too.
        if self.events:
            self.events = self.events[self._num_told_events:]
        self._num_told_events = self._num_events_taken_by_map = 0
        self.failures.clear()
        update_unit = behaviour.update
        update_map = self.game_map.update
        num_played = 0
        while num_played < num_game_loops and self.results is None:
            self.loop = loop = self.loop + 1
            num_played += 1
            if not self.is_paused:
                if loop in self._alarms:
                    for alarm in self._alarms.pop(loop):
                        alarm()
                if self.awareness.next_loop <= loop:
                    self.awareness.update(self)
                for unit in self._actors:
                    if unit.wake_loop <= loop and unit.is_alive:
                        update_unit(self, unit)
                if self._needing_upkeep:
                    upkeep.update(self._needing_upkeep, loop)
                for brain in self.brains:
                    brain.update()
                if loop % accounts.SAMPLE_GAME_LOOPS == 0:
                    self.accounts.sample()
                if loop % burning.PERIOD_GAME_LOOPS == 0:
                    burning.update(self)
            update_map(self)
            self._num_events_taken_by_map = len(self.events)
        self._num_told_events = len(self.events)
        self.accounts.refresh(self.loop)
        return num_played

    def end_game(self, results: dict[int, int]) -> None:
        """Ends the game with one `players` result for each participant."""
        self.results = dict(results)
        for player_id, result in results.items():
            self.players[player_id].result = result

    def call_at(self, loop: int, alarm: Callable[[], None]) -> None:
        """Calls a function at the beginning of a later game loop."""
        self._alarms.setdefault(max(loop, self.loop + 1), []).append(alarm)

    # Units.

    def create_unit(self, unit_type: int, owner: int, xy: tuple[float, float],
                    **values: Any) -> units.Unit:
        """Makes a unit, beside the point if there is no room; `values` set attributes of it.

        Args:
            unit_type: stable id.
            owner: player id, or `units.NEUTRAL_OWNER`.
            xy: world point.
            **values: further attributes of `units.Unit`, such as health.

        Raises:
            ValueError: there is no such type of unit, or no such attribute.
        """
        unknown = sorted(set(values) - set(units.Unit.__slots__))
        if unknown:
            raise ValueError(f"A unit has no attribute {unknown[0]!r}; see units.Unit.__slots__.")
        kind = unit_data.get(unit_type)
        self._num_units_made += 1
        unit = units.Unit(self._num_units_made, kind, owner, *xy)
        if owner not in self._sights and owner != units.NEUTRAL_OWNER:
            self._add_side(owner)  # a debug command may make units for anybody
        unit.autocasts = ability_data.autocasts_at_first(unit_type)
        for name, value in values.items():
            setattr(unit, name, value)
        if self._is_walker(unit):
            unit.x, unit.y = collision.free_place(self, unit, *xy)
            unit.cell = (int(unit.x), int(unit.y))
        self.units[unit.tag] = unit
        self._register(unit)
        self.accounts.add(unit)
        self.emit(events.EventKind.UNIT_CREATED, unit)
        return unit

    @staticmethod
    def _is_walker(unit: units.Unit) -> bool:
        return not unit.is_flying and not unit.is_structure and unit.type.collides

    def _register(self, unit: units.Unit) -> None:
        self.num_changes += 1
        kind = unit.type
        state = self.players.get(unit.owner)
        weapons.equip(unit, state.upgrades if state else ())
        unit.cargo_space_max = transport.capacity(unit)
        self.awareness.invalidate()
        if unit.owner != units.NEUTRAL_OWNER and kind.is_targetable:
            self._actors = [*self._actors, unit]
        if self._is_walker(unit):
            self.crowd.add(unit)
        elif unit.is_flying:
            self.flyers.add(unit)
        unit.z = self.ground.height(unit.cell) + units.AIR_HEIGHT * unit.is_flying
        if upkeep.needs(unit):
            self._needing_upkeep.append(unit)
        if unit.is_structure and not unit.is_flying:
            self.ground.block(unit.x, unit.y, kind.footprint, is_solid=not kind.is_walkable)
            if not kind.is_walkable:
                placement.make_room(self, unit)
        if kind.is_targetable and unit.owner != units.NEUTRAL_OWNER:
            for player_id in self._enemies:
                if player_id != unit.owner:
                    self._enemies[player_id] = [*self._enemies[player_id], unit]
        if unit.owner in self._sights:
            self._sights[unit.owner].add(unit.cell, kind.sight_range, unit.is_flying)

    def kill_unit(self, unit: units.Unit, killer: units.Unit | None = None) -> None:
        """The unit dies."""
        unit.health = 0.0
        self.emit(events.EventKind.UNIT_DIED, unit, killer.tag if killer else 0)
        self.accounts.death(unit, killer)
        if unit.cargo:
            transport.lose(self, unit, killer)
        self._take_away(unit)

    def remove_unit(self, unit: units.Unit) -> None:
        """Takes a unit out of the game without a death; passengers of a structure get out."""
        if unit.cargo:
            transport.lose(self, unit, None)
        self.emit(events.EventKind.UNIT_REMOVED, unit)
        self._take_away(unit)

    def _take_away(self, unit: units.Unit) -> None:
        self.replace_orders(unit, [])
        del self.units[unit.tag]
        unit.is_alive = False
        self._unregister(unit)
        self.accounts.remove(unit)
        if unit.is_structure:
            add_ons.leave(self, unit)
            construction.release(self, unit)

    def take_aboard(self, unit: units.Unit) -> None:
        """A unit enters another: it is out of the world, and goes on counting for its owner."""
        self.replace_orders(unit, [])
        del self.units[unit.tag]
        self._unregister(unit)
        self.accounts.board(unit)

    def put_ashore(self, unit: units.Unit, xy: tuple[float, float]) -> None:
        """A unit that was aboard is in the world again, at a point or as near as there is room."""
        unit.x, unit.y = collision.free_place(self, unit, *xy)
        unit.cell = (int(unit.x), int(unit.y))
        self.units[unit.tag] = unit
        self._register(unit)
        self.accounts.leave(unit)
        self.replace_orders(unit, [])

    def _unregister(self, unit: units.Unit) -> None:
        self.awareness.invalidate()
        self.num_changes += 1
        self._actors = [actor for actor in self._actors if actor is not unit]
        self._needing_upkeep = [other for other in self._needing_upkeep if other is not unit]
        (self.flyers if unit.is_flying else self.crowd).remove(unit)
        for player_id, enemies in self._enemies.items():
            self._enemies[player_id] = [enemy for enemy in enemies if enemy is not unit]
        if unit.is_structure and not unit.is_flying:
            self.ground.block(unit.x, unit.y, unit.type.footprint, -1,
                              is_solid=not unit.type.is_walkable)
        if unit.owner in self._sights:
            self._sights[unit.owner].add(unit.cell, unit.type.sight_range, unit.is_flying, -1)

    def finish_structure(self, unit: units.Unit) -> None:
        """Construction is over: from now on the structure counts, works and provides supply."""
        self.num_changes += 1
        self.accounts.finish(unit)
        unit.wake_loop = 0
        self.emit(events.EventKind.STRUCTURE_FINISHED, unit)

    def change_type(self, unit: units.Unit, unit_type: int) -> None:
        """Turns a unit into another type in place; its share of life stays."""
        share = unit.health / unit.health_max
        had_energy = unit.energy_max > 0
        self._unregister(unit)
        self.accounts.remove(unit)
        unit.become(unit_data.get(unit_type))
        unit.health = share * unit.health_max
        if not had_energy:
            unit.energy = unit.type.energy_start
        self._register(unit)
        self.accounts.add(unit)
        unit.wake_loop = 0
        # Whoever has landed, say, goes nowhere any more, and cannot land again.
        known = {ability.ability_id for ability in ability_data.of_type(unit_type)}
        unit.orders[1:] = [order for order in unit.orders[1:] if order.ability_id in known
                           and (unit.speed > 0 or order.kind not in _WALKS)]

    def set_flying(self, unit: units.Unit, is_flying: bool) -> None:
        """Lifts a unit off the ground, or puts it down where it is."""
        (self.flyers if unit.is_flying else self.crowd).remove(unit)
        unit.is_flying = is_flying
        (self.flyers if is_flying else self.crowd).add(unit)
        unit.z = self.ground.height(unit.cell) + units.AIR_HEIGHT * is_flying
        movement.start(unit)
        self.awareness.invalidate()

    def owned(self, player_id: int) -> list[units.Unit]:
        """Living units of a player, oldest first. Not to be written to."""
        return self.accounts.owned(player_id)

    def emit(self, kind: events.EventKind, unit: units.Unit, other_tag: int = 0) -> None:
        """Records that something happened to a unit."""
        seen_by = () if kind is not events.EventKind.UNIT_DIED else tuple(
            [player_id for player_id in self.players if self.can_see(player_id, unit)])
        self.events.append(events.Event(kind, self.loop, unit.tag, unit.unit_type, unit.owner,
                                        (unit.x, unit.y), other_tag, seen_by))

    @property
    def num_untold_events(self) -> int:
        """How many of `events` came after the last `step`; the next one keeps them."""
        return len(self.events) - self._num_told_events

    def news_for_map(self) -> list[events.Event]:
        """What happened since the map's last `update`, its own doings not included."""
        return self.events[self._num_events_taken_by_map:]

    def set_position(self, unit: units.Unit, xy: tuple[float, float]) -> None:
        """Puts a unit somewhere else at once."""
        unit.x, unit.y = xy
        unit.cruise_until = 0
        self.num_changes += unit.type.footprint[0] > 0
        self.enter_cell(unit)

    def enter_cell(self, unit: units.Unit) -> None:
        """Updates what depends on the cell a unit is in; called after it moved."""
        cell = (int(unit.x), int(unit.y))
        if cell == unit.cell:
            return
        is_flying = unit.is_flying
        sight = self._sights.get(unit.owner)
        if sight is not None:
            sight.move(unit.cell, cell, unit.type.sight_range, is_flying)
        unit.cell = cell
        if is_flying:
            self.flyers.move(unit)
            unit.z = self.ground.height(cell) + units.AIR_HEIGHT
        else:
            self.crowd.move(unit)
            unit.z = self.ground.height(cell)

    # Friends and enemies.

    def alliance(self, player_id: int, owner: int) -> int:
        """`players` alliance of a unit's owner, as a player sees it. Nobody has allies."""
        if owner == player_id:
            return players.SELF
        return players.NEUTRAL if owner == units.NEUTRAL_OWNER else players.ENEMY

    def is_enemy(self, player_id: int, owner: int) -> bool:
        return owner not in (player_id, units.NEUTRAL_OWNER)

    def enemies(self, player_id: int) -> list[units.Unit]:
        """Living units that a player's units may fight, oldest first."""
        return self._enemies.get(player_id, [])

    def has_enemies(self, player_id: int) -> bool:
        return bool(self._enemies.get(player_id))

    def actors(self) -> list[units.Unit]:
        """Living units that can do something or be attacked. Not to be written to."""
        return self._actors

    def is_protected(self, unit: units.Unit) -> bool:
        """Whether the owner's units cannot be hurt."""
        state = self.players.get(unit.owner)
        return state is not None and state.is_invulnerable

    # Sight.

    def set_fog(self, enabled: bool) -> None:
        """With fog disabled, every player sees the whole map."""
        self.is_fog_enabled = enabled

    def reveal_area(self, player_id: int, x0: int, y0: int, x1: int, y1: int) -> None:
        """Shows a rectangle of cells to a player for the rest of the game."""
        self._sights[player_id].reveal(x0, y0, x1, y1)

    def visibility(self, player_id: int) -> np.ndarray:
        """uint8 [H, W], row is y: 0 hidden, 1 fogged, 2 visible. Not to be written to."""
        if not self.is_fog_enabled:
            return self._all_visible
        return self._sights[player_id].grid()

    def take_fresh_sight(self, player_id: int) -> np.ndarray:
        """bool [H, W]: cells that came into a player's sight since this was last called."""
        return self._sights[player_id].take_fresh()

    def can_see(self, player_id: int, unit: units.Unit) -> bool:
        """Whether a player sees a unit now: in sight, and not cloaked or else detected."""
        if unit.owner == player_id:
            return True
        return ((not self.is_fog_enabled or self._sights[player_id].sees(unit.cell))
                and (unit.cloak == units.NOT_CLOAKED
                     or detection.is_detected(self, player_id, unit)))

    def is_visible(self, player_id: int, xy: tuple[float, float]) -> bool:
        """Whether a player sees the ground at a point now."""
        return not self.is_fog_enabled or self._sights[player_id].sees((int(xy[0]), int(xy[1])))

    def watch(self, player_id: int, xy: tuple[float, float], radius: float, game_loops: int
              ) -> None:
        """Lets a player see a place for some time, without a unit there."""
        sight, cell = self._sights[player_id], (int(xy[0]), int(xy[1]))
        sight.add(cell, radius, is_flying=True)
        self.call_at(self.loop + game_loops, lambda: sight.add(cell, radius, True, -1))

    def cloak_state(self, player_id: int, unit: units.Unit) -> int:
        """`units` cloak state as a player knows it."""
        if unit.owner == player_id:
            return units.NOT_CLOAKED if unit.cloak == units.NOT_CLOAKED else units.CLOAKED_ALLIED
        if self.is_fog_enabled and not self._sights[player_id].sees(unit.cell):
            return units.CLOAKED_UNKNOWN
        if unit.cloak == units.NOT_CLOAKED:
            return units.NOT_CLOAKED
        is_detected = detection.is_detected(self, player_id, unit)
        return units.CLOAKED_DETECTED if is_detected else units.CLOAKED

    def display_type(self, player_id: int, unit: units.Unit) -> int:
        """How a unit is shown to a player: VISIBLE, SNAPSHOT, or 0 for not at all.

        Resources are known from the start; a structure is remembered once its cell was seen, as
        long as it stands.
        """
        if self.can_see(player_id, unit):
            return VISIBLE
        if unit.is_structure and unit.cloak == units.NOT_CLOAKED:
            column, row = unit.cell
            if unit.owner == units.NEUTRAL_OWNER or self.visibility(player_id)[row, column]:
                return SNAPSHOT
        return 0

    # What players own.

    def pay(self, player_id: int, minerals: float, vespene: float) -> bool:
        """Takes resources from a player, or nothing where they do not suffice."""
        state = self.players[player_id]
        if state.is_free:
            return True
        if state.minerals < minerals or state.vespene < vespene:
            return False
        state.minerals -= minerals
        state.vespene -= vespene
        state.score.spent_minerals += minerals
        state.score.spent_vespene += vespene
        return True

    def refund(self, player_id: int, minerals: float, vespene: float) -> None:
        """Gives resources back."""
        self.pay(player_id, -minerals, -vespene)

    def add_upgrade(self, player_id: int, upgrade_id: int) -> None:
        """A player's research is finished."""
        self.num_changes += 1
        upgrades = self.players[player_id].upgrades
        upgrades.add(upgrade_id)
        for unit in self.owned(player_id):
            weapons.equip(unit, upgrades)
        self.awareness.invalidate()

    # Orders.

    def abilities(self, player_id: int, unit: units.Unit, ignores_costs: bool = False
                  ) -> tuple[orders.AbilityUse, ...]:
        """What a unit of the player can do now, by id; empty for units of others.

        Args:
            player_id: who asks.
            unit: whose abilities.
            ignores_costs: includes what the player lacks minerals, vespene or supply for.
        """
        if unit.owner != player_id:
            return ()
        return tuple([ability.use
                      for ability in technology.abilities(self, unit, ignores_costs)])

    def resolve(self, unit: units.Unit, ability_id: int) -> int:
        """The specific ability that a unit makes of an id; the id itself if it has none."""
        ability = technology.resolve(self, unit, ability_id)
        return ability_id if ability is None else ability.ability_id

    def replace_orders(self, unit: units.Unit, new_orders: list[orders.Order]) -> None:
        """Gives a unit other orders than it has; those are dropped."""
        old_orders = unit.orders
        unit.orders = new_orders
        for order in old_orders:
            behaviour.drop_order(self, unit, order)
        unit.target = unit.guard_xy = None
        unit.is_alert = True
        unit.engaged_target_tag = 0
        unit.last_goal = None
        unit.wake_loop = 0
        unit.passes_units = False
        movement.start(unit)

    def finish_order(self, unit: units.Unit) -> None:
        """The unit is through with its first order."""
        behaviour.finish_order(self, unit)

    def fail(self, unit: units.Unit, ability_id: int, answer: int) -> None:
        """An order could not be carried out, as its owner is told."""
        self.failures.append((unit, ability_id, answer))

    def order(self, player_id: int, tags: Iterable[int], ability_id: int,
              target: commands.Target = None, queued: bool = False, autocast: bool = False
              ) -> list[tuple[int, int]]:
        """Gives an order to units of a player.

        Args:
            player_id: who orders; units of others are refused.
            tags: of the units.
            ability_id: general or specific.
            target: None, a world point or a unit.
            queued: whether it comes after the orders that a unit has.
            autocast: switches the automatic use of the ability instead.

        Returns:
            (tag, `results` answer) for each unit.
        """
        answers = []
        for tag in tags:
            unit = self.units.get(tag)
            if unit is None or unit.owner != player_id:
                answers.append((tag, results.NOT_SUPPORTED))
            elif autocast:
                answers.append((tag, commands.switch_autocast(self, unit, ability_id)))
            else:
                answers.append((tag, commands.give(self, unit, ability_id, target, queued)))
        return answers

    def placement(self, ability_id: int, xy: tuple[float, float],
                  builder: units.Unit | None = None) -> int:
        """`results` answer to building something at a point; see `placement.check`."""
        return placement.check(self, ability_id, xy, builder)

    def snap(self, unit_type: int, xy: tuple[float, float]) -> tuple[float, float]:
        """Where a structure of a type stands that is put at a point."""
        return placement.snap(unit_type, xy)

    def path_distance(self, start: tuple[float, float] | units.Unit,
                      end_xy: tuple[float, float]) -> float:
        """Length in cells of the way from a point or unit to a point; 0 when there is none."""
        if not isinstance(start, units.Unit):
            return self.ground.way_length(start, end_xy)
        if start.is_flying:
            return start.distance_to(*end_xy)
        return self.ground.way_length((start.x, start.y), end_xy)
