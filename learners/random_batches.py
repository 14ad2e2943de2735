"""Batches that nobody played, of any specs: to measure a learner, or to overfit one.

Observations are random within the ranges of their features, actions among what the observation
allows: action types that are available, rows of entities that exist, no row twice in a sequence.
"""

from typing import Any, NamedTuple

import numpy as np

from environment import specs

_NUMBERS_BELOW = 100


class RandomBatch(NamedTuple):
    """Time-major, the part of `data.lanes.Batch` that is learned from.

    Attributes:
        observations: named arrays [T+1, B, ...].
        step_types: int8 [T+1, B], no episode begins or ends.
        actions: named int32 [T, B].
        mask: bool [T, B], all True.
    """

    observations: dict[str, Any]
    step_types: Any
    actions: dict[str, Any]
    mask: Any


def make(observation_spec: specs.ObservationSpec, action_spec: specs.ActionSpec, unroll_len: int,
         batch_size: int, seed: int) -> RandomBatch:
    """Makes a batch; the same seed makes the same one.

    Args:
        observation_spec: of the observations.
        action_spec: of the actions.
        unroll_len: T.
        batch_size: B.
        seed: of all choices.
    """
    rng = np.random.default_rng(seed)
    leading = (unroll_len + 1, batch_size)
    observations = {array.name: _values(array, leading, rng) for array in observation_spec.arrays}
    available = None
    for array in observation_spec.of_kind(specs.Kind.MASK):
        available = observations[array.name]
    actions = action_spec.zeros((unroll_len, batch_size))
    for t, b in np.ndindex(unroll_len, batch_size):
        rows = {array.name: np.flatnonzero(observations[array.name][t, b, :, 0])
                for array in observation_spec.of_kind(specs.Kind.ENTITIES)}
        allowed = (np.arange(action_spec.num_action_types) if available is None
                   else np.flatnonzero(available[t, b]))
        chosen = _action(action_spec, _action_type(action_spec, allowed, rng), rows, rng)
        for name, choice in chosen.items():
            actions[name][t, b] = choice
    return RandomBatch(observations, np.full(leading, specs.StepType.MID, np.int8), actions,
                       np.ones((unroll_len, batch_size), np.bool_))


def _values(array: specs.ArraySpec, leading: tuple[int, ...], rng: np.random.Generator
            ) -> np.ndarray:
    shape = (*leading, *array.shape)
    if array.kind is specs.Kind.MASK:
        value = rng.random(shape) < 0.5
        value[..., 0] = True
        return value
    high = [feature.num_categories or _NUMBERS_BELOW for feature in array.features]
    value = (rng.random(shape) * high).astype(array.dtype)
    if array.kind is specs.Kind.ENTITIES:
        # At least two rows, or nothing could be pointed to.
        num_rows = rng.integers(min(2, array.shape[0]), array.shape[0] + 1, leading)
        exists = np.arange(array.shape[0]) < num_rows[..., np.newaxis]
        value[..., 0] = np.maximum(value[..., 0], 1)
        value *= exists[..., np.newaxis].astype(value.dtype)
    return value


def _action_type(action_spec: specs.ActionSpec, allowed: np.ndarray, rng: np.random.Generator
                 ) -> int:
    """A type that takes an argument drawn before: else rare arguments would hardly ever occur."""
    if action_spec.arguments:
        takes = action_spec.uses[allowed, rng.integers(len(action_spec.arguments))]
        allowed = allowed[takes] if takes.any() else allowed
    return int(rng.choice(allowed))


def _action(action_spec: specs.ActionSpec, action_type: int, rows: dict[str, np.ndarray],
            rng: np.random.Generator) -> dict[str, int]:
    """The arguments that the action type takes; the others stay 0."""
    action = {specs.ACTION_TYPE: action_type}
    left: dict[str, list[int]] = {}  # by sequence: rows to come, 0 behind the last of them
    for argument, takes in zip(action_spec.arguments, action_spec.uses[action_type], strict=True):
        if not takes:
            continue
        if argument.sequence is not None:
            if argument.sequence not in left:
                existing = rng.permutation(rows[argument.points_to]) + 1
                left[argument.sequence] = existing[:rng.integers(1, 5)].tolist()
            coming = left[argument.sequence]
            action[argument.name] = coming.pop(0) if coming else 0
        elif argument.points_to is not None:
            action[argument.name] = int(rng.choice(rows[argument.points_to]))
        else:
            action[argument.name] = int(rng.integers(argument.size))
    return action
