"""Worlds: what an agent sees, what it can do, and where both come from."""

import json
import types
from typing import Any, NamedTuple

import utils
from commands import command_line, flags

REPLAYED = {"environment": "Simple64", "model_name": "alphastar"}
"""By flag, for an agent that learns from replays: these do not name their map as pysc2 does."""

DATASET_FACTS = ("interface", "step_mul", "camera_width")
"""Of a dataset, what decides how its agent sees a game."""


class World(NamedTuple):
    """What an agent sees, what it can do, and where that comes from."""

    observation_spec: Any
    action_spec: Any
    description: dict[str, Any]  # what its checkpoints must agree with
    settings: Any  # StarcraftSettings; None of a task, and when nothing is played
    data: Any = None  # ImitationData, when it learns from episodes
    task: str | None = None  # of Gymnasium


def make_world(options: types.SimpleNamespace) -> World:
    """The world that the resolved flags ask for.

    Raises:
        ValueError: there is none: a size, the dataset or the game is impossible.
    """
    if options.sl_training:
        return _world_of_episodes(options)
    return _world_of_task(options) if is_task(options) else _world_of_games(options)


def is_task(options: types.SimpleNamespace) -> bool:
    """Whether the environment is one of Gymnasium's, and no map of StarCraft II."""
    from environment import gymnasium_environment

    return gymnasium_environment.is_name(options.environment)


def check_environment(options: types.SimpleNamespace) -> None:
    """Raises ValueError unless the environment is there and can do what is asked of it."""
    from environment import gymnasium_environment, starcraft_game

    if not is_task(options):
        starcraft_game.check_map(options.environment, options.game)
        return
    for name in ("visualize", "video", "save_replays", "against", "follow"):
        if getattr(options, name):
            raise ValueError(f"--{name} is for maps of StarCraft II, and {options.environment} is "
                             "a task of Gymnasium: leave it out.")
    gymnasium_environment.specs_for(options.environment)


def _world_of_task(options: types.SimpleNamespace) -> World:
    """Of an agent that learns by playing a task of Gymnasium."""
    from environment import gymnasium_environment

    specs = gymnasium_environment.specs_for(options.environment)
    description = {name: getattr(options, name) for name in ("environment", "model_name", "size")}
    return World(*specs, description | _described(*specs), None, task=options.environment)


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


def _world_of_episodes(options: types.SimpleNamespace) -> World:
    """Of an agent that learns from episodes: the dataset decides, or the saved model."""
    from data import episode
    from environment import conditioning, starcraft_settings

    data, settings = None, None
    if options.training:
        data = _dataset(options)
        specs = data.observation_spec, data.action_spec
        facts = {name: getattr(data.facts, name) for name in DATASET_FACTS}
    else:
        description = utils.read_header(options.checkpoint)["description"]
        specs = described_specs(description)
        facts = {name: description[name] for name in DATASET_FACTS}
    if facts["interface"] == episode.PLAYED:  # what it sees depends on what it plays
        facts["environment"] = options.environment
    task = options.environment if is_task(options) else None
    if options.episodes and not task:
        settings = starcraft_settings.settings_for(
            *specs, step_mul=facts["step_mul"], camera_width=facts["camera_width"],
            told=conditioning.Conditioning(mmr=options.mmr), **_match_settings(options))
    description = {"learning": command_line.SUPERVISED, "model_name": options.model_name,
                   "size": options.size, **facts, **_described(*specs)}
    return World(*specs, description, settings, data, task)


def _dataset(options: types.SimpleNamespace) -> Any:
    """The episodes to learn from; fills in the flags that they decide."""
    from data import conditioning, episode, imitation

    path = options.replay_hkl_file_path
    data = imitation.ImitationData(
        path, options.validation_share, coins=conditioning.Coins(
            build_order=options.build_order_share, cumulative=options.statistics_share,
            seed=options.seed), winners_only=options.winners_only)
    races, names = data.facts.races, data.facts.map_names
    is_played = data.facts.interface == episode.PLAYED
    suiting = {"environment": names[0], "model_name": _network_for(data)} if is_played else REPLAYED
    for name, value in suiting.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if is_played and options.environment not in names:
        raise ValueError(f"The episodes in {path} were played in {', '.join(names)}, not in "
                         f"{options.environment}: give --environment {names[0]}, or another "
                         "--replay_hkl_file_path.")
    check_environment(options)
    if options.race is None:
        options.race = races[0] if len(races) == 1 and races[0] in flags.RACES else "random"
    return data


def _network_for(data: Any) -> str:
    """The network that players of an environment have by default, if it sees what they saw."""
    from environment import specs

    return "alphastar" if data.observation_spec.of_kind(specs.Kind.ENTITIES) else "fullyconv"


def described_specs(description: dict[str, Any]) -> tuple[Any, Any]:
    """The specs of observations and actions in the description of a checkpoint."""
    from data import spec_text

    return spec_text.decode(json.dumps(
        {"observation": description["observations"], "action": description["actions"]},
        separators=(",", ":")))


def _match_settings(options: types.SimpleNamespace) -> dict[str, Any]:
    return {"map_name": options.environment, "game": options.game, "race": options.race,
            "opponent_race": options.opponent_race,
            "opponent_difficulty": options.opponent_difficulty}


def _described(observation_spec: Any, action_spec: Any) -> dict[str, Any]:
    return {"observations": observation_spec.to_json(), "actions": action_spec.to_json()}
