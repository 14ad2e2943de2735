"""One game of StarCraft II between two agents, as one environment.

Both agents' arrays lie in one observation and both actions in one action, so whatever steps
environments steps this one. The first agent, at home, keeps its names; those of its opponent begin
with "opponent.". The agents need not see or do the same things, nor decide at the same time: the
array `is_due` says who is asked. What the other one is given is what it saw last, and what it
answers is not looked at.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from environment import pysc2_compat, starcraft, starcraft_game
from environment.specs import (
    Action,
    ActionSpec,
    ArgumentSpec,
    ArraySpec,
    Feature,
    Kind,
    Observation,
    ObservationSpec,
    TimeStep,
)

pysc2_compat.install()

from pysc2.env import sc2_env
from s2clientprotocol import sc2api_pb2

IS_DUE = "is_due"
OPPONENT = "opponent."

_DUE_SPEC = ArraySpec(IS_DUE, Kind.VECTOR, (2,), "int32", (
    Feature("home", num_categories=2), Feature("opponent", num_categories=2)))


def combined_specs(home: tuple[ObservationSpec, ActionSpec],
                   opponent: tuple[ObservationSpec, ActionSpec]
                   ) -> tuple[ObservationSpec, ActionSpec]:
    """The specs of a game between agents of two specs."""
    arrays = [dataclasses.replace(array, name=OPPONENT + array.name)
              for array in opponent[0].arrays]
    arguments = [ArgumentSpec(OPPONENT + name, size) for name, size in opponent[1].sizes.items()]
    others = np.zeros((home[1].num_action_types, len(arguments)), np.bool_)
    return (ObservationSpec((*home[0].arrays, *arrays, _DUE_SPEC)),
            ActionSpec(home[1].action_types, (*home[1].arguments, *arguments),
                       np.concatenate([home[1].uses, others], axis=1)))


def split_observation(observation: Mapping[str, np.ndarray]) -> tuple[Observation, Observation]:
    """What each of the two sees."""
    theirs = {name.removeprefix(OPPONENT): array for name, array in observation.items()
              if name.startswith(OPPONENT)}
    ours = {name: array for name, array in observation.items()
            if not name.startswith(OPPONENT) and name != IS_DUE}
    return ours, theirs


def split_action(action: Mapping[str, np.ndarray]) -> tuple[Action, Action]:
    """What each of the two does."""
    return split_observation(action)


def join_actions(home: Mapping[str, np.ndarray], opponent: Mapping[str, np.ndarray]) -> Action:
    """The action of both."""
    return {**home, **{OPPONENT + name: value for name, value in opponent.items()}}


class _Player:
    """One of the two: its seat, when it decides again, and what it saw when it was last asked."""

    def __init__(self, settings: starcraft.StarcraftSettings):
        self.settings, self.seat = settings, starcraft.seat_for(settings)
        self.seen: Any = None  # pysc2's observation
        self.observation: Observation = {}
        self.due_game_loop = 0

    def see(self, seen: Any) -> None:
        self.seen = seen
        self.observation = self.seat.interface.encode(seen) | self.seat.context.observe()

    def act(self, action: Mapping[str, np.ndarray], game_loop: int) -> Any:
        """pysc2's function call; plans the next decision."""
        call = self.seat.interface.call(action, self.seen)
        wait = self.seat.delays and self.seat.delays.decode(action["delay"])
        self.due_game_loop = game_loop + (wait or 1) * self.settings.step_mul
        self.seat.context.acted(action, wait)
        return call


class VersusEnvironment:
    """A game between two agents; rewards, discounts and measurements are those of the one at home.

    Args:
        home: what the first agent sees and does; map, game and limit of game loops are its, too.
        opponent: what the other one sees and does.
        seed: of the game, in [0, 2**32).

    Raises:
        ValueError: settings that cannot be, or that name different maps or games.
        starcraft_game.GameNotFoundError: the real game is wanted and cannot be run.
        starcraft.GameError: the game did not start.
    """

    pysc2_observation: Any = None

    def __init__(self, home: starcraft.StarcraftSettings, opponent: starcraft.StarcraftSettings,
                 seed: int):
        for name in ("map_name", "game"):
            if getattr(home, name) != getattr(opponent, name):
                raise ValueError(f"{name}: expected the same for both agents, got "
                                 f"{getattr(home, name)} and {getattr(opponent, name)}.")
        self._players = (_Player(home), _Player(opponent))
        self.observation_spec, self.action_spec = combined_specs(
            starcraft.specs_for(home), starcraft.specs_for(opponent))
        self._game_loop, self._is_over, self._limit = 0, True, home.max_game_loops
        game = starcraft_game.resolve(home.game)
        with starcraft.game_errors("to start"), starcraft_game.chosen(game):
            self._env = sc2_env.SC2Env(
                map_name=home.map_name,
                players=[sc2_env.Agent(sc2_env.Race[settings.race], name)
                         for name, settings in (("home", home), ("opponent", opponent))],
                agent_interface_format=[starcraft.interface_format(settings)
                                        for settings in (home, opponent)],
                step_mul=home.step_mul, game_steps_per_episode=home.max_game_loops,
                random_seed=seed, ensure_available_actions=False)

    def reset(self) -> TimeStep:
        """Starts an episode, leaving the running one if there is one.

        Raises:
            starcraft.GameError: the game failed.
        """
        with starcraft.game_errors("to begin an episode"):
            steps = self._env.reset()
        for player in self._players:
            player.seat.interface.begin()
            player.seat.context.begin()
            player.due_game_loop = 0
        return self._time_step(steps)

    def step(self, action: Mapping[str, np.ndarray]) -> TimeStep:
        """Plays the actions of those who are due, until one of the two is due again.

        Args:
            action: int32 [] for every component; after a LAST step it is ignored and an episode
                starts.

        Raises:
            ValueError: an action that is not available, or out of its range.
            starcraft.GameError: the game failed.
        """
        if self._is_over:
            return self.reset()
        calls = [[player.act(own, self._game_loop)] if player.due_game_loop <= self._game_loop
                 else [] for player, own in zip(self._players, split_action(action), strict=True)]
        game_loops = min(player.due_game_loop for player in self._players) - self._game_loop
        if self._limit:
            game_loops = max(1, min(game_loops, self._limit - self._game_loop))
        with starcraft.game_errors("to play a step"):
            return self._time_step(self._env.step(calls, step_mul=game_loops))

    def _time_step(self, steps: Sequence[Any]) -> TimeStep:
        home = steps[0]
        self._game_loop = int(home.observation["game_loop"][0])
        self._is_over = home.last()
        self.pysc2_observation = home.observation
        is_due = [player.due_game_loop <= self._game_loop or self._is_over
                  for player in self._players]
        observation: Observation = {IS_DUE: np.array(is_due, np.int32)}
        for player, step, due, prefix in zip(self._players, steps, is_due, ("", OPPONENT),
                                             strict=True):
            if due:
                player.see(step.observation)
            # What is not asked for is not encoded again.
            observation |= {prefix + name: array for name, array in player.observation.items()}
        return TimeStep(
            step_type=np.array(home.step_type, np.int8), reward=np.array(home.reward, np.float32),
            discount=np.array(1.0 if home.first() else home.discount, np.float32),
            observation=observation)

    @property
    def response(self) -> sc2api_pb2.ResponseObservation:
        """The game's own answer to the player at home; needs its setting `is_measured`."""
        return self.pysc2_observation["_response_observation"]()

    @property
    def unit_data(self) -> Mapping[int, Any]:
        """The game's data of unit types, by type id."""
        return self._env.static_data().unit_stats

    @property
    def num_impossible_actions(self) -> int:
        """Of the player at home; see `starcraft.StarcraftEnvironment`."""
        return self._players[0].seat.interface.num_impossible_actions

    def save_replay(self, folder: str) -> str:
        """Writes a replay of the running or just finished episode; returns the path of its file."""
        return starcraft.save_replay(self._env, folder, self._players[0].settings.map_name)

    def close(self) -> None:
        """Ends the game. Closing again does nothing."""
        self._env.close()
