"""The observation arrays that no game tells: what an agent is told of the match, and did last."""

from collections.abc import Mapping, Sequence

import numpy as np

from environment import conditioning, last_action
from environment.delays import DELAY
from environment.specs import ActionSpec, ArraySpec, Observation

ARRAY_NAMES = (*conditioning.ARRAYS, last_action.NAME)


class MatchContext:
    """Makes the arrays during a match.

    Attributes:
        arrays: their specs, in the order of the names.
    """

    def __init__(self, names: Sequence[str], told: conditioning.Conditioning,
                 action_spec: ActionSpec):
        """Args:
            names: out of `ARRAY_NAMES`.
            told: what the agent is told.
            action_spec: of its actions.

        Raises:
            ValueError: a name that is not known, or twice.
        """
        if not set(names) <= set(ARRAY_NAMES) or len(set(names)) != len(names):
            raise ValueError(f"context_arrays: expected different names of "
                             f"{', '.join(ARRAY_NAMES)}; got {', '.join(names)}.")
        specs = {**conditioning.ARRAYS, last_action.NAME: last_action.array_spec(action_spec)}
        self.arrays: tuple[ArraySpec, ...] = tuple(specs[name] for name in names)
        self._told = conditioning.encode(told)
        self._last_action = specs[last_action.NAME].zeros()

    def begin(self) -> None:
        """Forgets what was done in the match before."""
        self._last_action = np.zeros_like(self._last_action)

    def acted(self, action: Mapping[str, np.ndarray], delay: int | None) -> None:
        """Remembers an action.

        Args:
            action: int32 [] for every component.
            delay: the choice that means how long it took until now; None without delays.
        """
        done = action if delay is None else {**action, DELAY: np.array(delay, np.int32)}
        self._last_action = last_action.encode(done)

    def observe(self) -> Observation:
        """New arrays."""
        values = {**self._told, last_action.NAME: self._last_action}
        return {array.name: values[array.name].copy() for array in self.arrays}
