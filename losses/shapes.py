"""Shape checks which every loss makes first, so that nothing broadcasts by accident.

A [T, B] tensor minus a [T, B, 1] one is a silent [T, T, B] and a loss that looks alive; here it is
an error that names both shapes.
"""

import tensorflow as tf


def require_time_batch(**tensors: tf.Tensor) -> None:
    """Raises ValueError unless all tensors have one and the same shape [T, B].

    Args:
        **tensors: tensors by the name to use in the error.

    Raises:
        ValueError: when a tensor is not of rank 2, or two shapes differ.
    """
    reference_name, reference = next(iter(tensors.items()))
    for name, tensor in tensors.items():
        if tensor.shape.rank != 2:
            raise ValueError(f"{name}: expected shape [T, B], got {tensor.shape}.")
        if not tensor.shape.is_compatible_with(reference.shape):
            raise ValueError(
                f"{name} has shape {tensor.shape} and {reference_name} {reference.shape}; expected "
                "one shape [T, B] for both.")


def require_one_step_more(**tensors: tf.Tensor) -> None:
    """Raises ValueError unless the first tensor is [T+1, B] where the second one is [T, B].

    Args:
        **tensors: two tensors by the name to use in the error, the longer one first.

    Raises:
        ValueError: when a rank is not 2, or the first one has not exactly one step more.
    """
    (long_name, long), (short_name, short) = tensors.items()
    for name, tensor in tensors.items():
        if tensor.shape.rank != 2:
            raise ValueError(f"{name}: expected dimensions time and batch, got {tensor.shape}.")
    num_long, num_short = long.shape[0], short.shape[0]
    lengths_fit = num_long is None or num_short is None or num_long == num_short + 1
    if not lengths_fit or not long.shape[1:].is_compatible_with(short.shape[1:]):
        raise ValueError(
            f"{long_name} has shape {long.shape} and {short_name} {short.shape}; expected [T+1, B] "
            "and [T, B].")
