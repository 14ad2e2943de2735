"""When a person acts next: irregular gaps, short within a task and long before a new one."""

import math
import random

LOOPS_PER_MINUTE = 22.4 * 60
"""Game loops in a minute on the screen, at the speed "faster"."""

_SPREAD = 0.55
"""Standard deviation of the logarithm of a gap. Our choice: gaps of people are skewed like that."""

_REACT, _THINK = 0.75, 1.6
"""Mean gap within a task and before a new one, as a multiple of the mean. Our choice."""

_CATCH_UP = 0.1
"""Share of the lead or lag behind the mean that each gap makes good."""

MAX_APM = LOOPS_PER_MINUTE
"""One action in every game loop."""


class Pace:
    """Draws the gaps between actions so that their mean is that of a number of actions a minute."""

    def __init__(self, actions_per_minute: float, rng: random.Random):
        """A pace of `actions_per_minute`, drawn from `rng`.

        Raises:
            ValueError: nobody can act that often, or never acts.
        """
        if not 1 <= actions_per_minute <= MAX_APM:
            raise ValueError(f"apm is {actions_per_minute:g}; it has to be from 1 to "
                             f"{MAX_APM:g}, one action in every game loop.")
        self._mean = LOOPS_PER_MINUTE / actions_per_minute
        self._rng = rng
        self._owed = 0.0  # game loops that the gaps so far fell short of their mean

    def gap(self, is_new_task: bool) -> int:
        """Game loops until the next action, at least 1.

        A gap is log-normal with mean m * (0.75 or 1.6), exp(N(log m - s^2 / 2, s^2)), plus a tenth
        of what all gaps before fell short of m, so that their mean tends to m = 1344 / APM.

        Args:
            is_new_task: whether the next action begins something else.
        """
        mean = self._mean * (_THINK if is_new_task else _REACT)
        drawn = self._rng.lognormvariate(math.log(mean) - _SPREAD ** 2 / 2, _SPREAD)
        gap = max(1, round(drawn + _CATCH_UP * self._owed))
        self._owed += self._mean - gap
        return gap
