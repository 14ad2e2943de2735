"""Actions of every function survive the way to pysc2 and back, on screens that are not square."""

import numpy as np
import pytest

from environment import actions, pysc2_compat
from environment.specs import ACTION_TYPE

pysc2_compat.install()

from pysc2.lib import actions as pysc2_actions
from pysc2.lib import features, point

SCREEN = (20, 32)  # H, W
MINIMAP = (12, 9)


@pytest.fixture(scope="module")
def codec():
    return actions.ActionCodec(SCREEN, MINIMAP)


@pytest.fixture(scope="module")
def pysc2_features():
    interface = features.parse_agent_interface_format(
        feature_screen=SCREEN[::-1], feature_minimap=MINIMAP[::-1], hide_specific_actions=False)
    return features.Features(interface, map_size=point.Point(64, 64))


def _action(codec, **values):
    action = codec.spec.zeros()
    for name, value in values.items():
        action[name][...] = value
    return action


def test_spec_has_every_function_and_argument(codec):
    assert codec.spec.num_action_types == 573
    assert codec.spec.action_types[12] == "Attack_screen"
    assert sorted(a.name for a in codec.spec.arguments) == sorted(pysc2_actions.TYPES._fields)
    assert codec.spec.sizes["screen"] == codec.spec.sizes["screen2"] == 640
    assert codec.spec.sizes["minimap"] == 108
    assert codec.spec.sizes["control_group_act"] == 5
    planes = {a.name: a.plane for a in codec.spec.arguments if a.plane}
    assert planes == {"screen": SCREEN, "screen2": SCREEN, "minimap": MINIMAP}


def test_uses_follows_pysc2s_tables(codec):
    names = [a.name for a in codec.spec.arguments]
    for function in pysc2_actions.FUNCTIONS:
        used = {names[i] for i in np.flatnonzero(codec.spec.uses[function.id])}
        assert used == {argument.name for argument in function.args}


def test_places_come_after_everything_else():
    assert actions.ARGUMENT_ORDER[-3:] == ("screen", "minimap", "screen2")


def test_a_place_is_y_times_width_plus_x(codec):
    # 5 * 32 + 7 = 167 is (x, y) = (7, 5) on the screen; 4 * 9 + 8 = 44 is (8, 4) on the minimap.
    call = codec.decode(_action(codec, action_type=12, queued=1, screen=167))
    assert (int(call.function), call.arguments) == (12, [[1], [7, 5]])
    call = codec.decode(_action(codec, action_type=1, minimap=44))
    assert (int(call.function), call.arguments) == (1, [[8, 4]])


def test_round_trip_of_every_function(codec):
    random = np.random.default_rng(0)
    for function_id, row in enumerate(codec.spec.uses):
        for value_of in (lambda size: 0, lambda size: size - 1, random.integers):
            action = codec.spec.zeros()
            action[ACTION_TYPE][...] = function_id
            for argument, used in zip(codec.spec.arguments, row, strict=True):
                if used:
                    action[argument.name][...] = value_of(argument.size)
            again = codec.encode(codec.decode(action))
            codec.spec.validate(again)
            assert again == action


def test_unused_arguments_are_not_looked_at(codec):
    call = codec.decode(_action(codec, action_type=0, screen=10**6))
    assert call.arguments == []
    assert codec.encode(call) == codec.spec.zeros()


def test_round_trip_through_the_protocol_of_every_function(codec, pysc2_features):
    """pysc2 makes a protocol message of our call, and its inverse of that gives our action back."""
    random = np.random.default_rng(1)
    num_checked = 0
    for function in pysc2_actions.FUNCTIONS:
        action = codec.spec.zeros()
        action[ACTION_TYPE][...] = function.id
        for argument in function.args:
            action[argument.name][...] = random.integers(codec.spec.sizes[argument.name])
        if function.name == "select_rect":  # pysc2 sorts the corners: 3 * 32 + 4 and 9 * 32 + 11
            action["screen"][...], action["screen2"][...] = 100, 299
        message = pysc2_features.transform_action(None, codec.decode(action), skip_available=True)
        again = codec.encode(pysc2_features.reverse_action(message))
        shared = function.ability_id and sum(
            other.function_type is function.function_type
            for other in pysc2_actions.ABILITY_IDS[function.ability_id]) > 1
        if not shared:  # else two functions make the same message
            assert again == action, function
            num_checked += 1
    assert num_checked > 500


def test_calls_made_by_pysc2_agents(codec):
    call = pysc2_actions.FUNCTIONS.Attack_screen("queued", point.Point(7, 5))
    assert codec.encode(call) == _action(codec, action_type=12, queued=1, screen=167)
    call = pysc2_actions.FUNCTIONS.select_control_group("set", [3])
    assert codec.encode(call) == _action(
        codec, action_type=4, control_group_act=1, control_group_id=3)


def test_unavailable_function_is_an_error(codec):
    available = np.zeros(573, np.bool_)
    available[[0, 7]] = True
    assert int(codec.decode(_action(codec, action_type=7), available).function) == 7
    with pytest.raises(ValueError, match=r"12 \(Attack_screen\) is not available.*select_army"):
        codec.decode(_action(codec, action_type=12), available)


@pytest.mark.parametrize("values, word", [
    ({"action_type": 573}, "action_type"), ({"action_type": -1}, "action_type"),
    ({"action_type": 12, "screen": 640}, "screen"), ({"action_type": 12, "queued": 2}, "queued"),
    ({"action_type": 1, "minimap": -1}, "minimap"),
])
def test_values_out_of_range_are_errors(codec, values, word):
    with pytest.raises(ValueError, match=word):
        codec.decode(_action(codec, **values))


@pytest.mark.parametrize("call, word", [
    (pysc2_actions.FunctionCall(573, []), "function id"),
    (pysc2_actions.FunctionCall(12, [[0]]), "2 arguments"),
    (pysc2_actions.FunctionCall(12, [[0], [32, 0]]), "screen"),
    (pysc2_actions.FunctionCall(12, [[0], [5]]), "screen"),
])
def test_calls_that_do_not_fit_are_errors(codec, call, word):
    with pytest.raises(ValueError, match=word):
        codec.encode(call)
