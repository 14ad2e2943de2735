"""Encoders of vectors, of the time and of the order to build in."""

import keras
import numpy as np
import tensorflow as tf

from environment.specs import Feature
from layers import scalars


def test_time_has_known_waves():
    waves = scalars.TimeEncoder()(tf.constant([[0], [16]])).numpy()
    assert waves.shape == (2, 64)
    np.testing.assert_array_equal(waves[0], [0.0] * 32 + [1.0] * 32)
    # The shortest wave has a period of 2 pi * 16 game loops: sin(16 / 16), cos(16 / 16).
    np.testing.assert_allclose(waves[1, [0, 32]], [np.sin(1.0), np.cos(1.0)], rtol=1e-5)
    np.testing.assert_allclose(waves[1, 31], np.sin(16 / 10_000), rtol=1e-4)


def test_times_of_a_match_differ():
    loops = np.arange(0, 30_000, 100)[:, np.newaxis]
    waves = scalars.TimeEncoder()(tf.constant(loops)).numpy()
    distances = np.abs(waves[:, np.newaxis] - waves).max(axis=-1)
    assert distances[~np.eye(len(loops), dtype=bool)].min() > 0.01


def test_game_loop_alone_is_the_time():
    time = scalars.VectorEncoder((Feature("game_loop", scale=10_000.0),), 8, 4)
    assert isinstance(time.preprocess, scalars.TimeEncoder)
    assert time(tf.constant([[5], [9]])).shape == (2, 8)
    both = scalars.VectorEncoder((Feature("game_loop"), Feature("other")), 8, 4)
    assert not isinstance(both.preprocess, scalars.TimeEncoder)


def test_one_flag_among_many_is_heard():
    keras.utils.set_random_seed(0)
    narrow, wide = (scalars.VectorEncoder(
        tuple(Feature(f"flag_{i}", 2) for i in range(count)), 64, 4) for count in (4, 260))
    heard = []
    for encoder, count in ((narrow, 4), (wide, 260)):
        flag = np.zeros((1, count), np.uint8)
        flag[0, 1] = 1
        heard.append(np.abs(encoder(tf.constant(flag))).mean())
    assert heard[1] > 0.3 * heard[0]


def _order_encoder():
    keras.utils.set_random_seed(0)
    return scalars.OrderEncoder((Feature("unit_type", 300), Feature("position", 6),
                                 Feature("world_x", scale=200.0)), row_size=8, num_heads=2,
                                head_size=4, width=16)


def test_order_matters_and_absent_rows_do_not():
    encoder = _order_encoder()
    rows = np.zeros((3, 5, 3), np.int32)
    rows[0, :2] = [[7, 1, 50], [9, 2, 60]]
    rows[1, :2] = [[9, 1, 60], [7, 2, 50]]
    rows[2] = rows[0]
    rows[2, 3:, 1:] = 4  # the first feature is 0: not a row
    out = encoder(tf.constant(rows)).numpy()
    assert out.shape == (3, 16) and np.abs(out[0] - out[1]).max() > 1e-3
    np.testing.assert_allclose(out[2], out[0], atol=1e-6)


def test_no_order_is_finite():
    assert np.isfinite(_order_encoder()(tf.zeros([2, 5, 3], tf.int32))).all()
