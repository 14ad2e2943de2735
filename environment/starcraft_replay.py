"""Replays of StarCraft II watched through pysc2, whichever game serves them.

A replay is played like a match: it is started, stepped and observed over the StarCraft II API. The
real game plays its own replays, each in the version that made it. The embedded game plays its own
exactly, and those of the real game as well as their event streams tell.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from environment import pysc2_compat, starcraft_game
from environment.starcraft import GameError

pysc2_compat.install()

from pysc2 import run_configs
from pysc2.lib import features, protocol, remote_controller, sc_process
from pysc2.lib import replay as pysc2_replay
from pysc2.run_configs import lib as run_config_lib
from s2clientprotocol import sc2api_pb2

import minisc2.replay
from minisc2 import run_config as minisc2_run_config
from minisc2.reconstruction import blizzard_file, description
from minisc2.reconstruction import playback as reconstruction
from minisc2.replay import mpq

_NOTHING_BUT_ACTIONS = "units: the replay has no events that tell of them, only what was done"
_TRACKER_EVENTS = "replay.tracker.events"
_MAX_TRACKER_BYTES = 64 << 20
_GLANCE_LOOPS = 160
"""Game loops between two glances; the embedded game keeps 1,000 actions in mind."""
_NAMES = {"minisc2": "minisc2", "starcraft2": "StarCraft II"}


class ReplayError(Exception):
    """This replay cannot be watched; another one may well be. The message is one line."""


class MissingVersionError(ReplayError):
    """The version of StarCraft II that made the replay is not installed."""


class Replay(NamedTuple):
    """What is known of a replay before it is watched.

    Attributes:
        data: the file.
        game: who serves it, "minisc2" or "starcraft2".
        info: what the game says about it.
        replay_id: a hash of the file.
        seed: of the match, or None where it is not known.
        inferred: what is not known but inferred when it is watched, as names with reasons.
        obstacle: why it cannot be watched although it is known; None if it can be.
    """

    data: bytes
    game: str
    info: sc2api_pb2.ResponseReplayInfo
    replay_id: str
    seed: int | None
    inferred: tuple[str, ...] = ()
    obstacle: ReplayError | None = None

    @property
    def game_name(self) -> str:
        """Of the game that serves it, for people."""
        return _NAMES[self.game]


def replay_id(data: bytes) -> str:
    """What identifies a replay file: a hash of its bytes, 32 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()[:32]


def interface_options(interface_format: features.AgentInterfaceFormat
                      ) -> sc2api_pb2.InterfaceOptions:
    """What pysc2's `SC2Env` asks of the game for an agent; raw units are always among it."""
    options = sc2api_pb2.InterfaceOptions(
        raw=True, score=True, show_cloaked=interface_format.show_cloaked,
        show_burrowed_shadows=interface_format.show_burrowed_shadows,
        show_placeholders=interface_format.show_placeholders, raw_affects_selection=True,
        raw_crop_to_playable_area=interface_format.raw_crop_to_playable_area)
    if interface_format.feature_dimensions:
        layers = options.feature_layer
        layers.width = interface_format.camera_width_world_units
        interface_format.feature_dimensions.screen.assign_to(layers.resolution)
        interface_format.feature_dimensions.minimap.assign_to(layers.minimap_resolution)
        layers.crop_to_playable_area = interface_format.crop_to_playable_area
        layers.allow_cheating_layers = interface_format.allow_cheating_layers
    return options


@contextlib.contextmanager
def _errors_named(doing: str) -> Iterator[None]:
    """Tells what is wrong with the replay from what is wrong with the game."""
    try:
        yield
    except remote_controller.RequestError as error:
        details = getattr(error.res, "error_details", "") or str(error)
        raise ReplayError(" ".join(details.split())) from error
    except (protocol.ConnectionError, protocol.ProtocolError, remote_controller.ConnectError,
            sc_process.SC2LaunchError, OSError) as error:
        reason = " ".join(str(error).split())
        raise GameError(f"The game failed {doing}: {type(error).__name__}: {reason}") from error


class _Glances(Iterator[int]):
    """Game loops from 0 on, `loops_between` apart."""

    def __init__(self) -> None:
        self.loops_between, self._next = 1, 0

    def __next__(self) -> int:
        now = self._next
        self._next += self.loops_between
        return now


class Perspective:
    """A replay from its beginning, seen with the eyes of one player.

    Attributes:
        features: pysc2's, to transform observations and to reverse actions.
        unit_data: the game's data of unit types, by type id.
    """

    def __init__(self, controller: remote_controller.RemoteController,
                 interface_format: features.AgentInterfaceFormat, unit_data: dict[int, Any]):
        self._controller = controller
        self.unit_data = unit_data
        self.features = features.features_from_game_info(controller.game_info(), interface_format)

    def action_game_loops(self) -> list[int]:
        """Plays the replay to its end, looking now and then.

        Returns:
            In rising order the game loops whose observations are the last ones before the player
            did something, each once.

        Raises:
            ReplayError: the replay cannot be played on.
            GameError: the game failed.
        """
        found: set[int] = set()
        lag = None
        glances = _Glances()
        for observation in self.observations(glances):
            done = [one.game_loop for one in observation.actions]
            if done and lag is None:
                # The first glances are a loop apart, so that this tells how the game counts: an
                # action's loop is the last one without its effect, or the first one with it.
                lag = int(max(done) >= observation.observation.game_loop)
                glances.loops_between = _GLANCE_LOOPS
            found.update(max(loop - lag, 0) for loop in done)
        return sorted(found)

    def observations(self, game_loops: Iterable[int]) -> Iterator[sc2api_pb2.ResponseObservation]:
        """Plays the replay to its end.

        Args:
            game_loops: which ones to show: without end, and rising from 0.

        Yields:
            An observation as the game gives it: the first at loop 0, the last at the end. It
            holds the actions that were done since the one before.

        Raises:
            ReplayError: the replay cannot be played on.
            GameError: the game failed.
        """
        now = 0
        for game_loop in game_loops:
            with _errors_named("to show a replay"):
                if game_loop > now:
                    self._controller.step(game_loop - now)
                observation = self._controller.observe()
            before, now = now, observation.observation.game_loop
            yield observation
            if observation.player_result:
                return
            if now == before < game_loop:
                raise ReplayError(f"The replay stands still at game loop {before}.")


class ReplayGame(contextlib.AbstractContextManager):
    """The game in which replays are watched, one after the other.

    It is started when it is first needed, and again when a replay needs another one or when it
    failed.

    Args:
        game: one of `starcraft_game.GAMES`; auto takes for each replay the game that made it, or
            the embedded one where the real game is not installed.
        actions_only: whether replays of the real game which do not tell what happened to units
            are shown by the embedded game all the same; only what was done is then right.

    Raises:
        ValueError, starcraft_game.GameNotFoundError: as `starcraft_game.resolve`.
    """

    def __init__(self, game: str = "auto", actions_only: bool = False):
        self._wanted, self._actions_only = game, actions_only
        self._for_real_replays = starcraft_game.resolve(game)
        self._key: tuple | None = None
        self._process: Any = None
        self._unit_data: dict[int, Any] | None = None

    def open(self, data: bytes) -> Replay:
        """Asks the game about a replay. What hinders watching it is told when it is watched.

        Raises:
            ReplayError: it is damaged, or is no replay.
            GameError: the game failed.
        """
        is_real = blizzard_file.is_blizzard_file(data)
        game = self._for_real_replays if is_real else "minisc2"
        if self._wanted == "starcraft2" and not is_real:
            raise ReplayError("It is no replay of StarCraft II; the embedded game plays its own "
                              "replays (--game auto).")
        if game == "starcraft2":
            return self._open_in_real_game(data)
        info = self._info(game, data)
        replay = Replay(data, game, info, replay_id(data), None)
        if is_real:
            return self._with_inferred(replay)
        try:
            return replay._replace(seed=minisc2.replay.decode(data).seed)
        except minisc2.replay.ReplayError as error:
            return replay._replace(obstacle=ReplayError(" ".join(str(error).split())))

    def _info(self, game: str, data: bytes) -> sc2api_pb2.ResponseReplayInfo:
        controller = self._start(game, data)
        with _errors_named("to read a replay"):
            return controller.replay_info(data)

    def _open_in_real_game(self, data: bytes) -> Replay:
        try:
            return Replay(data, "starcraft2", self._info("starcraft2", data), replay_id(data), None)
        except MissingVersionError as error:
            # The embedded game reads what is said about the match, and filters can skip it.
            try:
                info = description.info(blizzard_file.BlizzardFile(data))
            except minisc2.replay.ReplayError:
                raise error from None
            return Replay(data, "starcraft2", info, replay_id(data), None, obstacle=error)

    def _with_inferred(self, replay: Replay) -> Replay:
        """Says what the embedded game infers of a replay of the real game."""
        try:
            tracker_events = mpq.Archive(replay.data).read(_TRACKER_EVENTS, _MAX_TRACKER_BYTES)
        except mpq.MpqError as error:
            raise ReplayError(f"This is no replay that can be read: {error}.") from error
        if tracker_events:
            return replay._replace(inferred=reconstruction.INFERRED)
        if self._actions_only:
            return replay._replace(inferred=(_NOTHING_BUT_ACTIONS, *reconstruction.INFERRED))
        return replay._replace(obstacle=ReplayError(
            "The replay has no tracker events, like those of Blizzard's anonymous replay packs: it "
            "does not tell what happened to units. (--actions_only True converts what was done all "
            "the same.)"))

    def watch(self, replay: Replay, player_id: int,
              interface_format: features.AgentInterfaceFormat) -> Perspective:
        """Starts a replay that `open` has returned.

        Args:
            replay: what to watch.
            player_id: whose eyes to see it with.
            interface_format: what is seen.

        Raises:
            ReplayError: the game cannot play it.
            GameError: the game failed.
        """
        if replay.obstacle is not None:
            raise replay.obstacle
        controller = self._start(replay.game, replay.data)
        request = sc2api_pb2.RequestStartReplay(
            replay_data=replay.data, observed_player_id=player_id,
            options=interface_options(interface_format))
        map_data = self._map_data(replay)
        if map_data is not None:
            request.map_data = map_data
        with _errors_named("to start a replay"):
            controller.start_replay(request)
            if self._unit_data is None:
                data = controller.data_raw(ability_id=False, upgrade_id=False, buff_id=False,
                                           effect_id=False)
                self._unit_data = {unit.unit_id: unit for unit in data.units}
            return Perspective(controller, interface_format, self._unit_data)

    def _map_data(self, replay: Replay) -> bytes | None:
        """The map file, for the real game; it has the maps of its ladder in a cache of its own."""
        if _NOTHING_BUT_ACTIONS in replay.inferred:
            return reconstruction.ACTIONS_ONLY
        if replay.game == "minisc2" or not replay.info.local_map_path:
            return None
        try:
            return self._run_config.map_data(replay.info.local_map_path)
        except ValueError:  # not in the folder Maps; if nowhere, the game says so
            return None

    def _start(self, game: str, data: bytes) -> remote_controller.RemoteController:
        version = _version(data) if game == "starcraft2" else None
        if self._process is not None and self._key == (game, version):
            return self._process.controller
        self.close()
        with _errors_named("to start"), starcraft_game.chosen(game):
            self._run_config = run_configs.get(version=version)
            self._process = self._run_config.start(want_rgb=False)
        self._key = game, version
        return self._process.controller

    def close(self) -> None:
        """Ends the game, if one is running. The next replay starts another one."""
        process, self._process, self._unit_data = self._process, None, None
        if process is not None:
            process.close()

    def __exit__(self, *_: object) -> None:
        self.close()


def _version(data: bytes) -> run_config_lib.Version:
    """The version of StarCraft II that a replay needs.

    Raises:
        MissingVersionError: it is not installed.
        ReplayError: the replay does not tell.
    """
    try:
        # Behind `is_blizzard_file`, which has found the archive sound, yet what is in it is not
        # ours: mpyq and json raise whatever they meet.
        wanted = pysc2_replay.get_replay_version(data)
    except Exception as error:
        raise ReplayError(f"The replay does not tell its version: {type(error).__name__}: "
                          f"{error}") from error
    folder = os.path.join(os.path.expanduser(minisc2_run_config.installed_game()), "Versions")
    installed = sorted(name for name in os.listdir(folder) if name.startswith("Base"))
    if f"Base{wanted.build_version:05d}" not in installed:
        raise MissingVersionError(
            f"The replay needs StarCraft II {wanted.game_version} (Base{wanted.build_version:05d}),"
            f" which is not installed; installed are {', '.join(installed)}. Install it, or let "
            "the embedded game show the replay (--game minisc2).")
    known = run_config_lib.VERSIONS.get(wanted.game_version)
    # pysc2 takes a version that is complete as it is, also one that it has not heard of.
    return wanted._replace(
        data_version=wanted.data_version or (known and known.data_version), binary="SC2")
