"""Watching a game in pysc2's window, where this machine can open one."""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from environment import specs
from evaluation import matches

GAME_LOOPS_PER_SECOND = 22.4
"""At the speed "faster", at which people play."""


def prepare() -> str | None:
    """Sets SDL up for pysc2's window, unless the user has already done so.

    Returns:
        Why the window cannot be opened here, as part of a sentence; None if it can.
    """
    # Without a display SDL falls back on drivers that draw nothing anybody sees, so an error
    # from it alone would not tell.
    if sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display (DISPLAY is not set)"
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    # SDL would copy its surface through OpenGL. Mesa's software OpenGL brings a copy of LLVM, which
    # crashes in a process that has loaded the one inside TensorFlow.
    os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")  # no sound is played, so none is looked for
    import pygame

    try:
        pygame.display.init()
    except pygame.error as error:
        return f"the display does not answer ({error})"
    driver = pygame.display.get_driver()
    pygame.display.quit()
    return f"the display is {driver}" if driver in ("offscreen", "dummy") else None


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
