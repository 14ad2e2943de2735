"""Many environments stepped in parallel by worker processes.

    with ParallelEnvironments(make, 32, 2, observation_spec, action_spec) as environments:
        environments.reset()
        while True:
            for group in range(environments.num_groups):
                step = environments.receive(group)           # [B_g, ...]
                environments.send(group, choose(step))       # plays while others are received

A group is the environments of one worker. A worker that dies or hangs, and an environment that
fails, are replaced: the environments go on with FIRST steps, and the episodes that were running are
counted as dropped. Worker processes need POSIX (they are handed file descriptors); elsewhere
`num_workers=0` steps the environments in this process.
"""

import itertools
import os
import pickle
import weakref
from collections.abc import Mapping, Sequence

import numpy as np
from absl import logging

from environment import environment_group, shared_steps
from environment.environment_group import Failure
from environment.specs import ActionSpec, ObservationSpec, StepType, TimeStep
from environment.worker_messages import RESET, STEP, Fatal, Task
from environment.worker_process import WorkerProcess

_MAX_FAILURES_IN_A_ROW = 3
_STEPS_THAT_PROVE_LIFE = 100


class WorkerError(RuntimeError):
    """An environment cannot be played, or failed again and again.

    Attributes:
        details: the traceback of the process in which it failed; empty if that process died.
    """

    def __init__(self, message: str, details: str = ""):
        super().__init__(message)
        self.details = details


def _close_all(workers: Sequence[WorkerProcess | None], memory: int) -> None:
    started = [worker for worker in workers if worker is not None]
    for worker in started:
        worker.ask_to_close()
    for worker in started:
        worker.wait_or_kill()
    os.close(memory)


def _pickle(make_environment: environment_group.MakeEnvironment) -> bytes:
    try:
        return pickle.dumps(make_environment)
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        raise ValueError("make_environment: expected a function of a module, or a functools."
                         f"partial of one, which can be sent to a worker process ({error}).",
                         ) from error


class ParallelEnvironments:
    """Environments of one spec, in groups that are stepped by one worker process each.

    Args:
        make_environment: makes an environment of a number: `reset()`, `step(action)`, `close()`.
            The first ones have the numbers 0 to num_environments - 1; one that replaces another
            after a failure has a number that was not used before. Must be picklable, and a worker
            must be able to import it: a function of a module, or a functools.partial of one.
        num_environments: how many there are together.
        num_workers: processes that step them, and so the number of groups; 0 steps them all, as
            one group, in this process.
        observation_spec: what each environment returns.
        action_spec: what each environment takes.
        timeout_seconds: a worker is taken to hang when a single start or step of one of its
            environments takes longer.

    Attributes:
        num_environments: as given.
        num_groups: the number of workers, or 1.
        num_restarts: how many times a worker or an environment was replaced.
        num_dropped_episodes: how many running episodes were lost by that.

    Raises:
        ValueError: fewer environments than workers, or a make_environment that cannot be sent.
    """

    def __init__(self, make_environment: environment_group.MakeEnvironment, num_environments: int,
                 num_workers: int, observation_spec: ObservationSpec, action_spec: ActionSpec,
                 timeout_seconds: float = 60.0):
        if not 0 <= num_workers <= num_environments or num_environments < 1:
            raise ValueError("Expected at least one environment, and one for each worker; got "
                             f"num_environments {num_environments}, num_workers {num_workers}.")
        if num_workers and os.name != "posix":
            raise ValueError(f"Worker processes need POSIX, this is {os.name}; use num_workers 0.")
        self.observation_spec, self.action_spec = observation_spec, action_spec
        self.num_environments, self.num_groups = num_environments, max(num_workers, 1)
        self.num_restarts = self.num_dropped_episodes = 0
        self._timeout_seconds = timeout_seconds
        bounds = [num_environments * g // self.num_groups for g in range(self.num_groups + 1)]
        self._slices = [slice(*pair) for pair in itertools.pairwise(bounds)]
        self._is_pending = [False] * self.num_groups
        self._memory = shared_steps.create_memory()
        self._steps = shared_steps.SharedSteps(
            self._memory, observation_spec, action_spec, num_environments, self.num_groups)
        self._is_running = np.zeros(num_environments, np.bool_)  # in the middle of an episode
        self._numbers = list(range(num_environments))  # of the environment at each index
        self._failures_in_a_row = [0] * num_environments
        self._steps_since_failure = np.zeros(num_environments, np.int64)
        self._workers: list[WorkerProcess | None] = [None] * num_workers
        self._pickled = _pickle(make_environment) if num_workers else b""
        self._local = None if num_workers else environment_group.EnvironmentGroup(
            make_environment, self._slices[0], self._steps, 0, observation_spec, self._numbers)
        self._local_failures: list[Failure] = []
        self._close_workers = weakref.finalize(self, _close_all, self._workers, self._memory)

    def group_slice(self, group: int) -> slice:
        """Which of the environments are in a group."""
        return self._slices[group]

    @property
    def worker_pids(self) -> list[int]:
        """The process numbers of the workers that were started."""
        return [worker.pid for worker in self._workers if worker is not None]

    def reset(self) -> None:
        """Starts an episode in every environment; `receive` each group afterwards.

        Raises:
            WorkerError: as `receive`.
        """
        for group in range(self.num_groups):
            if self._is_pending[group]:
                self.receive(group)
        self._is_running[:] = False
        for group in range(self.num_groups):
            self._order(group, RESET)

    def send(self, group: int, action: Mapping[str, np.ndarray]) -> None:
        """Lets the environments of a group play one action each; returns before they have.

        Args:
            group: which group.
            action: int32 [B_g] for every component of `action_spec`. It is ignored by those
                environments whose last step was LAST: they start an episode.

        Raises:
            ValueError: an action that does not fit the spec.
            RuntimeError: the group's last step was not received yet.
        """
        if self._is_pending[group] or not self._is_started(group):
            raise RuntimeError(f"Group {group}: send() must follow a receive() of this group, and "
                               "the first of them must follow reset().")
        part = self._slices[group]
        action = {name: np.asarray(value) for name, value in action.items()}
        self.action_spec.validate(action, (part.stop - part.start,))
        for name, array in self._steps.action.items():
            array[part] = action[name]
        self._order(group, STEP)

    def receive(self, group: int) -> TimeStep:
        """Waits for the steps of a group.

        Returns:
            Steps [B_g, ...]; copies, which nobody else writes to.

        Raises:
            WorkerError: an environment cannot be started or played, or failed again and again.
            RuntimeError: there is nothing to wait for.
        """
        if not self._is_pending[group]:
            raise RuntimeError(f"Group {group}: receive() must follow reset() or send().")
        answer = self._answer(group)
        while isinstance(answer, Fatal):
            self._replace_worker(group, answer)
            answer = self._answer(group)
        for failure in answer:
            self._count_failure(failure, [failure.index])
        self._is_pending[group] = False
        part = self._slices[group]
        step = self._steps.read(part)
        self._is_running[part] = step.step_type != StepType.LAST
        self._steps_since_failure[part] += 1
        return step

    def close(self) -> None:
        """Ends all environments and workers. Closing again does nothing."""
        if self._local:
            self._local.close()
        self._close_workers()

    def __enter__(self) -> "ParallelEnvironments":  # noqa: PYI034 (Self is newer than Python 3.10)
        return self

    def __exit__(self, *unused_error: object) -> None:
        self.close()

    def _is_started(self, group: int) -> bool:
        return bool(self._steps.progress[group])

    def _order(self, group: int, word: str) -> None:
        self._is_pending[group] = True
        if self._local:
            if word == RESET:
                self._local.reset()
            else:
                self._local_failures = self._local.step()
            return
        if self._workers[group] is None:
            self._start_worker(group)
        self._workers[group].order(word)

    def _answer(self, group: int) -> list[Failure] | Fatal:
        if self._local:
            failures, self._local_failures = self._local_failures, []
            return failures
        return self._workers[group].receive(self._timeout_seconds)

    def _start_worker(self, group: int) -> None:
        part = self._slices[group]
        task = Task(self._pickled, self.observation_spec, self.action_spec, self.num_environments,
                    self.num_groups, group, part, self._numbers[part])
        # Not `self` in here: the worker is held until exit, so that it can be closed then.
        progress = self._steps.progress
        self._workers[group] = WorkerProcess(task, self._memory, lambda: int(progress[group]))

    def _replace_worker(self, group: int, fatal: Fatal) -> None:
        """Starts a new worker in the place of one that can do nothing more."""
        self._workers[group].kill()
        self._workers[group] = None
        if fatal.is_callers_mistake:
            raise WorkerError(f"Environment {fatal.failure.index}: {fatal.failure.message}",
                              fatal.failure.details)
        part = self._slices[group]
        self._count_failure(fatal.failure, range(part.start, part.stop))
        self._order(group, RESET)

    def _count_failure(self, failure: Failure, lost: Sequence[int]) -> None:
        """Counts that the environments `lost` were replaced because one of them failed.

        Raises:
            WorkerError: that one fails again and again.
        """
        self.num_restarts += 1
        self.num_dropped_episodes += int(self._is_running[lost].sum())
        self._is_running[lost] = False
        for index in lost:
            self._numbers[index] += self.num_environments
        index = failure.index
        if self._steps_since_failure[index] >= _STEPS_THAT_PROVE_LIFE:
            self._failures_in_a_row[index] = 0
        self._steps_since_failure[index] = 0
        self._failures_in_a_row[index] += 1
        if self._failures_in_a_row[index] >= _MAX_FAILURES_IN_A_ROW:
            raise WorkerError(f"Environment {index} failed {_MAX_FAILURES_IN_A_ROW} times in a row,"
                              f" at last with: {failure.message}", failure.details)
        logging.warning("Environment %d is replaced after a failure: %s", index, failure.message)
        logging.info("%s", failure.details)
