"""Episodes as a tf.data pipeline: [B, T] windows, read ahead while the network trains.

    training, validation = folder.split(folder.scan("dataset").files, 0.1)
    batches = dataset.make(training, specs, LaneSettings(batch_size=8, unroll_len=16, seed=1))
    for batch in batches.map(dataset.time_major):
        ...
"""

from collections.abc import Sequence

import tensorflow as tf

from data import lanes, spec_text, strategy
from data.folder import EpisodeFile


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
        reader.batches, output_signature=_signature(specs, settings))
    options = tf.data.Options()
    options.deterministic = True
    return dataset.with_options(options)


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
