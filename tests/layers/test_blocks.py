"""Residual, gating, attention, scatter: known values and what must not matter."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from layers import attention, gating, residual, scatter


def test_attention_of_three_points_has_known_values():
    # Identity projections, one head of size 2. Row 0 looks at rows 0 and 2 with weight w and at
    # row 1 with v: logits (1, 0, 1) / sqrt(2), so w = e^.7071 / (2 e^.7071 + 1) = .40111 and
    # v = .19777; the result is (w + w, v + w) = (.80222, .59889). Row 2: logits (1, 1, 2) / 1.41.
    points = tf.constant([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    expected = [[0.80222, 0.59889], [0.59889, 0.80222], [0.75174, 0.75174]]
    np.testing.assert_allclose(attention.attend(points, points, points), expected, atol=1e-5)


def test_masked_rows_are_never_looked_at():
    rng = np.random.default_rng(0)
    queries, keys, values = (tf.constant(rng.normal(size=(5, 4)), tf.float32) for _ in range(3))
    mask = tf.constant([True, True, False, True, False])
    seen = attention.attend(queries, keys, values, mask)
    kept = np.flatnonzero(mask)
    alone = attention.attend(queries, tf.gather(keys, kept), tf.gather(values, kept))
    np.testing.assert_allclose(seen, alone, atol=1e-6)


def test_transformer_is_permutation_equivariant_and_blind_to_padding():
    keras.utils.set_random_seed(0)
    block = attention.TransformerBlock(num_heads=2, head_size=4, mlp_size=16)
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2, 6, 8)).astype(np.float32)
    present = np.array([[True] * 4 + [False] * 2] * 2)
    out = block(tf.constant(rows), present=tf.constant(present)).numpy()
    order = rng.permutation(6)
    permuted = block(tf.constant(rows[:, order]), present=tf.constant(present[:, order])).numpy()
    np.testing.assert_allclose(permuted[present[:, order]], out[:, order][present[:, order]],
                               atol=1e-5)
    rows[:, 4:] = 100.0
    other_padding = block(tf.constant(rows), present=tf.constant(present)).numpy()
    np.testing.assert_allclose(other_padding[:, :4], out[:, :4], atol=1e-5)


def test_multi_head_attention_equals_plain_loops():
    keras.utils.set_random_seed(1)
    layer = attention.MultiHeadSelfAttention(num_heads=2, head_size=3)
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(1, 4, 5)).astype(np.float32)
    present = np.array([[True, False, True, True]])
    out = layer(tf.constant(rows), present=tf.constant(present)).numpy()[0]

    projected = rows[0] @ layer.project.kernel.numpy()  # [N, 3 * heads * size]
    joined = np.zeros((4, 6))
    for head in range(2):
        query, key, value = (projected[:, 6 * part + 3 * head:][:, :3] for part in range(3))
        for i in range(4):
            weights = np.array([np.exp(query[i] @ key[j] / 3 ** 0.5) * present[0, j]
                                for j in range(4)])
            joined[i, 3 * head:3 * head + 3] = weights @ value / weights.sum()
    expected = joined @ layer.merge.kernel.numpy() + layer.merge.bias.numpy()
    np.testing.assert_allclose(out, expected, atol=1e-5)


def test_glu_has_known_values():
    layer = gating.GatedLinearUnit(1)
    layer(tf.zeros([1, 2]), context=tf.zeros([1, 1]))
    # Gates sigmoid(0 * 1) = .5 and sigmoid(log 3) = .75; W sums: .5 * 4 + .75 * 2 = 3.5.
    layer.gate.set_weights([np.array([[0.0, np.log(3.0)]]), np.zeros(2)])
    layer.output_layer.set_weights([np.ones((2, 1)), np.zeros(1)])
    out = layer(tf.constant([[4.0, 2.0]]), context=tf.constant([[1.0]]))
    np.testing.assert_allclose(out, [[3.5]], rtol=1e-6)


@pytest.mark.parametrize(("block", "shape"), [
    (residual.ResidualDense, (3, 8)), (residual.ResidualConv, (2, 5, 4, 8))])
def test_residual_blocks_start_near_the_identity(block, shape):
    keras.utils.set_random_seed(0)
    values = tf.random.normal(shape, seed=1)
    out = block()(values)
    assert out.shape == shape
    difference = np.abs(out - values)
    assert 0.0 < difference.max() < 0.3


def test_scatter_sums_where_entities_stand():
    embeddings = tf.constant([[[1.0, 10.0], [2.0, 20.0], [4.0, 40.0], [8.0, 80.0]],
                              [[5.0, 50.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]])
    cells = tf.constant([[[2, 0], [0, 1], [2, 0], [1, 1]], [[1, 0], [0, 0], [0, 0], [0, 0]]])
    mask = tf.constant([[True, True, True, False], [True, False, False, False]])
    plane = scatter.scatter(embeddings, cells, mask, height=2, width=3).numpy()
    expected = np.zeros((2, 2, 3, 2))
    expected[0, 0, 2] = [5.0, 50.0]  # two entities on x = 2, y = 0
    expected[0, 1, 0] = [2.0, 20.0]
    expected[1, 0, 1] = [5.0, 50.0]
    np.testing.assert_allclose(plane, expected)


def test_scatter_moves_outsiders_to_the_border():
    cells = tf.constant([[[-4, 7], [99, 0]]])
    plane = scatter.scatter(tf.ones([1, 2, 1]), cells, tf.constant([[True, True]]), 2, 3)
    np.testing.assert_allclose(plane[0, :, :, 0], [[0, 0, 1], [1, 0, 0]])


def test_scatter_gradient_is_one_for_entities_and_zero_for_padding():
    embeddings = tf.ones([1, 3, 1])
    with tf.GradientTape() as tape:
        tape.watch(embeddings)
        plane = scatter.scatter(embeddings, tf.zeros([1, 3, 2], tf.int32),
                                tf.constant([[True, False, True]]), 2, 2)
        loss = tf.reduce_sum(plane)
    np.testing.assert_allclose(tape.gradient(loss, embeddings)[0, :, 0], [1, 0, 1])
