"""The one encoder from pysc2 observations to named arrays.

A live step, a replay file and a training batch hold the same arrays of the same spec, because they
all come from here. Settings choose which arrays there are, which layers they have and how many
rows; `observation_arrays` says what each of them is.
"""

import dataclasses
from collections.abc import Callable

from environment import observation_arrays as arrays
from environment.specs import Observation, ObservationSpec


@dataclasses.dataclass(frozen=True, kw_only=True)
class ObservationSettings:
    """Which arrays an observation holds.

    Attributes:
        screen_size: (H, W) of the screen in pixels.
        minimap_size: (H, W) of the minimap in pixels.
        screen_layers: names of pysc2's SCREEN_FEATURES, one channel each.
        minimap_layers: names of pysc2's MINIMAP_FEATURES, one channel each.
        arrays: names out of `ARRAY_NAMES`, in the order of the spec.
        max_units: rows of feature_units.
        max_selected: rows of multi_select.
        max_cargo: rows of cargo.
        max_queue: rows of build_queue and of production_queue.
        num_last_actions: how many of the latest actions last_actions holds.
    """

    screen_size: tuple[int, int] = (16, 16)
    minimap_size: tuple[int, int] = (16, 16)
    screen_layers: tuple[str, ...] = ("player_relative", "selected")
    minimap_layers: tuple[str, ...] = ("player_relative", "camera")
    arrays: tuple[str, ...] = ("screen", "minimap", "player", "available_actions")
    max_units: int = 32
    max_selected: int = 32
    max_cargo: int = 16
    max_queue: int = 8
    num_last_actions: int = 1


_ARRAYS: dict[str, Callable[[ObservationSettings], arrays.ArrayEncoder]] = {
    "screen": lambda s: arrays.screen(s.screen_size, s.screen_layers),
    "minimap": lambda s: arrays.minimap(s.minimap_size, s.minimap_layers),
    "player": lambda s: arrays.player(),
    "available_actions": lambda s: arrays.available_actions(),
    "feature_units": lambda s: arrays.feature_units(s.screen_size, s.max_units),
    "control_groups": lambda s: arrays.control_groups(),
    "single_select": lambda s: arrays.ui_units("single_select", 1),
    "multi_select": lambda s: arrays.ui_units("multi_select", s.max_selected),
    "build_queue": lambda s: arrays.ui_units("build_queue", s.max_queue),
    "production_queue": lambda s: arrays.production_queue(s.max_queue),
    "cargo": lambda s: arrays.ui_units("cargo", s.max_cargo),
    "score": lambda s: arrays.score(),
    "game_loop": lambda s: arrays.game_loop(),
    "upgrades": lambda s: arrays.upgrades(),
    "unit_counts": lambda s: arrays.unit_counts(),
    "last_actions": lambda s: arrays.last_actions(s.num_last_actions),
}

ARRAY_NAMES = tuple(_ARRAYS)


class ObservationEncoder:
    """Turns pysc2 observations of the feature-layer interface into arrays of `spec`.

    Args:
        settings: which arrays; see `ObservationSettings`.

    Raises:
        ValueError: an array or layer that does not exist, a name given twice, or no room for rows.
    """

    def __init__(self, settings: ObservationSettings):
        unknown = [name for name in settings.arrays if name not in _ARRAYS]
        if unknown or len(set(settings.arrays)) != len(settings.arrays):
            raise ValueError(f"Observation arrays: expected different names of "
                             f"{', '.join(ARRAY_NAMES)}; got {', '.join(settings.arrays)}.")
        encoders = [_ARRAYS[name](settings) for name in settings.arrays]
        self.spec = ObservationSpec(tuple(encoder.spec for encoder in encoders))
        self._encoders = [(encoder.spec.name, encoder.encode) for encoder in encoders]

    def encode(self, observation: arrays.Pysc2Observation) -> Observation:
        """Makes the arrays of one observation.

        Args:
            observation: what `pysc2.lib.features.Features.transform_obs` returns, made with
                `observation_arrays.interface_options`.

        Returns:
            New arrays of `spec`, without leading dimensions; they share no memory with anything.
        """
        return {name: encode(observation) for name, encode in self._encoders}
