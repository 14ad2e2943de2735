"""How well a policy's likeliest choices agree with those of a teacher.

Everything is by step and slot, without gradients and without a mean: sums and counts over batches
add up to exact means.
"""

import tensorflow as tf


def in_top(logits: tf.Tensor, targets: tf.Tensor, k: int) -> tf.Tensor:
    """Whether a target is among the k likeliest choices; the lower of equals is likelier.

    Args:
        logits: float32 [..., A].
        targets: int32 [...].
        k: at least 1; 1 asks whether `argmax` is the target.

    Returns:
        bool [...].

    Raises:
        ValueError: k is below 1.
    """
    if k < 1:
        raise ValueError(f"k: expected at least 1, got {k}.")
    target_logits = tf.gather(logits, targets, batch_dims=targets.shape.rank)[..., tf.newaxis]
    is_before = tf.range(tf.shape(logits)[-1]) < targets[..., tf.newaxis]
    is_likelier = (logits > target_logits) | ((logits == target_logits) & is_before)
    return tf.reduce_sum(tf.cast(is_likelier, tf.int32), axis=-1) < k


def pixel_distance(chosen: tf.Tensor, targets: tf.Tensor, plane: tuple[int, int]) -> tf.Tensor:
    """The Euclidean distance between two places, in pixels of their plane.

    Args:
        chosen: int32 [...], flat places y * W + x.
        targets: likewise.
        plane: (H, W).

    Returns:
        float32 [...].
    """
    width = plane[1]
    dx = tf.cast(chosen % width - targets % width, tf.float32)
    dy = tf.cast(chosen // width - targets // width, tf.float32)
    return tf.sqrt(tf.square(dx) + tf.square(dy))


def overlap(chosen: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """How much two sets of rows have in common: intersection over union.

    The sets are the choices above 0, however often they come and in whatever order. Two empty sets
    are equal: 1.

    Args:
        chosen: int32 [..., K].
        targets: int32 [..., K].

    Returns:
        float32 [...], in [0, 1].
    """
    is_new_choice, is_new_target = _first_of_each(chosen), _first_of_each(targets)
    is_common = is_new_choice & tf.reduce_any(
        chosen[..., :, tf.newaxis] == targets[..., tf.newaxis, :], axis=-1)
    num_common = _count(is_common)
    num_either = _count(is_new_choice) + _count(is_new_target) - num_common
    return tf.where(num_either > 0, tf.math.divide_no_nan(num_common, num_either), 1.0)


def _first_of_each(choices: tf.Tensor) -> tf.Tensor:
    """Where a choice above 0 stands for the first time: int32 [..., K] -> bool [..., K]."""
    num_slots = tf.shape(choices)[-1]
    is_earlier = tf.range(num_slots)[tf.newaxis, :] < tf.range(num_slots)[:, tf.newaxis]
    is_repeated = tf.reduce_any(
        (choices[..., :, tf.newaxis] == choices[..., tf.newaxis, :]) & is_earlier, axis=-1)
    return (choices > 0) & ~is_repeated


def _count(flags: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(flags, tf.float32), axis=-1)
