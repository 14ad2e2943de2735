"""Damages replays in every way and sees that each is converted or refused with its reason.

    python -m data.conversion.fuzzing --replay_path ./replays --files 2000 --seed 1

Reported, with exit status 1, is what should not be: an error that nobody thought of, a game or a
process that fails, a replay that takes too long, and an episode file that cannot be read.
"""

import argparse
import collections
import pathlib
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence

from data import fuzzing, hkl
from data.conversion import crew, interfaces, messages, players
from data.seal import EpisodeError
from environment import starcraft_replay

_REFUSED_BY_NAME = "It cannot be converted."
_TIME_LIMIT_SECONDS = 120.0
_SHOWN_CHARACTERS = 60


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; exits with status 2 and one line on a mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m data.conversion.fuzzing", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replay_path", type=pathlib.Path, required=True,
                        help="folder of sound .SC2Replay files; short ones are quicker")
    parser.add_argument("--files", type=int, default=2000, help="how many (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the damage (default %(default)s)")
    parser.add_argument("--num_workers", type=int, default=1,
                        help="processes that convert (default %(default)s)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parsed = parse_arguments(arguments)
    originals = [path.read_bytes() for path in sorted(parsed.replay_path.glob("*.SC2Replay"))]
    if not originals:
        print(f"data.conversion.fuzzing: {parsed.replay_path} holds no replay.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        ends, failures = run(originals, pathlib.Path(folder), parsed.files, parsed.seed,
                             parsed.num_workers)
    for end, count in ends.most_common():
        print(f"{count:>6}  {end}")
    for failure in failures:
        print(failure)
    print(f"{sum(ends.values())} damaged files, {len(failures)} not as it should be")
    return 1 if failures else 0


def run(originals: Sequence[bytes], folder: pathlib.Path, num_files: int, seed: int,
        num_workers: int) -> tuple[collections.Counter, list[str]]:
    """Damages and converts replays one after the other.

    Args:
        originals: sound replays.
        folder: where there is room for files.
        num_files: how many.
        seed: the same seed gives the same files.
        num_workers: processes that convert.

    Returns:
        How the conversions ended, and what was not as it should be, as words.
    """
    settings = interfaces.ConversionSettings(
        arrays=interfaces.DEFAULT_ARRAYS["feature_layers"], no_op_interval=64)
    task = messages.Task("minisc2", "feature_layers", settings, players.Filters(computers=True),
                         str(folder))
    ends: collections.Counter = collections.Counter()
    failures = []
    for outcome in crew.convert(task, _jobs(originals, folder, num_files, seed), num_workers,
                                _TIME_LIMIT_SECONDS):
        ends[_end(outcome)] += 1
        if outcome.failed.startswith((_REFUSED_BY_NAME, "The game failed", "The process",
                                      "It took longer")):
            failures.append(f"{pathlib.Path(outcome.replay).name}: {outcome.failed}")
        for file in outcome.written:
            try:
                hkl.check(folder / file.name)
            except EpisodeError as error:
                failures.append(str(error))
            (folder / file.name).unlink()
        pathlib.Path(outcome.replay).unlink()
    return ends, failures


def _end(outcome: messages.Outcome) -> str:
    if outcome.failed:
        reason = re.sub(r"\d+", "#", outcome.failed)
        return f"refused: {reason[:_SHOWN_CHARACTERS]}"
    return "converted" if outcome.written else "skipped"


def _jobs(originals: Sequence[bytes], folder: pathlib.Path, num_files: int, seed: int
          ) -> Iterator[messages.Job]:
    rng = random.Random(seed)
    for number in range(num_files):
        kind = rng.choice(list(fuzzing.DAMAGES))
        data = bytearray(rng.choice(originals))
        fuzzing.DAMAGES[kind](data, rng)
        path = folder / f"{number:05}_{kind.replace(' ', '_')}.SC2Replay"
        path.write_bytes(data)
        yield messages.Job(str(path), starcraft_replay.replay_id(data))


if __name__ == "__main__":
    sys.exit(main())
