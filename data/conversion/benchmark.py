"""Measures how fast replays are converted, against only observing them, and how large files are.

    python -m minisc2.record --map Simple64 --player marine_rush --games 4 --out /tmp/r
    python -m data.conversion.benchmark --replay_path /tmp/r

Observing is what any program has to do that looks at a replay through pysc2: start it, and step,
observe and transform to its end, every so many game loops. Converting is playing it twice, looking
just where something was done, and all the rest: arrays, actions, statistics, the file. Both in CPU
seconds of one process.
"""

import argparse
import itertools
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from data import hkl
from data.conversion import episodes, interfaces, players
from environment import starcraft_game, starcraft_replay


class Measured(NamedTuple):
    """What one replay took, or all of them together."""

    observing_seconds: float = 0.0
    converting_seconds: float = 0.0
    num_game_loops: int = 0
    num_kept_steps: int = 0
    num_bytes: int = 0

    def plus(self, other: "Measured") -> "Measured":
        """The sum of both."""
        return Measured(*(a + b for a, b in zip(self, other, strict=True)))


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; exits with status 2 and one line on a mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m data.conversion.benchmark", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replay_path", type=pathlib.Path, required=True,
                        help="folder of .SC2Replay files")
    parser.add_argument("--game", choices=starcraft_game.GAMES, default="auto",
                        help="which game shows them (default %(default)s)")
    parser.add_argument("--interface", choices=list(interfaces.INTERFACES),
                        default="feature_layers", help="of pysc2 (default %(default)s)")
    parser.add_argument("--resolutions", type=int, nargs="+", default=[32, 64],
                        help="pixels a side of screen and minimap (default %(default)s)")
    parser.add_argument("--step_mul", type=int, default=1,
                        help="of the conversion (default %(default)s)")
    parser.add_argument("--observe_every", type=int, default=8,
                        help="game loops between two observations that are only made (default "
                             "%(default)s)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures. Returns the exit status."""
    parsed = parse_arguments(arguments)
    paths = sorted(parsed.replay_path.glob("*.SC2Replay"))
    if not paths:
        print(f"data.conversion.benchmark: {parsed.replay_path} holds no replay.", file=sys.stderr)
        return 1
    for pixels in parsed.resolutions:
        settings = settings_for(parsed.interface, pixels, parsed.step_mul)
        total = Measured()
        with starcraft_replay.ReplayGame(parsed.game) as game:
            for path in paths:
                try:
                    total = total.plus(measure(
                        game, path, parsed.interface, settings, parsed.observe_every))
                except starcraft_replay.ReplayError as error:
                    print(f"data.conversion.benchmark: {path}: {error}", file=sys.stderr)
                    return 1
        print(f"{parsed.interface} at {pixels}x{pixels}: {_describe(total)}")
    return 0


def settings_for(interface: str, pixels: int, step_mul: int) -> interfaces.ConversionSettings:
    """The defaults of `trajectory_generator.py`, at this resolution."""
    return interfaces.ConversionSettings(
        screen_size=(pixels, pixels), minimap_size=(pixels, pixels), step_mul=step_mul,
        no_op_interval=interfaces.default_no_op_interval(step_mul),
        arrays=interfaces.DEFAULT_ARRAYS[interface],
        max_units=interfaces.DEFAULT_MAX_UNITS[interface],
        screen_layers=interfaces.DEFAULT_SCREEN_LAYERS,
        minimap_layers=interfaces.DEFAULT_MINIMAP_LAYERS)


def _describe(total: Measured) -> str:
    return (f"observed at {total.num_game_loops / total.observing_seconds:,.0f} game loops/s, "
            f"converted at {total.num_game_loops / total.converting_seconds:,.0f} "
            f"({100 * total.observing_seconds / total.converting_seconds:.0f} %); "
            f"{total.num_kept_steps} steps kept, "
            f"{total.num_bytes / total.num_kept_steps:.0f} bytes each")


def measure(game: starcraft_replay.ReplayGame, path: pathlib.Path, interface_name: str,
            settings: interfaces.ConversionSettings, observe_every: int) -> Measured:
    """Observes and converts one replay with the eyes of its first player who is no computer.

    Args:
        game: in which to watch.
        path: of the replay.
        interface_name: how it is seen.
        settings: which steps the conversion keeps.
        observe_every: game loops between two observations that are only made.

    Raises:
        starcraft_replay.ReplayError: it cannot be played.
    """
    interface = interfaces.INTERFACES[interface_name](settings)
    replay = game.open(path.read_bytes())
    match = players.match(replay.info)
    player = next((one for one in match.players if not one.is_computer), match.players[0])

    def observe() -> None:
        perspective = game.watch(replay, player.player_id, interface.interface_format())
        for observation in perspective.observations(itertools.count(0, observe_every)):
            perspective.features.transform_obs(observation)

    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "episode.hkl"

        def convert() -> episodes.Episode:
            episode = episodes.convert(game, replay, match, player, interface, settings)
            hkl.write(file, episode)
            return episode

        observing_seconds, _ = _timed(observe)
        converting_seconds, episode = _timed(convert)
        return Measured(observing_seconds, converting_seconds, episode.metadata.num_game_loops,
                        episode.num_steps, file.stat().st_size)


def _timed(function: Callable) -> tuple:
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


if __name__ == "__main__":
    sys.exit(main())
