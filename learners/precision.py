"""Products in 16 bits on a GPU, and the scale that keeps their gradients from vanishing."""

import logging
from collections.abc import Mapping

import keras
import tensorflow as tf

_START = 2.0 ** 15
_GROWTH_INTERVAL_UPDATES = 2000
SKIPPED = "mixed_precision/skipped"


def enable(wanted: bool) -> bool:
    """Lets TensorFlow compute in 16 bits what loses nothing by it, in the whole process.

    Args:
        wanted: False changes nothing.

    Returns:
        Whether it is done: not without a GPU, where it would be slower.
    """
    if not wanted:
        return False
    if not tf.config.list_logical_devices("GPU"):
        logging.getLogger(__name__).warning("Mixed precision is left off: there is no GPU.")
        return False
    tf.config.optimizer.set_experimental_options({"auto_mixed_precision": True})
    return True


class LossScale:
    """A factor of the loss: halved when a gradient overflows, doubled after a long time without.

    float16 holds nothing below 6e-8, so small gradients would be 0. An update whose gradient
    overflows is left out. Without mixed precision the factor is 1 and stays so.

    Source: Micikevicius et al. 2018 (arXiv:1710.03740), section 3.2.

    Attributes:
        variables: to be saved; none where the factor is constant.
    """

    def __init__(self, is_dynamic: bool):
        self.is_dynamic = is_dynamic
        self.variables: list[keras.Variable] = []
        if is_dynamic:
            self.variables = [
                keras.Variable(_START, dtype="float32", trainable=False, name="loss_scale"),
                keras.Variable(0, dtype="int32", trainable=False, name="updates_since_overflow")]
            self._scale, self._num_good = (variable.value for variable in self.variables)

    @property
    def value(self) -> tf.Tensor | float:
        """The factor of the loss, by which gradients are divided."""
        return tf.convert_to_tensor(self._scale) if self.is_dynamic else 1.0

    def update(self, finite: tf.Tensor, iterations: tf.Variable) -> None:
        """Adapts the factor; an update that is left out is counted all the same.

        Args:
            finite: bool scalar, whether the gradient was.
            iterations: of the optimizer, which go with the batches.
        """
        if not self.is_dynamic:
            return
        skipped = ~finite & (self._scale > 1.0)
        iterations.assign_add(tf.cast(skipped, iterations.dtype))
        num_good = tf.where(finite, self._num_good + 1, 0)
        grows = num_good >= _GROWTH_INTERVAL_UPDATES
        scale = tf.where(finite, tf.where(grows, 2.0 * self._scale, self._scale),
                         tf.maximum(0.5 * self._scale, 1.0))
        self._skipped = tf.cast(skipped, tf.float32)
        self._scale.assign(scale)
        self._num_good.assign(tf.where(grows, 0, num_good))

    def scalars(self) -> dict[str, tf.Tensor]:
        """What to tell, within the graph of `update`."""
        if not self.is_dynamic:
            return {}
        return {"mixed_precision/loss_scale": self.value, SKIPPED: self._skipped}

    @staticmethod
    def forgives(scalars: Mapping[str, float]) -> bool:
        """Whether a gradient that is not finite only tells of too large a factor."""
        return bool(scalars.get(SKIPPED, 0.0))
