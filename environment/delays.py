"""How long an agent waits until it decides again, as one more argument of its actions.

A dataset keeps the steps in which a player did something, and a few between them. An agent that
learns from it must learn the time between the steps, too: without it, it would act at every
observation. So the argument `delay` comes first and belongs to every action type. Choice k means
k observations, that is `k * step_mul` game loops, until the next decision. Choice 0 occurs in data
alone, where several actions belong to one observation; who plays waits for one observation at
least.

Source of the idea: Vinyals et al. 2019, Methods, "Delay": a choice among 128 numbers of game loops.
"""

import dataclasses

import numpy as np

from environment.specs import ActionSpec, ArgumentSpec

DELAY = "delay"
"""The key of the argument."""


@dataclasses.dataclass(frozen=True)
class DelayCodec:
    """Turns game loops into choices and back.

    Attributes:
        step_mul: game loops between two observations.
        max_game_loops: the longest wait that can be chosen; longer ones become this.
    """

    step_mul: int
    max_game_loops: int = 128

    def __post_init__(self):
        if not 1 <= self.step_mul <= self.max_game_loops:
            raise ValueError(f"Delays: expected at least one game loop between observations and no "
                             f"more than max_game_loops; got step_mul {self.step_mul}, "
                             f"max_game_loops {self.max_game_loops}.")

    @property
    def size(self) -> int:
        """Number of choices."""
        return self.max_game_loops // self.step_mul + 1

    def extend(self, action_spec: ActionSpec) -> ActionSpec:
        """The spec with `delay` as its first argument, which every action type takes.

        Raises:
            ValueError: it has one already.
        """
        if any(argument.name == DELAY for argument in action_spec.arguments):
            raise ValueError(f"Action spec: expected no argument {DELAY!r}, there is one.")
        every = np.ones((action_spec.num_action_types, 1), np.bool_)
        return ActionSpec(
            action_spec.action_types,
            (ArgumentSpec(DELAY, self.size), *action_spec.arguments),
            np.concatenate([every, action_spec.uses], axis=1))

    def encode(self, delays: np.ndarray) -> np.ndarray:
        """The nearest choices, int32 [...]: 0 for no time at all, and only for that.

        Args:
            delays: int [...], game loops until the next step.
        """
        delays = np.asarray(delays)
        observations = (delays + self.step_mul // 2) // self.step_mul
        return np.clip(observations, delays > 0, self.size - 1).astype(np.int32)

    def decode(self, choice: int | np.ndarray) -> int:
        """Observations to wait, at least 1.

        Raises:
            ValueError: there is no such choice.
        """
        choice = int(choice)
        if not 0 <= choice < self.size:
            raise ValueError(
                f"Action component {DELAY!r}: expected a value in [0, {self.size}), got {choice}.")
        return max(choice, 1)
