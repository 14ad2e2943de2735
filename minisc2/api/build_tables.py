"""Builds `tables.json`, the static tables behind `data`, from data of the real game.

    python -m minisc2.api.build_tables STABLEID_JSON RESPONSE_DATA

STABLEID_JSON: Blizzard/s2client-proto stableid.json (MIT): which ids exist, and their names.
RESPONSE_DATA: xz-compressed pickle of a list whose first message is a `Response` with the game's
`ResponseData` (the form of BurnySc2/python-sc2, test/pickle_data; MIT): targets, general ids,
costs. stableid.json alone will not do: it lacks targets, and general ids of 174 of the abilities
that agents use. Only pickles that you trust may be given. Unit types have a table of their own in
`minisc2/game`, because the simulation plays by it.
"""

import argparse
import json
import lzma
import pathlib
import pickle
from collections.abc import Mapping
from typing import Any

OUTPUT = pathlib.Path(__file__).parents[1] / "game" / "tables.json"
_ABILITY_FIELDS = ("link_name", "link_index", "button_name", "friendly_name", "hotkey",
                   "remaps_to_ability_id", "target", "allow_minimap", "allow_autocast",
                   "is_building", "footprint_radius", "is_instant_placement", "cast_range")
_UPGRADE_FIELDS = ("name", "mineral_cost", "vespene_cost", "research_time", "ability_id")
_EFFECT_FIELDS = ("name", "friendly_name", "radius")


def _row(message: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a message that are not zero or empty."""
    row = {}
    for field in fields:
        value = getattr(message, field)
        if isinstance(value, float):  # float32 noise out
            value = int(value) if value == int(value) else round(value, 4)
        if value:
            row[field] = value
    return row


def build(stable_ids: Mapping[str, Any], data: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """Rows of abilities, upgrades, buffs and effects by id; what is zero or empty is left out.

    Args:
        stable_ids: STABLEID_JSON.
        data: the real game's `ResponseData`; its ids beyond the stable ones are left out.

    Returns:
        Table name -> id (as JSON keys are strings) -> row.
    """
    kinds = {
        "abilities": ("Abilities", data.abilities, "ability_id", _ABILITY_FIELDS),
        "upgrades": ("Upgrades", data.upgrades, "upgrade_id", _UPGRADE_FIELDS),
        "buffs": ("Buffs", data.buffs, "buff_id", ("name",)),
        "effects": ("Effects", data.effects, "effect_id", _EFFECT_FIELDS),
    }
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for table, (kind, messages, id_field, fields) in kinds.items():
        known = {getattr(message, id_field): message for message in messages}
        tables[table] = {
            str(entry["id"]): _row(known[entry["id"]], fields) if entry["id"] in known
            else {"name": entry["name"]}
            for entry in sorted(stable_ids[kind], key=lambda entry: entry["id"])}
    return tables


def main() -> None:
    """Reads the two files named on the command line and writes the table into `minisc2/game`."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stableid_json", type=pathlib.Path)
    parser.add_argument("response_data", type=pathlib.Path)
    arguments = parser.parse_args()
    with lzma.open(arguments.response_data) as file:
        data = pickle.load(file)[0].data
    tables = build(json.loads(arguments.stableid_json.read_text()), data)
    parts = []
    for name, rows in tables.items():
        lines = ",\n".join(f"{json.dumps(key)}:{json.dumps(row, separators=(',', ':'))}"
                           for key, row in rows.items())
        parts.append(f"{json.dumps(name)}:{{\n{lines}}}")
    OUTPUT.write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    main()
