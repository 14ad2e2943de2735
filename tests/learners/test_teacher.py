"""A teacher beside the actor-critic learner: its memory, its pull, its limits."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

import agent as agent_lib
import learners
import network
from environment import specs
from learners import actor as actor_lib
from learners import actor_critic
from learners import teacher as teacher_lib
from tests import spec_library
from tests.learners import learner_fakes as fakes

SETTINGS = actor_critic.ActorCriticSettings(unroll_len=6, learning_rate=0.05, kl_cost=1.0)
NUM_ENVIRONMENTS = 3


def good_clicker(agent):
    """A teacher that clicks, at once and on the place it sees."""
    teacher = fakes.LinearAgent(agent.observation_spec, agent.action_spec, seed=9)
    kernel, bias = teacher.trainable_variables
    # Columns: 2 of the action type, 2 of queued, 9 of place, 1 of the value.
    kernel.assign(np.concatenate([np.zeros((9, 4)), 8.0 * np.eye(9), np.zeros((9, 1))], 1))
    bias.assign([0.0, 4.0, 4.0, 0.0, *[0.0] * 10])
    return teacher


def click_setup(seed=0, **changes):
    agent, environments = fakes.click_setup(seed)
    settings = dataclasses.replace(SETTINGS, **changes)
    teacher = teacher_lib.Teacher(good_clicker(agent), agent, environments.num_environments)
    learner = actor_critic.ActorCriticLearner(agent, settings, teacher)
    return agent, learner, actor_lib.Actor(agent, environments, settings.unroll_len)


def playing_agent(seed, make_specs=spec_library.gymnasium_like):
    """A small agent with a memory."""
    tf.keras.utils.set_random_seed(seed)
    made = make_specs()
    return agent_lib.Agent(network.build("alphastar", *made, "tiny"), *made, seed)


def random_trajectory(agent, num_steps, seed, initial_state=None):
    """Observations, episodes that begin anywhere, any actions."""
    rng = np.random.default_rng(seed)
    before, after = (num_steps, NUM_ENVIRONMENTS), (num_steps + 1, NUM_ENVIRONMENTS)
    step_types = rng.choice([specs.StepType.FIRST, specs.StepType.MID, specs.StepType.MID], after)
    return specs.Trajectory(
        spec_library.random_observation(agent.observation_spec, rng, after),
        step_types.astype(np.int8),
        {name: rng.integers(0, size, before).astype(np.int32)
         for name, size in agent.action_spec.sizes.items()},
        rng.normal(size=before).astype(np.float32), np.ones(before, np.float32),
        np.zeros(before, np.float32),
        agent.initial_state(NUM_ENVIRONMENTS) if initial_state is None else initial_state)


def part(trajectory, first, last):
    """Steps [first, last) of a trajectory."""
    def cut(values, extra):
        return tf.nest.map_structure(lambda x: x[first:last + extra], values)

    return trajectory._replace(
        observations=cut(trajectory.observations, 1), step_types=cut(trajectory.step_types, 1),
        actions=cut(trajectory.actions, 0), rewards=cut(trajectory.rewards, 0),
        discounts=cut(trajectory.discounts, 0),
        behaviour_log_probs=cut(trajectory.behaviour_log_probs, 0))


def weights(agent):
    return [variable.numpy() for variable in agent.trainable_variables]


def test_its_memory_runs_through_the_trajectories():
    student, teacher_agent = playing_agent(1), playing_agent(2)
    whole = random_trajectory(student, 9, seed=0)
    teacher = teacher_lib.Teacher(teacher_agent, student, NUM_ENVIRONMENTS)
    found = []
    for first, last in ((0, 4), (4, 5), (5, 9)):
        logits, state = teacher.judge(part(whole, first, last))
        teacher.remember(state)
        found.append(logits["action_type"])
    expected = teacher_agent.unroll(whole.observations, whole.step_types, whole.actions,
                                    teacher_agent.initial_state(NUM_ENVIRONMENTS))
    np.testing.assert_allclose(np.concatenate(found), expected.logits["action_type"], atol=1e-6)
    for variable, leaf in zip(teacher.variables, tf.nest.flatten(expected.final_state),
                              strict=True):
        np.testing.assert_allclose(variable, leaf, atol=1e-6)
    assert any(np.abs(variable).max() > 0.01 for variable in teacher.variables)


def test_judging_alone_leaves_the_memory_where_it_is():
    student = playing_agent(1)
    teacher = teacher_lib.Teacher(playing_agent(2), student, NUM_ENVIRONMENTS)
    teacher.judge(random_trajectory(student, 4, seed=0))
    assert all(not np.any(variable) for variable in teacher.variables)


def test_it_is_asked_after_what_the_student_chose():
    student = playing_agent(1, spec_library.raw_like)
    teacher = teacher_lib.Teacher(playing_agent(2, spec_library.raw_like), student,
                                  NUM_ENVIRONMENTS)
    trajectory = random_trajectory(student, 4, seed=0)
    before, _ = teacher.judge(trajectory)
    changed = dict(trajectory.actions)
    changed["action_type"] = (changed["action_type"] + 1) % student.action_spec.num_action_types
    after, _ = teacher.judge(trajectory._replace(actions=changed))
    np.testing.assert_array_equal(before["action_type"], after["action_type"])
    assert np.abs(before["queued"] - after["queued"]).max() > 1e-4


def test_the_divergence_is_that_of_plain_loops():
    agent, learner, actor = click_setup(learning_rate=0.0)
    trajectory = actor.collect()
    trajectory.step_types[3] = specs.StepType.FIRST  # step 2 is void
    log_p, log_q = ({name: tf.nn.log_softmax(x).numpy() for name, x in
                     who.heads(trajectory.observations)[0].items()}
                    for who in (good_clicker(agent), agent))
    metrics = learner.step(trajectory)

    sums, counts = dict.fromkeys(log_p, 0.0), dict.fromkeys(log_p, 0)
    valid = [(t, b) for t in range(6) for b in range(8) if t != 2]
    for t, b in valid:
        for name in log_p if trajectory.actions["action_type"][t, b] else ["action_type"]:
            p, q = log_p[name][t, b], log_q[name][t, b]
            sums[name] += sum(np.exp(p[a]) * (p[a] - q[a]) for a in range(len(p)))
            counts[name] += 1
    for name in log_p:
        assert metrics[f"kl/{name}"] == pytest.approx(sums[name] / counts[name], rel=1e-4)
    assert metrics["loss/kl"] == pytest.approx(sum(sums.values()) / len(valid), rel=1e-4)
    assert metrics["loss/total"] == pytest.approx(
        metrics["loss/policy"] + 0.5 * metrics["loss/value"] + 0.01 * metrics["loss/entropy"]
        + metrics["loss/kl"], rel=1e-4)


def test_a_student_that_only_imitates_becomes_its_teacher():
    agent, learner, actor = click_setup(kl_cost=100.0, entropy_cost=0.0, learning_rate=0.2)
    teacher = good_clicker(agent)
    first = learner.step(actor.collect())["loss/kl"]
    for _ in range(100):
        last = learner.step(actor.collect())["loss/kl"]
    assert first > 1.0
    assert last < 0.02
    for old, new in zip(weights(teacher), weights(good_clicker(agent)), strict=True):
        np.testing.assert_array_equal(old, new)


def test_learns_sooner_than_alone():
    def scores(**changes):
        _, learner, actor = click_setup(discount=0.5, unroll_len=16, learning_rate=0.1, **changes)
        found = []
        for _ in range(16):
            trajectory = actor.collect()
            found += actor.episode_scores
            learner.step(trajectory)
        return np.mean(found[-16:])

    assert scores(kl_cost=1.0) > 5.8  # 6.5 and 6.9 with two seeds
    assert scores(kl_cost=0.0) < 4.8  # 4.0 and 3.8


def test_its_weights_stay_and_its_memory_moves_unless_learning_diverges():
    student, teacher_agent = playing_agent(1), playing_agent(2)
    teacher = teacher_lib.Teacher(teacher_agent, student, NUM_ENVIRONMENTS)
    learner = actor_critic.ActorCriticLearner(student, SETTINGS, teacher)
    trajectory = random_trajectory(student, 3, seed=0)
    poisoned = np.full_like(trajectory.rewards, np.nan)
    with pytest.raises(learners.DivergenceError):
        learner.step(trajectory._replace(rewards=poisoned))
    assert all(not np.any(variable) for variable in teacher.variables)

    before, student_before = weights(teacher_agent), weights(student)
    learner.step(trajectory)
    for old, new in zip(before, weights(teacher_agent), strict=True):
        np.testing.assert_array_equal(old, new)
    assert any((old != new).any() for old, new in zip(student_before, weights(student),
                                                      strict=True))
    assert any(np.any(variable) for variable in teacher.variables)


def test_a_restored_run_goes_on_as_if_never_stopped():
    def build():
        student = playing_agent(1)
        teacher = teacher_lib.Teacher(playing_agent(2), student, NUM_ENVIRONMENTS)
        settings = dataclasses.replace(SETTINGS, kl_decay_agent_steps=30)
        learner = actor_critic.ActorCriticLearner(student, settings, teacher)
        return student, learner, [*student.network.variables, *learner.optimizer.variables,
                                  learner.num_agent_steps, *teacher.variables]

    student, learner, variables = build()
    trajectories = [random_trajectory(student, 3, seed) for seed in range(4)]
    for trajectory in trajectories:  # the memory of what came before must matter
        trajectory.step_types[:] = specs.StepType.MID
    for trajectory in trajectories[:2]:
        learner.step(trajectory)
    saved = [np.array(variable) for variable in variables]
    uninterrupted = [learner.step(trajectory) for trajectory in trajectories[2:]]

    other_student, other, other_variables = build()
    for variable, value in zip(other_variables, saved, strict=True):
        variable.assign(value)
    assert [other.step(trajectory) for trajectory in trajectories[2:]] == uninterrupted
    for a, b in zip(weights(student), weights(other_student), strict=True):
        np.testing.assert_array_equal(a, b)


def test_its_weight_falls_by_agent_steps():
    # 48 agent steps a trajectory.
    _, learner, actor = click_setup(kl_cost=0.4, kl_decay_agent_steps=96)
    metrics = [learner.step(actor.collect()) for _ in range(4)]
    np.testing.assert_allclose([m["kl_cost"] for m in metrics], [0.4, 0.2, 0.0, 0.0], atol=1e-7)
    _, learner, actor = click_setup(kl_cost=0.4)
    assert [learner.step(actor.collect())["kl_cost"] for _ in range(3)] == [
        pytest.approx(0.4)] * 3


def test_what_no_action_used_is_absent():
    _, learner, actor = click_setup()
    trajectory = actor.collect()
    trajectory.actions["action_type"][:] = 0  # wait: takes no argument
    metrics = learner.step(trajectory)
    assert "kl/action_type" in metrics and "kl/place" not in metrics
    assert metrics["loss/kl"] == pytest.approx(metrics["kl/action_type"])


def test_one_trace_serves_every_batch():
    agent, learner, actor = click_setup()
    for _ in range(3):
        learner.step(actor.collect())
    assert agent.num_traces == 1


def test_a_teacher_of_other_specs_is_refused_with_the_first_difference():
    student = playing_agent(1)
    other = playing_agent(2, lambda: spec_library.gymnasium_like(num_actions=4))
    with pytest.raises(ValueError, match="teacher.*action types.*action_3.*is wanted") as error:
        teacher_lib.Teacher(other, student, NUM_ENVIRONMENTS)
    assert "\n" not in str(error.value)


def test_what_does_not_go_together_is_refused():
    student = playing_agent(1)
    with pytest.raises(ValueError, match="kl_cost: 1.0 needs a teacher"):
        actor_critic.ActorCriticLearner(student, SETTINGS)
    with pytest.raises(ValueError, match="num_environments"):
        teacher_lib.Teacher(student, student, 0)
    teacher = teacher_lib.Teacher(playing_agent(2), student, NUM_ENVIRONMENTS + 1)
    learner = actor_critic.ActorCriticLearner(student, SETTINGS, teacher)
    with pytest.raises(ValueError, match="expected the 4 environments of the teacher, got 3"):
        learner.step(random_trajectory(student, 3, seed=0))
