"""Evaluates an agent in matches against the built-in AI or another agent: plays, counts, writes.

    evaluate(agent, settings, num_matches=100, seed=1, folder="workspace/evaluation/easy")

The folder then holds `series.json` (what was played), `matches/` (a record of each match),
`replays/` if they are wanted, and `report.json`. The same call again plays only what is missing.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from environment import pysc2_compat, spec_differences, starcraft
from environment.conditioning import Conditioning
from evaluation import action_limit as action_limit_lib
from evaluation import (
    build_orders,
    match_environment,
    match_report,
    match_series,
    strategies,
    versus,
)

pysc2_compat.install()

from pysc2 import maps as pysc2_maps

REPORT_FILE = "report.json"


class Opponent(NamedTuple):
    """Another agent that plays instead of the built-in AI.

    Attributes:
        agent: an `agent.Agent`.
        settings: with which it sees and acts; its race, and the same map and game.
    """

    agent: Any
    settings: starcraft.StarcraftSettings


def evaluate(agent: Any, settings: starcraft.StarcraftSettings, *, num_matches: int, seed: int,
             folder: str | Path, opponent: Opponent | None = None, greedy: bool = False,
             num_environments: int = 16, num_workers: int = 2, action_limit: int | None = None,
             reaction_game_loops: int = 0, save_replays: bool = False,
             clip: tuple[str, str] | None = None, dataset: str | Path | None = None,
             told_strategies: Sequence[Conditioning] = (),
             wanted: Mapping[str, int] = match_report.OPENING,
             description: Mapping[str, Any] | None = None,
             told: Callable[[match_series.Told], None] = lambda _: None) -> match_report.Report:
    """Plays a series of matches and sums it up.

    Args:
        agent: an `agent.Agent` for the specs of these settings.
        settings: map, races, difficulty, limit of game loops, and what the agent sees.
        num_matches: how many are played and counted.
        seed: of the games and of the agent's choices; the same games for every agent.
        folder: everything is written here.
        opponent: another agent; None plays against the built-in AI.
        greedy: takes the likeliest action instead of sampling, and so does an opponent.
        num_environments: matches played at the same time, at most.
        num_workers: processes that play them; 0 plays them in this one.
        action_limit: most actions in 5 seconds, None for no limit; AlphaStar had
            `action_limit.PUBLISHED_MAX_ACTIONS`. An opponent has the same.
        reaction_game_loops: game loops between what the agent sees and what it does about it; an
            opponent reacts as its settings say.
        save_replays: keeps a replay of every match.
        clip: file and title of a clip of the first match that is played, or None.
        dataset: folder of episode files whose build orders are compared, or None.
        told_strategies: from `followed`; in each match the agent is told one of them that was
            played from the same side. Without any it is told what the settings say.
        wanted: unit type -> number that belong to the opening that is looked for.
        description: what else decides how the matches go, of JSON types: the checkpoint, say.
        told: is called at the start and after every match, for a progress bar.

    Returns:
        The report; it is also in the file report.json, with all settings.

    Raises:
        ValueError: a setting that cannot be, a map that is not for two players, a dataset without
            episodes, or a folder with other matches (`match_records.RecordError`).
        parallel.WorkerError: a match cannot be played.
        OSError: something cannot be written.
    """
    settings = dataclasses.replace(settings, reaction_game_loops=reaction_game_loops)
    _check(agent, settings, action_limit)
    if opponent is not None:
        _check(opponent.agent, opponent.settings, action_limit)
        agent = versus.Pair(agent, opponent.agent)
    references = None if dataset is None else build_orders.of_dataset(
        dataset, _learned_race(settings))
    series = match_environment.Series(
        settings=settings, opponent=opponent and opponent.settings,
        strategies=tuple(told_strategies),
        seed=seed, folder=str(folder), action_limit=action_limit, save_replays=save_replays)
    records = match_series.run(
        agent, series, num_matches, greedy=greedy, num_environments=num_environments,
        num_workers=num_workers, clip=clip, description=description, told=told)
    report = match_report.make(records, references, wanted, told_strategies)
    described = match_series.described(series, greedy, description or {})
    (Path(folder) / REPORT_FILE).write_text(
        json.dumps({"series": described, "report": report.to_json()}, indent=1) + "\n")
    return report


def followed(path: str | Path, settings: starcraft.StarcraftSettings,
             opponent: Opponent | None = None) -> tuple[Conditioning, ...]:
    """The strategies of a folder of episode files that an agent can be told.

    Args:
        path: of the folder.
        settings: of the matches, and of what the agent sees.
        opponent: another agent, or None for the built-in AI.

    Raises:
        ValueError: the agent cannot be told any, or there are none.
    """
    if "build_order" not in settings.context_arrays:
        raise ValueError("follow: this agent has never been told a build order, so there is none "
                         "that it could follow.")
    if opponent is not None:
        raise ValueError("follow: strategies are told in matches against the built-in AI only.")
    return strategies.of_dataset(path, _learned_race(settings))


def _learned_race(settings: starcraft.StarcraftSettings) -> str | None:
    """The race whose players are compared and followed; None takes all."""
    return None if settings.race == "random" else settings.race


def _check(agent: Any, settings: starcraft.StarcraftSettings, limit: int | None) -> None:
    """Raises ValueError for what would only be found out in the workers."""
    specs = starcraft.specs_for(settings)
    difference = spec_differences.first(
        specs, (agent.observation_spec, agent.action_spec), "in the game")
    if difference:
        raise ValueError(f"The settings of the game do not fit the agent: {difference}.")
    if pysc2_maps.get(settings.map_name).players < 2:
        raise ValueError(f"Map {settings.map_name}: expected one for two players; on a mini-game "
                         "nobody wins. Evaluate its scores instead.")
    if limit is not None:
        action_limit_lib.ActionLimit(specs[1], limit)
