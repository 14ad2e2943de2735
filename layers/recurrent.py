"""An LSTM over a short sequence that forgets everything where an episode begins."""

import keras
import tensorflow as tf


class LayerNormLSTMCell(keras.layers.Layer):
    """LSTM whose four gates are layer-normalized before their non-linearities.

    a = W x + U h;  i, f, g, o = LN(a_i), LN(a_f), LN(a_g), LN(a_o)
    c' = sigmoid(f + 1) c + sigmoid(i) tanh(g);  h' = sigmoid(o) tanh(c')

    Source: AlphaStar (Nature 2019), supplementary architecture description ("layer norm on
    gates"); Ba et al. (2016). The forget gate's bias of 1 keeps memories while little is learnt.
    """

    def __init__(self, units: int, epsilon: float = 1e-3):
        super().__init__()
        self._units = units
        self._epsilon = epsilon

    def build(self, input_shape):
        units = self._units
        self.kernel = self.add_weight(shape=(input_shape[-1], 4 * units), name="kernel",
                                      initializer="glorot_uniform")
        self.recurrent_kernel = self.add_weight(shape=(units, 4 * units), name="recurrent_kernel",
                                                initializer="orthogonal")
        self.scale = self.add_weight(shape=(4, units), name="scale", initializer="ones")
        self.offset = self.add_weight(shape=(4, units), name="offset",
                                      initializer=self._initial_offset)

    def _initial_offset(self, shape, dtype=None):
        forget_only = tf.constant([[0.0], [1.0], [0.0], [0.0]], dtype)
        return tf.broadcast_to(forget_only, shape)

    def project(self, inputs):
        """W x for every step at once: float32 [..., D] -> float32 [..., 4 * units]."""
        return tf.matmul(inputs, self.kernel)

    def advance(self, projected, hidden, cell):
        """One step.

        Args:
            projected: float32 [B, 4 * units], from `project`.
            hidden: float32 [B, units].
            cell: float32 [B, units].

        Returns:
            The next (hidden, cell).
        """
        summed = projected + tf.matmul(hidden, self.recurrent_kernel)
        gates = tf.reshape(summed, [-1, 4, self._units])
        mean, variance = tf.nn.moments(gates, axes=[-1], keepdims=True)
        gates = tf.nn.batch_normalization(
            gates, mean, variance, self.offset, self.scale, self._epsilon)
        input_gate, forget_gate, candidate, output_gate = tf.unstack(gates, num=4, axis=1)
        cell = tf.sigmoid(forget_gate) * cell + tf.sigmoid(input_gate) * tf.tanh(candidate)
        return tf.sigmoid(output_gate) * tf.tanh(cell), cell

    def call(self, inputs, hidden, cell):
        return self.advance(self.project(inputs), hidden, cell)


class ResettingLSTM(keras.layers.Layer):
    """Layers of `LayerNormLSTMCell` over [T, B], zeroed where a step is the first of an episode.

    The steps are unrolled in the graph: T is small, and a while loop costs several times more.
    """

    def __init__(self, units: int, num_layers: int = 1):
        super().__init__()
        self._units = units
        self.cells = [LayerNormLSTMCell(units) for _ in range(num_layers)]

    def build(self, input_shape):
        for index, cell in enumerate(self.cells):
            cell.build((None, input_shape[-1] if index == 0 else self._units))

    def initial_state(self, batch_size: int):
        """Zeros: for each layer (hidden, cell), float32 [B, units] both."""
        zeros = tf.zeros([batch_size, self._units])
        return tuple((zeros, zeros) for _ in self.cells)

    def call(self, inputs, is_first, state, num_steps):
        """Args:
            inputs: float32 [T * B, D], time-major.
            is_first: bool [T * B]; the state is zeroed before such a step.
            state: as `initial_state`, before step 0.
            num_steps: T.

        Returns:
            outputs float32 [T * B, units], and the list of states after each of the T steps.
        """
        keep = tf.split(tf.where(is_first, 0.0, 1.0)[:, tf.newaxis], num_steps)
        outputs = inputs
        states = []
        for cell, (hidden, memory) in zip(self.cells, state, strict=True):
            projected = tf.split(cell.project(outputs), num_steps)
            layer_states = []
            for projected_t, keep_t in zip(projected, keep, strict=True):
                hidden, memory = cell.advance(projected_t, hidden * keep_t, memory * keep_t)
                layer_states.append((hidden, memory))
            outputs = tf.concat([hidden for hidden, _ in layer_states], axis=0)
            states.append(layer_states)
        return outputs, [tuple(step) for step in zip(*states, strict=True)]
