"""What raw actions named when they last named it: the units, the target, the place.

People give order after order to the same units and click the same thing over and over. An agent
that sees only the kind of its last action must find out again each time whom it spoke to.

Source: Vinyals et al. 2019, supplementary architecture description, entity encoder ("was
selected", "was targeted"). There it is what the last action named; here an action that names
nothing of a kind, like one without a target, leaves what was named before.
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from environment.specs import ACTION_TYPE, ActionSpec, ArraySpec, Feature, Kind

UNITS, TARGET_UNIT, PLACE = "units", "target_unit", "world"
"""The sequence and the arguments that name something."""

LAST_PLACE = "last_place"


def place_spec(resolution: int) -> ArraySpec:
    """uint16 [1, 3]: one row, of zeros before a place was named; (1, x, y) in raw pixels then."""
    return ArraySpec(LAST_PLACE, Kind.ENTITIES, (1, 3), "uint16", (
        Feature("is_named", num_categories=2), Feature("x", num_categories=resolution),
        Feature("y", num_categories=resolution)))


def named_rows(action: Mapping[str, np.ndarray], slots: Sequence[str]) -> list[int]:
    """The rows of the units that an action names in these arguments of a sequence, up to its end.

    Args:
        action: int32 [] for every component.
        slots: names of the arguments, in order.
    """
    choices = (int(action[name]) for name in slots)
    return [choice - 1 for choice in itertools.takewhile(bool, choices)]


class LastNamed:
    """Follows the actions of one player through a match.

    Attributes:
        units: int64 [S], tags of the units that were last told to do something.
        target: int64 [at most 1], tag of the unit that was last a target.
        place: uint16 [1, 3], the array `last_place`.
    """

    def __init__(self, action_spec: ActionSpec, resolution: int):
        """Args:
            action_spec: of the raw interface.
            resolution: pixels of a side of the whole map.
        """
        self._uses = action_spec.used_by
        self._slots = [argument.name for argument in action_spec.arguments
                       if argument.sequence == UNITS]
        self._resolution = resolution
        self.begin()

    def begin(self) -> None:
        """Forgets what was named in the match before."""
        self.units, self.target = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.place = place_spec(self._resolution).zeros()

    def acted(self, action: Mapping[str, np.ndarray], tags: np.ndarray) -> None:
        """Remembers an action.

        Args:
            action: int32 [] for every component, a valid one.
            tags: int64 [rows], of the units in the rows of the observation in which it was done.
        """
        kind = int(action[ACTION_TYPE])
        if self._uses[self._slots[0]][kind]:
            self.units = tags[named_rows(action, self._slots)]
        if self._uses[TARGET_UNIT][kind]:
            self.target = tags[[int(action[TARGET_UNIT])]]
        if self._uses[PLACE][kind]:
            y, x = divmod(int(action[PLACE]), self._resolution)
            self.place = np.array([[1, x, y]], np.uint16)
