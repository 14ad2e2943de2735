"""Features become numbers as their descriptors say."""

import numpy as np
import pytest
import tensorflow as tf

from environment.specs import Feature
from layers import preprocessing


def test_categories_flags_numbers_and_logs_have_known_values():
    encoder = preprocessing.FeatureEncoder((
        Feature("alliance", 3), Feature("health", scale=50.0), Feature("flag", 2),
        Feature("minerals", log=True, scale=2.0)))
    rows = tf.constant([[0, 0, 0, 0], [1, 50, 1, 0], [2, 25, 0, 7]], tf.int32)
    # Columns: alliance is 1, alliance is 2, flag, health / 50, log(1 + minerals) / 2.
    expected = [[0, 0, 0, 0, 0], [1, 0, 1, 1, 0], [0, 1, 0, 0.5, np.log(8.0) / 2.0]]
    assert encoder.output_size == 5
    np.testing.assert_allclose(encoder(rows), expected, rtol=1e-6)


def test_gain_multiplies_everything():
    features = (Feature("alliance", 3), Feature("health", scale=50.0))
    rows = tf.constant([[2, 25]], tf.uint8)
    np.testing.assert_allclose(preprocessing.FeatureEncoder(features, gain=3.0)(rows),
                               3.0 * preprocessing.FeatureEncoder(features)(rows).numpy())


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32"])
def test_any_number_type_gives_the_same(dtype):
    features = (Feature("a", 5), Feature("b", scale=9.0), Feature("c", 100))
    encoder = preprocessing.FeatureEncoder(features)
    values = np.random.default_rng(0).integers(0, 5, (2, 7, 3))
    reference = encoder(tf.constant(values, tf.int32))
    np.testing.assert_array_equal(encoder(tf.constant(values.astype(dtype))), reference)
    assert reference.shape == (2, 7, 4 + 1 + 8)


def test_embedded_features_have_tables_of_their_own():
    encoder = preprocessing.FeatureEncoder((Feature("a", 50), Feature("b", 40)),
                                           embedding_size=2, one_hot_limit=32)
    codes = encoder(tf.constant([[49, 0], [0, 39]])).numpy()
    table = encoder.table.numpy()
    assert table.shape == (90, 2)
    np.testing.assert_array_equal(codes[0], np.concatenate([table[49], table[50]]))
    np.testing.assert_array_equal(codes[1], np.concatenate([table[0], table[89]]))


def test_no_feature_is_refused():
    with pytest.raises(ValueError, match="at least one feature"):
        preprocessing.FeatureEncoder(())
