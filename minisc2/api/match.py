"""One match: the world, the seats of its players, who has stepped, and the recording of it all.

Every client of a match has a server of its own, and the servers share the match; in one process
they run in threads. All methods may be called from any of them: they hold the match's lock, and
joining and stepping wait until the other clients have done the same, as in the real game. A client
that lets the others wait for too long is taken out.
"""

import collections
import dataclasses
import logging
import random
import threading
from collections.abc import Iterable, Sequence

from s2clientprotocol import common_pb2, debug_pb2, error_pb2, sc2api_pb2

from minisc2 import ai, maps, replay
from minisc2.api import actions, debug, errors
from minisc2.api import interface as interface_lib
from minisc2.api import lobby as lobby_lib
from minisc2.api import seat as seat_lib
from minisc2.api import spectator as spectator_lib
from minisc2.game import commands, players
from minisc2.game import world as world_lib
from minisc2.maps import game_map as game_map_lib

STEP_TIMEOUT_SECONDS = 300.0
"""How long a client may let the others wait; shorter than pysc2's patience with an answer."""

_LOG = logging.getLogger(__name__)
_KINDS = {sc2api_pb2.Participant: players.PARTICIPANT, sc2api_pb2.Computer: players.COMPUTER}


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a match is created with.

    Attributes:
        game_map: the map.
        setups: the slots in the order of the create request; see `lobby.Lobby`.
        seed: of the first game.
        disable_fog: whether everything is visible to everyone.
    """

    game_map: game_map_lib.GameMap
    setups: tuple[sc2api_pb2.PlayerSetup, ...]
    seed: int
    disable_fog: bool = False


def next_seed(seed: int) -> int:
    """The seed of the game after a restart: drawn from the one before, so that runs repeat."""
    return random.Random(seed).getrandbits(32)


class _CountingWorld(world_lib.World):
    """A world that counts the orders of each player: the actions of those who are no clients."""

    def __init__(self, game_map: game_map_lib.GameMap, setups: Sequence[players.PlayerSetup],
                 seed: int):
        self.num_orders: collections.Counter[int] = collections.Counter()
        super().__init__(game_map, setups, seed)
        self.num_orders.clear()  # of those that the map gave at the start

    def order(self, player_id: int, tags: Iterable[int], ability_id: int,
              target: commands.Target = None, queued: bool = False, autocast: bool = False
              ) -> list[tuple[int, int]]:
        self.num_orders[player_id] += 1
        return super().order(player_id, tags, ability_id, target, queued, autocast)


class Match:
    """A match from its creation to the moment when everybody left.

    Attributes:
        lobby: the places for clients, and who took them.
        seats: of all players, by id.
    """

    def __init__(self, settings: Settings):
        """An open match: it starts when each client has joined."""
        self.settings = settings
        self.lobby = lobby_lib.Lobby(settings.setups)
        self.seed = settings.seed
        self.lock = threading.Condition(threading.RLock())
        self.world: world_lib.World | None = None
        self.seats: dict[int, seat_lib.Seat] = {}
        self._spectators: list[spectator_lib.Spectator] = []
        self.recording: replay.Recording | None = None
        self._targets: dict[int, int] = {}
        self._pending: list[tuple[int, int, sc2api_pb2.Action]] = []
        self._is_abandoned = False

    @property
    def is_ended(self) -> bool:
        """Whether the game is decided."""
        return self.world is not None and self.world.results is not None

    def take_slot(self, request: sc2api_pb2.RequestJoinGame) -> int:
        """Gives a client a place; see `lobby.Lobby.take`. The last one begins the game.

        Raises:
            errors.TypedError: with ResponseJoinGame.Error.
        """
        with self.lock:
            if self._is_abandoned:
                raise errors.TypedError(
                    sc2api_pb2.ResponseJoinGame.GameFull,
                    "A client left this game before it began. Create a game and join that.")
            client_id = self.lobby.take(request)
            if self.lobby.is_full:
                self._start_for_all()
            return client_id

    def _start_for_all(self) -> None:
        """Begins the game that several clients may be waiting for."""
        try:
            self._start()
        except Exception:
            self._is_abandoned = True  # the client that came last is told why
            raise
        finally:
            self.lock.notify_all()

    def give_back_slot(self, client_id: int) -> None:
        """Undoes `take_slot` of a client that could not wait for the others."""
        with self.lock:
            del self.lobby.joins[client_id]

    def wait_for_start(self, timeout_seconds: float) -> None:
        """Waits until every client has joined.

        Raises:
            errors.RequestError: another client left before, or did not come in time, or the game
                could not begin; it then no longer can.
        """
        with self.lock:
            self.lock.wait_for(lambda: self.world is not None or self._is_abandoned,
                               timeout_seconds)
            if self.world is None:
                reason = ("Another client left before the game began, or it could not begin."
                          if self._is_abandoned else
                          f"The game has {self.lobby.num_clients} clients, and only "
                          f"{len(self.lobby.joins)} joined within {timeout_seconds:g} s.")
                self._is_abandoned = True
                self.lock.notify_all()
                raise errors.RequestError(f"join_game: {reason} Create the game again.")

    def restart(self) -> None:
        """Begins a new game with the same players and a new seed.

        Raises:
            errors.TypedError: with ResponseRestartGame.LaunchError, several clients play.
        """
        with self.lock:
            if self.lobby.num_clients > 1:
                raise errors.TypedError(
                    sc2api_pb2.ResponseRestartGame.LaunchError,
                    "Only a game with one client can be restarted: leave, create and join again.")
            self.seed = next_seed(self.seed)
            self._start()

    def _start(self) -> None:
        settings = self.settings
        setups = []
        for number, setup in self.lobby.players:
            join = self.lobby.joins.get(number)
            setups.append(players.PlayerSetup(
                player_id=number, race=join.race if join else setup.race or common_pb2.Random,
                kind=_KINDS[setup.type], difficulty=setup.difficulty if not join else 0,
                ai_build=setup.ai_build if not join else 0,
                name=join.player_name if join else setup.player_name))
        self._make_world(setups, {number: join.options for number, join in self.lobby.joins.items()
                                  if number in self.lobby.participants})
        self._targets = dict.fromkeys(self.lobby.joins, 0)
        self.recording = replay.Recording(
            map_name=settings.game_map.name, seed=self.seed, disable_fog=settings.disable_fog,
            num_clients=self.lobby.num_clients,
            players=tuple(self._recorded_player(setup) for setup in setups))

    def _make_world(self, setups: Sequence[players.PlayerSetup],
                    options: dict[int, sc2api_pb2.InterfaceOptions]) -> None:
        world = _CountingWorld(self.settings.game_map, [_with_race(setup) for setup in setups],
                               self.seed)
        for setup in setups:
            world.players[setup.player_id].race_requested = setup.race
        if self.settings.disable_fog:
            world.set_fog(False)
        for state in world.players.values():
            if state.kind == players.COMPUTER:
                _add_brain(world, state)
        self.seats = {
            number: seat_lib.Seat(world, number, interface_lib.resolve(
                options.get(number, sc2api_pb2.InterfaceOptions()), self.settings.game_map))
            for number in world.players}
        self._spectators = []
        self._pending = []
        self.world = world

    def _recorded_player(self, setup: players.PlayerSetup) -> replay.RecordedPlayer:
        is_participant = setup.kind == players.PARTICIPANT
        return replay.RecordedPlayer(
            player_id=setup.player_id,
            kind=sc2api_pb2.Participant if is_participant else sc2api_pb2.Computer,
            race_requested=setup.race, race_actual=self.world.players[setup.player_id].race,
            difficulty=setup.difficulty, ai_build=setup.ai_build, name=setup.name,
            interface=self.lobby.joins[setup.player_id].options.SerializeToString()
            if is_participant else b"")

    def spectate(self, player_id: int, interface: interface_lib.Interface
                 ) -> spectator_lib.Spectator:
        """A place to look on from, through the eyes of a player or of `spectator.EVERYONE`."""
        with self.lock:
            spectator = spectator_lib.Spectator(self.world, self.seats.get(player_id), interface)
            self._spectators.append(spectator)
            return spectator

    def act(self, player_id: int, batch: Sequence[sc2api_pb2.Action]) -> list[int]:
        """Lets a player act.

        With one client an action takes effect at once. With several it does one game loop later,
        because the real game first has to tell the other clients (pysc2's obs_test).

        Returns:
            One error_pb2.ActionResult for each action.
        """
        with self.lock:
            if self.lobby.num_clients > 1:
                loop = self.world.loop + 1
                for action in batch:
                    self._pending.append((loop, player_id, action))
                return [error_pb2.Success] * len(batch)
            return [self._apply(player_id, action) for action in batch]

    def _apply(self, player_id: int, action: sc2api_pb2.Action) -> int:
        self.recording.add(self.world.loop, player_id, replay.EventKind.ACTION,
                           action.SerializeToString())
        return self.apply(player_id, action)

    def apply(self, player_id: int, action: sc2api_pb2.Action) -> int:
        """Applies one action now, without recording it; see `act`."""
        if action.HasField("action_chat"):
            for seat in (*self.seats.values(), *self._spectators):
                seat.chat.append(sc2api_pb2.ChatReceived(
                    player_id=player_id, message=action.action_chat.message))
        return actions.apply(self.seats[player_id], action)

    def debug(self, player_id: int, commands: Sequence[debug_pb2.DebugCommand]) -> None:
        """Changes the world by debug commands, all of them or none.

        Raises:
            errors.RequestError: one of them is not served.
        """
        with self.lock:
            seat = self.seats[player_id]
            for command in commands:
                debug.check(seat, command)
            for command in commands:
                if command.WhichOneof("command") != "draw":
                    self.recording.add(self.world.loop, player_id, replay.EventKind.DEBUG,
                                       command.SerializeToString())
                    self.apply_debug(player_id, command)

    def apply_debug(self, player_id: int, command: debug_pb2.DebugCommand) -> None:
        """Applies a debug command now, without recording it."""
        num_known = len(self.world.events)
        self.world.failures.clear()
        debug.apply(self.seats[player_id], command)
        self._take_in(num_known)

    def step(self, client_id: int, num_game_loops: int) -> int:
        """Plays on, when every client still in the match has asked for it.

        Returns:
            The game loop reached: fewer than asked for when the game ended.

        Raises:
            errors.RequestError: the client was taken out, because the others waited for too long.
        """
        with self.lock:
            if client_id not in self._targets:
                raise errors.RequestError(
                    "step: this client was taken out of the game, because it let the others wait "
                    f"for more than {STEP_TIMEOUT_SECONDS:g} s. Leave the game and join another.")
            target = self.world.loop + num_game_loops
            if len(self._targets) > 1:
                # Steps of clients may overlap: a slower one may still be waiting for its own.
                target = self._targets[client_id] + num_game_loops
            self._targets[client_id] = target
            self._advance()
            self._wait_for_loop(target)
            return self.world.loop

    def _wait_for_loop(self, target: int) -> None:
        """Waits for the other clients, and goes on without those that do not come."""
        def is_over() -> bool:
            return self.world.loop >= target or self.is_ended

        while not is_over():
            before = self.world.loop
            if not self.lock.wait_for(is_over, STEP_TIMEOUT_SECONDS):
                for client_id in [one for one, until in self._targets.items() if until <= before]:
                    _LOG.warning("client %d sent no step request for %g s: it is taken out",
                                 client_id, STEP_TIMEOUT_SECONDS)
                    self.leave(client_id)

    def _advance(self) -> None:
        if not self._targets:
            return
        target = min(self._targets.values())
        world = self.world
        while world.loop < target and world.results is None:
            until = min([target, *(loop for loop, _, _ in self._pending if loop > world.loop)])
            self.play(until - world.loop)
            due = [one for one in self._pending if one[0] <= world.loop]
            if due:
                self._pending = [one for one in self._pending if one[0] > world.loop]
                for _, player_id, action in sorted(due, key=lambda one: one[1]):
                    self._apply(player_id, action)
        if self.lobby.num_clients > 1:
            self.lock.notify_all()

    def play(self, num_game_loops: int) -> None:
        """Advances the world, whoever asked for it, and lets the seats take in what happened."""
        num_known = self.world.num_untold_events  # the seats know them, the map does not
        self.world.step(num_game_loops)
        self._take_in(num_known)

    def _take_in(self, num_known_events: int) -> None:
        for seat in self.seats.values():
            seat.after_step(num_known_events)
        for spectator in self._spectators:  # after the players, whose places they look from
            spectator.after_step(num_known_events)

    def leave(self, client_id: int) -> None:
        """Takes a client out: others no longer wait for it.

        A player who leaves while the game is undecided gives up: every other player wins.
        """
        with self.lock:
            was_in = self._targets.pop(client_id, None) is not None
            if self.world is None:
                self._is_abandoned = True
            elif was_in and not self.is_ended and client_id in self.seats:
                self.recording.add(self.world.loop, client_id, replay.EventKind.LEAVE)
                self.world.end_game({
                    number: players.DEFEAT if number == client_id else players.VICTORY
                    for number in self.world.players})
            elif was_in:
                self._advance()  # the others may all have been waiting for this one
            self.lock.notify_all()

    def snapshot_recording(self) -> replay.Recording:
        """The recording up to now."""
        with self.lock:
            return dataclasses.replace(
                self.recording, loops=self.world.loop, events=list(self.recording.events),
                results=dict(self.world.results or {}),
                num_orders={player.player_id: self.world.num_orders[player.player_id]
                            for player in self.recording.players
                            if player.kind == sc2api_pb2.Computer})

    @classmethod
    def from_recording(cls, recording: replay.Recording) -> "Match":
        """The same match at its first loop, with the seats of all its players.

        Raises:
            maps.UnknownMapError: its map does not exist here.
        """
        setups = tuple(sc2api_pb2.PlayerSetup(type=player.kind) for player in recording.players)
        match = cls(Settings(maps.get(recording.map_name), setups, recording.seed,
                             recording.disable_fog))
        match._make_world(
            [players.PlayerSetup(
                player_id=player.player_id, race=player.race_requested, kind=_KINDS[player.kind],
                difficulty=player.difficulty, ai_build=player.ai_build, name=player.name)
             for player in recording.players],
            {player.player_id: sc2api_pb2.InterfaceOptions.FromString(player.interface)
             for player in recording.players})
        match.recording = recording
        return match


def _with_race(setup: players.PlayerSetup) -> players.PlayerSetup:
    """Computer players are Terran where they may choose: it is the race that they can play."""
    if setup.kind == players.COMPUTER and setup.race == common_pb2.Random:
        return dataclasses.replace(setup, race=common_pb2.Terran)
    return setup


def _add_brain(world: world_lib.World, state: players.PlayerState) -> None:
    """Lets a computer player play. Those of other races stand idle: pysc2's tests ask for some."""
    if state.race == common_pb2.Terran:
        world.brains.append(ai.make(world, state))
    else:
        _LOG.warning("computer player %d is %s and does nothing: computers play Terran; set its "
                     "race to Terran or Random", state.player_id,
                     common_pb2.Race.Name(state.race))
