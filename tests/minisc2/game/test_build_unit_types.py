"""The script behind the unit table: small made-up data, and the real data where it is at hand."""

import json
import lzma
import os
import pathlib
import pickle

import pytest
from s2clientprotocol import data_pb2, sc2api_pb2

from minisc2.game import build_unit_types

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
DATA = pathlib.Path(os.environ.get("REFERENCE_DATA", REPOSITORY.parent / "shared" / "data"))


def test_rows_keep_what_is_known_and_leave_out_zeros():
    data = sc2api_pb2.ResponseData()
    unit = data.units.add(unit_id=48, name="Marine", available=True, movement_speed=2.25,
                          mineral_cost=50, race=1)
    unit.attributes.append(data_pb2.Biological)
    unit.weapons.add(type=data_pb2.Weapon.Any, damage=6, attacks=1, range=5, speed=0.860839844)
    observed = {"Marine": {"unit_id": 48, "observed": {
        "health_max": 45.0, "shield_max": 0.0, "energy_max": 0.0, "radius": 0.375,
        "is_flying": False}}}
    stable_ids = {"Units": [{"id": 48, "name": "Marine"}, {"id": 1680, "name": "NaturalMinerals"}]}
    assert build_unit_types.build(data, observed, stable_ids) == {
        "48": {"name": "Marine", "mineral_cost": 50, "movement_speed": 2.25, "race": 1,
               "attributes": [3], "health": 45, "radius": 0.375,
               "weapons": [{"target": 3, "damage": 6, "attacks": 1, "range": 5,
                            "cooldown": 0.8608, "bonuses": []}]},
        "1680": {"name": "NaturalMinerals"}}


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no reference data in {DATA}")
def test_the_committed_table_is_what_the_script_makes():
    with lzma.open(DATA / "observations" / "raw" / "AcropolisLE.xz") as file:
        data = pickle.load(file)[0].data
    units = json.loads((DATA / "facts" / "units.json").read_text())["units"]
    stable_ids = json.loads((DATA / "facts" / "stableid.json").read_text())
    rows = build_unit_types.build(data, units, stable_ids)
    assert rows == json.loads(build_unit_types.OUTPUT.read_text())
