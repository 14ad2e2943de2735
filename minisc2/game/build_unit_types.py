"""Builds `unit_types.json`, the table behind `unit_data`, from data of the real game.

    python -m minisc2.game.build_unit_types RESPONSE_DATA UNITS_JSON STABLEID_JSON

RESPONSE_DATA: xz-compressed pickle of a list whose first message is a `Response` with the game's
`ResponseData` (the form of BurnySc2/python-sc2, test/pickle_data; MIT). UNITS_JSON: object whose
"units" have "unit_id" and "observed" maxima of health, shield, energy and radius. STABLEID_JSON:
Blizzard/s2client-proto stableid.json (MIT). Only pickles that you trust may be given.
"""

import argparse
import json
import lzma
import pathlib
import pickle
from collections.abc import Mapping
from typing import Any

OUTPUT = pathlib.Path(__file__).with_name("unit_types.json")
_COPIED_FIELDS = ("mineral_cost", "vespene_cost", "food_required", "food_provided", "build_time",
                  "sight_range", "movement_speed", "armor", "cargo_size", "has_minerals",
                  "has_vespene", "ability_id", "race", "unit_alias", "tech_requirement",
                  "require_attached")


def _rounded(value: float) -> float | int:
    """`value` without float32 noise; whole numbers as int, which JSON writes shorter."""
    rounded = round(float(value), 4)
    return int(rounded) if rounded == int(rounded) else rounded


def _row_of(unit: Any) -> dict[str, Any]:
    """The fields of one UnitTypeData that are not zero or empty."""
    row: dict[str, Any] = {}
    for field in _COPIED_FIELDS:
        value = getattr(unit, field)
        if value:
            row[field] = _rounded(value)
    if unit.attributes:
        row["attributes"] = sorted(unit.attributes)
    if unit.tech_alias:
        row["tech_alias"] = sorted(unit.tech_alias)
    if unit.weapons:
        row["weapons"] = [
            {"target": weapon.type, "damage": _rounded(weapon.damage), "attacks": weapon.attacks,
             "range": _rounded(weapon.range), "cooldown": _rounded(weapon.speed),
             "bonuses": [[bonus.attribute, _rounded(bonus.bonus)]
                         for bonus in weapon.damage_bonus]}
            for weapon in unit.weapons]
    return row


def _observed_fields(observed: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"health": observed["health_max"], "shield": observed["shield_max"],
              "energy": observed["energy_max"], "radius": observed["radius"],
              "flying": observed["is_flying"]}
    return {name: _rounded(value) for name, value in fields.items() if value}


def build(data: Any, observed_units: Mapping[str, Any], stable_ids: Mapping[str, Any]
          ) -> dict[str, dict[str, Any]]:
    """One row for each stable unit id; a field that is zero, empty or unknown is left out.

    Args:
        data: the real game's `ResponseData`.
        observed_units: "units" of UNITS_JSON.
        stable_ids: STABLEID_JSON.

    Returns:
        Unit id (as JSON keys are strings) -> row.
    """
    rows = {unit["id"]: {"name": unit["name"]} for unit in stable_ids["Units"]}
    for unit in data.units:
        if unit.unit_id in rows and unit.available:
            rows[unit.unit_id].update(_row_of(unit))
    for unit in observed_units.values():
        if unit.get("observed") and unit["unit_id"] in rows:
            rows[unit["unit_id"]].update(_observed_fields(unit["observed"]))
    return {str(unit_id): row for unit_id, row in sorted(rows.items())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("response_data", "units_json", "stableid_json"):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    with lzma.open(arguments.response_data) as file:
        data = pickle.load(file)[0].data
    units = json.loads(arguments.units_json.read_text())["units"]
    stable_ids = json.loads(arguments.stableid_json.read_text())
    rows = build(data, units, stable_ids)
    lines = ",\n".join(f"{json.dumps(unit_id)}:{json.dumps(row, separators=(',', ':'))}"
                       for unit_id, row in rows.items())
    OUTPUT.write_text("{" + lines + "}\n")


if __name__ == "__main__":
    main()
