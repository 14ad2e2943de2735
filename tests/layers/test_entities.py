"""Encoders of sets and lists: order, padding, places."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from environment.specs import Feature
from layers import entities

_FEATURES = (Feature("unit_type", 100), Feature("alliance", 5), Feature("x", scale=16.0),
             Feature("y", 8), Feature("health", scale=50.0))


def _rows(seed=0, batch=2, num_rows=6, present=4):
    rng = np.random.default_rng(seed)
    rows = rng.integers(1, 5, (batch, num_rows, len(_FEATURES))).astype(np.int32)
    rows[:, present:] = 0
    return rows


def _encoder():
    keras.utils.set_random_seed(0)
    return entities.EntityEncoder(_FEATURES, width=8, num_blocks=2, num_heads=2, head_size=4,
                                  mlp_size=16)


def test_order_of_entities_means_nothing():
    encoder, rows = _encoder(), _rows()
    order = np.random.default_rng(1).permutation(rows.shape[1])
    embeddings, summary, mask = encoder(tf.constant(rows))
    permuted, permuted_summary, permuted_mask = encoder(tf.constant(rows[:, order]))
    np.testing.assert_allclose(permuted_summary, summary, atol=1e-5)
    np.testing.assert_array_equal(permuted_mask, mask.numpy()[:, order])
    present = permuted_mask.numpy()
    np.testing.assert_allclose(permuted.numpy()[present], embeddings.numpy()[:, order][present],
                               atol=1e-5)


def test_padding_changes_nothing():
    encoder, rows = _encoder(), _rows()
    embeddings, summary, mask = encoder(tf.constant(rows))
    np.testing.assert_array_equal(mask, [[True] * 4 + [False] * 2] * 2)
    short, short_summary, _ = encoder(tf.constant(rows[:, :4]))
    np.testing.assert_allclose(summary, short_summary, atol=1e-5)
    np.testing.assert_allclose(embeddings[:, :4], short, atol=1e-5)


def test_each_present_entity_matters():
    encoder, rows = _encoder(), _rows()
    summary = encoder(tf.constant(rows))[1].numpy()
    for row in range(4):
        changed = rows.copy()
        changed[:, row, 4] += 40
        assert np.abs(encoder(tf.constant(changed))[1] - summary).max() > 1e-5


@pytest.mark.parametrize("layer", ["entities", "list"])
def test_nothing_present_is_finite(layer):
    encoder = _encoder() if layer == "entities" else entities.ListEncoder(_FEATURES, 8)
    out = encoder(tf.zeros([2, 6, len(_FEATURES)], tf.int32))
    assert all(np.isfinite(part).all() for part in tf.nest.flatten(out))
    if layer == "list":
        np.testing.assert_array_equal(out, np.zeros((2, 8)))


def test_row_number_of_a_list_matters_and_padding_does_not():
    keras.utils.set_random_seed(0)
    encoder = entities.ListEncoder(_FEATURES, 8)
    rows = np.zeros((3, 4, len(_FEATURES)), np.int32)
    rows[0, 0] = rows[1, 2] = rows[2, 0] = [7, 1, 2, 3, 4]
    rows[2, 3, 1:] = 9  # the first feature is 0: not a row
    out = encoder(tf.constant(rows)).numpy()
    assert np.abs(out[0] - out[1]).max() > 1e-3
    np.testing.assert_array_equal(out[0], out[2])


def test_cells_span_the_map():
    # x is a number of extent 16, y a category of 8; the map is 4 high and 8 wide.
    rows = tf.constant([[[1, 1, 0, 0, 0], [1, 1, 15, 7, 0], [1, 1, 8, 3, 0], [1, 1, 16, 8, 0]]])
    cells = entities.cells_of(rows, _FEATURES, height=4, width=8)
    np.testing.assert_array_equal(cells[0], [[0, 0], [7, 3], [4, 1], [8, 4]])


def test_only_entities_with_both_coordinates_have_places():
    assert entities.has_places(_FEATURES)
    assert not entities.has_places(_FEATURES[:3])


def test_masked_mean_has_known_values():
    values = tf.constant([[[1.0], [3.0], [100.0]], [[1.0], [3.0], [100.0]]])
    mask = tf.constant([[True, True, False], [False, False, False]])
    np.testing.assert_allclose(entities.masked_mean(values, mask), [[2.0], [0.0]])
