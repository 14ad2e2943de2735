"""How a player played, in numbers: the strategy statistics z of AlphaStar.

The build order is the first units and structures that the player made, and the cumulative
statistics say of each unit type, upgrade and effect whether it was there at any time. Source:
AlphaStar (Nature 2019), methods, "z".
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from environment import vocabulary
from environment.conditioning import BUILD_ORDER_LENGTH

UNIT_TYPES = vocabulary.UNIT_TYPES.ids
"""Ids of unit types in the order of `cumulative_units`; one more column is "unknown"."""
UPGRADES = vocabulary.UPGRADES.ids
EFFECTS = vocabulary.EFFECTS.ids

UNKNOWN_UNIT_TYPE = max(UNIT_TYPES) + 1
"""What a unit type that pysc2's tables do not know becomes, as in the observations."""


class Made(NamedTuple):
    """One unit or structure of a build order.

    Attributes:
        game_loop: when it was ordered, begun or finished: the same for all of them.
        unit_type: the game's id.
        world_xy: where.
    """

    game_loop: int
    unit_type: int
    world_xy: tuple[float, float]


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Strategy:
    """The strategy of one player in one match.

    Attributes:
        build_order_unit_types: uint16 [20], the game's ids; 0 behind the last one.
        build_order_game_loops: int32 [20].
        build_order_world_xy: float32 [20, 2], in cells of the map.
        cumulative_units: bool [259 + 1], by the index in `UNIT_TYPES`; the last is "unknown".
        cumulative_upgrades: bool [89 + 1], by the index in `UPGRADES`.
        cumulative_effects: bool [12 + 1], by the index in `EFFECTS`.
    """

    build_order_unit_types: np.ndarray
    build_order_game_loops: np.ndarray
    build_order_world_xy: np.ndarray
    cumulative_units: np.ndarray
    cumulative_upgrades: np.ndarray
    cumulative_effects: np.ndarray

    def to_dict(self) -> dict[str, np.ndarray]:
        return {name: getattr(self, name) for name in ARRAYS}

    def validate(self) -> None:
        """Raises ValueError naming the first array that has another shape or type."""
        for name, (shape, dtype) in ARRAYS.items():
            value = getattr(self, name)
            if value.shape != shape or value.dtype != np.dtype(dtype):
                raise ValueError(f"Strategy array {name!r}: expected {dtype} {list(shape)}, got "
                                 f"{value.dtype} {list(value.shape)}.")


ARRAYS: Mapping[str, tuple[tuple[int, ...], str]] = {
    "build_order_unit_types": ((BUILD_ORDER_LENGTH,), "uint16"),
    "build_order_game_loops": ((BUILD_ORDER_LENGTH,), "int32"),
    "build_order_world_xy": ((BUILD_ORDER_LENGTH, 2), "float32"),
    "cumulative_units": ((len(UNIT_TYPES) + 1,), "bool"),
    "cumulative_upgrades": ((len(UPGRADES) + 1,), "bool"),
    "cumulative_effects": ((len(EFFECTS) + 1,), "bool"),
}
"""Shape and type of each array of a strategy."""


def empty() -> Strategy:
    """The strategy of who made nothing."""
    return Strategy(**{name: np.zeros(shape, dtype) for name, (shape, dtype) in ARRAYS.items()})


def summarize(made: Iterable[Made], upgrades: Iterable[int], effects: Iterable[int]) -> Strategy:
    """Makes the statistics of what happened in a match.

    Args:
        made: units and structures that the player made, in any order; those of the same game loop
            stay in the given order. What the player starts with does not belong here.
        upgrades: the game's ids of the player's upgrades.
        effects: the game's ids of the player's effects.

    Returns:
        The build order of the first 20, and everything in the cumulative statistics.
    """
    strategy = empty()
    in_order = sorted(made, key=lambda one: one.game_loop)
    known = set(UNIT_TYPES)
    for row, one in enumerate(in_order[:BUILD_ORDER_LENGTH]):
        strategy.build_order_unit_types[row] = (
            one.unit_type if one.unit_type in known else UNKNOWN_UNIT_TYPE)
        strategy.build_order_game_loops[row] = one.game_loop
        strategy.build_order_world_xy[row] = one.world_xy
    made_types = [one.unit_type for one in in_order]
    strategy.cumulative_units[vocabulary.UNIT_TYPES.columns(made_types)] = True
    strategy.cumulative_upgrades[vocabulary.UPGRADES.columns(upgrades)] = True
    strategy.cumulative_effects[vocabulary.EFFECTS.columns(effects)] = True
    return strategy
