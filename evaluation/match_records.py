"""What is kept of a played match: one small JSON file each.

A match is written down when it has ended and not before, so a series that was interrupted goes on
with the matches that have no file.
"""

import dataclasses
import json
import os
from collections.abc import Iterable
from pathlib import Path

from evaluation import window

VICTORY, DEFEAT, TIE, UNDECIDED = "victory", "defeat", "tie", "undecided"
RESULTS = (VICTORY, DEFEAT, TIE, UNDECIDED)


class RecordError(ValueError):
    """A folder holds something else than the matches that are wanted."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class MatchRecord:
    """One match, as the game and the player's own actions tell it.

    Attributes:
        number: of the match in its series, from 1.
        seed: of the game.
        result: one of `RESULTS`: what the game said, or "undecided" if it said nothing until the
            limit of game loops.
        game_loops: how long it took.
        num_decisions: how often the agent was asked.
        num_actions: what it did that was not a no_op.
        num_limited: what it wanted to do and the limit on actions did not let through.
        num_refused: how often the game reported that it did not take a command, and actions that
            were none (a unit that had died); see `measurements.Measurements`.
        made: the first units and structures of the build order, each a game loop, a unit type of
            the game, and a place (x, y) in cells; see `data.conversion.made`.
        finished: how many units and structures were finished in the match, by name.
        largest_attack: most army units that were near enemy structures at once.
        first_attack: game loop at which an attack first did damage; None if there was none.
        killed_value_units: minerals and gas that the killed enemy units had cost; by the game's
            score.
        killed_value_structures: likewise.
        told: number of the strategy that the agent was told, or None.
        replay: name of the file in the folder of replays, or None.
    """

    number: int
    seed: int
    result: str
    game_loops: int
    num_decisions: int
    num_actions: int
    num_limited: int
    num_refused: int
    made: tuple[tuple[int, int, float, float], ...]
    finished: dict[str, int]
    largest_attack: int
    first_attack: int | None
    killed_value_units: float
    killed_value_structures: float
    told: int | None = None
    replay: str | None = None

    @property
    def minutes(self) -> float:
        """Length of the match at the speed "faster"."""
        return self.game_loops / window.GAME_LOOPS_PER_SECOND / 60

    @property
    def actions_per_minute(self) -> float:
        """What was done and was not a no_op, by the minute; 0 for a match without length."""
        return self.num_actions / self.minutes if self.game_loops else 0.0


def path_of(folder: Path, number: int) -> Path:
    """The file of a match."""
    return folder / f"match-{number:05d}.json"


def write(folder: Path, record: MatchRecord) -> None:
    """Writes a match into a folder that exists, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    path = path_of(folder, record.number)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(json.dumps(dataclasses.asdict(record), indent=1) + "\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read(folder: Path, number: int) -> MatchRecord:
    """Reads a match.

    Raises:
        RecordError: the file is missing, damaged or something else.
    """
    path = path_of(folder, number)
    try:
        values = json.loads(path.read_text())
        values["made"] = tuple(tuple(one) for one in values["made"])
        record = MatchRecord(**values)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RecordError(f"{path} is no record of a match ({type(error).__name__}: {error}). "
                          "Delete it, and the match is played again.") from error
    if record.number != number or record.result not in RESULTS:
        raise RecordError(f"{path} says match {record.number}, result {record.result!r}. Delete "
                          "it, and the match is played again.")
    return record


def is_written(folder: Path, number: int) -> bool:
    """Whether a match has been played to its end."""
    return path_of(folder, number).exists()


def read_all(folder: Path, numbers: Iterable[int]) -> list[MatchRecord]:
    """Reads matches, in the order of `numbers`.

    Raises:
        RecordError: as `read`.
    """
    return [read(folder, number) for number in numbers]
