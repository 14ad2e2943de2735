"""Small environments and agents for tests of actors and learners: they count, or learn fast."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from environment import specs

FIRST, MID, LAST = specs.StepType.FIRST, specs.StepType.MID, specs.StepType.LAST


class AgentStep(NamedTuple):
    action: dict
    log_prob: object
    value: object
    logits: dict


class AgentUnroll(NamedTuple):
    logits: dict
    log_probs: dict
    entropies: dict
    used: dict
    values: object
    final_state: object


class FakeEnvironments:
    """Environments in groups, without processes; complains about calls out of order."""

    def __init__(self, environments, num_groups):
        self._environments = environments
        self._size = len(environments) // num_groups
        self._waiting = [None] * num_groups
        self.calls = []
        self.num_environments = len(environments)
        self.num_groups = num_groups
        self.observation_spec = environments[0].observation_spec
        self.action_spec = environments[0].action_spec

    def group_slice(self, group):
        return slice(group * self._size, (group + 1) * self._size)

    def reset(self):
        for group in range(self.num_groups):
            steps = [env.reset() for env in self._environments[self.group_slice(group)]]
            self._waiting[group] = stack(steps)

    def receive(self, group):
        self.calls.append(("receive", group))
        time_step, self._waiting[group] = self._waiting[group], None
        assert time_step is not None, f"group {group} was received twice"
        return time_step

    def send(self, group, action):
        self.calls.append(("send", group))
        assert self._waiting[group] is None, f"group {group} was sent to before it was received"
        self.action_spec.validate(action, (self._size,))
        self._waiting[group] = stack([
            env.step({name: value[i] for name, value in action.items()})
            for i, env in enumerate(self._environments[self.group_slice(group)])])


def stack(time_steps):
    names = time_steps[0].observation
    return specs.TimeStep(
        np.array([s.step_type for s in time_steps], np.int8),
        np.array([s.reward for s in time_steps], np.float32),
        np.array([s.discount for s in time_steps], np.float32),
        {name: np.stack([s.observation[name] for s in time_steps]) for name in names})


class CountingEnvironment:
    """Shows its index, its episode and its step; insists on being told the step it showed.

    The reward of the action that leads to step n is n. The last of `episode_len` steps is a
    time-out in even episodes and terminal in odd ones. At `restart_at` (episode, step) a new
    episode begins without the old one having ended.
    """

    observation_spec = specs.ObservationSpec((specs.ArraySpec(
        "counts", specs.Kind.VECTOR, (3,), "float32",
        tuple(specs.Feature(name) for name in ("index", "episode", "step"))),))
    action_spec = specs.ActionSpec(("tell",), (specs.ArgumentSpec("step", 100),),
                                   np.array([[True]]))

    def __init__(self, index, episode_len, restart_at=None):
        self._index, self._episode_len, self._restart_at = index, episode_len, restart_at
        self._episode, self._step = -1, 0

    def reset(self):
        self._episode, self._step = self._episode + 1, 0
        return self._time_step(FIRST, 0.0, 1.0)

    def step(self, action):
        assert action["step"] == self._step, f"told {action['step']} at step {self._step}"
        if self._step == self._episode_len or (self._episode, self._step) == self._restart_at:
            return self.reset()
        self._step += 1
        ended = self._step == self._episode_len
        discount = 0.0 if ended and self._episode % 2 else 1.0
        return self._time_step(LAST if ended else MID, float(self._step), discount)

    def _time_step(self, step_type, reward, discount):
        counts = np.array([self._index, self._episode, self._step], np.float32)
        return specs.TimeStep(step_type, reward, discount, {"counts": counts})


class CountingAgent:
    """Tells the step it sees. Its state counts the steps since the episode's first observation."""

    def initial_state(self, batch_size):
        return (tf.fill([batch_size, 1], -1.0),)

    def step(self, observation, step_type, state, greedy=False):
        steps = observation["counts"][:, 2]
        (count,) = state
        count = tf.where(np.asarray(step_type == FIRST)[:, None], 1.0, count + 1.0)
        action = {"action_type": np.zeros(len(steps), np.int32), "step": steps.astype(np.int32)}
        return AgentStep(action, tf.constant(-steps), tf.constant(steps), {}), (count,)


class ClickEnvironment:
    """Shows one of nine places; a click there that is not queued earns 1. Ten steps an episode.

    A policy that chooses at random earns 10 * 1/2 (click) * 1/2 (not queued) * 1/9 = 0.28.
    """

    NUM_PLACES = 9
    observation_spec = specs.ObservationSpec((specs.ArraySpec(
        "target", specs.Kind.VECTOR, (NUM_PLACES,), "float32",
        tuple(specs.Feature(f"place_{i}") for i in range(NUM_PLACES))),))
    action_spec = specs.ActionSpec(
        ("wait", "click"),
        (specs.ArgumentSpec("queued", 2), specs.ArgumentSpec("place", NUM_PLACES, (3, 3))),
        np.array([[False, False], [True, True]]))

    def __init__(self, seed):
        self._rng = np.random.default_rng(seed)
        self._step, self._target = 0, 0

    def reset(self):
        self._step = 0
        return self._time_step(FIRST, 0.0)

    def step(self, action):
        if self._step == 10:
            return self.reset()
        self._step += 1
        click = action["action_type"] == 1 and not action["queued"]
        hit = click and action["place"] == self._target
        return self._time_step(LAST if self._step == 10 else MID, float(hit))

    def _time_step(self, step_type, reward):
        self._target = self._rng.integers(self.NUM_PLACES)
        target = np.eye(self.NUM_PLACES, dtype=np.float32)[self._target]
        return specs.TimeStep(step_type, reward, 1.0, {"target": target})


class LinearAgent:
    """One linear layer from the only observation array to all logits and the value."""

    def __init__(self, observation_spec, action_spec, seed):
        (array,) = observation_spec.arrays
        self._name = array.name
        self.observation_spec, self.action_spec = observation_spec, action_spec
        self._layer = keras.layers.Dense(
            sum(action_spec.sizes.values()) + 1,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01, seed=seed))
        self._layer.build((None, array.shape[-1]))
        self.trainable_variables = self._layer.trainable_variables
        self.generator = tf.random.Generator.from_seed(seed)
        self.num_traces = 0

    def initial_state(self, batch_size):
        return ()

    def heads(self, observation):
        sizes = self.action_spec.sizes
        *logits, value = tf.split(self._layer(observation[self._name]), [*sizes.values(), 1], -1)
        return dict(zip(sizes, logits, strict=True)), value[..., 0]

    def used(self, action_type):
        uses = tf.gather(tf.constant(self.action_spec.uses), action_type)
        names = list(self.action_spec.sizes)
        return {names[0]: tf.ones_like(action_type, tf.bool)} | {
            name: uses[..., i] for i, name in enumerate(names[1:])}

    def log_probs(self, logits, action):
        used = self.used(action["action_type"])
        return {name: tf.where(used[name], -tf.nn.sparse_softmax_cross_entropy_with_logits(
            action[name], logits[name]), 0.0) for name in logits}

    def step(self, observation, step_type, state, greedy=False):
        return self._sample(observation), state

    @tf.function
    def _sample(self, observation):
        logits, value = self.heads(observation)
        gumbel = {name: -tf.math.log(-tf.math.log(self.generator.uniform(tf.shape(x), 1e-6, 1.0)))
                  for name, x in logits.items()}
        action = {name: tf.argmax(x + gumbel[name], -1, tf.int32) for name, x in logits.items()}
        log_prob = tf.add_n(list(self.log_probs(logits, action).values()))
        return AgentStep(action, log_prob, value, logits)

    def unroll(self, observations, step_types, actions, initial_state):
        self.num_traces += 1
        logits, values = self.heads(observations)
        logits = {name: x[:-1] for name, x in logits.items()}
        used = self.used(actions["action_type"])
        entropies = {name: tf.where(used[name], -tf.reduce_sum(
            tf.nn.softmax(x) * tf.nn.log_softmax(x), -1), 0.0) for name, x in logits.items()}
        return AgentUnroll(logits, self.log_probs(logits, actions), entropies, used, values, ())


def click_setup(seed=0, num_environments=8, num_groups=2):
    environments = FakeEnvironments(
        [ClickEnvironment(1000 * seed + i) for i in range(num_environments)], num_groups)
    agent = LinearAgent(environments.observation_spec, environments.action_spec, seed)
    return agent, environments
