"""Where computers build: places exist, do not lie in each other, and leave the way free."""

import itertools

import pytest

from minisc2.ai import sites
from tests.minisc2.ai import matches

MAPS = ["Simple64", "Simple128", "Flat64", "Flat128"]


def cells(xy, width, height):
    left, below = round(xy[0] - width / 2), round(xy[1] - height / 2)
    return set(itertools.product(range(left, left + width), range(below, below + height)))


@pytest.mark.parametrize("map_name", MAPS)
def test_places_for_structures(map_name):
    world = matches.match((0, 0), map_name=map_name)
    for state in world.players.values():
        found = sites.of(world, state.start_xy)
        assert found.bases[0].xy == state.start_xy
        assert len(found.bases[0].fields) == 8
        assert len(found.bases[0].geysers) == 2
        assert len(found.producers) >= 8
        assert len(found.depots) >= 10
        taken = set()
        for unit in world.units.values():
            taken |= cells((unit.x, unit.y), *unit.type.footprint)
        for xy in found.producers:
            mine = cells(xy, 3, 3) | cells((xy[0] + 2.5, xy[1] - 0.5), 2, 2)
            assert not mine & taken
            taken |= mine
        for xy in found.depots:
            assert not cells(xy, 2, 2) & taken
            taken |= cells(xy, 2, 2)
        assert all(world.game_map.placement_grid[y, x] for xy in found.depots
                   for x, y in cells(xy, 2, 2))


def test_simple64_has_its_natural_expansions():
    world = matches.match((0, 0))
    found = sites.of(world, world.players[1].start_xy)
    assert len(found.bases) == 4
    # Next to one's own start comes one's own expansion, last the other player's start.
    assert found.bases[-1].xy == world.players[2].start_xy
    assert all(len(base.fields) == 8 for base in found.bases)
    for base in found.bases[1:-1]:
        for x, y in base.fields:  # a hall has to stay three cells away from resources
            assert abs(x - base.xy[0]) >= 6.5 or abs(y - base.xy[1]) >= 6.0


def test_sites_are_worked_out_once():
    first, second = matches.match((0, 0)), matches.match((0, 0), seed=2)
    start = first.game_map.start_locations[0]
    assert sites.of(first, start) is sites.of(second, start)
