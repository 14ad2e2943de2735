"""The build order and the cumulative statistics of what happened."""

import numpy as np

from data import strategy


def test_the_first_twenty_in_time():
    made = [strategy.Made(10 * n, 48, (n, n + 0.5)) for n in range(30, 0, -1)]
    summary = strategy.summarize(made, [], [])
    summary.validate()
    np.testing.assert_array_equal(summary.build_order_game_loops, range(10, 210, 10))
    np.testing.assert_array_equal(summary.build_order_world_xy[2], [3, 3.5])
    assert (summary.build_order_unit_types == 48).all()


def test_a_short_build_order_ends_in_zeros_and_keeps_the_order_of_one_loop():
    summary = strategy.summarize(
        [strategy.Made(5, 45, (1, 2)), strategy.Made(5, 19, (3, 4)), strategy.Made(1, 21, (5, 6))],
        [], [])
    assert summary.build_order_unit_types.tolist() == [21, 45, 19] + [0] * 17


def test_cumulative_statistics_know_everything_and_the_unknown():
    made = [strategy.Made(n, 48, (0, 0)) for n in range(1, 25)] + [strategy.Made(99, 21, (0, 0)),
                                                                strategy.Made(0, 60_000, (0, 0))]
    summary = strategy.summarize(made, upgrades=[15, 99_999], effects=[6])
    present = {strategy.UNIT_TYPES[i] for i in np.flatnonzero(summary.cumulative_units[:-1])}
    assert present == {48, 21}
    assert summary.cumulative_units[-1]
    assert summary.build_order_unit_types[0] == strategy.UNKNOWN_UNIT_TYPE
    assert [strategy.UPGRADES[i] for i in np.flatnonzero(summary.cumulative_upgrades[:-1])] == [15]
    assert summary.cumulative_upgrades[-1]
    assert [strategy.EFFECTS[i] for i in np.flatnonzero(summary.cumulative_effects)] == [6]


def test_who_did_nothing_has_zeros():
    for one in (strategy.empty(), strategy.summarize([], [], [])):
        one.validate()
        assert not any(value.any() for value in one.to_dict().values())
