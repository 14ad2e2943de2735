"""In which order the parts of an action are chosen, and which of them are chosen together.

An argument must know what was chosen before it only when some action type takes both: two
arguments that never occur together cannot tell each other anything. So the arguments fall into a
few stages (3 for the 13 arguments of StarCraft II's feature layers), and within a stage the heads
are computed together, those of similar size as one padded tensor. The policy is exactly
autoregressive; it only does not wait where nothing is to be waited for. The arguments of one
sequence are one member of a stage: what comes one after another within it is its head's affair.
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
        points_to: the entities array whose rows are the choices; None for others.
        is_sequence: whether the arguments are the slots of one sequence.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    plane: tuple[int, int] | None = None
    source: str | None = None
    points_to: str | None = None
    is_sequence: bool = False

    @property
    def is_flat(self) -> bool:
        """Whether a choice is neither a place nor a row."""
        return self.plane is None and self.points_to is None

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


def members_of_stages(arguments: Sequence[specs.ArgumentSpec]) -> list[list[int]]:
    """Indices of arguments that belong together: those of a sequence, and every other one alone.

    Raises:
        ValueError: another argument stands between those of a sequence.
    """
    members: list[list[int]] = []
    of_sequence: dict[str, list[int]] = {}
    for index, argument in enumerate(arguments):
        if argument.sequence in of_sequence:
            of_sequence[argument.sequence].append(index)
            continue
        members.append([index])
        if argument.sequence is not None:
            of_sequence[argument.sequence] = members[-1]
    for name, indices in of_sequence.items():
        if indices[-1] - indices[0] + 1 != len(indices):
            raise ValueError(f"Sequence {name!r}: expected its arguments side by side, got "
                             f"{arguments[indices[0]].name!r} to {arguments[indices[-1]].name!r} "
                             "with others in between.")
    return members


def stage_of_arguments(uses: np.ndarray) -> list[int]:
    """The earliest stage of each argument: one later than all it must know.

    Args:
        uses: bool [num_action_types, num_arguments], a sequence being one argument.
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


def _group(members: Sequence[Sequence[specs.ArgumentSpec]],
           planes: Sequence[specs.ArraySpec]) -> tuple[Group, ...]:
    sequences = [arguments for arguments in members if arguments[0].sequence is not None]
    single = [arguments[0] for arguments in members if arguments[0].sequence is None]
    groups: list[list[specs.ArgumentSpec]] = []
    flat = sorted((a for a in single if a.plane is None and a.points_to is None),
                  key=lambda a: -a.size)
    for argument in flat:
        largest = groups[-1][0].size if groups else 0
        if groups and (largest <= _ALWAYS_GROUPED_SIZE or 2 * argument.size >= largest):
            groups[-1].append(argument)
        else:
            groups.append([argument])
    result = [_make(g) for g in groups]
    others: dict[tuple, list[specs.ArgumentSpec]] = {}
    for argument in single:
        if argument.plane is not None:
            key = (tuple(argument.plane), _source(argument, planes), None)
            others.setdefault(key, []).append(argument)
        elif argument.points_to is not None:
            others.setdefault((None, None, argument.points_to), []).append(argument)
    result += [_make(g, *key) for key, g in others.items()]
    result += [_make(g, None, None, g[0].points_to, True) for g in sequences]
    return tuple(result)


def _make(arguments: Sequence[specs.ArgumentSpec], *where) -> Group:
    return Group(tuple(a.name for a in arguments), tuple(a.size for a in arguments), *where)


def _check_pointers(arguments: Sequence[specs.ArgumentSpec],
                    entities: Sequence[specs.ArraySpec]) -> None:
    rows = {array.name: array.shape[0] for array in entities}
    for argument in arguments:
        if argument.points_to is None:
            continue
        if argument.points_to not in rows:
            raise ValueError(f"Argument {argument.name!r} points to {argument.points_to!r}; the "
                             f"entities observed are {', '.join(rows) or 'none'}.")
        expected = rows[argument.points_to] + (argument.sequence is not None)
        if argument.size != expected:
            raise ValueError(f"Argument {argument.name!r}: expected {expected} choices for the "
                             f"{rows[argument.points_to]} rows of {argument.points_to!r}, got "
                             f"{argument.size}.")


def plan(action_spec: specs.ActionSpec, planes: Sequence[specs.ArraySpec],
         entities: Sequence[specs.ArraySpec], autoregressive: bool
         ) -> tuple[tuple[Group, ...], ...]:
    """Stages of groups of all arguments; the action type is chosen before all of them.

    Args:
        action_spec: whose arguments are planned.
        planes: observation arrays of kind PLANES.
        entities: observation arrays of kind ENTITIES.
        autoregressive: False puts every argument into one stage.

    Raises:
        ValueError: an argument points to what is not observed, or to another number of rows.
    """
    arguments = action_spec.arguments
    _check_pointers(arguments, entities)
    members = members_of_stages(arguments)
    uses = np.stack([action_spec.uses[:, indices].any(axis=1) for indices in members], axis=1) \
        if members else action_spec.uses
    stages = stage_of_arguments(uses) if autoregressive else [0] * len(members)
    return tuple(
        _group([[arguments[i] for i in indices]
                for indices, s in zip(members, stages, strict=True) if s == stage], planes)
        for stage in range(max(stages, default=-1) + 1))
