"""Blizzard's descriptions of what is in a replay file: one for each build, of their `s2protocol`.

`s2protocol` chooses among its modules by `imp`, which Python 3.12 no longer has; so each is loaded
here from its own file. A build that was never published is read by the nearest lower protocol.
"""

import functools
import importlib.util
import pathlib
import re
import types
from typing import Any

_VINT_BYTES = 10
"""Longest number that is read: 64 bits and a sign. One of a million bytes would take for ever."""


class MissingProtocolError(ImportError):
    """The package s2protocol is not installed."""


def _folder() -> pathlib.Path:
    spec = importlib.util.find_spec("s2protocol")
    if spec is None or not spec.submodule_search_locations:
        raise MissingProtocolError(
            "Replays of the real game are read by Blizzard's package s2protocol, which is not "
            "installed; pysc2 brings it, or `pip install s2protocol`.")
    return pathlib.Path(next(iter(spec.submodule_search_locations))) / "versions"


@functools.cache
def builds() -> tuple[int, ...]:
    """Builds with a protocol of their own, ascending.

    Raises:
        MissingProtocolError: s2protocol is not installed.
    """
    names = (re.fullmatch(r"protocol(\d+)\.py", path.name) for path in _folder().iterdir())
    return tuple(sorted(int(name[1]) for name in names if name))


def nearest(build: int) -> int:
    """The build whose protocol reads files of `build`: the same, the nearest lower, or the first.

    Raises:
        MissingProtocolError: s2protocol is not installed.
    """
    known = builds()
    return max((one for one in known if one <= build), default=known[0])


@functools.cache
def load(build: int) -> types.ModuleType:
    """The protocol module of a build that `builds` lists.

    Raises:
        MissingProtocolError: s2protocol is not installed.
    """
    path = _folder() / f"protocol{build}.py"
    spec = importlib.util.spec_from_file_location(f"minisc2_protocol{build}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VersionedDecoder = _bounded(module.VersionedDecoder)
    return module


def _bounded(decoder: type) -> type:
    """The decoder with a limit on the length of numbers."""

    class BoundedDecoder(decoder):
        def _vint(self) -> int:
            read = self._buffer.read_bits
            byte = read(8)
            is_negative = byte & 1
            value, bits = byte >> 1 & 0x3F, 6
            while byte & 0x80:
                if bits > 7 * _VINT_BYTES:
                    raise ValueError("a number is longer than 64 bits")
                byte = read(8)
                value |= (byte & 0x7F) << bits
                bits += 7
            return -value if is_negative else value

        def _array(self, bounds: Any, typeid: int) -> list:
            self._expect_skip(0)
            length = self._vint()
            if not 0 <= length <= len(self._buffer._data):
                raise ValueError(f"an array announces {length} entries")
            return [self.instance(typeid) for _ in range(length)]

    return BoundedDecoder
