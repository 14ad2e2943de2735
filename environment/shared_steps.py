"""Time steps and actions of many environments in memory that several processes share.

The memory has no name: its first owner hands a file descriptor to the others, and the system frees
it when the last process that has it ends, whichever way that happens. Nothing can leak.
"""

import mmap
import os
import tempfile

import numpy as np

from environment.specs import Action, ActionSpec, ObservationSpec, TimeStep

_ALIGNMENT = 64  # a cache line: two processes never write to the same one


def create_memory() -> int:
    """Makes an empty shared memory without a name; returns its file descriptor."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("environments")
    with tempfile.TemporaryFile() as file:  # unlinked from the start
        return os.dup(file.fileno())


class SharedSteps:
    """The arrays of all environments, laid out one after the other in one shared memory.

    Every process that is given the same specs and numbers sees the same arrays.

    Args:
        memory: file descriptor of the memory; stays the caller's to close.
        observation_spec: what each environment returns.
        action_spec: what each environment takes.
        num_environments: the leading dimension B of all arrays.
        num_workers: how many processes count their progress.

    Attributes:
        step_type: int8 [B].
        reward: float32 [B].
        discount: float32 [B].
        observation: named arrays [B, ...].
        action: named int32 arrays [B].
        progress: int64 [num_workers], how many single starts and steps each worker has finished.
    """

    def __init__(self, memory: int, observation_spec: ObservationSpec, action_spec: ActionSpec,
                 num_environments: int, num_workers: int):
        leading = (num_environments,)
        layout = [(leading, np.int8), (leading, np.float32), (leading, np.float32),
                  ((num_workers,), np.int64)]
        layout += [((*leading, *a.shape), np.dtype(a.dtype)) for a in observation_spec.arrays]
        layout += [(leading, np.int32) for _ in action_spec.sizes]
        starts, size = [], 0
        for shape, dtype in layout:
            starts.append(size)
            num_bytes = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
            size += -(-num_bytes // _ALIGNMENT) * _ALIGNMENT
        if os.fstat(memory).st_size < size:
            os.ftruncate(memory, size)
        buffer = mmap.mmap(memory, size)
        arrays = iter([np.ndarray(shape, dtype, buffer, start)
                       for (shape, dtype), start in zip(layout, starts, strict=True)])
        self.step_type, self.reward, self.discount, self.progress = (
            next(arrays) for _ in range(4))
        self.observation = {a.name: next(arrays) for a in observation_spec.arrays}
        self.action: Action = {name: next(arrays) for name in action_spec.sizes}

    def write(self, index: int, step: TimeStep) -> None:
        """Stores the step of one environment."""
        self.step_type[index] = step.step_type
        self.reward[index] = step.reward
        self.discount[index] = step.discount
        for name, array in self.observation.items():
            array[index] = step.observation[name]

    def read(self, group: slice) -> TimeStep:
        """Copies the steps of some environments, [B_g, ...]."""
        return TimeStep(self.step_type[group].copy(), self.reward[group].copy(),
                        self.discount[group].copy(),
                        {name: array[group].copy() for name, array in self.observation.items()})

    def action_of(self, index: int) -> Action:
        """The action of one environment, int32 [] each; valid until the next one is written."""
        return {name: array[index] for name, array in self.action.items()}
