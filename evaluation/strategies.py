"""The strategies that an agent is told to follow in a series of matches: those of a dataset.

AlphaStar was told, at the start of a game, a build order and the units of a human game on the same
map from the same side. So here: each match draws one of the strategies whose place is that from
which the agent starts. Source: Vinyals et al. 2019, Methods, "z".
"""

import math
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data import conditioning as data_conditioning
from data import folder
from environment.conditioning import Conditioning

SAME_SIDE_CELLS = 25.0
"""The median place of the first 20 units and structures is no further than this from the start of
the player who made them."""


def of_dataset(path: str | Path, race: str | None = None) -> tuple[Conditioning, ...]:
    """The strategies of the players of a folder of episode files, by the names of the files.

    Args:
        path: of the folder.
        race: only players of this race; None takes all.

    Raises:
        ValueError: there is no file that can be read, or none of such a player with a build order.
    """
    found = [data_conditioning.of_file(file.path) for file in folder.scan(path).files
             if race in (None, file.metadata.race)]
    found = [one for one in found if one.build_order]
    if not found:
        raise ValueError(f"{path} holds no build order of a {race or ''} player to follow.")
    return tuple(found)


def choose(strategies: Sequence[Conditioning], start_xy: tuple[float, float], seed: int
           ) -> int | None:
    """The number of the strategy for a match; None if none was played from this side.

    Args:
        strategies: with build orders.
        start_xy: where the agent starts, in cells.
        seed: of the match; the same seed, the same choice.
    """
    near = [number for number, one in enumerate(strategies)
            if math.dist(_place(one), start_xy) <= SAME_SIDE_CELLS]
    if not near:
        return None
    return near[int(np.random.default_rng((seed, len(near))).integers(len(near)))]


def _place(strategy: Conditioning) -> tuple[float, float]:
    return (statistics.median(built.x for built in strategy.build_order),
            statistics.median(built.y for built in strategy.build_order))
