"""Plays whole episodes with an agent and keeps their scores."""

import os
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from environment import environment_group, specs


class Environments(Protocol):
    """Groups of environments, stepped one group at a time (see `environment.parallel`)."""

    num_environments: int
    num_groups: int

    def group_slice(self, group: int) -> slice: ...
    def reset(self) -> None: ...
    def receive(self, group: int) -> specs.TimeStep: ...
    def send(self, group: int, action: specs.Action) -> None: ...


class OneEnvironment:
    """A single environment of this process as a group of one, for clips, windows and replays."""

    num_environments = 1
    num_groups = 1

    def __init__(self, environment: Any):
        self._environment = environment
        self._time_step: specs.TimeStep | None = None

    def group_slice(self, group: int) -> slice:
        return slice(0, 1)

    def reset(self) -> None:
        self._time_step = self._environment.reset()

    def receive(self, group: int) -> specs.TimeStep:
        step_type, reward, discount, observation = self._time_step
        return specs.TimeStep(
            np.asarray(step_type, np.int8)[None], np.asarray(reward, np.float32)[None],
            np.asarray(discount, np.float32)[None],
            {name: array[None] for name, array in observation.items()})

    def send(self, group: int, action: specs.Action) -> None:
        self._time_step = self._environment.step({name: value[0] for name, value in action.items()})


class Observer:
    """Is told what happens in a match; does nothing itself."""

    def acted(self, time_step: specs.TimeStep, agent_step: Any, score: float) -> None:
        """The agent has chosen its answer to a time step; both are batches [B, ...] of one group.

        Args:
            time_step: what the agent saw.
            agent_step: what it chose, with `action`, `value` and `logits`.
            score: of the running episode of the first environment.
        """

    def finished(self, score: float, num_finished: int) -> None:
        """An episode that counts has ended, before anything else is sent to its environment."""


class ReplaySaver(Observer):
    """Saves a replay of every episode of one environment."""

    def __init__(self, environment: Any, folder: str):
        """Makes the folder; raises OSError if that is impossible."""
        os.makedirs(folder, exist_ok=True)
        self._environment, self._folder = environment, folder

    def finished(self, score: float, num_finished: int) -> None:
        print(f"Replay of a score of {score:g}: {self._environment.save_replay(self._folder)}")


def play(agent: Any, environments: Environments, num_episodes: int, greedy: bool = False,
         observers: tuple[Observer, ...] = ()) -> list[float]:
    """Plays until `num_episodes` have ended.

    Every environment plays its share, fixed beforehand: taking whichever episodes end first would
    favour short ones.

    Args:
        agent: has `initial_state(batch_size)` and `step(observation, step_type, state, greedy)`.
        environments: are reset first; episodes that are dropped in them are played again.
        num_episodes: at least 1.
        greedy: takes the likeliest action instead of sampling.
        observers: are told of every step and every episode.

    Returns:
        The scores, by environment and then by time.

    Raises:
        ValueError: `num_episodes` is below 1.
    """
    if num_episodes < 1:
        raise ValueError(f"num_episodes: expected at least 1, got {num_episodes}.")
    batch = environments.num_environments
    shares = environment_group.shares(num_episodes, batch)
    finished: list[list[float]] = [[] for _ in range(batch)]
    running = np.zeros(batch)
    slices = [environments.group_slice(group) for group in range(environments.num_groups)]
    states = [agent.initial_state(part.stop - part.start) for part in slices]
    environments.reset()
    while any(len(scores) < share for scores, share in zip(finished, shares, strict=True)):
        for group, part in enumerate(slices):
            time_step = environments.receive(group)
            first = time_step.step_type == specs.StepType.FIRST
            running[part] = np.where(first, 0.0, running[part] + time_step.reward)
            for i in np.flatnonzero(time_step.step_type == specs.StepType.LAST) + part.start:
                if len(finished[i]) < shares[i]:
                    finished[i].append(float(running[i]))
                    _tell(observers, lambda o, i=i: o.finished(
                        finished[i][-1], sum(map(len, finished))))
            agent_step, states[group] = agent.step(
                time_step.observation, time_step.step_type, states[group], greedy)
            _tell(observers, lambda o, a=agent_step, t=time_step, s=part: o.acted(
                t, a, float(running[s.start])))
            environments.send(
                group, {name: np.asarray(value) for name, value in agent_step.action.items()})
    return [score for scores in finished for score in scores]


def _tell(observers: tuple[Observer, ...], tell: Callable[[Observer], None]) -> None:
    for observer in observers:
        tell(observer)
