"""Edit distances of build orders: known values, a slow truth, and a dataset's own."""

import dataclasses

import numpy as np
import pytest

from data import hkl
from evaluation import build_orders, match_records
from tests.evaluation import match_library


def orders(*lists, width=None):
    """Build orders from lists of (type, x, y)."""
    width = width or max(1, *map(len, lists))
    types, places = np.zeros((len(lists), width), np.int64), np.zeros((len(lists), width, 2))
    for row, one in enumerate(lists):
        for column, (kind, *xy) in enumerate(one):
            types[row, column], places[row, column] = kind, xy
    return build_orders.BuildOrders(types, places)


def at_origin(text):
    return [(ord(letter), 0, 0) for letter in text]


def slow_distance(a, b, with_places):
    """Levenshtein's recurrence, in plain Python."""
    if not a or not b:
        return float(len(a) + len(b))
    (kind, x, y), (other, u, v) = a[-1], b[-1]
    change = 1.0
    if kind == other:
        squared = ((x - u)**2 + (y - v)**2) / 36
        change = 0.8 * min(1, squared) if with_places else 0.0
    return min(slow_distance(a[:-1], b, with_places) + 1,
               slow_distance(a, b[:-1], with_places) + 1,
               slow_distance(a[:-1], b[:-1], with_places) + change)


@pytest.mark.parametrize(("a", "b", "expected"), [
    ("kitten", "sitting", 3), ("abc", "ac", 1), ("", "abcd", 4), ("abcd", "", 4),
    ("abc", "abc", 0)])
def test_known_distances(a, b, expected):
    found = build_orders.distances(orders(at_origin(a)), orders(at_origin(b)), True)
    np.testing.assert_allclose(found, [expected])


def test_known_distances_of_places():
    base = orders([(1, 0, 0), (2, 10, 10)])
    # 3 cells of 6 apart: 0.8 * (3 / 6)^2 = 0.2. 30 and 3 apart: 0.8 + 0.2.
    near, far = [(1, 0, 0), (2, 10, 13)], [(1, 30, 0), (2, 10, 13)]
    np.testing.assert_allclose(
        build_orders.distances(base, orders(near, far), True), [0.2, 1.0])
    np.testing.assert_allclose(build_orders.distances(base, orders(near, far), False), [0, 0])


@pytest.mark.parametrize("with_places", [True, False])
def test_it_is_the_recurrence(with_places):
    generator = np.random.default_rng(0)

    def draw():
        return [(int(generator.integers(1, 4)), *generator.uniform(0, 9, 2))
                for _ in range(generator.integers(0, 6))]

    for _ in range(10):
        one, others = draw(), [draw() for _ in range(7)]
        found = build_orders.distances(orders(one), orders(*others), with_places)
        np.testing.assert_allclose(
            found, [slow_distance(one, other, with_places) for other in others])


def test_nearest_and_apart():
    references = orders(at_origin("abcd"), at_origin("abce"), at_origin("xyz"))
    played = orders(at_origin("abcd"), at_origin("xy"))
    np.testing.assert_allclose(build_orders.nearest(played, references, True), [0, 1])
    # Nearest others: 1, 1, and "xyz" is 4 from both.
    assert build_orders.apart(references, True) == pytest.approx(2)
    assert build_orders.apart(orders(at_origin("a")), True) is None


def test_build_orders_of_matches():
    record = match_library.record(made=((10, 45, 3.0, 4.0), (20, 999_999, 5.0, 6.0)))
    found = build_orders.of_matches([match_library.record(made=()), record])
    assert found.unit_types.shape == (2, 20) and not found.unit_types[0].any()
    # A type that pysc2's tables do not know counts as in the files.
    assert found.unit_types[1, :3].tolist() == [45, build_orders.strategy.UNKNOWN_UNIT_TYPE, 0]
    assert found.world_xy[1, 1].tolist() == [5, 6]
    assert isinstance(record, match_records.MatchRecord)


def test_build_orders_of_a_dataset(tmp_path):
    for seed, race in enumerate(("terran", "zerg")):
        episode = match_library.episode(seed)
        strategy = episode.strategy
        strategy.build_order_unit_types[:2] = 45, 19 + seed
        strategy.build_order_world_xy[1] = 7, 8
        hkl.write(tmp_path / f"{race}.hkl", dataclasses.replace(
            episode, metadata=dataclasses.replace(episode.metadata, race=race)))
    every = build_orders.of_dataset(tmp_path)
    assert len(every) == 2
    zerg = build_orders.of_dataset(tmp_path, "zerg")
    assert zerg.unit_types[:, :3].tolist() == [[45, 20, 0]]
    assert zerg.world_xy[0, 1].tolist() == [7, 8]
    with pytest.raises(ValueError, match="no episode of a protoss player"):
        build_orders.of_dataset(tmp_path, "protoss")
