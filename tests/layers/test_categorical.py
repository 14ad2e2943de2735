"""The masked categorical distribution: known values, and what is forbidden stays so."""

import numpy as np
import tensorflow as tf

from layers import categorical


def _distribution(logits, mask=None):
    return categorical.MaskedCategorical(categorical.mask_logits(
        tf.constant(logits, tf.float32), None if mask is None else tf.constant(mask)))


def test_log_prob_and_entropy_have_known_values():
    # Weights 1 and 3 remain: p = (1/4, 3/4).
    distribution = _distribution([[0.0, 7.0, np.log(3.0)]], [[True, False, True]])
    np.testing.assert_allclose(distribution.log_prob(tf.constant([0])), [np.log(0.25)], rtol=1e-6)
    np.testing.assert_allclose(distribution.log_prob(tf.constant([2])), [np.log(0.75)], rtol=1e-6)
    entropy = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    np.testing.assert_allclose(distribution.entropy(), [entropy], rtol=1e-6)


def test_forbidden_choices_have_no_probability_no_gradient_and_are_never_drawn():
    logits = tf.Variable([[50.0, 0.0, 1.0, 50.0]])
    mask = tf.constant([[False, True, True, False]])
    with tf.GradientTape() as tape:
        distribution = categorical.MaskedCategorical(categorical.mask_logits(logits, mask))
        loss = tf.reduce_sum(distribution.log_prob(tf.constant([2])) + distribution.entropy())
    gradient = tape.gradient(loss, logits).numpy()[0]
    assert gradient[0] == 0.0 and gradient[3] == 0.0 and gradient[1] != 0.0
    np.testing.assert_array_equal(tf.nn.softmax(distribution.logits)[0].numpy()[[0, 3]], 0.0)
    many = categorical.MaskedCategorical(tf.tile(distribution.logits, [20000, 1]))
    drawn = many.sample(tf.constant([1, 2])).numpy()
    assert set(drawn) == {1, 2}
    # p(2) = e / (1 + e) = .7311; standard error sqrt(.73 * .27 / 20000) = .0031.
    assert abs((drawn == 2).mean() - 0.7311) < 0.016


def test_single_allowed_choice_is_certain_and_finite():
    distribution = _distribution([[3.0, 4.0]], [[True, False]])
    assert distribution.log_prob(tf.constant([0])).numpy()[0] == 0.0
    assert distribution.entropy().numpy()[0] == 0.0


def test_sample_repeats_for_a_seed_and_keeps_leading_shape():
    distribution = _distribution(np.zeros((4, 3, 10)))
    first = distribution.sample(tf.constant([5, 6])).numpy()
    assert first.shape == (4, 3) and first.dtype == np.int32
    np.testing.assert_array_equal(first, distribution.sample(tf.constant([5, 6])))
    assert (first != distribution.sample(tf.constant([5, 7])).numpy()).any()


def test_mode_is_the_most_probable_allowed_choice():
    distribution = _distribution([[1.0, 9.0, 2.0]], [[True, False, True]])
    np.testing.assert_array_equal(distribution.mode(), [2])
