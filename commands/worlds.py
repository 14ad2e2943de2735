"""Worlds: what an agent sees, what it can do, and where both come from."""

import json
import types
from typing import Any, NamedTuple

import utils
from commands import command_line

DATASET_FACTS = ("interface", "step_mul", "camera_width")
"""Of a dataset, what decides how its agent sees a game."""


class World(NamedTuple):
    """What an agent sees, what it can do, and where that comes from."""

    observation_spec: Any
    action_spec: Any
    description: dict[str, Any]  # what its checkpoints must agree with
    settings: Any  # StarcraftSettings, None when nothing is played
    data: Any = None  # ImitationData, when it learns from replays


def make_world(options: types.SimpleNamespace) -> World:
    """The world that the resolved flags ask for.

    Raises:
        ValueError: there is none: a size, the dataset or the game is impossible.
    """
    return _world_of_replays(options) if options.sl_training else _world_of_games(options)


def _world_of_games(options: types.SimpleNamespace) -> World:
    """Of an agent that learns by playing: the flags decide."""
    import network
    from environment import starcraft

    pixels = (options.screen_size, options.screen_size)
    settings = starcraft.StarcraftSettings(
        screen_size=pixels, minimap_size=pixels, step_mul=options.step_mul,
        arrays=network.default_arrays(options.model_name), **_match_settings(options))
    specs = starcraft.specs_for(settings)
    description = {name: getattr(options, name) for name in command_line.MODEL_FLAGS}
    return World(*specs, description | _described(*specs), settings)


def _world_of_replays(options: types.SimpleNamespace) -> World:
    """Of an agent that learns from replays: the dataset decides, or the saved model."""
    from data import conditioning as coins
    from data import imitation, spec_text
    from environment import conditioning, starcraft_settings

    data, settings = None, None
    if options.training:
        data = imitation.ImitationData(
            options.replay_hkl_file_path, options.validation_share, coins=coins.Coins(
                build_order=options.build_order_share, cumulative=options.statistics_share,
                seed=options.seed), winners_only=options.winners_only)
        specs = data.observation_spec, data.action_spec
        facts = {name: getattr(data.facts, name) for name in DATASET_FACTS}
        races = data.facts.races
        options.race = options.race or (races[0] if len(races) == 1 else "random")
    else:
        description = utils.read_header(options.checkpoint)["description"]
        specs = spec_text.decode(json.dumps(
            {"observation": description["observations"], "action": description["actions"]},
            separators=(",", ":")))
        facts = {name: description[name] for name in DATASET_FACTS}
    if options.episodes:
        settings = starcraft_settings.settings_for(
            *specs, step_mul=facts["step_mul"], camera_width=facts["camera_width"],
            told=conditioning.Conditioning(mmr=options.mmr), **_match_settings(options))
    description = {"learning": command_line.SUPERVISED, "model_name": options.model_name,
                   "size": options.size, **facts, **_described(*specs)}
    return World(*specs, description, settings, data)


def _match_settings(options: types.SimpleNamespace) -> dict[str, Any]:
    return {"map_name": options.environment, "game": options.game, "race": options.race,
            "opponent_race": options.opponent_race,
            "opponent_difficulty": options.opponent_difficulty}


def _described(observation_spec: Any, action_spec: Any) -> dict[str, Any]:
    return {"observations": observation_spec.to_json(), "actions": action_spec.to_json()}
