"""One match: the world, the seats of its players, who has stepped, and the recording of it all.

Every client of a match has a server of its own, and the servers share the match; in one process
they run in threads. All methods may be called from any of them: they hold the match's lock, and
joining and stepping wait until the other clients have done the same, as in the real game.
"""

import dataclasses
import random
import threading
from collections.abc import Sequence

from s2clientprotocol import common_pb2, debug_pb2, error_pb2, sc2api_pb2

from minisc2 import maps, replay
from minisc2.api import actions, debug, errors
from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib
from minisc2.game import players
from minisc2.game import world as world_lib
from minisc2.maps import game_map as game_map_lib

_KINDS = {sc2api_pb2.Participant: players.PARTICIPANT, sc2api_pb2.Computer: players.COMPUTER}


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a match is created with.

    Attributes:
        game_map: the map.
        setups: the slots in the order of the create request; a player's id is the slot's number
            counted from 1.
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


class Match:
    """A match from its creation to the moment when everybody left.

    Attributes:
        participants: player ids of the slots that clients take.
    """

    def __init__(self, settings: Settings):
        """An open match: it starts when each participant has joined."""
        self.settings = settings
        self.participants = [number for number, setup in enumerate(settings.setups, 1)
                             if setup.type == sc2api_pb2.Participant]
        self.seed = settings.seed
        self.lock = threading.Condition(threading.RLock())
        self.world: world_lib.World | None = None
        self.seats: dict[int, seat_lib.Seat] = {}
        self.recording: replay.Recording | None = None
        self._joins: dict[int, sc2api_pb2.RequestJoinGame] = {}
        self._targets: dict[int, int] = {}
        self._pending: list[tuple[int, int, sc2api_pb2.Action]] = []
        self._is_abandoned = False

    @property
    def is_ended(self) -> bool:
        """Whether the game is decided."""
        return self.world is not None and self.world.results is not None

    def take_slot(self, request: sc2api_pb2.RequestJoinGame) -> int:
        """Gives a client the next free slot.

        Returns:
            The player id.

        Raises:
            errors.TypedError: with ResponseJoinGame.GameFull, all slots are taken.
        """
        with self.lock:
            free = [number for number in self.participants if number not in self._joins]
            if self._is_abandoned or not free:
                raise errors.TypedError(
                    sc2api_pb2.ResponseJoinGame.GameFull,
                    f"All {len(self.participants)} places for clients in this game are taken, "
                    "or a client left before it began. Create a game and join that.")
            self._joins[free[0]] = request
            if len(free) == 1:
                self._start()
                self.lock.notify_all()
            return free[0]

    def give_back_slot(self, player_id: int) -> None:
        """Undoes `take_slot` of a client that could not wait for the others."""
        with self.lock:
            del self._joins[player_id]

    def wait_for_start(self, timeout_seconds: float) -> None:
        """Waits until every participant has joined.

        Raises:
            errors.RequestError: another client left before, or did not come in time; the match
                can then no longer begin.
        """
        with self.lock:
            self.lock.wait_for(lambda: self.world is not None or self._is_abandoned,
                               timeout_seconds)
            if self.world is None:
                reason = ("Another client left before the game began." if self._is_abandoned else
                          f"The game has {len(self.participants)} clients, and only "
                          f"{len(self._joins)} joined within {timeout_seconds:g} s.")
                self._is_abandoned = True
                self.lock.notify_all()
                raise errors.RequestError(f"join_game: {reason} Create the game again.")

    def restart(self) -> None:
        """Begins a new game with the same players and a new seed.

        Raises:
            errors.TypedError: with ResponseRestartGame.LaunchError, several clients play.
        """
        with self.lock:
            if len(self.participants) > 1:
                raise errors.TypedError(
                    sc2api_pb2.ResponseRestartGame.LaunchError,
                    "Only a game with one client can be restarted: leave, create and join again.")
            self.seed = next_seed(self.seed)
            self._start()

    def _start(self) -> None:
        settings = self.settings
        setups = []
        for number, setup in enumerate(settings.setups, 1):
            join = self._joins.get(number)
            setups.append(players.PlayerSetup(
                player_id=number, race=join.race if join else setup.race or common_pb2.Random,
                kind=_KINDS[setup.type], difficulty=setup.difficulty if not join else 0,
                ai_build=setup.ai_build if not join else 0,
                name=join.player_name if join else setup.player_name))
        self._make_world(setups, {number: join.options for number, join in self._joins.items()})
        self.recording = replay.Recording(
            map_name=settings.game_map.name, seed=self.seed, disable_fog=settings.disable_fog,
            players=tuple(self._recorded_player(setup) for setup in setups))

    def _make_world(self, setups: Sequence[players.PlayerSetup],
                    options: dict[int, sc2api_pb2.InterfaceOptions]) -> None:
        world = world_lib.World(self.settings.game_map, setups, self.seed)
        if self.settings.disable_fog:
            world.set_fog(False)
        self.seats = {
            number: seat_lib.Seat(world, number, interface_lib.resolve(
                options.get(number, sc2api_pb2.InterfaceOptions()), self.settings.game_map))
            for number in world.players}
        self._targets = dict.fromkeys(options, 0)
        self._pending = []
        self.world = world

    def _recorded_player(self, setup: players.PlayerSetup) -> replay.RecordedPlayer:
        is_participant = setup.kind == players.PARTICIPANT
        return replay.RecordedPlayer(
            player_id=setup.player_id,
            kind=sc2api_pb2.Participant if is_participant else sc2api_pb2.Computer,
            race_requested=setup.race, race_actual=self.world.players[setup.player_id].race,
            difficulty=setup.difficulty, ai_build=setup.ai_build, name=setup.name,
            interface=self._joins[setup.player_id].options.SerializeToString()
            if is_participant else b"")

    def act(self, player_id: int, batch: Sequence[sc2api_pb2.Action]) -> list[int]:
        """Lets a player act.

        With one client an action takes effect at once. With several it does one game loop later,
        because the real game first has to tell the other clients (pysc2's obs_test).

        Returns:
            One error_pb2.ActionResult for each action.
        """
        with self.lock:
            if len(self.participants) > 1:
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
            for seat in self.seats.values():
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
        self.world.events.clear()  # of the last step: the seats know them
        debug.apply(self.seats[player_id], command)
        for seat in self.seats.values():
            seat.after_step()

    def step(self, player_id: int, num_game_loops: int) -> int:
        """Plays on, when every client still in the match has asked for it.

        Returns:
            The game loop reached: fewer than asked for when the game ended.
        """
        with self.lock:
            target = self.world.loop + num_game_loops
            if len(self._targets) > 1:
                # Steps of clients may overlap: a slower one may still be waiting for its own.
                target = self._targets[player_id] + num_game_loops
            self._targets[player_id] = target
            self._advance()
            self.lock.wait_for(lambda: self.world.loop >= target or self.is_ended)
            return self.world.loop

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
        if len(self.participants) > 1:
            self.lock.notify_all()

    def play(self, num_game_loops: int) -> None:
        """Advances the world, whoever asked for it, and lets the seats take in what happened."""
        self.world.step(num_game_loops)
        for seat in self.seats.values():
            seat.after_step()

    def leave(self, player_id: int) -> None:
        """Takes a client out: others no longer wait for it, and win if the game was undecided."""
        with self.lock:
            self._targets.pop(player_id, None)
            if self.world is None:
                self._is_abandoned = True
            elif not self.is_ended and self._targets:
                self.recording.add(self.world.loop, player_id, replay.EventKind.LEAVE)
                self.world.end_game({
                    number: players.DEFEAT if number == player_id else players.VICTORY
                    for number in self.world.players})
            self.lock.notify_all()

    def snapshot_recording(self) -> replay.Recording:
        """The recording up to now."""
        with self.lock:
            return dataclasses.replace(
                self.recording, loops=self.world.loop, events=list(self.recording.events),
                results=dict(self.world.results or {}))

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
