"""The static tables of abilities, upgrades, buffs and effects, by their stable ids.

`tables.json` holds them, beside the simulation, which plays by it too; `build_tables` names the
sources.
"""

import functools
import json
import pathlib
from collections.abc import Mapping
from typing import Any

from s2clientprotocol import data_pb2

from minisc2.game import unit_data

_TABLE = pathlib.Path(unit_data.__file__).with_name("tables.json")


@functools.cache
def load() -> dict[str, dict[int, Mapping[str, Any]]]:
    """Table name ("abilities", "upgrades", "buffs", "effects") -> id -> row.

    The names in a row are those of the fields in data.proto; what is zero or empty is left out.
    """
    raw = json.loads(_TABLE.read_text())
    return {name: {int(key): row for key, row in rows.items()} for name, rows in raw.items()}


def has_ability(ability_id: int) -> bool:
    """Whether there is an ability with this id."""
    return ability_id in load()["abilities"]


@functools.cache
def takes_unit(ability_id: int) -> bool:
    """Whether an ability, general or specific, can be pointed at a unit."""
    row = load()["abilities"].get(ability_id, {})
    return row.get("target") in (data_pb2.AbilityData.Unit, data_pb2.AbilityData.PointOrUnit)


@functools.cache
def general_id(ability_id: int) -> int:
    """The general ability that a specific one belongs to, or itself."""
    row = load()["abilities"].get(ability_id, {})
    return row.get("remaps_to_ability_id", ability_id)
