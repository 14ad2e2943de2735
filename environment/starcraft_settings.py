"""The settings with which an environment has given specs: so that who learned from files can play.

A file says what its arrays mean, and from that follows what must be asked of the game: the names of
the features are the layers, the shapes are sizes and numbers of rows. What no array shows (the map,
the width of the camera, the game loops of a step) has to be given.
"""

import dataclasses
from typing import Any

from environment import delays, match_context, raw_observations, spec_differences, starcraft
from environment import starcraft_interfaces as interfaces
from environment.specs import ActionSpec, ArraySpec, ObservationSpec

_ROWS = {"feature_units": "max_units", raw_observations.RAW_UNITS: "max_units",
         "multi_select": "max_selected", "cargo": "max_cargo", "build_queue": "max_queue",
         "production_queue": "max_queue", "last_actions": "num_last_actions"}
"""The setting that an array's first dimension is."""


def settings_for(observation_spec: ObservationSpec, action_spec: ActionSpec, *, step_mul: int,
                 **others: Any) -> starcraft.StarcraftSettings:
    """Finds the settings.

    Args:
        observation_spec: what the environment is to show.
        action_spec: what it is to take.
        step_mul: game loops between two observations.
        others: of `StarcraftSettings`, what specs do not tell: the map, the camera, the opponent.

    Returns:
        Settings with which `starcraft.specs_for` returns equal specs.

    Raises:
        ValueError: no environment of StarCraft II has these specs; it names the first difference.
            Or another setting that cannot be.
        starcraft_game.GameNotFoundError: the real game is wanted and cannot be run.
    """
    arrays = observation_spec.by_name
    context = tuple(name for name in arrays if name in match_context.ARRAY_NAMES)
    found: dict[str, Any] = {
        "arrays": tuple(name for name in arrays if name not in context),
        "context_arrays": context}
    for name, setting in _ROWS.items():
        if name in arrays:
            found[setting] = arrays[name].shape[0]
    found |= _of_maps(arrays) | _of_actions(action_spec, step_mul)
    settings = starcraft.StarcraftSettings(step_mul=step_mul, **(found | others))
    try:
        specs = starcraft.specs_for(settings)
    except ValueError as error:
        checked = dataclasses.replace(_PLAIN, **others, step_mul=step_mul)
        starcraft.specs_for(checked)  # raises if it is the others that cannot be
        raise ValueError(f"These are not the specs of an environment of StarCraft II: {error}"
                         ) from error
    difference = spec_differences.first((observation_spec, action_spec), specs, "in the specs")
    if difference:
        raise ValueError("These are not the specs of an environment of StarCraft II as this "
                         f"program knows it: {difference}. Convert the replays again, and train "
                         "with that.")
    return settings


_PLAIN = starcraft.StarcraftSettings()


def _of_maps(arrays: dict[str, ArraySpec]) -> dict[str, Any]:
    """Sizes and layers."""
    found: dict[str, Any] = {}
    for name in ("screen", "minimap"):
        if name in arrays:
            found[f"{name}_size"] = arrays[name].shape[:2]
            found[f"{name}_layers"] = tuple(feature.name for feature in arrays[name].features)
    if "feature_units" in arrays and "screen" not in arrays:
        scales = {feature.name: feature.scale for feature in arrays["feature_units"].features}
        found["screen_size"] = (int(scales.get("y", 0)), int(scales.get("x", 0)))
    return found


def _of_actions(action_spec: ActionSpec, step_mul: int) -> dict[str, Any]:
    """The interface, and what its actions can say."""
    found: dict[str, Any] = {"interface": interfaces.FeatureLayers.name}
    for argument in action_spec.arguments:
        if argument.name == delays.DELAY:
            found["max_delay_game_loops"] = (argument.size - 1) * step_mul
        elif argument.name in ("screen", "minimap") and argument.plane:
            found[f"{argument.name}_size"] = argument.plane
        elif argument.name == "world" and argument.plane:
            found["raw_resolution"] = argument.plane[0]
    selected = [argument for argument in action_spec.arguments if argument.sequence]
    if selected:
        found |= {"interface": interfaces.Raw.name, "max_selected_units": len(selected)}
    return found
