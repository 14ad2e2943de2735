"""Entropy bonus of a policy whose action is made of several arguments.

A plain sum of entropies does not treat arguments alike. A screen of 256 places holds up to 5.5
nats, a yes or no argument 0.7, so the same bonus hardly holds the small one: it drifts to one of
its choices at random. When that choice is `queued`, clicks stop working and credit for them is
lost. Weights by argument mend this.
"""

import math
from collections.abc import Mapping

import tensorflow as tf

from losses import shapes

WEIGHTINGS = ("uniform", "log_size", "small_arguments")
"""Names which `argument_weights` takes."""

_SMALL_ARGUMENT_SIZE = 16
_SMALL_ARGUMENT_WEIGHT = 20.0


def argument_weights(sizes: Mapping[str, int], weighting: str) -> dict[str, float]:
    """The weight of every argument's entropy in the bonus.

    - `uniform`: 1.
    - `log_size`: 1 / log(number of choices), the entropy as a share of what it can be at most.
      Vinyals et al. 2019 (AlphaStar), Methods.
    - `small_arguments`: 20 for arguments of at most 16 choices, 1 for the others.

    Args:
        sizes: number of choices of every argument.
        weighting: one of `WEIGHTINGS`.

    Returns:
        A weight for every argument; 0 for one with a single choice, which has no entropy.

    Raises:
        ValueError: when `weighting` is unknown or a size is below 1.
    """
    if weighting not in WEIGHTINGS:
        raise ValueError(f"weighting: expected one of {list(WEIGHTINGS)}, got {weighting!r}.")
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"sizes[{name!r}]: expected at least 1 choice, got {size}.")
    if weighting == "uniform":
        weights = dict.fromkeys(sizes, 1.0)
    elif weighting == "log_size":
        weights = {name: 1.0 / math.log(size) for name, size in sizes.items() if size > 1}
    else:
        weights = {name: _SMALL_ARGUMENT_WEIGHT if size <= _SMALL_ARGUMENT_SIZE else 1.0
                   for name, size in sizes.items()}
    return {name: weights[name] if size > 1 else 0.0 for name, size in sizes.items()}


def entropy_loss(entropies: Mapping[str, tf.Tensor], weights: Mapping[str, float]) -> tf.Tensor:
    """Minus the weighted entropy of a policy: minimising it keeps the policy undecided.

        loss_t = -sum_i w_i * H_i,   H_i = 0 where the action does not take argument i

    Args:
        entropies: entropy of every argument's distribution, float32 [T, B] each, 0 where unused.
        weights: weight of every argument, see `argument_weights`.

    Returns:
        float32 [T, B], differentiable w.r.t. the entropies.

    Raises:
        ValueError: when there is no argument, a weight is missing or too many, or shapes differ.
    """
    if not entropies or set(weights) != set(entropies):
        raise ValueError(f"weights: expected one for each of the entropies {sorted(entropies)} (at "
                         f"least one), got {sorted(weights)}.")
    entropies = {name: tf.convert_to_tensor(value) for name, value in entropies.items()}
    shapes.require_time_batch(**entropies)
    return -tf.add_n([weights[name] * entropy for name, entropy in entropies.items()])
