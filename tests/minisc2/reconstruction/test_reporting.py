"""By which click, box or key a selection came about."""

import pytest
from s2clientprotocol import spatial_pb2, ui_pb2

from minisc2.reconstruction import inputs, reporting
from tests.minisc2.reconstruction import scenes

CLICK = spatial_pb2.ActionSpatialUnitSelectionPoint


@pytest.fixture
def scene():
    world = scenes.world()
    marines = [scenes.add(world, "Marine", 44 + 2 * number, 48) for number in range(4)]
    return world, scenes.seat(world), marines


def tags(chosen):
    return tuple(unit.tag for unit in chosen)


def pixel(point):
    return point.x, point.y


def test_one_unit_is_clicked(scene):
    _, seat, marines = scene
    action = reporting.select(seat, (), tags(marines[:1]))
    click = action.action_feature_layer.unit_selection_point
    # 4 cells left of the camera, 64 pixels for 24 cells.
    assert (pixel(click.selection_screen_coord), click.type) == ((21, 32), CLICK.Select)


def test_several_are_boxed_and_all_of_a_type_among_others_clicked_together(scene):
    world, seat, marines = scene
    action = reporting.select(seat, (), tags(marines))
    (box,) = action.action_feature_layer.unit_selection_rect.selection_screen_coord
    assert (pixel(box.p0), pixel(box.p1)) == ((21, 32), (37, 32))
    assert not action.action_feature_layer.unit_selection_rect.selection_add
    scenes.add(world, "SCV", 47, 48)
    action = reporting.select(seat, (), tags(marines))
    assert action.action_feature_layer.unit_selection_point.type == CLICK.AllType


def test_units_are_added_and_taken_out(scene):
    _, seat, marines = scene
    added = reporting.select(seat, tags(marines[:2]), tags(marines[:3]))
    click = added.action_feature_layer.unit_selection_point
    assert (click.type, pixel(click.selection_screen_coord)) == (CLICK.Toggle, (32, 32))
    more = reporting.select(seat, tags(marines[:1]), tags(marines[:3]))
    assert more.action_feature_layer.unit_selection_rect.selection_add
    fewer = reporting.select(seat, tags(marines), tags(marines[:3]))
    assert fewer.action_feature_layer.unit_selection_point.type == CLICK.Toggle
    single = reporting.select(seat, tags(marines), tags(marines[2:3])).action_ui.multi_panel
    assert (single.type, single.unit_index) == (ui_pb2.ActionMultiPanel.SingleSelect, 2)


def test_deaths_and_nothing_are_no_actions(scene):
    world, seat, marines = scene
    before = tags(marines)
    world.remove(marines[0].tag)
    assert reporting.select(seat, before, before[1:]) is None
    assert reporting.select(seat, before, ()) is None
    assert reporting.select(seat, before[1:], before[1:]) is None


def test_keys_select_what_is_off_the_screen(scene):
    world, seat, _ = scene
    worker = scenes.add(world, "SCV", 5, 5)
    idle = reporting.select(seat, (), (worker.tag,)).action_ui
    assert idle.HasField("select_idle_worker")
    far = scenes.add(world, "Marine", 90, 90)
    army = [unit.tag for unit in world.owned(1) if unit.type.name == "Marine"]
    assert reporting.select(seat, (), army).action_ui.HasField("select_army")
    assert reporting.select(seat, (), army[:-2] + [far.tag]).HasField("action_feature_layer")
    gates = [scenes.add(world, "WarpGate", 10.5, y).tag for y in (10.5, 20.5)]
    assert reporting.select(seat, (), gates).action_ui.HasField("select_warp_gates")
    larvae = [scenes.add(world, "Larva", 48, y).tag for y in (49, 50)]
    assert reporting.select(seat, (), larvae).action_ui.HasField("select_larva")


def test_commands_are_told_raw_and_in_pixels(scene):
    _, seat, marines = scene
    given = inputs.Command(9, 1, 16, 0, 0, (51.0, 45.0), 0, -1, True, False, False, tags(marines))
    action = reporting.command(seat, given, tags(marines))
    raw, spatial = action.action_raw.unit_command, action.action_feature_layer.unit_command
    assert tuple(raw.unit_tags) == tags(marines) and raw.queue_command and spatial.queue_command
    assert pixel(raw.target_world_space_pos) == (51.0, 45.0)
    assert pixel(spatial.target_screen_coord) == (40, 40)  # 3 cells are 8 pixels
    minimap = reporting.command(seat, given._replace(is_on_minimap=True), ())
    assert pixel(minimap.action_feature_layer.unit_command.target_minimap_coord) == (34, 34)
    # The camera at (48, 48) shows 12 cells to each side; what is a cell further is its border.
    edge = reporting.command(seat, given._replace(target_xy=(60.9, 45.0)), ())
    assert pixel(edge.action_feature_layer.unit_command.target_screen_coord) == (63, 40)
    off = reporting.command(seat, given._replace(target_xy=(51.0, 34.9)), ())
    assert not off.action_feature_layer.unit_command.HasField("target_screen_coord")
    assert pixel(off.action_feature_layer.unit_command.target_minimap_coord) == (34, 40)
    autocast = reporting.command(seat, given._replace(is_autocast=True), tags(marines))
    assert autocast.action_ui.toggle_autocast.ability_id == 16
    queue = reporting.command(seat, given._replace(ability_id=307, slot=2), ())
    assert queue.action_ui.production_panel.unit_index == 2
    cargo = reporting.command(seat, given._replace(ability_id=410, slot=1), ())
    assert cargo.action_ui.cargo_panel.unit_index == 1


def test_control_groups_are_told_as_the_api_numbers_them():
    for update, number in zip(inputs.GroupUpdate, (2, 3, 1, None, 4, 5), strict=True):
        action = reporting.group(inputs.Grouped(1, 1, 7, update, ()))
        assert (action and action.action_ui.control_group.action) == number
