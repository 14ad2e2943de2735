"""Waiting as an argument: round trips, the ends of the range, and the extended spec."""

import numpy as np
import pytest

from environment import actions
from environment.delays import DELAY, DelayCodec


@pytest.mark.parametrize("step_mul", [1, 3, 8, 22])
def test_waits_of_whole_observations_come_back_as_they_are(step_mul):
    codec = DelayCodec(step_mul)
    observations = np.arange(1, codec.size)
    choices = codec.encode(observations * step_mul)
    np.testing.assert_array_equal(choices, observations)
    assert [codec.decode(choice) for choice in choices] == observations.tolist()


def test_known_choices_at_eight_loops():
    codec = DelayCodec(8, 128)
    assert codec.size == 17  # 0, 8, ..., 128
    choices = codec.encode(np.array([[0, 1, 3, 8], [11, 12, 128, 10**6]], np.int32))
    assert choices.dtype == np.int32
    # Nothing but 0 is 0; halves are rounded up; what is too long is the longest.
    np.testing.assert_array_equal(choices, [[0, 1, 1, 1], [1, 2, 16, 16]])
    assert codec.decode(np.int32(0)) == 1


def test_every_action_type_takes_it_first():
    spec = actions.ActionCodec((16, 16), (16, 16)).spec
    extended = DelayCodec(8).extend(spec)
    assert extended.arguments[0].name == DELAY and extended.arguments[0].size == 17
    assert extended.arguments[1:] == spec.arguments
    assert extended.used_by[DELAY].all()
    np.testing.assert_array_equal(extended.uses[:, 1:], spec.uses)
    with pytest.raises(ValueError, match="there is one"):
        DelayCodec(8).extend(extended)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="step_mul 0"):
        DelayCodec(0)
    with pytest.raises(ValueError, match="max_game_loops 4"):
        DelayCodec(8, 4)
    with pytest.raises(ValueError, match=r"\[0, 17\), got 17"):
        DelayCodec(8).decode(17)
