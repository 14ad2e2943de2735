"""Episodes that the tests of data/ read and write."""

import dataclasses
import functools

import h5py
import numpy as np

from data import episode, hkl, seal, strategy, synthetic
from environment import observations
from environment.specs import ActionSpec, ArraySpec, Feature, Kind, ObservationSpec

SETTINGS = observations.ObservationSettings(
    screen_size=(6, 8), minimap_size=(5, 4), max_units=7, max_selected=3,
    screen_layers=("player_relative", "unit_type"), minimap_layers=("camera",),
    arrays=("screen", "minimap", "player", "available_actions", "feature_units", "game_loop"))


@functools.cache
def small(num_steps=30, seed=1):
    """An episode in which every array has something to say."""
    made = synthetic.make(SETTINGS, num_steps, seed)
    played = strategy.summarize([strategy.Made(9, 45, (3.5, 4)), strategy.Made(2, 19, (8, 9.5))],
                                upgrades=[15], effects=[6])
    rewards = np.random.default_rng(seed).normal(size=num_steps).astype(np.float32)
    metadata = dataclasses.replace(
        made.metadata, mmr=3500, apm=61.5, inferred=("health of units", "health of units"),
        dropped={"no such function": 2, "camera out of the map": 1})
    return dataclasses.replace(made, rewards=rewards, strategy=played, metadata=metadata)


def counting(num_steps, replay_id="a match", first=0):
    """Observation n holds the number first + n, action n is n % 5, the reward after it n."""
    spec = ObservationSpec((
        ArraySpec("number", Kind.VECTOR, (1,), "int32", (Feature("number"),)),
        ArraySpec("mask", Kind.MASK, (5,), "bool")))
    action_spec = ActionSpec(tuple("abcde"), (), np.zeros((5, 0), bool))
    steps = np.arange(num_steps, dtype=np.int32)
    metadata = dataclasses.replace(small().metadata, replay_id=replay_id)
    return episode.Episode(
        observation_spec=spec, action_spec=action_spec,
        observations={"number": first + steps[:, None], "mask": np.ones((num_steps, 5), bool)},
        actions={"action_type": steps % 5}, game_loops=10 * steps,
        rewards=steps.astype(np.float32), strategy=strategy.empty(), metadata=metadata)


def assert_equal(one, other):
    """All that two episodes hold is the same, types included."""
    pairs = [(one.observations, other.observations), (one.actions, other.actions),
             (one.strategy.to_dict(), other.strategy.to_dict()),
             ({"g": one.game_loops, "d": one.delays, "r": one.rewards},
              {"g": other.game_loops, "d": other.delays, "r": other.rewards})]
    for first, second in pairs:
        assert list(first) == list(second)
        for name in first:
            assert first[name].dtype == second[name].dtype
            np.testing.assert_array_equal(first[name], second[name])
    assert one.metadata == other.metadata
    assert one.observation_spec == other.observation_spec
    assert one.action_spec.to_json() == other.action_spec.to_json()


def tamper(path, change):
    """Writes a small episode, changes its HDF5 by `change(file)` and seals it again."""
    hkl.write(path, small())
    with h5py.File(path, "r+", libver=("v110", "v110")) as file:
        change(file)
    data = bytearray(path.read_bytes())
    seal.seal(data)
    path.write_bytes(data)
