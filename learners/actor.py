"""Plays an agent in many environments at once and cuts what happens into trajectories."""

from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from environment import specs


class Environments(Protocol):
    """What the actor needs of a batch of environments: groups that are stepped one by one.

    `send` returns at once and the group computes; `receive` waits for its time step. The arrays of
    a received time step belong to the receiver.
    """

    num_environments: int
    num_groups: int
    observation_spec: specs.ObservationSpec
    action_spec: specs.ActionSpec

    def group_slice(self, group: int) -> slice: ...
    def reset(self) -> None: ...
    def receive(self, group: int) -> specs.TimeStep: ...
    def send(self, group: int, action: specs.Action) -> None: ...


class Episode(NamedTuple):
    """A finished episode.

    Attributes:
        score: sum of its rewards.
        length_agent_steps: number of actions played in it.
    """

    score: float
    length_agent_steps: int


class Actor:
    """Collects unrolls of one agent in parallel environments.

    While the agent acts for one group, the others compute: for every step the groups are received
    and sent in the order of their numbers, whoever is ready first. So the same seeds give the same
    trajectories, and the weights do not change within one.

    The observation which ends an unroll begins the next one. It is acted upon there, with the
    weights of then.

    An agent step is one action sent to one environment. The action that answers the last
    observation of an episode is counted too, although the environment ignores it.

    Attributes:
        num_agent_steps: agent steps so far, all environments together.
        episodes: the episodes that finished during the last `collect`. One that was dropped (its
            environment was restarted) never finishes and is not among them.
    """

    def __init__(self, agent: Any, environments: Environments, unroll_len: int):
        """Starts nothing: the environments are reset by the first `collect`.

        Args:
            agent: has `initial_state(batch_size)` and `step(observation, step_type, state)`.
            environments: all of them are played, group by group.
            unroll_len: T, the number of actions in a trajectory.

        Raises:
            ValueError: when `unroll_len` is below 1.
        """
        if unroll_len < 1:
            raise ValueError(f"unroll_len: expected at least 1, got {unroll_len}.")
        self._agent = agent
        self._environments = environments
        self._unroll_len = unroll_len
        self._slices = [environments.group_slice(g) for g in range(environments.num_groups)]
        self._time_steps: list[specs.TimeStep] = []  # by group: received, not yet acted upon
        self._states: list[Any] = []  # by group: the state before that time step
        self._scores = np.zeros(environments.num_environments, np.float64)
        self._lengths = np.zeros(environments.num_environments, np.int64)
        self.num_agent_steps = 0
        self.episodes: list[Episode] = []

    @property
    def episode_scores(self) -> list[float]:
        """Scores of the episodes that finished during the last `collect`."""
        return [episode.score for episode in self.episodes]

    def collect(self) -> specs.Trajectory:
        """Plays `unroll_len` steps in every environment.

        Returns:
            A trajectory of NumPy arrays [T+1, B] and [T, B], contiguous, the caller's to keep; B is
            every environment in its order. `initial_state` is the agent's state before observation
            0, as the agent returned it, [B, ...].

        Raises:
            ValueError: when the environments' first observation does not fit their spec.
        """
        self.episodes = []
        if not self._time_steps:
            self._start()
        initial_state = self._joined_state()
        trajectory = self._empty(initial_state)
        last = self._unroll_len
        for t in range(last + 1):
            for group, columns in enumerate(self._slices):
                if t > 0:
                    self._time_steps[group] = self._environments.receive(group)
                    self._count(self._time_steps[group], columns)
                self._write_time_step(trajectory, t, group)
                if t < last:
                    self._act(trajectory, t, group)
        self.num_agent_steps += last * self._environments.num_environments
        return trajectory

    def _start(self) -> None:
        self._environments.reset()
        for group, columns in enumerate(self._slices):
            size = columns.stop - columns.start
            time_step = self._environments.receive(group)
            self._environments.observation_spec.validate(time_step.observation, (size,))
            self._time_steps.append(time_step)
            self._states.append(self._agent.initial_state(size))

    def _joined_state(self) -> Any:
        return tf.nest.map_structure(lambda *parts: np.concatenate(parts, axis=0), *self._states)

    def _empty(self, initial_state: Any) -> specs.Trajectory:
        """New arrays each time: a reused one would change a trajectory somebody still reads."""
        batch = self._environments.num_environments
        after, before = (self._unroll_len + 1, batch), (self._unroll_len, batch)
        return specs.Trajectory(
            observations={array.name: np.empty((*after, *array.shape), array.dtype)
                          for array in self._environments.observation_spec.arrays},
            step_types=np.empty(after, np.int8),
            actions={name: np.empty(before, np.int32)
                     for name in self._environments.action_spec.sizes},
            rewards=np.empty(before, np.float32),
            discounts=np.empty(before, np.float32),
            behaviour_log_probs=np.empty(before, np.float32),
            initial_state=initial_state)

    def _write_time_step(self, trajectory: specs.Trajectory, t: int, group: int) -> None:
        """Observation t, and what the action before it earned."""
        time_step, columns = self._time_steps[group], self._slices[group]
        for name, array in trajectory.observations.items():
            array[t, columns] = time_step.observation[name]
        trajectory.step_types[t, columns] = time_step.step_type
        if t > 0:
            trajectory.rewards[t - 1, columns] = time_step.reward
            trajectory.discounts[t - 1, columns] = time_step.discount

    def _act(self, trajectory: specs.Trajectory, t: int, group: int) -> None:
        time_step, columns = self._time_steps[group], self._slices[group]
        agent_step, self._states[group] = self._agent.step(
            time_step.observation, time_step.step_type, self._states[group])
        action = {name: np.asarray(value) for name, value in agent_step.action.items()}
        self._environments.send(group, action)
        for name, array in trajectory.actions.items():
            array[t, columns] = action[name]
        trajectory.behaviour_log_probs[t, columns] = agent_step.log_prob

    def _count(self, time_step: specs.TimeStep, columns: slice) -> None:
        """Adds a time step to the running scores; files the episodes which it closes."""
        first = time_step.step_type == specs.StepType.FIRST
        scores, lengths = self._scores[columns], self._lengths[columns]  # views
        scores += np.where(first, 0.0, time_step.reward)
        lengths += np.where(first, 0, 1)
        scores[first], lengths[first] = 0.0, 0
        for i in np.flatnonzero(time_step.step_type == specs.StepType.LAST):
            self.episodes.append(Episode(float(scores[i]), int(lengths[i])))
