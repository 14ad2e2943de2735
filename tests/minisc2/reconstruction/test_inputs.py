"""Commands, selections and camera moves, as recorded and as others read them."""

import collections

import pytest

from minisc2.api import tables
from minisc2.game import unit_data
from minisc2.reconstruction import abilities, build_links, casters, inputs
from tests.minisc2.reconstruction import replays


def frames(given, player_id):
    """Loops of a player's raw actions, by the rule of pysc2's `raw_action_skips`: of camera moves
    that follow each other only the last counts, and none at the end."""
    found = []
    for one in given:
        if one.player_id != player_id or isinstance(one, (inputs.Selected, inputs.Grouped)):
            continue
        is_camera = isinstance(one, inputs.CameraMoved)
        if found and found[-1][0] == one.loop:
            found[-1][1] &= is_camera
        else:
            found.append([one.loop, is_camera])
    merged = []
    for loop, is_camera in found:
        if is_camera and merged and merged[-1][1]:
            merged[-1][0] = loop
        else:
            merged.append([loop, is_camera])
    while merged and merged[-1][1]:
        merged.pop()
    return [loop for loop, _ in merged]


@pytest.mark.parametrize("number", range(1, 10))
def test_frames_of_raw_actions_are_those_that_pysc2_found(number):
    name = f"api/replay_0{number}"
    expected = list(map(int, replays.data(f"{name}.skips.txt").decode().split(",")))
    found = frames(replays.given(f"{name}.SC2Replay"), player_id=1)
    # pysc2 adds the last loop in which anybody did anything, and counts system events of the first
    # two loops.
    others = {0, 1, expected[-1]}
    assert [loop for loop in expected if loop not in others or loop in found] == found


def event(kind, loop=1, **values):
    return {"_eventid": kind, "_gameloop": loop, "_userid": {"m_userId": 0}, **values}


def delta(mask, *tags, group=10, loop=1):
    return event(28, loop, m_controlGroupId=group,
                 m_delta={"m_removeMask": mask, "m_addUnitTags": list(tags),
                          "m_addSubgroups": [], "m_subgroupIndex": 0})


def read(*events):
    """What a user's events mean."""
    user = inputs._User(player_id=1, build=75689)
    return inputs._without_stealing([one for raw in events for one in user.take(raw)])


BASE = 1 << 32
NONE, NOBODY = {"None": None}, {"ZeroIndices": []}


def test_masks_count_units_in_the_order_of_their_tags():
    changes = read(delta(NOBODY, 30, 10, 20), delta({"Mask": (2, 0b10)}),
                   delta({"OneIndices": [0]}), delta(NONE, 5), delta({"ZeroIndices": [1]}))
    assert [one.after for one in changes] == [
        (BASE + 10, BASE + 20, BASE + 30), (BASE + 10, BASE + 30), (BASE + 30,),
        (BASE + 5, BASE + 30), (BASE + 30,)]
    assert changes[1].before == changes[0].after


def group(update, index=4, loop=1):
    return event(29, loop, m_controlGroupIndex=index, m_controlGroupUpdate=update, m_mask=NONE)


def test_groups_keep_and_give_back_what_was_selected():
    changes = read(delta(NOBODY, 10), group(0), delta(NOBODY, 20), group(1), delta(NOBODY, 7),
                   group(2))
    assert changes[-1].update is inputs.GroupUpdate.RECALL
    assert changes[-1].after == (BASE + 10, BASE + 20)
    cleared = read(delta(NOBODY, 10), group(0), group(3), group(2))
    assert cleared[-1].after == ()


def test_what_the_game_does_to_steal_units_is_nothing_that_the_player_did():
    changes = read(delta(NOBODY, 10, loop=5), group(4, 1, loop=8), group(2, 2, loop=8),
                   delta(NOBODY, 10, loop=8), group(2, 1, loop=9))
    assert [type(one).__name__ for one in changes] == ["Selected", "Grouped", "Grouped"]
    assert changes[-1].loop == 9 and changes[-1].after == (BASE + 10,)


def command(loop=1, flags=256, ability=(193, 0), data=None):
    return event(27, loop, m_cmdFlags=flags, m_data=data or NONE, m_abil=None if ability is None
                 else {"m_abilLink": ability[0], "m_abilCmdIndex": ability[1]})


def point(x, y):
    return {"x": int(x * 4096), "y": int(y * 4096), "z": 0}


def test_commands_are_repeated_with_another_target():
    first, second, third = read(
        command(1, 256 | 2, None, {"TargetPoint": point(10.5, 20.25)}),
        event(103, 5, m_state=1),
        event(105, 6, m_target={"m_tag": 77, "m_snapshotPoint": point(3, 4)}),
        event(103, 6, m_state=1))
    assert (first.ability_id, first.target_xy, first.is_queued) == (1, (10.5, 20.25), True)
    assert second == first._replace(loop=5)
    assert (third.loop, third.target_tag, third.target_xy) == (6, BASE + 77, (3.0, 4.0))


def test_flags_tell_how_a_command_was_given():
    (minimap,) = read(command(flags=256 | 1 << 16))
    (autocast,) = read(command(flags=256 | 1 << 6))
    (slot,) = read(command(data={"Data": 3}))
    assert minimap.is_on_minimap and not minimap.is_autocast and minimap.slot == -1
    assert autocast.is_autocast and not autocast.is_on_minimap
    assert slot.slot == 3


@pytest.mark.parametrize(("build", "link", "index", "name"), [
    (75689, 193, 0, "Train Drone"),  # checked against the units that were selected
    (75689, 716, 0, "Effect ChronoBoostEnergyCost"), (60321, 706, 0,
                                                     "Effect ChronoBoostEnergyCost"),
    (80188, 718, 0, "Effect ChronoBoostEnergyCost"),
    (64469, 398, 0, "Effect MedivacIgniteAfterburners"),
    (75800, 616, 0, "Morph LiberatorAAMode"), (95299, 617, 0, "Morph LiberatorAGMode"),
    (93333, 400, 0, "BurrowUp WidowMine")])
def test_links_stand_for_abilities_build_by_build(build, link, index, name):
    row = tables.load()["abilities"][abilities.stable_id(build, link, index)]
    assert row["friendly_name"] == name


def test_links_that_are_not_known_have_no_id():
    assert abilities.stable_id(75689, 5000, 0) == 0
    assert abilities.stable_id(75689, 193, 31) in (0, *tables.load()["abilities"])
    assert abilities.table_build(10 ** 6) == max(abilities._runs())
    assert abilities.table_build(1) == min(abilities._runs())


def test_misnamed_links_are_counted_off():
    order = [("A", 10), ("B", 20), ("C", 30), ("D", 40), ("E", 50), ("F", 60)]
    rows = [(100, "A"), (101, "B"), (102, "F"), (103, "D"), (105, "F")]
    found = build_links.resolve(rows, order)
    assert found == {100: 0, 101: 1, 102: 2, 103: 3, 104: 4, 105: 5}
    assert build_links.runs(found, order) == [[100, 10, 6]]
    assert build_links.runs({7: 1, 8: 2, 10: 3}, order) == [[7, 20, 2], [10, 40, 1]]


def test_units_that_lack_an_ability_do_not_take_part():
    marine, barracks = unit_data.id_of("Marine"), unit_data.id_of("Barracks")
    train_marine = 560
    assert casters.obeys(barracks, train_marine) and not casters.obeys(marine, train_marine)
    assert casters.obeys(marine, abilities.SMART)
    counts = collections.Counter(use.ability_id for use in casters.uses(marine))
    assert counts[380] == 1 and 560 not in counts  # stimpack
