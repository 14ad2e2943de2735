"""How a replay is seen and how what was done in it is written down, by pysc2's interface."""

import dataclasses
from typing import NamedTuple

import numpy as np

from environment import (
    actions,
    last_named,
    observation_arrays,
    observations,
    pysc2_compat,
    raw_actions,
    raw_observations,
    starcraft_interfaces,
)
from environment.specs import Action, Observation

pysc2_compat.install()

from pysc2.lib import actions as pysc2_actions
from pysc2.lib import features
from s2clientprotocol import sc2api_pb2

_NO_OP_GAME_LOOPS = 64
_NO_OP = int(pysc2_actions.FUNCTIONS.no_op.id)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConversionSettings(observations.ObservationSettings):
    """What is seen and kept of a replay (see `ObservationSettings` for the rest).

    Attributes:
        camera_width: width of the screen in world units.
        step_mul: game loops between two observations that there can be.
        no_op_interval: a step without an action is kept if its number is a multiple of this.
        merges_camera_moves: whether of camera moves that follow each other between two observations
            only the last one is kept.
        raw_resolution: pixels of a side of the whole map, in the raw interface.
        max_selected_units: units that an action of the raw interface can name.
    """

    camera_width: int = 24
    step_mul: int = 1
    no_op_interval: int = _NO_OP_GAME_LOOPS
    merges_camera_moves: bool = False
    raw_resolution: int = 128
    max_selected_units: int = 64

    def __post_init__(self):
        for name in ("camera_width", "step_mul", "no_op_interval"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected at least 1, got {getattr(self, name)}.")

    @property
    def no_op_game_loops(self) -> int:
        """Game loops between two steps that are kept whether something was done or not."""
        return self.step_mul * self.no_op_interval


def default_no_op_interval(step_mul: int) -> int:
    """With which one step in 64 game loops is kept without an action, as far as there is one."""
    return max(1, _NO_OP_GAME_LOOPS // step_mul)


class Encoded(NamedTuple):
    """What was done, as an action.

    Attributes:
        action: of the interface's spec.
        is_available: whether it was available in the observation before.
        num_units_left_out: units it was given to that the action does not name.
    """

    action: Action
    is_available: bool
    num_units_left_out: int = 0


class DroppedError(Exception):
    """What was done cannot be written as an action. The message is the reason, in few words."""


class FeatureLayers:
    """The feature-layer interface: functions with up to 13 kinds of argument.

    Attributes:
        name: of the interface.
        observation_spec: of what `encode` returns.
        action_spec: of what `encode_action` returns.
    """

    name = "feature_layers"

    def __init__(self, settings: ConversionSettings):
        """Raises ValueError for settings that cannot be."""
        self._settings = settings
        self._encoder = observations.ObservationEncoder(settings)
        self._codec = actions.ActionCodec(settings.screen_size, settings.minimap_size)
        self.observation_spec, self.action_spec = self._encoder.spec, self._codec.spec

    def interface_format(self) -> features.AgentInterfaceFormat:
        """What pysc2 is to show: the same as to an agent that plays with these settings."""
        return starcraft_interfaces.interface_format(self._settings, self._settings.camera_width)

    def begin(self) -> None:
        """An episode begins; nothing is remembered from one step to the next anyway."""

    def encode(self, seen: observation_arrays.Pysc2Observation) -> Observation:
        """The arrays of an observation."""
        return self._encoder.encode(seen)

    def keep(self, action: Action, seen: observation_arrays.Pysc2Observation) -> None:
        """Is told what was done in an observation, before the next one is encoded."""

    def no_op(self) -> Action:
        """The action that does nothing."""
        return self._codec.encode(pysc2_actions.FUNCTIONS.no_op())

    def encode_action(self, transformer: features.Features, done: sc2api_pb2.Action,
                      seen: observation_arrays.Pysc2Observation) -> Encoded:
        """Writes down what the game reports.

        Args:
            transformer: pysc2's, of the replay.
            done: one action out of an observation.
            seen: the observation before.

        Raises:
            DroppedError: no action means this.
        """
        ability_id = _ability_id(done)
        if ability_id is not None and ability_id not in pysc2_actions.ABILITY_IDS:
            raise DroppedError("ability that pysc2 does not know")
        try:
            call = transformer.reverse_action(done)
        except ValueError as error:
            raise DroppedError("no function takes it in this way") from error
        if int(call.function) == _NO_OP:
            raise DroppedError("no command: chat and the like")
        try:
            action = self._codec.encode(call)
        except ValueError as error:
            raise DroppedError("an argument out of its range") from error
        return Encoded(action, int(call.function) in seen["available_actions"])


def _ability_id(done: sc2api_pb2.Action) -> int | None:
    """The ability that a feature-layer action names, if it names one."""
    if done.action_ui.HasField("toggle_autocast"):
        return done.action_ui.toggle_autocast.ability_id
    command = done.action_feature_layer
    return command.unit_command.ability_id if command.HasField("unit_command") else None


class Raw:
    """The raw interface: functions with units, a unit or a place they are meant for.

    Attributes:
        name: of the interface.
        observation_spec: of what `encode` returns.
        action_spec: of what `encode_action` returns.
    """

    name = "raw"

    def __init__(self, settings: ConversionSettings):
        """Raises ValueError for settings that cannot be."""
        self._settings = settings
        self._encoder = raw_observations.RawObservationEncoder(
            settings, settings.raw_resolution, settings.max_selected_units)
        self._codec = raw_actions.RawActionCodec(
            settings.raw_resolution, settings.max_units, settings.max_selected_units)
        self.observation_spec, self.action_spec = self._encoder.spec, self._codec.spec
        self._named = last_named.LastNamed(self.action_spec, settings.raw_resolution)

    def interface_format(self) -> features.AgentInterfaceFormat:
        """What pysc2 is to show: the same as to an agent that plays with these settings."""
        return starcraft_interfaces.interface_format(
            self._settings, self._settings.camera_width, self._settings.raw_resolution)

    def begin(self) -> None:
        """An episode begins: nothing was named in it yet."""
        self._named.begin()

    def encode(self, seen: observation_arrays.Pysc2Observation) -> Observation:
        """The arrays of an observation."""
        return self._encoder.encode(seen, self._named)

    def keep(self, action: Action, seen: observation_arrays.Pysc2Observation) -> None:
        """Is told what was done in an observation, before the next one is encoded."""
        rows = raw_observations.unit_rows(seen, self._settings.max_units)
        self._named.acted(action, raw_observations.unit_tags(seen, rows))

    def no_op(self) -> Action:
        """The action that does nothing."""
        return self._codec.encode(pysc2_actions.RAW_FUNCTIONS.no_op(), np.zeros(0, np.int64))

    def encode_action(self, transformer: features.Features, done: sc2api_pb2.Action,
                      seen: observation_arrays.Pysc2Observation) -> Encoded:
        """Writes down what the game reports; see `FeatureLayers.encode_action`.

        Nothing tells what is available in the raw interface: whatever the game took was.
        """
        raw = done.action_raw
        ability_id, tags = None, ()
        for command in ("unit_command", "toggle_autocast"):
            if raw.HasField(command):
                ability_id = getattr(raw, command).ability_id
                tags = getattr(raw, command).unit_tags
        if ability_id is None and not raw.HasField("camera_move"):
            raise DroppedError("selections and the like, which the raw interface has not")
        if ability_id is not None and ability_id not in pysc2_actions.RAW_ABILITY_IDS:
            raise DroppedError("ability that pysc2 does not know")
        # pysc2 looks at unit after unit: in its named arrays that takes longer than all the rest.
        units = {raw_observations.RAW_UNITS: np.asarray(seen[raw_observations.RAW_UNITS])}
        try:
            call = transformer.reverse_raw_action(done, units)
        except ValueError as error:
            raise DroppedError("no function takes it in this way") from error
        if int(call.function) == _NO_OP:
            raise DroppedError("its units were not there when it was seen before")
        try:
            rows = raw_observations.unit_rows(seen, self._settings.max_units)
            action = self._codec.encode(call, rows)
        except raw_actions.UnitsBeyondRowsError as error:
            raise DroppedError("its units are beyond max_units") from error
        except ValueError as error:
            raise DroppedError("an argument out of its range") from error
        num_named = sum(int(action[argument.name]) > 0 for argument in self.action_spec.arguments
                        if argument.sequence == last_named.UNITS)
        return Encoded(action, True, max(0, len(set(tags)) - num_named))


Interface = FeatureLayers | Raw
INTERFACES = {FeatureLayers.name: FeatureLayers, Raw.name: Raw}
"""By name: what `--interface` can choose."""

DEFAULT_MAX_UNITS = {FeatureLayers.name: 64, Raw.name: 256}
"""Of the screen, and of the whole map."""

DEFAULT_ARRAYS = {
    FeatureLayers.name: ("screen", "minimap", "player", "available_actions", "feature_units",
                         "control_groups", "single_select", "multi_select", "game_loop",
                         "upgrades", "unit_counts"),
    Raw.name: ("raw_units", "last_place", "minimap", "player", "game_loop", "upgrades",
               "unit_counts"),
}
DEFAULT_SCREEN_LAYERS = ("height_map", "visibility_map", "player_relative", "unit_type", "selected",
                         "unit_hit_points_ratio", "unit_density")
DEFAULT_MINIMAP_LAYERS = ("height_map", "visibility_map", "camera", "player_relative")
"""What a network with encoders for maps, units and numbers is given."""
