"""When a person acts next: irregular gaps, short within a task, long when nothing is to be done."""

import enum
import math
import random

LOOPS_PER_MINUTE = 22.4 * 60
"""Game loops in a minute on the screen, at the speed "faster"."""

MAX_APM = LOOPS_PER_MINUTE
"""One action in every game loop."""

_SPREAD = 0.5
"""Standard deviation of the logarithm of a gap. Our choice: gaps of people are skewed like that."""

_MEMORY = 25.0
"""Mean gaps by which a player may be late or early before the pace is halved or doubled."""

_MIN_LOOPS = 3
"""Nobody acts twice within a seventh of a second, unless the pace demands it."""


class Moment(enum.Enum):
    """What a player is at; the value is the mean gap after such an action, our choice, in mean
    gaps of the whole match."""

    TASK = 0.7  # something has to be done
    WAIT = 1.8  # a look around for want of a task


class Pace:
    """Draws the gaps between actions so that their mean is that of a number of actions a minute."""

    def __init__(self, actions_per_minute: float, rng: random.Random):
        """A pace of `actions_per_minute`, drawn from `rng`.

        Raises:
            ValueError: nobody can act that often, or that seldom.
        """
        if not 1 <= actions_per_minute <= MAX_APM:
            raise ValueError(f"apm is {actions_per_minute:g}; it has to be from 1 to "
                             f"{MAX_APM:g}, one action in every game loop.")
        self._mean = LOOPS_PER_MINUTE / actions_per_minute
        self._minimum = max(1, min(_MIN_LOOPS, round(self._mean / 3)))
        self._rng = rng
        self._late = 0.0  # game loops by which the gaps so far exceed their mean

    def gap(self, moment: Moment) -> int:
        """Game loops from an action to the next, at least 1.

        With m = 1344 / APM and the lateness L, the sum of all gaps so far less their number times
        m, a gap is log-normal with the mean m * moment * 2^(-L / 25m), so that the mean of all
        gaps tends to m whatever the moments are.
        """
        mean = self._mean * moment.value * 2 ** (-self._late / (_MEMORY * self._mean))
        drawn = self._rng.lognormvariate(math.log(mean) - _SPREAD ** 2 / 2, _SPREAD)
        gap = max(self._minimum, round(drawn))
        self._late += gap - self._mean
        return gap
