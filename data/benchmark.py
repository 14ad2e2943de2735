"""Measures how fast episodes are read from files into batches, without training anything.

    python -m data.benchmark
    python -m data.benchmark --folder ./dataset --batch_size 8 --unroll_len 16 --seconds 10

Without --folder it writes episodes of its own into a temporary folder first. It prints bytes a
step, and transitions a second of wall-clock time and of this process's time: of the files alone,
and of the batches that a supervised learner is fed, with all that is added to them, by tf.data.
"""

import argparse
import contextlib
import itertools
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence

from data import command_line, hkl, lanes, synthetic
from data import folder as folder_lib

_NUM_EPISODES = 16
_NUM_STEPS = 600


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; exits with status 2 and one line on a mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m data.benchmark", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, help="of .hkl files (default: makes some)")
    parser.add_argument("--resolution", type=command_line.positive, default=32,
                        help="pixels a side of episodes that are made (default %(default)s)")
    parser.add_argument("--batch_size", type=command_line.positive, default=8,
                        help="B (default %(default)s)")
    parser.add_argument("--unroll_len", type=command_line.positive, default=16,
                        help="T (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=5.0,
                        help="of each measurement (default %(default)s)")
    parser.add_argument("--tensorflow", action=argparse.BooleanOptionalAction, default=True,
                        help="measure what a learner is fed, too (default yes)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures. Returns the exit status."""
    parsed = parse_arguments(arguments)
    with contextlib.ExitStack() as stack:
        path = parsed.folder
        if path is None:
            path = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = synthetic.with_resolution(parsed.resolution)
            for seed in range(_NUM_EPISODES):
                hkl.write(path / f"{seed:02d}.hkl", synthetic.make(settings, _NUM_STEPS, seed))
        try:
            found, took, _ = _timed(lambda: folder_lib.scan(path))
        except ValueError as error:
            print(f"data.benchmark: {error}", file=sys.stderr)
            return 1
        steps = sum(file.num_steps for file in found.files)
        size = sum(os.path.getsize(file.path) for file in found.files)
        print(f"{len(found.files)} files, {steps} steps, {size / steps:.0f} bytes a step; "
              f"scanned in {took:.2f} s, {len(found.damaged)} damaged")
        lane_settings = lanes.LaneSettings(batch_size=parsed.batch_size,
                                           unroll_len=parsed.unroll_len)
        reader = lanes.LaneReader(found.files, found.specs, lane_settings)
        _measure("NumPy", reader.batches(), parsed.seconds)
        if parsed.tensorflow:
            from data import imitation  # TensorFlow takes seconds to import

            fed = imitation.ImitationData(path, validation_fraction=0)
            _measure("tf.data", fed.batches(imitation.TRAINING, lane_settings), parsed.seconds,
                     lambda mask: mask.numpy())
    return 0


def _timed(function):
    start, start_cpu = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - start, time.process_time() - start_cpu


def _measure(name: str, batches: Iterable[lanes.Batch], seconds: float,
             to_numpy=lambda mask: mask) -> None:
    iterator = iter(batches)
    for _ in itertools.islice(iterator, 3):  # opens the files, starts the threads
        pass

    def run() -> tuple[int, int]:
        count = transitions = 0
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            transitions += int(to_numpy(next(iterator).mask).sum())
            count += 1
        return count, transitions

    (count, transitions), took, took_cpu = _timed(run)
    print(f"{name}: {transitions / took:,.0f} transitions/s, {transitions / took_cpu:,.0f} a CPU "
          f"second, {1000 * took / count:.1f} ms a batch")


if __name__ == "__main__":
    sys.exit(main())
