"""The strategies that an agent is told to follow in a series of matches: those of a dataset.

AlphaStar was told, at the start of a game, a build order and the units of a human game on the same
map from the same side. So here: each match draws one of the strategies whose place is that from
which the agent starts. Source: Vinyals et al. 2019, Methods, "z".
"""

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data import conditioning as data_conditioning
from data import folder
from environment.conditioning import Conditioning
from environment.specs import Observation, StepType, TimeStep
from evaluation import measurements

SAME_SIDE_CELLS = 25.0
"""The median place of the first 20 units and structures is no further than this from the start of
the player who made them."""


def of_dataset(path: str | Path, race: str | None = None) -> tuple[Conditioning, ...]:
    """The strategies of the players of a folder of episode files, by the names of the files.

    Args:
        path: of the folder.
        race: only players of this race; None takes all.

    Raises:
        ValueError: there is no file that can be read, or none of such a player with a build order.
    """
    found = [data_conditioning.of_file(file.path) for file in folder.scan(path).files
             if race in (None, file.metadata.race)]
    found = [one for one in found if one.build_order]
    if not found:
        raise ValueError(f"{path} holds no build order of a {race or ''} player to follow.")
    return tuple(found)


def choose(strategies: Sequence[Conditioning], start_xy: tuple[float, float], seed: int
           ) -> int | None:
    """The number of the strategy for a match; None if none was played from this side.

    Args:
        strategies: with build orders.
        start_xy: where the agent starts, in cells.
        seed: of the match; the same seed, the same choice.
    """
    near = [number for number, one in enumerate(strategies)
            if math.dist(_place(one), start_xy) <= SAME_SIDE_CELLS]
    if not near:
        return None
    return near[int(np.random.default_rng((seed, len(near))).integers(len(near)))]


def tell(game: Any, told: Conditioning, strategies: Sequence[Conditioning],
         start_xy: tuple[float, float], seed: int) -> tuple[int | None, Observation]:
    """Tells the agent the strategy of a match that begins.

    Args:
        game: has `tell`, as `environment.starcraft.StarcraftEnvironment`.
        told: what it is told beside it.
        strategies, start_xy, seed: as of `choose`.

    Returns:
        The number of the strategy, None if there is none to tell, and what the agent sees now.
    """
    number = choose(strategies, start_xy, seed)
    if number is not None:
        told = dataclasses.replace(told, build_order=strategies[number].build_order,
                                   cumulative=strategies[number].cumulative)
    return number, game.tell(told)


class FollowingEnvironment:
    """A game in which the agent is told a strategy at the beginning of every match.

    Args:
        game: a `starcraft.StarcraftEnvironment` that is measured.
        told: what the agent is told beside it.
        strategies: with build orders.
        seed: which of them are told.
    """

    def __init__(self, game: Any, told: Conditioning, strategies: Sequence[Conditioning],
                 seed: int):
        self._game, self._told, self._strategies = game, told, strategies
        self._seeds = np.random.default_rng(seed)

    @property
    def pysc2_observation(self) -> Any:
        """Of the latest step, for showing it."""
        return self._game.pysc2_observation

    def reset(self) -> TimeStep:
        """Begins a match."""
        return self._begun(self._game.reset())

    def step(self, action: Mapping[str, np.ndarray]) -> TimeStep:
        """Plays an action; after the end of a match, begins the next one."""
        time_step = self._game.step(action)
        return self._begun(time_step) if time_step.step_type == StepType.FIRST else time_step

    def _begun(self, time_step: TimeStep) -> TimeStep:
        measured = measurements.Measurements(self._game.unit_data)
        measured.look(self._game.response)
        _, observation = tell(self._game, self._told, self._strategies, measured.start_xy,
                              int(self._seeds.integers(2**32)))
        return time_step._replace(observation=observation)

    def save_replay(self, folder: str) -> str:
        """Writes a replay of the running or just finished match; returns the path of its file."""
        return self._game.save_replay(folder)

    def close(self) -> None:
        """Ends the game."""
        self._game.close()


def _place(strategy: Conditioning) -> tuple[float, float]:
    return (statistics.median(built.x for built in strategy.build_order),
            statistics.median(built.y for built in strategy.build_order))
