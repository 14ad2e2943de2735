"""Statistics of scores against values worked out by hand."""

import math

import numpy as np
import pytest

from evaluation import statistics


def test_known_values():
    # Mean 5; squared deviations 9 1 1 1 0 0 4 16 sum to 32, / 7 is the variance.
    summary = statistics.summarize([2, 4, 4, 4, 5, 5, 7, 9])
    deviation = math.sqrt(32 / 7)
    # 2.364624 is the 97.5 % point of Student's t with 7 degrees of freedom in printed tables.
    half = 2.364624 * deviation / math.sqrt(8)
    assert summary.num_episodes == 8 and summary.mean == 5
    assert summary.standard_deviation == pytest.approx(deviation)
    assert summary.interval == pytest.approx((5 - half, 5 + half), abs=1e-5)
    assert (summary.minimum, summary.maximum) == (2, 9)


def test_one_score_has_no_interval():
    summary = statistics.summarize([3.0])
    assert summary.mean == 3 and summary.standard_deviation is None and summary.interval is None
    assert "-" in statistics.table(summary)


def test_the_interval_covers_the_mean_95_times_in_100():
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(2000):
        low, high = statistics.summarize(generator.normal(20, 3, 5)).interval
        covered += low <= 20 <= high
    assert 0.935 < covered / 2000 < 0.965  # a normal quantile in place of Student's gives 0.88


@pytest.mark.parametrize("scores", [[], [math.nan], [1.0, math.inf], [[1.0]]])
def test_impossible_scores_are_refused(scores):
    with pytest.raises(ValueError, match="scores: expected"):
        statistics.summarize(scores)


def test_table_lines_up():
    lines = statistics.table(statistics.summarize([24, 25.5, 27])).split("\n")
    assert len({len(line) for line in lines}) == 1
    assert lines[2].split() == ["3", "25.50", "1.50", "21.77", "to", "29.23", "24", "27"]


# 95 % Wilson intervals in print: Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(("num_hits", "num_trials", "low", "high"), [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718)])
def test_wilson_intervals_in_print(num_hits, num_trials, low, high):
    share = statistics.share(num_hits, num_trials)
    assert share.interval == pytest.approx((low, high), abs=5e-5)
    assert share.value == num_hits / num_trials


def test_wilson_intervals_mirror_each_other():
    low, high = statistics.share(20, 20).interval
    mirror_low, mirror_high = statistics.share(0, 20).interval
    assert (low, high) == pytest.approx((1 - mirror_high, 1 - mirror_low))
    assert high == 1 and mirror_low == 0


def test_wilson_intervals_hold_their_share():
    generator = np.random.default_rng(0)
    for p in (0.02, 0.5, 0.8):  # p ± z sqrt(p (1-p) / n) covers 0.02 in 86 of 100
        hits = generator.binomial(100, p, 2000)
        covered = [low <= p <= high for low, high in
                   (statistics.share(int(h), 100).interval for h in hits)]
        # Not exactly 0.95, since hits are whole numbers.
        assert 0.92 < np.mean(covered) < 0.98


@pytest.mark.parametrize(("num_hits", "num_trials"), [(0, 0), (3, 2), (-1, 2)])
def test_impossible_shares_are_refused(num_hits, num_trials):
    with pytest.raises(ValueError, match=f"got {num_hits} of {num_trials}"):
        statistics.share(num_hits, num_trials)


def test_a_share_says_its_interval():
    assert str(statistics.share(80, 100)) == "80 % (71 to 87)"
