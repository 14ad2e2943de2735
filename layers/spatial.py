"""Maps: from planes to a map of features, and from a map to a choice of a place on it."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

# A flattened map of more cells than this on a side makes a dense layer of millions of weights.
_MAX_FLAT_SIDE = 16

# A new policy clicks everywhere. With a gain and He initialization it clicks on one place, hits a
# beacon ten times less often than at random, and learns nothing in 300,000 steps.
_SMALL = 0.01


def coordinate_planes(height: int, width: int) -> np.ndarray:
    """Where a cell lies: float32 [H, W, 2], x and y from -1 (left, top) to 1 (right, bottom)."""
    y, x = np.meshgrid(np.linspace(-1.0, 1.0, height), np.linspace(-1.0, 1.0, width),
                       indexing="ij")
    return np.stack([x, y], axis=-1).astype(np.float32)


class MapEncoder(keras.layers.Layer):
    """Convolutions that keep H x W, and a vector of the whole map.

    map    = [conv..conv(planes, x, y), planes, x, y]: the skip lets a 1x1 head learn "where a
             plane is lit" in a few updates, long before the convolutions know anything
    vector = relu(dense(flatten(relu(conv1x1(conv..conv)))))

    The x and y planes make a place known to layers that are blind to position.

    Source: the FullyConv agent of SC2LE (Vinyals et al. 2017), section 4.3.
    """

    def __init__(self, filters: Sequence[int], kernel_sizes: Sequence[int], vector_size: int,
                 bottleneck: int, coordinate_gain: float = 1.0):
        """Args:
            filters: output channels of each convolution.
            kernel_sizes: their kernel sizes.
            vector_size: size of the vector.
            bottleneck: channels that are flattened for the vector.
            coordinate_gain: the x and y planes are multiplied by this.
        """
        super().__init__()
        self.convolutions = [
            keras.layers.Conv2D(channels, size, padding="same", activation="relu",
                                kernel_initializer="he_normal")
            for channels, size in zip(filters, kernel_sizes, strict=True)]
        self.squeeze = keras.layers.Conv2D(
            bottleneck, 1, activation="relu", kernel_initializer="he_normal")
        self.dense = keras.layers.Dense(
            vector_size, activation="relu", kernel_initializer="he_normal")
        self._coordinate_gain = coordinate_gain

    def build(self, input_shape):
        height, width = input_shape[1:3]
        self._coordinates = self._coordinate_gain * coordinate_planes(height, width)
        pool = max(1, -(-max(height, width) // _MAX_FLAT_SIDE))
        self.pool = keras.layers.AveragePooling2D(pool, padding="same") if pool > 1 else None

    def call(self, planes):
        """Args:
            planes: float32 [B, H, W, C].

        Returns:
            map float32 [B, H, W, M] and vector float32 [B, vector_size].
        """
        shape = [tf.shape(planes)[0], *self._coordinates.shape]
        inputs = tf.concat([planes, tf.broadcast_to(self._coordinates, shape)], axis=-1)
        hidden = inputs
        for convolve in self.convolutions:
            hidden = convolve(hidden)
        squeezed = self.squeeze(hidden)
        if self.pool is not None:
            squeezed = self.pool(squeezed)
        flat = tf.reshape(squeezed, [-1, int(np.prod(squeezed.shape[1:]))])
        return tf.concat([hidden, inputs], axis=-1), self.dense(flat)


class PlaceHead(keras.layers.Layer):
    """Logits of places: how well each cell of a map answers a query.

    logits[b, g, y, x] = gain * q[b, g] . map[b, y, x]

    q is trained (which is a 1x1 convolution); with a context of D values, Q c / D is added to it,
    so that what was decided before asks another question of the map. The division keeps its pace:
    all D columns of Q move together in an update, and their undivided sum would settle on one
    place long before it earns anything. A plane of another size than the map gets resized logits.

    `gain` > 1 makes the head learn faster by that factor: clicks must become precise before they
    earn anything.
    """

    def __init__(self, num_arguments: int, plane: tuple[int, int], conditioned: bool, gain: float):
        """Args:
            num_arguments: G, arguments that are places on this plane.
            plane: (H', W') of the choices.
            conditioned: whether the context is asked.
            gain: factor of the logits.
        """
        super().__init__()
        self._num_arguments = num_arguments
        self._plane = plane
        self._conditioned = conditioned
        self._gain = gain

    def build(self, map_shape, context_shape):
        del context_shape
        channels = map_shape[-1]
        self.query = self.add_weight(
            shape=(self._num_arguments, channels), name="query",
            initializer=keras.initializers.RandomNormal(stddev=_SMALL))
        if self._conditioned:
            self.project = keras.layers.Dense(
                self._num_arguments * channels, use_bias=False,
                kernel_initializer=keras.initializers.RandomNormal(stddev=_SMALL))

    def call(self, map, context):
        """Args:
            map: float32 [B, H, W, C].
            context: float32 [B, D].

        Returns:
            float32 [B, G, H' * W'].
        """
        height, width, channels = map.shape[1:]
        query = self._gain * self.query
        if self._conditioned:
            shift = tf.reshape(self.project(context), [-1, self._num_arguments, channels])
            query += self._gain / context.shape[-1] * shift
        cells = tf.reshape(map, [-1, height * width, channels])
        logits = tf.matmul(query, cells, transpose_b=True)  # [B, G, H * W]
        if (height, width) == tuple(self._plane):
            return logits
        logits = tf.reshape(logits, [-1, height, width, 1])  # [B * G, H, W, 1]
        logits = tf.image.resize(logits, self._plane)
        return tf.reshape(logits, [-1, self._num_arguments, self._plane[0] * self._plane[1]])


class VectorPlaceHead(keras.layers.Layer):
    """Logits of places when there is no map: a sum of products of a row and a column code.

    logits[b, g, y, x] = sum_r rows[b, g, r, y] * columns[b, g, r, x]
    """

    def __init__(self, num_arguments: int, plane: tuple[int, int], rank: int = 4):
        super().__init__()
        self._num_arguments = num_arguments
        self._plane = plane
        self._rank = rank
        self.codes = keras.layers.Dense(num_arguments * rank * sum(plane))

    def call(self, context):
        """float32 [B, D] -> float32 [B, G, H * W]."""
        height, width = self._plane
        codes = tf.reshape(
            self.codes(context), [-1, self._num_arguments, self._rank, height + width])
        rows, columns = tf.split(codes, [height, width], axis=-1)
        logits = tf.matmul(rows, columns, transpose_a=True)  # [B, G, H, W]
        return tf.reshape(logits, [-1, self._num_arguments, height * width])
