"""Real observations go through the encoder of the raw interface as through that of the layers."""

import collections
import lzma
import os
import pickle
from pathlib import Path

import pytest

from environment import (
    last_named,
    observations,
    pysc2_compat,
    raw_actions,
    raw_observations,
    starcraft_interfaces,
    vocabulary,
)

pysc2_compat.install()

from google.protobuf import text_format
from pysc2.lib import features, point
from s2clientprotocol import sc2api_pb2

DATA = Path(os.environ.get("SC2_REFERENCE_DATA", Path(__file__).parents[3] / "shared" / "data"))
RECORDED = DATA / "observations" / "obs_data1.pbtxt"
MATCHES = ("AcropolisLE", "AutomatonLE", "BlackburnAIE", "EphemeronLE", "KairosJunctionLE",
           "LightshadeAIE", "NewRepugnancyLE", "OxideAIE")
SETTINGS = observations.ObservationSettings(
    screen_size=(128, 128), minimap_size=(128, 128),  # those of the recorded layers
    arrays=("raw_units", "player", "game_loop", "upgrades", "unit_counts"), max_units=512)
RESOLUTION = 128


def _found(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"no recorded observation {path}; SC2_REFERENCE_DATA says where to look")
    return path


def _encode(recorded: sc2api_pb2.ResponseObservation, map_size: tuple[int, int]):
    interface = starcraft_interfaces.interface_format(SETTINGS, 24, RESOLUTION)
    seen = features.Features(interface, map_size=point.Point(*map_size)).transform_obs(recorded)
    encoder = raw_observations.RawObservationEncoder(SETTINGS, RESOLUTION, 4)
    actions = raw_actions.RawActionCodec(RESOLUTION, SETTINGS.max_units, 4).spec
    encoded = encoder.encode(seen, last_named.LastNamed(actions, RESOLUTION))
    encoder.spec.validate(encoded)
    return encoder.spec, encoded


def _check(recorded: sc2api_pb2.ResponseObservation, map_size: tuple[int, int]) -> None:
    spec, real = _encode(recorded, map_size)
    units = recorded.observation.raw_data.units
    assert 0 < len(units) <= SETTINGS.max_units
    rows = real["raw_units"]
    assert int((rows[:, 0] > 0).sum()) == len(units)
    alliances = collections.Counter(unit.alliance for unit in units)
    names = [feature.name for feature in spec.by_name["raw_units"].features]
    expected = [whose for whose in (1, 4, 2, 3) for _ in range(alliances[whose])]
    assert rows[:len(units), names.index("alliance")].tolist() == expected
    scale = RESOLUTION / max(map_size)
    own = [unit for unit in units if unit.alliance == 1]
    for row, unit in zip(rows, own, strict=False):  # own units come first, in the game's order
        assert row[0] == unit.unit_type
        assert row[names.index("health")] == int(unit.health)
        # pysc2 counts y from the top.
        assert abs(row[names.index("x")] - unit.pos.x * scale) <= 1
        assert abs(row[names.index("y")] - (map_size[1] - unit.pos.y) * scale) <= 1
    counts = collections.Counter(unit.unit_type for unit in own)
    shown = real["unit_counts"]
    assert shown[vocabulary.UNIT_TYPES.columns(counts)].tolist() == list(counts.values())
    assert real["game_loop"][0] == recorded.observation.game_loop
    for array in spec.arrays:
        for i, feature in enumerate(array.features):
            if feature.num_categories:
                assert real[array.name][..., i].max() < feature.num_categories, feature


def test_the_observation_with_layers():
    _check(text_format.Parse(_found(RECORDED).read_text(), sc2api_pb2.ResponseObservation()),
           (176, 160))


@pytest.mark.parametrize("name", MATCHES)
def test_the_first_observation_of_a_match(name):
    with lzma.open(_found(DATA / "observations" / "raw" / f"{name}.xz")) as file:
        _, game_info, recorded = pickle.load(file)
    size = game_info.game_info.start_raw.map_size
    _check(recorded, (size.x, size.y))
