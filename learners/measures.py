"""What is computed of a batch that a teacher played: losses by head, and how well choices agree.

Everything comes as sums and counts, so that parts of a batch, lanes on several devices and batches
of a validation add up to exact means.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from environment import specs
from losses import agreement, supervised

TOP = 5
"""The action type is also looked for among so many of the likeliest."""

VALID_STEPS = "valid_steps"
"""Its count is the number of steps to learn from, its mean their share of all steps."""

Sums = dict[str, tuple[tf.Tensor, tf.Tensor]]
"""By tag, a sum and over how many things it goes, float32 scalars."""


class Measures(NamedTuple):
    """What was found in T steps of B lanes.

    Attributes:
        losses: float32 scalar by head, the sum over all steps; differentiable.
        sums: by tag; no gradients.
        chosen: int32 [T, B], the likeliest choice of the action type and of every place.
        counted: bool [T, B] for each of `chosen`: where there was one to compare it with.
    """

    losses: dict[str, tf.Tensor]
    sums: Sums
    chosen: dict[str, tf.Tensor]
    counted: dict[str, tf.Tensor]


def used(heads: Sequence[supervised.Head], action_spec: specs.ActionSpec,
         actions: Mapping[str, tf.Tensor], valid: tf.Tensor) -> dict[str, tf.Tensor]:
    """Of every head, the choices which the actions made: bool [T, B, K]."""
    return {head.name: supervised.used_slots(head, action_spec, actions, valid) for head in heads}


def num_steps(used_by_head: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """How many steps use each head: float32 scalars."""
    return {name: _count(tf.reduce_any(slots, axis=2)) for name, slots in used_by_head.items()}


def tags(heads: Sequence[supervised.Head]) -> tuple[str, ...]:
    """The tags of `Measures.sums`."""
    found = [VALID_STEPS]
    for head in heads:
        found += [f"{kind}/{head.name}" for kind in ("loss", "accuracy", "masked_targets", "used")]
        if head.name == specs.ACTION_TYPE:
            found.append(f"accuracy_top{TOP}/{head.name}")
        if head.plane is not None:
            found.append(f"distance/{head.name}")
    return tuple(found)


def measure(heads: Sequence[supervised.Head], unroll: Any, actions: Mapping[str, tf.Tensor],
            valid: tf.Tensor, used_by_head: Mapping[str, tf.Tensor], label_smoothing: float
            ) -> Measures:
    """Compares what an agent would do with what was done.

    Args:
        heads: of the action.
        unroll: has `logits` [T, B, A] and `log_probs` [T, B] by component, see `agent.AgentUnroll`.
        actions: int32 [T, B] by component.
        valid: bool [T, B].
        used_by_head: from `used`.
        label_smoothing: see `losses.supervised.head_loss`.

    Returns:
        `Measures`. Tags by head: `loss/` and `accuracy/` over the choices that are counted (the
        loss of a sequence is that of all its slots), `masked_targets/` over those that are used,
        `used/` over valid steps; `accuracy_top5/action_type`; `distance/` of places, in pixels.
    """
    losses: dict[str, tf.Tensor] = {}
    sums: Sums = {VALID_STEPS: (_count(valid), tf.cast(tf.size(valid), tf.float32))}
    chosen: dict[str, tf.Tensor] = {}
    counted: dict[str, tf.Tensor] = {}
    for head in heads:
        slots = used_by_head[head.name]
        targets = supervised.stack_slots(head, actions)  # [T, B, K]
        logits = supervised.stack_slots(head, unroll.logits)  # [T, B, K, A]
        log_probs = supervised.stack_slots(head, unroll.log_probs)  # [T, B, K]
        result = supervised.head_loss(log_probs, logits, targets, slots, label_smoothing)
        is_counted = tf.reduce_any(result.counted, axis=2)  # [T, B]
        losses[head.name] = tf.reduce_sum(result.loss)
        logits = tf.stop_gradient(logits)
        choices = tf.argmax(logits, axis=-1, output_type=tf.int32)  # [T, B, K]
        sums |= {
            f"loss/{head.name}": (tf.stop_gradient(losses[head.name]), _count(is_counted)),
            f"accuracy/{head.name}": _mean_over(result.counted, tf.equal(choices, targets)),
            f"masked_targets/{head.name}": (_count(result.forbidden), _count(slots)),
            f"used/{head.name}": (_count(tf.reduce_any(slots, axis=2)), _count(valid))}
        if head.name == specs.ACTION_TYPE:
            sums[f"accuracy_top{TOP}/{head.name}"] = _mean_over(
                result.counted, agreement.in_top(logits, targets, TOP))
        if head.plane is not None:
            sums[f"distance/{head.name}"] = _mean_over(
                result.counted, agreement.pixel_distance(choices, targets, head.plane))
        if head.plane is not None or head.name == specs.ACTION_TYPE:
            chosen[head.name], counted[head.name] = choices[:, :, 0], is_counted
    return Measures(losses, sums, chosen, counted)


def overlaps(heads: Sequence[supervised.Head], own_choices: Mapping[str, tf.Tensor],
             actions: Mapping[str, tf.Tensor], used_by_head: Mapping[str, tf.Tensor]) -> Sums:
    """Compares the rows that an agent names alone with those that were named.

    Args:
        heads: of the action.
        own_choices: int32 [T, B] by component of every sequence, see `agent.Agent.own_choices`.
        actions: int32 [T, B] by component.
        used_by_head: from `used`.

    Returns:
        `overlap/` of every sequence, as intersection over union, over the steps that use it.
    """
    sums: Sums = {}
    for head in heads:
        if head.is_sequence:
            slots = used_by_head[head.name]
            sums[f"overlap/{head.name}"] = _mean_over(
                tf.reduce_any(slots, axis=2), agreement.overlap(
                    supervised.stack_slots(head, own_choices),
                    tf.where(slots, supervised.stack_slots(head, actions), 0)))
    return sums


def _count(flags: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(flags, tf.float32))


def _mean_over(mask: tf.Tensor, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    values = tf.cast(values, tf.float32)
    return tf.reduce_sum(tf.where(mask, values, tf.zeros_like(values))), _count(mask)
