"""What the game says arrives in the arrays at its place, whatever pysc2 does in between."""

import collections
import functools
import json
import os
from pathlib import Path

import numpy as np
import pytest

from environment import observations, pysc2_compat, vocabulary
from environment.specs import Kind

pysc2_compat.install()

from google.protobuf import text_format
from pysc2.lib import actions, features, point
from pysc2.tests import dummy_observation
from s2clientprotocol import sc2api_pb2 as sc_pb
from s2clientprotocol import spatial_pb2, ui_pb2

SCREEN = (20, 32)  # H, W
MINIMAP = (12, 9)
MARINE, SCV, BARRACKS, MINERALS, ZERGLING = 48, 45, 21, 341, 105


@functools.cache
def _features(screen=SCREEN, minimap=MINIMAP, map_size=(64, 64)):
    interface = features.parse_agent_interface_format(
        feature_screen=screen[::-1], feature_minimap=minimap[::-1], use_feature_units=True,
        use_unit_counts=True)
    return features.Features(interface, map_size=point.Point(*map_size))


def _builder():
    return dummy_observation.Builder(_features().observation_spec())


def _encode(message, *names, **settings):
    encoder = observations.ObservationEncoder(observations.ObservationSettings(
        screen_size=SCREEN, minimap_size=MINIMAP, arrays=names, **settings))
    encoded = encoder.encode(_features().transform_obs(message))
    encoder.spec.validate(encoded)
    return encoded if len(names) != 1 else encoded[names[0]]


def _spec(name, **settings):
    return observations.ObservationEncoder(observations.ObservationSettings(
        screen_size=SCREEN, minimap_size=MINIMAP, arrays=(name,), **settings)).spec.by_name[name]


def _set_layer(image, values):
    bits = {1: 8, 4: 32}[values.itemsize]
    image.bits_per_pixel, image.data = bits, values.tobytes()


def test_planes_hold_the_chosen_layers_in_the_given_order():
    message = _builder().build()
    layers = message.observation.feature_layer_data
    selected = np.zeros(SCREEN, np.uint8)
    selected[3, 30] = 1
    relative = np.random.default_rng(0).integers(0, 5, SCREEN, dtype=np.uint8)
    camera = np.zeros(MINIMAP, np.uint8)
    camera[11, 2:5] = 1
    _set_layer(layers.renders.selected, selected)
    _set_layer(layers.renders.player_relative, relative)
    _set_layer(layers.minimap_renders.camera, camera)
    encoded = _encode(message, "screen", "minimap", screen_layers=("selected", "player_relative"),
                      minimap_layers=("camera",))
    assert encoded["screen"].dtype == np.uint8
    np.testing.assert_array_equal(encoded["screen"], np.stack([selected, relative], axis=-1))
    np.testing.assert_array_equal(encoded["minimap"], camera[:, :, None])


def test_a_layer_of_one_bit_a_pixel():
    message = _builder().build()
    creep = np.random.default_rng(0).integers(0, 2, SCREEN, dtype=np.uint8)
    image = message.observation.feature_layer_data.renders.creep
    image.bits_per_pixel, image.data = 1, np.packbits(creep).tobytes()
    np.testing.assert_array_equal(_encode(message, "screen", screen_layers=("creep",))[..., 0],
                                  creep)


def test_what_pysc2_does_not_know_is_the_last_category():
    message = _builder().build()
    unit_type = np.zeros(SCREEN, np.int32)
    unit_type[0, :4] = MARINE, 1961, 1962, 1_000_000  # pysc2 4.0.0 knows unit types up to 1961
    relative = np.zeros(SCREEN, np.uint8)
    relative[0, 0] = 77
    renders = message.observation.feature_layer_data.renders
    _set_layer(renders.unit_type, unit_type)
    _set_layer(renders.player_relative, relative)
    screen = _encode(message, "screen", screen_layers=("unit_type", "player_relative"))
    assert screen.dtype == np.uint16
    assert screen[0, :5, 0].tolist() == [MARINE, 1961, 1962, 1962, 0]
    assert screen[0, 0, 1] == 4
    assert _spec("screen", screen_layers=("unit_type",)).features[0].num_categories == 1963


def test_layer_features_follow_pysc2():
    spec = _spec("screen", screen_layers=("visibility_map", "unit_hit_points", "height_map"))
    visibility, hit_points, height = spec.features
    assert (visibility.num_categories, visibility.log) == (4, False)
    assert (hit_points.num_categories, hit_points.log) == (0, True)
    assert hit_points.scale == pytest.approx(np.log(1600))
    assert (height.scale, height.log) == (256, False)
    assert (spec.kind, spec.dtype) == (Kind.PLANES, "uint16")


def test_every_layer_can_be_chosen_at_once():
    encoded = _encode(_builder().build(), "screen", "minimap",
                      screen_layers=features.SCREEN_FEATURES._fields,
                      minimap_layers=features.MINIMAP_FEATURES._fields)
    assert encoded["screen"].shape == (*SCREEN, 27)
    assert encoded["minimap"].shape == (*MINIMAP, 11)


def test_player():
    message = _builder().player_common(minerals=70_000, larva_count=3).build()
    # player_id, minerals, vespene, food used, cap, army, workers, idle, army, warp gates, larvae
    assert _encode(message, "player").tolist() == [1, 70_000, 50, 21, 36, 6, 15, 2, 6, 0, 3]


def test_score():
    builder = _builder().score(-2)
    builder.score_by_category("killed_minerals", none=1, army=2, economy=3, technology=4, upgrade=5)
    builder.score_by_vital("total_healed", life=6, shields=7, energy=8)
    encoded = _encode(builder.build(), "score")
    names = [feature.name for feature in _spec("score").features]
    assert encoded[0] == -2 and not _spec("score").features[0].log
    assert encoded[names.index("spent_minerals")] == 2000
    assert encoded[names.index("killed_minerals_economy")] == 3
    assert encoded[names.index("total_healed_energy")] == 8
    assert len(encoded) == 13 + 11 * 5 + 3 * 3


def test_game_loop():
    assert _encode(_builder().game_loop(1234).build(), "game_loop").tolist() == [1234]


def test_upgrades_and_own_units_are_counted_by_type():
    message = _message_with_units()
    _add_unit(message, MARINE, 1, (500, 500))
    _add_unit(message, 60_000, 1, (1, 1))
    message.observation.raw_data.player.upgrade_ids.extend([15, 60_000])
    encoded = _encode(message, "upgrades", "unit_counts")
    names = {name: [feature.name for feature in _spec(name).features] for name in encoded}
    assert {names["upgrades"][i] for i in np.flatnonzero(encoded["upgrades"])} == {
        "upgrade 15", "upgrade unknown"}
    counts = encoded["unit_counts"]
    assert {names["unit_counts"][i]: int(counts[i]) for i in np.flatnonzero(counts)} == {
        f"unit {MARINE}": 2, f"unit {SCV}": 1, "unit unknown": 1}
    nothing = _encode(_builder().build(), "upgrades", "unit_counts")
    assert not nothing["upgrades"].any() and not nothing["unit_counts"].any()


def test_available_actions():
    message = _builder().build()
    message.observation.ClearField("abilities")
    message.observation.abilities.add(ability_id=23, requires_point=True)  # Attack, specific
    available = _encode(message, "available_actions")
    names = {actions.FUNCTIONS[i].name for i in np.flatnonzero(available)}
    # The player has 2 idle workers and 6 army units; specific actions hide behind general ones.
    assert names == {"no_op", "move_camera", "select_point", "select_rect", "select_control_group",
                     "select_idle_worker", "select_army", "Attack_screen", "Attack_minimap"}


def test_last_actions_newest_first():
    message = _builder().build()
    assert _encode(message, "last_actions", num_last_actions=2).tolist() == [0, 0]
    message.actions.add().action_ui.select_army.selection_add = False  # function 7
    assert _encode(message, "last_actions", num_last_actions=2).tolist() == [8, 0]
    message.actions.add().action_ui.select_larva.SetInParent()  # function 9
    message.actions.add()  # no_op
    assert _encode(message, "last_actions", num_last_actions=2).tolist() == [1, 10]
    assert _encode(message, "last_actions").tolist() == [1]


def _unit(unit_type, health=45, **values):
    return dummy_observation.Unit(unit_type, features.PlayerRelative.SELF, health, **values)


def test_selection():
    nothing = _builder().build()
    assert not _encode(nothing, "single_select").any()
    assert not _encode(nothing, "multi_select").any()
    single = _builder().single_select(_unit(MARINE, build_progress=0.5)).build()
    assert _encode(single, "single_select").tolist() == [[MARINE, 1, 45, 0, 0, 0, 50]]
    multi = _builder().multi_select([_unit(MARINE), _unit(SCV, 40), _unit(SCV, 30)]).build()
    assert _encode(multi, "multi_select", max_selected=4)[:, [0, 2]].tolist() == [
        [MARINE, 45], [SCV, 40], [SCV, 30], [0, 0]]
    assert _encode(multi, "multi_select", max_selected=2)[:, 0].tolist() == [MARINE, SCV]


def test_queues():
    message = _builder().build_queue(
        [_unit(MARINE, build_progress=0.25), _unit(MARINE, build_progress=0)],
        [{"ability_id": 560, "build_progress": 0.25}, {"ability_id": 561, "build_progress": 0}],
    ).build()
    assert _encode(message, "build_queue", max_queue=3)[:, [0, 6]].tolist() == [
        [MARINE, 25], [MARINE, 0], [0, 0]]
    assert _encode(message, "production_queue", max_queue=3).tolist() == [
        [560, 25], [561, 0], [0, 0]]


def test_cargo():
    message = _builder().build()
    message.observation.ui_data.cargo.unit.unit_type = 54  # Medivac
    message.observation.ui_data.cargo.passengers.add(unit_type=MARINE, health=45)
    assert _encode(message, "cargo", max_cargo=2)[:, 0].tolist() == [MARINE, 0]
    assert _encode(message, "single_select")[0, 0] == 54


def test_control_groups_keep_their_numbers():
    message = _builder().build()
    message.observation.ui_data.groups.extend([
        ui_pb2.ControlGroup(control_group_index=7, leader_unit_type=SCV, count=2),
        ui_pb2.ControlGroup(control_group_index=0, leader_unit_type=MARINE, count=300)])
    groups = _encode(message, "control_groups")
    assert groups[:3].tolist() == [[MARINE, 300, 0], [SCV, 2, 7], [0, 0, 0]]


def _add_unit(message, unit_type, alliance, world_xy, **values):
    unit = message.observation.raw_data.units.add(
        unit_type=unit_type, alliance=alliance, is_on_screen=True, health=45, health_max=90,
        **values)
    unit.pos.x, unit.pos.y = world_xy


def _message_with_units():
    message = _builder().build()
    camera = message.observation.raw_data.player.camera
    camera.x, camera.y = 32, 32
    _add_unit(message, MINERALS, 3, (30, 30), mineral_contents=1800, owner=16)
    _add_unit(message, ZERGLING, 4, (31, 32))
    _add_unit(message, MARINE, 1, (32, 32), is_selected=True)
    _add_unit(message, SCV, 1, (20.1, 41.9))
    return message


def test_feature_units_own_first_then_enemies_then_neutral_in_the_games_order():
    names = [feature.name for feature in _spec("feature_units").features]
    units = _encode(_message_with_units(), "feature_units", max_units=6)
    assert units[:, 0].tolist() == [MARINE, SCV, ZERGLING, MINERALS, 0, 0]
    # The camera's centre (32, 32) is the middle of the screen of 32x20 pixels, 24 cells wide.
    assert units[0, [names.index("x"), names.index("y")]].tolist() == [16, 10]
    # 41.9 is 9.9 cells up: -9.9 * 20 / 24 + 10 = 1.75; 20.1 is 11.9 left: -11.9 * 32 / 24 + 16.
    assert units[1, [names.index("x"), names.index("y")]].tolist() == [0, 1]
    assert units[:4, names.index("is_selected")].tolist() == [1, 0, 0, 0]
    assert units[0, names.index("health_ratio")] == 127
    assert units[3, names.index("mineral_contents")] == 1800
    assert _encode(_message_with_units(), "feature_units", max_units=3)[:, 0].tolist() == [
        MARINE, SCV, ZERGLING]


def test_units_over_the_edge_are_put_on_it_and_numbers_too_large_are_cut():
    message = _message_with_units()
    for world_xy in ((19.5, 60), (60, 19)):
        _add_unit(message, BARRACKS, 1, world_xy, energy=1e6)
    names = [feature.name for feature in _spec("feature_units").features]
    units = _encode(message, "feature_units")
    assert units[2:4, [names.index("x"), names.index("y")]].tolist() == [[0, 0], [31, 19]]
    assert units[2, names.index("energy")] == 65535


def test_no_units_at_all():
    assert not _encode(_builder().build(), "feature_units").any()


def test_every_array_of_every_kind_fits_its_spec_and_owns_its_memory():
    message = _message_with_units()
    once = _encode(message, *observations.ARRAY_NAMES)
    spec = observations.ObservationEncoder(observations.ObservationSettings(
        screen_size=SCREEN, minimap_size=MINIMAP, arrays=observations.ARRAY_NAMES)).spec
    assert [array.name for array in spec.arrays] == list(observations.ARRAY_NAMES)
    json.dumps(spec.to_json())
    encoder = observations.ObservationEncoder(observations.ObservationSettings(
        screen_size=SCREEN, minimap_size=MINIMAP, arrays=observations.ARRAY_NAMES))
    pysc2_observation = _features().transform_obs(message)
    first = encoder.encode(pysc2_observation)
    for array in first.values():
        array[...] = 1
    for name, array in encoder.encode(pysc2_observation).items():
        np.testing.assert_array_equal(array, once[name])
        assert type(array) is np.ndarray and array.flags.c_contiguous


@pytest.mark.parametrize("settings, word", [
    ({"arrays": ("screen", "sreen")}, "sreen"), ({"arrays": ("screen", "screen")}, "different"),
    ({"screen_layers": ("player_relative", "colour")}, "colour"), ({"minimap_layers": ()}, "none"),
    ({"arrays": ("feature_units",), "max_units": 0}, "feature_units"),
])
def test_settings_that_cannot_be_are_errors_that_name_them(settings, word):
    with pytest.raises(ValueError, match=word):
        observations.ObservationEncoder(observations.ObservationSettings(**settings))


# --- one real observation -----------------------------------------------------------------------

DATA = Path(os.environ.get("SC2_REFERENCE_DATA", Path(__file__).parents[3] / "shared" / "data"))
RECORDED = DATA / "observations" / "obs_data1.pbtxt"


@pytest.fixture(scope="module")
def recorded():
    if not RECORDED.exists():
        pytest.skip(f"no recorded observation {RECORDED}; SC2_REFERENCE_DATA says where to look")
    return text_format.Parse(RECORDED.read_text(), sc_pb.ResponseObservation())


def _layer_by_hand(image: spatial_pb2.ObservationFeatureLayer):
    dtype = {1: np.uint8, 8: np.uint8, 32: np.int32}[image.bits_per_pixel]
    values = np.frombuffer(image.data, dtype)
    if image.bits_per_pixel == 1:
        values = np.unpackbits(values)
    return values.reshape(image.size.y, image.size.x)


def test_a_real_observation(recorded):
    size = (128, 128)
    encoder = observations.ObservationEncoder(observations.ObservationSettings(
        screen_size=size, minimap_size=size, arrays=observations.ARRAY_NAMES, max_units=4,
        screen_layers=("unit_type", "player_relative", "unit_hit_points_ratio", "creep"),
        minimap_layers=("player_id", "camera")))
    real = encoder.encode(_features(size, size, (176, 160)).transform_obs(recorded))
    encoder.spec.validate(real)
    renders = recorded.observation.feature_layer_data.renders
    for channel, name in enumerate(("unit_type", "player_relative", "unit_hit_points_ratio",
                                    "creep")):
        expected = _layer_by_hand(getattr(renders, name))
        np.testing.assert_array_equal(real["screen"][..., channel], expected)
    minimap_renders = recorded.observation.feature_layer_data.minimap_renders
    for channel, name in enumerate(("player_id", "camera")):
        expected = _layer_by_hand(getattr(minimap_renders, name))
        np.testing.assert_array_equal(real["minimap"][..., channel], expected)
    assert real["player"].tolist() == [1, 125, 0, 15, 23, 0, 14, 0, 0, 0, 0]
    assert real["game_loop"].tolist() == [849]
    # Select a point, a command by an ability, select a point: the last one is select_point (2).
    assert real["last_actions"].tolist() == [3]
    on_screen = [unit.unit_type for unit in recorded.observation.raw_data.units
                 if unit.is_on_screen]
    assert sorted(real["feature_units"][:, 0].tolist(), reverse=True) == sorted(
        on_screen, reverse=True)[:4] + [0] * max(0, 4 - len(on_screen))
    own = collections.Counter(unit.unit_type for unit in recorded.observation.raw_data.units
                              if unit.alliance == 1)
    columns = vocabulary.UNIT_TYPES.columns(own)
    assert real["unit_counts"][columns].tolist() == list(own.values())
    assert real["unit_counts"].sum() == sum(own.values())
    for array in encoder.spec.arrays:
        for i, feature in enumerate(array.features):
            if feature.num_categories:
                assert real[array.name][..., i].max() < feature.num_categories, feature
