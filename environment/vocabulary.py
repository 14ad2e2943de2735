"""The game's ids of units, upgrades and effects, in the order in which arrays have columns of them.

Source: `pysc2.lib.static_data` and `pysc2.lib.features.Effects`. An id that these tables do not
know (of a newer game) has the last column, "unknown".
"""

from collections.abc import Iterable, Sequence

import numpy as np

from environment import pysc2_compat

pysc2_compat.install()

from pysc2.lib import features, static_data


class Vocabulary:
    """Ids and their columns.

    Attributes:
        ids: of the game; column n is of `ids[n]`.
        size: number of columns: those of the ids and "unknown".
    """

    def __init__(self, ids: Sequence[int]):
        self.ids = tuple(int(identifier) for identifier in ids)
        self.size = len(self.ids) + 1
        self._columns = np.full(max(self.ids) + 1, len(self.ids), np.int64)
        self._columns[list(self.ids)] = np.arange(len(self.ids))

    def columns(self, ids: Iterable[int]) -> np.ndarray:
        """The column of each id, int64 [number of ids]; that of "unknown" for every other one."""
        ids = np.asarray(list(ids), np.int64)
        is_known = (ids >= 0) & (ids < len(self._columns))
        return np.where(is_known, self._columns[np.where(is_known, ids, 0)], len(self.ids))

    def names(self, what: str) -> tuple[str, ...]:
        """A name for every column, for example "unit 48"."""
        return (*(f"{what} {identifier}" for identifier in self.ids), f"{what} unknown")


UNIT_TYPES = Vocabulary(static_data.UNIT_TYPES)
UPGRADES = Vocabulary(static_data.UPGRADES)
EFFECTS = Vocabulary([effect for effect in features.Effects if effect])
