"""One player's side of a replay as an episode: which steps are kept, and what was done in them.

A replay is played twice: first to learn when something was done, then to look just there, and now
and then between. What was done is reported by the observation after it; it belongs to the one
before, which is what the player saw. Several actions between two observations are several steps of
one observation, in their order.
"""

import collections
import heapq
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from data.conversion import interfaces, made, players
from data.episode import Episode, EpisodeBuilder, Metadata
from environment import pysc2_compat, starcraft_replay
from environment.specs import Observation

pysc2_compat.install()

from pysc2.lib import features

MAX_EPISODE_BYTES = 4 << 30
"""Of what is kept of one player's match, which is in memory as a whole until it is written; of 20
minutes of fast play at 64x64 these are 0.5 GB."""

_OUTCOMES = {"victory": 1.0, "defeat": -1.0}


def convert(game: starcraft_replay.ReplayGame, replay: starcraft_replay.Replay,
            match: players.Match, player: players.Player, interface: interfaces.Interface,
            settings: interfaces.ConversionSettings) -> Episode:
    """Watches a replay with the eyes of a player, and keeps what there is to learn from.

    Args:
        game: in which to watch.
        replay: what `game.open` has returned.
        match: what the replay says.
        player: one of the match.
        interface: how it is seen.
        settings: which steps are kept.

    Raises:
        starcraft_replay.ReplayError: the replay cannot be played.
        environment.starcraft.GameError: the game failed.
    """
    acted = game.watch(replay, player.player_id, interface.interface_format()).action_game_loops()
    perspective = game.watch(replay, player.player_id, interface.interface_format())
    recorder = _Recorder(interface, perspective, match, player, settings)
    for observation in perspective.observations(_kept_game_loops(acted, settings)):
        recorder.see(observation)
    return recorder.finish(replay)


def _kept_game_loops(acted: Iterable[int], settings: interfaces.ConversionSettings
                     ) -> Iterator[int]:
    """Where to look, in rising order and without end, given when something was done."""
    step_mul = settings.step_mul
    before_actions = (loop - loop % step_mul for loop in acted)
    regular = itertools.count(0, settings.no_op_game_loops)
    return (loop for loop, _ in itertools.groupby(heapq.merge(before_actions, regular)))


class _Recorder:
    """Decides step by step what is kept."""

    def __init__(self, interface: interfaces.Interface,
                 perspective: starcraft_replay.Perspective, match: players.Match,
                 player: players.Player, settings: interfaces.ConversionSettings):
        self._interface, self._match, self._player = interface, match, player
        self._features = perspective.features
        self._no_op, self._settings = interface.no_op(), settings
        interface.begin()
        self._builder = EpisodeBuilder(interface.observation_spec, interface.action_spec)
        self._made = made.MadeUnits(perspective.unit_data)
        self._dropped: collections.Counter = collections.Counter()
        self._num_observed = self._num_unavailable = self._num_units_left_out = 0
        self._latest: Any = None
        self._kept_score = self._num_bytes = 0

    def see(self, observation: Any) -> None:
        """Takes the next observation, and decides upon the one before by what was done in it."""
        self._made.look(observation.observation)
        if self._latest is not None:
            self._decide(observation.actions)
        self._latest = observation
        self._num_observed += 1

    def _decide(self, done: Any) -> None:
        """Keeps the latest observation if something was done in it or its number asks for it."""
        seen = self._transform(self._latest)
        actions = list(self._encode(done, seen))
        for encoded in actions:
            self._num_unavailable += not encoded.is_available
            self._num_units_left_out += encoded.num_units_left_out
            self._keep(self._interface.encode(seen), encoded.action)
            self._interface.keep(encoded.action, seen)
        if not actions and (
                self._latest.observation.game_loop % self._settings.no_op_game_loops == 0):
            self._keep(self._interface.encode(seen), self._no_op)

    def _encode(self, done: Any, seen: Any) -> Iterator[interfaces.Encoded]:
        """The actions that are kept of what was done, in order."""
        camera_move = None  # the latest action, as long as another camera move would replace it
        for one in done:
            if _is_of_the_game(one):
                self._dropped["camera put on the start location"] += 1
                continue
            try:
                encoded = self._interface.encode_action(self._features, one, seen)
            except interfaces.DroppedError as reason:
                self._dropped[str(reason)] += 1
                continue
            moves_camera = self._settings.merges_camera_moves and _moves_camera(one)
            if camera_move is not None:
                if moves_camera:
                    self._dropped["camera moved on before the next observation"] += 1
                else:
                    yield camera_move
            camera_move = encoded if moves_camera else None
            if not moves_camera:
                yield encoded
        if camera_move is not None:
            yield camera_move

    def _transform(self, observation: Any) -> Any:
        """What pysc2 makes of an observation.

        For its array last_actions it takes every action, and raises at one that no function means;
        such a one is left out there, as it is in the episode.
        """
        try:
            return self._features.transform_obs(observation)
        except ValueError:
            readable = [one for one in observation.actions if _has_function(self._features, one)]
            if len(readable) == len(observation.actions):
                raise
            del observation.actions[:]
            observation.actions.extend(readable)
            return self._features.transform_obs(observation)

    def _keep(self, arrays: Observation, action: Any) -> None:
        self._num_bytes += sum(array.nbytes for array in arrays.values())
        if self._num_bytes > MAX_EPISODE_BYTES:
            raise starcraft_replay.ReplayError(
                f"What is kept of it takes more than {MAX_EPISODE_BYTES} bytes of memory, at game "
                f"loop {self._latest.observation.game_loop} already. Give a larger "
                "--no_op_interval or --step_mul, or a smaller --screen_size.")
        self._builder.add(arrays, action, self._latest.observation.game_loop, self._reward())

    def _reward(self) -> float:
        """What came since the step that was kept before: score, on maps for one player."""
        if len(self._match.players) > 1:
            return 0.0
        score = self._latest.observation.score.score
        reward, self._kept_score = score - self._kept_score, score
        return float(reward)

    def finish(self, replay: starcraft_replay.Replay) -> Episode:
        """Closes the episode with the last observation, in which nothing more was done."""
        last, player = self._latest, self._player
        outcome = 0.0
        if len(self._match.players) > 1:
            outcome = _OUTCOMES.get(player.result, 0.0)
        arrays = self._interface.encode(self._transform(last))
        self._builder.add(arrays, self._no_op, last.observation.game_loop,
                          self._reward() + outcome)
        opponent = self._match.opponent(player)
        return self._builder.build(self._made.strategy(), Metadata(
            game=replay.game_name, game_version=self._match.game_version,
            map_name=self._match.map_name, replay_id=replay.replay_id, seed=replay.seed,
            player_id=player.player_id, race=player.race,
            opponent_race=opponent and opponent.race, result=player.result, mmr=player.mmr,
            opponent_mmr=opponent and opponent.mmr, apm=player.apm,
            interface=self._interface.name, camera_width=self._settings.camera_width,
            step_mul=self._settings.step_mul, num_game_loops=last.observation.game_loop,
            num_observed_steps=self._num_observed, num_unavailable_actions=self._num_unavailable,
            num_units_left_out=self._num_units_left_out, inferred=replay.inferred,
            dropped=dict(self._dropped)))


def _has_function(transformer: features.Features, done: Any) -> bool:
    try:
        transformer.reverse_action(done)
    except ValueError:
        return False
    return True


def _is_of_the_game(done: Any) -> bool:
    """Whether it is what begins every melee match: the game itself moves the player's camera."""
    return done.game_loop == 1 and _moves_camera(done)


def _moves_camera(done: Any) -> bool:
    return (done.action_feature_layer.HasField("camera_move")
            or done.action_raw.HasField("camera_move"))
