"""Counts what became of the replays of a run, and shows it."""

import collections
from collections.abc import Iterator

from data.conversion.messages import Outcome, WrittenFile

COUNTS = tuple(name for name in WrittenFile._fields if name.startswith("num_"))
"""What is summed up over files."""


class Tally:
    """What became of the replays so far.

    Attributes:
        num_replays: all that were looked at.
        num_failed: of these, what could not be converted.
        num_files: episode files there are of them.
    """

    def __init__(self):
        self.num_replays = self.num_failed = self.num_files = 0
        self._num_converted = self._num_earlier_files = 0
        self._sums: collections.Counter[str] = collections.Counter()  # of all files, by name
        self._skipped: collections.Counter = collections.Counter()
        self._failed: collections.Counter = collections.Counter()

    def add(self, outcome: Outcome, is_from_earlier_run: bool) -> None:
        """Counts one replay."""
        self.num_replays += 1
        self.num_files += len(outcome.written)
        self._num_earlier_files += len(outcome.written) * is_from_earlier_run
        self._num_converted += bool(outcome.written)
        for file in outcome.written:
            self._sums.update({name: getattr(file, name) for name in COUNTS})
        self._skipped.update(outcome.skipped.values())
        if outcome.failed:
            self.num_failed += 1
            self._failed[outcome.failed] += 1

    def brief(self) -> str:
        """For the progress bar."""
        return f"{self.num_files} files, {self.num_failed} failed"

    def table(self) -> Iterator[str]:
        """Lines about the whole run."""
        size, sums = "", self._sums
        if sums["num_steps"]:
            size = (f": {sums['num_steps']:,} steps, {sums['num_bytes'] / 1e6:.1f} MB, "
                    f"{sums['num_bytes'] / sums['num_steps']:.0f} bytes a step")
        yield (f"converted {self.num_files:>7}  files of {self._num_converted} replays "
               f"(of {self.num_replays}){size}")
        if self._num_earlier_files:
            yield f"          {self._num_earlier_files:>7}  of these files were there before"
        if sums["num_actions"]:
            yield (f"          {sums['num_actions']:>7,}  actions, "
                   f"{100 * sums['num_unavailable'] / sums['num_actions']:.2f} % of them not "
                   f"available where they were seen; {sums['num_dropped']:,} dropped, "
                   f"{sums['num_units_left_out']:,} selected units left out")
        for reason, count in self._skipped.most_common():
            unit = "players"
            yield f"skipped   {count:>7}  {unit} by {reason}" if reason.startswith("--") else (
                f"skipped   {count:>7}  {reason}")
        for reason, count in self._failed.most_common():
            yield f"failed    {count:>7}  {reason}"
