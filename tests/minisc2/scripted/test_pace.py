"""The pace of scripted players."""

import random

import pytest

from minisc2.scripted import pace

Moment = pace.Moment


@pytest.mark.parametrize("apm", [30, 120, 300, 1344])
@pytest.mark.parametrize("share_of_tasks", [0.1, 0.9])
def test_mean_gap_is_that_of_the_apm(apm, share_of_tasks):
    timing = pace.Pace(apm, random.Random(1))
    moments = random.Random(2)
    gaps = [timing.gap(Moment.TASK if moments.random() < share_of_tasks else Moment.WAIT)
            for _ in range(3000)]
    assert min(gaps) >= 1
    assert 3000 * pace.LOOPS_PER_MINUTE / sum(gaps) == pytest.approx(apm, rel=0.03)


def test_gaps_are_irregular_and_longer_while_waiting():
    timing = pace.Pace(120, random.Random(1))
    gaps = {moment: [] for moment in Moment}
    for number in range(2000):
        moment = (Moment.TASK, Moment.WAIT)[number % 10 < 3]
        gaps[moment].append(timing.gap(moment))
    mean = {moment: sum(values) / len(values) for moment, values in gaps.items()}
    assert mean[Moment.WAIT] > 1.8 * mean[Moment.TASK]
    assert len(set(gaps[Moment.TASK])) > 10


def test_same_seed_same_gaps():
    draws = []
    for seed in (1, 1, 2):
        timing = pace.Pace(120, random.Random(seed))
        draws.append([timing.gap(Moment.TASK) for _ in range(20)])
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("apm", [0, -3, 1345, float("nan")])
def test_impossible_pace_is_refused(apm):
    with pytest.raises(ValueError, match="from 1 to 1344"):
        pace.Pace(apm, random.Random(1))
