"""What every learner does with a gradient before an optimizer sees it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

import learners


def clip(gradients: Sequence[tf.Tensor], limit: float | None
         ) -> tuple[list[tf.Tensor], tf.Tensor, tf.Tensor]:
    """Scales gradients down together until their global norm is at most `limit`.

    Args:
        gradients: float32 tensors.
        limit: above 0; None leaves them as they are.

    Returns:
        The gradients, the norm of each before (float32 [number of gradients]), and the norm of all.
    """
    norms = tf.sqrt(2.0 * tf.stack([tf.nn.l2_loss(gradient) for gradient in gradients]))
    norm = tf.norm(norms)
    if limit is None:
        return list(gradients), norms, norm
    scale = limit / tf.maximum(norm, limit)
    return [gradient * scale for gradient in gradients], norms, norm


def require_finite(scalars: Mapping[str, float], norms: Any, variables: Sequence[Any],
                   num_updates: int) -> None:
    """Says which loss or gradient is infinite or not a number.

    Args:
        scalars: those whose tags begin with `loss/` are looked at, and `gradient/norm`.
        norms: float32 [number of variables], of the gradients.
        variables: of the gradients, with a `path` or a `name`.
        num_updates: made before.

    Raises:
        learners.DivergenceError: one is not finite.
    """
    bad = [tag for tag, scalar in scalars.items()
           if tag.startswith("loss/") and not np.isfinite(scalar)]
    if not bad:
        bad = [f"gradient of {getattr(variable, 'path', variable.name)}" for variable, norm
               in zip(variables, np.asarray(norms), strict=True) if not np.isfinite(norm)]
    if not bad and not np.isfinite(scalars["gradient/norm"]):
        bad = ["gradient/norm"]
    if bad:
        raise learners.DivergenceError(
            f"Not finite after {num_updates} updates: {', '.join(bad)}. The weights were left as "
            "they were before this update. A lower learning rate or a lower gradient_clipping "
            "often helps.")
