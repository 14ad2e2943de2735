"""The gated linear unit of AlphaStar: a context decides which inputs pass."""

import keras


class GatedLinearUnit(keras.layers.Layer):
    """GLU(x, c) = W (sigmoid(U c) * x).

    U maps the context to one gate for each element of x; W maps to `units` outputs.

    Source: AlphaStar (Nature 2019), supplementary architecture description, action type head.
    """

    def __init__(self, units: int, kernel_initializer="glorot_uniform"):
        """Args:
            units: size of the output.
            kernel_initializer: of W; a small one makes a policy start near uniform.
        """
        super().__init__()
        self._units = units
        self._kernel_initializer = kernel_initializer

    def build(self, inputs_shape, context_shape):
        del context_shape
        self.gate = keras.layers.Dense(inputs_shape[-1], activation="sigmoid")
        self.output_layer = keras.layers.Dense(
            self._units, kernel_initializer=self._kernel_initializer)

    def call(self, inputs, context):
        """Args:
            inputs: float32 [B, D].
            context: float32 [B, K].

        Returns:
            float32 [B, units].
        """
        return self.output_layer(self.gate(context) * inputs)
