"""Scalars: vectors of numbers, categories and flags, the time, and the order to build in.

Source: AlphaStar (Nature 2019), supplementary architecture description, scalar encoder.
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from environment import specs
from layers import attention, entities, preprocessing

GAME_LOOP = "game_loop"
"""A feature of this name is the time."""

# Periods from 4 seconds to 40 minutes (2 pi times as many game loops, 22.4 of them a second).
_SHORTEST_GAME_LOOPS, _LONGEST_GAME_LOOPS = 16.0, 10_000.0
_NUM_WAVES = 32
# Vectors this wide are mostly zeros: flags, and counts of all types there are.
_SPARSE_SIZE = 64
_SPARSE_STDDEV = 0.3
_COUNT_GAIN = 3.0


class TimeEncoder(keras.layers.Layer):
    """Game loops [..., 1] as sines and cosines of periods in a geometric row: float32 [..., 64].

    Source: Vaswani et al. (2017), section 3.5; which periods is our choice.
    """

    def call(self, game_loops):
        frequencies = 1.0 / np.geomspace(
            _SHORTEST_GAME_LOOPS, _LONGEST_GAME_LOOPS, _NUM_WAVES).astype(np.float32)
        phases = tf.cast(game_loops, tf.float32) * frequencies
        return tf.concat([tf.sin(phases), tf.cos(phases)], axis=-1)


class VectorEncoder(keras.layers.Layer):
    """relu(W features) of one vector.

    A wide vector has few values that are not zero, so its weights start as large as those of a
    table of codes; initialized by its width it would be heard of only after thousands of updates.
    """

    def __init__(self, features: Sequence[specs.Feature], width: int, embedding_size: int):
        """Args:
            features: one for each element; a single one called `game_loop` is the time.
            width: size of the output.
            embedding_size: columns of one category of many values.
        """
        super().__init__()
        if [feature.name for feature in features] == [GAME_LOOP]:
            self.preprocess = TimeEncoder()
            is_sparse = False
        else:
            is_sparse = len(features) >= _SPARSE_SIZE
            self.preprocess = preprocessing.FeatureEncoder(
                features, gain=_COUNT_GAIN if is_sparse else 1.0, embedding_size=embedding_size)
        self.dense = keras.layers.Dense(width, activation="relu", kernel_initializer=(
            keras.initializers.RandomNormal(stddev=_SPARSE_STDDEV / _COUNT_GAIN) if is_sparse
            else "he_normal"))

    def call(self, vector):
        """[B, F] -> float32 [B, width]."""
        return self.dense(self.preprocess(vector))


class OrderEncoder(keras.layers.Layer):
    """A list whose order is what matters: a transformer over its rows, then all of them at once.

    Its rows must say which position is theirs. Rows that do not exist are zero.
    """

    def __init__(self, features: Sequence[specs.Feature], row_size: int, num_heads: int,
                 head_size: int, width: int):
        """Args:
            features: one for each column.
            row_size: width of a row and of the transformer's inner layer.
            num_heads: of the transformer.
            head_size: of queries, keys and values.
            width: size of the output.
        """
        super().__init__()
        self.preprocess = preprocessing.FeatureEncoder(features, embedding_size=row_size // 2)
        self.embed = keras.layers.Dense(
            row_size, activation="relu", kernel_initializer="he_normal")
        self.block = attention.TransformerBlock(num_heads, head_size, row_size)
        self.dense = keras.layers.Dense(width, activation="relu", kernel_initializer="he_normal")

    def call(self, rows):
        """[B, N, F] -> float32 [B, width]."""
        present = entities.exists(rows)
        hidden = self.block(self.embed(self.preprocess(rows)), present=present)
        hidden = tf.nn.relu(hidden) * tf.cast(present, tf.float32)[:, :, tf.newaxis]
        return self.dense(tf.reshape(hidden, [-1, hidden.shape[1] * hidden.shape[2]]))
