"""The actor with an environment and an agent that both count: an off-by-one anywhere is seen."""

import itertools

import numpy as np
import pytest

from environment import specs
from learners import actor as actor_lib
from tests.learners import learner_fakes as fakes

UNROLL_LEN = 5
EPISODE_LENS = (3, 4, 7, 5)


def counting(num_groups=2, restart_at=None):
    environments = fakes.FakeEnvironments(
        [fakes.CountingEnvironment(i, n, restart_at) for i, n in enumerate(EPISODE_LENS)],
        num_groups)
    return actor_lib.Actor(fakes.CountingAgent(), environments, UNROLL_LEN), environments


def joined(actor, num_unrolls):
    """Unrolls laid end to end: T+1 observations become one row, the shared ones once."""
    unrolls = [actor.collect() for _ in range(num_unrolls)]
    for before, after in itertools.pairwise(unrolls):
        np.testing.assert_array_equal(before.observations["counts"][-1],
                                      after.observations["counts"][0])
        np.testing.assert_array_equal(before.step_types[-1], after.step_types[0])
    counts = np.concatenate([u.observations["counts"][:-1] for u in unrolls]
                            + [unrolls[-1].observations["counts"][-1:]])
    step_types = np.concatenate([u.step_types[:-1] for u in unrolls]
                                + [unrolls[-1].step_types[-1:]])
    rewards = np.concatenate([u.rewards for u in unrolls])
    discounts = np.concatenate([u.discounts for u in unrolls])
    return unrolls, counts, step_types, rewards, discounts


@pytest.mark.parametrize("num_groups", [1, 2, 4])
def test_every_step_is_in_the_trajectories_once_and_in_its_place(num_groups):
    _, counts, step_types, rewards, discounts = joined(counting(num_groups)[0], 4)
    for i, episode_len in enumerate(EPISODE_LENS):
        # Every period of episode_len + 1 observations is steps 0 .. episode_len of one episode.
        time = np.arange(len(counts))
        step, episode = time % (episode_len + 1), time // (episode_len + 1)
        np.testing.assert_array_equal(counts[:, i, 0], i)
        np.testing.assert_array_equal(counts[:, i, 1], episode)
        np.testing.assert_array_equal(counts[:, i, 2], step)
        np.testing.assert_array_equal(step_types[:, i] == specs.StepType.FIRST, step == 0)
        np.testing.assert_array_equal(step_types[:, i] == specs.StepType.LAST, step == episode_len)
        # Action t earned what observation t+1 came with.
        np.testing.assert_array_equal(rewards[:, i], step[1:])
        terminal = (step == episode_len) & (episode % 2 == 1)
        np.testing.assert_array_equal(discounts[:, i], np.where(terminal, 0, 1)[1:])


def test_actions_and_log_probs_stand_beside_the_observation_they_answer():
    for unroll in joined(counting()[0], 3)[0]:
        seen = unroll.observations["counts"][:-1, :, 2]
        np.testing.assert_array_equal(unroll.actions["step"], seen)
        np.testing.assert_array_equal(unroll.behaviour_log_probs, -seen)


def test_the_initial_state_is_the_one_before_observation_0():
    unrolls = joined(counting()[0], 4)[0]
    np.testing.assert_array_equal(unrolls[0].initial_state[0], -np.ones((4, 1)))
    for unroll in unrolls[1:]:
        step = unroll.observations["counts"][0, :, 2]
        # Having seen steps 0 .. step-1 the state counted `step` of them. Before a first
        # observation it still counts those of the episode before: all, up to the last.
        expected = np.where(step == 0, np.array(EPISODE_LENS) + 1, step)
        np.testing.assert_array_equal(unroll.initial_state[0][:, 0], expected)


def test_shapes_and_types_are_those_of_a_trajectory():
    actor, environments = counting()
    unroll = actor.collect()
    environments.observation_spec.validate(unroll.observations, (UNROLL_LEN + 1, 4))
    environments.action_spec.validate(unroll.actions, (UNROLL_LEN, 4))
    assert unroll.step_types.dtype == np.int8 and unroll.step_types.shape == (UNROLL_LEN + 1, 4)
    for array in (unroll.rewards, unroll.discounts, unroll.behaviour_log_probs):
        assert array.dtype == np.float32 and array.shape == (UNROLL_LEN, 4)
        assert array.flags.c_contiguous


def test_a_trajectory_is_not_changed_by_the_next_one():
    actor, _ = counting()
    unroll = actor.collect()
    before = unroll.observations["counts"].copy(), unroll.rewards.copy()
    actor.collect()
    np.testing.assert_array_equal(unroll.observations["counts"], before[0])
    np.testing.assert_array_equal(unroll.rewards, before[1])


def test_scores_and_lengths_are_those_of_the_episodes_finished_in_the_last_collect():
    actor, _ = counting()
    actor.collect()  # observations 0..5: episodes of 3, 4 and 5 steps end
    assert actor.episodes == [(6.0, 3), (10.0, 4), (15.0, 5)]
    actor.collect()  # observations 6..10: 3 steps end at 7, 7 steps at 7, 4 steps at 9
    assert actor.episodes == [(6.0, 3), (28.0, 7), (10.0, 4)]
    assert actor.episode_scores == [6.0, 28.0, 10.0]
    assert actor.num_agent_steps == 2 * UNROLL_LEN * 4


def test_a_dropped_episode_does_not_count_and_leaves_nothing_to_the_next():
    actor, _ = counting(restart_at=(0, 2))
    actor.collect()  # every first episode is dropped after 2 steps (rewards 1 + 2)
    assert actor.episodes == []
    actor.collect()
    # The second episodes begin at observation 3, the third ones of 3 steps at 7.
    assert actor.episodes == [(6.0, 3), (10.0, 4), (15.0, 5), (6.0, 3), (28.0, 7)]


def test_one_group_is_acted_for_while_the_others_step():
    actor, environments = counting(num_groups=2)
    both = [("receive", 0), ("receive", 1)]
    step = [("receive", 0), ("send", 0), ("receive", 1), ("send", 1)]
    unroll = [("send", 0), ("send", 1)] + step * (UNROLL_LEN - 1) + both
    actor.collect()
    assert environments.calls == both + unroll
    actor.collect()
    # What was received last is acted upon first, and not received again.
    assert environments.calls == both + unroll + unroll


def test_the_same_seed_gives_the_same_run():
    def run(seed):
        agent, environments = fakes.click_setup(seed)
        actor = actor_lib.Actor(agent, environments, 6)
        return [actor.collect() for _ in range(3)][-1]

    np.testing.assert_array_equal(run(1).actions["place"], run(1).actions["place"])
    np.testing.assert_array_equal(run(1).observations["target"], run(1).observations["target"])
    assert (run(1).actions["place"] != run(2).actions["place"]).any()


def test_an_unroll_has_at_least_one_step():
    with pytest.raises(ValueError, match="unroll_len: expected at least 1, got 0"):
        actor_lib.Actor(fakes.CountingAgent(), counting()[1], 0)


def test_an_observation_that_does_not_fit_its_spec_is_refused():
    actor, environments = counting()
    environments.observation_spec = fakes.ClickEnvironment.observation_spec
    with pytest.raises(ValueError, match="target"):
        actor.collect()
