"""What happened to units, and what players had, agrees with the replay's own statistics."""

import collections
import itertools
import statistics

import pytest

from minisc2.game import unit_data, units
from minisc2.reconstruction import (
    appointments,
    blizzard_file,
    chronicle,
    economy,
    inputs,
    names,
    playback,
    retelling,
)
from tests.minisc2.api import clients
from tests.minisc2.reconstruction import replays

MINERALS, VESPENE = "m_scoreValueMineralsCurrent", "m_scoreValueVespeneCurrent"


def of(name):
    return unit_data.id_of(name)


def test_structures_stand_on_their_grid_and_others_in_the_middle_of_a_cell():
    assert chronicle.place(of("CommandCenter"), 59, 27) == (59.5, 27.5)
    assert chronicle.place(of("SupplyDepot"), 40, 30) == (40.0, 30.0)
    assert chronicle.place(of("MineralField750"), 67, 26) == (67.0, 26.5)
    assert chronicle.place(of("SCV"), 62, 24) == (62.5, 24.5)


def test_targets_are_where_the_tracker_says():
    """Commands give exact places of their targets; those of structures have to be the same."""
    name = replays.LADDER
    story = chronicle.read(replays.file(name))
    places = {one.tag: one.xy for one in story.happenings
              if isinstance(one, chronicle.Appeared) and (
                  unit_data.get(one.unit_type).is_structure
                  or unit_data.get(one.unit_type).has_minerals)
              and "Flying" not in unit_data.get(one.unit_type).name}
    aimed = [(places[one.target_tag], one.target_xy) for one in replays.given(name)
             if isinstance(one, inputs.Command) and one.target_tag in places]
    same = [place == pytest.approx(xy) for place, xy in aimed]
    assert len(aimed) > 20 and sum(same) > 0.95 * len(same)


def test_types_without_a_stable_id_are_counted_and_left_out():
    assert names.unit_type(b"MineralField450") == of("MineralField")
    assert names.unit_type(b"AccelerationZoneSmall") is None
    assert names.upgrade(b"SprayZerg") is None
    event = {"_eventid": 1, "_gameloop": 0, "m_unitTypeName": b"AccelerationZoneSmall"}
    reader = chronicle._Reader()
    assert reader.take(event) is None
    assert reader.unknown_types == {"AccelerationZoneSmall": 1}


def test_drones_are_matched_with_what_they_become():
    story = chronicle.read(replays.file(replays.ZERG))
    found = retelling._drones_of(story)
    finished = {one.tag for one in story.happenings if isinstance(one, chronicle.Finished)}
    made = [one for one in story.happenings if isinstance(one, chronicle.Appeared)
            and one.tag in finished and unit_data.get(one.unit_type).is_structure
            and "Tumor" not in unit_data.get(one.unit_type).name]
    assert len(made) > 20
    assert [one.tag for one in made if one.tag not in found] == []
    assert len(set(found.values())) == len(found)


def ledgers(file):
    """(ledger, statistics, changes) of each player."""
    story = chronicle.read(file)
    changes = economy._changes(story)
    rows = collections.defaultdict(list)
    for one in story.happenings:
        if isinstance(one, chronicle.Statistics):
            rows[one.player_id].append(one)
    return [(economy._Ledger(own, changes[player_id]), own, changes[player_id])
            for player_id, own in rows.items()]


def test_stores_between_statistics_follow_what_was_paid():
    """100 at loop 0, 60 at loop 160, 150 paid at loop 80: 110 came in, evenly."""
    rows = [chronicle.Statistics(loop, 1, {MINERALS: value, VESPENE: 0,
                                           "m_scoreValueFoodUsed": 12 * 4096})
            for loop, value in ((0, 100), (160, 60))]
    ledger = economy._Ledger(rows, [economy._Change(80, 150, 0, 1, 0)])
    assert ledger.stored(MINERALS, 0, 0) == 100
    assert ledger.stored(MINERALS, 0, 40) == 127.5  # 100 + 110 / 4
    assert ledger.stored(MINERALS, 0, 80) == 5  # 100 + 55 - 150
    assert ledger.stored(MINERALS, 0, 160) == 60
    assert ledger.counted("m_scoreValueFoodUsed", 2, 79) == 12
    assert ledger.counted("m_scoreValueFoodUsed", 2, 80) == 13


@pytest.mark.parametrize("name", [replays.TERRAN_AND_ZERG, replays.ZERG, replays.LADDER])
def test_what_was_paid_explains_stores_better_than_a_line(name):
    """Every other row of the statistics is hidden, and found again."""
    lines, models = [], []
    for _, rows, changes in ledgers(replays.file(name)):
        for before, hidden, after in zip(rows, rows[1:], rows[2:], strict=False):
            half = economy._Ledger([before, after], changes)
            middle = (before.values[MINERALS] + after.values[MINERALS]) / 2
            lines.append(abs(middle - hidden.values[MINERALS]))
            models.append(abs(half.stored(MINERALS, 0, hidden.loop) - hidden.values[MINERALS]))
    assert statistics.mean(models) < 0.85 * statistics.mean(lines)
    assert statistics.mean(models) < 60


@pytest.mark.slow
def test_supply_is_foretold_from_one_row_of_the_statistics_to_the_next():
    right = wrong = 0
    for path in replays.paths()[::3]:
        for _, rows, changes in ledgers(blizzard_file.BlizzardFile(path.read_bytes())):
            for before, after in itertools.pairwise(rows):
                ledger = economy._Ledger([before], changes)
                is_right = (ledger.counted("m_scoreValueFoodUsed", 2, after.loop)
                            == pytest.approx(after.values["m_scoreValueFoodUsed"] / 4096))
                right += is_right
                wrong += not is_right
    assert right > 0.88 * (right + wrong)


def check_statistics(path):
    """(right worker counts, all) of a replay; supply and stores have to be exact."""
    source = playback.read(path.read_bytes())
    shown = playback.Playback(source, 1, clients.options(screen=None))
    right = total = 0
    rows = [one for one in source.story.happenings if isinstance(one, chronicle.Statistics)
            and one.loop <= source.file.num_loops]
    latest = {(one.player_id, one.loop): one for one in rows}
    for (player_id, loop), row in latest.items():
        if loop > shown.game_loop:
            shown.step(loop - shown.game_loop)
        state = shown.world.players[player_id]
        assert state.minerals == pytest.approx(row.values[MINERALS]), (path, loop)
        assert state.vespene == pytest.approx(row.values[VESPENE]), (path, loop)
        assert state.food_used == pytest.approx(row.values["m_scoreValueFoodUsed"] / 4096)
        assert state.food_cap == pytest.approx(
            min(200, row.values["m_scoreValueFoodMade"] / 4096)), (path, loop)
        right += state.food_workers == row.values["m_scoreValueWorkersActiveCount"]
        total += 1
    return right, total


def test_at_the_loops_of_the_statistics_the_numbers_are_those():
    replays.data(replays.TERRAN_AND_ZERG)  # or skips
    right, total = check_statistics(replays.FOLDER / replays.TERRAN_AND_ZERG)
    assert right >= 0.98 * total


@pytest.mark.slow
def test_units_of_every_replay_agree_with_its_statistics():
    right = total = 0
    for path in replays.paths()[1::16]:
        if path.name == replays.WITHOUT_TRACKER.split("/")[-1]:
            continue
        one_right, one_total = check_statistics(path)
        right, total = right + one_right, total + one_total
    assert right >= 0.985 * total > 0


def test_known_places_come_in_order():
    story = chronicle.Chronicle((
        chronicle.Placed(480, ((7, (3.0, 4.0)), (8, (1.0, 1.0)))),
        chronicle.Died(900, 7, (9.0, 9.0), 0)), {})
    given = [inputs.Command(300, 1, 1, -1, -1, (2.0, 2.0), 7, -1, False, False, False, ())]
    known = appointments.Appointments(story, given)
    assert known.following(7, 0) == (300, (2.0, 2.0))
    assert known.following(7, 300) == (480, (3.0, 4.0))
    assert known.following(7, 899) == (900, (9.0, 9.0))
    assert known.following(7, 900) is None and known.following(5, 0) is None


def test_neutral_things_have_the_owner_that_the_api_gives_them():
    story = chronicle.read(replays.file(replays.TERRAN_AND_ZERG))
    minerals = [one for one in story.happenings if isinstance(one, chronicle.Appeared)
                and unit_data.get(one.unit_type).has_minerals]
    assert len(minerals) == 32 and {one.owner for one in minerals} == {units.NEUTRAL_OWNER}
    assert not any(unit_data.get(one.unit_type).name.startswith("Beacon")
                   for one in story.happenings if isinstance(one, chronicle.Appeared))
