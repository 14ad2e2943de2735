"""Plays the matches of a series one after the other, measures them and writes them down.

It runs in worker processes, so it must not load TensorFlow.
"""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from environment import starcraft, starcraft_versus
from environment.conditioning import Conditioning
from environment.specs import (
    ActionSpec,
    ArraySpec,
    Feature,
    Kind,
    Observation,
    ObservationSpec,
    StepType,
    TimeStep,
)
from evaluation import action_limit, match_records, measurements
from evaluation import strategies as strategies_lib

MATCH_NUMBER = "match_number"
"""Name of the array that says which match an observation belongs to; 0 when there is none left."""

_RECORDS, _REPLAYS = "matches", "replays"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Series:
    """Matches with the same settings, each with a number from 1 and a game of its own.

    Attributes:
        settings: of the game and of what the agent sees; it is measured whatever they say.
        opponent: what another agent sees that plays instead of the built-in AI, or None.
        seed: of the whole series: the same for two agents, it gives both the same games.
        folder: everything about the matches is written here.
        strategies: in each match against the built-in AI the agent is told one of them (see
            `strategies.choose`); none of them are told if there are none.
        action_limit: most actions in 5 seconds (see `action_limit.ActionLimit`), for an opponent,
            too; None is no limit.
        save_replays: keeps a replay of every match.
    """

    settings: starcraft.StarcraftSettings
    seed: int
    folder: str
    opponent: starcraft.StarcraftSettings | None = None
    strategies: tuple[Conditioning, ...] = ()
    action_limit: int | None = None
    save_replays: bool = False

    @property
    def records(self) -> Path:
        """The folder of the records."""
        return Path(self.folder) / _RECORDS

    @property
    def replays(self) -> Path:
        """The folder of the replays."""
        return Path(self.folder) / _REPLAYS

    def game_seed(self, number: int) -> int:
        """The seed of a match."""
        return int(np.random.SeedSequence((self.seed, number)).generate_state(1)[0])

    def missing(self, num_matches: int) -> tuple[int, ...]:
        """Numbers of the matches that have not been played to their end."""
        return tuple(number for number in range(1, num_matches + 1)
                     if not match_records.is_written(self.records, number))


def with_match_number(observation_spec: ObservationSpec) -> ObservationSpec:
    """The spec of what a `MatchEnvironment` returns."""
    array = ArraySpec(MATCH_NUMBER, Kind.VECTOR, (1,), "int32", (Feature(MATCH_NUMBER),))
    return ObservationSpec((*observation_spec.arrays, array))


class _Hands:
    """What one agent does in a match: counted, and limited."""

    def __init__(self, action_spec: ActionSpec, limit: int | None):
        self._spec = action_spec
        self._counter = action_limit.ActionCounter(action_spec)
        self._limit = limit and action_limit.ActionLimit(action_spec, limit)
        self.num_decisions = self.num_actions = self.num_limited = 0

    def do(self, action: Mapping[str, np.ndarray], game_loop: int) -> Mapping[str, np.ndarray]:
        """What is done of what the agent wants."""
        self.num_decisions += 1
        if self._counter.is_no_op(action):
            return action
        if self._limit and not self._limit.admit(game_loop, action):
            self.num_limited += 1
            return action_limit.nothing_instead(self._spec, action)
        self.num_actions += 1
        return action


class MatchEnvironment:
    """An environment whose episodes are the matches of a list.

    Every match has an environment, and a game, of its own: its result depends on nothing that was
    played before it. After the last match the environment stands still.

    Attributes:
        observation_spec: that of the game and the array `MATCH_NUMBER`.
        action_spec: that of the game.
    """

    def __init__(self, series: Series, numbers: tuple[int, ...], observation_spec: ObservationSpec,
                 action_spec: ActionSpec):
        """Takes the matches to be played; those that are written down already are left out."""
        self.observation_spec = with_match_number(observation_spec)
        self.action_spec = action_spec
        self._series = series
        self._left = [number for number in numbers
                      if not match_records.is_written(series.records, number)]
        self._settings = dataclasses.replace(series.settings, is_measured=True)
        self._number = 0
        self._game: Any = None
        self._is_over = True
        self._action_specs = (action_spec,) if series.opponent is None else tuple(
            starcraft.specs_for(settings)[1] for settings in (series.settings, series.opponent))

    def reset(self) -> TimeStep:
        """Begins the next match, leaving the running one if there is one."""
        return self._begin()

    def step(self, action: Mapping[str, np.ndarray]) -> TimeStep:
        """Plays an action; after the end of a match, begins the next one."""
        if self._is_over:
            return self._begin()
        action = self._limited(action)
        time_step = self._game.step(action)
        self._measured.look(self._game.response)
        self._is_over = time_step.step_type == StepType.LAST
        if self._is_over:
            self._write()
        return self._numbered(time_step)

    @property
    def pysc2_observation(self) -> Any:
        """Of the running match, for showing it."""
        return self._game.pysc2_observation if self._game else None

    def close(self) -> None:
        """Ends the running match, which is then not written down."""
        game, self._game = self._game, None
        if game is not None:
            game.close()

    def _begin(self) -> TimeStep:
        self.close()
        self._is_over = True
        if not self._left:
            self._number = 0
            nothing = {array.name: array.zeros() for array in self.observation_spec.arrays}
            return TimeStep(np.array(StepType.FIRST, np.int8), np.array(0, np.float32),
                            np.array(1, np.float32), nothing)
        self._number = self._left.pop(0)
        self._game = self._start(self._series.game_seed(self._number))
        time_step = self._game.reset()
        self._is_over = False
        self._measured = measurements.Measurements(self._game.unit_data)
        self._measured.look(self._game.response)
        self._hands = [_Hands(spec, self._series.action_limit) for spec in self._action_specs]
        self._told = None
        if self._series.strategies:
            time_step = time_step._replace(observation=self._tell())
        return self._numbered(time_step)

    def _tell(self) -> Observation:
        """Tells the agent the strategy of the match; returns what it sees now."""
        self._told, observation = strategies_lib.tell(
            self._game, self._settings.told, self._series.strategies, self._measured.start_xy,
            self._series.game_seed(self._number))
        return observation

    def _start(self, seed: int) -> Any:
        if self._series.opponent is None:
            return starcraft.StarcraftEnvironment(self._settings, seed)
        return starcraft_versus.VersusEnvironment(self._settings, self._series.opponent, seed)

    def _limited(self, action: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """The action that is done, which is counted."""
        if self._series.opponent is None:
            return self._hands[0].do(action, self._game_loop)
        done = [hands.do(own, self._game_loop) if due else own for hands, own, due in zip(
            self._hands, starcraft_versus.split_action(action), self._is_due, strict=True)]
        return starcraft_versus.join_actions(*done)

    @property
    def _game_loop(self) -> int:
        return int(self._game.response.observation.game_loop)

    def _numbered(self, time_step: TimeStep) -> TimeStep:
        self._is_due = time_step.observation.get(starcraft_versus.IS_DUE)
        number = np.array([self._number], np.int32)
        return time_step._replace(observation={**time_step.observation, MATCH_NUMBER: number})

    def _write(self) -> None:
        measured, response, home = self._measured, self._game.response, self._hands[0]
        score = response.observation.score.score_details
        match_records.write(self._series.records, match_records.MatchRecord(
            number=self._number, seed=self._series.game_seed(self._number),
            result=measurements.result_of(response), game_loops=self._game_loop,
            num_decisions=home.num_decisions, num_actions=home.num_actions,
            num_limited=home.num_limited,
            num_refused=measured.num_refused + self._game.num_impossible_actions,
            made=measured.build_order, finished=dict(sorted(measured.finished.items())),
            largest_attack=measured.largest_attack, first_attack=measured.first_attack,
            killed_value_units=score.killed_value_units,
            killed_value_structures=score.killed_value_structures, told=self._told,
            replay=self._save_replay()))

    def _save_replay(self) -> str | None:
        if not self._series.save_replays:
            return None
        self._series.replays.mkdir(parents=True, exist_ok=True)
        path = self._series.replays / f"match-{self._number:05d}.SC2Replay"
        os.replace(self._game.save_replay(str(self._series.replays)), path)
        return path.name


def make(series: Series, numbers: tuple[int, ...], num_environments: int,
         observation_spec: ObservationSpec, action_spec: ActionSpec,
         environment_number: int) -> MatchEnvironment:
    """Makes the environment of a number, for `environment.parallel`.

    Every environment has its share of the matches, fixed beforehand, so which of them are played
    does not depend on how long they take. One that replaces another after a failure goes on with
    the share of that one.
    """
    share = numbers[environment_number % num_environments::num_environments]
    return MatchEnvironment(series, share, observation_spec, action_spec)
