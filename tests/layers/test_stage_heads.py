"""The arguments of a stage: heads of places are asked for the steps alone that have a place."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from layers import pyramid, stage_heads

SIZES = pyramid.PyramidSizes(base_side=4, stem=3, widths=(4,), num_blocks=1, bottleneck=0, vector=5,
                             context_planes=2, up_widths=(4,), coordinate_gain=1.0)


@pytest.fixture(scope="module")
def head():
    keras.utils.set_random_seed(1)
    return pyramid.LocationHead(2, (8, 8), SIZES, gain=100.0)


def inputs(num_rows):
    rng = np.random.default_rng(2)

    def normal(*shape):
        return tf.Variable(rng.normal(size=(num_rows, *shape)), dtype=tf.float32)

    return pyramid.PyramidMap(normal(8, 8, 3), (normal(4, 4, 4),)), normal(6)


@pytest.mark.parametrize("num_rows", [11, 19])
@pytest.mark.parametrize("used", [
    [], [3], [0, 10], range(19)], ids=["none", "one", "two", "all"])
def test_used_rows_have_the_head_s_logits_and_gradients_and_others_none(head, used, num_rows):
    maps, context = inputs(num_rows)
    is_used = np.isin(np.arange(num_rows), list(used))
    variables = [maps.stem, *maps.skips, context]

    def answer(logits_of):
        with tf.GradientTape() as tape:
            logits = logits_of()
            total = tf.reduce_sum(tf.square(logits) * is_used[:, None, None])
        return logits.numpy(), [
            tf.convert_to_tensor(g).numpy() for g in tape.gradient(total, variables)]

    every, expected = answer(lambda: head(maps.stem, maps.skips[-1], context=context,
                                          skips=maps.skips))
    logits, found = answer(lambda: stage_heads.where_used(head, maps, context, is_used))
    np.testing.assert_allclose(logits, every * is_used[:, None, None], rtol=1e-4, atol=1e-5)
    assert np.abs(every).max() > 0.1 and (logits[~is_used] == 0).all()
    for gradient, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(gradient, wanted, rtol=1e-4, atol=1e-4)
        assert (gradient[~is_used] == 0).all()


@pytest.mark.parametrize("num_used, num_asked", [(0, 8), (1, 8), (8, 8), (9, 16), (20, 24)])
def test_rows_are_asked_for_in_few_different_numbers(num_used, num_asked):
    maps, context = inputs(30)
    asked = []

    def count(stem, skip, context, skips):
        del skip, context, skips
        asked.append(len(stem))
        return tf.zeros([len(stem), 1, 64])

    stage_heads.where_used(count, maps, context, np.arange(30) < num_used)
    assert asked == [num_asked]


def test_of_a_small_batch_every_row_is_asked_for():
    maps, context = inputs(3)
    asked = []
    logits = stage_heads.where_used(
        lambda stem, *_, **__: asked.append(stem.shape[0]) or tf.ones([3, 1, 64]),
        maps, context, np.array([True, False, True]))
    assert asked == [3]
    np.testing.assert_array_equal(logits[:, 0, 0], [1, 0, 1])
