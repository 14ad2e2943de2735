"""A limit on how fast an agent acts, so that it wins by what it does and not by how often.

AlphaStar was allowed 22 actions in any 5 seconds that are not repetitions; its level of play was
best there, not without a limit. Sources: Vinyals et al. 2019 (Nature 575), Methods, "Interface",
and Fig. 3G.
"""

import collections
from collections.abc import Mapping

import numpy as np

from environment import delays
from environment.specs import ACTION_TYPE, Action, ActionSpec
from evaluation import window

PUBLISHED_MAX_ACTIONS = 22
"""In the published window."""
_WINDOW_SECONDS = 5
WINDOW_GAME_LOOPS = round(_WINDOW_SECONDS * window.GAME_LOOPS_PER_SECOND)

_NO_OP = "no_op"


class ActionCounter:
    """Says what of an agent's actions counts as how many actions of a person.

    - Doing nothing counts 0, and so does a repetition: the same action, but for the delay, as the
      last one that was not a no_op.
    - Every other action of the feature-layer interface counts 1, camera moves among them.
    - An action of the raw interface that names units counts 1 for the command and 1 more for the
      selection that it implies, unless the action before it named the same units. (AlphaStar
      counts up to 3 here, with a camera move; which raw actions would need one is not published.)
    """

    def __init__(self, action_spec: ActionSpec):
        self._no_op = no_op_of(action_spec)
        self._arguments = [
            tuple(argument.name for argument, is_used
                  in zip(action_spec.arguments, row, strict=True)
                  if is_used and argument.name != delays.DELAY) for row in action_spec.uses]
        self._sequence = tuple(a.name for a in action_spec.arguments if a.sequence is not None)
        self._latest: tuple | None = None
        self._selected: tuple | None = None

    def is_no_op(self, action: Mapping[str, np.ndarray]) -> bool:
        """Whether an action does nothing."""
        return int(action[ACTION_TYPE]) == self._no_op

    def cost(self, action: Mapping[str, np.ndarray]) -> int:
        """As how many actions this one would count now."""
        if self.is_no_op(action) or self._content(action) == self._latest:
            return 0
        units = self._units(action)
        return 1 + (units is not None and units != self._selected)

    def add(self, action: Mapping[str, np.ndarray]) -> None:
        """Remembers an action that was done."""
        if not self.is_no_op(action):
            self._latest = self._content(action)
            units = self._units(action)
            self._selected = self._selected if units is None else units

    def _content(self, action: Mapping[str, np.ndarray]) -> tuple:
        kind = int(action[ACTION_TYPE])
        return kind, *(int(action[name]) for name in self._arguments[kind])

    def _units(self, action: Mapping[str, np.ndarray]) -> tuple | None:
        """The units that a raw action names; None where it names none."""
        if not self._sequence or self._sequence[0] not in self._arguments[int(action[ACTION_TYPE])]:
            return None
        named = [int(action[name]) for name in self._sequence]
        return tuple(sorted(named[:named.index(0)] if 0 in named else named))


class ActionLimit:
    """Refuses actions that come too fast.

    At game loop t an action is refused if the actions done in (t - window, t] and this one would
    count more than the limit. What is refused is not done later: the agent finds the game as it
    would without the action, and may choose again.

    Attributes:
        counter: what counts.
    """

    def __init__(self, action_spec: ActionSpec, max_actions: int = PUBLISHED_MAX_ACTIONS,
                 window_game_loops: int = WINDOW_GAME_LOOPS):
        """Raises ValueError unless at least one action may be done in at least one game loop."""
        if max_actions < 1 or window_game_loops < 1:
            raise ValueError(f"Action limit: expected at least 1 action in at least 1 game loop, "
                             f"got {max_actions} in {window_game_loops}.")
        self.counter = ActionCounter(action_spec)
        self._max_actions, self._window = max_actions, window_game_loops
        self._done: collections.deque[int] = collections.deque()  # a game loop for each action

    def admit(self, game_loop: int, action: Mapping[str, np.ndarray]) -> bool:
        """Whether an action may be done now; if so, it counts from now on."""
        while self._done and self._done[0] <= game_loop - self._window:
            self._done.popleft()
        cost = self.counter.cost(action)
        if cost and len(self._done) + cost > self._max_actions:
            return False
        self._done.extend([game_loop] * cost)
        self.counter.add(action)
        return True


def no_op_of(action_spec: ActionSpec) -> int:
    """The action type that does nothing.

    Raises:
        ValueError: the spec has none.
    """
    if _NO_OP not in action_spec.action_types:
        raise ValueError(f"Action spec: expected an action type {_NO_OP!r}; there is none.")
    return action_spec.action_types.index(_NO_OP)


def nothing_instead(action_spec: ActionSpec, action: Mapping[str, np.ndarray]) -> Action:
    """The no_op that waits as long as an action would have."""
    instead = action_spec.zeros()
    instead[ACTION_TYPE][...] = no_op_of(action_spec)
    if delays.DELAY in instead:
        instead[delays.DELAY][...] = action[delays.DELAY]
    return instead
