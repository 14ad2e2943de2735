"""Whatever specs an environment can have, the settings are found again that give them."""

import dataclasses

import numpy as np
import pytest

from environment import (
    match_context,
    observations,
    raw_observations,
    specs,
    starcraft,
    starcraft_settings,
)

PLAIN = starcraft.StarcraftSettings(map_name="Simple64", game="minisc2")
OTHERS = {"map_name": "Simple64", "game": "minisc2"}


def found(settings, **others):
    return starcraft_settings.settings_for(
        *starcraft.specs_for(settings), step_mul=settings.step_mul, **OTHERS, **others)


@pytest.mark.parametrize("settings", [
    {},
    {"screen_size": (20, 32), "minimap_size": (12, 9), "step_mul": 22,
     "max_delay_game_loops": 110, "screen_layers": ("unit_type", "creep"),
     "minimap_layers": ("camera",), "arrays": observations.ARRAY_NAMES, "max_units": 5,
     "max_selected": 4, "max_cargo": 3, "max_queue": 2, "num_last_actions": 7,
     "context_arrays": match_context.ARRAY_NAMES},
    {"arrays": ("feature_units", "player"), "screen_size": (20, 32), "minimap_size": (8, 9),
     "max_units": 9, "max_delay_game_loops": 128},
    {"interface": "raw", "arrays": raw_observations.ARRAY_NAMES, "max_units": 30,
     "max_selected_units": 6, "raw_resolution": 50, "screen_size": (12, 14),
     "minimap_size": (16, 18), "max_delay_game_loops": 64, "context_arrays": ("last_action",)},
    {"interface": "raw", "arrays": ("raw_units",), "max_units": 3, "max_selected_units": 1},
], ids=["as they are", "everything", "no maps", "raw", "raw units alone"])
def test_settings_are_found_again(settings):
    settings = dataclasses.replace(PLAIN, **settings)
    assert found(settings) == settings


def test_what_specs_do_not_tell_is_taken_as_it_is_given():
    settings = found(PLAIN, camera_width=30, race="zerg", opponent_difficulty="hard")
    assert (settings.camera_width, settings.race, settings.opponent_difficulty) == (
        30, "zerg", "hard")


def test_specs_that_no_environment_has_name_the_first_difference():
    observation_spec, action_spec = starcraft.specs_for(
        dataclasses.replace(PLAIN, max_delay_game_loops=128))
    player = observation_spec.by_name["player"]
    changed = dataclasses.replace(player, features=(
        dataclasses.replace(player.features[0], num_categories=99), *player.features[1:]))
    arrays = tuple(changed if a is player else a for a in observation_spec.arrays)
    with pytest.raises(ValueError, match=r"'player': feature 'player_id' is .*=99.* in the specs"):
        starcraft_settings.settings_for(
            specs.ObservationSpec(arrays), action_spec, step_mul=8, **OTHERS)
    weather = dataclasses.replace(player, name="weather")
    with pytest.raises(ValueError, match="not the specs of an environment.*weather"):
        starcraft_settings.settings_for(
            specs.ObservationSpec((*observation_spec.arrays, weather)), action_spec, step_mul=8,
            **OTHERS)
    fewer = specs.ActionSpec(action_spec.action_types[:-1], action_spec.arguments,
                             np.array(action_spec.uses[:-1]))
    with pytest.raises(ValueError, match="list of action types is 572 long"):
        starcraft_settings.settings_for(observation_spec, fewer, step_mul=8, **OTHERS)


def test_others_that_cannot_be_are_named_as_such():
    specs_ = starcraft.specs_for(PLAIN)
    with pytest.raises(ValueError, match="opponent_race: expected one of"):
        starcraft_settings.settings_for(*specs_, step_mul=8, **OTHERS, opponent_race="human")
