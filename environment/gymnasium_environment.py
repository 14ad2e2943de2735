"""One task of Gymnasium as an environment: vectors or images in, one of a few actions out.

    environment = GymnasiumEnvironment("LunarLander-v3", seed=1)

The action type is the task's action, and it takes no arguments. Source of the interface: Towers et
al. 2024, "Gymnasium: A Standard Interface for Reinforcement Learning Environments".
"""

import re
import types
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from environment.specs import (
    ACTION_TYPE,
    ActionSpec,
    ArraySpec,
    Feature,
    Kind,
    Observation,
    ObservationSpec,
    StepType,
    TimeStep,
)

OBSERVATION = "observation"
"""Name of the only observation array."""

_NAME = re.compile(r"\S+-v\d+")
_WIDEST_PLAIN_BOUND = 20.0
"""Numbers that cannot be larger are shown as they are: the bounds of physical quantities lie far
beyond what occurs, so that dividing by them would hide what does."""


def is_name(name: str) -> bool:
    """Whether a name is of the kind that Gymnasium's tasks have, as LunarLander-v3; no map of
    StarCraft II ends in a version."""
    return _NAME.fullmatch(name) is not None


def version() -> str:
    """Of the Gymnasium that is installed; raises ValueError where there is none."""
    return _gymnasium().__version__


def specs_for(name: str) -> tuple[ObservationSpec, ActionSpec]:
    """The specs of a task.

    Args:
        name: as Gymnasium knows it.

    Returns:
        A vector of float32 [F], or planes [H, W, C] for an image; and one action type an action.

    Raises:
        ValueError: there is no such task, it cannot be made here, or it has an observation or
            action space of another kind.
    """
    environment = GymnasiumEnvironment(name, seed=0)
    environment.close()
    return environment.observation_spec, environment.action_spec


def _gymnasium() -> types.ModuleType:
    """The package, for those who have it: StarCraft II is played without."""
    try:
        import gymnasium
    except ImportError as error:
        raise ValueError("Gymnasium is not installed: pip install -r requirements.txt.") from error
    return gymnasium


def _make(name: str) -> Any:
    gymnasium = _gymnasium()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that are refused a moment later
            # The checker looks at every step for mistakes in the task, at the price of its speed.
            return gymnasium.make(name, disable_env_checker=True)
    except (gymnasium.error.Error, ImportError) as error:
        reason = _one_line(error)
        if "box2d" in reason.lower():
            # Gymnasium's own advice installs a package that overwrites pysc2's pygame.
            reason = "Box2D is not installed: pip install box2d, as requirements.txt says."
        raise ValueError(f"Gymnasium's task {name!r} cannot be made: {reason}") from error


def _one_line(told: Any) -> str:
    text = " ".join(str(told).split())
    return text if text.endswith(("?", ".")) else f"{text}."


def _observation_spec(name: str, space: Any) -> ObservationSpec:
    if not isinstance(space, _gymnasium().spaces.Box) or len(space.shape) not in (1, 2, 3):
        raise ValueError(f"Gymnasium's task {name!r} has the observation space {_one_line(space)} "
                         "Only vectors and images are supported (Box of 1 to 3 dimensions), as of "
                         "LunarLander-v3.")
    bound = np.maximum(np.abs(space.low.astype(np.float64)), np.abs(space.high.astype(np.float64)))
    if len(space.shape) == 1:
        kind, shape = Kind.VECTOR, space.shape
        features = tuple(Feature(f"number_{n}", scale=_scale(b)) for n, b in enumerate(bound))
    else:
        kind, shape = Kind.PLANES, (*space.shape, 1)[:3]
        highest = bound.reshape(shape).max(axis=(0, 1))
        features = tuple(Feature(f"channel_{n}", scale=_scale(b)) for n, b in enumerate(highest))
    dtype = "uint8" if space.dtype == np.uint8 else "float32"
    return ObservationSpec((ArraySpec(OBSERVATION, kind, shape, dtype, features),))


def _scale(bound: float) -> float:
    """What numbers up to a bound are divided by. Tasks say "no bound" as infinity, or as the
    greatest number of their type."""
    is_plain = bound <= _WIDEST_PLAIN_BOUND or bound > np.finfo(np.float32).max / 2
    return 1.0 if is_plain else float(bound)


def _action_spec(name: str, space: Any, task: Any) -> ActionSpec:
    is_choice = isinstance(space, _gymnasium().spaces.Discrete)
    if not is_choice:
        raise ValueError(f"Gymnasium's task {name!r} has the action space {_one_line(space)} Only "
                         "a choice among some actions is supported (Discrete), as of "
                         "LunarLander-v3.")
    count = int(space.n)
    names = tuple(f"action_{n}" for n in range(count))
    if hasattr(task.unwrapped, "get_action_meanings"):
        meanings = tuple(map(str, task.unwrapped.get_action_meanings()))
        names = meanings if len(set(meanings)) == count else names
    return ActionSpec(names, (), np.zeros((count, 0), np.bool_))


class GymnasiumEnvironment:
    """Plays episodes of a task, one after the other.

    Attributes:
        observation_spec: of what it shows.
        action_spec: of what it takes.
    """

    def __init__(self, name: str, seed: int):
        """Args:
            name: as Gymnasium knows it.
            seed: at least 0; the same seed and actions give the same episodes.

        Raises:
            ValueError: as of `specs_for`; or a seed below 0.
        """
        if seed < 0:
            raise ValueError(f"seed: expected a number of at least 0, got {seed}.")
        self._task = _make(name)
        self._is_over, self._seed = True, seed
        try:
            self.observation_spec = _observation_spec(name, self._task.observation_space)
            self.action_spec = _action_spec(name, self._task.action_space, self._task)
        except ValueError:
            self.close()
            raise
        self._first_action = int(self._task.action_space.start)
        (self._array,) = self.observation_spec.arrays

    def reset(self) -> TimeStep:
        """Starts an episode, leaving the running one if there is one."""
        # A seed begins a row of episodes; given again it would begin the same one.
        seen, _ = self._task.reset(seed=self._seed)
        self._seed, self._is_over = None, False
        return self._time_step(StepType.FIRST, 0.0, 1.0, seen)

    def step(self, action: Mapping[str, np.ndarray]) -> TimeStep:
        """Plays one action; after a LAST step the action is ignored and an episode starts.

        Args:
            action: int32 [] of `action_type`.

        Returns:
            A step without batch dimension. The discount is 0 where the task says that it has
            terminated, and 1 where only time was up.

        Raises:
            ValueError: there is no such action.
        """
        if self._is_over:
            return self.reset()
        choice = int(action[ACTION_TYPE])
        if not 0 <= choice < self.action_spec.num_action_types:
            raise ValueError(f"Action component {ACTION_TYPE!r}: expected a value in "
                             f"[0, {self.action_spec.num_action_types}), got {choice}.")
        seen, reward, terminated, truncated, _ = self._task.step(self._first_action + choice)
        self._is_over = bool(terminated or truncated)
        return self._time_step(StepType.LAST if self._is_over else StepType.MID, reward,
                               0.0 if terminated else 1.0, seen)

    def _time_step(self, step_type: StepType, reward: float, discount: float, seen: Any
                   ) -> TimeStep:
        return TimeStep(np.array(step_type, np.int8), np.array(reward, np.float32),
                        np.array(discount, np.float32), self._observation(seen))

    def _observation(self, seen: Any) -> Observation:
        """A new array: tasks may write into theirs."""
        return {OBSERVATION: np.array(seen, self._array.dtype).reshape(self._array.shape)}

    def close(self) -> None:
        """Ends the task. Closing again does nothing."""
        self._task.close()
