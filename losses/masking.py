"""Which steps of a trajectory count, and means over those alone.

After the last observation of an episode the environment answers any action with the first
observation of the next episode. That step earned nothing and decided nothing: it is void.
"""

import tensorflow as tf

from environment import specs
from losses import shapes


def valid_steps(step_types: tf.Tensor) -> tf.Tensor:
    """Where the action was played, and not merely answered by a new episode.

        valid_t = step_type_{t+1} != FIRST

    Args:
        step_types: integers [T+1, B], values of `environment.specs.StepType`.

    Returns:
        bool [T, B].

    Raises:
        ValueError: when `step_types` is not of rank 2.
    """
    step_types = tf.convert_to_tensor(step_types)
    shapes.require_time_batch(step_types=step_types)
    first = tf.constant(specs.StepType.FIRST, step_types.dtype)
    return step_types[1:] != first  # [T, B]


def masked_mean(values: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """The mean of the values where the mask is True; 0 where it is True nowhere.

    A value outside the mask has no influence and gets no gradient, even when it is not a number.

    Args:
        values: float32 [T, B].
        mask: bool [T, B].

    Returns:
        float32 scalar, differentiable w.r.t. `values`.

    Raises:
        ValueError: when the shapes are not one shape [T, B].
    """
    values, mask = tf.convert_to_tensor(values), tf.convert_to_tensor(mask)
    shapes.require_time_batch(values=values, mask=mask)
    total = tf.reduce_sum(tf.where(mask, values, tf.zeros_like(values)))
    return total / tf.maximum(tf.reduce_sum(tf.cast(mask, values.dtype)), 1.0)


def normalize(values: tf.Tensor, mask: tf.Tensor, epsilon: float = 1e-5) -> tf.Tensor:
    """Shifts and scales values to mean 0 and standard deviation 1 over the mask.

        x -> (x - mean) / (std + epsilon) where the mask is True, else 0

    Args:
        values: float32 [T, B].
        mask: bool [T, B].
        epsilon: keeps values which are all equal at 0.

    Returns:
        float32 [T, B], 0 outside the mask.

    Raises:
        ValueError: when the shapes are not one shape [T, B].
    """
    values, mask = tf.convert_to_tensor(values), tf.convert_to_tensor(mask)
    centred = tf.where(mask, values - masked_mean(values, mask), tf.zeros_like(values))
    deviation = tf.sqrt(masked_mean(tf.square(centred), mask))
    return centred / (deviation + epsilon)
