"""The supervised learner: overfits, weighs, clips, divides, carries memories, refuses NaN."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

import learners
from learners import schedules, supervised
from losses import head_weights
from tests.learners import supervised_fakes as fakes

SETTINGS = supervised.SupervisedSettings(
    learning_rate=0.01, schedule=schedules.Schedule(), l2=0.0, gradient_clipping=None)
HEADS = ("action_type", "delay", "queued", "units", "world")


def setup(seed=0, **changes):
    agent = fakes.MemoryAgent(seed)
    return agent, supervised.SupervisedLearner(agent, dataclasses.replace(SETTINGS, **changes))


def weights(agent):
    return [np.asarray(variable).copy() for variable in agent.trainable_variables]


def update(learner, agent, batch):
    """How the weights changed in one update."""
    before = weights(agent)
    learner.step(batch)
    return [after - old for after, old in zip(weights(agent), before, strict=True)]


def test_overfits_one_batch_in_every_head():
    _, learner = setup(learning_rate=0.05)
    batch = fakes.make_batch(0, num_steps=4, num_lanes=2)
    for _ in range(400):
        scalars, _ = learner.step(batch)
    for head in HEADS:
        assert scalars[f"loss/{head}"] < 0.05, head
        assert scalars[f"accuracy/{head}"] == 1.0
    assert scalars["distance/world"] == 0.0 and scalars["accuracy_top5/action_type"] == 1.0
    assert "overlap/units" not in scalars  # what the agent names alone is asked in validations
    tally, _ = learner.evaluate(batch)
    assert tally.scalars()["overlap/units"] == 1.0


def test_scalars_are_means_over_the_steps_that_use_a_head():
    agent, learner = setup()
    batch = fakes.make_batch(1)
    unroll = agent.unroll(*batch[:3], agent.initial_state(4))
    scalars, _ = learner.step(batch)
    takes = agent.action_spec.used_by["world"][batch.actions["action_type"]] & batch.mask
    assert scalars["loss/world"] == pytest.approx(
        -np.mean(unroll.log_probs["world"].numpy()[takes]), rel=1e-5)
    assert scalars["used/world"] == pytest.approx(takes.sum() / batch.mask.sum())
    assert scalars["valid_steps"] == pytest.approx(batch.mask.mean())
    by_step = {"action_type": batch.mask, "world": takes}
    for head, mask in by_step.items():
        chosen = unroll.logits[head].numpy().argmax(-1)
        assert scalars[f"accuracy/{head}"] == pytest.approx(
            np.mean((chosen == batch.actions[head])[mask]))


@pytest.mark.parametrize("preset", list(head_weights.PRESETS))
def test_the_total_is_the_weighted_sum(preset):
    _, learner = setup(head_weights=head_weights.preset(preset))
    scalars, _ = learner.step(fakes.make_batch(2))
    by_head = head_weights.preset(preset).by_head
    expected = sum(weight * scalars[f"loss/{head}"] * (1 if by_head else scalars[f"used/{head}"])
                   for head, weight in head_weights.preset(preset).of(learner.heads).items())
    assert scalars["loss/total"] == pytest.approx(expected, rel=1e-5)


def test_a_head_of_weight_0_and_unused_arguments_get_no_gradient():
    agent, learner = setup(head_weights=head_weights.HeadWeights(place=0.0))
    batch = fakes.make_batch(3)
    batch.actions["action_type"][:] = np.where(batch.actions["action_type"] == 2, 0, 1)
    kernel, bias = update(learner, agent, batch)
    # Columns: 4 action types, 3 delays, 2 queued, twice 5 units, 6 places.
    assert kernel[:, :19].any() and not kernel[:, 19:].any() and not bias[19:].any()
    batch.actions["action_type"][:] = 0  # wait: takes the delay alone
    agent, learner = setup()
    kernel, bias = update(learner, agent, batch)
    assert kernel[:, :7].any() and not kernel[:, 7:].any() and not bias[7:].any()
    assert not bias[3]  # a forbidden action type


def test_padding_takes_no_part():
    changes = []
    for seed in (0, 1):
        agent, learner = setup()
        batch = fakes.make_batch(4)
        noise = fakes.make_batch(100 + seed)
        for name, values in batch.actions.items():
            values[~batch.mask] = noise.actions[name][~batch.mask]
        changes.append(update(learner, agent, batch))
    for first, second in zip(*changes, strict=True):
        np.testing.assert_array_equal(first, second)


def test_masked_targets_are_left_out_and_counted():
    batch = fakes.make_batch(5)
    forbidden = np.zeros_like(batch.mask)
    forbidden[1, :2] = forbidden[2, 3] = True
    batch.actions["action_type"][forbidden] = 3  # which the observation does not allow
    _, learner = setup()
    scalars, _ = learner.step(batch)
    assert scalars["masked_targets/action_type"] == pytest.approx(3 / batch.mask.sum())
    assert scalars["masked_targets/delay"] == 0.0
    assert scalars["loss/action_type"] < 10.0  # and not 1e9


def test_a_batch_without_anything_to_learn_changes_nothing():
    agent, learner = setup()
    batch = fakes.make_batch(6)
    batch.mask[:] = False
    change = update(learner, agent, batch)
    assert not any(part.any() for part in change)
    assert "loss/action_type" not in learner.step(batch)[0]


def test_l2_is_added_behind_the_clipping_and_before_adam():
    # Adam's first step is -rate * sign(gradient); what decides the sign is the sum of both.
    agent, learner = setup(gradient_clipping=1e-6, l2=1.0)
    before = weights(agent)
    change = update(learner, agent, fakes.make_batch(7))
    kernel = before[0]
    clear = np.abs(kernel) > 1e-3  # there the clipped gradient of at most 1e-6 cannot matter
    np.testing.assert_allclose(change[0][clear], -0.01 * np.sign(kernel[clear]), rtol=1e-3)
    squares = sum((part ** 2).sum() for part in weights(agent))
    scalars, _ = learner.step(fakes.make_batch(7))
    assert scalars["loss/l2"] == pytest.approx(squares / 2, rel=1e-5)


def test_clipping_bounds_the_gradient_and_reports_it_unclipped():
    batch = fakes.make_batch(8)
    norms = [setup(gradient_clipping=limit)[1].step(batch)[0]["gradient/norm"]
             for limit in (None, 0.01)]
    assert norms[0] == pytest.approx(norms[1]) and norms[0] > 0.01
    # With an epsilon far above the gradient Adam's first step is linear in it.
    changes = []
    for limit in (None, norms[0] / 4):
        agent, learner = setup(gradient_clipping=limit, adam_epsilon=1e4, learning_rate=1e4)
        changes.append(update(learner, agent, batch))
    for full, clipped in zip(*changes, strict=True):
        np.testing.assert_allclose(clipped, full / 4, rtol=1e-2, atol=1e-5)


def test_the_learning_rate_follows_its_schedule():
    schedule = schedules.Schedule(name="cosine", warmup_updates=2, decay_updates=6)
    _, learner = setup(schedule=schedule)
    rates = [learner.step(fakes.make_batch(9))[0]["learning_rate"] for _ in range(8)]
    expected = [0.5, 1.0, 1.0, (1 + np.sqrt(0.5)) / 2, 0.5, (1 - np.sqrt(0.5)) / 2, 0.0, 0.0]
    np.testing.assert_allclose(rates, 0.01 * np.array(expected), rtol=1e-5, atol=1e-9)
    assert learner.num_updates == 8


@pytest.mark.parametrize("preset", ["uniform", "di_star"])
def test_parts_make_the_same_update(preset):
    results = []
    for num_parts in (1, 2, 4):
        agent, learner = setup(num_parts=num_parts, head_weights=head_weights.preset(preset))
        state = (tf.random.stateless_normal([4, fakes.NUM_FEATURES], [1, 2]),)
        for seed in range(3):
            scalars, state = learner.step(fakes.make_batch(seed), state)
        results.append((scalars, [*weights(agent), state[0].numpy()]))
    for scalars, arrays in results[1:]:
        assert scalars == pytest.approx(results[0][0], rel=1e-4, abs=1e-5)
        for array, expected in zip(arrays, results[0][1], strict=True):
            np.testing.assert_allclose(array, expected, rtol=1e-4, atol=1e-5)


def test_memories_are_carried_from_window_to_window_and_reset():
    # Two windows of 3 are one of 6; in lane 1 an episode begins at step 3, in lane 0 padding.
    batch = fakes.make_batch(10, num_steps=6)
    halves = [fakes.Batch({k: v[s:s + 4] for k, v in batch.observations.items()},
                          batch.step_types[s:s + 4],
                          {k: v[s:s + 3] for k, v in batch.actions.items()}, batch.mask[s:s + 3])
              for s in (0, 3)]
    _, learner = setup()
    whole, end = learner.evaluate(batch)
    first, state = learner.evaluate(halves[0])
    second, state = learner.evaluate(halves[1], state)
    np.testing.assert_allclose(state[0], end[0], rtol=1e-6)
    joined, forgetful = first + second, first + learner.evaluate(halves[1])[0]
    assert learner.scalars(joined) == pytest.approx(learner.scalars(whole), rel=1e-5)
    assert learner.scalars(forgetful)["loss/delay"] != pytest.approx(
        learner.scalars(whole)["loss/delay"], rel=1e-5)


def test_an_evaluation_changes_nothing_and_agrees_with_the_next_step():
    agent, learner = setup(head_weights=head_weights.preset("unplugged"))
    before = weights(agent)
    tally, _ = learner.evaluate(fakes.make_batch(11))
    for array, expected in zip(weights(agent), before, strict=True):
        np.testing.assert_array_equal(array, expected)
    scalars, _ = learner.step(fakes.make_batch(11))
    found = learner.scalars(tally)
    assert found.keys() - scalars.keys() == {"overlap/units"}  # the agent on its own
    for tag in found.keys() & scalars.keys():
        assert scalars[tag] == pytest.approx(found[tag], rel=1e-5), tag


def test_an_evaluation_counts_confusions_and_clicks():
    _, learner = setup()
    batch = fakes.make_batch(12)
    tally, _ = learner.evaluate(batch)
    confusion = tally.counts["confusion/action_type"]
    assert confusion.shape == (4, 4) and confusion.sum() == batch.mask.sum()
    types = batch.actions["action_type"][batch.mask]
    np.testing.assert_array_equal(confusion.sum(axis=1), np.bincount(types, minlength=4))
    assert np.trace(confusion) / confusion.sum() == pytest.approx(
        tally.scalars()["accuracy/action_type"])
    clicks = tally.counts["clicks/world"]
    takes = batch.mask & (batch.actions["action_type"] == 1)
    assert clicks.shape == (2, 2, 3)
    np.testing.assert_array_equal(
        clicks[0].ravel(), np.bincount(batch.actions["world"][takes], minlength=6))
    assert clicks[1].sum() == takes.sum()


def test_one_trace_serves_every_batch():
    agent, learner = setup()
    state = None
    for seed in range(2):
        _, state = learner.step(fakes.make_batch(seed), state)
        learner.evaluate(fakes.make_batch(seed), state)
    num_traces = agent.num_traces
    for seed in range(2, 6):
        _, state = learner.step(fakes.make_batch(seed), state)
        learner.evaluate(fakes.make_batch(seed), state)
    assert agent.num_traces == num_traces == 2


def test_a_loss_that_is_not_finite_is_refused_and_changes_nothing():
    agent, learner = setup(l2=0.1)
    learner.step(fakes.make_batch(13))
    before = weights(agent) + [np.asarray(v).copy() for v in learner.variables]
    batch = fakes.make_batch(13)
    batch.observations["x"][1, 2] = np.inf
    with pytest.raises(learners.DivergenceError, match="after 1 updates: loss/"):
        learner.step(batch)
    after = weights(agent) + [np.asarray(v).copy() for v in learner.variables]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_restored_learner_goes_on_as_if_never_stopped():
    def run(learner, state, seeds):
        for seed in seeds:
            _, state = learner.step(fakes.make_batch(seed), state)
        return state

    agent, learner = setup(schedule=schedules.Schedule(warmup_updates=5))
    state = run(learner, None, range(3))
    other_agent, other = setup(seed=1, schedule=schedules.Schedule(warmup_updates=5))
    for mine, saved in zip([*other_agent.trainable_variables, *other.variables],
                           [*agent.trainable_variables, *learner.variables], strict=True):
        mine.assign(np.asarray(saved))
    run(learner, state, range(3, 6))
    run(other, state, range(3, 6))
    assert other.num_updates == 6
    for mine, expected in zip(weights(other_agent), weights(agent), strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_fine_tuning_starts_from_weights_with_a_new_optimizer():
    agent, learner = setup()
    for _ in range(3):
        learner.step(fakes.make_batch(14))
    tuned = supervised.SupervisedLearner(agent, dataclasses.replace(SETTINGS, learning_rate=1e-5))
    before = weights(agent)
    tuned.step(fakes.make_batch(14))
    assert tuned.num_updates == 1
    change = max(np.abs(a - b).max() for a, b in zip(weights(agent), before, strict=True))
    assert 0 < change < 1.1e-5


@pytest.mark.parametrize("changes, words", [
    ({"learning_rate": -1.0}, "learning_rate"), ({"l2": -1.0}, "l2"),
    ({"label_smoothing": 1.0}, "label_smoothing"), ({"num_parts": 0}, "num_parts"),
    ({"gradient_clipping": 0.0}, "gradient_clipping"), ({"adam_beta2": 1.0}, "adam_beta2"),
    ({"adam_epsilon": 0.0}, "adam_epsilon")])
def test_wrong_settings_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(SETTINGS, **changes)


def test_wrong_batches_are_refused():
    _, learner = setup(num_parts=3)
    with pytest.raises(ValueError, match="4 lanes.*num_parts = 3"):
        learner.step(fakes.make_batch(0))
    batch = fakes.make_batch(0)
    with pytest.raises(ValueError, match="5 step types and 5 actions"):
        learner.step(batch._replace(step_types=batch.step_types[1:]))


@pytest.mark.parametrize("changes, words", [
    ({"name": "square"}, "'constant', 'linear', 'cosine'"), ({"warmup_updates": -1}, "warmup"),
    ({"final_fraction": 2.0}, "final_fraction"),
    ({"name": "linear", "warmup_updates": 5, "decay_updates": 5}, "more than the 5 updates")])
def test_wrong_schedules_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        schedules.Schedule(**changes)


def test_a_linear_schedule_ends_at_its_fraction():
    schedule = schedules.Schedule(name="linear", decay_updates=4, final_fraction=0.2)
    factors = [float(schedule.factor(tf.constant(u))) for u in (0, 2, 4, 100)]
    np.testing.assert_allclose(factors, [1.0, 0.6, 0.2, 0.2], rtol=1e-6)
