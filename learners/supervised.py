"""Supervised learning: one update makes what a teacher did in a batch of windows likelier.

    learner = SupervisedLearner(agent, SupervisedSettings(learning_rate=1e-3))
    state = None
    for batch in batches:  # time-major `data.lanes.Batch`
        scalars, state = learner.step(batch, state)

The state after a window is the state before the next one of the same lane; where an episode begins
the agent resets it. Source: AlphaStar (Nature 2019), supplementary pseudocode; the order of the
gradient's transformations (clip, add L2, Adam) is that of AlphaStar Unplugged.

Fine-tuning needs nothing more: an agent whose weights were loaded, a new learner with a lower
learning rate, and a dataset of the games that were won.

Another algorithm with a term of imitation uses `losses.supervised` and `learners.measures` the same
way, with the agent's unroll that it has already.
"""

import contextlib
import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from learners import adam, measures, precision, schedules
from learners import gradients as gradients_lib
from learners import tally as tally_lib
from losses import head_weights as head_weights_lib
from losses import supervised


@dataclasses.dataclass(frozen=True, kw_only=True)
class SupervisedSettings:
    """Numbers of supervised learning.

    Attributes:
        learning_rate: of Adam, behind the warm-up and before the decay.
        schedule: what becomes of it.
        adam_beta1: of Adam.
        adam_beta2: of Adam.
        adam_epsilon: of Adam.
        gradient_clipping: greatest global norm of the gradient; None does not clip.
        l2: the gradient of l2 / 2 * |weights|^2 is added to the clipped gradient, before Adam.
        head_weights: how much each head counts.
        label_smoothing: share of the target that is spread over all allowed choices.
        num_parts: the lanes of a batch are worked through in so many parts, whose gradients are
            added up: less memory, the same update.
        mixed_precision: computes products in 16 bits where the device is a GPU; the weights stay
            float32. It is set for the whole process.
    """

    learning_rate: float = 1e-3
    schedule: schedules.Schedule = dataclasses.field(
        default_factory=lambda: schedules.Schedule(warmup_updates=100))
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_epsilon: float = 1e-8
    gradient_clipping: float | None = 10.0
    l2: float = 1e-5
    head_weights: head_weights_lib.HeadWeights = head_weights_lib.PRESETS["uniform"]
    label_smoothing: float = 0.0
    num_parts: int = 1
    mixed_precision: bool = False

    def __post_init__(self):
        for name in ("adam_beta1", "adam_beta2", "label_smoothing"):
            self._require(0 <= getattr(self, name) < 1, name, "a number in [0, 1)")
        for name in ("learning_rate", "l2"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        self._require(self.adam_epsilon > 0, "adam_epsilon", "a number above 0")
        self._require(self.gradient_clipping is None or self.gradient_clipping > 0,
                      "gradient_clipping", "a number above 0, or None not to clip")
        self._require(self.num_parts >= 1, "num_parts", "at least 1")

    def _require(self, holds: bool, name: str, expected: str) -> None:
        if not holds:
            raise ValueError(f"{name}: expected {expected}, got {getattr(self, name)!r}.")


class _Windows(NamedTuple):
    """What of a batch is learned from: [T+1, B, ...] and [T, B]."""

    observations: Any
    step_types: Any
    actions: Any
    mask: Any


class SupervisedLearner:
    """Updates an agent's weights, one `step` a batch.

    Attributes:
        heads: the parts of the action that have a loss each.
        optimizer: Adam, its variables built here so that a checkpoint finds them.
    """

    def __init__(self, agent: Any, settings: SupervisedSettings,
                 strategy: tf.distribute.Strategy | None = None):
        """Builds the optimizer.

        Args:
            agent: has `trainable_variables`, `action_spec`, `initial_state(batch_size)` and
                `unroll(...)` (plain differentiable Python). With a `strategy` it must have been
                made within `strategy.scope()`.
            settings: see there.
            strategy: `tf.distribute.MirroredStrategy` spreads the lanes of a batch over the GPUs of
                this machine; None uses one device.
        """
        self._agent, self._settings = agent, settings
        self._strategy = strategy or tf.distribute.get_strategy()
        self.heads = supervised.heads(agent.action_spec)
        self._weights = settings.head_weights.of(self.heads)
        self._variables = list(agent.trainable_variables)
        with self._scope():
            self.optimizer = adam.Adam(self._variables, settings.adam_beta1, settings.adam_beta2,
                                       settings.adam_epsilon)
            self._loss_scale = precision.LossScale(precision.enable(settings.mixed_precision))
        self._update = tf.function(self._update_graph, autograph=False)
        self._measure = tf.function(self._measure_graph, autograph=False)

    @property
    def num_updates(self) -> int:
        """Updates so far; kept by the optimizer, so a checkpoint of it restores this too."""
        return int(np.asarray(self.optimizer.iterations))

    @property
    def variables(self) -> list:
        """What must be saved beside the agent's weights to go on exactly as before."""
        return [*self.optimizer.variables, *self._loss_scale.variables]

    def step(self, batch: Any, state: Any = None) -> tuple[dict[str, float], Any]:
        """Makes one update.

        Args:
            batch: a time-major `data.lanes.Batch`, or anything with its `observations`,
                `step_types`, `actions` and `mask`; every batch must have the same shapes.
            state: what the step before returned, [B, ...]; None before the first.

        Returns:
            Scalars by tag, and the state before the next windows. `loss/total` is the weighted sum
            over heads without L2. A head which no step used has no scalars.

        Raises:
            ValueError: the batch has not one observation more than actions, or its lanes cannot be
                divided among parts and devices.
            DivergenceError: a loss or a gradient is not finite; no weight has changed then.
        """
        windows = self._windows(batch)
        num_before = self.num_updates
        state = self._state(windows, state)
        with self._scope():
            sums, scalars, norms, state = self._update(windows, state)
        tally = tally_lib.Tally(_fetch_pairs(sums))
        result = self.scalars(tally) | _fetch(scalars)
        if not self._loss_scale.forgives(result):
            gradients_lib.require_finite(result, norms, self._variables, num_before)
        return result, state

    def evaluate(self, batch: Any, state: Any = None) -> tuple[tally_lib.Tally, Any]:
        """Says how well the agent would have done, without learning.

        Args:
            batch: as in `step`.
            state: as in `step`.

        Returns:
            A tally, which adds up with those of other batches, and the next state.
        """
        windows = self._windows(batch)
        sums, chosen, counted, state = self._measure(windows, self._state(windows, state))
        counts = {}
        for head in self.heads:
            if head.name not in chosen:
                continue
            true, likeliest, mask = (np.asarray(part[head.name])
                                     for part in (windows.actions, chosen, counted))
            if head.plane is None:
                counts[f"confusion/{head.name}"] = tally_lib.pair_counts(
                    true, likeliest, mask, head.size)
            else:
                counts[f"clicks/{head.name}"] = tally_lib.click_counts(
                    true, likeliest, mask, head.plane)
        return tally_lib.Tally(_fetch_pairs(sums), counts), state

    def scalars(self, tally: tally_lib.Tally) -> dict[str, float]:
        """The means of a tally by tag, and `loss/total`, the weighted sum over heads."""
        total = 0.0
        for head in self.heads:
            loss = tally.means[f"loss/{head.name}"][0]
            by = f"used/{head.name}" if self._settings.head_weights.by_head else None
            count = tally.means[by][0] if by else tally.means[measures.VALID_STEPS][0]
            total += self._weights[head.name] * (loss / count if count else loss)
        return {"loss/total": total} | tally.scalars()

    def _scope(self):
        is_default = not tf.distribute.has_strategy() and self._strategy.num_replicas_in_sync == 1
        return contextlib.nullcontext() if is_default else self._strategy.scope()

    def _windows(self, batch: Any) -> _Windows:
        windows = _Windows(batch.observations, batch.step_types, batch.actions, batch.mask)
        (num_observations, num_lanes), num_actions = windows.step_types.shape, len(windows.mask)
        if num_observations != num_actions + 1:
            raise ValueError(f"Batch: expected T+1 observations around T actions, got "
                             f"{num_observations} step types and {num_actions} actions.")
        num_shares = self._settings.num_parts * self._strategy.num_replicas_in_sync
        if num_lanes % num_shares:
            raise ValueError(
                f"Batch: {num_lanes} lanes cannot be divided evenly among num_parts = "
                f"{self._settings.num_parts} parts on {self._strategy.num_replicas_in_sync} "
                "devices. Change the batch size or num_parts.")
        return windows

    def _state(self, windows: _Windows, state: Any) -> Any:
        return self._agent.initial_state(windows.step_types.shape[1]) if state is None else state

    # The graphs

    def _update_graph(self, windows: _Windows, state: Any):
        settings = self._settings
        used = measures.used(self.heads, self._agent.action_spec, windows.actions, windows.mask)
        divisors = self._divisors(used, windows.mask)
        gradients, sums, state = self._gradients(windows, state, divisors)
        gradients, norms, norm = gradients_lib.clip(gradients, settings.gradient_clipping)
        weights = [adam.value_of(variable) for variable in self._variables]
        l2_loss = supervised.l2_loss(weights) * settings.l2
        if settings.l2:
            gradients = [gradient + settings.l2 * weight
                         for gradient, weight in zip(gradients, weights, strict=True)]
        num_updates = adam.value_of(self.optimizer.iterations)
        learning_rate = settings.learning_rate * settings.schedule.factor(num_updates)
        losses = tf.stack([sums[f"loss/{head.name}"][0] for head in self.heads])
        finite = tf.math.is_finite(norm) & tf.reduce_all(tf.math.is_finite(losses))
        tf.cond(finite, lambda: self.optimizer.apply(gradients, learning_rate), lambda: None)
        self._loss_scale.update(finite, num_updates)
        scalars = {"loss/l2": l2_loss, "gradient/norm": norm, "learning_rate": learning_rate}
        return sums, scalars | self._loss_scale.scalars(), norms, state

    def _divisors(self, used: Mapping[str, tf.Tensor], valid: tf.Tensor) -> dict[str, tf.Tensor]:
        """What the summed loss of each head is divided by."""
        if self._settings.head_weights.by_head:
            counts = measures.num_steps(used)
        else:
            counts = dict.fromkeys(used, tf.reduce_sum(tf.cast(valid, tf.float32)))
        return {name: tf.maximum(count, 1.0) for name, count in counts.items()}

    def _gradients(self, windows: _Windows, state: Any, divisors: dict[str, tf.Tensor]):
        """Sums over all devices and all parts of their lanes."""
        strategy = self._strategy
        num_devices = strategy.num_replicas_in_sync
        if num_devices == 1:
            return self._device_gradients(windows, state, divisors)
        shares = strategy.experimental_distribute_values_from_function(
            lambda context: _share(windows, state, context.replica_id_in_sync_group, num_devices))
        gradients, sums, states = strategy.run(self._device_gradients_of, (shares, divisors))
        gradients, sums = (strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None)
                           for values in (gradients, sums))
        states = strategy.experimental_local_results(states)
        return gradients, sums, tf.nest.map_structure(
            lambda *leaves: tf.concat(leaves, axis=0), *states)

    def _device_gradients_of(self, share, divisors):
        return self._device_gradients(*share, divisors)

    def _device_gradients(self, windows: _Windows, state: Any, divisors: dict[str, tf.Tensor]):
        num_parts = self._settings.num_parts
        if num_parts == 1:
            return self._part_gradients(windows, state, divisors)

        def part(index, gradients, sums, states):
            more, more_sums, end = self._part_gradients(
                *_share(windows, state, index, num_parts), divisors)
            return (index + 1, tf.nest.map_structure(tf.add, gradients, more),
                    tf.nest.map_structure(tf.add, sums, more_sums),
                    [array.write(index, leaf)
                     for array, leaf in zip(states, tf.nest.flatten(end), strict=True)])

        zeros = [tf.zeros(variable.shape) for variable in self._variables]
        states = [tf.TensorArray(leaf.dtype, num_parts) for leaf in tf.nest.flatten(state)]
        _, gradients, sums, states = tf.while_loop(
            lambda index, *_: index < num_parts, part,
            (tf.constant(0), zeros, self._no_sums(), states), parallel_iterations=1)
        leaves = [array.concat() for array in states]  # lanes in their order
        for leaf, before in zip(leaves, tf.nest.flatten(state), strict=True):
            leaf.set_shape(before.shape)
        return gradients, sums, tf.nest.pack_sequence_as(state, leaves)

    def _part_gradients(self, windows: _Windows, state: Any, divisors: dict[str, tf.Tensor]):
        with tf.GradientTape() as tape:
            found, end = self._found(windows, state)
            total = tf.add_n([self._weights[name] * loss / divisors[name]
                              for name, loss in found.losses.items()])
            scaled = total * self._loss_scale.value
        gradients = tape.gradient(scaled, [adam.value_of(variable) for variable in self._variables],
                                  unconnected_gradients=tf.UnconnectedGradients.ZERO)
        gradients = [tf.convert_to_tensor(gradient) / self._loss_scale.value
                     for gradient in gradients]
        return gradients, found.sums, end

    def _found(self, windows: _Windows, state: Any) -> tuple[measures.Measures, Any]:
        unroll = self._agent.unroll(windows.observations, windows.step_types, windows.actions,
                                    state)
        valid = tf.convert_to_tensor(windows.mask)
        used = measures.used(self.heads, self._agent.action_spec, windows.actions, valid)
        found = measures.measure(self.heads, unroll, windows.actions, valid, used,
                                 self._settings.label_smoothing)
        return found, unroll.final_state

    def _no_sums(self) -> measures.Sums:
        return {tag: (tf.constant(0.0), tf.constant(0.0)) for tag in measures.tags(self.heads)}

    def _measure_graph(self, windows: _Windows, state: Any):
        found, end = self._found(windows, state)
        sums = found.sums
        slots = [name for head in self.heads if head.is_sequence for name in head.components]
        if slots:
            own = self._agent.own_choices(windows.observations, windows.step_types,
                                          windows.actions, state, slots)
            used = measures.used(self.heads, self._agent.action_spec, windows.actions,
                                 tf.convert_to_tensor(windows.mask))
            sums = sums | measures.overlaps(self.heads, own, windows.actions, used)
        return sums, found.chosen, found.counted, end


def _share(windows: _Windows, state: Any, index: Any, num_shares: int) -> tuple[_Windows, Any]:
    """The lanes of one of several devices or parts."""
    def lanes(values, axis):
        size = values.shape[axis] // num_shares
        return tf.gather(values, index * size + tf.range(size), axis=axis)

    return (tf.nest.map_structure(lambda values: lanes(values, 1), windows),
            tf.nest.map_structure(lambda values: lanes(values, 0), state))


def _fetch(scalars: Mapping[str, tf.Tensor]) -> dict[str, float]:
    """All at once: a copy from a device costs the same for one as for many."""
    return dict(zip(scalars, np.asarray(tf.stack(list(scalars.values()))).tolist(), strict=True))


def _fetch_pairs(sums: Mapping[str, tuple[tf.Tensor, tf.Tensor]]
                 ) -> dict[str, tuple[float, float]]:
    pairs = np.asarray(tf.stack([tf.stack(pair) for pair in sums.values()])).tolist()
    return {tag: (total, count) for tag, (total, count) in zip(sums, pairs, strict=True)}
