"""The two interfaces of pysc2 in which a game is played: feature layers, and raw units.

Each has an encoder of observations and a codec of actions. An agent that sees no list of what is
possible can want what cannot be: so it is in the raw interface, and with feature layers where the
array `available_actions` is left out. Then nothing is done, and it is counted.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from environment import (
    actions,
    last_named,
    observation_arrays,
    observations,
    pysc2_compat,
    raw_actions,
    raw_observations,
)
from environment.specs import ACTION_TYPE, Observation

pysc2_compat.install()

from pysc2.lib import actions as pysc2_actions
from pysc2.lib import features


def interface_format(settings: observations.ObservationSettings, camera_width: int,
                     raw_resolution: int | None = None, **more: Any
                     ) -> features.AgentInterfaceFormat:
    """What is asked of pysc2.

    Args:
        settings: what is seen.
        camera_width: width of the screen in world units.
        raw_resolution: pixels of a side of the whole map, in the raw interface; None is the
            interface of feature layers.
        more: other options of pysc2's.
    """
    (screen_height, screen_width), (minimap_height, minimap_width) = (
        settings.screen_size, settings.minimap_size)
    options = observation_arrays.interface_options(settings.arrays)
    if raw_resolution is not None:
        options |= {"use_raw_units": True, "use_raw_actions": True,
                    "raw_resolution": raw_resolution}
    return features.AgentInterfaceFormat(
        feature_dimensions=features.Dimensions(screen=(screen_width, screen_height),
                                               minimap=(minimap_width, minimap_height)),
        camera_width_world_units=camera_width, **(options | more))


class FeatureLayers:
    """Functions with up to 13 kinds of argument, among those that are available.

    Attributes:
        observation_spec: of what `encode` returns.
        action_spec: of what `call` takes.
        num_impossible_actions: how often an agent that cannot know better called a function that
            was not available.
    """

    name = "feature_layers"

    def __init__(self, settings: Any):
        """Takes a `starcraft.StarcraftSettings`; raises ValueError for what cannot be."""
        self._encoder = observations.ObservationEncoder(settings)
        self._codec = actions.ActionCodec(settings.screen_size, settings.minimap_size)
        self._available = observation_arrays.available_actions()
        self._is_told = self._available.spec.name in settings.arrays
        self.observation_spec, self.action_spec = self._encoder.spec, self._codec.spec
        self.num_impossible_actions = 0

    def begin(self) -> None:
        """A match begins; nothing is remembered from one step to the next anyway."""

    def encode(self, seen: observation_arrays.Pysc2Observation) -> Observation:
        """The arrays of an observation."""
        return self._encoder.encode(seen)

    def call(self, action: Mapping[str, np.ndarray], seen: observation_arrays.Pysc2Observation
             ) -> pysc2_actions.FunctionCall:
        """What pysc2 is to do.

        Raises:
            ValueError: the function is not available although the agent sees which are, or a value
                is out of its range.
        """
        available = self._available.encode(seen)
        function_id = int(action[ACTION_TYPE])
        if not self._is_told and 0 <= function_id < len(available) and not available[function_id]:
            self.num_impossible_actions += 1
            return pysc2_actions.FUNCTIONS.no_op()
        return self._codec.decode(action, available)


class Raw:
    """Functions with units, and a unit or a place that they are meant for.

    Attributes:
        observation_spec: of what `encode` returns.
        action_spec: of what `call` takes.
        num_impossible_actions: how often an action named no unit, or one that is not there.
    """

    name = "raw"

    def __init__(self, settings: Any):
        """Takes a `starcraft.StarcraftSettings`; raises ValueError for what cannot be."""
        self._max_units = settings.max_units
        self._encoder = raw_observations.RawObservationEncoder(
            settings, settings.raw_resolution, settings.max_selected_units)
        self._codec = raw_actions.RawActionCodec(
            settings.raw_resolution, settings.max_units, settings.max_selected_units)
        self.observation_spec, self.action_spec = self._encoder.spec, self._codec.spec
        self._named = last_named.LastNamed(self.action_spec, settings.raw_resolution)
        self.num_impossible_actions = 0

    def begin(self) -> None:
        """A match begins: nothing was named in it yet."""
        self._named.begin()

    def encode(self, seen: observation_arrays.Pysc2Observation) -> Observation:
        """The arrays of an observation."""
        return self._encoder.encode(seen, self._named)

    def call(self, action: Mapping[str, np.ndarray], seen: observation_arrays.Pysc2Observation
             ) -> pysc2_actions.FunctionCall:
        """What pysc2 is to do: nothing if a unit is not there. What it names is remembered.

        Raises:
            ValueError: a value is out of its range.
        """
        rows = raw_observations.unit_rows(seen, self._max_units)
        try:
            call = self._codec.decode(action, rows)
        except raw_actions.NoSuchUnitError:
            self.num_impossible_actions += 1
            return pysc2_actions.RAW_FUNCTIONS.no_op()
        self._named.acted(action, raw_observations.unit_tags(seen, rows))
        return call


INTERFACES = {FeatureLayers.name: FeatureLayers, Raw.name: Raw}
"""By name."""
