"""Selecting through pysc2: by point, box and key, in groups and panels; and what changes it."""

import numpy as np

from tests.minisc2.terran import stage as stage_lib


def _selected(screen: stage_lib.Stage) -> list[int]:
    """Types of the selected units as the panels show them."""
    panel = screen.observation.multi_select
    return [int(one[0]) for one in (panel if len(panel) else screen.observation.single_select)]


def _tags(screen: stage_lib.Stage) -> set[int]:
    return {one.tag for one in screen.response.observation.raw_data.units if one.is_selected}


def _box(screen: stage_lib.Stage, left: float, bottom: float, right: float, top: float,
         how: str = "select") -> None:
    screen.do("select_rect", how, screen.pixel(left, top), screen.pixel(right, bottom))


def test_points_select_toggle_and_take_all_of_a_type(screen: stage_lib.Stage) -> None:
    marines = [screen.create("Marine", 40 + 3 * number, 44) for number in range(3)]
    tank = screen.create("SiegeTank", 44, 48)
    far = screen.create("Marine", 70, 20)
    screen.select(marines[0])
    screen.select(marines[1], "toggle")
    assert _tags(screen) == {marines[0].tag, marines[1].tag}
    screen.select(marines[0], "toggle")
    assert _tags(screen) == {marines[1].tag}
    screen.select(tank, "select")
    screen.select(marines[0], "add_all_type")
    assert _tags(screen) == {tank.tag, *(one.tag for one in marines)}
    screen.select(marines[2], "select_all_type")
    assert _tags(screen) == {one.tag for one in marines}
    assert far.tag not in _tags(screen)
    shown = screen.observation.feature_units
    assert {int(one.unit_type) for one in shown if one.is_selected} == {48}
    assert (np.asarray(screen.observation.feature_screen.selected) == 1).any()


def test_boxes_take_units_before_structures(screen: stage_lib.Stage) -> None:
    barracks, marine = screen.create("Barracks", 44.5, 46.5), screen.create("Marine", 40, 40)
    depot = screen.create("SupplyDepot", 50, 46)
    _box(screen, 42, 44, 52, 49)
    assert _tags(screen) == {barracks.tag, depot.tag}
    _box(screen, 38, 38, 52, 49)
    assert _tags(screen) == {marine.tag}
    _box(screen, 42, 44, 52, 49, "add")
    assert marine.tag in _tags(screen)
    _box(screen, 33, 33, 34, 34)
    assert marine.tag in _tags(screen), "an empty box changes nothing"


def test_enemies_are_selected_alone_and_take_no_commands(screen: stage_lib.Stage) -> None:
    marine, enemy = screen.create("Marine", 40, 44), screen.create("Probe", 46, 44, owner=2)
    screen.do("select_army", "select")
    screen.select(enemy)
    assert _tags(screen) == {enemy.tag}
    assert screen.available() <= {"no_op", "move_camera", "select_point", "select_rect",
                                  "select_control_group", "select_army"}
    screen.do("select_control_group", "set", 3)
    assert not screen.observation.control_groups[3].any()
    screen.select(marine)
    screen.select(enemy, "toggle")
    assert _tags(screen) == {marine.tag}


def test_groups_keep_their_members_through_change(screen: stage_lib.Stage) -> None:
    screen.rich()
    tank, marine = screen.create("SiegeTank", 40, 44), screen.create("Marine", 44, 44)
    dying = screen.create("Marine", 44, 40)
    bunker = screen.create("Bunker", 48.5, 44.5)
    _box(screen, 38, 38, 46, 46)
    screen.do("select_control_group", "set", 1)
    assert list(screen.observation.control_groups[1]) == [48, 3] or list(
        screen.observation.control_groups[1]) == [33, 3]
    screen.select(tank)
    screen.do("Morph_SiegeMode_quick", "now")
    screen.kill(dying.tag)
    screen.select(screen.by_tag(marine.tag))
    screen.call("Smart_screen", marine.tag, bunker)
    screen.wait(100)
    assert _tags(screen) == set(), "who boards a bunker is no longer selected"
    assert screen.by_tag(bunker.tag).cargo_space_taken == 1
    screen.do("select_control_group", "recall", 1)
    assert _tags(screen) == {tank.tag}
    assert _selected(screen) == [stage_lib.type_id("SiegeTankSieged")]
    assert list(screen.observation.control_groups[1]) == [
        stage_lib.type_id("SiegeTankSieged"), 1]
    screen.select(bunker)
    screen.do("UnloadAll_quick", "now")
    screen.wait(10)
    screen.do("select_control_group", "recall", 1)
    assert _tags(screen) == {tank.tag, marine.tag}


def test_groups_are_set_joined_and_stolen(screen: stage_lib.Stage) -> None:
    first, second = screen.create("Marine", 40, 44), screen.create("Reaper", 44, 44)
    screen.select(first)
    screen.do("select_control_group", "set", 1)
    screen.select(second)
    screen.do("select_control_group", "append", 1)
    screen.do("select_control_group", "recall", 1)
    assert _tags(screen) == {first.tag, second.tag}
    screen.select(first)
    screen.do("select_control_group", "set_and_steal", 2)
    assert [int(one[1]) for one in screen.observation.control_groups[1:3]] == [1, 1]
    screen.do("select_control_group", "recall", 9)
    assert _tags(screen) == {first.tag}, "an empty group changes nothing"
    assert screen.told()[0].function.name == "select_control_group"


def test_idle_workers_one_after_the_other_and_all(screen: stage_lib.Stage) -> None:
    assert "select_idle_worker" not in screen.available()
    workers = [screen.create("SCV", 40 + 2 * number, 44) for number in range(3)]
    assert screen.observation.player.idle_worker_count == 3
    found = []
    for _ in range(3):
        screen.do("select_idle_worker", "select")
        (tag,) = _tags(screen)
        found.append(tag)
    assert sorted(found) == [one.tag for one in workers]
    screen.do("select_idle_worker", "select_all")
    assert _tags(screen) == set(found)
    screen.select(workers[0])
    screen.call("Move_screen", workers[0].tag, (50.0, 40.0))
    screen.do("select_idle_worker", "select_all")
    assert _tags(screen) == set(found) - {workers[0].tag}
    marine = screen.create("Marine", 44, 48)
    screen.select(marine)
    screen.do("select_idle_worker", "add_all")
    assert len(_tags(screen)) == 3 and marine.tag in _tags(screen)
    assert screen.told()[0].function.name == "select_idle_worker"


def test_the_army_is_what_fights(screen: stage_lib.Stage) -> None:
    assert "select_army" not in screen.available()
    names = ("Marine", "Marauder", "Reaper", "Hellion", "SiegeTank", "SiegeTankSieged", "Medivac",
             "VikingFighter", "VikingAssault")
    army = {screen.create(name, 34 + 2.5 * number, 44).tag for number, name in enumerate(names)}
    screen.create("SCV", 44, 40)
    screen.create("MULE", 46, 40)
    screen.create("Bunker", 40.5, 38.5)
    screen.do("select_army", "select")
    assert _tags(screen) == army
    assert screen.observation.player.army_count == len(army)
    assert {"Attack_screen", "Morph_SiegeMode_quick", "Morph_Unsiege_quick", "Load_screen",
            "Effect_KD8Charge_screen"} <= screen.available()


def test_the_panel_of_many_picks_and_drops(screen: stage_lib.Stage) -> None:
    for number, name in enumerate(("Marine", "Marine", "Marauder", "SCV")):
        screen.create(name, 38 + 3 * number, 44)
    def everyone() -> None:
        _box(screen, 33, 33, 55, 55)

    everyone()
    types = _selected(screen)
    assert sorted(types) == [45, 48, 48, 51]
    screen.do("select_unit", "deselect", types.index(51))
    assert 51 not in _selected(screen)
    everyone()
    screen.do("select_unit", "select_all_type", types.index(48))
    assert _selected(screen) == [48, 48]
    everyone()
    screen.do("select_unit", "deselect_all_type", types.index(48))
    assert sorted(_selected(screen)) == [45, 51]
    everyone()
    screen.do("select_unit", "select", types.index(45))
    assert _selected(screen) == [45]
    assert screen.told()[0].function.name == "select_unit"
    assert "select_unit" not in screen.available()


def test_larva_are_selected_by_their_key(screen: stage_lib.Stage) -> None:
    assert "select_larva" not in screen.available()
    screen.create("Larva", 44, 44, count=2)
    screen.do("select_larva")
    assert len(_tags(screen)) == 2


def test_a_selected_unit_that_dies_leaves_the_panel(screen: stage_lib.Stage) -> None:
    first, second = screen.create("Marine", 40, 44), screen.create("Marine", 44, 44)
    screen.do("select_army", "select")
    screen.kill(first.tag)
    assert _tags(screen) == {second.tag}
    assert not len(screen.observation.multi_select)
    screen.kill(second.tag)
    assert not len(screen.observation.single_select)
    assert "Attack_screen" not in screen.available()
