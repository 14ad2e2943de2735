"""Map encoder and heads that point at places."""

import numpy as np
import pytest
import tensorflow as tf

from layers import spatial


def test_coordinates_run_from_minus_one_to_one():
    planes = spatial.coordinate_planes(3, 5)
    np.testing.assert_allclose(planes[1, :, 0], [-1.0, -0.5, 0.0, 0.5, 1.0])
    np.testing.assert_allclose(planes[:, 2, 1], [-1.0, 0.0, 1.0])


@pytest.mark.parametrize("size", [(16, 16), (5, 9), (40, 24)])
def test_map_keeps_its_size_and_carries_its_input(size):
    encoder = spatial.MapEncoder((4, 6), (3, 3), vector_size=7, bottleneck=2,
                                 coordinate_gain=2.0)
    planes = tf.random.normal([2, *size, 3], seed=0)
    encoded, vector = encoder(planes)
    assert encoded.shape == (2, *size, 6 + 3 + 2) and vector.shape == (2, 7)
    np.testing.assert_array_equal(encoded[..., 6:9], planes)
    np.testing.assert_allclose(encoded[0, ..., 9:], 2.0 * spatial.coordinate_planes(*size))


def test_place_head_is_a_1x1_convolution():
    head = spatial.PlaceHead(2, (3, 4), conditioned=False, gain=10.0)
    plane = np.random.default_rng(0).normal(size=(1, 3, 4, 5)).astype(np.float32)
    logits = head(tf.constant(plane), context=tf.zeros([1, 1])).numpy()
    query = head.query.numpy()
    for argument in range(2):
        for y in range(3):
            for x in range(4):
                expected = 10.0 * query[argument] @ plane[0, y, x]
                np.testing.assert_allclose(logits[0, argument, y * 4 + x], expected, atol=1e-5)


def test_conditioned_place_head_asks_another_question():
    head = spatial.PlaceHead(1, (3, 4), conditioned=True, gain=1.0)
    plane = tf.random.normal([2, 3, 4, 5], seed=1)
    context = tf.constant([[0.0, 0.0], [1.0, -2.0]])
    logits = head(plane, context=context).numpy()
    query = head.query.numpy() + context.numpy() @ head.project.kernel.numpy() / 2  # D = 2
    expected = np.einsum("bc,bhwc->bhw", query, plane).reshape(2, 1, 12)
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_place_head_resizes_to_another_plane():
    head = spatial.PlaceHead(2, (4, 8), conditioned=False, gain=1.0)
    plane = np.zeros((1, 2, 4, 1), np.float32)
    plane[0, 1, 3] = 1.0  # the lower right cell
    logits = head(tf.constant(plane), context=tf.zeros([1, 1])).numpy().reshape(2, 4, 8)
    signs = np.sign(head.query.numpy()[:, 0])
    for argument in range(2):
        peak = np.unravel_index(np.argmax(signs[argument] * logits[argument]), (4, 8))
        assert peak == (3, 7)
        assert signs[argument] * logits[argument][0, 0] == 0.0


def test_vector_place_head_is_a_sum_of_products():
    head = spatial.VectorPlaceHead(2, (3, 4), rank=2)
    context = tf.random.normal([1, 5], seed=0)
    logits = head(context).numpy().reshape(2, 3, 4)
    codes = head.codes(context).numpy().reshape(2, 2, 7)
    for argument in range(2):
        expected = sum(np.outer(codes[argument, r, :3], codes[argument, r, 3:]) for r in range(2))
        np.testing.assert_allclose(logits[argument], expected, atol=1e-5)
