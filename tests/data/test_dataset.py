"""tf.data gives what the lanes give, and turns it time-major at the end."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from data import dataset, folder, hkl, lanes, synthetic
from tests.data import episodes

SETTINGS = lanes.LaneSettings(batch_size=3, unroll_len=4, num_epochs=1, seed=2)


@pytest.fixture
def found(tmp_path):
    for number in range(3):
        hkl.write(tmp_path / f"{number}.hkl", episodes.small(11 + number, seed=number))
    return folder.scan(tmp_path)


def test_it_gives_what_the_lanes_give(found):
    expected = list(lanes.LaneReader(found.files, found.specs, SETTINGS).batches())
    for _ in range(2):
        given = list(dataset.make(found.files, found.specs, SETTINGS))
        assert len(given) == len(expected)
        for one, other in zip(given, expected, strict=True):
            tf.nest.assert_same_structure(one, other)
            for a, b in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_array_equal(a, b)


def test_time_major(found):
    batches = dataset.make(found.files, found.specs, SETTINGS)
    batch, timed = next(iter(batches)), next(iter(batches.map(dataset.time_major)))
    assert timed.observations["screen"].shape == (5, 3, 6, 8, 2)
    assert timed.mask.shape == (4, 3)
    np.testing.assert_array_equal(timed.observations["screen"][2, 1],
                                  batch.observations["screen"][1, 2])
    np.testing.assert_array_equal(timed.actions["screen"], np.transpose(batch.actions["screen"]))
    np.testing.assert_array_equal(timed.strategy["cumulative_units"],
                                  batch.strategy["cumulative_units"])
    found.specs.observation.validate(
        {name: value.numpy() for name, value in timed.observations.items()}, (5, 3))


def test_nothing_to_learn_is_said_before_training(found):
    with pytest.raises(ValueError, match="None of 0 episodes"):
        dataset.make((), found.specs, SETTINGS)


@pytest.mark.slow
def test_a_program_that_ends_while_batches_are_made_does_end(tmp_path):
    for seed in range(2):
        hkl.write(tmp_path / f"{seed}.hkl", synthetic.make(synthetic.SETTINGS, 400, seed))
    code = f"""
from data import imitation, lanes
data = imitation.ImitationData({str(tmp_path)!r}, 0)
batches = iter(data.batches("training", lanes.LaneSettings(batch_size=16, unroll_len=32)))
for _ in range(3):
    next(batches)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=300)


def test_only_the_pipeline_needs_tensorflow():
    modules = "benchmark, folder, fuzzing, hkl, inspect, lanes, synthetic"
    code = f"import sys; from data import {modules}; print('tensorflow' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                             check=True).stdout
    assert printed.strip() == "False"
