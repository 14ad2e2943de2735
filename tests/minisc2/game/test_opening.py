"""The standard opening against the clock of the real game.

Sources: the build order that Liquipedia lists as standard for 4.10 (14 supply depot at 0:18, 16
barracks at 0:40), and build times of the unit table: depot 480, barracks 1,040, Marine 400 game
loops. So the first Marine is there 1,440 game loops, 64 seconds, after the barracks was begun.
"""

import pytest

from minisc2.game import orders, unit_data
from tests.minisc2.game import bases

TRAIN_SCV, TRAIN_MARINE = 524, 560
LOOPS_PER_SECOND = 22.4
PLAN = ((14, 100, 319, (24.0, 33.0)), (16, 150, 321, (20.5, 28.5)))
"""Supply at which it is ordered, cost, ability and place."""


def play_opening():
    """Seconds on screen at which things begin and are finished."""
    world = bases.base(12)
    state, hall = world.players[1], bases.named(world, "CommandCenter")[0]
    state.minerals = 50
    bases.gather_all(world, bases.fields(world)[4])
    plan, times = list(PLAN), {}
    while "Marine" not in times and world.loop < 4000:
        if not hall.orders and state.food_used < 19:
            bases.order(world, hall, TRAIN_SCV)
        if plan and state.food_used >= plan[0][0] and state.minerals >= plan[0][1]:
            _, _, ability_id, xy = plan[0]
            worker = min((scv for scv in bases.named(world, "SCV")
                          if scv.harvest_tag and not scv.carried_minerals),
                         key=lambda scv: (scv.distance_to(*xy), scv.index))
            field = world.units[worker.harvest_tag]
            if bases.order(world, worker, ability_id, xy) == 1:
                bases.order(world, worker, orders.SMART, field, queued=True)
                del plan[0]
        for barracks in bases.named(world, "Barracks"):
            if barracks.build_progress >= 1 and not barracks.orders:
                bases.order(world, barracks, TRAIN_MARINE)
        world.step(1)
        for unit in world.owned(1):
            times.setdefault(unit.type.name, world.loop / LOOPS_PER_SECOND)
            if unit.build_progress >= 1:
                times.setdefault(f"{unit.type.name} finished", world.loop / LOOPS_PER_SECOND)
    return times


def test_first_marine():
    times = play_opening()
    assert times["SupplyDepot"] == pytest.approx(18, abs=2)
    assert times["SupplyDepot finished"] - times["SupplyDepot"] == pytest.approx(21.4, abs=0.1)
    assert times["Barracks"] == pytest.approx(41, abs=2.5)
    assert times["Barracks finished"] - times["Barracks"] == pytest.approx(46.4, abs=0.1)
    assert times["Marine"] - times["Barracks finished"] == pytest.approx(17.9, abs=0.2)
    assert times["Marine"] == pytest.approx(1 * 60 + 46, abs=3)


def test_build_times_of_the_table():
    for name, seconds in (("SCV", 12), ("SupplyDepot", 21), ("Barracks", 46), ("Marine", 18),
                          ("Refinery", 21), ("CommandCenter", 71), ("OrbitalCommand", 25)):
        game_loops = unit_data.get(unit_data.id_of(name)).build_time
        assert round(game_loops / LOOPS_PER_SECOND) == seconds
