"""What an agent sees and what it can do, described without any framework.

An `ObservationSpec` chooses the encoders of a network and an `ActionSpec` chooses its heads, so
the feature-layer interface of StarCraft II, its raw interface and a Gymnasium task are three specs
for one agent. Environments, files, networks and losses all speak in these terms, and every array
is checked against its spec where it enters (`ObservationSpec.validate`, `ActionSpec.validate`).

Shapes: `T` steps, `B` batch, `N` entities, `H W C` a map, `A` choices of one action argument. An
array is [H, W], a point is (x, y); the choice index of a point is `y * W + x`.
"""

import dataclasses
import enum
import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

ACTION_TYPE = "action_type"
"""The key of the first component of every action: which function is called."""

Observation = dict[str, np.ndarray]
Action = dict[str, np.ndarray]


class Kind(enum.Enum):
    """How an array is laid out, and therefore which encoder reads it."""

    PLANES = "planes"  # [H, W, C]: one channel a feature
    ENTITIES = "entities"  # [N, F]: one row an entity, zero rows are padding
    VECTOR = "vector"  # [F]
    MASK = "mask"  # [A] bool: which action types are available


@dataclasses.dataclass(frozen=True)
class Feature:
    """One channel of planes, one column of entities, or one element of a vector.

    Attributes:
        name: what it measures.
        num_categories: values are categories in [0, num_categories); 0 when it is a number.
        scale: a number is divided by this before a network sees it, so that it is about 1.
        log: a number is seen as log(1 + x) (counts that span orders of magnitude); `scale` then
            divides the logarithm.
    """

    name: str
    num_categories: int = 0
    scale: float = 1.0
    log: bool = False


@dataclasses.dataclass(frozen=True)
class ArraySpec:
    """Name, layout and type of one observation array, without batch or time dimensions.

    Attributes:
        name: key in the observation dictionary.
        kind: layout; in ENTITIES the first feature of a real row is never 0.
        shape: [H, W, C], [N, F], [F] or [A] according to `kind`.
        dtype: NumPy dtype name.
        features: one `Feature` for each element of the last axis; empty for MASK.
    """

    name: str
    kind: Kind
    shape: tuple[int, ...]
    dtype: str
    features: tuple[Feature, ...] = ()

    def __post_init__(self):
        if self.kind is not Kind.MASK and len(self.features) != self.shape[-1]:
            raise ValueError(
                f"Array {self.name!r}: {len(self.features)} features for a last axis of "
                f"{self.shape[-1]}."
            )

    def zeros(self, leading: Sequence[int] = ()) -> np.ndarray:
        """A valid dummy value with the given leading dimensions."""
        return np.zeros((*leading, *self.shape), self.dtype)

    def validate(self, value: np.ndarray, leading: Sequence[int] = ()) -> None:
        """Raises ValueError unless `value` has this dtype and shape behind `leading`."""
        expected = (*leading, *self.shape)
        if tuple(value.shape) != expected or value.dtype != np.dtype(self.dtype):
            raise ValueError(
                f"Observation array {self.name!r}: expected {self.dtype} {list(expected)}, got "
                f"{value.dtype} {list(value.shape)}."
            )


def _require_keys(what: str, expected: Sequence[str], given: Mapping[str, Any]) -> None:
    if set(expected) != set(given):
        missing = sorted(set(expected) - set(given))
        extra = sorted(set(given) - set(expected))
        raise ValueError(
            f"{what}: missing {missing or 'nothing'}, unexpected {extra or 'nothing'}.")


@dataclasses.dataclass(frozen=True)
class ObservationSpec:
    """The named arrays of one observation."""

    arrays: tuple[ArraySpec, ...]

    @functools.cached_property
    def by_name(self) -> dict[str, ArraySpec]:
        return {array.name: array for array in self.arrays}

    def of_kind(self, kind: Kind) -> tuple[ArraySpec, ...]:
        return tuple(array for array in self.arrays if array.kind is kind)

    def zeros(self, leading: Sequence[int] = ()) -> Observation:
        """A valid dummy observation; every action type is available in it."""
        observation = {array.name: array.zeros(leading) for array in self.arrays}
        for array in self.of_kind(Kind.MASK):
            observation[array.name][:] = True
        return observation

    def validate(self, observation: Mapping[str, np.ndarray], leading: Sequence[int] = ()) -> None:
        """Raises ValueError naming the first array that does not fit its spec."""
        _require_keys("Observation", list(self.by_name), observation)
        for array in self.arrays:
            array.validate(observation[array.name], leading)

    def to_json(self) -> list[dict[str, Any]]:
        """A description that `json.dumps` takes; equal specs give equal descriptions."""
        return [{**dataclasses.asdict(a), "kind": a.kind.value, "shape": list(a.shape),
                 "features": [dataclasses.asdict(f) for f in a.features]} for a in self.arrays]


@dataclasses.dataclass(frozen=True)
class ArgumentSpec:
    """One argument of an action.

    Attributes:
        name: key in the action dictionary.
        size: number of choices; a choice is an int32 in [0, size).
        plane: (H, W) when a choice is a place on a map, with `size == H * W`; else None.
        points_to: name of the ENTITIES array when a choice is one of its rows; else None.
        sequence: arguments of one sequence name rows of `points_to` one after another, none of them
            twice: choice k > 0 is row k - 1, and 0 ends the sequence, so their size is one more
            than the rows. The arguments behind an end are 0 and mean nothing.
    """

    name: str
    size: int
    plane: tuple[int, int] | None = None
    points_to: str | None = None
    sequence: str | None = None

    def __post_init__(self):
        if self.sequence is not None and self.points_to is None:
            raise ValueError(f"Argument {self.name!r}: a sequence must point to an array.")
        if self.plane is not None and self.plane[0] * self.plane[1] != self.size:
            raise ValueError(
                f"Argument {self.name!r}: plane {self.plane} has not {self.size} cells.")


@dataclasses.dataclass(frozen=True, eq=False)
class ActionSpec:
    """Which action types exist and which arguments each of them takes.

    An action is a dictionary of int32 arrays: `action_type` and one entry for every argument.
    An argument that the action type does not take is 0 and means nothing.

    Attributes:
        action_types: names of the action types, by id.
        arguments: in autoregressive order: each is chosen knowing those before it.
        uses: bool [num_action_types, num_arguments], True where the action type takes the argument.
    """

    action_types: tuple[str, ...]
    arguments: tuple[ArgumentSpec, ...]
    uses: np.ndarray

    def __post_init__(self):
        expected = (len(self.action_types), len(self.arguments))
        if self.uses.shape != expected or self.uses.dtype != np.bool_:
            raise ValueError(f"uses: expected bool {list(expected)}, got {self.uses.dtype} "
                             f"{list(self.uses.shape)}.")

    @property
    def num_action_types(self) -> int:
        return len(self.action_types)

    @functools.cached_property
    def sizes(self) -> dict[str, int]:
        """Number of choices of every component, `action_type` first."""
        return {ACTION_TYPE: self.num_action_types} | {a.name: a.size for a in self.arguments}

    @functools.cached_property
    def used_by(self) -> dict[str, np.ndarray]:
        """Of every component, bool [num_action_types]: the action types that take it."""
        every = np.ones(self.num_action_types, np.bool_)
        return {ACTION_TYPE: every} | {
            a.name: column for a, column in zip(self.arguments, self.uses.T, strict=True)}

    def zeros(self, leading: Sequence[int] = ()) -> Action:
        """A valid dummy action: the first action type with every argument 0."""
        return {name: np.zeros(tuple(leading), np.int32) for name in self.sizes}

    def validate(self, action: Mapping[str, np.ndarray], leading: Sequence[int] = ()) -> None:
        """Raises ValueError naming the first component that does not fit."""
        _require_keys("Action", list(self.sizes), action)
        for name, size in self.sizes.items():
            value = action[name]
            if value.dtype != np.int32 or tuple(value.shape) != tuple(leading):
                raise ValueError(f"Action component {name!r}: expected int32 {list(leading)}, got "
                                 f"{value.dtype} {list(value.shape)}.")
            if value.size and not (0 <= value.min() and value.max() < size):
                raise ValueError(f"Action component {name!r}: values must be in [0, {size}), got "
                                 f"[{value.min()}, {value.max()}].")

    def to_json(self) -> dict[str, Any]:
        """A description that `json.dumps` takes; equal specs give equal descriptions."""
        return {
            "action_types": list(self.action_types),
            "arguments": [_argument_to_json(argument) for argument in self.arguments],
            "uses": [np.flatnonzero(row).tolist() for row in self.uses],
        }


def _argument_to_json(argument: ArgumentSpec) -> dict[str, Any]:
    """What an argument that points to nothing is not, it does not mention."""
    described: dict[str, Any] = {"name": argument.name, "size": argument.size,
                                 "plane": list(argument.plane) if argument.plane else None}
    if argument.points_to is not None:
        described["points_to"] = argument.points_to
    if argument.sequence is not None:
        described["sequence"] = argument.sequence
    return described


class StepType(enum.IntEnum):
    """Where in an episode an observation stands (the values of dm_env)."""

    FIRST = 0
    MID = 1
    LAST = 2


class TimeStep(NamedTuple):
    """What one or many environments return, [...] being () or [B].

    After a LAST step the next action is ignored and the step that answers it is a FIRST one.

    Attributes:
        step_type: int8 [...], a `StepType`.
        reward: float32 [...], earned by the action that led here; 0 at a FIRST step.
        discount: float32 [...], 0 where a terminal state was reached, else 1. An episode cut by its
            time limit ends with step_type LAST and discount 1.
        observation: named arrays [..., *shape].
    """

    step_type: np.ndarray
    reward: np.ndarray
    discount: np.ndarray
    observation: Observation


class Trajectory(NamedTuple):
    """T steps of B environments, time-major: T+1 observations around T actions.

    Index t of `rewards` and `discounts` is what action t earned: it belongs to the step that led
    from observation t to observation t+1. Where `step_types[t + 1]` is FIRST, observation t closed
    an episode, action t was ignored, and step t takes no part in any loss.

    Attributes:
        observations: named arrays [T+1, B, ...].
        step_types: int8 [T+1, B].
        actions: named int32 arrays [T, B].
        rewards: float32 [T, B].
        discounts: float32 [T, B], 0 where action t reached a terminal state.
        behaviour_log_probs: float32 [T, B], log-probability of the whole action when it was taken.
        initial_state: the agent's recurrent state before observation 0, [B, ...].
    """

    observations: Any
    step_types: Any
    actions: Any
    rewards: Any
    discounts: Any
    behaviour_log_probs: Any
    initial_state: Any
