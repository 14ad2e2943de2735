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

    def __init__(self, step_mul: int, clock: Callable[[], float] = time.monotonic,
                 sleep: Callable[[float], None] = time.sleep):
        """Takes the game loops of an agent step; `clock` and `sleep` are in seconds."""
        self._seconds = step_mul / GAME_LOOPS_PER_SECOND
        self._clock, self._sleep = clock, sleep
        self._next = clock()

    def acted(self, time_step: specs.TimeStep, agent_step: Any, score: float) -> None:
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._seconds
