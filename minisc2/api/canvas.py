"""The feature layers of one image set, kept as the serialized message that responses carry.

Most pixels do not change from one observation to the next. So the message exists once, its pixels
are changed in place, and a response takes a copy of the whole.
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from s2clientprotocol import common_pb2, spatial_pb2

from minisc2.api import images


class Canvas:
    """All layers of one message (`FeatureLayers` or `FeatureLayersMinimap`), at first all zero.

    Attributes:
        data: the serialized message.
        pixels: layer name -> writable uint8 view of its packed pixels within `data`.
        offsets: layer name -> where its pixels begin within `data`.
        bits: layer name -> bits per pixel.
    """

    def __init__(self, message_type: type, bits: Mapping[str, int], width: int, height: int):
        """Prepares everything that never changes.

        Args:
            message_type: spatial_pb2.FeatureLayers or FeatureLayersMinimap.
            bits: layer name -> bits per pixel.
            width: of each layer.
            height: of each layer.
        """
        self.bits = bits
        self._message_type = message_type
        self._size = common_pb2.Size2DI(x=width, y=height)
        self.data = bytearray()
        self.offsets: dict[str, int] = {}
        fields = message_type.DESCRIPTOR.fields_by_name
        for name, layer_bits in bits.items():
            num_bytes = images.num_bytes(layer_bits, width, height)
            image = common_pb2.ImageData(bits_per_pixel=layer_bits, size=self._size,
                                         data=bytes(num_bytes))
            # Fields are written by number, and an image's data is its last field.
            self.data += images.field(fields[name].number, image.SerializeToString())
            self.offsets[name] = len(self.data) - num_bytes
        self.bytes = np.frombuffer(self.data, np.uint8)
        self.pixels = {
            name: self.bytes[offset:offset + images.num_bytes(bits[name], width, height)]
            for name, offset in self.offsets.items()}

    def put(self, name: str, pixels: images.Pixels) -> None:
        """Replaces a layer by packed pixels."""
        self.pixels[name][:] = (np.frombuffer(pixels, np.uint8) if isinstance(pixels, bytes)
                                else pixels.reshape(-1))

    def to_message(self) -> spatial_pb2.FeatureLayers | spatial_pb2.FeatureLayersMinimap:
        """The same layers as a message, by way of protobuf's own objects."""
        message = self._message_type()
        for name, bits in self.bits.items():
            getattr(message, name).CopyFrom(common_pb2.ImageData(
                bits_per_pixel=bits, size=self._size, data=self.pixels[name].tobytes()))
        return message


class UnitPainter:
    """Keeps those layers of a canvas up to date that show a value of each unit.

    Only pixels that units cover, or covered before, are touched. Each byte of a pixel is a plane
    of its own, at `offset + byte` with a step of 1 or 4 bytes a pixel; planes in which no unit has
    anything but 0 are left out, and the others are written in one go.
    """

    def __init__(self, canvas: Canvas, names: Sequence[str], num_pixels: int):
        """Paints the layers `names` of a canvas with this many pixels."""
        self._canvas = canvas
        self._num_pixels = num_pixels
        self._flags = [(column, name) for column, name in enumerate(names)
                       if canvas.bits[name] == 1]
        # For each of the four bytes of each layer's value: where its first pixel is, and the
        # number of bytes from pixel to pixel; 0 for bytes that the layer has not.
        strides = np.zeros((len(names), 4), np.intp)
        for column, name in enumerate(names):
            if canvas.bits[name] > 1:
                strides[column, :canvas.bits[name] // 8] = canvas.bits[name] // 8
        offsets = np.array([canvas.offsets[name] for name in names], np.intp)
        self._strides = strides.reshape(-1, 1)
        self._offsets = (offsets[:, None] + np.arange(4)).reshape(-1, 1)
        self._places: list[Hashable] = []
        self._rows: list[tuple[int, ...]] = []
        self._sizes: list[int] = []
        self._units = np.zeros(0, np.intp)  # which unit is at each of the covered pixels
        self._covering: np.ndarray | None = None  # uint8, the byte of each plane and pixel
        self._painted: np.ndarray | None = None
        self._live: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
        self._painted_flags: set[str] = set()

    def paint(self, places: list[Hashable], pixels: Sequence[np.ndarray],
              rows: list[tuple[int, ...]]) -> None:
        """Paints units over each other, the last on top.

        Args:
            places: of each unit; equal places, equal pixels.
            pixels: of each unit, intp [N], the flat indices that it covers.
            rows: of each unit, its values in the order of the names; none is negative.
        """
        if rows != self._rows:
            self._prepare(rows)
        elif places == self._places:
            return
        self._places = places
        sizes = [one.size for one in pixels]
        if sizes != self._sizes:
            self._sizes = sizes
            self._units = np.repeat(np.arange(len(sizes)), sizes)
            self._covering = None
        everywhere = self._canvas.bytes
        if self._painted is not None:
            everywhere[self._painted] = 0
            self._painted = None
        covered = np.concatenate(pixels) if pixels else np.zeros(0, np.intp)
        if self._live is not None:
            offsets, strides, values = self._live
            if self._covering is None:
                self._covering = values.take(self._units, axis=1)
            self._painted = strides * covered  # [planes, covered]
            self._painted += offsets
            everywhere[self._painted] = self._covering
        if self._flags:
            self._paint_flags(covered)

    def _prepare(self, rows: list[tuple[int, ...]]) -> None:
        """Finds the planes that hold anything, and the byte of each unit in them."""
        self._rows = rows
        self._live = self._covering = None
        if rows:
            values = np.array(rows, "<i4").view(np.uint8)  # [units, 4 * layers]
            live = (values.any(0) & (self._strides[:, 0] > 0)).nonzero()[0]
            if live.size:
                self._live = (self._offsets[live], self._strides[live], values.T[live])

    def _paint_flags(self, covered: np.ndarray) -> None:
        packed: dict[tuple[int, ...], np.ndarray] = {}  # several flags are often set together
        painted = set()
        for column, name in self._flags:
            values = tuple([row[column] for row in self._rows])
            if any(values):
                if values not in packed:
                    image = np.zeros(self._num_pixels, np.bool_)
                    image[covered] = np.array(values, np.bool_)[self._units]
                    packed[values] = np.packbits(image)
                self._canvas.pixels[name][:] = packed[values]
                painted.add(name)
            elif name in self._painted_flags:
                self._canvas.pixels[name][:] = 0
        self._painted_flags = painted
