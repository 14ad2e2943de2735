"""Observations of pysc2's raw interface as named arrays: all units of the map, and maps.

The array `raw_units` holds every unit that the player knows of, wherever it is. Actions of the raw
interface name units by their rows in it, so what is a row is decided here, in `unit_rows`. It and
the array `last_place` also tell what the player's own actions named last (see `last_named`). The
other arrays are those of the feature-layer interface, as far as pysc2 has them beside raw actions.
"""

import dataclasses

import numpy as np

from environment import last_named, observations, pysc2_compat
from environment import observation_arrays as arrays
from environment.specs import ArraySpec, Feature, Observation, ObservationSpec

pysc2_compat.install()

from pysc2.lib import features

RAW_UNITS = "raw_units"
ARRAY_NAMES = (RAW_UNITS, last_named.LAST_PLACE, *(name for name in observations.ARRAY_NAMES
                            if name not in ("available_actions", "last_actions")))

_RANK = np.array([4, 0, 2, 3, 1], np.uint8)
"""By alliance (1 self, 2 ally, 3 neutral, 4 enemy): whose units come first."""


def unit_rows(observation: arrays.Pysc2Observation, max_units: int) -> np.ndarray:
    """Which of pysc2's raw units is in which row of the array.

    Own units come first, then enemies, allies and neutral ones; among each, the game's order.

    Args:
        observation: of pysc2, with raw units.
        max_units: units beyond these have no row.

    Returns:
        int64 [rows], indices of pysc2's list, at most `max_units`.
    """
    units = np.asarray(observation[RAW_UNITS])
    if not len(units):
        return np.zeros(0, np.int64)
    return np.argsort(_RANK[units[:, features.FeatureUnit.alliance]], kind="stable")[:max_units]


def unit_tags(observation: arrays.Pysc2Observation, rows: np.ndarray) -> np.ndarray:
    """Which unit is in which row of the array: int64 [rows], the game's tags.

    Args:
        observation: of pysc2, with raw units.
        rows: of it, by `unit_rows`.
    """
    if not len(rows):
        return np.zeros(0, np.int64)
    return np.asarray(observation[RAW_UNITS])[rows, features.FeatureUnit.tag]


class _RawUnits:
    """All units, uint16 [max_units, 44]: the columns of `feature_units`, `x` and `y` in raw pixels,
    and whether the player's actions last named the unit: `was_selected` is which one of the units
    it was, from 1, and 0 for others, `was_targeted` a flag.

    What is selected now is not told. Raw actions select nothing; people select just before they
    give an order, so that it would betray whom the next action names, in replays and never in play.

    Where the same units are told to do something again, they are named in the same order.
    """

    def __init__(self, resolution: int, max_units: int, max_selected: int):
        self._listed = arrays.feature_units((resolution, resolution), max_units,
                                            without=(features.FeatureUnit.is_selected.name,))
        of_screen = self._listed.spec
        columns = (*of_screen.features, Feature("was_selected", num_categories=max_selected + 1),
                   Feature("was_targeted", num_categories=2))
        self.spec = ArraySpec(RAW_UNITS, of_screen.kind, (max_units, len(columns)),
                              of_screen.dtype, columns)

    def encode(self, observation: arrays.Pysc2Observation, named: last_named.LastNamed
               ) -> np.ndarray:
        rows = unit_rows(observation, self.spec.shape[0])
        units = np.asarray(observation[RAW_UNITS])[rows]
        out = self.spec.zeros()
        out[:, :-2] = self._listed.encode({"feature_units": units})
        if len(units):
            tags = units[:, features.FeatureUnit.tag]
            is_same = tags[:, None] == named.units  # [rows, S]
            out[:len(tags), -2] = (is_same * np.arange(1, len(named.units) + 1)).sum(axis=1)
            out[:len(tags), -1] = np.isin(tags, named.target)
        return out


class RawObservationEncoder:
    """Turns pysc2 observations of the raw interface into arrays of `spec`.

    Args:
        settings: which arrays, names out of `ARRAY_NAMES`; `max_units` bounds raw_units, too.
        resolution: pixels of a side of the whole map.
        max_selected: units that an action can name.

    Raises:
        ValueError: an array or layer that does not exist, a name given twice, no raw_units, or no
            room for rows.
    """

    def __init__(self, settings: observations.ObservationSettings, resolution: int,
                 max_selected: int):
        unknown = set(settings.arrays) - set(ARRAY_NAMES)
        if unknown or RAW_UNITS not in settings.arrays or (
                len(set(settings.arrays)) < len(settings.arrays)):
            raise ValueError(f"Observation arrays of the raw interface: expected {RAW_UNITS} and "
                             f"different others of {', '.join(ARRAY_NAMES)}; got "
                             f"{', '.join(settings.arrays)}.")
        if resolution < 1:
            raise ValueError(f"raw_resolution: expected at least 1, got {resolution}.")
        self._units = _RawUnits(resolution, settings.max_units, max_selected)
        self._place = (last_named.place_spec(resolution),) if (
            last_named.LAST_PLACE in settings.arrays) else ()
        self._others = observations.ObservationEncoder(dataclasses.replace(
            settings, arrays=tuple(name for name in settings.arrays
                                   if name not in (RAW_UNITS, last_named.LAST_PLACE))))
        self.spec = ObservationSpec((self._units.spec, *self._place, *self._others.spec.arrays))

    def encode(self, observation: arrays.Pysc2Observation, named: last_named.LastNamed
               ) -> Observation:
        """Makes the arrays of one observation; they share no memory with anything.

        Args:
            observation: of pysc2.
            named: what the player's actions have named until then.
        """
        return {RAW_UNITS: self._units.encode(observation, named),
                **{array.name: named.place.copy() for array in self._place},
                **self._others.encode(observation)}
