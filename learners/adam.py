"""Adam with one operation a weight, on one device or mirrored on several.

    m <- b1 m + (1 - b1) g        v <- b2 v + (1 - b2) g^2
    w <- w - rate * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + epsilon)

Kingma and Ba 2015 (arXiv:1412.6980), section 2, the form at its end. Keras has the same rule out of
some fifteen operations for every weight, which costs more than the arithmetic where networks have
many small ones.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf


class Adam:
    """Moves weights against their gradients.

    Attributes:
        iterations: int64 variable, updates made; what t is taken from.
        variables: all that must be saved: `iterations`, then m of every weight, then v.
    """

    def __init__(self, weights: Sequence[Any], beta1: float, beta2: float, epsilon: float):
        """Args:
            weights: float32 variables. Mirrored ones when this is made within the scope of a
                `tf.distribute.MirroredStrategy`.
            beta1: of the mean.
            beta2: of the mean square.
            epsilon: added to the root.
        """
        self._weights = [value_of(weight) for weight in weights]
        self._beta1, self._beta2, self._epsilon = beta1, beta2, epsilon
        # Keras's variables, for TensorFlow's mirrored ones are no NumPy arrays to who saves them.
        self.iterations = keras.Variable(0, dtype="int64", trainable=False, name="iterations")
        self._means, self._squares = (
            [keras.Variable(np.zeros(weight.shape, np.float32), trainable=False)
             for weight in self._weights] for _ in range(2))

    @property
    def variables(self) -> list[keras.Variable]:
        return [self.iterations, *self._means, *self._squares]

    def apply(self, gradients: Sequence[tf.Tensor], learning_rate: tf.Tensor) -> None:
        """Makes one update, of every copy of the weights.

        Args:
            gradients: float32, in the order of the weights.
            learning_rate: float32 scalar.
        """
        extended = tf.distribute.get_strategy().extended
        step = tf.cast(value_of(self.iterations) + 1, tf.float32)
        powers = (tf.pow(self._beta1, step), tf.pow(self._beta2, step))
        for weight, mean, square, gradient in zip(
                self._weights, self._means, self._squares, gradients, strict=True):
            arguments = (value_of(mean), value_of(square), gradient, learning_rate, *powers)
            extended.update(weight, self._update_one, args=arguments, group=False)
        value_of(self.iterations).assign_add(1)

    def _update_one(self, weight, mean, square, gradient, learning_rate, beta1_power, beta2_power):
        tf.raw_ops.ResourceApplyAdam(
            var=weight.handle, m=mean.handle, v=square.handle, beta1_power=beta1_power,
            beta2_power=beta2_power, lr=learning_rate, beta1=self._beta1, beta2=self._beta2,
            epsilon=self._epsilon, grad=gradient)


def value_of(variable: Any) -> Any:
    """TensorFlow's variable in one of Keras; any other as it is."""
    return variable.value if isinstance(variable, keras.Variable) else variable
