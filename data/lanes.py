"""Windows of episodes in the lanes of a batch, so that recurrent state can be carried along.

A lane is a row of all batches. It takes one episode after the other and cuts it into windows of T
actions between T + 1 observations; the last observation of a window is the first of the next. So
the state after T observations of one batch is the state before the next batch, lane by lane, and
where an episode begins, its first step says so.

Episodes come in an order that is shuffled anew each epoch. Which window goes where depends on the
lengths of the episodes and the seed alone, so that a run can be taken up at any batch without
reading what came before.
"""

import contextlib
import dataclasses
import itertools
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from data import hkl, spec_text, strategy
from data.folder import EpisodeFile
from data.seal import EpisodeError
from environment.specs import StepType


@dataclasses.dataclass(frozen=True, kw_only=True)
class LaneSettings:
    """How episodes become batches.

    Attributes:
        batch_size: B, lanes.
        unroll_len: T, actions of a window.
        seed: of the order of the episodes.
        num_epochs: how often each episode comes; None is for ever.
        first_batch: how many batches to leave out at the beginning.
        shuffle: False takes the episodes in the order of the files.
    """

    batch_size: int
    unroll_len: int
    seed: int = 0
    num_epochs: int | None = None
    first_batch: int = 0
    shuffle: bool = True

    def __post_init__(self):
        for name, least in (("batch_size", 1), ("unroll_len", 1), ("seed", 0),
                            ("first_batch", 0), ("num_epochs", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name}: expected at least {least}, got {value}.")


class Batch(NamedTuple):
    """Windows of T actions in B lanes, batch-major; time-major after `dataset.time_major`.

    What follows the end of an episode is padding: dummy values, with step type FIRST. The last
    step of an episode has no action to learn from, so `mask` is False there and in the padding,
    which is where `step_types[t + 1]` is FIRST, as in `environment.specs.Trajectory`.

    Attributes:
        observations: named arrays [B, T + 1, ...].
        step_types: int8 [B, T + 1], a `StepType`; FIRST resets recurrent state.
        actions: named int32 arrays [B, T].
        rewards: float32 [B, T], what came between this step and the next.
        delays: int32 [B, T], game loops until the next step.
        mask: bool [B, T], which actions are to be learned.
        strategy: named arrays [B, ...] of the lane's episode.
        episodes: int32 [B], number of the lane's episode among the files; -1 for none.
    """

    observations: dict[str, Any]
    step_types: Any
    actions: dict[str, Any]
    rewards: Any
    delays: Any
    mask: Any
    strategy: dict[str, Any]
    episodes: Any


class Window(NamedTuple):
    """Where a window begins: the number of the episode, the step in it, and the epoch from 0."""

    episode: int
    start: int
    epoch: int


class Addition(Protocol):
    """What batches hold beyond the arrays of the files.

    Attributes:
        specs: of the batches: those of the files and more.
    """

    specs: spec_text.Specs

    def fill(self, batch: Batch, row: int, window: Window, reader: hkl.EpisodeReader) -> None:
        """Completes a row which holds what the file says.

        Args:
            batch: everything of the file is in its row, the episode's `strategy` too.
            row: of the batch.
            window: what is in the row.
            reader: of the episode.
        """


def plan(lengths: Sequence[int], settings: LaneSettings) -> Iterator[list[Window | None]]:
    """Says which windows are in each batch, B each; None where a lane has run out of episodes.

    Args:
        lengths: steps of each episode; those of one step have no action to learn from.
        settings: see there.
    """
    order = _order(lengths, settings)
    lanes: list[Iterator[Window]] = [iter(()) for _ in range(settings.batch_size)]
    while True:
        windows = []
        for lane in range(settings.batch_size):
            window = next(lanes[lane], None)
            if window is None:
                episode = next(order, None)
                if episode is not None:
                    lanes[lane] = _windows(*episode, lengths[episode[0]], settings.unroll_len)
                    window = next(lanes[lane])
            windows.append(window)
        if not any(windows):
            return
        yield windows


def _windows(episode: int, epoch: int, num_steps: int, unroll_len: int) -> Iterator[Window]:
    for start in range(0, num_steps - 1, unroll_len):
        yield Window(episode, start, epoch)


def _order(lengths: Sequence[int], settings: LaneSettings) -> Iterator[tuple[int, int]]:
    """Yields (episode, epoch)."""
    usable = np.flatnonzero(np.asarray(lengths) > 1)
    if not len(usable):
        raise ValueError(f"None of {len(lengths)} episodes has an action to learn from.")
    epochs = itertools.count() if settings.num_epochs is None else range(settings.num_epochs)
    for epoch in epochs:
        order = usable
        if settings.shuffle:
            order = np.random.default_rng([settings.seed, epoch]).permutation(usable)
        yield from ((episode, epoch) for episode in order.tolist())


class LaneReader:
    """Reads batches. One at a time: HDF5 lets one thread in.

    Attributes:
        damaged: paths of files that turned out to be damaged since the folder was scanned. The rest
            of such an episode is padding.
    """

    def __init__(self, files: Sequence[EpisodeFile], specs: spec_text.Specs,
                 settings: LaneSettings, addition: Addition | None = None):
        """Opens nothing yet.

        Args:
            files: what `folder.scan` found, or part of it.
            specs: of all of them.
            settings: how they become batches.
            addition: what else the batches hold; None is nothing.
        """
        self._files, self._specs, self._settings = tuple(files), specs, settings
        self._addition = addition
        self._batch_specs = addition.specs if addition else specs
        self._damaged: set[int] = set()

    @property
    def damaged(self) -> frozenset[Path]:
        return frozenset(self._files[number].path for number in self._damaged)

    def batches(self) -> Iterator[Batch]:
        """Yields new arrays, from `settings.first_batch` on; each call begins anew."""
        plans = plan([file.num_steps for file in self._files], self._settings)
        with contextlib.ExitStack() as stack:
            lanes = [_Lane(self._settings.unroll_len, self._specs, self._addition)
                     for _ in range(self._settings.batch_size)]
            for lane in lanes:
                stack.callback(lane.close)
            for windows in itertools.islice(plans, self._settings.first_batch, None):
                batch = self._empty()
                for row, (lane, window) in enumerate(zip(lanes, windows, strict=True)):
                    if window is not None and window.episode not in self._damaged:
                        self._fill(batch, row, lane, window)
                yield batch

    def _fill(self, batch: Batch, row: int, lane: "_Lane", window: Window) -> None:
        file = self._files[window.episode]
        try:
            lane.fill(batch, row, file, window)
        except (EpisodeError, OSError) as error:
            logging.getLogger(__name__).warning("Episode left out: %s", error)
            self._damaged.add(window.episode)

    def _empty(self) -> Batch:
        """A batch of padding."""
        size, length = self._settings.batch_size, self._settings.unroll_len
        return Batch(
            observations=self._batch_specs.observation.zeros((size, length + 1)),
            step_types=np.full((size, length + 1), StepType.FIRST, np.int8),
            actions=self._batch_specs.action.zeros((size, length)),
            rewards=np.zeros((size, length), np.float32),
            delays=np.zeros((size, length), np.int32), mask=np.zeros((size, length), np.bool_),
            strategy={name: np.zeros((size, *shape), dtype)
                      for name, (shape, dtype) in strategy.ARRAYS.items()},
            episodes=np.full(size, -1, np.int32))


class _Lane:
    """A row of the batches, with the file that is open in it."""

    def __init__(self, unroll_len: int, specs: spec_text.Specs, addition: Addition | None):
        self._unroll_len, self._specs, self._addition = unroll_len, specs, addition
        self._reader: hkl.EpisodeReader | None = None
        self._strategy: dict[str, np.ndarray] = {}

    def fill(self, batch: Batch, row: int, file: EpisodeFile, window: Window) -> None:
        """Writes a window into its row; nothing if it cannot be read."""
        reader = self._open(file)
        start = window.start
        stop = min(start + self._unroll_len + 1, file.num_steps)
        steps = reader.read(start, stop)
        num_actions = stop - start - 1
        for name, values in steps.observations.items():
            batch.observations[name][row, :stop - start] = values
        for name, values in steps.actions.items():
            batch.actions[name][row, :num_actions] = values[:-1]
        batch.rewards[row, :num_actions] = steps.rewards[:-1]
        batch.delays[row, :num_actions] = steps.delays[:-1]
        batch.mask[row, :num_actions] = True
        step_types = batch.step_types[row, :stop - start]
        step_types[:] = StepType.MID
        if start == 0:
            step_types[0] = StepType.FIRST
        if stop == file.num_steps:
            step_types[-1] = StepType.LAST
        for name, values in self._strategy.items():
            batch.strategy[name][row] = values
        batch.episodes[row] = window.episode
        if self._addition:
            self._addition.fill(batch, row, window, reader)

    def _open(self, file: EpisodeFile) -> hkl.EpisodeReader:
        if self._reader is None or self._reader.path != file.path:
            self.close()
            reader = hkl.EpisodeReader(file.path)
            with contextlib.ExitStack() as stack:
                stack.callback(reader.close)
                if (reader.num_steps != file.num_steps
                        or spec_text.first_difference(reader.specs, self._specs)):
                    raise EpisodeError(file.path, "it was replaced by another episode meanwhile")
                self._strategy = reader.read_strategy().to_dict()
                stack.pop_all()
            self._reader = reader
        return self._reader

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
