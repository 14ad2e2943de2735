"""A small agent with a memory, and batches that a teacher played, for tests without a network."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from environment import specs

NUM_FEATURES = 6
ROWS, SLOTS = 4, 2
FORBIDDEN = -1e9

_ARGUMENTS = (
    specs.ArgumentSpec("delay", 3), specs.ArgumentSpec("queued", 2),
    *(specs.ArgumentSpec(f"unit_{k}", ROWS + 1, points_to="rows", sequence="units")
      for k in range(SLOTS)),
    specs.ArgumentSpec("world", 6, (2, 3)))
ACTION_SPEC = specs.ActionSpec(
    ("wait", "move", "stop", "never"), _ARGUMENTS,
    np.array([[1, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 0], [1, 0, 0, 0, 0]], np.bool_))


class Batch(NamedTuple):
    observations: dict
    step_types: np.ndarray
    actions: dict
    mask: np.ndarray


class Unroll(NamedTuple):
    logits: dict
    log_probs: dict
    final_state: tuple


class MemoryAgent:
    """One linear layer on an observation and a memory that fades: h' = h / 2 + x.

    The observation "allowed" says which action types may be chosen.
    """

    action_spec = ACTION_SPEC

    def __init__(self, seed=0):
        self._layer = keras.layers.Dense(
            sum(ACTION_SPEC.sizes.values()),
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.1, seed=seed))
        self._layer.build((None, 2 * NUM_FEATURES))
        self.trainable_variables = self._layer.trainable_variables
        self.num_traces = 0

    def initial_state(self, batch_size):
        return (tf.zeros([batch_size, NUM_FEATURES]),)

    def unroll(self, observations, step_types, actions, initial_state):
        self.num_traces += 1
        logits, memory = self._think(observations, step_types, initial_state)
        log_probs = {name: -tf.nn.sparse_softmax_cross_entropy_with_logits(actions[name], x)
                     for name, x in logits.items()}
        return Unroll(logits, log_probs, (memory,))

    def own_choices(self, observations, step_types, actions, initial_state, own):
        logits, _ = self._think(observations, step_types, initial_state)
        choices, goes_on = {}, True
        for name in own:
            takes = tf.gather(ACTION_SPEC.used_by[name], actions["action_type"])
            choice = tf.argmax(logits[name], -1, tf.int32)
            choices[name] = tf.where(goes_on & takes, choice, 0)
            goes_on &= choice > 0
        return choices

    def _think(self, observations, step_types, initial_state):
        (memory,) = initial_state
        inputs = []
        for t in range(step_types.shape[0] - 1):
            first = tf.equal(step_types[t], specs.StepType.FIRST)[:, tf.newaxis]
            memory = tf.where(first, 0.0, memory)
            inputs.append(tf.concat([observations["x"][t], memory], axis=-1))
            memory = memory / 2 + observations["x"][t]
        sizes = ACTION_SPEC.sizes
        logits = dict(zip(sizes, tf.split(self._layer(tf.stack(inputs)), [*sizes.values()], -1),
                          strict=True))
        logits["action_type"] = tf.where(
            observations["allowed"][:-1], logits["action_type"], FORBIDDEN)
        return logits, memory


def make_batch(seed, num_steps=5, num_lanes=4):
    """Random windows: padding at the end of lane 0, an episode that begins within lane 1."""
    rng = np.random.default_rng(seed)
    shape = (num_steps, num_lanes)
    step_types = np.full((num_steps + 1, num_lanes), specs.StepType.MID, np.int8)
    mask = np.ones(shape, np.bool_)
    step_types[3, 1] = specs.StepType.FIRST
    mask[2, 1] = False  # the last observation of the episode before
    step_types[4:, 0] = specs.StepType.FIRST
    mask[3:, 0] = False
    actions = {name: rng.integers(0, size, shape).astype(np.int32)
               for name, size in ACTION_SPEC.sizes.items()}
    actions["action_type"] %= 3
    allowed = np.ones((num_steps + 1, num_lanes, 4), np.bool_)
    allowed[..., 3] = False
    return Batch({"x": rng.normal(size=(num_steps + 1, num_lanes, NUM_FEATURES)).astype("f4"),
                  "allowed": allowed}, step_types, actions, mask)


def taught_batch(seed, num_steps=5, num_lanes=4):
    """Windows whose actions are a function of the last two observations."""
    batch = make_batch(seed, num_steps, num_lanes)
    x = batch.observations["x"]
    earlier = np.concatenate([np.zeros_like(x[:1]), x[:-1]])
    for i, (name, size) in enumerate(ACTION_SPEC.sizes.items()):
        above = (x[:-1, :, i % NUM_FEATURES] > 0) + (earlier[:-1, :, i % NUM_FEATURES] > 0)
        batch.actions[name][:] = np.minimum(above, size - 1)
    return batch
