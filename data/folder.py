"""A folder of episode files: which of them can be read, and which belong to validation."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from data import hkl, spec_text
from data.episode import Metadata
from data.seal import EpisodeError


class EpisodeFile(NamedTuple):
    """What is known of a file that can be read.

    Attributes:
        path: of the file.
        replay_id: of the match; both players' episodes have the same.
        num_steps: of the episode.
        metadata: where the episode comes from.
    """

    path: Path
    replay_id: str
    num_steps: int
    metadata: Metadata


class Damaged(NamedTuple):
    """A file that cannot be read, and why."""

    path: Path
    reason: str


class Folder(NamedTuple):
    """What a folder holds.

    Attributes:
        files: by name.
        damaged: by name; they are left out.
        specs: of all files.
    """

    files: tuple[EpisodeFile, ...]
    damaged: tuple[Damaged, ...]
    specs: spec_text.Specs


def scan(folder: str | Path, specs: spec_text.Specs | None = None) -> Folder:
    """Reads every .hkl file of a folder once and compares it with its seal.

    Args:
        folder: not its subfolders.
        specs: what the files must hold; None takes what the first one holds.

    Raises:
        ValueError: there is no file that can be read, or one of other specs: it says what is
            different, with both values.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder} of episode files.")
    files, damaged = [], []
    for path in sorted(folder.glob("*.hkl")):
        try:
            with hkl.EpisodeReader(path) as reader:
                found = reader.specs
                entry = EpisodeFile(path, reader.metadata.replay_id, reader.num_steps,
                                    reader.metadata)
        except EpisodeError as error:
            damaged.append(Damaged(path, error.reason))
            continue
        except OSError as error:
            damaged.append(Damaged(path, f"it cannot be opened ({error.strerror})"))
            continue
        specs = specs or found
        difference = spec_text.first_difference(found, specs)
        if difference:
            raise ValueError(f"{path} does not fit: {difference}. Keep files of different "
                             "settings in different folders, or convert the replays again.")
        files.append(entry)
    if not files:
        reason = f", {len(damaged)} damaged, the first: {damaged[0].reason}" if damaged else ""
        raise ValueError(f"{folder} holds no episode file (*.hkl) that can be read{reason}. "
                         "Convert replays into it first.")
    return Folder(tuple(files), tuple(damaged), specs)


def is_validation(replay_id: str, fraction: float) -> bool:
    """Whether a match belongs to validation: decided by its id alone, for both players alike.

    Adding files moves no match from one side to the other, and a larger fraction only adds.
    """
    return draw(replay_id) < fraction


def draw(replay_id: str) -> float:
    """A number in [0, 1) that looks random, always the same for a match."""
    digest = hashlib.sha256(replay_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def split(files: tuple[EpisodeFile, ...], validation_fraction: float, at_least_one: bool = False
          ) -> tuple[tuple[EpisodeFile, ...], tuple[EpisodeFile, ...]]:
    """Divides files into (training, validation) by their matches.

    Args:
        files: of a folder.
        validation_fraction: of the matches, each decided by its own id.
        at_least_one: moves a match to a side that would have none, unless the fraction says so; a
            single match is for training.

    Raises:
        ValueError: the fraction is not in [0, 1].
    """
    if not 0 <= validation_fraction <= 1:
        raise ValueError(f"validation_fraction: expected a number in [0, 1], got "
                         f"{validation_fraction}.")
    chosen = [is_validation(file.replay_id, validation_fraction) for file in files]
    matches = sorted({file.replay_id for file in files}, key=draw)
    if at_least_one and 0 < validation_fraction < 1 and matches:
        if all(chosen):
            chosen = [file.replay_id != matches[-1] for file in files]
        elif not any(chosen) and len(matches) > 1:
            chosen = [file.replay_id == matches[0] for file in files]
    return (tuple(f for f, is_chosen in zip(files, chosen, strict=True) if not is_chosen),
            tuple(f for f, is_chosen in zip(files, chosen, strict=True) if is_chosen))
