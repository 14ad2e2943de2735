"""Cross-entropy of a policy with the actions of a teacher, head by head.

    loss_t = sum over heads h which the action uses of  w_h * -log pi_h(a_h | a_1 .. a_{h-1})

Every choice is conditioned on what the teacher chose before it, not on what the policy would have
chosen. Source: AlphaStar (Nature 2019), supplementary architecture description: the KL divergence
from the teacher's one-hot choice, which is this up to a constant.

A head is an argument of the action, or all slots of a sequence together, whose losses are summed.
Targets which the policy's mask forbids cannot be learned: they are left out, and counted.

Nothing here knows an agent. Whoever has log-probabilities, logits and targets by component can use
it: a teacher's term in a reinforcement learner is the same sum over other targets.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf

from environment import specs

FORBIDDEN_BELOW = -1e8
"""A logit below this belongs to a forbidden choice; masks set theirs to -1e9."""


class Head(NamedTuple):
    """Components of an action whose losses are one number.

    Attributes:
        name: of the argument or of the sequence; `action_type` for the first.
        components: its arguments, one, or K slots of a sequence.
        size: number of choices of each of them.
        plane: (H, W) when a choice is a place, else None.
        points_to: name of the array whose rows are the choices, else None.
    """

    name: str
    components: tuple[str, ...]
    size: int
    plane: tuple[int, int] | None = None
    points_to: str | None = None

    @property
    def is_sequence(self) -> bool:
        """Whether choices are made until one of them is 0."""
        return len(self.components) > 1 or self.components[0] != self.name


class HeadLoss(NamedTuple):
    """What a head's choices cost.

    Attributes:
        loss: float32 [T, B], summed over slots; 0 where nothing is counted.
        counted: bool [T, B, K], the choices that the loss is made of.
        forbidden: bool [T, B, K], choices which the action uses and the mask forbids.
    """

    loss: tf.Tensor
    counted: tf.Tensor
    forbidden: tf.Tensor


def heads(action_spec: specs.ActionSpec) -> tuple[Head, ...]:
    """The heads of an action, the action type first, then in the order of the arguments."""
    found = [Head(specs.ACTION_TYPE, (specs.ACTION_TYPE,), action_spec.num_action_types)]
    slots: dict[str, list[specs.ArgumentSpec]] = {}
    for argument in action_spec.arguments:
        slots.setdefault(argument.sequence or argument.name, []).append(argument)
    for name, members in slots.items():
        first = members[0]
        found.append(Head(name, tuple(member.name for member in members), first.size, first.plane,
                          first.points_to))
    return tuple(found)


def stack_slots(head: Head, values: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """Puts the K components of a head beside each other: [T, B, ...] each -> [T, B, K, ...]."""
    if len(head.components) == 1:
        return tf.expand_dims(values[head.components[0]], axis=2)
    return tf.stack([values[name] for name in head.components], axis=2)


def used_slots(head: Head, action_spec: specs.ActionSpec, actions: Mapping[str, tf.Tensor],
               valid: tf.Tensor) -> tf.Tensor:
    """Which choices of a head the actions really made.

    The slots of a sequence are used up to the first 0, which ends it, that one included.

    Args:
        head: of `action_spec`.
        action_spec: says which action types take it.
        actions: int32 [T, B] by component.
        valid: bool [T, B], the steps that count.

    Returns:
        bool [T, B, K].
    """
    takes = tf.stack([tf.gather(tf.constant(action_spec.used_by[name]),
                                actions[specs.ACTION_TYPE])
                      for name in _taken_alike(head, action_spec)], axis=2)  # [T, B, 1 or K]
    used = takes & valid[:, :, tf.newaxis]
    if head.is_sequence:
        ends = tf.cast(tf.equal(stack_slots(head, actions), 0), tf.int32)
        used &= tf.equal(tf.cumsum(ends, axis=2, exclusive=True), 0)  # [T, B, K]
    return used


def _taken_alike(head: Head, action_spec: specs.ActionSpec) -> Sequence[str]:
    """One component when the same action types take all of them, which saves gathering K times."""
    first, *others = (action_spec.used_by[name] for name in head.components)
    alike = all((first == other).all() for other in others)
    return head.components[:1] if alike else head.components


def head_loss(log_probs: tf.Tensor, logits: tf.Tensor, targets: tf.Tensor, used: tf.Tensor,
              label_smoothing: float = 0.0) -> HeadLoss:
    """Cross-entropy of a head with its targets.

        loss_t = -sum over slots k which are used of  sum_a q_k(a) log pi_k(a)

    q is 1 at the target; with label smoothing s it is 1 - s there, and s / n more at each of the n
    choices that are allowed. A slot whose target is forbidden is left out.

    Args:
        log_probs: float32 [T, B, K], of the targets; anything finite where not used.
        logits: float32 [T, B, K, A], forbidden choices below `FORBIDDEN_BELOW`.
        targets: int32 [T, B, K].
        used: bool [T, B, K], from `used_slots`.
        label_smoothing: s, in [0, 1).

    Returns:
        A `HeadLoss`, differentiable w.r.t. the counted log-probabilities, and with label smoothing
        w.r.t. the allowed logits of counted slots; no other gradients.

    Raises:
        ValueError: the shapes do not fit, or s is outside [0, 1).
    """
    if not 0.0 <= label_smoothing < 1.0:
        raise ValueError(f"label_smoothing: expected a number in [0, 1), got {label_smoothing}.")
    _require_slots(log_probs=log_probs, targets=targets, used=used)
    if logits.shape.rank != 4 or not logits.shape[:3].is_compatible_with(targets.shape):
        raise ValueError(f"logits: expected shape [T, B, K, A] with [T, B, K] = {targets.shape}, "
                         f"got {logits.shape}.")
    target_logits = tf.gather(tf.stop_gradient(logits), targets, batch_dims=3)
    forbidden = used & (target_logits < FORBIDDEN_BELOW)
    counted = used & ~forbidden
    losses = -log_probs
    if label_smoothing:
        losses = ((1.0 - label_smoothing) * losses
                  + label_smoothing * _mean_over_allowed(logits))
    losses = tf.where(counted, losses, tf.zeros_like(losses))
    return HeadLoss(tf.reduce_sum(losses, axis=2), counted, forbidden)


def _mean_over_allowed(logits: tf.Tensor) -> tf.Tensor:
    """-log pi(a), averaged over the choices a that are allowed: [..., A] -> [...]."""
    allowed = logits >= FORBIDDEN_BELOW
    surprise = tf.where(allowed, -tf.nn.log_softmax(logits), 0.0)
    num_allowed = tf.reduce_sum(tf.cast(allowed, logits.dtype), axis=-1)
    return tf.math.divide_no_nan(tf.reduce_sum(surprise, axis=-1), num_allowed)


def _require_slots(**tensors: tf.Tensor) -> None:
    """Raises ValueError unless all have one and the same shape [T, B, K]."""
    reference_name, reference = next(iter(tensors.items()))
    for name, tensor in tensors.items():
        if tensor.shape.rank != 3 or not tensor.shape.is_compatible_with(reference.shape):
            raise ValueError(f"{name} has shape {tensor.shape} and {reference_name} "
                             f"{reference.shape}; expected one shape [T, B, K] for both.")


def l2_loss(variables: Sequence[tf.Tensor]) -> tf.Tensor:
    """Half the sum of the squares of all weights; its gradient is the weights themselves.

    Args:
        variables: of any shape.

    Returns:
        float32 scalar.
    """
    return tf.add_n([tf.nn.l2_loss(variable) for variable in variables])
