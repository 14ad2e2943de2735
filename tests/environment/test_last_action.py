"""The last action as an array, of one action and of many."""

import numpy as np

from environment import actions, last_action, raw_actions
from environment.delays import DelayCodec


def test_it_has_what_the_actions_have():
    layers = actions.ActionCodec((8, 8), (8, 8)).spec
    names = [feature.name for feature in last_action.array_spec(layers).features]
    assert names == ["last_action_type", "last_queued"]
    raw = DelayCodec(8).extend(raw_actions.RawActionCodec(8, 4, 2).spec)
    spec = last_action.array_spec(raw)
    assert [(f.name, f.num_categories) for f in spec.features] == [
        ("last_action_type", 565), ("last_delay", 17), ("last_queued", 2)]
    spec.validate(last_action.encode(raw.zeros()))


def test_known_values_of_many_actions():
    spec = DelayCodec(8).extend(raw_actions.RawActionCodec(8, 4, 2).spec)
    actions_ = spec.zeros((3, 2))
    actions_["action_type"][1, 0], actions_["delay"][1, 0], actions_["queued"][1, 0] = 563, 16, 1
    encoded = last_action.encode(actions_)
    last_action.array_spec(spec).validate(encoded, (3, 2))
    assert encoded[1, 0].tolist() == [564, 16, 1]
    # No action before is 0; the first action type is 1.
    assert encoded[0, 0].tolist() == [1, 0, 0]
    np.testing.assert_array_equal(encoded[2], [[1, 0, 0]] * 2)
