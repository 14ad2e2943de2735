"""Measures how fast an agent learns from replays and acts, and where the time goes.

    python -m learners.benchmark
    python -m learners.benchmark --folder ./dataset/simple64 --size full --batches 1x8

    python -m learners.benchmark --interface raw

Without --folder it measures on episodes that nobody played, of either interface, with all that a
dataset of Simple64 holds. It prints the weights by part of the network; for each batch of B x T the
transitions a second of wall-clock time, and the time of reading, of the forward and the backward
pass, and of the optimizer with everything else; the arithmetic of an update beside what a large
product of matrices reaches, measured in turn with it; and the milliseconds of an acting step.
"""

import argparse
import contextlib
import dataclasses
import itertools
import os
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from data import command_line
from environment import specs

_NUM_EPISODES = 16
_NUM_STEPS = 200
_PRODUCT_SIZE = 2048


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; exits with status 2 and one line on a mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m learners.benchmark", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, help="of .hkl files (default: makes some)")
    parser.add_argument("--interface", choices=("feature_layers", "raw"), default="feature_layers",
                        help="of episodes that are made (default %(default)s)")
    parser.add_argument("--resolution", type=command_line.positive, default=32,
                        help="pixels a side of episodes that are made (default %(default)s)")
    parser.add_argument("--model_name", default="alphastar", help="(default %(default)s)")
    parser.add_argument("--size", default="small", help="tiny, small or full (default %(default)s)")
    parser.add_argument("--batches", type=_batch, nargs="+", default=[(1, 8), (8, 16)],
                        metavar="BxT", help="lanes and actions of a window (default 1x8 8x16)")
    parser.add_argument("--seconds", type=float, default=5.0,
                        help="of each measurement (default %(default)s)")
    parser.add_argument("--num_threads", type=command_line.positive,
                        help="for one operation (default: TensorFlow chooses)")
    return parser.parse_args(arguments)


def _batch(text: str) -> tuple[int, int]:
    lanes, _, actions = text.partition("x")
    if not (lanes.isdecimal() and actions.isdecimal() and int(lanes) and int(actions)):
        raise argparse.ArgumentTypeError(f"expected lanes x actions such as 8x16, got {text!r}")
    return int(lanes), int(actions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures. Returns the exit status."""
    parsed = parse_arguments(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf  # takes seconds

    import agent as agent_lib
    import network
    from data import imitation

    if parsed.num_threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(parsed.num_threads)
    with contextlib.ExitStack() as stack:
        folder = parsed.folder or _make(pathlib.Path(stack.enter_context(
            tempfile.TemporaryDirectory())), parsed.interface, parsed.resolution)
        try:
            data = imitation.ImitationData(folder, validation_fraction=0.0)
            model = network.build(parsed.model_name, data.observation_spec, data.action_spec,
                                  parsed.size)
        except ValueError as error:
            print(f"learners.benchmark: {error}", file=sys.stderr)
            return 1
        agent = agent_lib.Agent(model, data.observation_spec, data.action_spec)
        _print_weights(model)
        for batch_size, unroll_len in parsed.batches:
            _measure_learning(agent, data, batch_size, unroll_len, parsed.seconds)
        _measure_acting(agent, data.observation_spec, parsed.seconds)
    return 0


def _make(folder: pathlib.Path, interface: str, resolution: int) -> pathlib.Path:
    """Writes episodes of random steps, of what replays are converted to if nothing else is said."""
    from data import hkl, synthetic

    for seed in range(_NUM_EPISODES):
        episode = synthetic.make(synthetic.with_resolution(resolution), _NUM_STEPS, seed)
        hkl.write(folder / f"{seed:02d}.hkl",
                  _raw(episode, resolution, seed) if interface == "raw" else episode)
    return folder


def _raw(episode: Any, resolution: int, seed: int) -> Any:
    """An episode of the raw interface in place of one of feature layers."""
    from data.conversion import interfaces
    from environment import raw_actions, raw_observations
    from learners import random_batches

    name = interfaces.Raw.name
    settings = interfaces.ConversionSettings(
        minimap_size=(resolution, resolution), arrays=interfaces.DEFAULT_ARRAYS[name],
        max_units=interfaces.DEFAULT_MAX_UNITS[name],
        minimap_layers=interfaces.DEFAULT_MINIMAP_LAYERS)
    observation_spec = raw_observations.RawObservationEncoder(
        settings, settings.raw_resolution, settings.max_selected_units).spec
    action_spec = raw_actions.RawActionCodec(
        settings.raw_resolution, settings.max_units, settings.max_selected_units).spec
    steps = random_batches.make(observation_spec, action_spec, _NUM_STEPS, 1, seed)
    return dataclasses.replace(
        episode, observation_spec=observation_spec, action_spec=action_spec,
        observations={name: value[:-1, 0] for name, value in steps.observations.items()},
        actions={name: value[:, 0] for name, value in steps.actions.items()},
        metadata=dataclasses.replace(episode.metadata, interface=name))


def _print_weights(model: Any) -> None:
    parts: dict[str, int] = {}
    for variable in model.trainable_variables:
        part = "/".join(variable.path.split("/")[:2])
        parts[part] = parts.get(part, 0) + int(np.prod(variable.shape))
    print(f"{sum(parts.values()):,} weights:")
    for part, number in sorted(parts.items(), key=lambda item: -item[1])[:12]:
        print(f"  {number:12,}  {part}")


def _measure_learning(agent: Any, data: Any, batch_size: int, unroll_len: int, seconds: float
                      ) -> None:
    from data import imitation, lanes
    from learners import supervised

    learner = supervised.SupervisedLearner(agent, supervised.SupervisedSettings())
    batches = iter(data.batches(imitation.TRAINING, lanes.LaneSettings(
        batch_size=batch_size, unroll_len=unroll_len)))
    state = None

    def update() -> None:
        nonlocal state
        _, state = learner.step(next(batches), state)

    start = time.perf_counter()
    update()
    first = time.perf_counter() - start
    passes = _Passes(agent, next(batches))
    took = _paired({"update": update, "reading data": lambda: next(batches),
                    "forward": passes.forward, "forward and backward": passes.both,
                    "product": _product()}, seconds)
    product_rate = 2 * _PRODUCT_SIZE**3 / took["product"]
    operations = passes.count_operations()
    rate = operations / took["update"]
    num_transitions = batch_size * unroll_len
    print(f"B={batch_size} T={unroll_len}: {num_transitions / took['update']:.1f} transitions/s, "
          f"{1e3 * took['update']:.1f} ms an update, the first one {first:.0f} s")
    forward, both = took["forward"], took["forward and backward"]
    print(f"  forward {1e3 * forward:.1f} ms, backward {1e3 * (both - forward):.1f} ms, optimizer "
          f"and the rest {1e3 * (took['update'] - both):.1f} ms; reading a batch takes "
          f"{1e3 * took['reading data']:.1f} ms beside it")
    print(f"  {operations / 1e9:.2f} GFLOP an update (loops left out), {rate / 1e9:.0f} GFLOP/s; "
          f"a product of {_PRODUCT_SIZE} x {_PRODUCT_SIZE} reaches {product_rate / 1e9:.0f}: "
          f"{100 * rate / product_rate:.0f} %")


class _Passes:
    """The network alone, without a learner's measures and optimizer, on one batch."""

    def __init__(self, agent: Any, batch: Any):
        import tensorflow as tf

        def total(*batch: Any) -> tf.Tensor:
            unroll = agent.unroll(*batch, agent.initial_state(batch[1].shape[1]))
            return tf.add_n([tf.reduce_sum(values) for values in unroll.log_probs.values()])

        def gradients(*batch: Any) -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                loss = total(*batch)
            found = tape.gradient(loss, [variable.value for variable in agent.trainable_variables])
            return [tf.convert_to_tensor(gradient) for gradient in found if gradient is not None]

        self._batch = (batch.observations, batch.step_types, batch.actions)
        self._num_placed = _num_placed(agent.action_spec, batch.actions)
        self._total = tf.function(total, autograph=False)
        self._gradients = tf.function(gradients, autograph=False)

    def forward(self) -> None:
        self._total(*self._batch).numpy()

    def both(self) -> None:
        self._gradients(*self._batch)[0].numpy()

    def count_operations(self) -> int:
        """Floating-point operations of both passes.

        The heads of places on large maps are asked for the steps alone whose action has a place.
        How many these are differs from head to head; each is counted with their mean, as such heads
        cost the same for each step unless their maps differ.
        """
        from learners import flops

        return sum(flops.count(self._gradients.get_concrete_function(*self._batch),
                               self._num_placed).values())


def _num_placed(action_spec: Any, actions: Any) -> int:
    """Steps that use an argument which is a place: the mean over these arguments."""
    action_types = np.asarray(actions[specs.ACTION_TYPE]).ravel()
    counts = [int(np.count_nonzero(action_spec.used_by[argument.name][action_types]))
              for argument in action_spec.arguments if argument.plane]
    return round(statistics.mean(counts)) if counts else 0


def _paired(functions: dict[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    """Seconds of each, the median of runs in turn: what else the machine does meets all alike."""
    took: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        function()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(took["update"]) < 5:
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            took[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in took.items()}


def _product() -> Callable[[], Any]:
    """A large product of matrices."""
    import tensorflow as tf

    matrix = tf.random.stateless_normal([_PRODUCT_SIZE, _PRODUCT_SIZE], [1, 2])
    return lambda: np.asarray(tf.matmul(matrix, matrix)[0, 0])


def _measure_acting(agent: Any, observation_spec: Any, seconds: float) -> None:
    observation = observation_spec.zeros((1,))
    state, step_type = agent.initial_state(1), np.array([1], np.int8)
    _, state = agent.step(observation, step_type, state)
    times = []
    end = time.perf_counter() + seconds
    for _ in itertools.takewhile(lambda _: time.perf_counter() < end, itertools.count()):
        start = time.perf_counter()
        _, state = agent.step(observation, step_type, state)
        times.append(time.perf_counter() - start)
    print(f"acting: {1e3 * statistics.median(times):.1f} ms a step")


if __name__ == "__main__":
    sys.exit(main())
