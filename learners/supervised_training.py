"""The loop around a supervised learner: batches, updates, validations, until there is a reason.

It knows no file, no flag and no display: what it has to tell goes to its `Outlets`. Batch u is that
of update u, so a run which is taken up after u updates, with the weights, the learner's variables
and the lanes of then, makes the same updates as one that was never stopped.
"""

import collections
import dataclasses
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from learners import tally as tally_lib

LOSS = "loss/total"
"""The scalar of a validation by which the best model is chosen."""


@dataclasses.dataclass
class Progress:
    """What a run has achieved, before an interruption included.

    Attributes:
        num_updates: batches learned from.
        num_transitions: actions learned from, repetitions included.
        seconds: time spent, validations included.
        num_validations: how many there were.
        best_loss: the lowest loss of a validation; None before the first.
        best_update: after how many updates that was.
        num_validations_since_best: how many were not better than it, those at the end of a run
            not counted.
    """

    num_updates: int = 0
    num_transitions: int = 0
    seconds: float = 0.0
    num_validations: int = 0
    best_loss: float | None = None
    best_update: int | None = None
    num_validations_since_best: int = 0

    def __str__(self) -> str:
        best = ("" if self.best_loss is None else
                f", best validation loss {self.best_loss:.4g} after {self.best_update:,}")
        return f"{self.num_updates:,} updates, {self.num_transitions:,} actions{best}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """When training ends, reports, validates and saves. None is no limit.

    Attributes:
        max_updates: it ends after so many, those before an interruption included.
        max_epochs: it ends when so many times the actions of an epoch were learned from.
        max_minutes: it ends after so many minutes of this process.
        patience: it ends after so many validations without a better one.
        min_improvement: by how much a validation's loss must be lower to be better.
        validation_interval: updates between two validations; 0 makes none.
        log_interval: updates between two reports.
        save_interval_seconds: seconds between two saves.
    """

    max_updates: int | None = None
    max_epochs: float | None = None
    max_minutes: float | None = None
    patience: int | None = None
    min_improvement: float = 0.0
    validation_interval: int = 500
    log_interval: int = 20
    save_interval_seconds: float = 60.0

    def __post_init__(self):
        for name, least in (("max_updates", 0), ("patience", 1), ("validation_interval", 0),
                            ("log_interval", 1), ("min_improvement", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name}: expected at least {least}, got {value}.")


class Outlets(Protocol):
    """Where the loop tells what happens."""

    def updated(self, progress: Progress, scalars: Mapping[str, float]) -> None:
        """After every update, with its scalars by tag."""

    def report(self, progress: Progress, scalars: Mapping[str, float]) -> None:
        """After some updates and at the end: means over them by tag, and the speed."""

    def validated(self, progress: Progress, scalars: Mapping[str, float], tally: tally_lib.Tally
                  ) -> None:
        """After a validation: its scalars by tag, and the tally with its counts."""

    def save_last(self, progress: Progress) -> None:
        """Saves everything that is needed to go on: agent, learner, lanes and progress."""

    def save_best(self, progress: Progress) -> None:
        """Saves the model, which is better on validation than every one before."""

    def interruption(self) -> str | None:
        """Why somebody wants training to end now, as a sentence."""


class Lanes:
    """The agent's recurrent state in every lane of the training batches.

    Attributes:
        variables: to be saved and restored; none when the agent has no memory.
    """

    def __init__(self, agent: Any, batch_size: int):
        """Args:
            agent: has `initial_state(batch_size)`.
            batch_size: B.
        """
        self._structure = agent.initial_state(batch_size)
        self.variables = [tf.Variable(leaf, trainable=False)
                          for leaf in tf.nest.flatten(self._structure)]

    @property
    def state(self) -> Any:
        """Before the next windows, [B, ...]."""
        return tf.nest.pack_sequence_as(
            self._structure, [tf.convert_to_tensor(variable) for variable in self.variables])

    @state.setter
    def state(self, state: Any) -> None:
        for variable, leaf in zip(self.variables, tf.nest.flatten(state), strict=True):
            variable.assign(leaf)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Batches:
    """Where batches come from.

    Attributes:
        training: given how many batches to leave out, yields the others, for ever or until the data
            is used up.
        validation: yields the same batches whenever it is called; None makes no validations.
        epoch_transitions: actions in an epoch of training; None when nobody knows.
    """

    training: Callable[[int], Iterable[Any]]
    validation: Callable[[], Iterable[Any]] | None = None
    epoch_transitions: int | None = None


def train(batches: Batches, learner: Any, lanes: Lanes, progress: Progress, limits: Limits,
          outlets: Outlets) -> str:
    """Trains until a limit is reached or the data is used up.

    Args:
        batches: see there.
        learner: has `step(batch, state)`, `evaluate(batch, state)` and `scalars(tally)`, see
            `learners.supervised`.
        lanes: is continued in place.
        progress: likewise; its number of updates says which batch is next.
        limits: see there.
        outlets: are told and asked; the last validation, report and save are made before this
            returns. Whoever interrupts does not wait for a validation.

    Returns:
        Why it ended, as a sentence.

    Raises:
        ValueError: a limit needs what `batches` has not.
        learners.DivergenceError: a loss or a gradient is not finite; nothing is saved after it.
    """
    if limits.max_epochs is not None and not batches.epoch_transitions:
        raise ValueError("max_epochs needs the number of actions in an epoch.")
    return _Run(batches, learner, lanes, progress, limits, outlets).until_done()


class _Run:
    """One call of `train`."""

    def __init__(self, batches: Batches, learner: Any, lanes: Lanes, progress: Progress,
                 limits: Limits, outlets: Outlets):
        self._batches, self._learner, self._lanes = batches, learner, lanes
        self._progress, self._limits, self._outlets = progress, limits, outlets
        self._start = self._last_save = time.monotonic()
        self._seconds_before = progress.seconds
        self._meter = _Meter()
        self._last_validated = progress.num_updates if progress.num_validations else -1
        self._interrupted = False

    def until_done(self) -> str:
        progress, limits, meter = self._progress, self._limits, self._meter
        reason = self._reason_to_stop()
        iterator = iter(self._batches.training(progress.num_updates)) if reason is None else None
        while reason is None:
            with meter.waiting():
                batch = next(iterator, None)
            if batch is None:
                reason = "The data is used up."
                break
            scalars, self._lanes.state = self._learner.step(batch, self._lanes.state)
            num_transitions = int(np.count_nonzero(batch.mask))
            progress.num_updates += 1
            progress.num_transitions += num_transitions
            meter.add(scalars, num_transitions)
            self._count_seconds()
            self._outlets.updated(progress, scalars)
            if limits.validation_interval and (
                    progress.num_updates % limits.validation_interval == 0):
                self._validate()
            if progress.num_updates % limits.log_interval == 0:
                self._report()
            reason = self._reason_to_stop()
            if time.monotonic() - self._last_save > limits.save_interval_seconds:
                self._save()
        if limits.validation_interval and not self._interrupted:
            self._validate()
        if meter.num_updates:
            self._report()
        self._save()
        return reason

    def _validate(self) -> None:
        """Unless there is nothing to validate on, or it was done after this very update."""
        progress = self._progress
        if self._batches.validation is None or self._last_validated == progress.num_updates:
            return
        with self._meter.pausing():
            tally = evaluate(self._learner, self._batches.validation())
        scalars = self._learner.scalars(tally)
        self._last_validated = progress.num_updates
        progress.num_validations += 1
        is_best = progress.best_loss is None or (
            scalars[LOSS] < progress.best_loss - self._limits.min_improvement)
        if is_best:
            progress.best_loss, progress.best_update = scalars[LOSS], progress.num_updates
            progress.num_validations_since_best = 0
        elif progress.num_updates % self._limits.validation_interval == 0:
            # One at the end of a run that is taken up again must not bring the end nearer.
            progress.num_validations_since_best += 1
        self._count_seconds()
        self._outlets.validated(progress, scalars, tally)
        if is_best:
            self._outlets.save_best(progress)

    def _report(self) -> None:
        self._count_seconds()
        self._outlets.report(self._progress, self._meter.scalars(self._progress))

    def _save(self) -> None:
        self._count_seconds()
        self._outlets.save_last(self._progress)
        self._last_save = time.monotonic()

    def _count_seconds(self) -> float:
        """Keeps the progress's clock; returns the seconds of this process."""
        seconds = time.monotonic() - self._start
        self._progress.seconds = self._seconds_before + seconds
        return seconds

    def _reason_to_stop(self) -> str | None:
        progress, limits = self._progress, self._limits
        seconds = self._count_seconds()
        if interruption := self._outlets.interruption():
            self._interrupted = True
            return interruption
        if limits.max_updates is not None and progress.num_updates >= limits.max_updates:
            return f"The limit of {limits.max_updates:,} updates is reached."
        if limits.max_epochs is not None and (
                progress.num_transitions >= limits.max_epochs * self._batches.epoch_transitions):
            return f"The limit of {limits.max_epochs:g} epochs is reached."
        if limits.max_minutes is not None and seconds >= 60 * limits.max_minutes:
            return f"The limit of {limits.max_minutes:g} minutes is reached."
        if limits.patience is not None and progress.num_validations_since_best >= limits.patience:
            return (f"{limits.patience} validations in a row were not better than that after "
                    f"{progress.best_update:,} updates.")
        return None


def evaluate(learner: Any, batches: Iterable[Any]) -> tally_lib.Tally:
    """Adds up what the learner finds in all batches, whose lanes begin without memories."""
    tally, state = tally_lib.Tally(), None
    for batch in batches:
        found, state = learner.evaluate(batch, state)
        tally += found
    return tally


class _Meter:
    """Averages what the learner says between two reports; measures speed and waiting."""

    def __init__(self):
        self._clear()

    def _clear(self) -> None:
        self._values: dict[str, list[float]] = collections.defaultdict(list)
        self.num_updates, self._num_transitions = 0, 0
        self._waited = self._paused = 0.0
        self._since = time.monotonic()

    def waiting(self) -> "_Stopwatch":
        """Within it, time is counted as waiting for data."""
        return _Stopwatch(self, "_waited")

    def pausing(self) -> "_Stopwatch":
        """Within it, time is not counted."""
        return _Stopwatch(self, "_paused")

    def add(self, scalars: Mapping[str, float], num_transitions: int) -> None:
        for tag, value in scalars.items():
            self._values[tag].append(value)
        self.num_updates += 1
        self._num_transitions += num_transitions

    def scalars(self, progress: Progress) -> dict[str, float]:
        seconds = max(time.monotonic() - self._since - self._paused, 1e-9)
        report = {tag: float(np.mean(values)) for tag, values in self._values.items()}
        report |= {"speed/updates_per_second": self.num_updates / seconds,
                   "speed/transitions_per_second": self._num_transitions / seconds,
                   "speed/waiting_for_data": self._waited / seconds,
                   "speed/training_seconds": progress.seconds,
                   "speed/transitions": float(progress.num_transitions),
                   "speed/memory_mib": memory_mib()}
        self._clear()
        return report


class _Stopwatch:
    """Adds the time spent within it to an attribute."""

    def __init__(self, owner: Any, attribute: str):
        self._owner, self._attribute = owner, attribute

    def __enter__(self) -> None:
        self._start = time.monotonic()

    def __exit__(self, *exception: object) -> None:
        before = getattr(self._owner, self._attribute)
        setattr(self._owner, self._attribute, before + time.monotonic() - self._start)


def memory_mib() -> float:
    """Memory that this process holds now; where nobody says so, the most it ever held."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        per_mib = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mib
