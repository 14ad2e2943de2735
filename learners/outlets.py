"""Where the training loops tell what happens: curves, a progress bar, saved models, a signal.

The things that write are given: this room knows no file and no display (see `utils`).
"""

from collections.abc import Callable, Mapping
from typing import Any


class RunOutlets:
    """The outlets of one run, as `learners.training.Outlets` wants them."""

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
