"""An environment whose rewards are known, and an agent that writes down what it was asked."""

from typing import NamedTuple

import numpy as np

from environment import specs

ACTION_SPEC = specs.ActionSpec(
    ("wait", "click"), (specs.ArgumentSpec("screen", 4, (2, 2)),),
    np.array([[False], [True]]))


class CountingEnvironment:
    """Episodes of `lengths[i]` steps, in turn; step k of an episode earns `k`."""

    def __init__(self, lengths):
        self.lengths, self.episode, self.step_number, self.actions = lengths, -1, 0, []

    def _time_step(self, kind, reward):
        observation = {"count": np.array([self.episode, self.step_number], np.float32)}
        return specs.TimeStep(np.array(kind, np.int8), np.array(reward, np.float32),
                              np.array(1, np.float32), observation)

    def reset(self):
        self.episode, self.step_number = self.episode + 1, 0
        return self._time_step(specs.StepType.FIRST, 0)

    def step(self, action):
        length = self.lengths[self.episode % len(self.lengths)]
        if self.step_number == length:
            return self.reset()
        self.actions.append(action)
        self.step_number += 1
        kind = specs.StepType.LAST if self.step_number == length else specs.StepType.MID
        return self._time_step(kind, self.step_number)


class GroupedEnvironments:
    """Several environments, two a group."""

    def __init__(self, environments):
        self.environments = environments
        self.num_environments, self.num_groups = len(environments), len(environments) // 2

    def group_slice(self, group):
        return slice(2 * group, 2 * group + 2)

    def reset(self):
        self.time_steps = [environment.reset() for environment in self.environments]

    def receive(self, group):
        parts = self.time_steps[self.group_slice(group)]
        names = parts[0].observation
        return specs.TimeStep(
            *(np.stack([part[i] for part in parts]) for i in range(3)),
            {name: np.stack([part.observation[name] for part in parts]) for name in names})

    def send(self, group, action):
        for i in range(self.num_environments)[self.group_slice(group)]:
            self.time_steps[i] = self.environments[i].step(
                {name: value[i - 2 * group] for name, value in action.items()})


class AgentStep(NamedTuple):
    action: dict
    log_prob: np.ndarray
    value: np.ndarray
    logits: dict


class CountingAgent:
    """Its state counts the steps since an episode began; its click is the count modulo 4."""

    def __init__(self):
        self.greedy = []

    def initial_state(self, batch_size):
        return np.full(batch_size, 100)

    def step(self, observation, step_type, state, greedy):
        self.greedy.append(greedy)
        count = np.where(step_type == specs.StepType.FIRST, 0, state)
        np.testing.assert_array_equal(count, observation["count"][:, 1])
        batch = len(step_type)
        action = {"action_type": np.ones(batch, np.int32), "screen": (count % 4).astype(np.int32)}
        logits = {"action_type": np.tile([0.0, np.log(3.0)], (batch, 1)),
                  "screen": np.zeros((batch, 4))}
        return AgentStep(action, np.zeros(batch), count.astype(np.float32), logits), count + 1
