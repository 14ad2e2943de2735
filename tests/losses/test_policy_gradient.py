"""Policy gradient and the joint log-probability: published values, gradients, masks, shapes."""

import numpy as np
import pytest
import tensorflow as tf

from losses import policy_gradient

# Inputs of rlax `policy_gradients_test.py`: three steps of two sequences over three choices.
LOGITS = np.array([[[1, 1, 1], [2, 0, 0], [-1, -2, -3]], [[2, 2, 2], [3, 1, 1], [0, -1, -2]]],
                  np.float32).transpose(1, 0, 2)  # [T, B, A]
ACTIONS = np.array([[0, 1, 2], [0, 0, 0]], np.int32).T
ADVANTAGES = np.array([[0.3, 0.2, 0.1], [-0.3, -0.2, -0.1]], np.float32).T
WEIGHTS = np.array([[-2, 2, 0], [-3, 1, -1]], np.float32).T


def log_probs_of(logits, actions):
    return -tf.nn.sparse_softmax_cross_entropy_with_logits(actions, logits)


def test_known_values_of_rlax():
    loss = policy_gradient.policy_gradient_loss(log_probs_of(LOGITS, ACTIONS), ADVANTAGES)
    # There the mean over time of weighted steps.
    np.testing.assert_allclose(tf.reduce_mean(WEIGHTS * loss, 0), [0.0788835088, 0.327200909],
                               rtol=1e-5)


def test_the_gradient_is_that_of_the_log_probability_times_the_advantage():
    logits, advantages = tf.constant(LOGITS), tf.constant(ADVANTAGES)
    with tf.GradientTape() as tape:
        tape.watch([logits, advantages])
        loss = policy_gradient.policy_gradient_loss(log_probs_of(logits, ACTIONS), advantages)
    gradient, none = tape.gradient(loss, [logits, advantages])
    assert none is None
    # d log softmax(x)_a / dx = onehot(a) - softmax(x)
    expected = -ADVANTAGES[..., None] * (np.eye(3)[ACTIONS] - tf.nn.softmax(LOGITS).numpy())
    np.testing.assert_allclose(gradient, expected, atol=1e-6)


def test_descending_the_loss_makes_a_good_action_more_probable():
    logits = tf.Variable([[[0.0, 0.0]]])
    with tf.GradientTape() as tape:
        loss = policy_gradient.policy_gradient_loss(log_probs_of(logits, [[1]]), [[2.0]])
    logits.assign_sub(tape.gradient(loss, logits))
    assert logits[0, 0, 1] > logits[0, 0, 0]


def test_joint_log_prob_sums_the_used_arguments():
    log_probs = {"action_type": [[-1.0, -2.0]], "queued": [[-4.0, -8.0]],
                 "screen": [[-16.0, -32.0]]}
    used = {"action_type": [[True, True]], "queued": [[True, False]], "screen": [[False, True]]}
    np.testing.assert_array_equal(policy_gradient.joint_log_prob(log_probs, used), [[-5.0, -34.0]])
    np.testing.assert_array_equal(policy_gradient.joint_log_prob(log_probs), [[-21.0, -42.0]])


def test_unused_arguments_get_no_gradient_even_from_infinity():
    log_probs = {"action_type": tf.constant([[-1.0]]), "screen": tf.constant([[-np.inf]])}
    with tf.GradientTape() as tape:
        tape.watch(log_probs)
        joint = policy_gradient.joint_log_prob(
            log_probs, {"action_type": [[True]], "screen": [[False]]})
    gradients = tape.gradient(joint, log_probs)
    np.testing.assert_array_equal(joint, [[-1.0]])
    np.testing.assert_array_equal(gradients["action_type"], [[1.0]])
    np.testing.assert_array_equal(gradients["screen"], [[0.0]])


def test_one_argument_is_its_own_joint():
    log_probs = log_probs_of(LOGITS, ACTIONS)
    np.testing.assert_array_equal(policy_gradient.joint_log_prob({"action": log_probs}), log_probs)


@pytest.mark.parametrize("call, message", [
    (lambda: policy_gradient.joint_log_prob({}), "at least one argument"),
    (lambda: policy_gradient.joint_log_prob({"a": [[0.0]]}, {}), r"used: expected a mask for each"),
    (lambda: policy_gradient.joint_log_prob({"a": [[0.0]], "b": [[0.0, 0.0]]}), "b has shape"),
    (lambda: policy_gradient.joint_log_prob({"a": [[0.0, 0.0]]}, {"a": [[True]]}), "used.*shape"),
    (lambda: policy_gradient.policy_gradient_loss([[0.0, 0.0]], [[0.0]]), "advantages has shape"),
    (lambda: policy_gradient.policy_gradient_loss([0.0], [0.0]), r"expected shape \[T, B\]")])
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
