"""Loss and quality of a value function."""

import tensorflow as tf

from losses import masking, shapes


def value_loss(values: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Half the squared distance of values from their targets.

        loss_t = 0.5 * (stop_gradient(G_t) - V_t)^2

    Args:
        values: float32 [T, B].
        targets: float32 [T, B], returns.

    Returns:
        float32 [T, B], differentiable w.r.t. `values` only.

    Raises:
        ValueError: when the shapes are not one shape [T, B].
    """
    values, targets = tf.convert_to_tensor(values), tf.convert_to_tensor(targets)
    shapes.require_time_batch(values=values, targets=targets)
    return 0.5 * tf.square(tf.stop_gradient(targets) - values)


def explained_variance(values: tf.Tensor, targets: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """The share of the returns' variance which the values predict.

        1 - Var(G - V) / Var(G)

    1 is perfect, 0 is no better than a constant, below 0 is worse than that. Returns without
    variance give 0: there is nothing to explain.

    Args:
        values: float32 [T, B].
        targets: float32 [T, B], returns.
        mask: bool [T, B], the steps that count.

    Returns:
        float32 scalar; no gradient.

    Raises:
        ValueError: when the shapes are not one shape [T, B].
    """
    values, targets = tf.convert_to_tensor(values), tf.convert_to_tensor(targets)
    shapes.require_time_batch(values=values, targets=targets)
    variance = _variance(targets, mask)
    explained = 1.0 - tf.math.divide_no_nan(_variance(targets - values, mask), variance)
    return tf.stop_gradient(tf.where(variance > 0.0, explained, 0.0))


def _variance(x: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    return masking.masked_mean(tf.square(x - masking.masked_mean(x, mask)), mask)
