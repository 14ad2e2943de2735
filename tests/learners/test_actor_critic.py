"""The actor-critic learner: overfits, learns, clips, schedules, resumes, and refuses NaN."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

import learners
from environment import specs
from learners import actor as actor_lib
from learners import actor_critic
from tests.learners import learner_fakes as fakes

SETTINGS = actor_critic.ActorCriticSettings(unroll_len=6, learning_rate=0.02)


def setup(seed=0, **changes):
    agent, environments = fakes.click_setup(seed)
    settings = dataclasses.replace(SETTINGS, **changes)
    learner = actor_critic.ActorCriticLearner(agent, settings)
    return agent, learner, actor_lib.Actor(agent, environments, settings.unroll_len)


def weights(agent):
    return [variable.numpy() for variable in agent.trainable_variables]


def test_learns_to_click_where_random_play_does_not():
    _, learner, actor = setup(discount=0.5, unroll_len=16, learning_rate=0.1)
    scores = []
    for _ in range(100):
        trajectory = actor.collect()
        scores += actor.episode_scores
        metrics = learner.step(trajectory)
    assert np.mean(scores[:20]) < 1.0  # random: 0.28
    assert np.mean(scores[-50:]) > 9.5  # of 10
    assert metrics["entropy/queued"] < 0.2
    assert metrics["value/explained_variance"] <= 1.0


def test_overfits_the_values_of_one_batch():
    # With a discount of 0 the targets are the rewards, so a linear network can reach them exactly:
    # every observation is another one-hot vector.
    _, learner, actor = setup(discount=0.0, entropy_cost=0.0, gradient_clipping=None)
    trajectory = one_hot_trajectory(actor.collect())
    first = learner.step(trajectory)["loss/value"]
    for _ in range(400):
        last = learner.step(trajectory)["loss/value"]
    assert first > 0.1
    assert last < 1e-4


def test_overfits_the_policy_of_one_batch():
    # All see the same place; only the good action of one step earns anything.
    agent, learner, actor = setup(discount=0.0, entropy_cost=0.0, value_cost=0.0)
    trajectory = actor.collect()
    trajectory.observations["target"][:] = np.eye(9)[4]
    for name, choice in {"action_type": 1, "queued": 0, "place": 4}.items():
        trajectory.actions[name][:] = 0
        trajectory.actions[name][0, 0] = choice
    trajectory.rewards[:] = 0
    trajectory.rewards[0, 0] = 1
    for _ in range(300):
        learner.step(trajectory)
    logits, _ = agent.heads({"target": np.eye(9, dtype=np.float32)[4:5]})
    log_probs = agent.log_probs(logits, {"action_type": np.array([1]), "queued": np.array([0]),
                                         "place": np.array([4])})
    assert np.exp(sum(float(x[0]) for x in log_probs.values())) > 0.95


def one_hot_trajectory(trajectory):
    """Environment b shows place b, and every step of it earns b / 8."""
    trajectory.observations["target"][:] = np.eye(9)[:8]
    trajectory.rewards[:] = np.arange(8) / 8
    trajectory.step_types[:] = specs.StepType.MID
    return trajectory


def test_metrics_have_the_tags_of_every_loss_part_and_argument():
    _, learner, actor = setup(entropy_cost=0.01)
    metrics = learner.step(actor.collect())
    expected = {"loss/total", "loss/policy", "loss/value", "loss/entropy", "gradient/norm",
                "learning_rate", "entropy_cost", "value/mean", "value/target_mean",
                "value/explained_variance", "advantage/mean_absolute", "reward/mean",
                "entropy/action_type", "entropy/queued", "entropy/place"}
    assert set(metrics) == expected
    assert all(type(scalar) is float for scalar in metrics.values())
    total = metrics["loss/policy"] + 0.5 * metrics["loss/value"] + 0.01 * metrics["loss/entropy"]
    assert metrics["loss/total"] == pytest.approx(total, rel=1e-5)
    # The untrained policy is uniform: its entropies are the logarithms of the numbers of choices.
    assert metrics["entropy/place"] == pytest.approx(np.log(9), rel=1e-3)
    assert metrics["entropy/queued"] == pytest.approx(np.log(2), rel=1e-3)


def test_the_entropy_of_an_argument_that_no_action_used_is_absent():
    _, learner, actor = setup()
    trajectory = actor.collect()
    trajectory.actions["action_type"][:] = 0  # wait: takes no argument
    metrics = learner.step(trajectory)
    assert "entropy/action_type" in metrics
    assert "entropy/queued" not in metrics and "entropy/place" not in metrics


def test_unused_arguments_get_no_gradient():
    agent, learner, actor = setup(entropy_cost=1.0)
    trajectory = actor.collect()
    trajectory.actions["action_type"][:] = 0
    before = weights(agent)
    learner.step(trajectory)
    for old, new in zip(before, weights(agent), strict=True):
        # Columns: 2 of the action type, 2 of queued, 9 of place, 1 of the value.
        np.testing.assert_array_equal(old[..., 2:13], new[..., 2:13])
        assert (old[..., :2] != new[..., :2]).any()


def test_void_steps_take_no_part():
    def updated(change):
        agent, learner, actor = setup()
        trajectory = actor.collect()
        trajectory.step_types[3] = specs.StepType.FIRST  # step 2 is void, in every environment
        change(trajectory)
        learner.step(trajectory)
        return weights(agent)

    def disturb(trajectory):
        trajectory.rewards[2] = 100.0
        trajectory.discounts[2] = 0.0
        trajectory.actions["action_type"][2] = 1 - trajectory.actions["action_type"][2]

    def disturb_a_valid_step(trajectory):
        trajectory.rewards[1] = 100.0

    undisturbed = updated(lambda trajectory: None)
    for a, b in zip(undisturbed, updated(disturb), strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any()
               for a, b in zip(undisturbed, updated(disturb_a_valid_step), strict=True))


@pytest.mark.parametrize("num_return_steps", [None, 3])
def test_a_time_out_bootstraps_and_a_terminal_state_does_not(num_return_steps):
    def target_mean(discount):
        agent, learner, actor = setup(discount=1.0, gae_lambda=1.0, normalize_advantages=False,
                                      num_return_steps=num_return_steps)
        kernel, bias = agent.trainable_variables
        kernel.assign(tf.zeros_like(kernel))
        bias.assign(tf.one_hot(13, 14) * 5.0)  # every state is worth 5
        trajectory = actor.collect()
        trajectory.rewards[:] = 0.0
        trajectory.step_types[:] = specs.StepType.MID
        trajectory.step_types[-1] = specs.StepType.LAST
        trajectory.discounts[:] = 1.0
        trajectory.discounts[-1] = discount
        return learner.step(trajectory)["value/target_mean"]

    assert target_mean(1.0) == pytest.approx(5.0)
    # The zero reaches all six steps, or with 3-step returns the last three of six.
    assert target_mean(0.0) == pytest.approx(0.0 if num_return_steps is None else 2.5)


def test_normalized_advantages_do_not_depend_on_the_scale_of_the_rewards():
    def policy_loss(normalize, scale):
        agent, learner, actor = setup(normalize_advantages=normalize)
        for variable in agent.trainable_variables:
            variable.assign(variable * 0.0)  # values of 0: the advantages scale with the rewards
        trajectory = actor.collect()
        trajectory.rewards[:] = scale * (np.arange(48).reshape(6, 8) % 7)
        trajectory.actions["action_type"][:] = np.arange(48).reshape(6, 8) % 2
        return learner.step(trajectory)["loss/policy"]

    assert policy_loss(True, 10.0) == pytest.approx(policy_loss(True, 1.0), rel=1e-3)
    assert policy_loss(False, 10.0) == pytest.approx(10 * policy_loss(False, 1.0), rel=1e-3)


def test_scaled_rewards_are_what_is_learned_from():
    def metrics(scale, reward):
        _, learner, actor = setup(reward_scale=scale)
        trajectory = actor.collect()
        trajectory.rewards[:] = reward
        return learner.step(trajectory)

    found, expected = metrics(0.01, 300.0), metrics(1.0, 3.0)
    assert found.pop("reward/mean") == pytest.approx(300.0)  # told as it was
    assert expected.pop("reward/mean") == pytest.approx(3.0)
    assert found == pytest.approx(expected, rel=1e-4)


def test_one_trace_serves_every_batch():
    agent, learner, actor = setup()
    learner.step(actor.collect())
    num_traces = agent.num_traces
    learner.step(actor.collect())
    learner.step(actor.collect())
    assert agent.num_traces == num_traces


def test_the_same_seed_gives_the_same_weights():
    def run():
        agent, learner, actor = setup(seed=3)
        for _ in range(5):
            learner.step(actor.collect())
        return weights(agent)

    for a, b in zip(run(), run(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_restored_learner_goes_on_as_if_never_stopped(tmp_path):
    def build():
        agent, learner, actor = setup(learning_rate_schedule="linear",
                                      learning_rate_decay_agent_steps=1000)
        checkpoint = tf.train.Checkpoint(optimizer=learner.optimizer,
                                         num_agent_steps=learner.num_agent_steps,
                                         variables=list(agent.trainable_variables))
        return agent, learner, actor, checkpoint

    agent, learner, actor, checkpoint = build()
    trajectories = [actor.collect() for _ in range(6)]
    for trajectory in trajectories[:3]:
        learner.step(trajectory)
    path = checkpoint.write(str(tmp_path / "checkpoint"))
    uninterrupted = [learner.step(trajectory) for trajectory in trajectories[3:]]

    other_agent, other, _, other_checkpoint = build()
    other_checkpoint.read(path).assert_consumed()
    assert other.num_updates == 3
    assert [other.step(trajectory) for trajectory in trajectories[3:]] == uninterrupted
    for a, b in zip(weights(agent), weights(other_agent), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("poison, named", [
    (lambda trajectory: trajectory.rewards.__setitem__((0, 0), np.nan), "loss/value"),
    (lambda trajectory: trajectory.rewards.__setitem__((0, 0), np.inf), "loss/policy"),
    (lambda trajectory: trajectory.observations["target"].__setitem__((0, 0, 0), np.nan),
     "loss/entropy"),
])
def test_divergence_is_named_and_leaves_everything_as_it_was(poison, named):
    agent, learner, actor = setup()
    learner.step(actor.collect())
    trajectory = actor.collect()
    poison(trajectory)
    before = weights(agent) + [v.numpy() for v in learner.optimizer.variables]
    with pytest.raises(learners.DivergenceError, match=named):
        learner.step(trajectory)
    after = weights(agent) + [v.numpy() for v in learner.optimizer.variables]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)
    assert learner.num_updates == 1
    assert int(learner.num_agent_steps) == 6 * 8
    learner.step(actor.collect())  # the next good one is learned from


def test_a_gradient_that_is_not_finite_is_named_by_its_variable():
    agent, learner, actor = setup()
    unroll = agent.unroll

    def unroll_with_an_infinite_slope(*args):
        result = unroll(*args)
        kernel = tf.convert_to_tensor(agent.trainable_variables[0])
        # Worth 0, with a gradient of 1 / (2 sqrt(0)).
        return result._replace(values=result.values + tf.sqrt(tf.reduce_sum(kernel) * 0.0))

    agent.unroll = unroll_with_an_infinite_slope
    before = weights(agent)
    with pytest.raises(learners.DivergenceError, match="gradient of .*kernel"):
        learner.step(actor.collect())
    for a, b in zip(before, weights(agent), strict=True):
        np.testing.assert_array_equal(a, b)


def test_clipping_bounds_the_step_of_the_gradient():
    """Adam hides the gradient's size, so look at its first moment: 0.1 times the gradient used."""
    def used_norm(clipping):
        _, learner, actor = setup(gradient_clipping=clipping)
        norm = learner.step(actor.collect())["gradient/norm"]
        moments = [v.numpy() for v in learner.optimizer.variables if "momentum" in v.path]
        return norm, 10.0 * np.sqrt(sum(np.sum(np.square(m)) for m in moments))

    norm, used = used_norm(None)
    assert used == pytest.approx(norm, rel=1e-4)
    clipped_norm, used = used_norm(norm / 4)
    assert clipped_norm == pytest.approx(norm, rel=1e-6)  # what is reported is before clipping
    assert used == pytest.approx(norm / 4, rel=1e-4)
    assert used_norm(norm * 4)[1] == pytest.approx(norm, rel=1e-4)


def test_schedules_go_by_agent_steps():
    # 48 agent steps a trajectory; the entropy cost falls from 1 to 0.1 over 96.
    _, learner, actor = setup(entropy_cost=1.0, entropy_final_fraction=0.1,
                              entropy_decay_agent_steps=96, learning_rate=0.4,
                              learning_rate_schedule="linear", learning_rate_decay_agent_steps=192)
    metrics = [learner.step(actor.collect()) for _ in range(6)]
    np.testing.assert_allclose([m["entropy_cost"] for m in metrics],
                               [1.0, 0.55, 0.1, 0.1, 0.1, 0.1], rtol=1e-5)
    np.testing.assert_allclose([m["learning_rate"] for m in metrics],
                               [0.4, 0.3, 0.2, 0.1, 0.0, 0.0], rtol=1e-5, atol=1e-7)
    assert float(learner.optimizer.learning_rate) == 0.0


def test_a_learning_rate_of_zero_changes_nothing():
    agent, learner, actor = setup(learning_rate=0.0)
    before = weights(agent)
    learner.step(actor.collect())
    for a, b in zip(before, weights(agent), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("change", [
    {"discount": 1.1}, {"gae_lambda": -0.1}, {"entropy_final_fraction": 2.0},
    {"learning_rate": -1.0}, {"value_cost": -1.0}, {"entropy_cost": -1.0}, {"unroll_len": 0},
    {"num_return_steps": 0}, {"gradient_clipping": 0.0}, {"learning_rate_schedule": "cosine"},
    {"learning_rate_schedule": "linear"}, {"entropy_weighting": "none"}, {"adam_epsilon": 0.0},
    {"entropy_decay_agent_steps": -1}, {"reward_scale": 0.0}, {"kl_cost": -0.1},
    {"kl_decay_agent_steps": -1},
])
def test_settings_out_of_range_are_refused_by_name(change):
    name = ("learning_rate_decay_agent_steps" if change == {"learning_rate_schedule": "linear"}
            else next(iter(change)))
    with pytest.raises(ValueError, match=f"{name}: expected"):
        actor_critic.ActorCriticSettings(**change)


def test_a_trajectory_without_its_last_observation_is_refused():
    _, learner, actor = setup()
    trajectory = actor.collect()
    with pytest.raises(ValueError, match="6 step types and 6 rewards"):
        learner.step(trajectory._replace(step_types=trajectory.step_types[:-1]))
