"""Sets: entities that stand somewhere, and short lists whose order means something."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from environment import specs
from layers import attention, preprocessing


def exists(rows):
    """Which rows are real: [..., N, F] -> bool [..., N] (the first feature of those is not 0)."""
    return tf.not_equal(rows[..., 0], 0)


def masked_mean(values, mask):
    """Mean over the rows of a mask, zero when there are none.

    Args:
        values: float32 [B, N, D].
        mask: bool [B, N].

    Returns:
        float32 [B, D].
    """
    weights = tf.cast(mask, tf.float32)
    count = tf.maximum(tf.reduce_sum(weights, axis=1, keepdims=True), 1.0)
    weights = (weights / count)[:, tf.newaxis, :]
    return tf.squeeze(tf.matmul(weights, values), axis=1)


def has_places(features: Sequence[specs.Feature]) -> bool:
    """Whether entities stand on a map: they have the features `x` and `y`."""
    return {"x", "y"} <= {feature.name for feature in features}


def cells_of(rows, features: Sequence[specs.Feature], height: int, width: int):
    """The cell of a map on which each entity stands.

    The extent of a coordinate is the number of its categories, or the scale of the number: what
    spans [0, extent) there spans the whole map here.

    Args:
        rows: [B, N, F].
        features: with `x` and `y` among them.
        height: H of the map.
        width: W of the map.

    Returns:
        int32 [B, N, 2], (x, y); may lie outside of the map when the entity does.
    """
    names = [feature.name for feature in features]
    columns = [names.index("x"), names.index("y")]
    extents = np.array([features[i].num_categories or features[i].scale for i in columns])
    xy = tf.cast(tf.gather(rows, columns, axis=-1), tf.float32)
    to_cells = (np.array([width, height]) / extents).astype(np.float32)
    return tf.cast(tf.floor(xy * to_cells), tf.int32)


class EntityEncoder(keras.layers.Layer):
    """Every entity in the light of all others: a transformer over the rows that exist.

    The order of the rows means nothing, and rows of padding change nothing.

    Source: AlphaStar (Nature 2019), supplementary architecture description, entity encoder.
    """

    def __init__(self, features: Sequence[specs.Feature], width: int, num_blocks: int,
                 num_heads: int, head_size: int, mlp_size: int, embedding_size: int = 8):
        super().__init__()
        self.preprocess = preprocessing.FeatureEncoder(features, embedding_size=embedding_size)
        self.embed = keras.layers.Dense(width, activation="relu", kernel_initializer="he_normal")
        self.blocks = [attention.TransformerBlock(num_heads, head_size, mlp_size)
                       for _ in range(num_blocks)]
        self.summarize = keras.layers.Dense(
            width, activation="relu", kernel_initializer="he_normal")

    def call(self, rows):
        """Args:
            rows: [B, N, F].

        Returns:
            entities float32 [B, N, width] (>= 0), their summary float32 [B, width], and the mask
            bool [B, N] of rows that exist.
        """
        mask = exists(rows)
        hidden = self.embed(self.preprocess(rows))
        for block in self.blocks:
            hidden = block(hidden, present=mask)
        return tf.nn.relu(hidden), self.summarize(masked_mean(hidden, mask)), mask


class ListEncoder(keras.layers.Layer):
    """Short lists in which the row number means something (a control group, a queue).

    mean over existing rows of relu(W features + e_row)
    """

    def __init__(self, features: Sequence[specs.Feature], width: int):
        super().__init__()
        self.preprocess = preprocessing.FeatureEncoder(features)
        self.embed = keras.layers.Dense(width, kernel_initializer="he_normal")
        self._width = width

    def build(self, rows_shape):
        self.row_codes = self.add_weight(
            shape=(rows_shape[1], self._width), name="row_codes",
            initializer=keras.initializers.RandomNormal(stddev=0.1))

    def call(self, rows):
        """[B, N, F] -> float32 [B, width]."""
        hidden = tf.nn.relu(self.embed(self.preprocess(rows)) + self.row_codes)
        return masked_mean(hidden, exists(rows))
