"""What has been converted into a folder: so that a run can be stopped and taken up at any moment.

A line is added to the journal when a replay is done, after its episode files are complete. From
the journal `index.json` is made when a run ends. A replay is known by its contents, not its name.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from data import folder_lock, hkl
from data.conversion import tally
from data.conversion.messages import Outcome, WrittenFile

JOURNAL = ".journal.jsonl"
INDEX = "index.json"


class LedgerError(Exception):
    """The folder cannot be used for this run. The message is one line and says the way out."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Makes the folder and holds it for one run; the lock goes with the process, however it ends.

    Raises:
        LedgerError: another run holds it, or it cannot be written to.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(folder_lock.held(folder))
        except OSError as error:
            raise LedgerError(f"The folder {folder} cannot be written to: {error.strerror}. Give "
                              "another --saving_path.") from error
        except folder_lock.HeldError as error:
            raise LedgerError(f"Another run (process {error.holder}) is converting into {folder}. "
                              "Wait for it, or give another --saving_path.") from error
        yield


class Ledger(contextlib.AbstractContextManager):
    """The journal of a folder that is locked.

    Attributes:
        num_widowed: replays whose episode files are gone or cut; they count as not converted.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], filters: Mapping[str, Any]):
        """Reads what earlier runs have done, and begins to write.

        Args:
            folder: of the episode files.
            settings: what all episodes in the folder have in common, of JSON types.
            filters: of this run, of JSON types.

        Raises:
            LedgerError: the folder has episodes of other settings, or cannot be written to.
        """
        self._folder = folder
        self._settings = json.loads(json.dumps(settings))
        self._filters = json.loads(json.dumps(filters))
        self._entries: dict[str, dict[str, Any]] = {}  # replay_id, or path if unreadable -> line
        self.num_widowed = 0
        with self._writing():
            for partial in folder.glob(".*.partial"):
                partial.unlink(missing_ok=True)
            lines = self._read()
            self._check_settings(lines)
            self._entries = {_key(line): line for line in lines if "replay" in line}
            self._forget_widowed()
            self._file = self._begin()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LedgerError(
                f"The folder {self._folder} cannot be written to: {error.strerror}. What was "
                "converted is kept; the same command goes on.") from error

    def _read(self) -> list[dict[str, Any]]:
        """Every whole line of the journal; the last one may have been cut by a crash."""
        lines = []
        with contextlib.suppress(FileNotFoundError):
            for text in (self._folder / JOURNAL).read_bytes().splitlines():
                with contextlib.suppress(ValueError):
                    line = json.loads(text)
                    if isinstance(line, dict):
                        lines.append(line)
        return lines

    def _check_settings(self, lines: list[dict[str, Any]]) -> None:
        first = next((line for line in lines if "settings" in line), {})
        if first.get("format", hkl.FORMAT) != hkl.FORMAT:
            raise LedgerError(
                f"{self._folder} holds episodes of format {first['format']}; this program writes "
                f"format {hkl.FORMAT}. Convert into another --saving_path.")
        before = first.get("settings", self._settings)
        for name in {**before, **self._settings}:
            pair = before.get(name), self._settings.get(name)
            if pair[0] != pair[1]:
                raise LedgerError(
                    f"{self._folder} holds episodes that were made with {name} {pair[0]}; this run "
                    f"has {pair[1]}. Give the same settings, or another --saving_path.")

    def _forget_widowed(self) -> None:
        for key, line in list(self._entries.items()):
            for file in line["written"]:
                path = self._folder / file["name"]
                if not path.exists() or path.stat().st_size != file["num_bytes"]:
                    del self._entries[key]
                    self.num_widowed += 1
                    break

    def _begin(self) -> TextIO:
        """Opens the journal, written anew without what no longer counts."""
        path = self._folder / JOURNAL
        fresh = path.with_name(f"{JOURNAL}.{os.getpid()}.partial")
        with fresh.open("w", encoding="utf8") as file:
            for line in ({"format": hkl.FORMAT, "settings": self._settings},
                         *self._entries.values()):
                file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        return path.open("a", encoding="utf8")

    def is_done(self, replay_id: str) -> bool:
        """Whether nothing is left to do for a replay.

        What failed is tried again, and so is what other filters have left out.
        """
        line = self._entries.get(replay_id)
        return line is not None and not line["failed"] and (
            not line["skipped"] or line["filters"] == self._filters)

    def outcome(self, replay_id: str) -> Outcome:
        """What became of a replay that is done."""
        line = self._entries[replay_id]
        return Outcome(line["replay"], line["replay_id"],
                       tuple(WrittenFile(**file) for file in line["written"]),
                       {int(player): reason for player, reason in line["skipped"].items()},
                       line["failed"])

    def add(self, outcome: Outcome) -> None:
        """Remembers what became of a replay, for this run and those after it.

        Raises:
            LedgerError: it cannot be written.
        """
        line = {"replay": outcome.replay, "replay_id": outcome.replay_id,
                "written": [file._asdict() for file in outcome.written],
                "skipped": {str(player): reason for player, reason in outcome.skipped.items()},
                "failed": outcome.failed, "filters": self._filters}
        line = self._with_earlier_files(line)
        self._entries[_key(line)] = line
        with self._writing():
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def _with_earlier_files(self, line: dict[str, Any]) -> dict[str, Any]:
        """Keeps in mind the files of earlier runs with other filters: they are still there."""
        names = {file["name"] for file in line["written"]}
        earlier = self._entries.get(_key(line), {"written": []})["written"]
        return {**line, "written": [*line["written"], *(
            file for file in earlier if file["name"] not in names)]}

    def write_index(self) -> Path:
        """Writes `index.json`, whole or not at all, and returns its path.

        Raises:
            LedgerError: it cannot be written.
        """
        path = self._folder / INDEX
        partial = path.with_name(f".{INDEX}.{os.getpid()}.partial")
        lines = sorted(self._entries.values(), key=lambda line: line["replay"])
        files = [file for line in lines for file in line["written"]]
        sums = {name: sum(file[name] for file in files) for name in tally.COUNTS}
        value = {"format": hkl.FORMAT, "settings": self._settings, "num_replays": len(lines),
                 "num_files": len(files), **sums, "replays": lines}
        with self._writing():
            try:
                partial.write_text(json.dumps(value, indent=1) + "\n", encoding="utf8")
                os.replace(partial, path)
            finally:
                partial.unlink(missing_ok=True)
        return path

    def __exit__(self, *_: object) -> None:
        with self._writing():
            self._file.close()


def _key(line: Mapping[str, Any]) -> str:
    return line["replay_id"] or line["replay"]
