"""Times acting and learning of both networks on a StarCraft-like spec.

    python -m tests.benchmarks.agent_benchmark
    python -m tests.benchmarks.agent_benchmark --side 32 --threads 2

Prints median milliseconds of one `Agent.step` on 16 environments, and of one forward and backward
pass of `Agent.unroll` over 16 steps of 32 environments.
"""

import argparse
import time

import numpy as np
import tensorflow as tf

import agent as agent_lib
import network
from environment import specs
from tests import spec_library


def _median_ms(function, repeats):
    function()
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000.0 * float(np.median(times))


def _time_model(model_name, side, num_units, repeats):
    observation_spec, action_spec = spec_library.starcraft_like((side, side), (side, side),
                                                                num_units)
    if model_name == "fullyconv":
        observation_spec = specs.ObservationSpec(observation_spec.arrays[:3])
    model = network.build(model_name, observation_spec, action_spec)
    agent = agent_lib.Agent(model, observation_spec, action_spec)
    rng = np.random.default_rng(0)
    observation = spec_library.random_observation(observation_spec, rng, (16,))
    step_type = np.ones((16,), np.int8)
    state = agent.initial_state(16)
    step_ms = _median_ms(lambda: agent.step(observation, step_type, state), repeats)

    length, batch_size = 16, 32
    observations = spec_library.random_observation(observation_spec, rng, (length + 1, batch_size))
    observations = {name: tf.constant(value) for name, value in observations.items()}
    step_types = tf.ones((length + 1, batch_size), tf.int8)
    actions = {n: tf.constant(rng.integers(0, s, (length, batch_size)).astype(np.int32))
               for n, s in action_spec.sizes.items()}
    state = agent.initial_state(batch_size)

    @tf.function
    def learn():
        with tf.GradientTape() as tape:
            unroll = agent.unroll(observations, step_types, actions, state)
            loss = -tf.add_n([tf.reduce_mean(v) for v in unroll.log_probs.values()])
            loss -= 0.01 * tf.add_n([tf.reduce_mean(v) for v in unroll.entropies.values()])
            loss += tf.reduce_mean(tf.square(unroll.values))
        return tape.gradient(loss, agent.trainable_variables)

    learn_ms = _median_ms(learn, max(3, repeats // 10))
    print(f"{model_name:10s} {side}x{side}  {model.count_params():>9,d} parameters  "
          f"step[16] {step_ms:6.2f} ms  unroll+gradient[16, 32] {learn_ms:7.1f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=16, help="pixels of a map's side")
    parser.add_argument("--units", type=int, default=16, help="rows of entities")
    parser.add_argument("--threads", type=int, default=1, help="threads within an operation")
    parser.add_argument("--repeats", type=int, default=200, help="timed calls of step")
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    for model_name in network.MODEL_NAMES:
        _time_model(model_name, arguments.side, arguments.units, arguments.repeats)


if __name__ == "__main__":
    main()
