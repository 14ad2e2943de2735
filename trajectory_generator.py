"""Turns replays into hkl files for supervised learning: one file a player worth learning from.

    python trajectory_generator.py --replay_path ./replays --saving_path ./dataset/simple64
    python trajectory_generator.py --replay_path ./replays --saving_path ./dataset/8 --step_mul 8
    python trajectory_generator.py --replay_path ./replays --saving_path ./won --winners_only
    python -m data.inspect ./dataset/simple64/EPISODE.hkl

The same command again converts what is missing and nothing else. `--help` lists every flag.
"""

import contextlib
import os
import signal
import sys
import time
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from absl import flags

import utils

GAMES = ("auto", "minisc2", "starcraft2")
INTERFACES = ("feature_layers", "raw")
RACES = ("terran", "zerg", "protoss")

SETTING_FLAGS = ("interface", "step_mul", "no_op_interval", "merge_camera_moves", "screen_size",
                 "minimap_size", "camera_width", "arrays", "screen_layers", "minimap_layers",
                 "max_units", "raw_resolution", "max_selected_units")
"""What all episodes of a folder have in common."""

FILTER_FLAGS = ("race", "opponent_race", "map", "version", "min_mmr", "min_apm", "min_duration",
                "winners_only", "computers")
"""Whom to learn from."""


def define_flags() -> flags.FlagValues:
    """Every flag of this program; new values each time, so that importing defines nothing."""
    values = flags.FlagValues()

    def define(kind: str, name: str, default: Any, text: str, **limits: Any) -> None:
        getattr(flags, f"DEFINE_{kind}")(
            name, default=default, help=text, flag_values=values, **limits)

    define("string", "replay_path", "./replays", "Folder of the replays, its subfolders included, "
           "or one .SC2Replay file.")
    define("string", "saving_path", "./dataset", "Folder that the .hkl files are written to.")
    define("enum", "game", "auto", "Which game shows the replays; auto takes StarCraft II for its "
           "own replays where it is installed, and else the embedded game.", enum_values=GAMES)
    define("boolean", "actions_only", False, "Replays of the real game that do not tell what "
           "happened to units are converted by the embedded game all the same: only what was done "
           "is right in them.")
    define("integer", "num_workers", None, "Processes that convert replays (default: the number "
           "of cores).", lower_bound=1)
    define("float", "time_limit", 600, "Seconds after which a replay has failed.", lower_bound=0)
    define("boolean", "strict", False, "Stops at the first replay that fails.")

    define("enum", "interface", "feature_layers", "Interface of pysc2 in which observations and "
           "actions are written.", enum_values=INTERFACES)
    define("integer", "step_mul", 1, "Game loops between two observations that there can be; with "
           "1, every action belongs to just what was seen when it was done.", lower_bound=1)
    define("integer", "no_op_interval", None, "A step without an action is kept if its number is "
           "a multiple of this; the first and the last one always are (default: one in 64 game "
           "loops).", lower_bound=1)
    define("boolean", "merge_camera_moves", False, "Of camera moves that follow each other between "
           "two observations only the last one is kept.")
    define("integer", "screen_size", 32, "Width and height of the screen, in pixels.",
           lower_bound=8, upper_bound=256)
    define("integer", "minimap_size", None, "Width and height of the minimap, in pixels (default: "
           "those of the screen).", lower_bound=8, upper_bound=256)
    define("integer", "camera_width", 24, "Width of the screen, in world units.", lower_bound=1)
    define("list", "arrays", None, "Names of the observation arrays, with commas between them "
           "(default: maps, units, panels, numbers).")
    define("list", "screen_layers", None, "Names of pysc2's screen layers, likewise.")
    define("list", "minimap_layers", None, "Names of pysc2's minimap layers, likewise.")
    define("integer", "max_units", None, "Units of an observation (default: 64 on the screen, 256 "
           "in the raw interface).", lower_bound=1)
    define("integer", "raw_resolution", 128, "Pixels of a side of the whole map, in the raw "
           "interface.", lower_bound=8, upper_bound=512)
    define("integer", "max_selected_units", 64, "Units that one action can name, in the raw "
           "interface.", lower_bound=1)

    define("enum", "race", None, "Only players of this race.", enum_values=RACES)
    define("enum", "opponent_race", None, "Only players against this race.", enum_values=RACES)
    define("list", "map", [], "Only matches on these maps, with commas between them.")
    define("list", "version", [], "Only replays of these versions of the game; 4.10 takes all of "
           "4.10.")
    define("integer", "min_mmr", 0, "Only players of at least this rating.", lower_bound=0)
    define("float", "min_apm", 0, "Only players of at least so many actions a minute.",
           lower_bound=0)
    define("float", "min_duration", 0, "Only matches of at least so many seconds, 22.4 game loops "
           "each.", lower_bound=0)
    define("boolean", "winners_only", False, "Only players who won.")
    define("boolean", "computers", False, "The game's own players, too.")
    define("boolean", "help", False, "Shows this list.", short_name="h")
    return values


def resolve(argv: Sequence[str]) -> types.SimpleNamespace | None:
    """Reads the command line.

    Returns:
        One attribute a flag; None where help was asked for.

    Raises:
        utils.UsageError: the command line is wrong.
    """
    values = define_flags()
    utils.parse_flags(values, argv)
    options = types.SimpleNamespace(**values.flag_values_dict())
    if options.help:
        print(f"{__doc__}\n{utils.flags_help(values)}")
        return None
    options.minimap_size = options.minimap_size or options.screen_size
    if options.merge_camera_moves and options.step_mul == 1:
        raise utils.UsageError("--merge_camera_moves has no effect with --step_mul 1, where every "
                               "camera move has an observation of its own. Give --step_mul 8, for "
                               "example, or leave it out.")
    return options


def make_task(options: types.SimpleNamespace) -> Any:
    """What the workers have to know of the command line, a `messages.Task`.

    Raises:
        utils.UserError: a setting that cannot be, or a game that is not there.
    """
    from data.conversion import interfaces, messages, players
    from environment import starcraft_game

    def square(pixels: int) -> tuple[int, int]:
        return pixels, pixels

    try:
        starcraft_game.resolve(options.game)
        settings = interfaces.ConversionSettings(
            step_mul=options.step_mul, no_op_interval=(
                options.no_op_interval or interfaces.default_no_op_interval(options.step_mul)),
            merges_camera_moves=options.merge_camera_moves,
            screen_size=square(options.screen_size), minimap_size=square(options.minimap_size),
            camera_width=options.camera_width, raw_resolution=options.raw_resolution,
            max_selected_units=options.max_selected_units,
            max_units=options.max_units or interfaces.DEFAULT_MAX_UNITS[options.interface],
            arrays=tuple(options.arrays or interfaces.DEFAULT_ARRAYS[options.interface]),
            screen_layers=tuple(options.screen_layers or interfaces.DEFAULT_SCREEN_LAYERS),
            minimap_layers=tuple(options.minimap_layers or interfaces.DEFAULT_MINIMAP_LAYERS))
        interfaces.INTERFACES[options.interface](settings)
    except ValueError as error:
        raise utils.UserError(" ".join(str(error).split())) from error
    filters = players.Filters(
        race=options.race, opponent_race=options.opponent_race, maps=tuple(options.map),
        versions=tuple(options.version), min_mmr=options.min_mmr, min_apm=options.min_apm,
        min_duration=options.min_duration, winners_only=options.winners_only,
        computers=options.computers)
    return messages.Task(options.game, options.interface, settings, filters, options.saving_path,
                         options.actions_only)


def find_replays(path: Path) -> list[str]:
    """The replays in a folder and its subfolders, or the one file, by name.

    Raises:
        utils.UserError: there are none.
    """
    if path.is_file():
        return [str(path)]
    if not path.is_dir():
        raise utils.UserError(f"There is no folder or file {path}. Give the --replay_path of your "
                              "replays.")
    found = sorted(str(file) for file in path.rglob("*") if file.suffix.lower() == ".sc2replay"
                   and not file.is_dir())
    if not found:
        raise utils.UserError(f"{path} holds no replay (*.SC2Replay). Give another --replay_path, "
                              "or record some: python -m minisc2.record --out ./replays")
    return found


class Stopped(Exception):
    """The run was stopped by a signal; what was converted is kept."""

    def __init__(self, signal_number: int):
        super().__init__(signal_number)
        self.signal_number = signal_number


class Generation:
    """One run over a folder of replays."""

    def __init__(self, options: types.SimpleNamespace, replays: Sequence[str], ledger: Any):
        from data.conversion import tally

        self._options, self._replays, self._ledger = options, replays, ledger
        self._tally = tally.Tally()
        self._claimed: dict[str, str] = {}  # replay_id -> the first file with these contents
        self._start_seconds = time.monotonic()
        self._bar = utils.ProgressBar(len(replays), 0, "replay")

    def run(self, task: Any) -> bool:
        """Converts what is missing; returns whether nothing failed.

        Raises:
            utils.UserError: nothing can be written.
            Stopped: by a signal.
        """
        from data.conversion import crew

        workers = min(self._options.num_workers or (os.cpu_count() or 1), len(self._replays))
        try:
            with (contextlib.closing(self._bar), _signals_raise(),
                  contextlib.closing(crew.convert(
                      task, self._jobs(), workers, self._options.time_limit)) as outcomes):
                for outcome in outcomes:
                    self._ledger.add(outcome)
                    self._count(outcome)
                    if self._options.strict and self._tally.num_failed:
                        break
        except crew.CrewError as error:
            raise utils.UserError(f"{error} What was converted is kept; the same command goes "
                                  "on.") from error
        finally:
            self._finish()
        return not self._tally.num_failed

    def _jobs(self) -> Iterator[Any]:
        """The replays that are not converted yet; the others are counted on the way."""
        from data.conversion import messages, replay_files
        from environment import starcraft_replay

        for replay in self._replays:
            try:
                replay_id = starcraft_replay.replay_id(replay_files.read(replay))
            except starcraft_replay.ReplayError as error:
                outcome = messages.Outcome(replay, "", failed=str(error))
                self._ledger.add(outcome)
                self._count(outcome)
                if self._options.strict:
                    return
                continue
            if replay_id in self._claimed:
                self._count(messages.Outcome(replay, replay_id, skipped={
                    0: "the same file under another name"}))
            elif self._ledger.is_done(replay_id):
                self._count(self._ledger.outcome(replay_id), is_from_earlier_run=True)
            else:
                yield messages.Job(replay, replay_id)
            self._claimed.setdefault(replay_id, replay)

    def _count(self, outcome: Any, is_from_earlier_run: bool = False) -> None:
        self._tally.add(outcome, is_from_earlier_run)
        if outcome.failed:
            self._bar.say(f"{outcome.replay}: {outcome.failed}")
        done, left = self._tally.num_replays, len(self._replays) - self._tally.num_replays
        seconds = time.monotonic() - self._start_seconds
        pace = ""
        if not sys.stderr.isatty():  # a bar on a terminal says this itself
            pace = f", {done / seconds:.2f} files/s, {left * seconds / done:.0f} s left"
        self._bar.update(done, f"{self._tally.brief()}{pace}")

    def _finish(self) -> None:
        for line in self._tally.table():
            print(line)
        print(f"Written to {self._ledger.write_index()}.")


@contextlib.contextmanager
def _signals_raise() -> Iterator[None]:
    """Makes Ctrl-C and SIGTERM end the block with `Stopped`; a second one changes nothing."""
    def stop(number: int, unused_frame: Any) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def generate(options: types.SimpleNamespace) -> bool:
    """Converts replays as the options say; returns whether nothing failed.

    Raises:
        utils.UserError: nothing can be converted; the message says why.
        Stopped: by a signal.
    """
    from data.conversion import ledger

    task = make_task(options)
    replays = find_replays(Path(options.replay_path))
    folder = Path(options.saving_path)
    settings = {name: getattr(options, name) for name in SETTING_FLAGS}
    settings |= {name: list(getattr(task.settings, name))
                 for name in ("arrays", "screen_layers", "minimap_layers")}
    settings |= {name: getattr(task.settings, name) for name in ("max_units", "no_op_interval")}
    filters = {name: getattr(options, name) for name in FILTER_FLAGS}
    try:
        with ledger.locked(folder), ledger.Ledger(folder, settings, filters) as opened:
            if opened.num_widowed:
                print(f"The files of {opened.num_widowed} replays are gone or cut; they are "
                      "converted again.")
            return Generation(options, replays, opened).run(task)
    except ledger.LedgerError as error:
        raise utils.UserError(str(error)) from error


def main(argv: Sequence[str] = tuple(sys.argv)) -> int:
    """Returns the exit status: 0, 1 if a replay or the run failed, 2 for a wrong command line, and
    128 + its number for a signal."""
    try:
        options = resolve(argv)
        return 0 if options is None or generate(options) else 1
    except utils.UserError as error:
        print(f"trajectory_generator.py: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Stopped as stopped:
        print(f"trajectory_generator.py: stopped by {signal.Signals(stopped.signal_number).name}. "
              "What was converted is kept; the same command goes on.", file=sys.stderr)
        return 128 + stopped.signal_number


if __name__ == "__main__":
    utils.end_with(main)
