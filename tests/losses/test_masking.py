"""Void steps and masked means."""

import numpy as np
import pytest
import tensorflow as tf

from environment.specs import StepType
from losses import masking

FIRST, MID, LAST = StepType.FIRST, StepType.MID, StepType.LAST


def test_the_step_answered_by_a_first_observation_is_void():
    step_types = np.array([[FIRST, MID, LAST, FIRST, MID],
                           [MID, MID, MID, MID, LAST],
                           [MID, FIRST, FIRST, MID, LAST],
                           [LAST, FIRST, MID, MID, MID]], np.int8).T
    expected = [[True, True, False, True],
                [True, True, True, True],  # the trajectory may end with an episode
                [False, False, True, True],  # dropped without a last observation, twice
                [False, True, True, True]]
    np.testing.assert_array_equal(masking.valid_steps(step_types), np.array(expected).T)


def test_masked_mean_counts_only_the_mask():
    values = np.array([[1.0, 2.0], [np.nan, 6.0]], np.float32)
    mask = np.array([[True, True], [False, True]])
    assert float(masking.masked_mean(values, mask)) == 3.0
    assert float(masking.masked_mean(values, np.zeros((2, 2), bool))) == 0.0


def test_masked_mean_gradient():
    values = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    mask = np.array([[True, False], [True, True]])
    with tf.GradientTape() as tape:
        tape.watch(values)
        mean = masking.masked_mean(values, mask)
    np.testing.assert_allclose(tape.gradient(mean, values), mask / 3.0)


def test_normalize_gives_mean_0_and_deviation_1_over_the_mask():
    rng = np.random.default_rng(0)
    values = rng.normal(5.0, 3.0, (20, 8)).astype(np.float32)
    mask = rng.random((20, 8)) > 0.3
    normal = np.asarray(masking.normalize(values, mask))
    assert normal[mask].mean() == pytest.approx(0.0, abs=1e-5)
    assert normal[mask].std() == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_array_equal(normal[~mask], 0.0)
    np.testing.assert_allclose(
        normal[mask], (values[mask] - values[mask].mean()) / values[mask].std(), rtol=1e-3,
        atol=1e-5)


def test_normalize_leaves_equal_values_at_0():
    np.testing.assert_allclose(masking.normalize(np.full((3, 2), 7.0, np.float32),
                                                 np.ones((3, 2), bool)), 0.0)


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match=r"mask has shape \(2, 1\) and values \(2, 2\)"):
        masking.masked_mean(np.zeros((2, 2), np.float32), np.ones((2, 1), bool))
    with pytest.raises(ValueError, match=r"step_types: expected shape \[T, B\]"):
        masking.valid_steps(np.zeros((4,), np.int8))
