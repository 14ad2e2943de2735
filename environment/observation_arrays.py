"""The named arrays that can be made of one pysc2 observation: a spec and an encoder for each.

What values mean, how far they reach and which are categories is taken from pysc2's own tables
(`pysc2.lib.features`, `pysc2.lib.static_data`, `pysc2.lib.actions`). A category that these tables
do not know (a unit type of a newer game) becomes the last category, "unknown", which every open
list of ids has for it; a number that is too large for its array becomes the largest that fits.

Units, queue entries and control groups are rows (`Kind.ENTITIES`): real rows first, then rows of
zeros. What does not fit into the given number of rows is left out, see each array for its order.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from environment import pysc2_compat, vocabulary
from environment.specs import ArraySpec, Feature, Kind

pysc2_compat.install()

from pysc2.lib import actions, features, static_data

Pysc2Observation = Mapping[str, np.ndarray]

_UNIT_TYPES = max(static_data.UNIT_TYPES) + 2  # and "unknown"
_BUFFS = max(static_data.BUFFS) + 2
_ABILITIES = max(static_data.ABILITIES) + 2
_PLAYERS = 17  # 0 nobody, 1-15 players, 16 neutral
_LARGEST_COUNT = np.iinfo(np.uint16).max


class ArrayEncoder(NamedTuple):
    """One array of the observation.

    Attributes:
        spec: what `encode` returns.
        encode: a pysc2 observation to a new array of this spec.
    """

    spec: ArraySpec
    encode: Callable[[Pysc2Observation], np.ndarray]


def _category(name: str, num_categories: int) -> Feature:
    return Feature(name, num_categories=num_categories)


def _flag(name: str) -> Feature:
    return Feature(name, num_categories=2)


def _number(name: str, largest: float) -> Feature:
    return Feature(name, scale=float(largest))


def _count(name: str, largest: float) -> Feature:
    """A number that is usually far smaller than `largest`, seen through a logarithm."""
    return Feature(name, scale=math.log1p(largest), log=True)


def _limits(columns: Sequence[Feature], largest_number: int) -> np.ndarray:
    """The largest value of each column, int32 [F]."""
    return np.array([column.num_categories - 1 if column.num_categories else largest_number
                     for column in columns], np.int32)


# --- planes -----------------------------------------------------------------------------------

def _layer_feature(layer: features.Feature) -> Feature:
    if layer.type is features.FeatureType.CATEGORICAL:
        # The layers of unit types and buffs are as open as the lists of their ids.
        open_list = layer.name in ("unit_type", "buffs")
        return _category(layer.name, layer.scale + open_list)
    if layer.clip:  # hit points, energy, shields, density: orders of magnitude
        return _count(layer.name, layer.scale - 1)
    return _number(layer.name, layer.scale)


def _planes(name: str, key: str, table: tuple[features.Feature, ...], size: tuple[int, int],
            layers: Sequence[str]) -> ArrayEncoder:
    """Feature layers of pysc2, int32 [all layers, H, W], to planes [H, W, C] of the chosen ones."""
    by_name = {layer.name: layer for layer in table}
    unknown = [layer for layer in layers if layer not in by_name]
    if unknown or not layers or len(set(layers)) != len(layers):
        raise ValueError(f"{name} layers: expected one or more different names of "
                         f"{', '.join(by_name)}; got {', '.join(layers) or 'none'}.")
    chosen = [by_name[layer] for layer in layers]
    columns = tuple(_layer_feature(layer) for layer in chosen)
    # 8-bit layers stay 8-bit; one layer that reaches higher (ids, hit points) widens the array.
    dtype = np.uint8 if all(layer.scale <= 256 for layer in chosen) else np.uint16
    shape = (*size, len(chosen))
    limits = _limits(columns, np.iinfo(dtype).max)[:, None, None]
    indices = np.array([layer.index for layer in chosen])
    spec = ArraySpec(name, Kind.PLANES, shape, np.dtype(dtype).name, columns)

    def encode(observation: Pysc2Observation) -> np.ndarray:
        planes = np.asarray(observation[key])[indices]
        np.minimum(planes, limits, out=planes)
        out = np.empty(shape, dtype)
        out[...] = planes.astype(dtype).transpose(1, 2, 0)
        return out

    return ArrayEncoder(spec, encode)


def screen(size: tuple[int, int], layers: Sequence[str]) -> ArrayEncoder:
    """Screen feature layers, uint8 or uint16 [H, W, C]; `size` is (H, W)."""
    return _planes("screen", "feature_screen", features.SCREEN_FEATURES, size, layers)


def minimap(size: tuple[int, int], layers: Sequence[str]) -> ArrayEncoder:
    """Minimap feature layers, uint8 or uint16 [H, W, C]; `size` is (H, W)."""
    return _planes("minimap", "feature_minimap", features.MINIMAP_FEATURES, size, layers)


# --- vectors ----------------------------------------------------------------------------------

_PLAYER = (
    _category("player_id", _PLAYERS), _count("minerals", 1000), _count("vespene", 1000),
    _number("food_used", 200), _number("food_cap", 200), _number("food_army", 200),
    _number("food_workers", 200), _count("idle_worker_count", 100), _count("army_count", 100),
    _count("warp_gate_count", 100), _count("larva_count", 100),
)


def player() -> ArrayEncoder:
    """The player's resources and counts, int32 [11], in the order of pysc2's `Player`."""
    spec = ArraySpec("player", Kind.VECTOR, (len(_PLAYER),), "int32", _PLAYER)
    return ArrayEncoder(spec, lambda observation: np.array(observation["player"], np.int32))


def _score_features() -> tuple[Feature, ...]:
    cumulative = [_count(item.name, 10_000) for item in features.ScoreCumulative]
    # The first one is the map's own score, which may fall below 0: no logarithm.
    cumulative[features.ScoreCumulative.score] = _number("score", 1000)
    by_category = [_count(f"{row.name}_{column.name}", 10_000)
                   for row in features.ScoreByCategory for column in features.ScoreCategories]
    by_vital = [_count(f"{row.name}_{column.name}", 10_000)
                for row in features.ScoreByVital for column in features.ScoreVitals]
    return (*cumulative, *by_category, *by_vital)


def score() -> ArrayEncoder:
    """Cumulative score, score by category and by vital, int32 [13 + 11 * 5 + 3 * 3]."""
    columns = _score_features()
    spec = ArraySpec("score", Kind.VECTOR, (len(columns),), "int32", columns)

    def encode(observation: Pysc2Observation) -> np.ndarray:
        return np.concatenate([np.asarray(observation[key], np.int32).ravel() for key in (
            "score_cumulative", "score_by_category", "score_by_vital")])

    return ArrayEncoder(spec, encode)


def game_loop() -> ArrayEncoder:
    """Game loops since the episode began, int32 [1]."""
    spec = ArraySpec("game_loop", Kind.VECTOR, (1,), "int32", (_number("game_loop", 10_000),))
    return ArrayEncoder(spec, lambda observation: np.array(observation["game_loop"], np.int32))


def upgrades() -> ArrayEncoder:
    """Which upgrades the player has, uint8 [90] by the columns of `vocabulary.UPGRADES`."""
    table = vocabulary.UPGRADES
    columns = tuple(_flag(name) for name in table.names("upgrade"))
    spec = ArraySpec("upgrades", Kind.VECTOR, (table.size,), "uint8", columns)

    def encode(observation: Pysc2Observation) -> np.ndarray:
        out = np.zeros(table.size, np.uint8)
        out[table.columns(observation["upgrades"])] = 1
        return out

    return ArrayEncoder(spec, encode)


def unit_counts() -> ArrayEncoder:
    """Own units of each type, wherever they are, uint16 [260] by `vocabulary.UNIT_TYPES`."""
    table = vocabulary.UNIT_TYPES
    columns = tuple(_count(name, 100) for name in table.names("unit"))
    spec = ArraySpec("unit_counts", Kind.VECTOR, (table.size,), "uint16", columns)

    def encode(observation: Pysc2Observation) -> np.ndarray:
        out = np.zeros(table.size, np.uint16)
        counts = np.asarray(observation["unit_counts"]).reshape(-1, 2)  # pysc2 gives [0] for none
        np.add.at(out, table.columns(counts[:, 0]), np.minimum(counts[:, 1], _LARGEST_COUNT))
        return out

    return ArrayEncoder(spec, encode)


def last_actions(num_actions: int) -> ArrayEncoder:
    """Function id + 1 of the latest actions, the newest first, uint16 [num_actions]; 0 is none."""
    columns = tuple(_category(f"last_action_{i}", len(actions.FUNCTIONS) + 1)
                    for i in range(num_actions))
    spec = ArraySpec("last_actions", Kind.VECTOR, (num_actions,), "uint16", columns)

    def encode(observation: Pysc2Observation) -> np.ndarray:
        latest = observation["last_actions"][::-1][:num_actions]
        out = np.zeros(num_actions, np.uint16)
        out[:len(latest)] = latest + 1
        return out

    return ArrayEncoder(spec, encode)


def available_actions() -> ArrayEncoder:
    """Which functions can be called now, bool [573]."""
    num_functions = len(actions.FUNCTIONS)
    spec = ArraySpec("available_actions", Kind.MASK, (num_functions,), "bool")

    def encode(observation: Pysc2Observation) -> np.ndarray:
        out = np.zeros(num_functions, np.bool_)
        out[observation["available_actions"]] = True
        return out

    return ArrayEncoder(spec, encode)


# --- entities ---------------------------------------------------------------------------------

def _entities(name: str, num_rows: int, columns: tuple[Feature, ...],
              rows: Callable[[Pysc2Observation], np.ndarray],
              limits: np.ndarray | None = None) -> ArrayEncoder:
    """Rows of a list, as many as fit, uint16 [num_rows, F]; `rows` gives int [any number, F]."""
    if num_rows < 1:
        raise ValueError(f"{name}: expected room for at least one row, got {num_rows}.")
    spec = ArraySpec(name, Kind.ENTITIES, (num_rows, len(columns)), "uint16", columns)
    if limits is None:
        limits = _limits(columns, _LARGEST_COUNT)

    def encode(observation: Pysc2Observation) -> np.ndarray:
        out = np.zeros(spec.shape, np.uint16)
        values = rows(observation)[:num_rows]
        if len(values):
            out[:len(values)] = np.minimum(np.maximum(values, 0), limits)
        return out

    return ArrayEncoder(spec, encode)


_UI_UNIT = (
    _category("unit_type", _UNIT_TYPES), _category("player_relative", 5), _count("health", 1600),
    _count("shields", 1000), _count("energy", 1000), _number("transport_slots_taken", 8),
    _number("build_progress", 100),
)


def ui_units(name: str, num_rows: int) -> ArrayEncoder:
    """A list of units that the user interface shows, uint16 [num_rows, 7], in the panel's order.

    Args:
        name: single_select, multi_select, build_queue or cargo.
        num_rows: units beyond these are left out.
    """
    return _entities(name, num_rows, _UI_UNIT, lambda observation: np.asarray(observation[name]))


_PRODUCTION = (_category("ability_id", _ABILITIES), _number("build_progress", 100))


def production_queue(num_rows: int) -> ArrayEncoder:
    """What the selected building makes, next first, uint16 [num_rows, 2]."""
    return _entities("production_queue", num_rows, _PRODUCTION,
                     lambda observation: np.asarray(observation["production_queue"]))


_NUM_GROUPS = 10
_GROUP = (_category("leader_unit_type", _UNIT_TYPES), _count("count", 200),
          _category("control_group_id", _NUM_GROUPS))


def control_groups() -> ArrayEncoder:
    """The control groups that hold units, by their number, uint16 [10, 3]."""
    numbers = np.arange(_NUM_GROUPS)[:, None]

    def rows(observation: Pysc2Observation) -> np.ndarray:
        groups = np.concatenate([observation["control_groups"], numbers], axis=1)  # [10, 3]
        return groups[groups[:, 0] > 0]

    return _entities("control_groups", _NUM_GROUPS, _GROUP, rows)


def _feature_unit_columns(size: tuple[int, int]) -> dict[features.FeatureUnit, Feature]:
    """The columns of feature_units that hold something on the screen, by pysc2's index."""
    height, width = size
    orders = len(actions.RAW_FUNCTIONS)  # pysc2 names orders by the ids of its raw functions
    columns = (
        _category("unit_type", _UNIT_TYPES), _category("alliance", 5), _count("health", 1600),
        _count("shield", 1000), _count("energy", 1000), _number("cargo_space_taken", 8),
        _number("build_progress", 100), _number("health_ratio", 255), _number("shield_ratio", 255),
        _number("energy_ratio", 255), _category("display_type", 5), _category("owner", _PLAYERS),
        _number("x", width), _number("y", height), _number("facing", 2 * math.pi),
        _number("radius", width), _category("cloak", 5), _flag("is_selected"), _flag("is_blip"),
        _flag("is_powered"), _count("mineral_contents", 1800), _count("vespene_contents", 2250),
        _number("cargo_space_max", 8), _number("assigned_harvesters", 16),
        _number("ideal_harvesters", 16), _count("weapon_cooldown", 100), _number("order_length", 8),
        _category("order_id_0", orders), _category("order_id_1", orders), _flag("hallucination"),
        _category("buff_id_0", _BUFFS), _category("buff_id_1", _BUFFS),
        _category("addon_unit_type", _UNIT_TYPES), _flag("active"),
        _number("order_progress_0", 100), _number("order_progress_1", 100),
        _category("order_id_2", orders), _category("order_id_3", orders),
        _count("buff_duration_remain", 1000), _count("buff_duration_max", 1000),
        _number("attack_upgrade_level", 3), _number("armor_upgrade_level", 3),
        _number("shield_upgrade_level", 3),
    )
    return {features.FeatureUnit[column.name]: column for column in columns}


def feature_units(size: tuple[int, int], num_rows: int, without: Collection[str] = ()
                  ) -> ArrayEncoder:
    """The units on the screen, uint16 [num_rows, 43].

    Own units come first, then enemies, allies and neutral ones; among each, the game's order. So
    what is left out where there are more units than rows is what matters least. `x` and `y` are
    screen pixels inside the screen: a unit whose centre is beyond the edge is put on it.

    Args:
        size: (H, W) of the screen.
        num_rows: units beyond these are left out.
        without: names of columns that are left out.
    """
    by_index = {index: column for index, column in _feature_unit_columns(size).items()
                if column.name not in without}
    columns, indices = tuple(by_index.values()), np.array(list(by_index))
    limits = _limits(columns, _LARGEST_COUNT)
    limits[indices == features.FeatureUnit.x] = size[1] - 1
    limits[indices == features.FeatureUnit.y] = size[0] - 1
    rank = np.zeros(5, np.uint8)  # by alliance: 1 self, 2 ally, 3 neutral, 4 enemy
    rank[[1, 4, 2, 3]] = 0, 1, 2, 3

    def rows(observation: Pysc2Observation) -> np.ndarray:
        units = np.asarray(observation["feature_units"])
        if not len(units):  # pysc2 gives [0], not [0, 46], for no units
            return units
        order = np.argsort(rank[units[:, features.FeatureUnit.alliance]], kind="stable")
        return units[order[:num_rows, None], indices]

    return _entities("feature_units", num_rows, columns, rows, limits)


def interface_options(array_names: Sequence[str]) -> dict[str, Any]:
    """What must be asked of pysc2's AgentInterfaceFormat to have these arrays."""
    return {"use_feature_units": "feature_units" in array_names,
            "use_unit_counts": "unit_counts" in array_names}
