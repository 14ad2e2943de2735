"""Maps that are halved, and places found on them again."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from layers import pyramid

_SIZES = pyramid.PyramidSizes(base_side=4, stem=3, widths=(4, 5), num_blocks=2, bottleneck=2,
                              vector=7, context_planes=2, up_widths=(6, 4), coordinate_gain=1.0)


def _encode(size, sizes=_SIZES, batch=2):
    encoder = pyramid.PyramidEncoder(sizes)
    return encoder(tf.random.normal([batch, *size, 3], seed=0))


@pytest.mark.parametrize(("size", "base"), [
    ((4, 4), (4, 4)), ((8, 8), (4, 4)), ((16, 12), (4, 3)), ((5, 9), (2, 3)), ((3, 2), (3, 2))])
@pytest.mark.parametrize("bottleneck", [0, 2])
def test_maps_are_halved_until_they_are_small(size, base, bottleneck):
    encoded, vector = _encode(size, _SIZES._replace(bottleneck=bottleneck))
    assert encoded.stem.shape == (2, *size, 3) and vector.shape == (2, 7)
    assert len(encoded.skips) == 2
    assert all(skip.shape[1:3] == base for skip in encoded.skips)


@pytest.mark.parametrize("size", [(4, 4), (8, 8), (16, 12), (5, 9)])
@pytest.mark.parametrize("plane", [None, 2, 4, (7, 6)])
@pytest.mark.parametrize("num_blocks", [0, 2])
def test_places_are_on_the_plane(size, plane, num_blocks):
    sizes = _SIZES._replace(num_blocks=num_blocks)
    if plane is None or isinstance(plane, int):
        plane = tuple(side * (plane or 1) for side in size)
    (stem, skips), _ = _encode(size, sizes)
    head = pyramid.LocationHead(3, plane, sizes, gain=1.0)
    context = tf.random.normal([2, 6], seed=1)
    logits = head(stem, skips[-1], context=context, skips=skips[-num_blocks:] if num_blocks else ())
    assert logits.shape == (2, 3, plane[0] * plane[1])
    assert 0.0 < np.abs(logits).max() < 1.0  # near uniform
    np.testing.assert_array_equal(  # one row knows nothing of another
        np.argmax(logits[:1], axis=-1),
        np.argmax(head(stem[:1], skips[-1][:1], context=context[:1], skips=tuple(
            s[:1] for s in skips[-num_blocks:]) if num_blocks else ()), axis=-1))


def test_embedding_of_the_base_s_size_is_a_map_already():
    head = pyramid.LocationHead(1, (8, 8), _SIZES, gain=2.0)
    (stem, skips), _ = _encode((8, 8))
    head(stem, skips[-1], context=tf.zeros([2, 4 * 4 * 2]), skips=skips)
    assert head.unfold is None


def test_sub_cells_lie_where_they_belong():
    sizes = _SIZES._replace(num_blocks=0)
    head = pyramid.LocationHead(1, (4, 6), sizes, gain=2.0)
    cells = np.zeros((1, 2, 3, 1), np.float32)
    cells[0, 1, 2] = 1.0
    head.build((None, 2, 3, 0), (None, 2, 3, 1), (None, 2))
    assert head._zoom == 2 and head._channels == 1
    head.query.build((None, 2))
    head.query.set_weights([np.zeros((2, 4)), np.array([1.0, 2.0, 3.0, 4.0])])
    logits = head._ask(tf.constant(cells), tf.zeros([1, 2])).numpy().reshape(4, 6)
    expected = np.zeros((4, 6))
    expected[2:, 4:] = [[2.0, 4.0], [6.0, 8.0]]  # twice as much: the gain
    np.testing.assert_array_equal(logits, expected)


def test_gated_block_obeys_its_equation():
    keras.utils.set_random_seed(0)
    block = pyramid.GatedResidualConv()
    maps = tf.random.normal([1, 3, 3, 2], seed=2)
    context = tf.constant([[1.0]])
    block(maps, context=context)
    # Scale -1 and offset 0 close the block; then x stays as it is.
    block.steer.set_weights([np.array([[-1.0, -1.0, 0.0, 0.0, 9.0, 9.0]]), np.zeros(6)])
    np.testing.assert_allclose(block(maps, context=context), maps, atol=1e-6)
    # Scale 0, offset 0, gate sigmoid(0) = 1/2.
    block.steer.set_weights([np.zeros((1, 6)), np.zeros(6)])
    inner = block.conv_2(tf.nn.relu(block.conv_1(tf.nn.relu(maps))))
    np.testing.assert_allclose(block(maps, context=context), maps + 0.5 * inner, atol=1e-6)


def test_skips_are_read_in_reverse():
    head = pyramid.LocationHead(1, (8, 8), _SIZES, gain=1.0)
    (stem, skips), _ = _encode((8, 8))
    seen = []
    head(stem, skips[-1], context=tf.zeros([2, 6]), skips=skips)
    for block in head.blocks:  # each is the identity, and tells what it was given
        block.call = lambda inputs, context: seen.append(inputs) or inputs
    head(stem, skips[-1], context=tf.zeros([2, 6]), skips=skips)
    np.testing.assert_allclose(seen[1] - seen[0], skips[0], atol=1e-5)


def test_location_head_learns_to_click_where_the_context_says():
    keras.utils.set_random_seed(0)
    (stem, skips), _ = _encode((8, 8), batch=4)
    head = pyramid.LocationHead(1, (8, 8), _SIZES, gain=2.0)
    context = tf.constant(np.eye(4, dtype=np.float32))
    places = tf.constant([0, 17, 42, 63])
    optimizer = keras.optimizers.Adam(1e-2)

    @tf.function
    def learn():
        with tf.GradientTape() as tape:
            logits = head(stem[:1] + tf.zeros([4, 1, 1, 1]), skips[-1][:1] + tf.zeros([4, 1, 1, 1]),
                          context=context, skips=[s[:1] + tf.zeros([4, 1, 1, 1]) for s in skips])
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(
                places, logits[:, 0]))
        variables = head.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    first = learn()
    for _ in range(150):
        last = learn()
    assert first > 3.5 and last < 0.05
