"""Plays computer players against each other and prints who beats whom.

    python -m minisc2.ladder --games 2 --levels VeryEasy Medium VeryHard --max-game-loops 20000
    python -m minisc2.ladder --map Simple64 --games 50 --processes 2 --seed 1 --out ladder.csv
    python -m minisc2.ladder --builds --level Hard --games 20 --out builds.csv
    python -m minisc2.ladder --pairs all --games 50 --processes 2 --out all.csv

The first takes a minute or two. The second plays each level against the one above it; the third
the builds of one level against each other. Levels meet with the same build on both sides, every
build equally often: which build meets which would decide more than the levels do. A game is
simulated without the API: two computers and the world. Game number i of a pair has the seed
`--seed` + i; in every other game the two change seats. With `--out` every finished game is written
down at once, and a run that is started again plays only what is missing; results of other code are
refused.
"""

import argparse
import csv
import functools
import itertools
import math
import multiprocessing
import pathlib
import sys
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TextIO

from minisc2 import ai, maps
from minisc2.ai import levels, plans
from minisc2.game import players, unit_data
from minisc2.game import world as world_lib
from minisc2.replay import fingerprint

_STEP_GAME_LOOPS = 500


class Side(NamedTuple):
    """One of the two who play: `sc2api_pb2` Difficulty and AIBuild (2 to 6)."""

    difficulty: int
    ai_build: int

    @property
    def name(self) -> str:
        """Level and build."""
        return f"{levels.get(self.difficulty).name}/{plans.PLANS[self.ai_build].name}"


class Game(NamedTuple):
    """One game to play; with `swapped` the second side is player 1."""

    map_name: str
    first: Side
    second: Side
    seed: int
    swapped: bool
    max_game_loops: int


class Result(NamedTuple):
    """How a game went, as a row of the file of results.

    Attributes:
        winner: 1 the first side, 2 the second, 0 nobody.
        loops: game loops it took; `cpu_seconds` as well.
        simulation: digest of the code that played it.
    """

    map_name: str
    first: str
    second: str
    seed: int
    max_game_loops: int
    winner: int
    loops: int
    cpu_seconds: float
    simulation: str

    @property
    def key(self) -> tuple:
        """What tells games apart."""
        return self[:5]


class ResultsError(ValueError):
    """A file of results does not fit."""


def play(game: Game, simulation: str) -> Result:
    """Plays one game to its end, or until it has lasted too long.

    Args:
        game: which.
        simulation: digest of the code, as it was when it was loaded.
    """
    sides = (game.second, game.first) if game.swapped else (game.first, game.second)
    setups = [players.PlayerSetup(index + 1, unit_data.TERRAN, players.COMPUTER, side.difficulty,
                                  side.ai_build) for index, side in enumerate(sides)]
    start = time.process_time()
    world = world_lib.World(maps.get(game.map_name), setups, game.seed)
    world.brains.extend(ai.make(world, state) for state in world.players.values())
    while world.results is None and world.loop < game.max_game_loops:
        world.step(min(_STEP_GAME_LOOPS, game.max_game_loops - world.loop))
    winner = 0
    for player_id, result in (world.results or {}).items():
        if result == players.VICTORY:
            winner = 3 - player_id if game.swapped else player_id
    return Result(game.map_name, game.first.name, game.second.name, game.seed,
                  game.max_game_loops, winner, world.loop,
                  round(time.process_time() - start, 2), simulation)


def read(path: pathlib.Path) -> list[Result]:
    """Results of earlier runs; none if there is no file.

    Raises:
        ResultsError: the file is something else, or of other code.
    """
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    if not rows or tuple(rows[0]) != Result._fields:
        raise ResultsError(f"{path} holds no results of this program (its first line should be "
                           f"{','.join(Result._fields)}); name another file with --out.")
    kinds = [Result.__annotations__[name] for name in Result._fields]
    found = [Result(*(kind(value) for kind, value in zip(kinds, row, strict=True)))
             for row in rows[1:]]
    strangers = [result for result in found if result.simulation != fingerprint.simulation()]
    if strangers:
        raise ResultsError(
            f"{len(strangers)} of {len(found)} games in {path} were played by other code "
            f"({strangers[0].simulation[:12]}, this is {fingerprint.simulation()[:12]}); they "
            f"cannot be counted together: name another file with --out.")
    return found


def games(parsed: argparse.Namespace) -> list[Game]:
    """All games that the command line asks for."""
    if parsed.builds:
        difficulty = levels.names().index(parsed.level) + 1
        sides = [Side(difficulty, build) for build in plans.PLANS]
        pairs: Iterable[tuple[Side, Side]] = itertools.combinations(sides, 2)
    else:
        sides = [Side(levels.names().index(name) + 1, 0) for name in parsed.levels]
        pairs = (itertools.pairwise(sides) if parsed.pairs == "neighbours"
                 else itertools.combinations(sides, 2))
    found = []
    for first, second in pairs:
        for index in range(parsed.games):
            if not parsed.builds:  # each build from both seats, then the next
                build = sorted(plans.PLANS)[index // 2 % len(plans.PLANS)]
                first, second = first._replace(ai_build=build), second._replace(ai_build=build)
            found.append(Game(parsed.map, first, second, parsed.seed + index, bool(index % 2),
                              parsed.max_game_loops))
    return found


def run(wanted: Sequence[Game], num_processes: int, out: pathlib.Path | None,
        progress: TextIO) -> list[Result]:
    """Plays what is missing. Returns the results of all the games, in their order."""
    known = {result.key: result for result in (read(out) if out else [])}
    missing = [game for game in wanted if _key(game) not in known]
    start = time.monotonic()
    play_one = functools.partial(play, simulation=fingerprint.simulation())
    with multiprocessing.get_context("spawn").Pool(num_processes) as pool:
        for index, result in enumerate(pool.imap_unordered(play_one, missing)):
            known[result.key] = result
            if out is not None:
                _append(out, result)
            seconds = (time.monotonic() - start) / (index + 1) * (len(missing) - index - 1)
            winner = ("nobody", result.first, result.second)[result.winner]
            progress.write(f"{index + 1}/{len(missing)} {result.first} - {result.second}, seed "
                           f"{result.seed}: {winner} after {result.loops} game loops, "
                           f"{result.loops / max(0.01, result.cpu_seconds):.0f} a CPU second; "
                           f"{seconds / 60:.0f} minutes left\n")
            progress.flush()
    return [known[_key(game)] for game in wanted]


def _key(game: Game) -> tuple:
    return (game.map_name, game.first.name, game.second.name, game.seed, game.max_game_loops)


def _append(path: pathlib.Path, result: Result) -> None:
    is_empty = not path.exists() or not path.stat().st_size
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if is_empty:
            writer.writerow(Result._fields)
        writer.writerow(result)


def table(results: Sequence[Result], by_build: bool) -> str:
    """Markdown: one line a pair, with the share of decided games that the second side won.

    Args:
        results: those of a pair next to each other.
        by_build: whether pairs are of builds, not of levels with whatever build.
    """
    def pair(result: Result) -> tuple[str, str]:
        if by_build:
            return result.first, result.second
        return result.first.partition("/")[0], result.second.partition("/")[0]

    heads = ("first", "second", "games", "first won", "second won", "nobody", "second's share",
             "game loops (median)")
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
    for (first, second), group in itertools.groupby(results, key=pair):
        rows = list(group)
        won = [sum(row.winner == winner for row in rows) for winner in range(3)]
        loops = sorted(row.loops for row in rows)[len(rows) // 2]
        lines.append(f"| {first} | {second} | {len(rows)} | {won[1]} | {won[2]} | {won[0]} | "
                     f"{_share(won[2], won[1] + won[2])} | {loops} |")
    return "\n".join(lines)


def _share(num_won: int, num_games: int) -> str:
    """Share in percent with its 95 % Wilson interval."""
    if not num_games:
        return "-"
    z = 1.96
    share = num_won / num_games
    scale = 1 + z * z / num_games
    middle = (share + z * z / (2 * num_games)) / scale
    spread = z * math.sqrt(share * (1 - share) / num_games
                           + z * z / (4 * num_games * num_games)) / scale
    return f"{100 * share:.0f} % ({100 * (middle - spread):.0f}-{100 * (middle + spread):.0f})"


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m minisc2.ladder", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--map", default="Simple64", help="melee map; default %(default)s")
    parser.add_argument("--games", type=int, default=50, help="games a pair; default %(default)s")
    parser.add_argument("--processes", type=int, default=1,
                        help="games at the same time; default %(default)s")
    parser.add_argument("--seed", type=int, default=1,
                        help="of the first game of each pair; default %(default)s")
    parser.add_argument("--levels", nargs="+", default=levels.names(), choices=levels.names(),
                        metavar="LEVEL", help="weakest first; default: all, which are "
                        + ", ".join(levels.names()))
    parser.add_argument("--pairs", choices=("neighbours", "all"), default="neighbours",
                        help="who meets whom; default %(default)s")
    parser.add_argument("--builds", action="store_true",
                        help="the builds of one level against each other, instead of levels")
    parser.add_argument("--level", default="Hard", choices=levels.names(),
                        help="for --builds; default %(default)s")
    parser.add_argument("--max-game-loops", type=int, default=60_000,
                        help="a game that lasts longer is nobody's; default %(default)s")
    parser.add_argument("--out", type=pathlib.Path,
                        help="CSV file of results, to go on from")
    parsed = parser.parse_args(arguments)
    for name in ("games", "processes", "max_game_loops"):
        if getattr(parsed, name) < 1:
            parser.error(f"--{name.replace('_', '-')} has to be at least 1, not "
                         f"{getattr(parsed, name)}")
    return parsed


def main(arguments: Sequence[str]) -> int:
    """Plays and prints. Returns the exit status."""
    parsed = _parse(arguments)
    try:
        maps.get(parsed.map)
        results = run(games(parsed), parsed.processes, parsed.out, sys.stderr)
    except (maps.UnknownMapError, ResultsError) as error:
        print(f"python -m minisc2.ladder: {error}", file=sys.stderr)
        return 2
    print(table(results, parsed.builds))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
