"""The training loop with fakes that count: limits, averages, saves, the best model."""

import numpy as np
import pytest

from learners import training


class Collector:
    """Every trajectory is 8 agent steps and ends the episodes of `scores[i]`."""

    num_agent_steps = 0

    def __init__(self, scores=()):
        self._scores = list(scores)
        self.episode_scores = []

    def collect(self):
        self.num_agent_steps += 8
        self.episode_scores = self._scores.pop(0) if self._scores else []


class Learner:
    num_updates = 0

    def step(self, trajectory):
        self.num_updates += 1
        return {"loss/total": float(self.num_updates)}


class Outlets:
    def __init__(self):
        self.updates, self.reports, self.last, self.best = [], [], [], []
        self.interrupt_after = np.inf

    def updated(self, progress):
        self.updates.append(progress.num_agent_steps)

    def report(self, progress, scalars):
        self.reports.append((progress.num_agent_steps, scalars))

    def save_last(self, progress):
        self.last.append(progress.num_agent_steps)

    def save_best(self, progress):
        self.best.append((progress.num_agent_steps, progress.best_mean))

    def interruption(self):
        return "Somebody wants it." if len(self.updates) >= self.interrupt_after else None


def train(limits, scores=(), progress=None, interrupt_after=np.inf):
    outlets, progress = Outlets(), progress or training.Progress()
    outlets.interrupt_after = interrupt_after
    reason = training.train(Collector(scores), Learner(), progress, limits, outlets)
    return reason, outlets, progress


def test_agent_steps_are_counted_and_limited():
    reason, outlets, progress = train(training.Limits(24))
    assert reason == "The limit of 24 agent steps is reached."
    assert outlets.updates == [8, 16, 24] and progress.num_agent_steps == 24
    assert outlets.last == [24]


def test_a_continued_run_counts_on():
    progress = training.Progress(num_agent_steps=100, num_episodes=7, seconds=50.0, scores=[1.0])
    train(training.Limits(116), [[2.0], [3.0]], progress)
    assert progress.num_agent_steps == 116 and progress.num_episodes == 9
    assert progress.scores == [1.0, 2.0, 3.0] and 50 <= progress.seconds < 60


def test_a_run_that_is_at_its_limit_makes_no_update():
    _, outlets, _ = train(training.Limits(100), progress=training.Progress(100))
    assert not outlets.updates and outlets.last == [100]


def test_time_limit():
    reason, outlets, _ = train(training.Limits(10**9, max_minutes=0.001))
    assert reason == "The limit of 0.001 minutes is reached." and outlets.updates


def test_target_score_needs_a_hundred_episodes():
    scores = [[30.0] * 99, [30.0], [30.0]]
    reason, outlets, _ = train(training.Limits(10**6, target_score=25.0), scores)
    assert reason == "The target score is reached: a mean of 30.00."
    assert outlets.updates == [8, 16]


def test_interruption_ends_after_the_running_update():
    reason, outlets, _ = train(training.Limits(10**6), interrupt_after=3)
    assert reason == "Somebody wants it." and outlets.last == [24]


def test_reports_average_the_updates_since_the_last_one():
    _, outlets, _ = train(training.Limits(7 * 8, log_interval=3), [[1.0, 5.0]])
    assert [steps for steps, _ in outlets.reports] == [24, 48, 56]  # and one at the end
    assert [scalars["loss/total"] for _, scalars in outlets.reports] == [2.0, 5.0, 7.0]
    scalars = outlets.reports[-1][1]
    assert (scalars["episode/score_mean"], scalars["episode/score_min"],
            scalars["episode/score_max"], scalars["episode/finished"]) == (3, 1, 5, 2)
    assert scalars["speed/agent_steps_per_second"] > 0


def test_saves_as_often_as_wanted():
    _, outlets, _ = train(training.Limits(24, save_interval_seconds=0.0))
    assert outlets.last == [8, 16, 24, 24]
    _, outlets, _ = train(training.Limits(24, save_interval_seconds=3600.0))
    assert outlets.last == [24]


def test_the_best_model_is_kept_above_five_and_above_itself():
    hundreds = [[30.0] * 99,  # a mean of 100 episodes needs 100
                [-2970.0 + 500.0],  # a mean of exactly 5 is not above it
                [5.5] * 100, [5.5] * 100, [5.2] * 100, [5.6] * 100]
    _, outlets, progress = train(training.Limits(48, log_interval=1), hundreds)
    assert outlets.best == [(24, 5.5), (48, pytest.approx(5.6))]
    assert progress.best_mean == pytest.approx(5.6)


def test_the_best_model_is_looked_for_when_training_ends():
    _, outlets, _ = train(training.Limits(16, log_interval=100), [[7.0] * 50, [7.0] * 50])
    assert outlets.best == [(16, 7.0)]


def test_scores_are_those_of_the_latest_hundred_episodes():
    progress = training.Progress()
    progress.add(range(70))
    assert progress.mean is None and str(progress) == "score 34.5 (0 to 69)"
    progress.add(range(70, 120))
    assert progress.scores == list(range(20, 120)) and progress.mean == 69.5
    assert progress.num_episodes == 120
    assert str(training.Progress()) == "no episode has ended yet"
