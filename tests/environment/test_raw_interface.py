"""The raw interface: units in rows, actions that name them, and pysc2's calls there and back."""

import itertools

import numpy as np
import pytest

from environment import last_named, observations, pysc2_compat, raw_actions, raw_observations
from environment.specs import ACTION_TYPE

pysc2_compat.install()

from pysc2.lib import actions as pysc2_actions
from pysc2.lib import features

FUNCTIONS = pysc2_actions.RAW_FUNCTIONS
CODEC = raw_actions.RawActionCodec(resolution=32, max_units=6, max_selected=3)


def units_of(*alliances: int) -> np.ndarray:
    """Units told apart by their health, of these alliances in pysc2's order."""
    units = np.zeros((len(alliances), len(features.FeatureUnit)), np.int64)
    units[:, features.FeatureUnit.unit_type] = 48
    units[:, features.FeatureUnit.alliance] = alliances
    units[:, features.FeatureUnit.health] = np.arange(len(alliances)) + 1
    return units


def test_own_units_have_the_first_rows_then_enemies_allies_and_neutral_ones():
    seen = {"raw_units": units_of(3, 4, 1, 2, 1)}
    rows = raw_observations.unit_rows(seen, 4)
    assert rows.tolist() == [2, 4, 1, 3]
    assert raw_observations.unit_rows({"raw_units": np.zeros(0)}, 4).tolist() == []


def test_rows_of_actions_are_rows_of_the_array():
    encoder = raw_observations.RawObservationEncoder(
        observations.ObservationSettings(arrays=("raw_units",), max_units=3), 32, 3)
    (spec,) = encoder.spec.arrays
    health = [feature.name for feature in spec.features].index("health")
    nothing = last_named.LastNamed(CODEC.spec, 32)
    for alliances in itertools.product((1, 2, 3, 4), repeat=4):
        seen = {"raw_units": units_of(*alliances)}
        array = encoder.encode(seen, nothing)["raw_units"]
        rows = raw_observations.unit_rows(seen, 3)
        assert array[:, health].tolist() == (rows + 1).tolist()
    assert array.shape == spec.shape and spec.name == "raw_units"


CALLS = [
    FUNCTIONS.no_op(),
    FUNCTIONS.raw_move_camera((3, 31)),
    FUNCTIONS.Train_Marine_quick("now", [2]),
    FUNCTIONS.Attack_pt("queued", [2, 4], (31, 0)),
    FUNCTIONS.Attack_unit("now", [4, 2, 1], 3),
    FUNCTIONS.Effect_AutoTurret_pt("now", [2], (5, 6)),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: FUNCTIONS[call.function].name)
def test_encode_and_decode_are_inverse(call):
    rows = np.array([2, 4, 1, 3])
    action = CODEC.encode(call, rows)
    CODEC.spec.validate(action)
    back = CODEC.decode(action, rows)
    assert back.function == call.function
    assert [np.ravel(value).tolist() for value in back.arguments] == [
        np.ravel(value).tolist() for value in call.arguments]


def test_an_action_says_rows_and_not_indices():
    action = CODEC.encode(FUNCTIONS.Attack_unit("queued", [4, 2], 3), np.array([2, 4, 1, 3]))
    assert {name: int(value) for name, value in action.items() if value} == {
        ACTION_TYPE: FUNCTIONS.Attack_unit.id, "queued": 1, "unit_0": 2, "unit_1": 1,
        "target_unit": 3}
    place = CODEC.encode(FUNCTIONS.raw_move_camera((3, 31)), np.zeros(0, int))
    assert place["world"] == 31 * 32 + 3


def test_units_without_a_row_are_left_out_and_a_target_without_one_is_refused():
    rows = np.array([2, 4])
    action = CODEC.encode(FUNCTIONS.Attack_pt("now", [0, 4], (1, 1)), rows)
    assert [int(action[f"unit_{k}"]) for k in range(3)] == [2, 0, 0]
    with pytest.raises(raw_actions.UnitsBeyondRowsError):
        CODEC.encode(FUNCTIONS.Attack_pt("now", [0, 1], (1, 1)), rows)
    with pytest.raises(raw_actions.UnitsBeyondRowsError):
        CODEC.encode(FUNCTIONS.Attack_unit("now", [4], 0), rows)
    many = CODEC.encode(FUNCTIONS.Attack_pt("now", [0, 1, 2, 3, 4], (1, 1)), np.arange(5))
    assert [int(many[f"unit_{k}"]) for k in range(3)] == [1, 2, 3]  # as many as can be named


@pytest.mark.parametrize("change, told", [
    ({ACTION_TYPE: 10_000}, "function id"), ({"unit_0": 6}, "rows"), ({"target_unit": 5}, "rows"),
    ({"queued": 2}, "queued"),
])
def test_an_action_that_cannot_be_is_refused(change, told):
    rows = np.array([2, 4, 1, 3])
    action = CODEC.encode(FUNCTIONS.Attack_unit("now", [4], 3), rows)
    with pytest.raises(ValueError, match=told):
        CODEC.decode({**action, **change}, rows)


def test_every_function_takes_the_arguments_that_pysc2_says():
    used = {argument.name: column for argument, column in zip(
        CODEC.spec.arguments, CODEC.spec.uses.T, strict=True)}
    for function in FUNCTIONS:
        names = {argument.name for argument in function.args}
        assert used["queued"][function.id] == ("queued" in names)
        assert used["unit_0"][function.id] == used["unit_2"][function.id] == ("unit_tags" in names)
        assert used["target_unit"][function.id] == ("target_unit_tag" in names)
        assert used["world"][function.id] == ("world" in names)


@pytest.mark.parametrize("names, told", [
    (("minimap",), "raw_units"), (("raw_units", "available_actions"), "raw_units"),
    (("raw_units", "raw_units"), "raw_units"),
    (("raw_units", "last_place", "last_place"), "different")])
def test_arrays_that_the_raw_interface_has_not_are_refused(names, told):
    with pytest.raises(ValueError, match=told):
        raw_observations.RawObservationEncoder(
            observations.ObservationSettings(arrays=names), 32, 3)


def test_units_are_arguments_that_point_to_rows():
    arguments = {a.name: a for a in raw_actions.RawActionCodec(32, 5, 3).spec.arguments}
    assert arguments["unit_2"].points_to == arguments["target_unit"].points_to == "raw_units"
    assert arguments["unit_2"].sequence == "units" and arguments["target_unit"].sequence is None
    assert arguments["world"].points_to is None
