"""The agent: acts step by step, and says what it thinks of whole batches of experience.

`step` and `unroll` run the same network: acting is an unroll of one step in which the choices are
drawn instead of given. So what the learner differentiates is what the actor did.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

import network as network_lib
from environment import delays, specs
from layers import categorical, choosing


class AgentStep(NamedTuple):
    """What an agent did in B environments.

    Attributes:
        action: int32 [B] for each component; arguments that the action type does not take are 0.
        log_prob: float32 [B], of the whole action: the sum over the components that are used.
        value: float32 [B].
        logits: float32 tensors [B, A] by component, forbidden choices at `categorical.FORBIDDEN`.
    """

    action: specs.Action
    log_prob: np.ndarray
    value: np.ndarray
    logits: dict[str, tf.Tensor]


class AgentUnroll(NamedTuple):
    """What an agent thinks of T steps of B environments.

    Attributes:
        logits: float32 [T, B, A] by component; forbidden choices at `categorical.FORBIDDEN`.
        log_probs: float32 [T, B] by component, of the action that was taken; 0 where its type does
            not use the component.
        entropies: float32 [T, B] by component, in nats; 0 where it is not used.
        used: float32 [T, B] by component, 1 where the action type takes it, and in a sequence where
            it has not ended before.
        values: float32 [T+1, B].
        final_state: before observation T, which begins the next unroll; [B, ...].
    """

    logits: dict[str, tf.Tensor]
    log_probs: dict[str, tf.Tensor]
    entropies: dict[str, tf.Tensor]
    used: dict[str, tf.Tensor]
    values: tf.Tensor
    final_state: Any


class Agent:
    """A network that plays.

    Attributes:
        network: the `keras.Model`; its variables all exist.
        random_generator: `tf.random.Generator` of the choices; save it to resume exactly.
        temperature: of what `step` draws, above 0; 1 draws by the probabilities. The delay is
            always drawn by its probability. AlphaStar played with 0.8 after supervised learning.
    """

    def __init__(self, network: network_lib.PolicyNetwork,
                 observation_spec: specs.ObservationSpec, action_spec: specs.ActionSpec,
                 seed: int = 0):
        """Args:
            network: from `network.build`, for the same specs.
            observation_spec: what `step` and `unroll` are given.
            action_spec: what they return or are given.
            seed: of the choices.
        """
        self.network = network
        self.observation_spec = observation_spec
        self.action_spec = action_spec
        self.random_generator = tf.random.Generator.from_seed(seed)
        self.temperature = 1.0
        observation_signature = {
            array.name: tf.TensorSpec([None, *array.shape], array.dtype, name=array.name)
            for array in observation_spec.arrays}
        state_signature = tf.nest.map_structure(
            lambda leaf: tf.TensorSpec([None, *leaf.shape[1:]], leaf.dtype),
            network.initial_state(1))
        signature = (observation_signature, tf.TensorSpec([None], tf.int8), state_signature)
        # No control flow depends on data: autograph would only make tracing slow.
        self._sample = tf.function(
            self._act_by_sampling, autograph=False,
            input_signature=(*signature, tf.TensorSpec([], tf.float32, name="temperature")))
        self._take_best = tf.function(
            self._act_greedily, input_signature=signature, autograph=False)

    @property
    def trainable_variables(self) -> list:
        """The weights of the network."""
        return self.network.trainable_variables

    def initial_state(self, batch_size: int) -> Any:
        """The state before the first step: nested tuple of float32 tensors [B, ...]."""
        return self.network.initial_state(batch_size)

    def step(self, observation: specs.Observation, step_type: np.ndarray, state: Any,
             greedy: bool = False) -> tuple[AgentStep, Any]:
        """Acts.

        Args:
            observation: named arrays [B, ...].
            step_type: int8 [B]; where it is FIRST the state is reset before use.
            state: from `initial_state` or the step before.
            greedy: take the most probable choices instead of drawing.

        Returns:
            An `AgentStep` and the next state.
        """
        seen = observation, np.asarray(step_type, np.int8), state
        choices, log_prob, value, logits, state = (
            self._take_best(*seen) if greedy
            else self._sample(*seen, np.float32(self.temperature)))
        columns = choices.numpy().T
        action = dict(zip(self.network.heads.names, columns, strict=True))
        return AgentStep(action, log_prob.numpy(), value.numpy(), logits), state

    def unroll(self, observations: dict[str, Any], step_types: Any, actions: dict[str, Any],
               initial_state: Any) -> AgentUnroll:
        """Evaluates actions that were taken, every choice conditioned on those before it.

        Args:
            observations: named arrays [T+1, B, ...].
            step_types: [T+1, B]; T must be known when the graph is made.
            actions: named int32 [T, B].
            initial_state: before observation 0, [B, ...].

        Returns:
            An `AgentUnroll`, differentiable w.r.t. the weights. The last observation has a value
            but no action.
        """
        step_types = tf.convert_to_tensor(step_types)
        output, by_step = self._look_through(
            observations, step_types, actions, initial_state, own=())
        batch_shape = tf.shape(step_types)
        length = step_types.shape[0] - 1
        decision = output.decision
        return AgentUnroll(
            logits={n: by_step(v) for n, v in self._logits(decision.distributions).items()},
            log_probs=self._by_name(by_step(_log_probs(decision))),
            entropies=self._by_name(by_step(_entropies(decision))),
            used=self._by_name(by_step(decision.used)),
            values=tf.reshape(output.values, batch_shape),
            final_state=output.states[-2] if length else initial_state)

    def own_choices(self, observations: dict[str, Any], step_types: Any, actions: dict[str, Any],
                    initial_state: Any, own: Collection[str]) -> dict[str, tf.Tensor]:
        """What the agent would choose of some components, had it made all other choices as told.

        In `unroll` every slot of a sequence is told what was chosen before it; here the agent is on
        its own from the first slot to the end that it sets.

        Args:
            observations: as in `unroll`, like the next three.
            step_types: [T+1, B].
            actions: named int32 [T, B]; what they say of the `own` components does not matter.
            initial_state: before observation 0, [B, ...].
            own: components, such as all slots of a sequence.

        Returns:
            int32 [T, B] by `own` component, the most probable choices; 0 where the action type does
            not use it, and behind the end of a sequence.
        """
        output, by_step = self._look_through(
            observations, tf.convert_to_tensor(step_types), actions, initial_state, own)
        decision = output.decision
        choices = self._by_name(by_step(decision.choices * tf.cast(decision.used, tf.int32)))
        return {name: choices[name] for name in own}

    def _look_through(self, observations: dict[str, Any], step_types: tf.Tensor,
                      actions: dict[str, Any], initial_state: Any, own: Collection[str]):
        """The network on T+1 observations and T actions, without those of `own` components.

        Returns:
            Its output, [(T+1) * B, ...], and what brings a part of it to [T, B, ...].
        """
        num_steps = step_types.shape[0]
        if num_steps is None:
            raise ValueError("unroll needs a known number of steps; got step_types of shape "
                             f"{step_types.shape}.")
        # There is no action after the last observation.
        given = {name: tf.reshape(tf.pad(actions[name], [[0, 1], [0, 0]]), [-1])
                 for name in self.network.heads.names}
        output = self.network(
            observations={array.name: tf.reshape(observations[array.name], [-1, *array.shape])
                          for array in self.observation_spec.arrays},
            is_first=tf.reshape(tf.equal(step_types, int(specs.StepType.FIRST)), [-1]),
            state=initial_state, num_steps=num_steps, chooser=choosing.Given(given, own))
        batch_shape = tf.shape(step_types)

        def by_step(values):
            shape = tf.concat([batch_shape, tf.shape(values)[1:]], axis=0)
            return tf.reshape(values, shape)[:num_steps - 1]

        return output, by_step

    def _act_by_sampling(self, observation, step_type, state, temperature):
        seeds = self.random_generator.make_seeds(len(self.network.heads.groups))
        return self._act(observation, step_type, state,
                         choosing.Drawn(seeds, temperature, untempered=(delays.DELAY,)))

    def _act_greedily(self, observation, step_type, state):
        return self._act(observation, step_type, state, choosing.MostProbable())

    def _act(self, observation, step_type, state, chooser):
        output = self.network(
            observations=observation, is_first=tf.equal(step_type, int(specs.StepType.FIRST)),
            state=state, num_steps=1, chooser=chooser)
        decision = output.decision
        choices = decision.choices * tf.cast(decision.used, tf.int32)
        return (choices, tf.reduce_sum(_log_probs(decision), axis=-1), output.values,
                self._logits(decision.distributions), output.states[-1])

    def _by_name(self, values: tf.Tensor) -> dict[str, tf.Tensor]:
        """[T, B, K] -> [T, B] by component."""
        return dict(zip(self.network.heads.names, tf.unstack(values, axis=-1), strict=True))

    def _logits(self, distributions: tuple[categorical.MaskedCategorical, ...]
                ) -> dict[str, tf.Tensor]:
        """[N, G, A] by group -> [N, size] by component."""
        logits = {}
        for group, distribution in zip(self.network.heads.groups, distributions, strict=True):
            columns = tf.unstack(distribution.logits, num=len(group.names), axis=1)
            for name, size, column in zip(group.names, group.sizes, columns, strict=True):
                logits[name] = column[:, :size] if size < group.width else column
        return logits


def _log_probs(decision) -> tf.Tensor:
    """float32 [N, K], 0 where a component is not used."""
    widths = [d.logits.shape[1] for d in decision.distributions]
    choices = tf.split(decision.choices, widths, axis=-1)
    log_probs = [d.log_prob(c) for d, c in zip(decision.distributions, choices, strict=True)]
    return tf.concat(log_probs, axis=-1) * decision.used


def _entropies(decision) -> tf.Tensor:
    """float32 [N, K], 0 where a component is not used."""
    return tf.concat([d.entropy() for d in decision.distributions], axis=-1) * decision.used
