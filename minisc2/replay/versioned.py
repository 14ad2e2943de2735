"""Writes the self-describing serialization of replay headers and details.

Every value is preceded by a byte for its kind, so a reader needs no schema to skip what it does not
know. The reader's side is `VersionedDecoder` in Blizzard's s2protocol, which the tests use.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minisc2 import varint

_ARRAY, _BLOB, _OPTIONAL, _STRUCT, _U8, _U32, _VINT = 0, 2, 4, 5, 6, 7, 9


class FourCC(NamedTuple):
    """Four bytes, written as a 32-bit word."""

    value: bytes


class Present(NamedTuple):
    """An optional value that is there. An absent one is None."""

    value: object


def encode(value: object) -> bytes:
    """Serializes a value.

    Args:
        value: an int, bool, bytes, FourCC, Present or None (an optional), a sequence (an array), or
            a mapping from field numbers to values (a struct).

    Raises:
        ValueError: there is no encoding for this type.
    """
    if isinstance(value, bool):
        return bytes((_U8, value))
    if isinstance(value, int):
        return bytes((_VINT,)) + _vint(value)
    if isinstance(value, bytes):
        return bytes((_BLOB,)) + _vint(len(value)) + value
    if isinstance(value, FourCC):
        return bytes((_U32,)) + value.value
    if isinstance(value, Present):
        return bytes((_OPTIONAL, 1)) + encode(value.value)
    if value is None:
        return bytes((_OPTIONAL, 0))
    if isinstance(value, Mapping):
        fields = b"".join(_vint(tag) + encode(field) for tag, field in value.items())
        return bytes((_STRUCT,)) + _vint(len(value)) + fields
    if isinstance(value, Sequence) and not isinstance(value, str):
        return bytes((_ARRAY,)) + _vint(len(value)) + b"".join(map(encode, value))
    raise ValueError(f"No encoding for {type(value).__name__}: {value!r}.")


def _vint(value: int) -> bytes:
    """The sign is the lowest bit."""
    return varint.encode(abs(value) << 1 | (value < 0))
