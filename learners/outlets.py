"""Where the training loops tell what happens: curves, a progress bar, saved models, a signal.

The things that write are given: this room knows no file and no display (see `utils`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_SMOOTHING = 0.95
"""Weight of the updates before in the losses of the progress bar: one batch tells little."""


class RunOutlets:
    """The outlets of a run, as `learners.training.Outlets` wants them."""

    def __init__(self, count: Callable[[Any], int], metrics: Any, bar: Any, models: Any,
                 interruption: Any, more_scalars: Callable[[], Mapping[str, float]] = dict):
        """Args:
        count: of a progress, what the curves are drawn over.
        metrics: has `scalars(step, values)` and `flush()`.
        bar: has `update(done, words)` and `say(line)`.
        models: has `save_last(progress)` and `save_best(progress)`, which returns the path of the
            file where it is a new one, else None.
        interruption: has `reason`.
        more_scalars: what else belongs into a report, by tag.
        """
        self._count, self._metrics, self._bar, self._models = count, metrics, bar, models
        self._interruption, self._more_scalars = interruption, more_scalars

    def updated(self, progress: Any) -> None:
        self._bar.update(self._count(progress), str(progress))

    def report(self, progress: Any, scalars: Mapping[str, float]) -> None:
        self._metrics.scalars(self._count(progress), {**scalars, **self._more_scalars()})

    def save_last(self, progress: Any) -> None:
        # A curve that ends before its model does could not be continued without a gap.
        self._metrics.flush()
        self._models.save_last(progress)

    def save_best(self, progress: Any) -> None:
        if path := self._models.save_best(progress):
            self._bar.say(f"The best model is kept in {path} from now on.")

    def interruption(self) -> str | None:
        return self._interruption.reason


class SupervisedOutlets(RunOutlets):
    """The outlets of a supervised run, as `learners.supervised_training.Outlets` wants them."""

    def __init__(self, *arguments: Any, validation_metrics: Any, limits: Any,
                 epoch_transitions: int, draw: Callable[[Mapping[str, np.ndarray]], Mapping],
                 **named: Any):
        """Args:
        arguments, named: see `RunOutlets`.
        validation_metrics: has `scalars(step, values)`, `images(step, pictures)` and `flush()`.
        limits: of the loop, `learners.supervised_training.Limits`.
        epoch_transitions: actions in an epoch.
        draw: makes pictures by tag of the counts of a tally.
        """
        super().__init__(*arguments, **named)
        self._validation_metrics, self._draw = validation_metrics, draw
        self._limits, self._epoch_transitions = limits, epoch_transitions
        self._losses: dict[str, float] = {}
        self._seconds_at_start: float | None = None

    def updated(self, progress: Any, scalars: Mapping[str, float]) -> None:
        if self._seconds_at_start is None:
            self._begin(progress)
        for tag, value in scalars.items():
            if tag.startswith("loss/"):
                before = self._losses.get(tag, value)
                self._losses[tag] = _SMOOTHING * before + (1 - _SMOOTHING) * value
        words = [f"{tag.removeprefix('loss/')} {self._losses[tag]:.3g}"
                 for tag in ("loss/total", "loss/action_type") if tag in self._losses]
        epochs = self._epochs(progress)
        self._bar.update(progress.num_updates, ", ".join(
            ["loss " + ", ".join(words), f"epoch {epochs:.2f}", *self._time_left(progress)]))

    def report(self, progress: Any, scalars: Mapping[str, float]) -> None:
        super().report(progress, {**scalars, "data/epochs": self._epochs(progress)})

    def validated(self, progress: Any, scalars: Mapping[str, float], tally: Any) -> None:
        self._validation_metrics.scalars(progress.num_updates, scalars)
        self._validation_metrics.images(progress.num_updates, self._draw(tally.counts))
        self._validation_metrics.flush()
        words = [f"{name} {scalars[tag]:.3g}" for name, tag in (
            ("loss", "loss/total"), ("action type", "accuracy/action_type"),
            ("among five", "accuracy_top5/action_type")) if tag in scalars]
        self._bar.say(f"Validation after {progress.num_updates:,} updates: {', '.join(words)}.")

    def _begin(self, progress: Any) -> None:
        self._seconds_at_start = progress.seconds
        self._done_at_start = (progress.num_updates, self._epochs(progress))

    def _epochs(self, progress: Any) -> float:
        return progress.num_transitions / self._epoch_transitions

    def _time_left(self, progress: Any) -> list[str]:
        """Until the first limit is reached, as words; none where there is no limit."""
        limits, seconds = self._limits, progress.seconds - self._seconds_at_start
        left = []
        if limits.max_minutes is not None:
            left.append(60 * limits.max_minutes - seconds)
        for limit, done, before in (
                (limits.max_updates, progress.num_updates, self._done_at_start[0]),
                (limits.max_epochs, self._epochs(progress), self._done_at_start[1])):
            if limit is not None and done > before and seconds > 0:
                left.append((limit - done) * seconds / (done - before))
        if not left:
            return []
        minutes, rest = divmod(round(max(0.0, min(left))), 60)
        return [f"{minutes}:{rest:02d} left"]
