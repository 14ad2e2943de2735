"""How well likeliest choices agree: known values and slow truths."""

import numpy as np
import pytest
import tensorflow as tf

from losses import agreement


def test_the_top_choices_with_the_lower_of_equals_first():
    logits = tf.constant([0.5, 3.0, 3.0, -1e9, 1.0])
    ranks = {0: 4, 1: 1, 2: 2, 4: 3, 3: 5}  # by logit, then by number
    for target, rank in ranks.items():
        for k in range(1, 6):
            assert bool(agreement.in_top(logits, tf.constant(target), k)) == (rank <= k)


def test_the_top_choice_is_the_argmax():
    rng = np.random.default_rng(0)
    logits = rng.integers(0, 3, (6, 5, 2, 4)).astype(np.float32)  # many ties
    targets = rng.integers(0, 4, (6, 5, 2)).astype(np.int32)
    np.testing.assert_array_equal(agreement.in_top(tf.constant(logits), tf.constant(targets), 1),
                                  logits.argmax(-1) == targets)
    with pytest.raises(ValueError, match="k: expected at least 1, got 0"):
        agreement.in_top(tf.constant(logits), tf.constant(targets), 0)


def test_distances_are_in_pixels_of_the_plane():
    # On a plane 4 high and 8 wide, 0 is (0, 0) and 27 is (3, 3).
    chosen, targets = tf.constant([27, 5, 0]), tf.constant([0, 5, 7])
    np.testing.assert_allclose(agreement.pixel_distance(chosen, targets, (4, 8)),
                               [np.hypot(3, 3), 0, 7], rtol=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_overlap_is_that_of_sets(seed):
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, 6, (3, 5)).astype(np.int32)
    targets = rng.integers(0, 6, (3, 5)).astype(np.int32)
    found = agreement.overlap(tf.constant(chosen), tf.constant(targets))
    for row in range(3):
        a, b = set(chosen[row]) - {0}, set(targets[row]) - {0}
        assert float(found[row]) == pytest.approx(len(a & b) / len(a | b) if a | b else 1.0)
