"""Observations of pysc2's raw interface as named arrays: all units of the map, and maps.

The array `raw_units` holds every unit that the player knows of, wherever it is. Actions of the raw
interface name units by their rows in it, so what is a row is decided here, in `unit_rows`. The
other arrays are those of the feature-layer interface, as far as pysc2 has them beside raw actions.
"""

import dataclasses

import numpy as np

from environment import observation_arrays as arrays
from environment import observations, pysc2_compat
from environment.specs import Observation, ObservationSpec

pysc2_compat.install()

from pysc2.lib import features

RAW_UNITS = "raw_units"
ARRAY_NAMES = (RAW_UNITS, *(name for name in observations.ARRAY_NAMES
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


def raw_units(resolution: int, num_rows: int) -> arrays.ArrayEncoder:
    """All units, uint16 [num_rows, 43]: the columns of `feature_units`, `x` and `y` in raw pixels.

    Args:
        resolution: pixels of a side of the whole map.
        num_rows: units beyond these are left out.
    """
    listed = arrays.feature_units((resolution, resolution), num_rows)

    def encode(observation: arrays.Pysc2Observation) -> np.ndarray:
        units = np.asarray(observation[RAW_UNITS])
        return listed.encode({"feature_units": units[unit_rows(observation, num_rows)]})

    return arrays.ArrayEncoder(dataclasses.replace(listed.spec, name=RAW_UNITS), encode)


class RawObservationEncoder:
    """Turns pysc2 observations of the raw interface into arrays of `spec`.

    Args:
        settings: which arrays, names out of `ARRAY_NAMES`; `max_units` bounds raw_units, too.
        resolution: pixels of a side of the whole map.

    Raises:
        ValueError: an array or layer that does not exist, a name given twice, no raw_units, or no
            room for rows.
    """

    def __init__(self, settings: observations.ObservationSettings, resolution: int):
        unknown = set(settings.arrays) - set(ARRAY_NAMES)
        if unknown or settings.arrays.count(RAW_UNITS) != 1:
            raise ValueError(f"Observation arrays of the raw interface: expected {RAW_UNITS} and "
                             f"others of {', '.join(ARRAY_NAMES)}; got "
                             f"{', '.join(settings.arrays)}.")
        if resolution < 1:
            raise ValueError(f"raw_resolution: expected at least 1, got {resolution}.")
        self._units = raw_units(resolution, settings.max_units)
        self._others = observations.ObservationEncoder(dataclasses.replace(
            settings, arrays=tuple(name for name in settings.arrays if name != RAW_UNITS)))
        self.spec = ObservationSpec((self._units.spec, *self._others.spec.arrays))

    def encode(self, observation: arrays.Pysc2Observation) -> Observation:
        """Makes the arrays of one observation; they share no memory with anything."""
        return {RAW_UNITS: self._units.encode(observation), **self._others.encode(observation)}
