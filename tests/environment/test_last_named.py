"""What raw actions named last, in the rows of later observations."""

import numpy as np
import pytest

from environment import last_named, observations, pysc2_compat, raw_actions, raw_observations

pysc2_compat.install()

from pysc2.lib import actions as pysc2_actions
from pysc2.lib import features

FUNCTIONS = pysc2_actions.RAW_FUNCTIONS
RESOLUTION = 32
CODEC = raw_actions.RawActionCodec(RESOLUTION, max_units=6, max_selected=3)
ENCODER = raw_observations.RawObservationEncoder(
    observations.ObservationSettings(arrays=("raw_units", "last_place"), max_units=6), RESOLUTION,
    max_selected=3)


def seen(*tags: int) -> dict[str, np.ndarray]:
    """Own units with these tags, in pysc2's order."""
    units = np.zeros((len(tags), len(features.FeatureUnit)), np.int64)
    units[:, features.FeatureUnit.unit_type] = 48
    units[:, features.FeatureUnit.alliance] = 1
    units[:, features.FeatureUnit.tag] = tags
    return {"raw_units": units}


@pytest.fixture
def named():
    return last_named.LastNamed(CODEC.spec, RESOLUTION)


def act(named: last_named.LastNamed, call: pysc2_actions.FunctionCall, observation) -> None:
    rows = raw_observations.unit_rows(observation, 6)
    named.acted(CODEC.encode(call, rows), raw_observations.unit_tags(observation, rows))


def columns(named: last_named.LastNamed, observation) -> tuple[list[int], list[int]]:
    """Tags that are shown as selected, in the order in which they were named, and as targeted."""
    arrays = ENCODER.encode(observation, named)
    ENCODER.spec.validate(arrays)
    names = [feature.name for feature in ENCODER.spec.by_name["raw_units"].features]
    tags = observation["raw_units"][:, features.FeatureUnit.tag]
    shown = [arrays["raw_units"][:, names.index(name)] for name in ("was_selected", "was_targeted")]
    assert not any(column[len(tags):].any() for column in shown)
    selected, targeted = shown
    order = np.argsort(selected[:len(tags)], kind="stable")
    assert selected[selected > 0].size == len(set(selected[selected > 0].tolist()))
    return tags[order][selected[order] > 0].tolist(), tags[np.flatnonzero(targeted)].tolist()


def test_units_and_target_are_found_again_in_other_rows(named):
    before = seen(2**40 + 1, 2**40 + 2, 2**40 + 3, 2**40 + 4)
    assert columns(named, before) == ([], [])
    act(named, FUNCTIONS.Attack_unit("now", [1, 3], 0), before)
    assert columns(named, before) == ([2**40 + 2, 2**40 + 4], [2**40 + 1])
    # One died, others came, and the order is another.
    after = seen(9, 2**40 + 4, 8, 2**40 + 1)
    assert columns(named, after) == ([2**40 + 4], [2**40 + 1])
    act(named, FUNCTIONS.Stop_quick("now", [3, 0, 1]), after)
    assert columns(named, after)[0] == [2**40 + 1, 9, 2**40 + 4]
    assert columns(named, {"raw_units": np.zeros(0, np.int64)} | seen()) == ([], [])


def test_who_names_nothing_of_a_kind_leaves_what_was_named_before(named):
    observation = seen(5, 6, 7)
    act(named, FUNCTIONS.Attack_unit("now", [0], 2), observation)
    act(named, FUNCTIONS.Move_pt("now", [1], (31, 4)), observation)
    act(named, FUNCTIONS.no_op(), observation)
    assert columns(named, observation) == ([6], [7])
    assert ENCODER.encode(observation, named)["last_place"].tolist() == [[1, 31, 4]]
    act(named, FUNCTIONS.raw_move_camera((3, 0)), observation)
    assert columns(named, observation) == ([6], [7])
    assert ENCODER.encode(observation, named)["last_place"].tolist() == [[1, 3, 0]]


def test_what_is_selected_now_is_not_told(named):
    # People select whom they will name next; who acts by raw actions selects nobody.
    observation, chosen = seen(5, 6), seen(5, 6)
    chosen["raw_units"][1, features.FeatureUnit.is_selected] = 1
    expected = ENCODER.encode(observation, named)["raw_units"]
    np.testing.assert_array_equal(ENCODER.encode(chosen, named)["raw_units"], expected)
    chosen["raw_units"][1, features.FeatureUnit.is_blip] = 1  # another column is told
    assert np.any(ENCODER.encode(chosen, named)["raw_units"] != expected)


def test_as_many_units_as_an_action_can_name(named):
    observation = seen(5, 6, 7, 8)
    act(named, FUNCTIONS.Stop_quick("now", [0, 2, 3]), observation)
    assert columns(named, observation) == ([5, 7, 8], [])


def test_a_new_match_knows_nothing(named):
    observation = seen(5, 6)
    act(named, FUNCTIONS.Attack_unit("now", [0], 1), observation)
    act(named, FUNCTIONS.raw_move_camera((3, 0)), observation)
    named.begin()
    assert columns(named, observation) == ([], [])
    assert not ENCODER.encode(observation, named)["last_place"].any()


def test_arrays_share_no_memory_with_what_is_remembered(named):
    observation = seen(5)
    act(named, FUNCTIONS.raw_move_camera((3, 4)), observation)
    ENCODER.encode(observation, named)["last_place"][:] = 9
    assert ENCODER.encode(observation, named)["last_place"].tolist() == [[1, 3, 4]]
