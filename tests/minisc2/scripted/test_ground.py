"""Where scripted players build."""

import random

import numpy as np
import pytest

from minisc2.scripted import ground as ground_lib
from minisc2.scripted import knowledge


def _known(pathing=None, placement=None, height=None):
    whole = np.ones((32, 32), bool)
    return knowledge.MapKnowledge(
        "test", (32, 32), (0, 0, 32, 32), ((5.5, 5.5), (26.5, 26.5)),
        whole if pathing is None else pathing, whole if placement is None else placement,
        np.full((32, 32), 127, np.uint8) if height is None else height,
        {}, frozenset(), frozenset(), frozenset())


def _find(ground, name, wanted, lane=1, was_seen=lambda xy: True, seed=1):
    return ground.find(name, wanted, was_seen, random.Random(seed), spread=0.0, lane=lane)


def test_nearest_place_fits_the_grid():
    ground = ground_lib.Ground(_known())
    assert _find(ground, "SupplyDepot", (10.2, 9.9)) == (10.0, 10.0)  # even sides: whole numbers
    assert _find(ground, "Barracks", (10.2, 9.9)) in {(10.5, 9.5), (10.5, 10.5), (9.5, 9.5)}


def test_lanes_are_left_between_structures():
    ground = ground_lib.Ground(_known())
    ground.take("Barracks", (10.5, 10.5))  # and its add-on: columns 9 to 13, rows 9 to 11
    left, bottom = (value - 1.5 for value in _find(ground, "Barracks", (10.5, 10.5)))
    assert left + 5 < 9 or left > 14 or bottom + 3 < 9 or bottom > 12
    ground.release("Barracks", (10.5, 10.5))
    assert _find(ground, "Barracks", (10.5, 10.5)) == (10.5, 10.5)


def test_depots_may_touch_each_other():
    ground = ground_lib.Ground(_known())
    ground.take("SupplyDepot", (10.0, 10.0))
    x, y = _find(ground, "SupplyDepot", (10.0, 10.0), lane=0)
    assert max(abs(x - 10), abs(y - 10)) == 2


def test_workers_keep_their_way():
    ground = ground_lib.Ground(_known())
    ground.keep_free((5.0, 16.0), (25.0, 16.0), 2.5)
    _, y = _find(ground, "SupplyDepot", (15.0, 16.0))
    assert abs(y - 16.0) > 3.0


def test_ramps_and_other_levels_are_no_ground_to_build_on():
    placement = np.ones((32, 32), bool)
    placement[:, 15:17] = False
    height = np.full((32, 32), 127, np.uint8)
    height[:, 16:] = 160
    ground = ground_lib.Ground(_known(placement=placement, height=height))
    x, _ = _find(ground, "SupplyDepot", (14.0, 16.0))
    assert x + 1 <= 12  # columns 15 and 16 are a ramp; three cells before it stay free
    x, _ = _find(ground, "SupplyDepot", (18.0, 16.0))
    assert x - 1 >= 20


def test_refused_and_unseen_places_are_not_taken():
    ground = ground_lib.Ground(_known())
    ground.refuse("SupplyDepot", (10.0, 10.0))
    assert _find(ground, "SupplyDepot", (10.0, 10.0)) != (10.0, 10.0)
    assert not ground.is_free("SupplyDepot", (10.0, 10.0))
    x, _ = _find(ground, "SupplyDepot", (10.0, 10.0), was_seen=lambda xy: xy[0] >= 20)
    assert x == 21.0
    assert _find(ground, "SupplyDepot", (10.0, 10.0), was_seen=lambda xy: False) is None


@pytest.mark.parametrize("name", ["Barracks", "CommandCenter"])
def test_chance_moves_places(name):
    ground = ground_lib.Ground(_known())
    places = {ground.find(name, (15.0, 15.0), lambda xy: True, random.Random(seed))
              for seed in range(8)}
    assert len(places) > 3
