"""What an agent is told of a whole match: races, rating, and the strategy z that it should follow.

Each is an ordinary observation array that stays the same throughout an episode. When an agent
learns from replays, they come from the replay; when it plays, whoever lets it play chooses them.
What is not known differs from what is known to be nothing: a build order that is not known has no
rows, one without units has a row that says "end".

Source: Vinyals et al. 2019, Methods and supplementary architecture description ("z", "MMR",
"races"): the build order is 20 units and structures with their places, the cumulative statistics
are three sets of flags, and the rating is the category floor(min(MMR / 1000, 6)).
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from environment import vocabulary
from environment.specs import ArraySpec, Feature, Kind, Observation

BUILD_ORDER_LENGTH = 20
RACES = ("terran", "zerg", "protoss")
"""By category from 1 on; 0 is "not known"."""

_TOP_MMR_CATEGORY = 6
_UNIT_TYPES = max(vocabulary.UNIT_TYPES.ids) + 2  # "unknown" is the last one
_END = _UNIT_TYPES
_MAP_CELLS = 128
_LARGEST_PLACE = np.iinfo(np.uint16).max


class Built(NamedTuple):
    """A unit or structure of a build order: the game's type, and its place in cells of the map."""

    unit_type: int
    x: float
    y: float


class Cumulative(NamedTuple):
    """What a player had at any time of a match, as ids of the game.

    Attributes:
        units: types of units and structures.
        upgrades: researched.
        effects: such as scanner sweeps.
    """

    units: tuple[int, ...] = ()
    upgrades: tuple[int, ...] = ()
    effects: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Conditioning:
    """What an agent is told of a match. None is "not known".

    Attributes:
        race: of the player, one of `RACES`.
        opponent_race: of the other player.
        mmr: rating of the player.
        build_order: the first units and structures to make; those behind the 20th do not count.
        cumulative: what to have at any time of the match.
    """

    race: str | None = None
    opponent_race: str | None = None
    mmr: int | None = None
    build_order: tuple[Built, ...] | None = None
    cumulative: Cumulative | None = None

    def __post_init__(self):
        for name in ("race", "opponent_race"):
            if getattr(self, name) not in (None, *RACES):
                raise ValueError(f"Conditioning {name}: expected one of {', '.join(RACES)} or "
                                 f"None; got {getattr(self, name)!r}.")


def _category(name: str, num_categories: int) -> Feature:
    return Feature(name, num_categories=num_categories)


def _flags(name: str, names: Iterable[str]) -> ArraySpec:
    columns = tuple(_category(flag, 2) for flag in ("known", *names))
    return ArraySpec(name, Kind.VECTOR, (len(columns),), "uint8", columns)


_BUILD_ORDER = (
    _category("unit_type", _UNIT_TYPES + 1),  # and "end"
    _category("position", BUILD_ORDER_LENGTH + 1),
    # Not called x and y: these would be places on the arrays of maps.
    Feature("world_x", scale=_MAP_CELLS), Feature("world_y", scale=_MAP_CELLS))

ARRAYS = {array.name: array for array in (
    ArraySpec("races", Kind.VECTOR, (2,), "uint8", (
        _category("race", len(RACES) + 1), _category("opponent_race", len(RACES) + 1))),
    ArraySpec("mmr", Kind.VECTOR, (1,), "uint8", (_category("mmr", _TOP_MMR_CATEGORY + 2),)),
    ArraySpec("build_order", Kind.ENTITIES, (BUILD_ORDER_LENGTH, len(_BUILD_ORDER)), "uint16",
              _BUILD_ORDER),
    _flags("cumulative_units", vocabulary.UNIT_TYPES.names("unit")),
    _flags("cumulative_upgrades", vocabulary.UPGRADES.names("upgrade")),
    _flags("cumulative_effects", vocabulary.EFFECTS.names("effect")))}
"""The arrays, by name, in the order in which specs have them."""


def encode(told: Conditioning) -> Observation:
    """Makes every array of `ARRAYS`."""
    observation = {name: array.zeros() for name, array in ARRAYS.items()}
    observation["races"][:] = [_race(told.race), _race(told.opponent_race)]
    observation["mmr"][0] = mmr_category(told.mmr)
    if told.build_order is not None:
        _fill_build_order(observation["build_order"], told.build_order)
    if told.cumulative is not None:
        for name, table, ids in (
                ("cumulative_units", vocabulary.UNIT_TYPES, told.cumulative.units),
                ("cumulative_upgrades", vocabulary.UPGRADES, told.cumulative.upgrades),
                ("cumulative_effects", vocabulary.EFFECTS, told.cumulative.effects)):
            observation[name][0] = 1
            observation[name][1 + table.columns(ids)] = 1
    return observation


def _race(race: str | None) -> int:
    return 0 if race is None else RACES.index(race) + 1


def mmr_category(mmr: int | None) -> int:
    """floor(min(mmr / 1000, 6)) + 1, and 0 for "not known"."""
    return 0 if mmr is None else min(max(mmr, 0) // 1000, _TOP_MMR_CATEGORY) + 1


def _fill_build_order(rows: np.ndarray, build_order: Sequence[Built]) -> None:
    built = build_order[:BUILD_ORDER_LENGTH]
    known = set(vocabulary.UNIT_TYPES.ids)
    for number, (unit_type, *place) in enumerate(built):
        rows[number] = (unit_type if unit_type in known else _UNIT_TYPES - 1, number + 1,
                        *(min(max(round(cell), 0), _LARGEST_PLACE) for cell in place))
    if len(built) < BUILD_ORDER_LENGTH:
        rows[len(built), :2] = _END, len(built) + 1
