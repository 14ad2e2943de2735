"""The policy gradient of an action made of several arguments."""

from collections.abc import Mapping

import tensorflow as tf

from losses import shapes


def joint_log_prob(log_probs: Mapping[str, tf.Tensor],
                   used: Mapping[str, tf.Tensor] | None = None) -> tf.Tensor:
    """Log-probability of a whole action: the sum over the arguments which it uses.

        log pi(a) = sum_i used_i * log pi(a_i | a_1 .. a_{i-1})

    Args:
        log_probs: log-probability of every chosen argument, float32 [T, B] each.
        used: bool [T, B] for every argument, False where the action does not take it; None when
            `log_probs` are 0 there already.

    Returns:
        float32 [T, B], differentiable w.r.t. the used log-probabilities only.

    Raises:
        ValueError: when there is no argument, a mask is missing, or shapes differ.
    """
    if not log_probs:
        raise ValueError("log_probs: expected at least one argument, got none.")
    if used is not None and set(used) != set(log_probs):
        raise ValueError(f"used: expected a mask for each of {sorted(log_probs)}, got masks for "
                         f"{sorted(used)}.")
    log_probs = {name: tf.convert_to_tensor(value) for name, value in log_probs.items()}
    shapes.require_time_batch(**log_probs)
    if used is not None:
        first = next(iter(log_probs))
        for name in log_probs:
            mask = tf.convert_to_tensor(used[name])
            shapes.require_time_batch(**{first: log_probs[first], f"used[{name!r}]": mask})
            log_probs[name] = tf.where(mask, log_probs[name], tf.zeros_like(log_probs[name]))
    return tf.add_n(list(log_probs.values()))


def policy_gradient_loss(log_probs: tf.Tensor, advantages: tf.Tensor) -> tf.Tensor:
    """The loss whose gradient is that of REINFORCE with a baseline.

        loss_t = -stop_gradient(A_t) * log pi(a_t)

    Williams 1992; in this form Mnih et al. 2016 (arXiv:1602.01783), section 4.

    Args:
        log_probs: float32 [T, B], log-probability of the action taken (`joint_log_prob`).
        advantages: float32 [T, B].

    Returns:
        float32 [T, B], differentiable w.r.t. `log_probs` only.

    Raises:
        ValueError: when the shapes are not one shape [T, B].
    """
    log_probs, advantages = tf.convert_to_tensor(log_probs), tf.convert_to_tensor(advantages)
    shapes.require_time_batch(log_probs=log_probs, advantages=advantages)
    return -tf.stop_gradient(advantages) * log_probs
