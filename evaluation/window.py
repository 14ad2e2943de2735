"""The pace at which a game is watched in pysc2's window."""

import time
from collections.abc import Callable
from typing import Any

from environment import specs
from evaluation import matches

GAME_LOOPS_PER_SECOND = 22.4
"""At the speed "faster", at which people play."""


class GamePace(matches.Observer):
    """Holds a match at the speed at which people play: unhindered, an episode is over in seconds.

    A step that took longer than its share of game time is not made up for, so that a slow machine
    shows an even picture.
    """

    def __init__(self, environment: Any, clock: Callable[[], float] = time.monotonic,
                 sleep: Callable[[float], None] = time.sleep):
        """Takes what has a `pysc2_observation`; `clock` and `sleep` are in seconds."""
        self._environment = environment
        self._clock, self._sleep = clock, sleep
        self._game_loop, self._shown_at = 0, clock()

    def acted(self, time_step: specs.TimeStep, agent_step: Any, score: float) -> None:
        game_loop = int(self._environment.pysc2_observation["game_loop"][0])
        # An agent may wait for several observations; a new episode begins at 0 again.
        seconds = max(0, game_loop - self._game_loop) / GAME_LOOPS_PER_SECOND
        now = self._clock()
        if now < self._shown_at + seconds:
            self._sleep(self._shown_at + seconds - now)
        self._game_loop, self._shown_at = game_loop, max(now, self._shown_at + seconds)
