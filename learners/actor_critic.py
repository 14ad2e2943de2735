"""Advantage actor-critic: one update per trajectory, by the policy that collected it.

With a teacher, the policy is kept close to another one that acts well already:

    loss = policy + value_cost * value + entropy_cost * entropy + kl_cost * KL(teacher || policy)
"""

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from environment import specs
from learners import adam
from learners import gradients as gradients_lib
from learners import teacher as teacher_lib
from losses import distillation, entropy, masking, policy_gradient, returns, value

SCHEDULES = ("constant", "linear")
"""Names which `ActorCriticSettings.learning_rate_schedule` takes."""


@dataclasses.dataclass(frozen=True)
class ActorCriticSettings:
    """Numbers of advantage actor-critic (Mnih et al. 2016, arXiv:1602.01783, without asynchrony).

    Attributes:
        unroll_len: actions in a trajectory.
        discount: factor a step, multiplied with the environment's own discount.
        reward_scale: rewards are multiplied by this, so that values are of a size that a network
            learns soon: about 1. Scores are not.
        gae_lambda: of advantages and value targets; 1 sums the rewards of the whole trajectory.
        num_return_steps: when given, n-step returns of this length in place of the lambda mixture.
        normalize_advantages: to mean 0 and standard deviation 1 within a trajectory. Where rewards
            are rare this makes noise as loud as a reward: most trajectories hold none, and the
            policy decides for one action type long before it has seen what earns anything.
        learning_rate: of Adam, at the start.
        learning_rate_schedule: `constant`, or `linear`: down to 0 after
            `learning_rate_decay_agent_steps`.
        learning_rate_decay_agent_steps: see `learning_rate_schedule`.
        adam_epsilon: of Adam.
        gradient_clipping: greatest global norm of the gradient; None does not clip.
        value_cost: weight of the value loss.
        entropy_cost: weight of the entropy loss, at the start.
        entropy_final_fraction: what is left of `entropy_cost` at the end of its linear decay.
        entropy_decay_agent_steps: when the decay ends; 0 keeps `entropy_cost` constant.
        entropy_weighting: weights of the arguments in the bonus, see `losses.entropy`.
        kl_cost: weight of the divergence from the teacher, at the start; 0 does without one.
        kl_decay_agent_steps: when it has fallen linearly to 0; 0 keeps `kl_cost` constant.
        jit_compile: compiles the update with XLA, which was slower on the CPU.
    """

    unroll_len: int = 16
    discount: float = 0.95
    reward_scale: float = 1.0
    gae_lambda: float = 0.95
    num_return_steps: int | None = None
    normalize_advantages: bool = False
    learning_rate: float = 2e-3
    learning_rate_schedule: str = "constant"
    learning_rate_decay_agent_steps: int = 0
    adam_epsilon: float = 1e-7
    gradient_clipping: float | None = 1.0
    value_cost: float = 0.5
    entropy_cost: float = 0.01
    entropy_final_fraction: float = 0.02
    entropy_decay_agent_steps: int = 60_000
    entropy_weighting: str = "log_size"
    kl_cost: float = 0.0
    kl_decay_agent_steps: int = 0
    jit_compile: bool = False

    def __post_init__(self):
        for name in ("discount", "gae_lambda", "entropy_final_fraction"):
            _require(0 <= getattr(self, name) <= 1, name, "a number in [0, 1]", self)
        for name in ("learning_rate", "value_cost", "entropy_cost", "entropy_decay_agent_steps",
                     "learning_rate_decay_agent_steps", "kl_cost", "kl_decay_agent_steps"):
            _require(getattr(self, name) >= 0, name, "at least 0", self)
        _require(self.unroll_len >= 1, "unroll_len", "at least 1", self)
        _require(self.adam_epsilon > 0, "adam_epsilon", "a number above 0", self)
        _require(self.reward_scale > 0, "reward_scale", "a number above 0", self)
        _require(self.num_return_steps is None or self.num_return_steps >= 1, "num_return_steps",
                 "None or at least 1", self)
        _require(self.gradient_clipping is None or self.gradient_clipping > 0,
                 "gradient_clipping", "a number above 0, or None not to clip", self)
        _require(self.learning_rate_schedule in SCHEDULES, "learning_rate_schedule",
                 f"one of {list(SCHEDULES)}", self)
        _require(self.learning_rate_schedule == "constant"
                 or self.learning_rate_decay_agent_steps > 0, "learning_rate_decay_agent_steps",
                 "above 0 with a linear schedule", self)
        _require(self.entropy_weighting in entropy.WEIGHTINGS, "entropy_weighting",
                 f"one of {list(entropy.WEIGHTINGS)}", self)


def _require(holds: bool, name: str, expected: str, settings: ActorCriticSettings) -> None:
    if not holds:
        raise ValueError(f"{name}: expected {expected}, got {getattr(settings, name)!r}.")


class ActorCriticLearner:
    """Updates an agent's weights, one `step` a trajectory.

    Everything needed to go on exactly where a run stopped is in the agent, in the teacher's
    `variables` and in two trackables:

    Attributes:
        optimizer: Adam, its variables built here so that a checkpoint finds them.
        num_agent_steps: int64 variable: steps learned from (T * B a trajectory), by which the
            schedules go.
    """

    def __init__(self, agent: Any, settings: ActorCriticSettings,
                 teacher: teacher_lib.Teacher | None = None):
        """Builds the optimizer.

        Args:
            agent: has `trainable_variables`, `action_spec` and `unroll(...)` (plain
                differentiable Python).
            settings: see there.
            teacher: whose policy the agent's is kept close to; None does without.

        Raises:
            ValueError: there is a `kl_cost` and no teacher.
        """
        if settings.kl_cost and teacher is None:
            raise ValueError(f"kl_cost: {settings.kl_cost} needs a teacher to be close to; give "
                             "one, or a kl_cost of 0.")
        self._agent = agent
        self._teacher = teacher
        self._settings = settings
        self._entropy_weights = entropy.argument_weights(agent.action_spec.sizes,
                                                         settings.entropy_weighting)
        self._variables = list(agent.trainable_variables)
        self.optimizer = keras.optimizers.Adam(settings.learning_rate,
                                               epsilon=settings.adam_epsilon)
        self.optimizer.build(self._variables)
        self.num_agent_steps = tf.Variable(0, dtype=tf.int64, name="num_agent_steps")
        self._update = tf.function(self._update_graph, jit_compile=settings.jit_compile)

    @property
    def num_updates(self) -> int:
        """Updates so far; kept by the optimizer, so a checkpoint of it restores this too."""
        return int(self.optimizer.iterations)

    def step(self, trajectory: specs.Trajectory) -> dict[str, float]:
        """Makes one update.

        Args:
            trajectory: T steps of B environments; every batch must have the same shapes.

        Returns:
            Scalars by TensorBoard tag. `entropy/<argument>` and, with a teacher, `kl/<argument>`
            are means over the steps that use the argument, and absent when none does.

        Raises:
            ValueError: when the trajectory has not one observation more than actions, or is of
                other environments than the teacher's.
            DivergenceError: when a loss or a gradient is not finite; no weight has changed then.
        """
        if len(trajectory.step_types) != len(trajectory.rewards) + 1:
            raise ValueError(
                f"Trajectory: expected T+1 observations around T actions, got "
                f"{len(trajectory.step_types)} step types and {len(trajectory.rewards)} rewards.")
        num_environments = np.shape(trajectory.rewards)[1]
        if self._teacher and num_environments != self._teacher.num_environments:
            raise ValueError(f"Trajectory: expected the {self._teacher.num_environments} "
                             f"environments of the teacher, got {num_environments}.")
        scalars, gradient_norms = self._update(trajectory)
        metrics = dict(zip(scalars, np.asarray(tf.stack(list(scalars.values()))).tolist(),
                           strict=True))
        gradients_lib.require_finite(
            metrics, gradient_norms, self._variables, self.num_updates)
        num_used = {name: metrics.pop(_num_used(name)) for name in self._entropy_weights}
        for name, count in num_used.items():
            if not count:
                del metrics[f"entropy/{name}"]
                metrics.pop(f"kl/{name}", None)
        return metrics

    def _update_graph(self, trajectory: specs.Trajectory):
        settings = self._settings
        entropy_cost = self._entropy_cost()
        learning_rate = self._learning_rate()
        # Outside the tape: nothing is kept for a gradient that nobody asks for.
        judgement, teacher_state = self._teacher.judge(trajectory) if self._teacher else (None, ())
        with tf.GradientTape() as tape:
            total, scalars = self._losses(trajectory, entropy_cost, judgement)
        # Of the values: TensorFlow makes no zeros for a Keras variable that takes no part.
        gradients = tape.gradient(total, [adam.value_of(variable) for variable in self._variables],
                                  unconnected_gradients=tf.UnconnectedGradients.ZERO)
        gradients, norms, norm = gradients_lib.clip(gradients, settings.gradient_clipping)

        def apply():
            self.optimizer.learning_rate.assign(learning_rate)
            self.optimizer.apply(gradients, self._variables)
            self.num_agent_steps.assign_add(tf.size(trajectory.rewards, out_type=tf.int64))
            if self._teacher:
                self._teacher.remember(teacher_state)

        # Every loss part reaches the total and every gradient the norm, so these two tell of all.
        tf.cond(tf.math.is_finite(total) & tf.math.is_finite(norm), apply, lambda: None)
        scalars |= {"gradient/norm": norm, "learning_rate": learning_rate,
                    "entropy_cost": entropy_cost}
        return scalars, norms

    def _losses(self, trajectory: specs.Trajectory, entropy_cost: tf.Tensor,
                teacher_logits: dict[str, tf.Tensor] | None):
        settings = self._settings
        unroll = self._agent.unroll(trajectory.observations, trajectory.step_types,
                                    trajectory.actions, trajectory.initial_state)
        valid = masking.valid_steps(trajectory.step_types)  # [T, B]
        values_t = unroll.values[:-1]  # [T, B]
        targets = self._targets(trajectory, unroll.values, valid)
        advantages = targets - values_t
        used_advantages = (masking.normalize(advantages, valid) if settings.normalize_advantages
                           else advantages)
        log_probs = policy_gradient.joint_log_prob(unroll.log_probs)

        def mean(losses):
            return masking.masked_mean(losses, valid)

        policy_loss = mean(policy_gradient.policy_gradient_loss(log_probs, used_advantages))
        value_loss = mean(value.value_loss(values_t, targets))
        entropy_loss = mean(entropy.entropy_loss(unroll.entropies, self._entropy_weights))
        total = policy_loss + settings.value_cost * value_loss + entropy_cost * entropy_loss
        scalars = {
            "loss/total": total,
            "loss/policy": policy_loss,
            "loss/value": value_loss,
            "loss/entropy": entropy_loss,
            "value/mean": mean(values_t),
            "value/target_mean": mean(targets),
            "value/explained_variance": value.explained_variance(values_t, targets, valid),
            "advantage/mean_absolute": mean(tf.abs(advantages)),
            "reward/mean": mean(trajectory.rewards),
        }
        by_argument = {"entropy": unroll.entropies}
        if teacher_logits is not None:
            divergences = distillation.by_argument(
                distillation.kl_divergence, teacher_logits, unroll.logits, unroll.used)
            kl_cost, kl_loss = self._kl_cost(), mean(tf.add_n(list(divergences.values())))
            total += kl_cost * kl_loss
            scalars |= {"loss/total": total, "loss/kl": kl_loss, "kl_cost": kl_cost}
            by_argument["kl"] = divergences
        return total, scalars | self._argument_scalars(trajectory.actions, valid, by_argument)

    def _targets(self, trajectory: specs.Trajectory, values: tf.Tensor, valid: tf.Tensor):
        settings = self._settings
        rewards = settings.reward_scale * trajectory.rewards
        discounts = settings.discount * trajectory.discounts
        if settings.num_return_steps is not None:
            return returns.n_step_returns(rewards, discounts, values, settings.num_return_steps,
                                          valid)
        return returns.lambda_returns(rewards, discounts, values, settings.gae_lambda, valid)

    def _argument_scalars(self, actions, valid, by_argument) -> dict[str, tf.Tensor]:
        """Means of each argument over the steps that use it, and how many those are."""
        used_by = self._agent.action_spec.used_by
        uses = tf.constant(np.stack(list(used_by.values()), axis=1))
        used = tf.gather(uses, actions[specs.ACTION_TYPE])  # [T, B, 1 + arguments]
        scalars = {}
        for i, name in enumerate(used_by):
            mask = valid & used[:, :, i]
            for what, values in by_argument.items():
                scalars[f"{what}/{name}"] = masking.masked_mean(values[name], mask)
            scalars[_num_used(name)] = tf.reduce_sum(tf.cast(mask, tf.float32))
        return scalars

    def _entropy_cost(self) -> tf.Tensor:
        settings = self._settings
        final = settings.entropy_cost * settings.entropy_final_fraction
        left = self._fraction_left(settings.entropy_decay_agent_steps)
        return final + (settings.entropy_cost - final) * left

    def _kl_cost(self) -> tf.Tensor:
        return self._settings.kl_cost * self._fraction_left(self._settings.kl_decay_agent_steps)

    def _learning_rate(self) -> tf.Tensor:
        settings = self._settings
        if settings.learning_rate_schedule == "constant":
            return tf.constant(settings.learning_rate)
        return settings.learning_rate * self._fraction_left(
            settings.learning_rate_decay_agent_steps)

    def _fraction_left(self, num_decay_agent_steps: int) -> tf.Tensor:
        """1 at the first step, 0 after the decay, linear between; always 1 without a decay."""
        if not num_decay_agent_steps:
            return tf.constant(1.0)
        done = tf.cast(self.num_agent_steps, tf.float32) / num_decay_agent_steps
        return tf.maximum(1.0 - done, 0.0)


def _num_used(argument: str) -> str:
    return f"num_used/{argument}"
