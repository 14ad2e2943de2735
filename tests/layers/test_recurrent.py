"""The LSTM: against plain loops, in pieces, and across the beginnings of episodes."""

import keras
import numpy as np
import tensorflow as tf

from layers import recurrent

_STEPS, _BATCH, _INPUTS, _UNITS = 5, 3, 4, 6


def _layer(num_layers=1):
    keras.utils.set_random_seed(3)
    layer = recurrent.ResettingLSTM(_UNITS, num_layers)
    layer(tf.zeros([1, _INPUTS]), is_first=tf.constant([False]), state=layer.initial_state(1),
          num_steps=1)
    return layer


def _inputs(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(_STEPS, _BATCH, _INPUTS)).astype(np.float32)


def _run(layer, inputs, is_first, state=None):
    steps, batch = inputs.shape[:2]
    outputs, states = layer(
        tf.reshape(tf.constant(inputs), [-1, _INPUTS]),
        is_first=tf.reshape(tf.constant(is_first), [-1]),
        state=state or layer.initial_state(batch), num_steps=steps)
    return outputs.numpy().reshape(steps, batch, -1), states


def _sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def test_equals_the_formula_in_plain_loops():
    layer = _layer()
    cell = layer.cells[0]
    kernel, recurrent_kernel = cell.kernel.numpy(), cell.recurrent_kernel.numpy()
    scale, offset = cell.scale.numpy(), cell.offset.numpy()
    np.testing.assert_array_equal(offset[1], 1.0)  # the forget gate
    inputs = _inputs()
    outputs, _ = _run(layer, inputs, np.zeros((_STEPS, _BATCH), bool))
    for b in range(_BATCH):
        hidden = memory = np.zeros(_UNITS)
        for t in range(_STEPS):
            summed = (inputs[t, b] @ kernel + hidden @ recurrent_kernel).reshape(4, _UNITS)
            mean, variance = summed.mean(1, keepdims=True), summed.var(1, keepdims=True)
            gates = (summed - mean) / np.sqrt(variance + 1e-3) * scale + offset
            memory = _sigmoid(gates[1]) * memory + _sigmoid(gates[0]) * np.tanh(gates[2])
            hidden = _sigmoid(gates[3]) * np.tanh(memory)
            np.testing.assert_allclose(outputs[t, b], hidden, atol=1e-5)


def test_one_run_equals_two_with_the_state_handed_over():
    layer = _layer(num_layers=2)
    inputs, is_first = _inputs(), np.zeros((_STEPS, _BATCH), bool)
    whole, states = _run(layer, inputs, is_first)
    begin, begin_states = _run(layer, inputs[:2], is_first[:2])
    end, end_states = _run(layer, inputs[2:], is_first[2:], begin_states[-1])
    np.testing.assert_allclose(np.concatenate([begin, end]), whole, atol=1e-6)
    for a, b in zip(tf.nest.flatten(states[-1]), tf.nest.flatten(end_states[-1]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    for a, b in zip(tf.nest.flatten(states[1]), tf.nest.flatten(begin_states[-1]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_first_step_forgets_exactly_its_own_row():
    layer = _layer(num_layers=2)
    inputs, is_first = _inputs(), np.zeros((_STEPS, _BATCH), bool)
    is_first[2, 1] = True
    outputs, _ = _run(layer, inputs, is_first)
    fresh, _ = _run(layer, inputs[2:], np.zeros((_STEPS - 2, _BATCH), bool))
    np.testing.assert_allclose(outputs[2:, 1], fresh[:, 1], atol=1e-6)
    without, _ = _run(layer, inputs, np.zeros((_STEPS, _BATCH), bool))
    np.testing.assert_allclose(outputs[:, [0, 2]], without[:, [0, 2]], atol=1e-6)
    assert np.abs(outputs[2:, 1] - without[2:, 1]).max() > 1e-3


def test_no_gradient_crosses_the_beginning_of_an_episode():
    layer = _layer()
    inputs = tf.constant(_inputs())
    is_first = np.zeros((_STEPS, _BATCH), bool)
    is_first[2] = True
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs, _ = layer(tf.reshape(inputs, [-1, _INPUTS]),
                           is_first=tf.constant(is_first.reshape(-1)),
                           state=layer.initial_state(_BATCH), num_steps=_STEPS)
        loss = tf.reduce_sum(tf.reshape(outputs, [_STEPS, _BATCH, -1])[-1])
    gradient = np.abs(tape.gradient(loss, inputs)).sum(axis=(1, 2))
    assert (gradient[:2] == 0.0).all() and (gradient[2:] > 0.0).all()
