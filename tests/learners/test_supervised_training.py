"""The loop of supervised learning: limits, validations, reports, and runs that are taken up again.

With fakes that count, and with a network that learns from files.
"""

from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

import agent as agent_lib
import network
from data import dataset, hkl, lanes, synthetic
from data import folder as folder_lib
from learners import supervised, tally
from learners import supervised_training as training

NUM_ACTIONS = 6


class Batch(NamedTuple):
    number: int
    mask: np.ndarray


class Agent:
    def initial_state(self, batch_size):
        return (tf.zeros([batch_size, 2]), (tf.zeros([batch_size, 1]),))


class Learner:
    """Its loss on validation is the next of `losses`; its state counts the updates."""

    def __init__(self, losses=()):
        self.batches, self._losses = [], list(losses)

    def step(self, batch, state):
        self.batches.append(batch.number)
        return {"loss/total": float(batch.number)}, tf.nest.map_structure(lambda x: x + 1, state)

    def evaluate(self, batch, state):
        number = 1 if state is None else state + 1
        return tally.Tally({"loss/total": (float(number), 1.0)}), number

    def scalars(self, found):
        return {"loss/total": self._losses.pop(0) if self._losses else found.scalars()[
            "loss/total"]}


class Outlets:
    def __init__(self, interrupt_after=np.inf):
        self.updates, self.reports, self.validations, self.last, self.best = [], [], [], [], []
        self._interrupt_after = interrupt_after

    def updated(self, progress, scalars):
        self.updates.append(progress.num_updates)

    def report(self, progress, scalars):
        self.reports.append((progress.num_updates, scalars))

    def validated(self, progress, scalars, found):
        self.validations.append((progress.num_updates, scalars["loss/total"]))

    def save_last(self, progress):
        self.last.append(progress.num_updates)

    def save_best(self, progress):
        self.best.append(progress.num_updates)

    def interruption(self):
        return "Somebody wants it." if len(self.updates) >= self._interrupt_after else None


def batches(num_batches=None, epoch_transitions=None, num_validation=2):
    """Batch n has the number n."""
    def training_batches(first):
        stop = first + 10**6 if num_batches is None else num_batches
        return (Batch(n, np.ones((2, 3), np.bool_)) for n in range(first, stop))

    return training.Batches(
        training=training_batches, epoch_transitions=epoch_transitions,
        validation=lambda: [Batch(-1, np.ones((2, 3), np.bool_))] * num_validation)


def train(source=None, losses=(), progress=None, interrupt_after=np.inf, **limits):
    learner, outlets = Learner(losses), Outlets(interrupt_after)
    progress = progress or training.Progress()
    limits.setdefault("validation_interval", 0)
    reason = training.train(source or batches(), learner, training.Lanes(Agent(), 3), progress,
                            training.Limits(**limits), outlets)
    return reason, learner, outlets, progress


def test_updates_are_counted_and_limited():
    reason, learner, outlets, progress = train(max_updates=3)
    assert reason == "The limit of 3 updates is reached."
    assert learner.batches == [0, 1, 2] and outlets.updates == [1, 2, 3] and outlets.last == [3]
    assert (progress.num_updates, progress.num_transitions) == (3, 3 * NUM_ACTIONS)


def test_a_continued_run_takes_the_next_batch():
    progress = training.Progress(num_updates=7, num_transitions=50, seconds=9.0)
    _, learner, _, progress = train(max_updates=9, progress=progress)
    assert learner.batches == [7, 8]
    assert progress.num_transitions == 62 and 9 <= progress.seconds < 19


def test_a_run_that_is_at_its_limit_makes_no_update():
    _, learner, outlets, _ = train(max_updates=7, progress=training.Progress(num_updates=7))
    assert not learner.batches and not outlets.reports and outlets.last == [7]


def test_epochs_are_counted_in_actions():
    reason, learner, _, _ = train(batches(epoch_transitions=10), max_epochs=1.5)
    assert reason == "The limit of 1.5 epochs is reached." and len(learner.batches) == 3
    with pytest.raises(ValueError, match="max_epochs needs"):
        train(max_epochs=1.5)


def test_the_data_and_the_time_end():
    reason, learner, outlets, _ = train(batches(num_batches=4))
    assert reason == "The data is used up." and learner.batches == [0, 1, 2, 3]
    assert outlets.last == [4]
    reason, learner, _, _ = train(max_minutes=0.001)
    assert reason == "The limit of 0.001 minutes is reached." and learner.batches


def test_validations_at_intervals_and_at_the_end_keep_the_best():
    _, _, outlets, progress = train(
        losses=[5.0, 4.0, 4.5, 3.0], max_updates=7, validation_interval=2)
    assert outlets.validations == [(2, 5.0), (4, 4.0), (6, 4.5), (7, 3.0)]
    assert outlets.best == [2, 4, 7]
    assert (progress.best_loss, progress.best_update, progress.num_validations) == (3.0, 7, 4)


def test_nothing_is_validated_twice_and_an_interruption_does_not_wait_for_it():
    _, _, outlets, _ = train(losses=[5.0, 4.0], max_updates=4, validation_interval=2)
    assert outlets.validations == [(2, 5.0), (4, 4.0)]
    reason, _, outlets, _ = train(losses=[5.0, 4.0], interrupt_after=3, validation_interval=2)
    assert reason == "Somebody wants it."
    assert outlets.validations == [(2, 5.0)] and outlets.last == [3]


def test_patience_ends_a_run_that_gets_no_better():
    reason, _, outlets, progress = train(
        losses=[5.0, 4.0, 4.0, 3.95, 3.0], patience=2, min_improvement=0.1, validation_interval=1)
    assert reason == ("2 validations in a row were not better than that after 2 updates.")
    assert outlets.updates == [1, 2, 3, 4] and progress.num_validations_since_best == 2
    # A validation at the end of a run that is taken up again brings the end no nearer.
    progress = training.Progress(num_updates=2, best_loss=1.0, best_update=2)
    train(losses=[5.0], max_updates=3, progress=progress, patience=5, validation_interval=2)
    assert progress.num_validations == 1 and progress.num_validations_since_best == 0


def test_without_validation_data_nothing_is_validated():
    source = training.Batches(training=batches().training)
    _, _, outlets, progress = train(source, max_updates=4, validation_interval=2)
    assert not outlets.validations and progress.best_loss is None


def test_reports_average_the_updates_since_the_last_one():
    _, _, outlets, _ = train(max_updates=7, log_interval=3)
    assert [updates for updates, _ in outlets.reports] == [3, 6, 7]  # and one at the end
    assert [scalars["loss/total"] for _, scalars in outlets.reports] == [1.0, 4.0, 6.0]
    scalars = outlets.reports[-1][1]
    assert scalars["speed/transitions"] == 42.0 and scalars["speed/memory_mib"] > 10
    assert scalars["speed/transitions_per_second"] == pytest.approx(
        6 * scalars["speed/updates_per_second"])
    assert 0 <= scalars["speed/waiting_for_data"] <= 1


def test_waiting_for_data_is_measured(monkeypatch):
    # A clock that moves when somebody waits: 3 seconds for each batch, 1 for each update.
    now = [0.0]
    monkeypatch.setattr(training.time, "monotonic", lambda: now[0])

    def slow_batches(first):
        for n in range(first, 100):
            now[0] += 3.0
            yield Batch(n, np.ones((2, 3), np.bool_))

    class SlowLearner(Learner):
        def step(self, batch, state):
            now[0] += 1.0
            return super().step(batch, state)

        def evaluate(self, batch, state):
            now[0] += 100.0  # does not count as training
            return super().evaluate(batch, state)

    outlets = Outlets()
    training.train(training.Batches(training=slow_batches, validation=batches().validation),
                   SlowLearner(), training.Lanes(Agent(), 3), training.Progress(),
                   training.Limits(max_updates=4, log_interval=4, validation_interval=4), outlets)
    scalars = outlets.reports[0][1]
    assert scalars["speed/waiting_for_data"] == pytest.approx(0.75)
    assert scalars["speed/updates_per_second"] == pytest.approx(0.25)


def test_saves_as_often_as_wanted():
    assert train(max_updates=3, save_interval_seconds=0.0)[2].last == [1, 2, 3, 3]
    assert train(max_updates=3, save_interval_seconds=3600.0)[2].last == [3]


def test_lanes_carry_the_state_and_can_be_saved():
    carried = training.Lanes(Agent(), 3)
    training.train(batches(), Learner(), carried, training.Progress(),
                   training.Limits(max_updates=5, validation_interval=0), Outlets())
    assert [variable.shape for variable in carried.variables] == [(3, 2), (3, 1)]
    assert all((variable.numpy() == 5).all() for variable in carried.variables)
    first, (second,) = carried.state
    assert first.shape == (3, 2) and second.shape == (3, 1)


def test_an_evaluation_begins_without_memories_and_carries_them():
    found = training.evaluate(Learner(), [Batch(0, np.ones((1, 1)))] * 3)
    assert found.means["loss/total"] == (1 + 2 + 3, 3)


@pytest.mark.parametrize("changes", [{"max_updates": -1}, {"patience": 0}, {"log_interval": 0},
                                     {"validation_interval": -1}, {"min_improvement": -0.1}])
def test_wrong_limits_are_refused(changes):
    (name,) = changes
    with pytest.raises(ValueError, match=name):
        training.Limits(**changes)


# With a network and files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("episodes")
    for seed, num_steps in enumerate((19, 7, 26)):
        hkl.write(folder / f"{seed}.hkl",
                  synthetic.make(synthetic.with_resolution(8), num_steps, seed))
    return folder_lib.scan(folder)


@pytest.fixture(scope="module")
def run(files):
    """A tiny network and its learner, put back to the beginning by `start`."""
    observation_spec, action_spec = files.specs
    agent = agent_lib.Agent(network.build("alphastar", observation_spec, action_spec, "tiny"),
                            observation_spec, action_spec)
    return Run(files, agent)


class Run:
    BATCH_SIZE = 2

    def __init__(self, files, agent):
        self._files, self._agent = files, agent
        self._learner = supervised.SupervisedLearner(agent, supervised.SupervisedSettings())
        self._beginning = [np.asarray(v).copy() for v in self._members()]

    def _members(self, carried=None):
        more = carried.variables if carried else []
        return [*self._agent.trainable_variables, *self._learner.variables, *more]

    def batches(self, first):
        settings = lanes.LaneSettings(batch_size=self.BATCH_SIZE, unroll_len=4, seed=3,
                                      first_batch=first)
        found = dataset.make(self._files.files, self._files.specs, settings)
        return found.map(dataset.time_major)

    def train(self, max_updates, saved=None, save_at=()):
        """Trains from the beginning or from what was saved; the weights, and what to save."""
        carried = training.Lanes(self._agent, self.BATCH_SIZE)
        values = self._beginning + [np.zeros(v.shape, "f4") for v in carried.variables]
        values, progress = saved or (values, {})
        for variable, value in zip(self._members(carried), values, strict=True):
            variable.assign(value)
        saves = {}

        class Saving(Outlets):
            def updated(_, progress, scalars):
                saves[progress.num_updates] = None

            def save_last(_, progress):
                if progress.num_updates in save_at:
                    saves[progress.num_updates] = (
                        [np.asarray(v).copy() for v in self._members(carried)],
                        dict(vars(progress)))

        training.train(
            training.Batches(training=self.batches), self._learner, carried,
            training.Progress(**progress),
            training.Limits(max_updates=max_updates, save_interval_seconds=0.0), Saving())
        return [np.asarray(v).copy() for v in self._members(carried)], saves


def test_a_run_that_was_killed_ends_with_the_same_weights(run):
    undisturbed, saves = run.train(12, save_at=range(1, 12))
    assert any((a != b).any() for a, b in zip(undisturbed, run._beginning, strict=False))
    for update in range(1, 12):
        resumed, _ = run.train(12, saved=saves[update])
        for value, expected in zip(resumed, undisturbed, strict=True):
            np.testing.assert_array_equal(value, expected)


def test_resuming_without_the_lanes_would_be_noticed(run):
    undisturbed, saves = run.train(8, save_at=(4,))
    values, progress = saves[4]
    for value in values[-2:]:
        value[:] = 0.0
    forgetful, _ = run.train(8, saved=(values, progress))
    assert any((a != b).any() for a, b in zip(forgetful, undisturbed, strict=True))
