"""Value loss and explained variance."""

import numpy as np
import pytest
import tensorflow as tf

from losses import returns, value


def column(*numbers):
    return np.array(numbers, np.float32)[:, None]


def test_known_value_of_td_lambda():
    # Returns .7208, .776, .92, 1 against .1, .5, .2, .6:
    # half the mean of .6208^2, .276^2, .72^2, .4^2 = 1.139966 / 8.
    values = column(0.1, 0.5, 0.2, 0.6, 0.0)
    targets = returns.lambda_returns(column(0, 0, 0, 1), column(1, 1, 1, 0), values, 0.8)
    loss = value.value_loss(values[:-1], targets)
    assert float(tf.reduce_mean(loss)) == pytest.approx(0.142496, abs=1e-6)


def test_the_gradient_is_the_error_and_none_reaches_the_target():
    values, targets = tf.constant([[1.0, 2.0]]), tf.constant([[4.0, 1.5]])
    with tf.GradientTape() as tape:
        tape.watch([values, targets])
        loss = value.value_loss(values, targets)
    gradient, none = tape.gradient(loss, [values, targets])
    np.testing.assert_allclose(gradient, [[-3.0, 0.5]])
    assert none is None


@pytest.mark.parametrize("values, expected", [
    ([[1.0, 2.0, 3.0]], 1.0),
    ([[6.0, 7.0, 8.0]], 1.0),  # a constant error is not variance
    ([[5.0, 5.0, 5.0]], 0.0),
    ([[3.0, 2.0, 1.0]], -3.0),  # errors -2, 0, 2: four times the variance of the targets
    ([[1.0, 2.0, 2.0]], 1.0 - (2 / 9) / (2 / 3))])
def test_explained_variance(values, expected):
    targets = np.array([[1.0, 2.0, 3.0]], np.float32)
    explained = value.explained_variance(values, targets, np.ones((1, 3), bool))
    assert float(explained) == pytest.approx(expected, abs=1e-6)


def test_explained_variance_counts_only_the_mask():
    mask = np.array([[True, True, False]])
    assert float(value.explained_variance([[1.0, 2.0, 50.0]], [[1.0, 2.0, -50.0]], mask)) == 1.0


def test_nothing_to_explain_is_0():
    same = np.full((2, 2), 3.0, np.float32)
    explained = value.explained_variance(same + np.eye(2, dtype=np.float32), same,
                                         np.ones((2, 2), bool))
    assert float(explained) == 0.0


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match=r"targets has shape \(3, 1\) and values \(3, 2\)"):
        value.value_loss(np.zeros((3, 2), np.float32), np.zeros((3, 1), np.float32))
