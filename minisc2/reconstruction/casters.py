"""Which units use which abilities, as seen in real replays.

`casters.json` holds, for each type of unit by name, the stable ids of abilities that were used
while units of that type only were selected (`build_casters`).
"""

import functools
import json
import pathlib

from minisc2.api import tables
from minisc2.game import orders, unit_data
from minisc2.reconstruction import abilities

PATH = pathlib.Path(__file__).with_name("casters.json")


@functools.cache
def _by_name() -> dict[str, tuple[int, ...]]:
    return {name: tuple(ids) for name, ids in json.loads(PATH.read_text()).items()}


@functools.cache
def uses(unit_type: int) -> tuple[orders.AbilityUse, ...]:
    """Abilities of a type, with what they are pointed at, by id."""
    rows = tables.load()["abilities"]
    return tuple(sorted(
        orders.AbilityUse(ability_id, orders.Target(rows[ability_id].get("target", 1)))
        for ability_id in _by_name().get(unit_data.get(unit_type).name, ())))


@functools.cache
def _types_of() -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for name, ids in _by_name().items():
        for ability_id in ids:
            found.setdefault(ability_id, set()).add(name)
    return {ability_id: frozenset(names) for ability_id, names in found.items()}


@functools.cache
def obeys(unit_type: int, ability_id: int) -> bool:
    """Whether units of a type take part in a command to a mixed selection.

    True for everything if no type is known to use the ability.
    """
    if ability_id == abilities.SMART:
        return True
    names = _types_of().get(ability_id)
    return names is None or unit_data.get(unit_type).name in names
