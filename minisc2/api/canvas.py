"""The feature layers of one image set, kept as the serialized message that responses carry.

Most pixels do not change from one observation to the next. So the message exists once, its pixels
are changed in place, and a response takes a copy of the whole.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence

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


_FIRST_CAPACITY = 256
_MANY_LOOKS = 2048
_MANY_SHAPES = 256
_NO_LOOK = 0xffff
"""No look is numbered so high."""
_ONE = np.uint8(1)


Stamps = Callable[[Hashable, int], np.ndarray]
"""From what tells one shape from another, and the number of pixels in a row, to the shape's pixels:
intp [N], flat offsets from its place."""


class UnitPainter:
    """Keeps those layers of a canvas up to date that show a value of each unit.

    A look is a number for the values that a unit has in all these layers. Units are stamped over
    each other into an image of looks, and each layer is that image, looked up in the layer's own
    table. Units that stand still are stamped into a background, which is kept as long as they stay
    the same; and only pixels that have another look than before are written.

    Units may reach over the edge of the layers: the image of looks has a margin.

    Attributes:
        row: pixels in a row of the image of looks.
        margin: pixels of it on each side that the layers do not have.
        origin: flat index in it of the layers' first pixel.
    """

    def __init__(self, canvas: Canvas, names: Sequence[str], size: tuple[int, int],
                 margin: int, stamps: Stamps):
        """Paints some layers of a canvas.

        Args:
            canvas: where the layers are.
            names: of the layers, in the order of the values in a look.
            size: (width, height) of the layers.
            margin: how far units may reach over the edge, in pixels.
            stamps: gives the shapes of units.
        """
        self._canvas = canvas
        width, height = size
        self.margin = margin
        self.row = width + 2 * margin
        self.origin = margin * self.row + margin
        self._size = height, width
        self._inside = slice(margin, margin + height), slice(margin, margin + width)
        self._tables = [_Table(canvas, name, 1 << index) for index, name in enumerate(names)]
        self._looks: dict[tuple[int, ...], int] = {}
        self._masks: list[int] = []  # of each look, the bits of the layers in which it is not 0
        self._shown = np.zeros(width * height, np.uint16)  # the look of each pixel of the layers
        self._shown_before = self._shown.copy()
        self._live = 0  # the bits of the layers in which anything is not 0
        self._painted: _Units | None = None
        self._still: _Units = [], [], []
        num_pixels = (height + 2 * margin) * self.row
        self._image, self._background = (np.zeros(num_pixels, np.uint16) for _ in range(2))
        self._still_counts = np.zeros(num_pixels, np.uint8)  # of units that cover each pixel
        self._pixels = np.zeros(0, np.intp)  # covered by units that do not stand still
        self._stamper = _Stamper(stamps, self.row)
        self._still_stamper = _Stamper(stamps, self.row)
        self.forget_looks()

    @property
    def has_many_looks(self) -> bool:
        """Whether it is time to `forget_looks`."""
        return len(self._looks) > _MANY_LOOKS

    def forget_looks(self) -> None:
        """Starts numbering looks anew: numbers given before mean nothing any more."""
        self._looks = {}
        self._masks = [0]  # number 0 is a pixel without a unit
        self._painted = None
        self._paint_still([], [], [])
        self._shown[:] = _NO_LOOK

    def look(self, values: tuple[int, ...]) -> int:
        """The number of a look: its values in the order of the layers; none is negative."""
        number = self._looks.get(values)
        if number is None:
            number = len(self._masks)
            self._looks[values] = number
            mask = 0
            for table, value in zip(self._tables, values, strict=True):
                table.set(number, value)
                if value:
                    mask |= table.mask
            self._masks.append(mask)
        return number

    def paint(self, places: list[int], shapes: list[Hashable], looks: list[int],
              num_still: int = 0) -> bool:
        """Paints units over each other, the last on top.

        Args:
            places: of each unit, flat index in the image of looks.
            shapes: of each unit, as `stamps` takes it.
            looks: of each unit, its `look`.
            num_still: so many of the first units are likely to be the same the next time.

        Returns:
            Whether anything may have changed.
        """
        painted = places, shapes, looks
        if painted == self._painted:
            return False
        self._painted = painted
        still = places[:num_still], shapes[:num_still], looks[:num_still]
        if still != self._still:
            self._paint_still(*still)
        np.copyto(self._image, self._background)
        self._pixels = self._stamper.stamp(self._image, places[num_still:], shapes[num_still:],
                                           looks[num_still:])
        self._write(looks)
        return True

    def _paint_still(self, places: list[int], shapes: list[Hashable], looks: list[int]) -> None:
        self._still = places, shapes, looks
        self._background[:] = 0
        pixels = self._still_stamper.stamp(self._background, places, shapes, looks)
        self._still_counts = np.bincount(pixels, minlength=self._image.size).astype(np.uint8)

    def count(self, name: str) -> None:
        """Shows in a layer of 8 bits how many of the units painted last cover each pixel."""
        counts = self._still_counts.copy()
        np.add.at(counts, self._pixels, _ONE)
        np.copyto(self._canvas.pixels[name].reshape(self._size),
                  counts.reshape(-1, self.row)[self._inside])

    def _write(self, looks: list[int]) -> None:
        """Brings the layers up to date with the look of each of their pixels."""
        shown = self._shown_before
        np.copyto(shown.reshape(self._size), self._image.reshape(-1, self.row)[self._inside])
        changed = (shown != self._shown).nonzero()[0]
        self._shown, self._shown_before = shown, self._shown
        live = 0
        for look in set(looks):
            live |= self._masks[look]
        if changed.size:
            looks_there = shown.take(changed).astype(np.intp)
            for table in self._tables:
                if (live | self._live) & table.mask:
                    table.write(changed, looks_there)
        self._live = live


_Units = tuple[list[int], list[Hashable], list[int]]
"""Places, shapes and looks of units, as `UnitPainter.paint` takes them."""


class _Stamper:
    """Stamps units into images of looks; keeps what follows from their shapes.

    Args:
        stamps: gives the shapes of units.
        row: pixels in a row of the images.
    """

    def __init__(self, stamps: Stamps, row: int):
        self._stamps = stamps
        self._row = row
        self._known: dict[Hashable, np.ndarray] = {}
        self._shapes: list[Hashable] = []
        self._units = np.zeros(0, np.intp)  # which unit is at each of the covered pixels
        self._offsets = np.zeros(0, np.intp)  # of each covered pixel from its unit's place

    def stamp(self, image: np.ndarray, places: list[int], shapes: list[Hashable],
              looks: list[int]) -> np.ndarray:
        """Stamps units over each other into an image, uint16 [N].

        Returns:
            intp, the pixels that each of them covers, one unit after the other.
        """
        if shapes != self._shapes:
            self._take(shapes)
        pixels = np.array(places, np.intp).take(self._units)
        pixels += self._offsets
        image[pixels] = np.array(looks, np.uint16).take(self._units)
        return pixels

    def _take(self, shapes: list[Hashable]) -> None:
        self._shapes = shapes
        known = self._known
        if len(known) > _MANY_SHAPES:
            known.clear()
        for shape in shapes:
            if shape not in known:
                known[shape] = self._stamps(shape, self._row)
        stamps = [known[shape] for shape in shapes]
        self._units = np.repeat(np.arange(len(shapes)), [stamp.size for stamp in stamps])
        self._offsets = np.concatenate(stamps) if stamps else np.zeros(0, np.intp)


class _Table:
    """One layer of a canvas: where its pixels are, and the value that each look has in it."""

    __slots__ = ("_bits", "_pixels", "_target", "_values", "mask")

    def __init__(self, canvas: Canvas, name: str, mask: int):
        self.mask = mask
        self._bits = canvas.bits[name]
        self._pixels = self._target = canvas.pixels[name]
        if self._bits == 32:
            self._target = np.ndarray(self._pixels.size // 4, "<i4", canvas.data,
                                      canvas.offsets[name])
        elif self._bits == 1:  # unpacked, because single bits cannot be written
            self._target = np.zeros(self._pixels.size * 8, np.bool_)
        self._values = np.zeros(_FIRST_CAPACITY, self._target.dtype)

    def set(self, look: int, value: int) -> None:
        """The value of a look; of more than the layer's bits the lowest count."""
        if look >= self._values.size:
            self._values = np.concatenate([self._values, np.zeros_like(self._values)])
        self._values[look] = value & 255 if self._bits == 8 else value

    def write(self, pixels: np.ndarray, looks: np.ndarray) -> None:
        """Writes pixels, intp [N], that have these looks, intp [N]."""
        self._target[pixels] = self._values.take(looks)
        if self._bits == 1:
            self._pixels[:] = np.packbits(self._target)
