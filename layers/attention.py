"""Masked multi-head self-attention and the transformer block built on it."""

import keras
import tensorflow as tf

# Large enough for a weight of exactly 0, small enough for 16 bits on a GPU.
_NEVER = -3e4


def attend(queries, keys, values, mask=None):
    """softmax(Q K^T / sqrt(d)) V, looking only at rows where `mask` is True.

    Args:
        queries: float32 [..., N, d].
        keys: float32 [..., M, d].
        values: float32 [..., M, v].
        mask: bool, broadcast to [..., N, M]; None looks everywhere. Where a query may look
            nowhere it looks everywhere equally: mask such rows afterwards.

    Returns:
        float32 [..., N, v].
    """
    logits = tf.matmul(queries, keys, transpose_b=True) * keys.shape[-1] ** -0.5
    if mask is not None:
        logits += tf.where(mask, 0.0, _NEVER)
    return tf.matmul(tf.nn.softmax(logits), values)


class MultiHeadSelfAttention(keras.layers.Layer):
    """Rows of a set look at each other; queries, keys and values come from one product."""

    def __init__(self, num_heads: int, head_size: int):
        super().__init__()
        self._num_heads = num_heads
        self._head_size = head_size

    def build(self, inputs_shape):
        width = self._num_heads * self._head_size
        self.project = keras.layers.Dense(3 * width, use_bias=False)
        self.merge = keras.layers.Dense(inputs_shape[-1])

    def call(self, inputs, present):
        """Args:
            inputs: float32 [B, N, D].
            present: bool [B, N], True for rows that exist; others are never looked at.

        Returns:
            float32 [B, N, D].
        """
        length = inputs.shape[1]
        projected = tf.reshape(
            self.project(inputs), [-1, length, 3, self._num_heads, self._head_size])
        queries, keys, values = tf.unstack(
            tf.transpose(projected, [2, 0, 3, 1, 4]), num=3)  # each [B, heads, N, head_size]
        seen = attend(queries, keys, values, present[:, tf.newaxis, tf.newaxis, :])
        seen = tf.transpose(seen, [0, 2, 1, 3])  # [B, N, heads, head_size]
        return self.merge(tf.reshape(seen, [-1, length, self._num_heads * self._head_size]))


class TransformerBlock(keras.layers.Layer):
    """x + MHA(LN(x)), then x + MLP(LN(x)): pre-activation, so that it learns without warm-up.

    The published description leaves the place of the layer norm open; post-norm (DI-star) needs a
    warm-up of the learning rate, which a run of two minutes cannot afford.
    """

    def __init__(self, num_heads: int, head_size: int, mlp_size: int):
        super().__init__()
        self.attention = MultiHeadSelfAttention(num_heads, head_size)
        self._mlp_size = mlp_size

    def build(self, inputs_shape):
        self.norm_1 = keras.layers.LayerNormalization()
        self.norm_2 = keras.layers.LayerNormalization()
        self.expand = keras.layers.Dense(
            self._mlp_size, activation="relu", kernel_initializer="he_normal")
        self.contract = keras.layers.Dense(inputs_shape[-1])

    def call(self, inputs, present):
        """Args:
            inputs: float32 [B, N, D].
            present: bool [B, N], True for rows that exist.

        Returns:
            float32 [B, N, D]; what stands in rows that do not exist means nothing.
        """
        inputs = inputs + self.attention(self.norm_1(inputs), present=present)
        return inputs + self.contract(self.expand(self.norm_2(inputs)))
