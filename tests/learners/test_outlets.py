"""What the training loops tell, and to whom."""

import types

import numpy as np
import pytest

from learners import outlets


class Recorder:
    """Stands for curves, bar and models: notes every call."""

    def __init__(self, answers=()):
        self.calls, self._answers = [], dict(answers)

    def __getattr__(self, name):
        def note(*arguments):
            self.calls.append((name, *arguments))
            return self._answers.get(name)

        return note


class Progress(types.SimpleNamespace):
    def __str__(self):
        return "so far"


def limits(max_minutes=None, max_updates=None, max_epochs=None):
    return types.SimpleNamespace(max_minutes=max_minutes, max_updates=max_updates,
                                 max_epochs=max_epochs)


@pytest.fixture
def sinks():
    return {name: Recorder() for name in ("metrics", "bar", "models", "validation")}


def make_supervised(sinks, the_limits, epoch_transitions=1000):
    return outlets.SupervisedOutlets(
        lambda progress: progress.num_updates, sinks["metrics"], sinks["bar"], sinks["models"],
        types.SimpleNamespace(reason=None), dict, validation_metrics=sinks["validation"],
        limits=the_limits, epoch_transitions=epoch_transitions,
        draw=lambda counts: {f"picture of {name}": array for name, array in counts.items()})


def test_reports_are_drawn_over_what_is_counted_and_completed(sinks):
    told = outlets.RunOutlets(
        lambda progress: progress.steps, sinks["metrics"], sinks["bar"], sinks["models"],
        types.SimpleNamespace(reason="Stopped."), lambda: {"more": 2.0})
    progress = Progress(steps=7)
    told.updated(progress)
    told.report(progress, {"loss": 1.0})
    assert sinks["bar"].calls == [("update", 7, "so far")]
    assert sinks["metrics"].calls == [("scalars", 7, {"loss": 1.0, "more": 2.0})]
    assert told.interruption() == "Stopped."


def test_curves_are_on_the_disk_before_the_model_is(sinks):
    order = []
    sinks["metrics"].flush = lambda: order.append("curves")
    sinks["models"].save_last = lambda progress: order.append("model")
    make_supervised(sinks, limits()).save_last(Progress())
    assert order == ["curves", "model"]


def test_only_a_new_best_file_is_announced(sinks):
    for path, num_lines in (("best.npz", 1), (None, 1)):
        sinks["models"] = Recorder({"save_best": path})
        make_supervised(sinks, limits()).save_best(Progress())
        assert len(sinks["bar"].calls) == num_lines


def test_the_bar_shows_smoothed_losses_and_the_epoch(sinks):
    told = make_supervised(sinks, limits())
    for update, loss in ((1, 10.0), (2, 0.0)):
        told.updated(Progress(num_updates=update, num_transitions=250 * update, seconds=1.0),
                     {"loss/total": loss, "loss/action_type": 2.0, "accuracy/action_type": 0.1})
    # 0.95 * 10 + 0.05 * 0
    assert sinks["bar"].calls[-1] == ("update", 2, "loss total 9.5, action_type 2, epoch 0.50")


@pytest.mark.parametrize("the_limits, words", [
    (limits(max_minutes=2), "1:30 left"),  # 30 of 120 seconds
    (limits(max_updates=50), "0:20 left"),  # 30 updates in 30 s, 20 more to go
    (limits(max_epochs=0.12), "0:15 left"),  # 0.08 epochs in 30 s, 0.04 more to go
    (limits(max_minutes=2, max_updates=50), "0:20 left"),
])
def test_the_time_left_is_that_of_the_first_limit(sinks, the_limits, words):
    told = make_supervised(sinks, the_limits)
    for update, transitions, seconds in ((0, 0, 100.0), (30, 80, 130.0)):
        told.updated(Progress(num_updates=update, num_transitions=transitions, seconds=seconds),
                     {"loss/total": 1.0})
    assert sinks["bar"].calls[-1][2].endswith(words)


def test_validations_go_to_curves_of_their_own_with_pictures(sinks):
    told = make_supervised(sinks, limits())
    counts = {"clicks/screen": np.ones(3)}
    told.validated(Progress(num_updates=40), {"loss/total": 3.25, "accuracy/action_type": 0.5},
                   types.SimpleNamespace(counts=counts))
    (scalars, images, flushed) = sinks["validation"].calls
    assert scalars[:2] == ("scalars", 40) and flushed == ("flush",)
    assert images == ("images", 40, {"picture of clicks/screen": counts["clicks/screen"]})
    assert sinks["bar"].calls == [
        ("say", "Validation after 40 updates: loss 3.25, action type 0.5.")]
    assert not sinks["metrics"].calls
