"""Large maps: halved until they are small, and a place on them found by doubling again.

Source: AlphaStar (Nature 2019), supplementary architecture description, spatial encoder and
location head: 128 x 128 planes become 16 x 16 in three steps, residual blocks follow whose outputs
are kept, and the location head goes the same way back. Equations of gate and modulation, which the
publication only names: gated residual y = x + g(c) f(x), g a sigmoid for each channel (Savarese
2017); FiLM y = (1 + a(c)) x + b(c) (Perez et al. 2018).
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from layers import residual, spatial

# Logits start near zero: an untrained policy should click everywhere.
_SMALL = 0.01


class PyramidSizes(NamedTuple):
    """Sizes of `PyramidEncoder` and `LocationHead`.

    Attributes:
        base_side: maps are halved while a side is longer than this.
        stem: channels at full resolution.
        widths: channels after each halving; the last one also after further ones.
        num_blocks: residual blocks at the base, and gated ones in the head.
        bottleneck: channels of the base that the vector reads; 0 reads all.
        vector: size of the vector.
        context_planes: channels of the context as a map, in the head.
        up_widths: channels of the head at the base and after each doubling; the last one also
            after further ones.
        coordinate_gain: factor of the planes that say where a cell lies.
    """

    base_side: int
    stem: int
    widths: tuple[int, ...]
    num_blocks: int
    bottleneck: int
    vector: int
    context_planes: int
    up_widths: tuple[int, ...]
    coordinate_gain: float


class PyramidMap(NamedTuple):
    """What is known of a map.

    Attributes:
        stem: float32 [B, H, W, stem].
        skips: float32 [B, h, w, C], output of each residual block at the base, the last one last.
    """

    stem: tf.Tensor
    skips: tuple[tf.Tensor, ...]


def heights_and_widths(height: int, width: int, base_side: int) -> list[tuple[int, int]]:
    """(H, W) of each level, from the whole map down to the base."""
    levels = [(height, width)]
    while max(levels[-1]) > base_side:
        levels.append((-(-levels[-1][0] // 2), -(-levels[-1][1] // 2)))
    return levels


def _of_level(widths: tuple[int, ...], level: int) -> int:
    return widths[min(level, len(widths) - 1)]


def _conv(channels: int, size: int, **options) -> keras.layers.Conv2D:
    return keras.layers.Conv2D(channels, size, padding="same", kernel_initializer="he_normal",
                               **options)


class PyramidEncoder(keras.layers.Layer):
    """Planes to a `PyramidMap` and a vector of the whole map.

    stem = relu(conv1x1(planes, x, y));  base = relu(conv4x4, stride 2) .. of the stem
    skips = residual blocks of the base;  vector = relu(dense(flatten(relu(last skip))))
    """

    def __init__(self, sizes: PyramidSizes):
        super().__init__()
        self._sizes = sizes

    def build(self, planes_shape):
        sizes = self._sizes
        height, width = planes_shape[1:3]
        self._coordinates = sizes.coordinate_gain * spatial.coordinate_planes(height, width)
        levels = heights_and_widths(height, width, sizes.base_side)
        self.stem = _conv(sizes.stem, 1, activation="relu")
        self.halvings = [_conv(_of_level(sizes.widths, level), 4, strides=2, activation="relu")
                         for level in range(len(levels) - 1)]
        self.blocks = [residual.ResidualConv() for _ in range(sizes.num_blocks)]
        self.squeeze = _conv(sizes.bottleneck, 1, activation="relu") if sizes.bottleneck else None
        self.dense = keras.layers.Dense(
            sizes.vector, activation="relu", kernel_initializer="he_normal")

    def call(self, planes):
        """float32 [B, H, W, C] -> `PyramidMap` and float32 [B, vector]."""
        shape = [tf.shape(planes)[0], *self._coordinates.shape]
        stem = self.stem(
            tf.concat([planes, tf.broadcast_to(self._coordinates, shape)], axis=-1))
        hidden = stem
        for halve in self.halvings:
            hidden = halve(hidden)
        skips = []
        for block in self.blocks:
            hidden = block(hidden)
            skips.append(hidden)
        flat = tf.nn.relu(hidden)
        if self.squeeze is not None:
            flat = self.squeeze(flat)
        flat = tf.reshape(flat, [-1, int(np.prod(flat.shape[1:]))])
        return PyramidMap(stem, tuple(skips) or (hidden,)), self.dense(flat)


class GatedResidualConv(keras.layers.Layer):
    """x + g(c) conv3x3(relu((1 + a(c)) conv3x3(relu(x)) + b(c))): a context steers the block."""

    def build(self, inputs_shape, context_shape):
        del context_shape
        channels = inputs_shape[-1]
        self.conv_1 = _conv(channels, 3)
        self.conv_2 = keras.layers.Conv2D(
            channels, 3, padding="same",
            kernel_initializer=keras.initializers.RandomNormal(stddev=residual.LAST_LAYER_STDDEV))
        self.steer = keras.layers.Dense(
            3 * channels, kernel_initializer=keras.initializers.RandomNormal(stddev=0.02))

    def call(self, inputs, context):
        """float32 [B, H, W, C], float32 [B, D] -> float32 [B, H, W, C]."""
        scale, offset, gate = tf.split(
            self.steer(context)[:, tf.newaxis, tf.newaxis], 3, axis=-1)
        hidden = self.conv_1(tf.nn.relu(inputs))
        hidden = tf.nn.relu((1.0 + scale) * hidden + offset)
        return inputs + tf.sigmoid(gate) * self.conv_2(hidden)


class LocationHead(keras.layers.Layer):
    """Logits of places on a `PyramidMap`.

    x = relu(conv1x1(context as a map, last skip)); x = gated block(x + skip), last skip first;
    x = relu(transposed conv4x4, stride 2) until the map's own size
    logits = gain * q(context) . [x, stem]

    A plane of twice (four times, ..) the map's size has a query for each of the 4 (16, ..) places
    of a cell; one of another size gets resized logits. Published is a last transposed convolution
    to one channel; a query reads the planes themselves as well, so that "where a plane is lit" is
    learnt in a few updates.
    """

    def __init__(self, num_arguments: int, plane: tuple[int, int], sizes: PyramidSizes,
                 gain: float):
        """Args:
            num_arguments: G, arguments that are places on this plane.
            plane: (H', W') of the choices.
            sizes: those of the encoder.
            gain: factor of the logits. A query starts small, so that all places are as probable,
                and must grow a lot until one place of a thousand is certain: with 10 a lit cell is
                found within a third of the updates that it takes with 1.
        """
        super().__init__()
        self._num_arguments = num_arguments
        self._plane = tuple(plane)
        self._sizes = sizes
        self._gain = gain

    def build(self, stem_shape, skip_shape, context_shape):
        sizes = self._sizes
        height, width, stem = stem_shape[1:]
        self._base = tuple(skip_shape[1:3])
        self._levels = heights_and_widths(height, width, sizes.base_side)[:-1][::-1]
        self._zoom = _zoom((height, width), self._plane)
        context_size = int(np.prod(self._base)) * sizes.context_planes
        # An embedding of just this size is a map already, as published.
        self.unfold = None if context_shape[-1] == context_size else keras.layers.Dense(
            context_size, kernel_initializer="he_normal")
        self.enter = _conv(skip_shape[-1], 1, activation="relu")
        self.blocks = [GatedResidualConv() for _ in range(sizes.num_blocks)]
        self.doublings = [
            keras.layers.Conv2DTranspose(
                _of_level(sizes.up_widths, level), 4, strides=2, padding="same", activation="relu",
                kernel_initializer="he_normal") for level in range(len(self._levels))]
        last = _of_level(sizes.up_widths, len(self._levels) - 1) if self._levels \
            else skip_shape[-1]
        self._channels = last + stem
        self.query = keras.layers.Dense(
            self._num_arguments * self._zoom**2 * self._channels,
            kernel_initializer=keras.initializers.RandomNormal(stddev=_SMALL))

    def call(self, stem, skip, context, skips=()):
        """Args:
            stem: float32 [B, H, W, C0].
            skip: float32 [B, h, w, C], of the last residual block.
            context: float32 [B, D].
            skips: of all blocks, the last one last.

        Returns:
            float32 [B, G, H' * W'].
        """
        hidden = context if self.unfold is None else self.unfold(context)
        hidden = tf.reshape(hidden, [-1, *self._base, self._sizes.context_planes])
        hidden = self.enter(tf.nn.relu(tf.concat([hidden, skip], axis=-1)))
        for block, block_skip in zip(self.blocks, reversed(skips), strict=True):
            hidden = block(hidden + block_skip, context=context)
        if self.blocks:
            hidden = tf.nn.relu(hidden)
        for double, (height, width) in zip(self.doublings, self._levels, strict=True):
            hidden = double(hidden)[:, :height, :width]
        return self._ask(tf.concat([hidden, stem], axis=-1), context)

    def _ask(self, cells, context):
        height, width = cells.shape[1:3]
        num, zoom = self._num_arguments, self._zoom
        # All columns of the query's weights move together in an update: the root keeps its pace.
        context = context * context.shape[-1] ** -0.5
        query = self._gain * tf.reshape(self.query(context), [-1, num * zoom**2, self._channels])
        cells = tf.reshape(cells, [-1, height * width, self._channels])
        logits = tf.matmul(query, cells, transpose_b=True)  # [B, G * zoom^2, H * W]
        if zoom > 1:
            logits = tf.reshape(logits, [-1, num, zoom, zoom, height, width])
            logits = tf.transpose(logits, [0, 1, 4, 2, 5, 3])  # [B, G, H, zoom, W, zoom]
        elif (height, width) != self._plane:
            logits = tf.reshape(logits, [-1, height, width, 1])  # [B * G, H, W, 1]
            logits = tf.image.resize(logits, self._plane)
        return tf.reshape(logits, [-1, num, self._plane[0] * self._plane[1]])


def _zoom(size: tuple[int, int], plane: tuple[int, int]) -> int:
    """How many places of a plane lie side by side in a cell; 1 where that is no power of two."""
    zoom = plane[0] // size[0]
    fits = (size[0] * zoom, size[1] * zoom) == plane and zoom.bit_count() == 1
    return zoom if fits else 1
