"""Ways that scripted players know."""

import itertools
import math

import numpy as np
import pytest

from minisc2.scripted import walking

# A wall with a gap at the top: from left to right one has to go around.
_PATHING = np.array([
    [1, 1, 0, 1, 1],
    [1, 1, 0, 1, 1],
    [1, 1, 1, 1, 1]], bool)


def test_distances_go_around_walls():
    lengths = walking.distances(_PATHING, (0.5, 0.5))
    assert lengths[0, 0] == 0
    # Up two rows by diagonals to column 2 and down again: four diagonal steps.
    assert lengths[0, 4] == pytest.approx(4 * math.sqrt(2))
    assert np.isinf(lengths[0, 2])


def test_way_leads_from_start_to_end_by_neighbouring_cells():
    lengths = walking.distances(_PATHING, (0.5, 0.5))
    way = walking.way(lengths, (4.2, 0.9))
    assert way[0] == (0.5, 0.5) and way[-1] == (4.5, 0.5)
    assert all(max(abs(x1 - x0), abs(y1 - y0)) == 1
               for (x0, y0), (x1, y1) in itertools.pairwise(way))
    assert (2.5, 2.5) in way


def test_there_is_no_way_to_an_island():
    pathing = _PATHING.copy()
    pathing[2, 2] = False
    lengths = walking.distances(pathing, (0.5, 0.5))
    assert np.isinf(lengths[0, 4])
    assert walking.way(lengths, (4.5, 0.5)) == [(4.5, 0.5)]
