"""Evaluation: episodes or matches that the agent plays, as a table, a file and a clip."""

import contextlib
import shutil
import types
from pathlib import Path
from typing import Any

import utils
from commands import command_line, flags, sessions, worlds


def evaluate(session: sessions.Session) -> None:
    """Plays, prints a table and writes evaluation.json.

    Raises:
        utils.UserError: a file cannot be written.
    """
    options = session.options
    is_match = _is_match(session)
    session.agent.temperature = options.temperature
    print(f"Playing {options.episodes} {'matches' if is_match else 'episodes'} of "
          f"{options.environment}.")
    with sessions.user_errors(ValueError, OSError):
        table, found = (_evaluate_matches if is_match else _evaluate_scores)(session)
    path = session.folder.write_json("evaluation.json", session.who_plays() | found)
    print(f"{table}\nWritten to {path}.")
    for written in filter(None, (options.video, options.save_replays)):
        print(f"Written to {written}.")


def _is_match(session: sessions.Session) -> bool:
    """Whether somebody else plays, too, and who wins is what counts."""
    from pysc2 import maps

    options = session.options
    return not (session.world.task or options.visualize) and (
        maps.get(options.environment).players > 1)


def _evaluate_scores(session: sessions.Session) -> tuple[str, dict[str, Any]]:
    """Of any map: the scores of the episodes. It can be watched."""
    from evaluation import matches, statistics, watching

    options = session.options
    seed = utils.seed_of(options.seed, 0, 1)  # other games than those of training
    with contextlib.ExitStack() as stack:
        if options.visualize or options.video or options.save_replays:
            environments, observers = watching.open_watched(
                stack, session.world.settings, seed, session.world.action_spec,
                _title(options), options.visualize, options.video, options.save_replays,
                _strategies(session, None))
        else:
            count = min(options.num_environments, options.episodes)
            environments, observers = stack.enter_context(
                sessions.parallel(session, count, seed)), ()
        scores = matches.play(session.agent, environments, options.episodes, options.greedy,
                              observers)
    summary = statistics.summarize(scores)
    return statistics.table(summary), summary._asdict() | {"scores": scores}


def _evaluate_matches(session: sessions.Session) -> tuple[str, dict[str, Any]]:
    """Of a map for two players: who won, how fast, and what was built."""
    from evaluation import match_evaluation, match_report

    options = session.options
    folder = session.folder.free_folder(
        f"evaluation/{options.environment}-{options.opponent_difficulty}")
    has_dataset = options.sl_training and Path(options.replay_hkl_file_path).is_dir()
    opponent = _other_agent(options) if options.against else None
    told_strategies = _strategies(session, opponent)
    with contextlib.closing(utils.ProgressBar(options.episodes, 0, "game")) as bar:
        report = match_evaluation.evaluate(
            session.agent, session.world.settings, num_matches=options.episodes,
            seed=utils.seed_of(options.seed, 0, 1), folder=folder, greedy=options.greedy,
            opponent=opponent, told_strategies=told_strategies,
            num_environments=min(16, options.num_environments),
            num_workers=sessions.num_workers(options), action_limit=options.action_limit,
            reaction_game_loops=options.reaction_game_loops,
            save_replays=options.save_replays is not None,
            clip=(options.video, _title(options)) if options.video else None,
            dataset=options.replay_hkl_file_path if has_dataset else None,
            description={"model": str(options.checkpoint), "against": options.against,
                         "temperature": options.temperature},
            told=lambda told: bar.update(told.num_finished, told.words))
    if options.save_replays:
        shutil.copytree(folder / "replays", options.save_replays, dirs_exist_ok=True)
    return match_report.table(report), {
        "opponent": options.against or options.opponent_difficulty, "folder": str(folder),
        **report.to_json()}


def _strategies(session: sessions.Session, opponent: Any) -> Any:
    """What the agent is told to follow: as published, strategies of the players that it learned
    from, unless something else is said.

    Raises:
        ValueError: the strategies that were asked for cannot be told.
    """
    from evaluation import match_evaluation

    options, settings = session.options, session.world.settings
    if options.follow == flags.NOTHING:
        return ()
    if options.follow is not None:
        return match_evaluation.followed(options.follow, settings, opponent)
    if not options.sl_training or opponent is not None or (
            "build_order" not in settings.context_arrays):
        return ()
    path = options.replay_hkl_file_path
    try:
        found = match_evaluation.followed(path, settings)
    except ValueError as error:
        print(f"It is told no strategy, though it learned to follow one: {error} (--follow FOLDER "
              "tells it others.)")
        return ()
    print(f"In each match it is told one of {len(found)} strategies of {path}. (--follow "
          f"{flags.NOTHING} tells it none.)")
    return found


def _other_agent(options: types.SimpleNamespace) -> Any:
    """The agent of another checkpoint, as an opponent."""
    from evaluation import match_evaluation

    other = types.SimpleNamespace(**vars(options) | {"training": False})
    command_line.take_over(other, Path(options.against), {"environment", "seed"})
    world = worlds.make_world(other)
    agent = sessions.make_agent(other, world)
    agent.temperature = command_line.defaults(other)["temperature"]
    utils.Checkpointer(world.description).restore(
        other.checkpoint, {"network": agent.network.variables})
    return match_evaluation.Opponent(agent, world.settings)


def _title(options: types.SimpleNamespace) -> str:
    return f"{options.environment}  ·  {options.model_name}"
