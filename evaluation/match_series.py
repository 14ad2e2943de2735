"""Plays a series of matches with one agent, many at a time, and keeps what came of each."""

import contextlib
import dataclasses
import functools
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from environment import parallel, specs
from environment.conditioning import Conditioning
from evaluation import match_environment, match_records, matches, versus, video
from evaluation.match_environment import MATCH_NUMBER, Series

_SETTINGS_FILE = "series.json"
_SECONDS_FOR_A_STEP = 300.0  # the real game is started anew for every match


class Told(NamedTuple):
    """How far a series is.

    Attributes:
        num_finished: matches that are written down, those of earlier runs included.
        num_matches: of the series.
        words: how the latest of them ended, and how all of them did.
    """

    num_finished: int
    num_matches: int
    words: str


def play(agent: Any, environments: matches.Environments, greedy: bool,
         finished: Callable[[int], None], observers: tuple[matches.Observer, ...] = ()) -> int:
    """Plays until no environment has a match left.

    The agent decides for all matches of a group at once. Environments that have none left are not
    shown to it.

    Args:
        agent: has `initial_state(batch_size)` and `step(observation, step_type, state, greedy)`.
        environments: of `match_environment.MatchEnvironment`s; are reset first.
        greedy: takes the likeliest action instead of sampling.
        finished: is told the number of a match that has ended.
        observers: are told of every step of a single environment.

    Returns:
        How many decisions the agent made.
    """
    slices = [environments.group_slice(group) for group in range(environments.num_groups)]
    states = [_as_arrays(agent.initial_state(part.stop - part.start)) for part in slices]
    playing, num_decisions = set(range(len(slices))), 0
    environments.reset()
    while playing:
        for group in sorted(playing):
            step = environments.receive(group)
            numbers = step.observation[MATCH_NUMBER][:, 0]
            is_last = step.step_type == specs.StepType.LAST
            for number in numbers[is_last]:
                finished(int(number))
            if not numbers.any():
                playing.discard(group)
                continue
            rows = np.flatnonzero(numbers)
            decided = _decide(agent, step, states[group], rows, greedy)
            action = agent.action_spec.zeros(numbers.shape)
            for name, values in decided.action.items():
                action[name][rows] = values
            num_decisions += len(rows) - int(is_last.sum())  # there is nothing more to decide
            for observer in observers:
                observer.acted(step, decided, 0.0)
            environments.send(group, action)
    return num_decisions


def _as_arrays(state: Any) -> Any:
    return tf.nest.map_structure(lambda leaf: np.array(leaf), state)


def _decide(agent: Any, step: specs.TimeStep, state: Any, rows: np.ndarray, greedy: bool) -> Any:
    """Lets the agent decide for some rows, and updates their state in place."""
    observation = {name: array[rows] for name, array in step.observation.items()
                   if name != MATCH_NUMBER}
    decided, after = agent.step(observation, step.step_type[rows],
                                tf.nest.map_structure(lambda leaf: leaf[rows], state), greedy)

    def put(leaf: np.ndarray, value: Any) -> None:
        leaf[rows] = np.asarray(value)

    tf.nest.map_structure(put, state, after)
    return decided


def run(agent: Any, series: Series, num_matches: int, *, greedy: bool = False,
        num_environments: int = 16, num_workers: int = 2,
        clip: tuple[str, str] | None = None, description: Mapping[str, Any] | None = None,
        told: Callable[[Told], None] = lambda _: None) -> list[match_records.MatchRecord]:
    """Plays what is missing of a series.

    The agent's choices are seeded, too: the same agent, series and numbers of environments and
    workers give the same matches. A run that goes on after an interruption keeps what is written
    and draws new choices for the rest.

    Args:
        agent: an `agent.Agent` for the specs of the series.
        series: which matches.
        num_matches: numbers 1 to this are played.
        greedy: takes the likeliest action instead of sampling.
        num_environments: matches that are played at the same time, at most.
        num_workers: processes that play them; 0 plays them in this one.
        clip: file (.mp4 or .gif) and title of a clip of the first match that is missing; None for
            no clip.
        description: what else decides how the matches go, of JSON types: the checkpoint, say.
        told: is called at the start and after every match.

    Returns:
        The records of all matches, by number.

    Raises:
        ValueError: no matches are wanted, or the agent is for other specs.
        match_records.RecordError: the folder holds matches of another series, or all of them
            where a clip is wanted.
        parallel.WorkerError: a match cannot be played, or failed again and again.
        OSError: the folder cannot be written.
    """
    if num_matches < 1:
        raise ValueError(f"num_matches: expected at least 1, got {num_matches}.")
    series.records.mkdir(parents=True, exist_ok=True)
    _claim(Path(series.folder), described(series, greedy, description or {}))
    missing = series.missing(num_matches)
    tally = _Tally(series, num_matches, missing, told)
    if not missing:
        if clip is not None:
            raise match_records.RecordError(
                f"All {num_matches} matches in {series.folder} have been played, and a clip is "
                "made of one that is played. Give another folder, or one more match.")
        return match_records.read_all(series.records, range(1, num_matches + 1))
    with _seeded(agent, series.game_seed(num_matches + len(missing))):
        if clip is not None:
            _play_for_clip(agent, series, missing[:1], greedy, tally, *clip)
            missing = missing[1:]
        if missing:
            with _environments(agent, series, missing, num_environments, num_workers) as many:
                play(agent, many, greedy, tally.finished)
    return match_records.read_all(series.records, range(1, num_matches + 1))


def _environments(agent: Any, series: Series, numbers: tuple[int, ...], num_environments: int,
                  num_workers: int) -> parallel.ParallelEnvironments:
    count = min(num_environments, len(numbers))
    make = functools.partial(match_environment.make, series, numbers, count,
                             agent.observation_spec, agent.action_spec)
    return parallel.ParallelEnvironments(
        make, count, min(num_workers, count),
        match_environment.with_match_number(agent.observation_spec), agent.action_spec,
        _SECONDS_FOR_A_STEP)


def _play_for_clip(agent: Any, series: Series, numbers: tuple[int, ...], greedy: bool,
                   tally: "_Tally", path: str, title: str) -> None:
    """Plays matches one after the other in this process, and draws them."""
    environment = match_environment.MatchEnvironment(
        series, numbers, agent.observation_spec, agent.action_spec)
    with (contextlib.closing(environment), contextlib.closing(
            _MatchClip(path, environment, agent.action_spec, title)) as drawn):
        play(agent, matches.OneEnvironment(environment), greedy, tally.finished, (drawn,))


class _MatchClip(video.Clip):
    """A clip that shows the game's own score: in a match, the value of what the player has.

    Between two agents, it shows the decisions of the one at home.
    """

    def acted(self, time_step: specs.TimeStep, agent_step: Any, score: float) -> None:
        if agent_step.value is None:
            return
        total = self._environment.pysc2_observation["score_cumulative"][0]
        super().acted(time_step, agent_step, float(total))


def described(series: Series, greedy: bool, description: Mapping[str, Any]) -> dict[str, Any]:
    """What matches that are counted together must have in common, of JSON types."""
    opponent = series.opponent and dataclasses.asdict(series.opponent)
    described = {"settings": dataclasses.asdict(series.settings), "opponent": opponent,
                 "strategies": _digest(series.strategies),
                 "seed": series.seed,
                 "action_limit": series.action_limit, "greedy": greedy, **description}
    return json.loads(json.dumps(described))


def _digest(strategies: Sequence[Conditioning]) -> str | None:
    """What tells strategies apart, in few letters; None for none."""
    text = json.dumps([dataclasses.asdict(one) for one in strategies])
    return hashlib.sha256(text.encode()).hexdigest()[:16] if strategies else None


def _claim(folder: Path, described: dict[str, Any]) -> None:
    """Notes in a folder which series is in it.

    Raises:
        match_records.RecordError: it is another one.
    """
    path = folder / _SETTINGS_FILE
    if not path.exists():
        path.write_text(json.dumps(described, indent=1) + "\n")
        return
    try:
        found = json.loads(path.read_text())
    except ValueError as error:
        raise match_records.RecordError(f"{path} is damaged ({error}). Give another folder, or "
                                        "delete this one to play the matches again.") from error
    for name in sorted({*found, *described}):
        if found.get(name) != described.get(name):
            raise match_records.RecordError(
                f"{folder} holds matches of another series: {_difference(name, found, described)}. "
                "Give another folder, or delete this one to play the matches again.")


def _difference(name: str, found: Any, wanted: Any) -> str:
    """The first place below `name` in which two descriptions differ, with both values."""
    before, now = found.get(name), wanted.get(name)
    if isinstance(before, dict) and isinstance(now, dict):
        inner = next(key for key in sorted({*before, *now}) if before.get(key) != now.get(key))
        return _difference(inner, before, now)
    return f"{name} was {before!r}, now {now!r}"


@contextlib.contextmanager
def _seeded(agent: Any, seed: int) -> Iterator[None]:
    """Gives the agent's choices a seed, and what they were drawn from before back afterwards."""
    generators = agent.random_generators if isinstance(agent, versus.Pair) else (
        agent.random_generator,)
    before = [generator.state.numpy() for generator in generators]
    for index, generator in enumerate(generators):
        generator.reset_from_seed(seed + index)
    try:
        yield
    finally:
        for generator, state in zip(generators, before, strict=True):
            generator.state.assign(state)


class _Tally:
    """Counts the matches of a series while it is played."""

    def __init__(self, series: Series, num_matches: int, missing: Sequence[int],
                 told: Callable[[Told], None]):
        self._series, self._num_matches, self._told = series, num_matches, told
        kept = sorted({*range(1, num_matches + 1)} - {*missing})
        self._results = Counter(
            record.result for record in match_records.read_all(series.records, kept))
        self._tell("")

    def finished(self, number: int) -> None:
        """Reads what came of a match, and tells it."""
        record = match_records.read(self._series.records, number)
        self._results[record.result] += 1
        self._tell(f"match {number}: {record.result} after {record.game_loops:,} game loops; ")

    def _tell(self, latest: str) -> None:
        results = self._results
        words = latest + (f"{results[match_records.VICTORY]} won, "
                          f"{results[match_records.DEFEAT]} lost")
        for result in (match_records.TIE, match_records.UNDECIDED):
            if results[result]:
                words += f", {results[result]} {result}"
        self._told(Told(results.total(), self._num_matches, words))
