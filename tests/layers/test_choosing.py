"""Who decides: at which temperature choices are drawn."""

import numpy as np
import pytest
import tensorflow as tf

from layers import categorical, choosing

LOGITS = np.log(np.array([0.7, 0.2, 0.1], np.float32))
NUM_DRAWS = 4000


def seeds():
    return tf.constant([[3], [4]], tf.int64)


def shares(names, temperature, slot=None):
    """How often each of three choices is drawn, for each component."""
    logits = np.tile(LOGITS, (NUM_DRAWS, len(names), 1) if slot is None else (NUM_DRAWS, 1))
    drawn = choosing.Drawn(seeds(), temperature, untempered=("delay",)).choose(
        names, categorical.MaskedCategorical(tf.constant(logits)), slot).numpy()
    drawn = drawn.reshape(NUM_DRAWS, -1)
    return [np.bincount(column, minlength=3) / NUM_DRAWS for column in drawn.T]


@pytest.mark.parametrize("temperature", [1.0, 0.5, 2.0])
def test_choices_are_drawn_from_the_tempered_distribution(temperature):
    expected = np.exp(LOGITS / temperature) / np.exp(LOGITS / temperature).sum()
    (found,) = shares(["screen"], temperature)
    np.testing.assert_allclose(found, expected, atol=0.03)


def test_some_components_keep_their_probabilities():
    screen, delay = shares(["screen", "delay"], 0.1)
    assert screen[0] > 0.99
    np.testing.assert_allclose(delay, np.exp(LOGITS), atol=0.03)


def test_slots_of_a_sequence_are_tempered_too():
    (found,) = shares(["units_0", "units_1"], 0.1, slot=tf.constant(1))
    assert found[0] > 0.99


def test_a_forbidden_choice_stays_forbidden_at_any_temperature():
    logits = categorical.mask_logits(tf.zeros([NUM_DRAWS, 1, 3]), tf.constant([True, False, True]))
    drawn = choosing.Drawn(seeds(), 100.0).choose(
        ["screen"], categorical.MaskedCategorical(logits)).numpy()
    assert set(drawn.ravel()) == {0, 2}


def test_temperature_one_draws_what_no_temperature_draws():
    distribution = categorical.MaskedCategorical(
        tf.random.stateless_normal([64, 2, 9], seed=[1, 2]))
    seed = seeds()[:, 0]
    np.testing.assert_array_equal(distribution.sample(seed, tf.ones([2])),
                                  distribution.sample(seed))
