"""Collection: episodes of an expert, written as files that others learn from."""

import contextlib
from typing import Any

import utils
from commands import sessions


def collect(session: sessions.Session) -> None:
    """Plays, writes a file an episode and collection.json, and prints a table.

    Raises:
        utils.UserError: nobody can play that is asked to, or a file cannot be written.
    """
    from evaluation import statistics

    options = session.options
    session.agent.temperature = options.temperature
    is_scripted = options.expert == "scripted"
    print(f"Collecting {options.episodes} episodes of {options.environment}.")
    with sessions.user_errors(ValueError, OSError):
        scores = _play(session, _scripted(session) if is_scripted else session.agent)
    summary = statistics.summarize(scores)
    path = session.folder.write_json("collection.json", {
        **session.who_plays(), "expert": options.expert, "collect_path": options.collect_path,
        **summary._asdict(), "scores": scores})
    print(f"{statistics.table(summary)}\nWritten to {options.collect_path}, the scores to {path}.")


def _scripted(session: sessions.Session) -> Any:
    from environment import scripted_agents

    return scripted_agents.for_environment(
        session.options.environment, session.world.observation_spec, session.world.action_spec)


def _play(session: sessions.Session, expert: Any) -> list[float]:
    from data import recording
    from evaluation import collecting, matches

    class Watcher(matches.Observer):
        """Moves the progress bar."""

        def finished(self, score: float, num_finished: int) -> None:
            bar.update(num_finished, f"score {score:g}")

    options, world = session.options, session.world
    source = recording.gymnasium_source(world.task) if world.task else (
        recording.starcraft_source(world.settings))
    seed = utils.seed_of(options.seed, 0, 2)  # games of neither training nor evaluation
    count = min(options.num_environments, options.episodes)
    with contextlib.closing(utils.ProgressBar(options.episodes, 0, "episode")) as bar, \
            sessions.parallel(session, count, seed) as environments:
        return collecting.collect(expert, environments, options.episodes, options.collect_path,
                                  source, options.greedy, (Watcher(),))
