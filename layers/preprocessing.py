"""Turns raw observation values into what a dense layer or a convolution can read."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from environment import specs


class FeatureEncoder(keras.layers.Layer):
    """Encodes the last axis of an array as its `Feature` descriptors say.

    - A category with at most `one_hot_limit` values becomes a one-hot code without a column for
      value 0: an absent thing (empty pixel, padding row) is all zeros, and nothing is lost because
      the next layer has a bias. A flag is therefore one column.
    - A category with more values is looked up in a trained table.
    - A number becomes `x / scale`, or `log(1 + x) / scale`.

    All features are encoded together in a handful of operations, not one by one: on a CPU each
    operation costs more than the arithmetic inside it.

    Attributes:
        output_size: number of values that each [F] becomes.
    """

    def __init__(self, features: Sequence[specs.Feature], gain: float = 1.0,
                 one_hot_limit: int = 32, embedding_size: int = 8):
        """Args:
            features: one descriptor for each element of the last axis.
            gain: every one-hot value and number is multiplied by this.
            one_hot_limit: categories with more values than this are embedded.
            embedding_size: columns of one embedded category.

        Raises:
            ValueError: there is no feature to encode.
        """
        super().__init__()
        if not features:
            raise ValueError("FeatureEncoder needs at least one feature, got none.")
        self._gain = gain
        self._embedding_size = embedding_size
        columns = {"one_hot": [], "number": [], "embedded": []}
        for index, feature in enumerate(features):
            if not feature.num_categories:
                columns["number"].append(index)
            elif feature.num_categories <= one_hot_limit:
                columns["one_hot"].append(index)
            else:
                columns["embedded"].append(index)
        one_hot = [(i, value) for i in columns["one_hot"]
                   for value in range(1, features[i].num_categories)]
        self._selector = np.zeros((len(features), len(one_hot)), np.float32)
        for column, (index, _) in enumerate(one_hot):
            self._selector[index, column] = 1.0
        self._values = np.array([value for _, value in one_hot], np.float32)
        self._numbers = np.array(columns["number"], np.int32)
        numbers = [features[i] for i in columns["number"]]
        self._factors = np.array([gain / f.scale for f in numbers], np.float32)
        self._is_log = np.array([f.log for f in numbers], bool)
        self._embedded = np.array(columns["embedded"], np.int32)
        counts = [features[i].num_categories for i in columns["embedded"]]
        self._offsets = np.cumsum([0, *counts[:-1]]).astype(np.int32)
        self._table_rows = sum(counts)
        self.output_size = len(one_hot) + len(numbers) + embedding_size * len(counts)

    def build(self, input_shape):
        del input_shape
        if self._table_rows:
            self.table = self.add_weight(
                shape=(self._table_rows, self._embedding_size), name="table",
                initializer=keras.initializers.RandomNormal(stddev=self._gain / 3.0))

    def call(self, inputs):
        """Args:
            inputs: [..., F], any number type.

        Returns:
            float32 [..., output_size].
        """
        leading = tf.shape(inputs)[:-1]
        parts = []
        if self._values.size or self._numbers.size:
            numbers = tf.cast(inputs, tf.float32)
        if self._values.size:
            # A product with a 0/1 matrix copies columns; tf.gather on the last axis is 2x slower.
            copies = tf.linalg.matmul(numbers, self._selector)
            parts.append(tf.cast(tf.equal(copies, self._values), tf.float32) * self._gain)
        if self._numbers.size:
            parts.append(self._encode_numbers(tf.gather(numbers, self._numbers, axis=-1)))
        if self._embedded.size:
            rows = tf.cast(tf.gather(inputs, self._embedded, axis=-1), tf.int32) + self._offsets
            codes = tf.gather(self.table, rows)  # [..., num_embedded, embedding_size]
            width = self._embedded.size * self._embedding_size
            parts.append(tf.reshape(codes, tf.concat([leading, [width]], axis=0)))
        encoded = parts[0] if len(parts) == 1 else tf.concat(parts, axis=-1)
        return tf.ensure_shape(encoded, [*inputs.shape[:-1], self.output_size])

    def _encode_numbers(self, numbers):
        if self._is_log.any():
            logs = tf.math.log1p(tf.maximum(numbers, 0.0))
            numbers = logs if self._is_log.all() else tf.where(self._is_log, logs, numbers)
        return numbers * self._factors
