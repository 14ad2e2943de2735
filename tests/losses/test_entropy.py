"""Entropy loss and the weights of arguments in it."""

import numpy as np
import pytest
import tensorflow as tf

from losses import entropy

# Inputs of rlax `policy_gradients_test.py`: three steps of two sequences over three choices.
LOGITS = np.array([[[1, 1, 1], [2, 0, 0], [-1, -2, -3]], [[2, 2, 2], [3, 1, 1], [0, -1, -2]]],
                  np.float32).transpose(1, 0, 2)  # [T, B, A]
STEP_WEIGHTS = np.array([[-2, 2, 0], [-3, 1, -1]], np.float32).T


def entropies_of(logits):
    return -tf.reduce_sum(tf.nn.softmax(logits) * tf.nn.log_softmax(logits), -1)


def test_known_values_of_rlax():
    loss = entropy.entropy_loss({"action": entropies_of(LOGITS)}, {"action": 1.0})
    np.testing.assert_allclose(tf.reduce_mean(STEP_WEIGHTS * loss, 0), [0.288693, 1.15422],
                               rtol=1e-5)


def test_known_share_of_the_greatest_entropy():
    # Entropy of softmax([1, 0, -1]) over log 3.
    weights = entropy.argument_weights({"action": 3}, "log_size")
    loss = entropy.entropy_loss({"action": entropies_of([[[1.0, 0.0, -1.0]]])}, weights)
    np.testing.assert_allclose(loss, [[-0.7576791]], rtol=1e-5)


def test_descending_the_loss_makes_a_policy_less_decided():
    logits = tf.Variable([[[2.0, 0.0]]])
    with tf.GradientTape() as tape:
        loss = entropy.entropy_loss({"action": entropies_of(logits)}, {"action": 1.0})
    logits.assign_sub(tape.gradient(loss, logits))
    assert logits[0, 0, 0] - logits[0, 0, 1] < 2.0


def test_arguments_are_summed_by_their_weights():
    entropies = {"action_type": [[1.0, 2.0]], "queued": [[0.5, 0.0]], "screen": [[3.0, 4.0]]}
    weights = {"action_type": 1.0, "queued": 20.0, "screen": 0.0}
    np.testing.assert_allclose(entropy.entropy_loss(entropies, weights), [[-11.0, -2.0]])


def test_the_gradient_of_an_argument_is_minus_its_weight():
    entropies = {"queued": tf.constant([[0.5]]), "screen": tf.constant([[3.0]])}
    with tf.GradientTape() as tape:
        tape.watch(entropies)
        loss = entropy.entropy_loss(entropies, {"queued": 20.0, "screen": 0.5})
    gradients = tape.gradient(loss, entropies)
    np.testing.assert_allclose(gradients["queued"], [[-20.0]])
    np.testing.assert_allclose(gradients["screen"], [[-0.5]])


def test_weights_by_name():
    sizes = {"action_type": 573, "queued": 2, "screen": 256, "only": 1}
    assert entropy.argument_weights(sizes, "uniform") == {
        "action_type": 1.0, "queued": 1.0, "screen": 1.0, "only": 0.0}
    assert entropy.argument_weights(sizes, "small_arguments") == {
        "action_type": 1.0, "queued": 20.0, "screen": 1.0, "only": 0.0}
    by_size = entropy.argument_weights(sizes, "log_size")
    for name in ("action_type", "queued", "screen"):
        # A uniform choice then weighs 1, however many choices there are.
        assert by_size[name] * np.log(sizes[name]) == pytest.approx(1.0)
    assert by_size["only"] == 0.0


@pytest.mark.parametrize("call, message", [
    (lambda: entropy.argument_weights({"a": 2}, "sqrt"), "expected one of .* got 'sqrt'"),
    (lambda: entropy.argument_weights({"a": 0}, "uniform"), r"sizes\['a'\]: expected at least 1"),
    (lambda: entropy.entropy_loss({"a": [[1.0]]}, {}), "weights: expected one for each"),
    (lambda: entropy.entropy_loss({}, {}), "at least one"),
    (lambda: entropy.entropy_loss({"a": [[1.0]], "b": [1.0]}, {"a": 1, "b": 1}), "b: expected")])
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
