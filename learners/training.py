"""The loop around a learner: collect, learn, report, save, until there is a reason to stop.

It knows no file, no flag and no display: what it has to tell goes to its `Outlets`.
"""

import collections
import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

NUM_SCORES = 100
"""Scores are averaged over so many of the latest episodes."""

BEST_MODEL_ABOVE = 5.0
"""The best model is kept once the mean of NUM_SCORES episodes has risen above this."""


@dataclasses.dataclass
class Progress:
    """What a run has achieved, before an interruption included.

    Attributes:
        num_agent_steps: actions played, all environments together.
        num_episodes: episodes finished.
        seconds: time spent on training.
        scores: of the latest NUM_SCORES episodes.
        best_mean: the highest mean of them for which the best model was kept; None before the
            first.
    """

    num_agent_steps: int = 0
    num_episodes: int = 0
    seconds: float = 0.0
    scores: list[float] = dataclasses.field(default_factory=list)
    best_mean: float | None = None

    def add(self, scores: Sequence[float]) -> None:
        """Adds the scores of finished episodes, in their order."""
        self.num_episodes += len(scores)
        self.scores = (self.scores + list(scores))[-NUM_SCORES:]

    @property
    def mean(self) -> float | None:
        """Mean of the last NUM_SCORES episodes; None before there are so many."""
        return float(np.mean(self.scores)) if len(self.scores) == NUM_SCORES else None

    def __str__(self) -> str:
        if not self.scores:
            return "no episode has ended yet"
        return f"score {np.mean(self.scores):.1f} ({min(self.scores):g} to {max(self.scores):g})"


@dataclasses.dataclass(frozen=True)
class Limits:
    """When training ends, reports and saves.

    Attributes:
        max_agent_steps: it ends after so many, those before an interruption included.
        max_minutes: it ends after so many minutes of this process; None is no limit.
        target_score: it ends when the mean of NUM_SCORES episodes is at least this; None: never.
        log_interval: updates between two reports.
        save_interval_seconds: seconds between two saves.
    """

    max_agent_steps: int
    max_minutes: float | None = None
    target_score: float | None = None
    log_interval: int = 10
    save_interval_seconds: float = 60.0


class Outlets(Protocol):
    """Where the loop tells what happens."""

    def updated(self, progress: Progress) -> None:
        """After every update."""

    def report(self, progress: Progress, scalars: Mapping[str, float]) -> None:
        """After some updates and at the end: scalars by TensorBoard tag."""

    def save_last(self, progress: Progress) -> None:
        """Saves everything that is needed to go on."""

    def save_best(self, progress: Progress) -> None:
        """Saves the model, which is better than every one before."""

    def interruption(self) -> str | None:
        """Why somebody wants training to end now, as a sentence."""


def train(collector: Any, learner: Any, progress: Progress, limits: Limits,
          outlets: Outlets) -> str:
    """Trains until a limit is reached.

    Args:
        collector: has `collect()`, `episode_scores` and `num_agent_steps`, see `learners.actor`.
        learner: has `step(trajectory)` and `num_updates`.
        progress: is continued in place.
        limits: see there.
        outlets: are told and asked; the last report and save are made before this returns.

    Returns:
        Why it ended, as a sentence.

    Raises:
        learners.DivergenceError: a loss or a gradient is not finite; nothing is saved after it.
    """
    start = last_save = time.monotonic()
    seconds_before = progress.seconds
    steps_before = progress.num_agent_steps - collector.num_agent_steps
    meter = _Meter(progress, start)
    reason = _reason_to_stop(progress, limits, 0.0, outlets)
    while reason is None:
        meter.add(learner.step(collector.collect()))
        progress.add(collector.episode_scores)
        progress.num_agent_steps = steps_before + collector.num_agent_steps
        now = time.monotonic()
        progress.seconds = seconds_before + now - start
        outlets.updated(progress)
        reason = _reason_to_stop(progress, limits, now - start, outlets)
        if reason or learner.num_updates % limits.log_interval == 0:
            outlets.report(progress, meter.scalars(progress, now))
            if progress.mean is not None and progress.mean > max(
                    BEST_MODEL_ABOVE, progress.best_mean or -np.inf):
                progress.best_mean = progress.mean
                outlets.save_best(progress)
        if now - last_save > limits.save_interval_seconds:
            outlets.save_last(progress)
            last_save = now
    outlets.save_last(progress)
    return reason


def _reason_to_stop(progress: Progress, limits: Limits, seconds: float,
                    outlets: Outlets) -> str | None:
    if interruption := outlets.interruption():
        return interruption
    if limits.target_score is not None and progress.mean is not None and (
            progress.mean >= limits.target_score):
        return f"The target score is reached: a mean of {progress.mean:.2f}."
    if progress.num_agent_steps >= limits.max_agent_steps:
        return f"The limit of {limits.max_agent_steps:,} agent steps is reached."
    if limits.max_minutes is not None and seconds >= 60 * limits.max_minutes:
        return f"The limit of {limits.max_minutes:g} minutes is reached."
    return None


class _Meter:
    """Averages what the learner says between two reports, and measures the speed."""

    def __init__(self, progress: Progress, now: float):
        self._values: dict[str, list[float]] = collections.defaultdict(list)
        self._num_agent_steps, self._time = progress.num_agent_steps, now

    def add(self, scalars: Mapping[str, float]) -> None:
        for tag, value in scalars.items():
            self._values[tag].append(value)

    def scalars(self, progress: Progress, now: float) -> dict[str, float]:
        report = {tag: float(np.mean(values)) for tag, values in self._values.items()}
        if progress.scores:
            report |= {"episode/score_mean": float(np.mean(progress.scores)),
                       "episode/score_min": min(progress.scores),
                       "episode/score_max": max(progress.scores)}
        steps = progress.num_agent_steps - self._num_agent_steps
        report |= {"episode/finished": progress.num_episodes,
                   "speed/agent_steps_per_second": steps / max(now - self._time, 1e-9),
                   "speed/training_seconds": progress.seconds}
        self._values.clear()
        self._num_agent_steps, self._time = progress.num_agent_steps, now
        return report
