"""Matches: which episodes count, with which scores, and who is told."""

import numpy as np
import pytest

from environment import specs
from evaluation import matches
from tests.evaluation import match_fakes as fakes


def test_scores_are_the_sums_of_the_rewards():
    # Episodes of 3 and 2 steps: 1 + 2 + 3 and 1 + 2.
    environment = matches.OneEnvironment(fakes.CountingEnvironment([3, 2]))
    assert matches.play(fakes.CountingAgent(), environment, 5) == [6, 3, 6, 3, 6]


def test_every_environment_plays_its_share_whatever_its_length():
    # Short episodes must not crowd out long ones: 6 episodes of 4 environments are 2, 2, 1, 1.
    environments = fakes.GroupedEnvironments(
        [fakes.CountingEnvironment([length]) for length in (1, 10, 1, 10)])
    scores = matches.play(fakes.CountingAgent(), environments, 6)
    assert scores == [1, 1, 55, 55, 1, 55]


def test_the_agent_acts_on_what_it_sees():
    environment = fakes.CountingEnvironment([3])
    matches.play(fakes.CountingAgent(), matches.OneEnvironment(environment), 2)
    assert [int(action["screen"]) for action in environment.actions] == [0, 1, 2, 0, 1, 2]
    assert all(value.shape == () for value in environment.actions[0].values())


@pytest.mark.parametrize("greedy", [True, False])
def test_greedy_reaches_the_agent(greedy):
    agent = fakes.CountingAgent()
    matches.play(agent, matches.OneEnvironment(fakes.CountingEnvironment([2])), 1, greedy)
    assert set(agent.greedy) == {greedy}


def test_observers_are_told_of_every_step_and_every_episode():
    class Notes(matches.Observer):
        def __init__(self):
            self.acted_at, self.ends = [], []

        def acted(self, time_step, agent_step, score):
            self.acted_at.append((int(time_step.step_type[0]), int(agent_step.value[0]), score))

        def finished(self, score, num_finished):
            self.ends.append((score, num_finished))

    notes = Notes()
    matches.play(fakes.CountingAgent(), matches.OneEnvironment(fakes.CountingEnvironment([2])), 2,
                 observers=(notes,))
    first, mid, last = (int(kind) for kind in specs.StepType)
    assert notes.acted_at == [(first, 0, 0), (mid, 1, 1), (last, 2, 3)] * 2
    assert notes.ends == [(3, 1), (3, 2)]


def test_replays_are_saved_before_the_next_episode_begins(tmp_path, capsys):
    class Saving(fakes.CountingEnvironment):
        saved = ()

        def save_replay(self, folder):
            self.saved += ((folder, self.episode, self.step_number),)
            return f"{folder}/{self.episode}"

    environment = Saving([2])
    matches.play(fakes.CountingAgent(), matches.OneEnvironment(environment), 2,
                 observers=(matches.ReplaySaver(environment, str(tmp_path)),))
    assert environment.saved == ((str(tmp_path), 0, 2), (str(tmp_path), 1, 2))
    assert f"{tmp_path}/1" in capsys.readouterr().out


def test_no_episodes_are_refused():
    with pytest.raises(ValueError, match="num_episodes: expected at least 1, got 0"):
        matches.play(fakes.CountingAgent(), None, 0)


def test_one_environment_is_a_batch_of_one():
    environment = matches.OneEnvironment(fakes.CountingEnvironment([2]))
    environment.reset()
    time_step = environment.receive(0)
    assert time_step.step_type.shape == time_step.reward.shape == (1,)
    assert time_step.observation["count"].shape == (1, 2)
    environment.send(0, fakes.ACTION_SPEC.zeros((1,)))
    assert np.asarray(environment.receive(0).reward).tolist() == [1]
