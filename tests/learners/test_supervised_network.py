"""The supervised learner with the whole network: every head is learned, and memory stays flat."""

import dataclasses

import numpy as np
import pytest

import agent as agent_lib
import network
from data import synthetic
from environment import actions, delays, observations, raw_actions, raw_observations
from learners import benchmark, random_batches, schedules, supervised, supervised_training

DELAYS = delays.DelayCodec(step_mul=8)


def feature_layers():
    settings = synthetic.with_resolution(16)
    return (observations.ObservationEncoder(settings).spec,
            actions.ActionCodec(settings.screen_size, settings.minimap_size).spec)


def raw():
    settings = dataclasses.replace(
        synthetic.with_resolution(16), arrays=("raw_units", "minimap", "player"), max_units=32)
    return (raw_observations.RawObservationEncoder(settings, 16, 8).spec,
            raw_actions.RawActionCodec(16, 32, 8).spec)


def setup(make_specs, size, **changes):
    observation_spec, action_spec = make_specs()
    action_spec = DELAYS.extend(action_spec)
    model = network.build("alphastar", observation_spec, action_spec, size)
    agent = agent_lib.Agent(model, observation_spec, action_spec)
    settings = dataclasses.replace(
        supervised.SupervisedSettings(schedule=schedules.Schedule(warmup_updates=20), l2=0.0),
        **changes)
    return agent, supervised.SupervisedLearner(agent, settings)


@pytest.mark.slow
@pytest.mark.parametrize("make_specs", [feature_layers, raw])
def test_one_batch_is_overfitted_in_every_head(make_specs):
    agent, learner = setup(make_specs, "small", learning_rate=3e-3)
    batch = random_batches.make(agent.observation_spec, agent.action_spec, 8, 5, 0)
    tags = [f"loss/{head.name}" for head in learner.heads]
    for _ in range(300):
        scalars, _ = learner.step(batch)
        if all(scalars.get(tag, 0.0) < 0.05 for tag in tags):
            break
    assert {tag: scalars[tag] for tag in tags if not scalars[tag] < 0.05} == {}
    assert not any(scalars[f"masked_targets/{head.name}"] for head in learner.heads)


@pytest.mark.slow
def test_memory_stays_flat_over_many_updates():
    agent, learner = setup(raw, "tiny")
    batches = [random_batches.make(agent.observation_spec, agent.action_spec, 3, 2, seed)
               for seed in range(4)]
    state, memory = None, []
    for update in range(1200):
        _, state = learner.step(batches[update % 4], state)
        if update % 10 == 0:
            learner.evaluate(batches[0], state)
        if update % 300 == 299:
            memory.append(supervised_training.memory_mib())
    # What one update leaked of its batch of 0.1 MiB alone would be 90 MiB.
    assert np.max(memory[1:]) - memory[0] < 30, memory


@pytest.mark.slow
def test_the_benchmark_measures_and_prints(capsys):
    assert benchmark.main(["--size", "tiny", "--resolution", "8", "--batches", "2x3",
                           "--seconds", "0.1"]) == 0
    printed = capsys.readouterr().out
    for words in ("weights:", "B=2 T=3:", "transitions/s", "GFLOP/s", "acting:"):
        assert words in printed
