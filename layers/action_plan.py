"""In which order the parts of an action are chosen, and which of them are chosen together.

An argument must know what was chosen before it only when some action type takes both: two
arguments that never occur together cannot tell each other anything. So the arguments fall into a
few stages (3 for the 13 arguments of StarCraft II's feature layers), and within a stage the heads
are computed together, those of similar size as one padded tensor. The policy is exactly
autoregressive; it only does not wait where nothing is to be waited for.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from environment import specs

_ALWAYS_GROUPED_SIZE = 32


class Group(NamedTuple):
    """Arguments whose logits are one tensor [B, G, A].

    Attributes:
        names: of the G arguments.
        sizes: their numbers of choices.
        plane: (H, W) when the choices are places.
        source: the planes array whose map they are places on; None without maps.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    plane: tuple[int, int] | None = None
    source: str | None = None

    @property
    def width(self) -> int:
        """A: the largest number of choices."""
        return max(self.sizes)

    @property
    def choice_mask(self) -> np.ndarray | None:
        """bool [G, A], False where padding stands; None when there is no padding."""
        if min(self.sizes) == self.width:
            return None
        return np.arange(self.width) < np.array(self.sizes)[:, np.newaxis]


def stage_of_arguments(uses: np.ndarray) -> list[int]:
    """The earliest stage of each argument: one later than all it must know.

    Args:
        uses: bool [num_action_types, num_arguments].
    """
    stages = []
    for later in range(uses.shape[1]):
        before = [stages[earlier] for earlier in range(later)
                  if np.any(uses[:, earlier] & uses[:, later])]
        stages.append(max(before, default=-1) + 1)
    return stages


def _source(argument: specs.ArgumentSpec, planes: Sequence[specs.ArraySpec]) -> str | None:
    """The map of an argument: that of its name ("screen2" on "screen"), of its size, or any."""
    for array in planes:
        if argument.name.startswith(array.name):
            return array.name
    for array in planes:
        if array.shape[:2] == tuple(argument.plane):
            return array.name
    return planes[0].name if planes else None


def _group(arguments: Sequence[specs.ArgumentSpec],
           planes: Sequence[specs.ArraySpec]) -> tuple[Group, ...]:
    groups: list[list[specs.ArgumentSpec]] = []
    flat = sorted((a for a in arguments if a.plane is None), key=lambda a: -a.size)
    for argument in flat:
        largest = groups[-1][0].size if groups else 0
        if groups and (largest <= _ALWAYS_GROUPED_SIZE or 2 * argument.size >= largest):
            groups[-1].append(argument)
        else:
            groups.append([argument])
    result = [Group(tuple(a.name for a in g), tuple(a.size for a in g)) for g in groups]
    places: dict[tuple, list[specs.ArgumentSpec]] = {}
    for argument in arguments:
        if argument.plane is not None:
            key = (tuple(argument.plane), _source(argument, planes))
            places.setdefault(key, []).append(argument)
    for (plane, source), members in places.items():
        result.append(Group(tuple(a.name for a in members), tuple(a.size for a in members),
                            plane, source))
    return tuple(result)


def plan(action_spec: specs.ActionSpec, planes: Sequence[specs.ArraySpec],
         autoregressive: bool) -> tuple[tuple[Group, ...], ...]:
    """Stages of groups of all arguments; the action type is chosen before all of them.

    Args:
        action_spec: whose arguments are planned.
        planes: observation arrays of kind PLANES.
        autoregressive: False puts every argument into one stage.
    """
    arguments = action_spec.arguments
    stages = stage_of_arguments(action_spec.uses) if autoregressive else [0] * len(arguments)
    return tuple(
        _group([a for a, s in zip(arguments, stages, strict=True) if s == stage], planes)
        for stage in range(max(stages, default=-1) + 1))
