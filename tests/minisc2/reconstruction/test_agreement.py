"""Abilities are read right: commands take their targets, and what was ordered was begun."""

import pytest

from minisc2.game import unit_data
from minisc2.reconstruction import (
    abilities,
    agreement,
    blizzard_file,
    chronicle,
    inputs,
    participants,
)
from tests.minisc2.reconstruction import replays

HOLD, PATROL, BUILD_DEPOT, BUILD_BARRACKS, REFINERY = 18, 17, 319, 321, 320
GIVEN = inputs.Command(9, 1, HOLD, 0, 0, None, 0, -1, False, False, False, (7,))


def begun(name, xy, loop=100, owner=1):
    return chronicle.Appeared(loop, 99, unit_data.id_of(name), owner, xy, False, 0)


def agreed(one, *given):
    return list(agreement.begun_as_ordered(chronicle.Chronicle((one,), {}), given))


def test_commands_take_what_their_abilities_take():
    at_point = {"target_xy": (3.0, 4.0)}
    for ability_id, target, expected in (
            (HOLD, {}, True), (HOLD, at_point, False), (PATROL, at_point, True),
            (PATROL, {}, False), (REFINERY, {"target_tag": 7, **at_point}, True),
            (REFINERY, at_point, True), (REFINERY, {}, False), (0, {}, None),
            (abilities.SMART, at_point, None), (HOLD, {"slot": 2}, None)):
        given = GIVEN._replace(ability_id=ability_id, **target)
        assert agreement.takes_its_target(given) is expected, (ability_id, target)


def test_structures_are_begun_as_the_latest_order_there_says():
    depot = GIVEN._replace(ability_id=BUILD_DEPOT, target_xy=(40.0, 30.0))
    barracks = depot._replace(ability_id=BUILD_BARRACKS, loop=50)
    assert agreed(begun("SupplyDepot", (40.0, 30.0)), depot) == [True]
    assert agreed(begun("SupplyDepot", (40.0, 30.0)), depot, barracks) == [False]
    assert agreed(begun("SupplyDepot", (41.0, 30.0)), depot) == []
    assert agreed(begun("SupplyDepot", (40.0, 30.0), owner=2), depot) == []
    assert agreed(begun("SupplyDepot", (40.0, 30.0), loop=5), depot) == []
    assert agreed(begun("SupplyDepot", (40.0, 30.0), loop=9000), depot) == []


@pytest.mark.slow
def test_commands_of_every_replay_agree_with_what_came_of_them():
    """Build by build: a table of links that is off by one would not pass for its own replays."""
    targets: dict[int, list[bool]] = {}
    structures: dict[int, list[bool]] = {}
    for path in replays.paths():
        file = blizzard_file.BlizzardFile(path.read_bytes())
        given = inputs.read(file, participants.read(file))
        targets.setdefault(file.build, []).extend(
            fits for one in given if isinstance(one, inputs.Command)
            and (fits := agreement.takes_its_target(one)) is not None)
        if file.tracker_events:
            structures.setdefault(file.build, []).extend(
                agreement.begun_as_ordered(chronicle.read(file), given))
    assert sum(map(len, targets.values())) > 60_000 and sum(map(len, structures.values())) > 3500
    assert len(targets) > 25
    for build, told in (*targets.items(), *structures.items()):
        assert sum(told) >= 0.95 * len(told), build
    assert sum(map(sum, targets.values())) > 0.9998 * sum(map(len, targets.values()))
    assert sum(map(sum, structures.values())) > 0.998 * sum(map(len, structures.values()))


def test_orders_of_the_replays_of_4_1_2_are_what_they_say():
    """A sixth of the commands in these replays patrol: pysc2's random agent made them, which
    chooses alike among all functions, and acts every 8 game loops."""
    given = [one for one in replays.given(replays.TERRAN_AND_ZERG)
             if isinstance(one, inputs.Command)]
    kinds = {PATROL: [], HOLD: []}
    for one in given:
        if one.ability_id in kinds:
            kinds[one.ability_id].append(one.target_xy is not None)
    assert all(kinds[PATROL]) and not any(kinds[HOLD])
    assert len(kinds[PATROL]) > 20 and len(kinds[HOLD]) > 10
    assert sum(one.loop % 8 in (0, 1) for one in given) > 0.95 * len(given)
