"""Some environments stepped one after the other, in this process or as the content of a worker."""

import traceback
from collections.abc import Callable
from typing import NamedTuple, Protocol

from environment.shared_steps import SharedSteps
from environment.specs import Action, ObservationSpec, StepType, TimeStep


class Environment(Protocol):
    """What can be stepped in parallel."""

    def reset(self) -> TimeStep:
        """Starts an episode."""

    def step(self, action: Action) -> TimeStep:
        """Plays one action of int32 [] components; after a LAST step, starts an episode."""

    def close(self) -> None:
        """Frees what the environment holds."""


MakeEnvironment = Callable[[int], Environment]


class Failure(NamedTuple):
    """An environment that could not go on.

    Attributes:
        index: which environment.
        message: the exception in one line.
        details: its traceback.
    """

    index: int
    message: str
    details: str


def describe(error: BaseException) -> str:
    """An exception in one line."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


class EnvironmentGroup:
    """Environments [group.start, group.stop) of many.

    Args:
        make_environment: makes an environment of a number. The first environment at `index` has
            the number `index`; one that replaces it after a failure has a number not used before.
        group: which environments.
        steps: where their steps and actions are.
        worker: the place of their progress in `steps.progress`.
        observation_spec: what they are to return.
        numbers: the number for the next environment of each index in `group`.
    """

    def __init__(self, make_environment: MakeEnvironment, group: slice, steps: SharedSteps,
                 worker: int, observation_spec: ObservationSpec, numbers: list[int]):
        self._make_environment = make_environment
        self._indices = range(group.start, group.stop)
        self._steps = steps
        self._worker = worker
        self._observation_spec = observation_spec
        self._next_numbers = dict(zip(self._indices, numbers, strict=True))
        self._environments: dict[int, Environment] = {}
        self.current = group.start  # which environment is being stepped, for error messages

    def _first_step(self, index: int) -> None:
        """Starts an episode, in a new environment if there is none."""
        if index not in self._environments:
            number = self._next_numbers[index]
            self._next_numbers[index] += len(self._steps.step_type)
            self._environments[index] = self._make_environment(number)
        step = self._environments[index].reset()
        # NumPy would broadcast a wrong shape into the shared array without a word.
        self._observation_spec.validate(step.observation)
        if step.step_type != StepType.FIRST:
            name = StepType(int(step.step_type)).name
            raise ValueError(f"reset(): expected a FIRST step, got {name}.")
        self._steps.write(index, step)

    def reset(self) -> None:
        """Starts an episode in every environment, making those that are not there."""
        for index in self._indices:
            self.current = index
            self._first_step(index)
            self._steps.progress[self._worker] += 1

    def step(self) -> list[Failure]:
        """Plays the actions that lie in `steps`.

        Returns:
            The environments that failed. Each of them has been replaced by another one, which has
            made its first step.

        Raises:
            ValueError: an action that cannot be played; trying again would not help.
            Exception: an environment could not be replaced.
        """
        failures = []
        for index in self._indices:
            self.current = index
            try:
                step = self._environments[index].step(self._steps.action_of(index))
            except ValueError:
                raise
            except Exception as error:  # noqa: BLE001 (a game may die of anything)
                failures.append(Failure(index, describe(error), traceback.format_exc()))
                self._close(index)
                self._first_step(index)
            else:
                self._steps.write(index, step)
            self._steps.progress[self._worker] += 1
        return failures

    def _close(self, index: int) -> None:
        environment = self._environments.pop(index)
        try:
            environment.close()
        except Exception:  # noqa: BLE001 (what is left of it ends with the process)
            traceback.print_exc()

    def close(self) -> None:
        """Closes every environment."""
        for index in list(self._environments):
            self._close(index)


def shares(num_episodes: int, num_environments: int) -> list[int]:
    """How many of some episodes each environment plays.

    Fixed beforehand: taking whichever episodes end first would favour short ones.
    """
    each, rest = divmod(num_episodes, num_environments)
    return [each + (number < rest) for number in range(num_environments)]
