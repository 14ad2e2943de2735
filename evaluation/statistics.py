"""Statistics of episode scores."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special


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
