"""Episodes that nobody played, for measuring and testing: units that wander over the layers."""

import dataclasses

import numpy as np

from data import strategy
from data.episode import Episode, Metadata
from environment import actions, observations
from environment.specs import ACTION_TYPE, Kind, Observation

SETTINGS = observations.ObservationSettings(
    screen_size=(32, 32), minimap_size=(32, 32), max_units=64,
    screen_layers=("height_map", "visibility_map", "player_relative", "unit_type", "selected",
                   "unit_hit_points_ratio", "unit_density"),
    minimap_layers=("height_map", "visibility_map", "camera", "player_relative"),
    arrays=("screen", "minimap", "player", "available_actions", "feature_units", "control_groups",
            "single_select", "multi_select", "game_loop", "upgrades", "unit_counts"))
"""What replays are converted to if nothing else is said."""

_NUM_UNITS = 30


def with_resolution(pixels: int) -> observations.ObservationSettings:
    """`SETTINGS` with square maps of so many pixels a side."""
    return dataclasses.replace(SETTINGS, screen_size=(pixels, pixels),
                               minimap_size=(pixels, pixels))


def make(settings: observations.ObservationSettings, num_steps: int, seed: int) -> Episode:
    """Makes an episode of the feature-layer interface.

    Args:
        settings: choose the arrays.
        num_steps: N.
        seed: the same seed gives the same episode; also its replay_id.
    """
    rng = np.random.default_rng(seed)
    spec = observations.ObservationEncoder(settings).spec
    action_spec = actions.ActionCodec(settings.screen_size, settings.minimap_size).spec
    values = {name: rng.integers(0, size, num_steps, dtype=np.int32)
              for name, size in action_spec.sizes.items()}
    for name, used in action_spec.used_by.items():
        values[name] *= used[values[ACTION_TYPE]]
    game_loops = np.cumsum(rng.integers(0, 30, num_steps), dtype=np.int32)
    return Episode(
        observation_spec=spec, action_spec=action_spec,
        observations=_observations(spec, num_steps, rng), actions=values, game_loops=game_loops,
        rewards=np.zeros(num_steps, np.float32), strategy=strategy.empty(),
        metadata=Metadata(
            game="nobody played it", game_version="1.0", map_name="Simple64",
            replay_id=f"synthetic {seed}", seed=seed, player_id=1, race="terran",
            opponent_race="terran", result="victory", step_mul=8,
            num_game_loops=int(game_loops[-1]), num_observed_steps=num_steps))


def _observations(spec, num_steps: int, rng: np.random.Generator) -> Observation:
    """Arrays in which little changes from one step to the next, as in a match."""
    places = rng.random((_NUM_UNITS, 2))
    is_moving = rng.random((_NUM_UNITS, 1)) < 0.5
    moves = rng.normal(0, 0.01, (num_steps, _NUM_UNITS, 2)) * is_moving
    track = np.clip(places + np.cumsum(moves, axis=0), 0, 0.999)  # [N, units, 2]
    observation = {}
    for array in spec.arrays:
        high = [min(feature.num_categories or 200, 200) for feature in array.features]
        value = array.zeros((num_steps,))
        if array.kind is Kind.PLANES:
            height, width, _ = array.shape
            value[...] = rng.integers(0, high, (1, 1, 1, len(high)))
            rows, columns = (track * (height, width)).astype(int).transpose(2, 0, 1)
            value[np.arange(num_steps)[:, None], rows, columns] = rng.integers(
                0, high, (_NUM_UNITS, len(high)))
        elif array.kind is Kind.ENTITIES:
            num_rows = min(_NUM_UNITS, array.shape[0])
            value[:, :num_rows] = rng.integers(1, np.maximum(high, 2), (num_rows, len(high)))
            changed = rng.random((num_steps, num_rows)) < 0.2
            value[:, :num_rows, -1] += changed.astype(value.dtype)
        elif array.kind is Kind.MASK:
            value[...] = np.repeat(rng.random((num_steps // 8 + 1, *array.shape)) < 0.1, 8,
                                   axis=0)[:num_steps]
            value[:, 0] = True
        else:
            value[...] = np.cumsum(rng.integers(0, 2, value.shape), axis=0) % high
        observation[array.name] = value
    return observation
