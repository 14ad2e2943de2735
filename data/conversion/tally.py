"""Counts what became of the replays of a run, and shows it."""

import collections
from collections.abc import Iterator

from data.conversion.messages import Outcome


class Tally:
    """What became of the replays so far.

    Attributes:
        num_replays: all that were looked at.
        num_failed: of these, what could not be converted.
        num_files: episode files there are of them.
    """

    def __init__(self):
        self.num_replays = self.num_failed = self.num_files = 0
        self._num_converted = self._num_steps = self._num_bytes = self._num_earlier_files = 0
        self._skipped: collections.Counter = collections.Counter()
        self._failed: collections.Counter = collections.Counter()

    def add(self, outcome: Outcome, is_from_earlier_run: bool) -> None:
        """Counts one replay."""
        self.num_replays += 1
        self.num_files += len(outcome.written)
        self._num_earlier_files += len(outcome.written) * is_from_earlier_run
        self._num_converted += bool(outcome.written)
        self._num_steps += sum(file.num_steps for file in outcome.written)
        self._num_bytes += sum(file.num_bytes for file in outcome.written)
        self._skipped.update(outcome.skipped.values())
        if outcome.failed:
            self.num_failed += 1
            self._failed[outcome.failed] += 1

    def brief(self) -> str:
        """For the progress bar."""
        return f"{self.num_files} files, {self.num_failed} failed"

    def table(self) -> Iterator[str]:
        """Lines about the whole run."""
        size = ""
        if self._num_steps:
            size = (f": {self._num_steps:,} steps, {self._num_bytes / 1e6:.1f} MB, "
                    f"{self._num_bytes / self._num_steps:.0f} bytes a step")
        yield (f"converted {self.num_files:>7}  files of {self._num_converted} replays "
               f"(of {self.num_replays}){size}")
        if self._num_earlier_files:
            yield f"          {self._num_earlier_files:>7}  of these files were there before"
        for reason, count in self._skipped.most_common():
            unit = "players"
            yield f"skipped   {count:>7}  {unit} by {reason}" if reason.startswith("--") else (
                f"skipped   {count:>7}  {reason}")
        for reason, count in self._failed.most_common():
            yield f"failed    {count:>7}  {reason}"
