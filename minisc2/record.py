"""Records matches of a scripted player against the built-in computer players as replays.

    python -m minisc2.record --games 1 --out ./replays
    python -m minisc2.record --map Simple64 --player marine_rush --opponent easy --games 100 \
        --out ./replays --seed 1

The players see and act as a person does: feature layers, camera, mouse and keys, at a person's
pace. Each match becomes one .SC2Replay, and one line of the series' .jsonl file: result, length,
seed, actions a minute. The same settings give the same files, byte for byte. What is there already
is kept: run the command again to go on after an interruption, or with more --games for more.
"""

import argparse
import os
import pathlib
import sys
import time
from collections.abc import Sequence

from minisc2 import maps, opponents
from minisc2.api import interface
from minisc2.scripted import client as client_lib
from minisc2.scripted import crew, pace, players, series

_BAR_WIDTH = 24
_FAILED, _USAGE, _INTERRUPTED = 1, 2, 130
_MIN_RESOLUTION = 32  # below, an SCV is less than a pixel


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; prints help or one line on a mistake, and exits (status 0 or 2)."""
    known = "\n".join(f"  {name:<12} {player.description}"
                      for name, player in players.PLAYERS.items())
    parser = argparse.ArgumentParser(
        prog="python -m minisc2.record", allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"{__doc__}\nplayers:\n{known}")
    parser.add_argument("--map", default="Simple64", type=_melee_map,
                        help="map for two players (default %(default)s)")
    parser.add_argument("--player", default="marine_rush", choices=players.PLAYERS,
                        help="who plays; see above (default %(default)s)")
    parser.add_argument("--opponent", default="easy", choices=opponents.DIFFICULTIES,
                        help="difficulty of the Terran computer player, weakest first (default "
                        "%(default)s)")
    parser.add_argument("--opponent_build", default="random", choices=opponents.BUILDS,
                        help="what the computer player sets out to do (default %(default)s)")
    parser.add_argument("--games", default=1, type=_positive,
                        help="matches in the series, those already recorded included (default "
                        "%(default)s)")
    parser.add_argument("--out", default=pathlib.Path("replays"), type=pathlib.Path,
                        help="folder for the replays, made if need be (default ./replays)")
    parser.add_argument("--seed", default=1, type=_seed,
                        help="of the series; another seed gives other matches (default "
                        "%(default)s)")
    parser.add_argument("--processes", default=os.cpu_count() or 1, type=_positive,
                        help="matches played at the same time (default: one a core, here "
                        "%(default)s)")
    parser.add_argument("--apm", default=120.0, type=_apm,
                        help="mean actions a minute of the player (default %(default)g)")
    parser.add_argument("--max_game_loops", default=40_000, type=_positive,
                        help="an undecided match ends after so many game loops, 22.4 a second "
                        "(default %(default)s)")
    parser.add_argument("--resolution", default=64, type=_resolution,
                        help="pixels of a side of the screen and the minimap that the player "
                        "sees (default %(default)s)")
    parser.add_argument("--mmr", default=1000, type=_rating,
                        help="rating that the replays give both players; pysc2's programs leave "
                        "out players below 1000 (default %(default)s)")
    return parser.parse_args(arguments)


def _melee_map(text: str) -> str:
    try:
        game_map = maps.get(text)
    except maps.UnknownMapError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if game_map.max_players < 2:
        choices = ", ".join(name for name in maps.names() if maps.get(name).max_players > 1)
        raise argparse.ArgumentTypeError(f"{text!r} is not a map for two players; use one of "
                                         f"{choices}")
    return game_map.name


def _number(text: str, minimum: float, maximum: float, kind: type, meaning: str) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not minimum <= value <= maximum:
        raise argparse.ArgumentTypeError(f"{text!r} is not {meaning} from {minimum:g} to "
                                         f"{maximum:g}")
    return value


def _positive(text: str) -> int:
    return _number(text, 1, 1_000_000, int, "a whole number")


def _seed(text: str) -> int:
    return _number(text, 0, 2 ** 32 - 1, int, "a whole number")


def _apm(text: str) -> float:
    return _number(text, 1, pace.MAX_APM, float, "a number of actions a minute")


def _resolution(text: str) -> int:
    return _number(text, _MIN_RESOLUTION, interface.MAX_PIXELS, int, "a number of pixels")


def _rating(text: str) -> int:
    return _number(text, 0, 10_000, int, "a rating")


class Progress:
    """Tells how far a series is: a bar on a terminal, else a line for each match."""

    def __init__(self, num_games: int, kept: Sequence[series.Entry]):
        """A series of `num_games` matches, some of which are there already."""
        self._num_games = num_games
        self._num_kept = len(kept)
        self._start_seconds = time.monotonic()
        self._results: list[str] = [entry["result"] for entry in kept]
        self._is_terminal = sys.stdout.isatty()

    def show(self, entry: series.Entry) -> None:
        """Takes in one more match."""
        self._results.append(entry["result"])
        done = len(self._results)
        if self._is_terminal:
            filled = _BAR_WIDTH * done // self._num_games
            bar = "#" * filled + "." * (_BAR_WIDTH - filled)
            print(f"\r[{bar}] {done}/{self._num_games}  {self._counts()}  {self._left()}   ",
                  end="" if done < self._num_games else "\n", flush=True)
        else:
            print(f"{done}/{self._num_games} {entry['file']}: {entry['result']} after "
                  f"{entry['game_loops']} game loops at {entry['played_apm']:g} APM "
                  f"({self._left()})", flush=True)

    def finish(self) -> None:
        """Says what came of all of them."""
        print(f"{len(self._results)} of {self._num_games} matches recorded"
              f"{f', {self._num_kept} of them before' if self._num_kept else ''}: "
              f"{self._counts()}.", flush=True)

    def _counts(self) -> str:
        counts = [(self._results.count(result), word) for result, word in (
            ("victory", "won"), ("defeat", "lost"), ("tie", "tied"), ("undecided", "undecided"))]
        return ", ".join(f"{count} {word}" for count, word in counts[:2] + [
            one for one in counts[2:] if one[0]])

    def _left(self) -> str:
        done = len(self._results) - self._num_kept
        seconds = time.monotonic() - self._start_seconds
        left = round((self._num_games - len(self._results)) * seconds / max(done, 1))
        return f"{left // 60}:{left % 60:02d} left"


def main(arguments: Sequence[str] | None = None) -> int:
    """Records a series. Returns the exit status: 0 when it is complete."""
    flags = parse_arguments(arguments)
    settings = series.Settings(
        flags.map, flags.player, flags.opponent, flags.opponent_build, flags.seed, flags.apm,
        flags.max_game_loops, flags.resolution, flags.mmr)
    try:
        flags.out.mkdir(parents=True, exist_ok=True)
        manifest = series.Manifest(settings, flags.out)
    except (OSError, series.MixedSeriesError) as error:
        print(f"minisc2.record: {error}", file=sys.stderr)
        return _USAGE
    numbers = manifest.missing(flags.games)
    kept = [manifest.entries[number] for number in range(1, flags.games + 1)
            if number not in set(numbers)]
    progress = Progress(flags.games, kept)
    status = 0
    try:
        for entry in crew.record(settings, numbers, flags.out, flags.processes):
            manifest.add(entry)
            progress.show(entry)
    except KeyboardInterrupt:
        print("\nInterrupted. The replays written so far are whole; run the same command again "
              "to go on.", file=sys.stderr)
        status = _INTERRUPTED
    except (client_lib.GameError, crew.WorkerError, OSError) as error:
        print(f"\nminisc2.record: {error}", file=sys.stderr)
        status = _FAILED
    manifest.finish()
    progress.finish()
    return status


if __name__ == "__main__":
    sys.exit(main())
