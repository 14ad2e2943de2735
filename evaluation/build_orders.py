"""How far a build order is from those of a dataset: an edit distance.

Inserting or leaving out a unit costs 1, and so does another unit in its place. The same unit at
another place costs 0.8 min(1, (d / 6)^2), d being the distance in cells. Source: AlphaStar (Nature
2019), supplementary data, "Build order", which says "squared distance rescaled to [0, 0.8]" beyond
a scale that we take as 6 cells, twice the width of a Gateway.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data import folder, hkl, strategy
from environment.conditioning import Conditioning
from evaluation import match_records

_LARGEST_COST_OF_PLACE = 0.8
_SCALE_CELLS = 6.0
_MAX_COMPARED = 100  # of a dataset's own build orders among each other


@dataclasses.dataclass(frozen=True, eq=False)
class BuildOrders:
    """R build orders of up to N units; what is behind the end of one has the type 0.

    Attributes:
        unit_types: int64 [R, N], ids of the game.
        world_xy: float64 [R, N, 2], in cells.
    """

    unit_types: np.ndarray
    world_xy: np.ndarray

    def __len__(self) -> int:
        return len(self.unit_types)

    def take(self, rows: np.ndarray) -> "BuildOrders":
        """Those of some rows."""
        return BuildOrders(self.unit_types[rows], self.world_xy[rows])


def of_dataset(path: str | Path, race: str | None = None) -> BuildOrders:
    """The build orders of the players of a folder of episode files.

    Args:
        path: of the folder.
        race: only players of this race; None takes all.

    Raises:
        ValueError: there is no file that can be read, or none of such a player.
    """
    found = []
    for file in folder.scan(path).files:
        if race in (None, file.metadata.race):
            with hkl.EpisodeReader(file.path) as reader:
                found.append(reader.read_strategy())
    if not found:
        raise ValueError(f"{path} holds no episode of a {race} player to compare with.")
    return BuildOrders(np.stack([one.build_order_unit_types for one in found]).astype(np.int64),
                       np.stack([one.build_order_world_xy for one in found]).astype(np.float64))


def of_matches(records: Sequence[match_records.MatchRecord]) -> BuildOrders:
    """The build orders that an agent played, in the order of the matches."""
    shape = (len(records), strategy.BUILD_ORDER_LENGTH)
    orders = BuildOrders(np.zeros(shape, np.int64), np.zeros((*shape, 2)))
    known = set(strategy.UNIT_TYPES)
    for row, record in enumerate(records):
        for column, (_, unit_type, *world_xy) in enumerate(record.made):
            orders.unit_types[row, column] = (
                unit_type if unit_type in known else strategy.UNKNOWN_UNIT_TYPE)
            orders.world_xy[row, column] = world_xy
    return orders


def of_strategies(strategies: Sequence[Conditioning]) -> BuildOrders:
    """The build orders that agents were told."""
    shape = (len(strategies), strategy.BUILD_ORDER_LENGTH)
    orders = BuildOrders(np.zeros(shape, np.int64), np.zeros((*shape, 2)))
    for row, one in enumerate(strategies):
        for column, built in enumerate((one.build_order or ())[:strategy.BUILD_ORDER_LENGTH]):
            orders.unit_types[row, column] = built.unit_type
            orders.world_xy[row, column] = built.x, built.y
    return orders


def distances(one: BuildOrders, references: BuildOrders, with_places: bool) -> np.ndarray:
    """The edit distance of one build order to each of R others.

    With c(i, j) the cost of unit j of the reference in the place of unit i, the distance D(i, j)
    of the first i units to the first j is min(D(i-1, j) + 1, D(i, j-1) + 1, D(i-1, j-1) + c(i, j)).

    Args:
        one: a single build order.
        references: R of them.
        with_places: whether the places count; else only the types and their order do.

    Returns:
        float64 [R].
    """
    types, places = one.unit_types[0], one.world_xy[0]
    num_own = int(np.count_nonzero(types))
    num_references, width = references.unit_types.shape
    table = np.zeros((num_own + 1, width + 1, num_references))
    table[:, 0] = np.arange(num_own + 1)[:, None]
    table[0] = np.arange(width + 1)[:, None]
    for i in range(num_own):
        cost = np.ones((num_references, width))
        is_same = references.unit_types == types[i]
        cost[is_same] = 0
        if with_places:
            squared = ((references.world_xy - places[i])**2).sum(-1) / _SCALE_CELLS**2
            cost[is_same] = _LARGEST_COST_OF_PLACE * np.minimum(1, squared[is_same])
        for j in range(width):
            table[i + 1, j + 1] = np.minimum(
                np.minimum(table[i, j + 1], table[i + 1, j]) + 1, table[i, j] + cost[:, j])
    lengths = np.count_nonzero(references.unit_types, axis=1)
    return table[num_own, lengths, np.arange(num_references)]


def nearest(orders: BuildOrders, references: BuildOrders, with_places: bool) -> np.ndarray:
    """Of each build order the distance to the nearest of the references, float64 [R]."""
    return np.array([distances(orders.take(np.array([row])), references, with_places).min()
                     for row in range(len(orders))])


def apart(references: BuildOrders, with_places: bool) -> float | None:
    """How far the build orders of a dataset are from the nearest other one, on average.

    It is what an agent that plays like them can be expected to reach. At most 100 of them, evenly
    spread, are compared with all others. None for fewer than two.
    """
    if len(references) < 2:
        return None
    rows = np.unique(np.linspace(0, len(references) - 1, _MAX_COMPARED).astype(int))
    found = []
    for row in rows:
        to_all = distances(references.take(np.array([row])), references, with_places)
        to_all[row] = np.inf
        found.append(to_all.min())
    return float(np.mean(found))
