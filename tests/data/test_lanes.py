"""Windows follow each other in their lanes, and every action comes once an epoch."""

import collections
import itertools
import logging

import numpy as np
import pytest

from data import folder, hkl, lanes
from environment.specs import StepType
from tests.data import episodes

LENGTHS = (9, 4, 1, 13, 2, 5)


@pytest.fixture
def found(tmp_path):
    for number, length in enumerate(LENGTHS):
        hkl.write(tmp_path / f"{number}.hkl",
                  episodes.counting(length, f"match {number}", first=100 * number))
    return folder.scan(tmp_path)


def _reader(found, **settings):
    return lanes.LaneReader(found.files, found.specs, lanes.LaneSettings(**settings))


def test_every_action_comes_once_an_epoch_in_its_order(found):
    reader = _reader(found, batch_size=3, unroll_len=4, num_epochs=2, seed=5)
    streams, seen = collections.defaultdict(list), collections.Counter()
    for batch in reader.batches():
        for row in range(3):
            for t in np.flatnonzero(batch.mask[row]):
                number, following = (int(batch.observations["number"][row, t + i, 0])
                                     for i in (0, 1))
                step = number % 100
                assert number // 100 == batch.episodes[row]
                assert following == number + 1
                assert batch.actions["action_type"][row, t] == step % 5
                assert batch.rewards[row, t] == step
                assert batch.delays[row, t] == 10
                assert batch.step_types[row, t] == (StepType.MID if step else StepType.FIRST)
                is_last = step + 2 == LENGTHS[number // 100]
                assert batch.step_types[row, t + 1] == (StepType.LAST if is_last else StepType.MID)
                streams[row].append(number)
                seen[number] += 1
    # The last step of an episode has no action that leads on; the episode of one step has none.
    assert seen == {100 * e + n: 2 for e, length in enumerate(LENGTHS) for n in range(length - 1)}
    for stream in streams.values():  # a lane goes on where it was, or an episode begins
        for one, following in itertools.pairwise(stream):
            assert following == one + 1 or following % 100 == 0


def test_windows_overlap_by_one_observation(found):
    batches = list(_reader(found, batch_size=1, unroll_len=4, num_epochs=1, shuffle=False
                           ).batches())
    numbers = [batch.observations["number"][0, :, 0].tolist() for batch in batches]
    assert numbers[:3] == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [100, 101, 102, 103, 0]]
    first, mid, last = StepType.FIRST, StepType.MID, StepType.LAST
    types = [batch.step_types[0].tolist() for batch in batches[:3]]
    assert types == [[first, mid, mid, mid, mid], [mid, mid, mid, mid, last],
                     [first, mid, mid, last, first]]
    assert [batch.mask[0].tolist() for batch in batches[:3]] == [
        [True] * 4, [True] * 4, [True, True, True, False]]
    # What the trajectories of live play mean by it: nothing is learned where FIRST follows.
    for batch in batches:
        np.testing.assert_array_equal(batch.mask, batch.step_types[:, 1:] != first)


def test_padding_is_valid_and_everything_is_available_in_it(found):
    (*_, batch) = _reader(found, batch_size=8, unroll_len=50, num_epochs=1).batches()
    found.specs.observation.validate(batch.observations, (8, 51))
    found.specs.action.validate(batch.actions, (8, 50))
    empty = batch.episodes == -1
    assert empty.sum() == 3
    assert batch.observations["mask"].all()
    assert not batch.mask[empty].any()
    assert (batch.step_types[empty] == StepType.FIRST).all()


def _flat(batch):
    return [batch.step_types, batch.mask, batch.episodes, *batch.observations.values(),
            *batch.actions.values(), batch.rewards, batch.delays, *batch.strategy.values()]


def _assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        for a, b in zip(_flat(one), _flat(other), strict=True):
            np.testing.assert_array_equal(a, b)


def _take(reader, count):
    return [batch for batch, _ in zip(reader.batches(), range(count), strict=False)]


def test_the_seed_decides_and_each_epoch_differs(found):
    settings = {"batch_size": 2, "unroll_len": 3}
    first = _take(_reader(found, seed=1, **settings), 12)
    _assert_same(first, _take(_reader(found, seed=1, **settings), 12))
    other = _take(_reader(found, seed=2, **settings), 12)
    assert [b.episodes.tolist() for b in first] != [b.episodes.tolist() for b in other]
    order = [window.episode for (window,) in lanes.plan(LENGTHS, lanes.LaneSettings(
        batch_size=1, unroll_len=100, num_epochs=8))]
    epochs = [tuple(order[i:i + 5]) for i in range(0, 40, 5)]
    assert all(sorted(epoch) == [0, 1, 3, 4, 5] for epoch in epochs)
    assert len(set(epochs)) > 4


def test_it_goes_on_at_any_batch(found):
    settings = {"batch_size": 2, "unroll_len": 3, "num_epochs": 3, "seed": 4}
    whole = list(_reader(found, **settings).batches())
    for first in (1, 7, len(whole) - 1, len(whole)):
        _assert_same(list(_reader(found, first_batch=first, **settings).batches()), whole[first:])


def test_the_strategy_is_that_of_the_episode(tmp_path):
    hkl.write(tmp_path / "a.hkl", episodes.small())
    found = folder.scan(tmp_path)
    batch = next(_reader(found, batch_size=1, unroll_len=4).batches())
    for name, value in episodes.small().strategy.to_dict().items():
        np.testing.assert_array_equal(batch.strategy[name][0], value)


@pytest.mark.parametrize("how", ["damaged", "gone", "replaced"])
def test_files_that_change_later_are_left_out_and_counted(found, how, caplog):
    path = found.files[3].path
    if how == "damaged":
        path.write_bytes(path.read_bytes()[:-1])
    elif how == "gone":
        path.unlink()
    else:
        hkl.write(path, episodes.counting(40, "another"))
    reader = _reader(found, batch_size=2, unroll_len=4, num_epochs=1)
    with caplog.at_level(logging.WARNING):
        batches = list(reader.batches())
    assert len(reader.damaged) == 1
    assert len(caplog.records) == 1
    assert path.name in caplog.text
    seen = set(np.concatenate([batch.episodes for batch in batches]).tolist()) - {-1}
    assert seen == {0, 1, 4, 5}


def test_mistakes_are_named():
    for change in ({"batch_size": 0}, {"unroll_len": 0}, {"seed": -1}, {"num_epochs": 0}):
        with pytest.raises(ValueError, match=next(iter(change))):
            lanes.LaneSettings(**{"batch_size": 1, "unroll_len": 1, **change})
    with pytest.raises(ValueError, match="None of 2 episodes"):
        next(lanes.plan((1, 1), lanes.LaneSettings(batch_size=1, unroll_len=1)))
