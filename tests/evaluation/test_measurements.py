"""What is read off the game's answers: results, what was finished, attacks."""

import types

import pytest
from s2clientprotocol import data_pb2, sc2api_pb2

from evaluation import measurements
from tests.evaluation import match_library

DEPOT, LOWERED, BARRACKS, SCV, MARINE, MULE, SPIRE = 19, 47, 21, 45, 48, 268, 92
ENEMY = 4


def kind(name, cost=100, alias=0, structure=False, armed=False):
    return types.SimpleNamespace(
        name=name, mineral_cost=cost, vespene_cost=0, unit_alias=alias,
        attributes=[data_pb2.Structure] if structure else [], weapons=[1] if armed else [])


UNIT_DATA = {
    0: kind("NotAUnit"), DEPOT: kind("SupplyDepot", structure=True),
    LOWERED: kind("SupplyDepotLowered", alias=DEPOT, structure=True),
    BARRACKS: kind("Barracks", structure=True), SCV: kind("SCV", armed=True),
    MARINE: kind("Marine", armed=True), MULE: kind("MULE", cost=0, armed=True),
    SPIRE: kind("Spire", structure=True)}


def watch(*responses):
    measured = measurements.Measurements(UNIT_DATA)
    for response in responses:
        measured.look(response)
    return measured


def unit(tag, unit_type, xy=(0, 0), **fields):
    return {"tag": tag, "unit_type": unit_type, "xy": xy} | fields


@pytest.mark.parametrize(("results", "expected"), [
    ([(1, sc2api_pb2.Victory), (2, sc2api_pb2.Defeat)], "victory"),
    ([(2, sc2api_pb2.Victory), (1, sc2api_pb2.Defeat)], "defeat"),
    ([(1, sc2api_pb2.Tie), (2, sc2api_pb2.Tie)], "tie"),
    ([(1, sc2api_pb2.Undecided)], "undecided"),
    ([], "undecided"),
    ([(2, sc2api_pb2.Victory)], "undecided")])
def test_the_result_is_what_the_game_says_to_the_player(results, expected):
    assert measurements.result_of(match_library.response(results=results)) == expected


def test_what_is_finished_counts_once():
    start = [unit(1, SCV)]
    measured = watch(
        match_library.response(0, [*start]),
        match_library.response(8, [*start, unit(2, DEPOT, build_progress=0.5)]),
        match_library.response(16, [*start, unit(2, DEPOT), unit(3, MULE), unit(4, SCV)]),
        # Lowered, and raised again: the same depot. An enemy's Barracks is nothing of ours.
        match_library.response(24, [*start, unit(2, LOWERED), unit(5, BARRACKS, alliance=ENEMY)]),
        match_library.response(32, [*start, unit(2, DEPOT), unit(6, BARRACKS, build_progress=0.9)]))
    assert measured.finished == {"SupplyDepot": 1, "SCV": 1}
    # The build order holds what was begun, too.
    assert [one[:2] for one in measured.build_order] == [(8, DEPOT), (16, SCV), (32, BARRACKS)]


def attackers(num, x, unit_type=MARINE):
    return [unit(100 + i, unit_type, (x, 50)) for i in range(num)]


TARGET = unit(50, SPIRE, (50, 50), alliance=ENEMY)


@pytest.mark.parametrize(("army", "target", "largest", "first"), [
    (attackers(5, 40), TARGET, 5, 16),
    (attackers(4, 40), TARGET, 0, None),  # a scout
    (attackers(5, 30), TARGET, 0, None),  # far away: it defends itself
    (attackers(5, 40, SCV), TARGET, 0, None),  # no army
    (attackers(5, 40), TARGET | {"unit_type": MARINE}, 0, None),  # no structure
    (attackers(5, 40), TARGET | {"alliance": 1}, 0, None),  # its own
    (attackers(5, 40), TARGET | {"display_type": 2}, 5, 16),  # seen before, now in the fog
])
def test_an_attack_is_an_army_near_structures_that_does_damage(army, target, largest, first):
    def step(game_loop, damage):
        return match_library.response(
            game_loop, [dict(one) for one in [*army, target]], damage=damage)

    measured = watch(step(0, 3), step(8, 3), step(16, 9), step(24, 12))
    assert (measured.largest_attack, measured.first_attack) == (largest, first)


def test_damage_before_the_army_is_there_is_no_attack():
    far, near = attackers(6, 10), attackers(6, 45)
    measured = watch(
        match_library.response(0, [*map(dict, far), dict(TARGET)], damage=0),
        match_library.response(8, [*map(dict, far), dict(TARGET)], damage=50),
        match_library.response(16, [*map(dict, near), dict(TARGET)], damage=50))
    assert (measured.largest_attack, measured.first_attack) == (6, None)


def test_refused_commands_are_counted():
    measured = watch(*(match_library.response(8 * n, errors=tags) for n, tags in enumerate(
        [(), (7,), (7,), (7, 8), (), (7, 8, 9)])))
    # At 8 one unit, at 24 a second one, at 40 all of a group; at 16 the first only tries again.
    assert measured.num_refused == 3
