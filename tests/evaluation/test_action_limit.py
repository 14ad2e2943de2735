"""What counts as an action, and which actions come too fast."""

import numpy as np
import pytest

from environment import delays, specs
from evaluation import action_limit

SPEC = delays.DelayCodec(8).extend(specs.ActionSpec(
    ("no_op", "click", "stop"), (specs.ArgumentSpec("screen", 16, (4, 4)),),
    np.array([[False], [True], [False]])))
RAW = specs.ActionSpec(
    ("no_op", "Move", "move_camera"),
    (*(specs.ArgumentSpec(f"unit_{k}", 9, points_to="raw_units", sequence="units")
       for k in range(3)), specs.ArgumentSpec("world", 16, (4, 4))),
    np.array([[False] * 4, [True] * 4, [False, False, False, True]]))


def act(spec, kind, **values):
    action = spec.zeros()
    for name, value in {"action_type": kind, **values}.items():
        action[name][...] = value
    return action


def test_the_published_limit_is_22_in_5_seconds():
    # 5 s at 22.4 game loops a second.
    assert (action_limit.PUBLISHED_MAX_ACTIONS, action_limit.WINDOW_GAME_LOOPS) == (22, 112)


def test_the_window_slides():
    limit = action_limit.ActionLimit(SPEC, max_actions=2, window_game_loops=10)
    tried = [(0, 1), (4, 2), (9, 3), (10, 4), (11, 5), (14, 6)]
    # At 9 the actions of (-1, 9] are those at 0 and 4. At 10, (0, 10] has only that at 4. At 11
    # those at 4 and 10 are in the window, at 14 only that at 10.
    assert [limit.admit(loop, act(SPEC, 1, screen=place)) for loop, place in tried] == [
        True, True, False, True, False, True]


def test_what_was_refused_takes_no_room():
    limit = action_limit.ActionLimit(SPEC, max_actions=1, window_game_loops=10)
    admitted = [limit.admit(loop, act(SPEC, 1, screen=loop % 16)) for loop in range(25)]
    assert np.flatnonzero(admitted).tolist() == [0, 10, 20]


def test_nothing_and_repetitions_do_not_count():
    limit = action_limit.ActionLimit(SPEC, max_actions=1, window_game_loops=100)
    assert limit.admit(0, act(SPEC, 1, screen=3, delay=1))
    assert limit.admit(1, act(SPEC, 1, screen=3, delay=5))  # the wait is no part of it
    assert limit.admit(2, act(SPEC, 0))
    assert limit.admit(3, act(SPEC, 1, screen=3))  # doing nothing does not interrupt repetition
    assert not limit.admit(4, act(SPEC, 1, screen=4))
    # The refused one was not done, so what came before it is still a repetition.
    assert limit.admit(5, act(SPEC, 1, screen=3))
    assert not limit.admit(6, act(SPEC, 2))


def test_arguments_that_are_not_taken_make_no_difference():
    counter = action_limit.ActionCounter(SPEC)
    counter.add(act(SPEC, 2, screen=1))
    assert counter.cost(act(SPEC, 2, screen=2)) == 0


def test_a_raw_command_counts_its_selection():
    counter = action_limit.ActionCounter(RAW)

    def cost(kind, **values):
        action = act(RAW, kind, **values)
        found = counter.cost(action)
        counter.add(action)
        return found

    assert cost(1, unit_0=2, unit_1=1, world=3) == 2
    assert cost(1, unit_0=1, unit_1=2, world=4) == 1  # the same units in another order
    assert cost(2, world=5) == 1  # a camera move selects nothing
    assert cost(1, unit_0=1, unit_1=2, unit_2=0, world=4) == 1
    assert cost(1, unit_0=1, world=4) == 2
    assert cost(1, unit_0=1, unit_2=7, world=4) == 1  # what is behind the end means nothing
    assert cost(0) == 0


def test_a_command_that_would_go_over_the_limit_is_refused_whole():
    limit = action_limit.ActionLimit(RAW, max_actions=3, window_game_loops=100)
    assert limit.admit(0, act(RAW, 1, unit_0=1, world=1))
    assert not limit.admit(1, act(RAW, 1, unit_0=2, world=1))
    assert limit.admit(2, act(RAW, 1, unit_0=1, world=2))


def test_nothing_instead_keeps_the_wait():
    instead = action_limit.nothing_instead(SPEC, act(SPEC, 1, screen=7, delay=9))
    assert {name: int(value) for name, value in instead.items()} == {
        "action_type": 0, "delay": 9, "screen": 0}


def test_impossible_limits_and_specs_are_refused():
    with pytest.raises(ValueError, match="got 0 in 112"):
        action_limit.ActionLimit(SPEC, 0)
    with pytest.raises(ValueError, match="no_op"):
        action_limit.ActionCounter(specs.ActionSpec(("left",), (), np.zeros((1, 0), np.bool_)))
