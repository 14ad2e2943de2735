"""Statistics of episode scores and of shares of matches."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

_Z = 1.959963984540054  # the 97.5 % quantile of the normal distribution


class Share(NamedTuple):
    """In how many of a number of matches something happened.

    Attributes:
        num_hits: in so many.
        num_trials: of so many.
        interval: 95 % confidence interval of the probability.
    """

    num_hits: int
    num_trials: int
    interval: tuple[float, float]

    @property
    def value(self) -> float:
        """The share itself, in [0, 1]."""
        return self.num_hits / self.num_trials

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.value:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def share(num_hits: int, num_trials: int) -> Share:
    """A share with Wilson's score interval.

    With p = num_hits / n and z the 97.5 % quantile of the normal distribution, the interval is
    (p + z^2/2n ± z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2/n). Unlike p ± z sqrt(p (1-p) / n)
    it stays inside [0, 1] and has a width where p is 0 or 1. Source: E. B. Wilson, "Probable
    Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927); recommended by
    Brown, Cai and DasGupta, Statistical Science 16 (2001).

    Raises:
        ValueError: there are no trials, or more hits than trials.
    """
    if not 0 <= num_hits <= num_trials or num_trials < 1:
        raise ValueError(f"Share: expected 0 <= num_hits <= num_trials and at least one trial, got "
                         f"{num_hits} of {num_trials}.")
    p, z2_n = num_hits / num_trials, _Z**2 / num_trials
    middle = p + z2_n / 2
    half = _Z * math.sqrt(p * (1 - p) / num_trials + z2_n / (4 * num_trials))
    # Rounding may leave [0, 1] by an ulp.
    low, high = max(0.0, (middle - half) / (1 + z2_n)), min(1.0, (middle + half) / (1 + z2_n))
    return Share(num_hits, num_trials, (low, high))


class Summary(NamedTuple):
    """What a sample of scores tells.

    Attributes:
        num_episodes: size of the sample.
        mean: of the sample.
        standard_deviation: of a score, estimated with n - 1; None for fewer than two scores.
        interval: 95 % confidence interval of the mean; None for fewer than two scores.
        minimum: the lowest score.
        maximum: the highest score.
    """

    num_episodes: int
    mean: float
    standard_deviation: float | None
    interval: tuple[float, float] | None
    minimum: float
    maximum: float


def summarize(scores: Sequence[float]) -> Summary:
    """Summarizes scores.

    The interval is Student's, mean ± t s / sqrt(n), with t the 97.5 % quantile of the t
    distribution of n - 1 degrees of freedom (Gosset 1908): wider than the normal one for few
    episodes.

    Args:
        scores: one number an episode, at least one.

    Raises:
        ValueError: there is no score, or one is not finite.
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"scores: expected at least one finite number, got {list(scores)}.")
    num = len(values)
    mean, deviation, interval = float(values.mean()), None, None
    if num > 1:
        deviation = float(values.std(ddof=1))
        half = float(special.stdtrit(num - 1, 0.975)) * deviation / np.sqrt(num)
        interval = (mean - half, mean + half)
    return Summary(num, mean, deviation, interval, float(values.min()), float(values.max()))


def table(summary: Summary) -> str:
    """The summary as a small table for the terminal."""
    deviation, interval = summary.standard_deviation, summary.interval
    cells = {
        "episodes": f"{summary.num_episodes}",
        "mean": f"{summary.mean:.2f}",
        "std": "-" if deviation is None else f"{deviation:.2f}",
        "95 % interval": "-" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}",
        "min": f"{summary.minimum:g}",
        "max": f"{summary.maximum:g}",
    }
    widths = [max(len(name), len(cell)) for name, cell in cells.items()]
    rows = [list(cells), ["-" * width for width in widths], list(cells.values())]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
                     for row in rows)
