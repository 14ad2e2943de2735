"""Feature layers as protobuf `ImageData`: names, bits per pixel, packing; and protobuf's bytes."""

import functools
from collections.abc import Mapping

import numpy as np
from s2clientprotocol import common_pb2

from minisc2 import varint

SCREEN_BITS: Mapping[str, int] = {
    "height_map": 8, "visibility_map": 8, "creep": 1, "power": 1, "player_id": 8,
    "unit_type": 32, "selected": 1, "unit_hit_points": 32, "unit_hit_points_ratio": 8,
    "unit_energy": 32, "unit_energy_ratio": 8, "unit_shields": 32, "unit_shields_ratio": 8,
    "player_relative": 8, "unit_density_aa": 8, "unit_density": 8, "effects": 8,
    "hallucinations": 1, "cloaked": 1, "blip": 1, "buffs": 32, "buff_duration": 8, "active": 1,
    "build_progress": 8, "buildable": 1, "pathable": 1, "placeholder": 1,
}
"""Bits per pixel of the screen layers: those of pysc2's recorded observation, and for the six
layers that game version 4.10 added, those of Blizzard's spatial.proto."""

MINIMAP_BITS: Mapping[str, int] = {
    "height_map": 8, "visibility_map": 8, "creep": 1, "camera": 1, "player_id": 8,
    "player_relative": 8, "selected": 1, "unit_type": 32, "alerts": 8, "buildable": 1,
    "pathable": 1,
}

DTYPES: Mapping[int, type] = {8: np.uint8, 32: np.int32}
_WIRE_BYTES = 2  # protobuf's wire type of a length-delimited field


def pack(image: np.ndarray, bits: int) -> bytes:
    """The pixels of an image as `ImageData.data`.

    Args:
        image: [H, W] numbers; at 1 bit per pixel anything but 0 is 1.
        bits: 1, 8 or 32 per pixel. Bits fill bytes from the highest on; rows are not padded.
    """
    if bits == 1:
        return np.packbits(image != 0).tobytes()
    return np.ascontiguousarray(image, DTYPES[bits]).tobytes()


def image_data(image: np.ndarray, bits: int) -> common_pb2.ImageData:
    """An image as a message."""
    height, width = image.shape
    return common_pb2.ImageData(bits_per_pixel=bits, size=common_pb2.Size2DI(x=width, y=height),
                                data=pack(image, bits))


def num_bytes(bits: int, width: int, height: int) -> int:
    """Length of `ImageData.data`."""
    return (bits * width * height + 7) // 8


@functools.cache
def tag(field_number: int) -> bytes:
    """What precedes the length of a length-delimited field."""
    return varint.encode(field_number << 3 | _WIRE_BYTES)


def field(field_number: int, data: bytes) -> bytes:
    """A length-delimited field: a string, bytes or a message."""
    return tag(field_number) + varint.encode(len(data)) + data


Pixels = bytes | np.ndarray
"""Packed pixels: `ImageData.data`, or a C-contiguous array that holds these bytes."""
