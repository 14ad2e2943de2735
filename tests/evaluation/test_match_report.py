"""Figures of a series, worked out by hand."""

import json

import numpy as np
import pytest

from evaluation import build_orders, match_report
from tests.evaluation import match_library as library

RECORDS = [
    library.record(number=1, result="victory", game_loops=13_440, num_actions=300, num_limited=100,
                   num_refused=30, finished={"SupplyDepot": 3, "Barracks": 2, "Marine": 12},
                   first_attack=9000, made=((1, 45, 0.0, 0.0), (2, 19, 0.0, 0.0))),
    library.record(number=2, result="defeat", game_loops=6_720, num_actions=300,
                   finished={"SupplyDepot": 1, "Barracks": 1, "Marine": 4}, first_attack=5000,
                   made=((1, 45, 0.0, 0.0),)),
    library.record(number=3, result="undecided", game_loops=13_440, num_actions=0,
                   finished={"SupplyDepot": 1, "Barracks": 2, "Marine": 2},
                   made=((1, 45, 0.0, 0.0), (2, 19, 0.0, 0.0))),
    library.record(number=4, result="tie", game_loops=26_880, num_actions=0),
]


@pytest.fixture(scope="module")
def report():
    return match_report.make(RECORDS)


def test_results_and_win_rate(report):
    assert report.num_matches == 4
    assert report.results == {"victory": 1, "defeat": 1, "tie": 1, "undecided": 1}
    # Who has not won has not won, whatever the reason.
    assert (report.won.num_hits, report.won.num_trials) == (1, 4)


def test_length_and_pace(report):
    assert (report.mean_game_loops, report.min_game_loops, report.max_game_loops) == (
        15_120, 6_720, 26_880)
    # 30, 60, 0 and 0 actions a minute: 10, 5, 10 and 20 minutes.
    assert report.actions_per_minute == pytest.approx(22.5)
    assert report.limited_share == pytest.approx(100 / 700)
    assert report.refused_share == pytest.approx(30 / 600)


def test_what_was_built_and_done(report):
    assert {name: (share.num_hits, mean) for name, (share, mean) in report.finished.items()} == {
        "SupplyDepot": (3, 1.25), "Barracks": (3, 1.25), "Marine": (3, 4.5)}
    # One Barracks is too few in the second match; the third one does not attack.
    assert report.opening.num_hits == 2
    assert report.attacked.num_hits == 2
    assert report.opening_and_attack.num_hits == 1


def test_other_openings_can_be_looked_for():
    report = match_report.make(RECORDS, wanted={"Barracks": 1})
    assert report.opening.num_hits == 3 and report.wanted == {"Barracks": 1}


def test_closeness_to_a_dataset():
    references = build_orders.BuildOrders(
        np.array([[45, 19, 0], [45, 45, 19]]), np.zeros((2, 3, 2)))
    report = match_report.make(RECORDS, references)
    # Distances to the nearest: 0, 1, 0 and, with nothing made, 2.
    assert report.closeness.types == pytest.approx(0.75)
    assert report.closeness.dataset_types == pytest.approx(1)
    assert report.closeness.num_references == 2
    assert "0.8 to the nearest of 2 (theirs: 1.0)" in match_report.table(report)


def test_the_json_holds_the_intervals(report):
    found = json.loads(json.dumps(report.to_json()))
    assert found["won"]["num"] == 1 and found["won"]["of"] == 4
    assert found["won"]["interval"] == pytest.approx(list(report.won.interval))
    assert found["finished"]["Barracks"]["mean"] == 1.25
    assert found["finished"]["Barracks"]["matches"]["num"] == 3


def test_the_table_tells_everything(report):
    table = match_report.table(report)
    for words in ("4: 1 victory, 1 defeat, 1 tie, 1 undecided", "25 % (5 to 70)", "15,120",
                  "11.2 minutes", "14.3 % held back", "5.0 % refused", "Marine  "):
        assert words in table


def test_no_matches_are_refused():
    with pytest.raises(ValueError, match="at least one match"):
        match_report.make([])
