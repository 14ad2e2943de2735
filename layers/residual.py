"""Residual blocks, pre-activation: x + f(x), close to the identity when they are new."""

import keras

# A block starts as (almost) the identity, so that depth does not slow the first updates.
# Source: AlphaStar Unplugged (2023), appendix on architecture: last layer of a block ~ N(0, 0.005).
LAST_LAYER_STDDEV = 0.005


class ResidualDense(keras.layers.Layer):
    """x + W2 relu(LN(W1 relu(LN(x)))) on vectors [..., D]; D stays."""

    def build(self, input_shape):
        size = input_shape[-1]
        self.norm_1 = keras.layers.LayerNormalization()
        self.dense_1 = keras.layers.Dense(size, kernel_initializer="he_normal")
        self.norm_2 = keras.layers.LayerNormalization()
        self.dense_2 = keras.layers.Dense(
            size, kernel_initializer=keras.initializers.RandomNormal(stddev=LAST_LAYER_STDDEV))

    def call(self, inputs):
        """float32 [..., D] -> float32 [..., D]."""
        hidden = self.dense_1(keras.ops.relu(self.norm_1(inputs)))
        return self.dense_2(keras.ops.relu(self.norm_2(hidden))) + inputs


class ResidualConv(keras.layers.Layer):
    """x + conv3x3(relu(conv3x3(relu(x)))) on maps [..., H, W, C]; the shape stays.

    Without norms, which AlphaStar's description of its spatial encoder does not mention: each would
    read and write the whole map several times more.
    """

    def build(self, input_shape):
        channels = input_shape[-1]
        self.conv_1 = keras.layers.Conv2D(
            channels, 3, padding="same", kernel_initializer="he_normal")
        self.conv_2 = keras.layers.Conv2D(
            channels, 3, padding="same",
            kernel_initializer=keras.initializers.RandomNormal(stddev=LAST_LAYER_STDDEV))

    def call(self, inputs):
        """float32 [B, H, W, C] -> float32 [B, H, W, C]."""
        hidden = self.conv_1(keras.ops.relu(inputs))
        return inputs + self.conv_2(keras.ops.relu(hidden))
