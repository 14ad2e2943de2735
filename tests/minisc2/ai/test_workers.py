"""Who gathers what."""

import pytest

from minisc2.game import orders
from tests.minisc2.ai import matches

VERY_HARD, CHEAT_VISION, TIMING = 7, 8, 3


def gas_workers(world):
    refineries = {unit.tag for unit in world.owned(1) if unit.type.name == "Refinery"}
    return [unit for unit in world.owned(1) if unit.type.is_worker and unit.orders
            and unit.orders[0].kind is orders.Kind.GATHER
            and unit.orders[0].target_tag in refineries]


@pytest.mark.parametrize(("difficulty", "leaves"), [(VERY_HARD, False), (CHEAT_VISION, True)])
def test_who_looks_after_details_leaves_gas_that_nobody_needs(difficulty, leaves):
    world = matches.match((difficulty, 0), (TIMING, 1), map_name="Flat64")
    world.step(2600)
    assert gas_workers(world)
    world.players[1].vespene = 2000
    world.step(200)
    assert bool(gas_workers(world)) != leaves
    world.players[1].vespene = 0
    world.step(200)
    assert gas_workers(world)
