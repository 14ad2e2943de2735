"""Feature layers as protobuf `ImageData`: names, bits per pixel, and two ways to encode them.

`LayerEncoder.to_message` is the plain way. `encode` gives the bytes of the same message: everything
before the pixels of a layer never changes, and a layer of zeros never changes at all.
"""

from collections.abc import Mapping

import numpy as np
from s2clientprotocol import common_pb2, spatial_pb2

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


def varint(value: int) -> bytes:
    """A non-negative number as protobuf writes it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(field_number: int) -> bytes:
    """What precedes the length of a length-delimited field."""
    return varint(field_number << 3 | _WIRE_BYTES)


def field(field_number: int, data: bytes) -> bytes:
    """A length-delimited field: a string, bytes or a message."""
    return tag(field_number) + varint(len(data)) + data


Pixels = bytes | np.ndarray
"""Packed pixels: `ImageData.data`, or a C-contiguous array that holds these bytes."""


class LayerEncoder:
    """Encodes the layers of one image set (`FeatureLayers` or `FeatureLayersMinimap`).

    Attributes:
        size: bytes of the encoded message, which do not depend on the pixels.
    """

    def __init__(self, message_type: type, bits: Mapping[str, int], width: int, height: int):
        """Prepares everything that never changes.

        Args:
            message_type: spatial_pb2.FeatureLayers or FeatureLayersMinimap.
            bits: layer name -> bits per pixel.
            width: of each layer.
            height: of each layer.
        """
        self._message_type = message_type
        self._bits = bits
        self._size = common_pb2.Size2DI(x=width, y=height)
        numbers = message_type.DESCRIPTOR.fields_by_name
        # For each layer: name, what precedes its pixels, and the whole of it when it is zero.
        self._layers: list[tuple[str, bytes, bytes]] = []
        for name, layer_bits in bits.items():
            size = num_bytes(layer_bits, width, height)
            head = common_pb2.ImageData(bits_per_pixel=layer_bits,
                                        size=self._size).SerializeToString()
            head += tag(common_pb2.ImageData.DATA_FIELD_NUMBER) + varint(size)
            head = tag(numbers[name].number) + varint(len(head) + size) + head
            self._layers.append((name, head, head + bytes(size)))
        self.size = sum(len(zeros) for _, _, zeros in self._layers)

    def encode(self, layers: Mapping[str, Pixels]) -> list[Pixels]:
        """The serialized message of all layers, in parts to be joined.

        It is left to the caller to join them, once, because the images are most of a response.

        Args:
            layers: layer name -> pixels; a layer that is absent is zero everywhere.
        """
        parts: list[Pixels] = []
        for name, head, zeros in self._layers:
            pixels = layers.get(name)
            if pixels is None:
                parts.append(zeros)
            else:
                parts.append(head)
                parts.append(pixels)
        return parts

    def to_message(self, layers: Mapping[str, Pixels]
                   ) -> spatial_pb2.FeatureLayers | spatial_pb2.FeatureLayersMinimap:
        """The same layers as a message, by way of protobuf's own objects."""
        message = self._message_type()
        for name, bits in self._bits.items():
            pixels = layers.get(name, bytes(num_bytes(bits, self._size.x, self._size.y)))
            getattr(message, name).CopyFrom(common_pb2.ImageData(
                bits_per_pixel=bits, size=self._size, data=bytes(pixels)))
        return message
