"""What can be researched: costs, times and what has to be there before.

Numbers come from `tables.json` (`minisc2.api.build_tables` names the sources), what depends on
what from the requirements of the multiplayer game of patch 4.10, written down by hand.
"""

import dataclasses
import functools
import json
import pathlib

TABLES = pathlib.Path(__file__).with_name("tables.json")


@dataclasses.dataclass(frozen=True, slots=True)
class Upgrade:
    """One upgrade.

    Attributes:
        upgrade_id: stable id.
        ability_id: the ability that researches it.
        game_loops: how long that takes.
        previous: name of the upgrade that has to be finished before, or "".
        structure: name of a structure that has to stand, or "".
    """

    upgrade_id: int
    name: str
    ability_id: int
    mineral_cost: int
    vespene_cost: int
    game_loops: float
    previous: str = ""
    structure: str = ""


_LEVELLED = ("TerranInfantryWeapons", "TerranInfantryArmors", "TerranVehicleWeapons",
             "TerranShipWeapons", "TerranVehicleAndShipArmors")
_LEVELS_2_AND_3_NEED = {"TerranInfantryWeapons": "Armory", "TerranInfantryArmors": "Armory"}
_STRUCTURES = {"SmartServos": "Armory", "DrillClaws": "Armory"}


def _requirements(name: str) -> tuple[str, str]:
    """(previous upgrade, structure) that an upgrade needs."""
    for family in _LEVELLED:
        if name in (f"{family}Level2", f"{family}Level3"):
            return f"{family}Level{int(name[-1]) - 1}", _LEVELS_2_AND_3_NEED.get(family, "")
    return "", _STRUCTURES.get(name, "")


@functools.cache
def load() -> dict[int, Upgrade]:
    """All upgrades that an ability researches, by id."""
    rows = json.loads(TABLES.read_text())["upgrades"]
    return {
        int(key): Upgrade(int(key), row["name"], row["ability_id"], row.get("mineral_cost", 0),
                          row.get("vespene_cost", 0), float(row.get("research_time", 0)),
                          *_requirements(row["name"]))
        for key, row in rows.items() if row.get("ability_id")}


@functools.cache
def id_of(name: str) -> int:
    """The id of an upgrade.

    Raises:
        ValueError: no upgrade that can be researched has this name.
    """
    for upgrade_id, upgrade in load().items():
        if upgrade.name == name:
            return upgrade_id
    raise ValueError(f"No upgrade is named {name!r}; names are those of stableid.json.")
