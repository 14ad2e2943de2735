"""A fake environment that counts, so that any step lost, doubled or mixed up shows."""

import functools
import os
import signal
import sys
import time

import numpy as np

from environment.specs import (
    ActionSpec,
    ArgumentSpec,
    ArraySpec,
    Feature,
    Kind,
    ObservationSpec,
    StepType,
    TimeStep,
)

NOTHING, FAIL, DIE, HANG, MISTAKE = range(5)

OBSERVATION_SPEC = ObservationSpec((
    ArraySpec("counts", Kind.VECTOR, (4,), "int32", tuple(
        Feature(name) for name in ("number", "episode", "step", "last_value"))),
    ArraySpec("picture", Kind.PLANES, (3, 2, 1), "uint8", (Feature("step"),)),
    ArraySpec("available", Kind.MASK, (5,), "bool"),
))
ACTION_SPEC = ActionSpec(
    ("nothing", "fail", "die", "hang", "mistake"),
    (ArgumentSpec("value", 1000),), np.ones((5, 1), np.bool_))


class CountingEnvironment:
    """Episodes of `episode_len` steps; the observation says which environment, episode, step and
    last action value it belongs to. The reward is the action's value, the discount at the end is 0
    in even episodes and 1 in odd ones. Other action types misbehave as they are called.
    """

    def __init__(self, number: int, episode_len: int = 5):
        self.number, self.episode_len = number, episode_len
        self.episode, self.count = -1, 0

    def _observation(self, value: int):
        return {"counts": np.array([self.number, self.episode, self.count, value], np.int32),
                "picture": np.full((3, 2, 1), self.count, np.uint8),
                "available": np.arange(5) == NOTHING}

    def reset(self) -> TimeStep:
        self.episode, self.count = self.episode + 1, 0
        return TimeStep(np.int8(StepType.FIRST), np.float32(0), np.float32(1),
                        self._observation(-1))

    def step(self, action) -> TimeStep:
        if self.count == self.episode_len:
            return self.reset()
        action_type, value = int(action["action_type"]), int(action["value"])
        if action_type == FAIL:
            raise RuntimeError("the game broke")
        if action_type == DIE:
            os.kill(os.getpid(), signal.SIGKILL)
        if action_type == HANG:
            time.sleep(3600)
        if action_type == MISTAKE:
            raise ValueError("no such action")
        self.count += 1
        is_last = self.count == self.episode_len
        return TimeStep(np.int8(StepType.LAST if is_last else StepType.MID), np.float32(value),
                        np.float32(0 if is_last and self.episode % 2 == 0 else 1),
                        self._observation(value))

    def close(self) -> None:
        pass


def make(number: int) -> CountingEnvironment:
    return CountingEnvironment(number)


def make_with_episode_len_by_number(number: int) -> CountingEnvironment:
    return CountingEnvironment(number, episode_len=3 + number % 3)


def make_that_fails(number: int) -> CountingEnvironment:
    raise OSError(f"no game for number {number}")


def make_that_cannot_be(number: int) -> CountingEnvironment:
    raise ValueError("Unknown environment 'Nowhere'.")


class _NeverFirst(CountingEnvironment):
    def reset(self) -> TimeStep:
        return super().reset()._replace(step_type=np.int8(StepType.MID))


class _WrongShape(CountingEnvironment):
    def _observation(self, value: int):
        return super()._observation(value) | {"picture": np.zeros((3, 2), np.uint8)}


class _FailsOnceStepped(CountingEnvironment):
    def step(self, action):
        raise RuntimeError("never works")


make_never_first = functools.partial(_NeverFirst)
make_wrong_shape = functools.partial(_WrongShape)
make_fails_once_stepped = functools.partial(_FailsOnceStepped)


class _Spying(CountingEnvironment):
    """Says in its first reward whether TensorFlow is loaded, and in its first discount whether
    the main program is another one than the worker's.
    """

    def reset(self) -> TimeStep:
        return super().reset()._replace(reward=np.float32("tensorflow" in sys.modules),
                                        discount=np.float32(
                                            sys.modules["__main__"].__spec__.name
                                            != "environment.worker"))


make_spying = functools.partial(_Spying)
