"""An expert's episodes become files, and an agent of the same specs learns from them."""

import functools

import numpy as np
import pytest

import agent as agent_lib
import network
from data import hkl, imitation, lanes, recording
from environment import gymnasium_environment, parallel, scripted_agents
from evaluation import collecting, matches
from learners import supervised

LANDER, POLE = "LunarLander-v3", "CartPole-v1"


def environments(name, num_environments=4):
    return parallel.ParallelEnvironments(
        functools.partial(gymnasium_environment.GymnasiumEnvironment, name), num_environments, 0,
        *gymnasium_environment.specs_for(name))


def new_agent(name, model="fullyconv", size="tiny"):
    specs = gymnasium_environment.specs_for(name)
    return agent_lib.Agent(network.build(model, *specs, size), *specs, seed=1)


class Finishes(matches.Observer):
    def __init__(self):
        self.scores = []

    def finished(self, score, num_finished):
        self.scores.append(score)
        assert num_finished == len(self.scores)


def test_an_agent_is_collected_from_and_its_scores_are_those_of_the_files(tmp_path):
    agent, observer, source = new_agent(POLE), Finishes(), recording.gymnasium_source(POLE)
    with environments(POLE) as played:
        scores = collecting.collect(agent, played, 6, tmp_path / "new", source,
                                    observers=(observer,))
        with pytest.raises(ValueError, match="holds episodes"):
            collecting.collect(agent, played, 6, tmp_path / "new", source)
    episodes = [hkl.read(path) for path in sorted((tmp_path / "new").iterdir())]
    # Files are in the order in which the episodes ended, scores by environment.
    np.testing.assert_allclose([one.rewards.sum() for one in episodes], observer.scores, rtol=1e-5)
    assert sorted(scores) == sorted(observer.scores) and len(scores) == 6
    for one in episodes:
        assert one.observation_spec == agent.observation_spec
        assert one.metadata.map_name == POLE
        assert one.metadata.game_version == gymnasium_environment.version()
        assert len(set(one.actions["action_type"].tolist())) == 2  # drawn, not the likeliest


def test_what_a_greedy_agent_did_it_would_do_again(tmp_path):
    played_by = new_agent(POLE, "alphastar")
    with environments(POLE, 2) as played:
        collecting.collect(played_by, played, 3, tmp_path, recording.gymnasium_source(POLE),
                           greedy=True)
    for path in tmp_path.iterdir():
        one = hkl.read(path)
        state = played_by.initial_state(1)
        for n in range(one.num_steps - 1):
            seen = {name: values[n:n + 1] for name, values in one.observations.items()}
            step, state = played_by.step(seen, np.array([0 if n == 0 else 1], np.int8), state,
                                         greedy=True)
            assert step.action["action_type"][0] == one.actions["action_type"][n]


def test_who_learns_from_the_expert_acts_like_it(tmp_path):
    learning = new_agent(LANDER, size="small")
    specs = learning.observation_spec, learning.action_spec
    with environments(LANDER, 8) as played:
        collecting.collect(scripted_agents.for_environment(LANDER, *specs), played, 8, tmp_path,
                           recording.gymnasium_source(LANDER))
    data = imitation.ImitationData(tmp_path)
    data.require(*specs)
    learner = supervised.SupervisedLearner(learning, supervised.SupervisedSettings(
        learning_rate=1e-2))
    state, accuracies = None, []
    windows = lanes.LaneSettings(batch_size=8, unroll_len=16, seed=1)
    for batch in data.batches(imitation.TRAINING, windows).take(120):
        scalars, state = learner.step(batch, state)
        accuracies.append(scalars["accuracy/action_type"])
    done = np.concatenate([hkl.read(file.path).actions["action_type"]
                           for file in data.files[imitation.TRAINING]])
    commonest = np.bincount(done).max() / len(done)  # about a half
    assert np.mean(accuracies[-30:]) > commonest + 0.2
