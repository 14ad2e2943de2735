"""Episodes as a tf.data pipeline: [B, T] windows, read ahead while the network trains.

    training, validation = folder.split(folder.scan("dataset").files, 0.1)
    batches = dataset.make(training, specs, LaneSettings(batch_size=8, unroll_len=16, seed=1))
    for batch in batches.map(dataset.time_major):
        ...
"""

import atexit
import threading
import time
import weakref
from collections.abc import Iterator, Sequence

import tensorflow as tf

from data import lanes, spec_text, strategy
from data.folder import EpisodeFile

_FAREWELL_SECONDS = 3.0
"""At most, for a thread to take the last batch and to hear that there are no more."""


def make(files: Sequence[EpisodeFile], specs: spec_text.Specs, settings: lanes.LaneSettings,
         num_ahead: int = 4) -> tf.data.Dataset:
    """Makes a pipeline of `lanes.Batch`, batch-major.

    The same files and settings give the same batches. To go on after n batches, give
    `first_batch=n`: nothing before is read.

    Args:
        files: one side of `folder.split`.
        specs: of the files.
        settings: see `lanes.LaneSettings`.
        num_ahead: batches that are read before they are asked for.

    Raises:
        ValueError: there is no episode with an action to learn from.
    """
    next(lanes.plan([file.num_steps for file in files], settings))  # raises before training does
    reader = lanes.LaneReader(files, specs, settings)
    return from_reader(reader, specs, settings).prefetch(num_ahead)


def from_reader(reader: lanes.LaneReader, specs: spec_text.Specs, settings: lanes.LaneSettings
                ) -> tf.data.Dataset:
    """Batch-major batches of a reader, not read ahead.

    Args:
        reader: each iteration of the pipeline reads its batches anew.
        specs: of its batches.
        settings: of its batches.
    """
    dataset = tf.data.Dataset.from_generator(
        _Source(reader).batches, output_signature=_signature(specs, settings))
    options = tf.data.Options()
    options.deterministic = True
    return dataset.with_options(options)


class _Source:
    """What tf.data's threads call for batches.

    A thread that comes for one while the interpreter ends waits for ever, and the process with it.
    So before it ends the batch in the making is finished, and there are no more.
    """

    def __init__(self, reader: lanes.LaneReader):
        self._reader, self._making, self._is_open = reader, threading.Lock(), True
        self._num_running = 0
        atexit.register(_close, weakref.ref(self))

    def batches(self) -> Iterator[lanes.Batch]:
        batches = self._reader.batches()
        self._num_running += 1
        try:
            while True:
                with self._making:
                    batch = next(batches, None) if self._is_open else None
                if batch is None:
                    return
                yield batch
        finally:
            self._num_running -= 1

    def close(self) -> None:
        """Waits for the batch in the making, which is the last one, and until that is known. Who
        has read ahead as far as may be does not ask, and is waited for in vain."""
        with self._making:
            self._is_open = False
        give_up = time.monotonic() + _FAREWELL_SECONDS
        while self._num_running and time.monotonic() < give_up:
            time.sleep(0.05)


def _close(source: weakref.ref[_Source]) -> None:
    opened = source()
    if opened is not None:
        opened.close()
        time.sleep(0.05)  # the thread leaves Python


def _signature(specs: spec_text.Specs, settings: lanes.LaneSettings) -> lanes.Batch:
    size, length = settings.batch_size, settings.unroll_len
    return lanes.Batch(
        observations={array.name: tf.TensorSpec((size, length + 1, *array.shape), array.dtype)
                      for array in specs.observation.arrays},
        step_types=tf.TensorSpec((size, length + 1), tf.int8),
        actions={name: tf.TensorSpec((size, length), tf.int32) for name in specs.action.sizes},
        rewards=tf.TensorSpec((size, length), tf.float32),
        delays=tf.TensorSpec((size, length), tf.int32),
        mask=tf.TensorSpec((size, length), tf.bool),
        strategy={name: tf.TensorSpec((size, *shape), dtype)
                  for name, (shape, dtype) in strategy.ARRAYS.items()},
        episodes=tf.TensorSpec((size,), tf.int32))


def time_major(batch: lanes.Batch) -> lanes.Batch:
    """Turns [B, T, ...] into [T, B, ...], in this one place; what is of a lane stays [B, ...]."""
    def swap(value: tf.Tensor) -> tf.Tensor:
        return tf.transpose(value, [1, 0, *range(2, value.shape.rank)])

    timed = {name: tf.nest.map_structure(swap, value) for name, value in batch._asdict().items()
             if name not in ("strategy", "episodes")}
    return batch._replace(**timed)
