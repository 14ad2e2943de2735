"""Where the processor's time goes, by part of the program: a sampling profile.

A timer looks at the stack 250 times a second of processor time. That costs next to
nothing and favours nobody, where a profiler that follows every call makes small functions dear.
"""

import collections
import signal
from types import FrameType, TracebackType
from typing import Self

PERIOD_SECONDS = 0.004

_WHOLE = {"brains": ("minisc2/ai/", "minisc2/scripted/"),
          "drawing": ("minisc2/api/observation.py", "minisc2/api/layers.py",
                      "minisc2/api/sight.py", "minisc2/api/viewer.py")}
"""Parts that all of their calls belong to, wherever these lead; the first that fits counts."""

_OWN = {"gathering": ("game/harvesting.py", "game/commutes.py"),
        "vision": ("game/vision.py",),
        "paths": ("game/pathing.py", "game/passages.py"),
        "movement": ("game/movement.py", "game/collision.py", "game/edges.py"),
        "combat": ("game/combat.py", "game/targeting.py", "game/damage.py", "game/awareness.py",
                   "game/weapons.py"),
        "rules": ("minisc2/game/", "minisc2/maps/"),
        "serving": ("minisc2/api/", "minisc2/multiplayer.py"),
        "protobuf": ("minisc2/in_process.py", "pysc2/lib/protocol.py", "google/protobuf/"),
        "pysc2": ("pysc2/",)}
"""Parts of which only the innermost function on the stack counts. Messages are written and read in
C, where no function of Python's is seen but the one that asked for it."""

PARTS = (*_OWN, *_WHOLE, "rest")
"""Everything that time can go to."""


class Sampler:
    """Counts which part of the program runs; a context manager for the main thread."""

    def __init__(self) -> None:
        self._counts: collections.Counter[str] = collections.Counter()
        self._parts: dict[str, tuple[str, str]] = {}
        self._previous = signal.getsignal(signal.SIGPROF)

    def __enter__(self) -> Self:
        self._previous = signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, PERIOD_SECONDS, PERIOD_SECONDS)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 traceback: TracebackType | None) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._previous)

    def _sample(self, signal_number: int, frame: FrameType | None) -> None:
        del signal_number
        own, whole = "", ""
        while frame is not None:
            file_name = frame.f_code.co_filename
            parts = self._parts.get(file_name)
            if parts is None:
                parts = self._parts[file_name] = _part(file_name, _OWN), _part(file_name, _WHOLE)
            own = own or parts[0]
            whole = parts[1] or whole
            frame = frame.f_back
        self._counts[whole or own or "rest"] += 1

    def shares(self) -> dict[str, float]:
        """Part -> its share of the time; parts that were never seen are left out."""
        total = max(1, self._counts.total())
        return {part: self._counts[part] / total for part in PARTS if self._counts[part]}

    def row(self, amount: float) -> str:
        """The shares of an amount, such as the microseconds of a step, as a line of text."""
        return ", ".join(f"{part} {share * amount:.0f}" for part, share in self.shares().items())


def _part(file_name: str, parts: dict[str, tuple[str, ...]]) -> str:
    name = file_name.replace("\\", "/")
    return next((part for part, places in parts.items() if any(one in name for one in places)), "")
