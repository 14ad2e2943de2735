"""What the conversion of replays and its worker processes say to each other.

In a module of its own because a worker runs `data.conversion.worker` as its main program, whose
classes its parent could not unpickle. Over the connection go:

    to the worker    the search path of imports, its `Task`, then one `Job` after the other
    from the worker  READY, then an `Outcome` for each job, or a `Fatal` before it ends
"""

from typing import NamedTuple

from data.conversion.interfaces import ConversionSettings
from data.conversion.players import Filters

READY = "ready"


class Task(NamedTuple):
    """What is the same for all replays of a run.

    Attributes:
        game: one of `starcraft_game.GAMES`.
        interface: a key of `interfaces.INTERFACES`.
        settings: what is seen and kept.
        filters: whom to learn from.
        folder: where the episode files go.
        actions_only: see `starcraft_replay.ReplayGame`.
    """

    game: str
    interface: str
    settings: ConversionSettings
    filters: Filters
    folder: str
    actions_only: bool = False


class Job(NamedTuple):
    """One replay to convert.

    Attributes:
        replay: path of the file.
        replay_id: hash of its contents.
    """

    replay: str
    replay_id: str


class WrittenFile(NamedTuple):
    """An episode file that is complete.

    Attributes:
        name: of the file.
        player_id: whose episode it is.
        num_steps: kept ones.
        num_bytes: size of the file.
        num_actions: steps with an action.
        num_unavailable: actions that were not available in their observation.
        num_dropped: actions that could not be written down.
        num_units_left_out: units that actions were given to and do not name.
    """

    name: str
    player_id: int
    num_steps: int
    num_bytes: int
    num_actions: int = 0
    num_unavailable: int = 0
    num_dropped: int = 0
    num_units_left_out: int = 0


class Outcome(NamedTuple):
    """What became of a replay.

    Attributes:
        replay: path of the file.
        replay_id: hash of its contents; empty if it could not be read.
        written: the files that were made of it.
        skipped: player id -> the filter that left the player out; 0 is the whole replay.
        failed: why it could not be converted, in one line; empty if it could.
    """

    replay: str
    replay_id: str
    written: tuple[WrittenFile, ...] = ()
    skipped: dict[int, str] = {}  # noqa: RUF012 (never changed)
    failed: str = ""


class Fatal(NamedTuple):
    """Why the run cannot go on."""

    reason: str
