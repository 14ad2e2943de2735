"""Types of units and upgrades by the names that replays give them."""

import functools

from minisc2.api import tables
from minisc2.game import unit_data

_NEWER = {"MineralField450": "MineralField", "AssimilatorRich": "Assimilator",
          "ExtractorRich": "Extractor"}
"""Types that have no stable id in 4.10 -> what they look like."""


@functools.cache
def unit_type(name: bytes) -> int | None:
    """The stable id of a type of unit, or None for one that 4.10 does not know."""
    text = name.decode("utf-8", "replace")
    try:
        return unit_data.id_of(_NEWER.get(text, text))
    except ValueError:
        return None


@functools.cache
def _upgrades() -> dict[str, int]:
    return {row["name"]: upgrade_id for upgrade_id, row in tables.load()["upgrades"].items()
            if "name" in row}


def upgrade(name: bytes) -> int | None:
    """The stable id of an upgrade, or None for sprays, dances and the like, which have none."""
    return _upgrades().get(name.decode("utf-8", "replace"))
