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
_FEW = 16
"""Of so few units it pays to find out which of them changed."""


Stamps = Callable[[Hashable, int], np.ndarray]
"""From what tells one shape from another, and the number of pixels in a row, to the shape's pixels:
intp [N], flat offsets from its place."""


class UnitPainter:
    """Keeps those layers of a canvas up to date that show a value of each unit.

    A look is a number for the values that a unit has in all these layers. Units are stamped over
    each other into an image of looks, and each layer is that image, looked up in the layer's own
    table. Only rows of pixels that units cover, or covered before, are touched, and layers in which
    all units have 0 are left out.

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
        self._size = size
        self.margin = margin
        self._stamps = stamps
        width, height = size
        self.row = width + 2 * margin
        self.origin = margin * self.row + margin
        self._image = np.zeros((height + 2 * margin, self.row), np.uint16)
        self._flat_image = self._image.reshape(-1)
        self._tables = [_Table(canvas, name, 1 << index) for index, name in enumerate(names)]
        # Flags are written in whole bytes, and 8 rows are always whole bytes.
        self._row_step = 8 if any(table.bits == 1 for table in self._tables) else 1
        self._looks: dict[tuple[int, ...], int] = {}
        self._masks: list[int] = []  # of each look, the bits of the layers in which it is not 0
        self.forget_looks()
        self._live = 0
        self._rows = self._changed_rows = (0, 0)  # that are covered; that were written last
        self._places: list[int] = []
        self._shapes: list[Hashable] = []
        self._known_shapes: dict[Hashable, tuple[np.ndarray, int, tuple[int, int]]] = {}
        self._units = np.zeros(0, np.intp)  # which unit is at each of the covered pixels
        self._offsets = np.zeros(0, np.intp)  # of each covered pixel from its unit's place
        self._reaches: list[tuple[int, int]] = []  # of each unit, the lowest and highest of them
        self._reach_array = np.zeros((2, 0), np.intp)  # the same as an array
        self._pixels = np.zeros(0, np.intp)

    @property
    def has_many_looks(self) -> bool:
        """Whether it is time to `forget_looks`."""
        return len(self._looks) > _MANY_LOOKS

    def forget_looks(self) -> None:
        """Starts numbering looks anew: numbers given before mean nothing any more."""
        self._looks = {}
        self._masks = [0]  # number 0 is a pixel without a unit
        self._painted_looks: list[int] = []

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

    def paint(self, places: list[int], shapes: list[Hashable], looks: list[int]) -> bool:
        """Paints units over each other, the last on top.

        Args:
            places: of each unit, flat index in the image of looks.
            shapes: of each unit, as `stamps` takes it.
            looks: of each unit, its `look`.

        Returns:
            Whether anything may have changed.
        """
        old_places, old_looks = self._places, self._painted_looks
        if looks == old_looks and places == old_places and shapes == self._shapes:
            return False
        reaches_before = self._reaches
        if shapes != self._shapes:
            self._take_shapes(shapes)
        self._places, self._painted_looks = places, looks
        place_array = np.array(places, np.intp)
        if len(places) <= _FEW and len(places) == len(old_looks) and (
                self._reaches is reaches_before):
            changed = [number for number, place in enumerate(places)
                       if place != old_places[number] or looks[number] != old_looks[number]]
            lows = [min(places[number], old_places[number]) + self._reaches[number][0]
                    for number in changed]
            highs = [max(places[number], old_places[number]) + self._reaches[number][1]
                     for number in changed]
            rows = self._rows_between(min(lows), max(highs)) if changed else (0, 0)
            self._rows = _union(self._rows, rows)  # more than there are, which does no harm
        else:
            covered = (0, 0)
            if places:
                lows, highs = self._reach_array + place_array
                covered = self._rows_between(int(lows.min()), int(highs.max()))
            rows, self._rows = _union(covered, self._rows), covered
        self._changed_rows = first, end = rows
        self._pixels = pixels = place_array.take(self._units)
        pixels += self._offsets
        width, margin = self._size[0], self.margin
        image = self._image[margin + first:margin + end]
        image[:] = 0
        self._flat_image[pixels] = np.array(looks, np.uint16).take(self._units)
        self._write(image[:, margin:margin + width].astype(np.intp).ravel(), first, end, looks)
        return True

    def _take_shapes(self, shapes: list[Hashable]) -> None:
        self._shapes = shapes
        known = self._known_shapes
        if len(known) > _MANY_SHAPES:
            known.clear()
        for shape in shapes:
            if shape not in known:
                stamp = self._stamps(shape, self.row)
                reach = (int(stamp.min()), int(stamp.max())) if stamp.size else (0, 0)
                known[shape] = stamp, stamp.size, reach
        stamps = [known[shape] for shape in shapes]
        self._units = np.repeat(np.arange(len(shapes)), [size for _, size, _ in stamps])
        self._offsets = (np.concatenate([stamp for stamp, _, _ in stamps]) if stamps
                         else np.zeros(0, np.intp))
        self._reaches = [reach for _, _, reach in stamps]
        self._reach_array = np.array(self._reaches, np.intp).reshape(-1, 2).T

    def _rows_between(self, lowest: int, highest: int) -> tuple[int, int]:
        """The rows of the layers that lie between two flat indices in the image of looks.

        Returns:
            The first row, and the one after the last; may be some more.
        """
        step, height = self._row_step, self._size[1]
        first = max(lowest // self.row - self.margin, 0) // step * step
        end = min(highest // self.row - self.margin + 1, height)
        return (first, min(-(-end // step) * step, height)) if first < end else (0, 0)

    def count(self, name: str) -> None:
        """Shows in a layer of 8 bits how many of the units painted last cover each pixel."""
        first, end = self._changed_rows
        if first < end:
            counts = np.bincount(self._pixels, minlength=self._flat_image.size)
            width, margin = self._size[0], self.margin
            np.copyto(self._canvas.pixels[name].reshape(-1, width)[first:end],
                      counts.reshape(-1, self.row)[margin + first:margin + end,
                                                   margin:margin + width], casting="unsafe")

    def _write(self, image: np.ndarray, first: int, end: int, looks: list[int]) -> None:
        """Brings rows of the layers up to date with the image of looks, intp [rows * W]."""
        live = 0
        for look in set(looks):
            live |= self._masks[look]
        width = self._size[0]
        for table in self._tables:
            if live & table.mask:
                table.write(image, first * width, end * width)
            elif self._live & table.mask:
                table.pixels[:] = 0
        self._live = live


def _union(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The rows from the first of either to the last; both have a first row and the one after."""
    if a[0] == a[1]:
        return b
    if b[0] == b[1]:
        return a
    return min(a[0], b[0]), max(a[1], b[1])


class _Table:
    """One layer of a canvas: where its pixels are, and the value that each look has in it."""

    __slots__ = ("_target", "_values", "bits", "mask", "pixels")

    def __init__(self, canvas: Canvas, name: str, mask: int):
        self.mask = mask
        self.bits = canvas.bits[name]
        self.pixels = canvas.pixels[name]
        if self.bits == 32:
            self._target = np.ndarray(self.pixels.size // 4, "<i4", canvas.data,
                                      canvas.offsets[name])
        else:
            self._target = self.pixels
        self._values = np.zeros(_FIRST_CAPACITY, self._target.dtype if self.bits > 1 else np.bool_)

    def set(self, look: int, value: int) -> None:
        """The value of a look; of more than the layer's bits the lowest count."""
        if look >= self._values.size:
            self._values = np.concatenate([self._values, np.zeros_like(self._values)])
        self._values[look] = value & 255 if self.bits == 8 else value

    def write(self, image: np.ndarray, first: int, end: int) -> None:
        """Writes the pixels from `first` to before `end`, whose looks are in `image`."""
        if self.bits == 1:
            self.pixels[first // 8:(end + 7) // 8] = np.packbits(self._values.take(image))
        else:
            # No look is beyond the table; the mode only spares a second copy.
            self._values.take(image, out=self._target[first:end], mode="clip")
