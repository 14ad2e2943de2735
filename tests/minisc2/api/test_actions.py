"""Selecting, control groups, commands in pixels and raw, and what is reported of them."""

import pytest
from google.protobuf import text_format
from s2clientprotocol import common_pb2, debug_pb2, error_pb2, raw_pb2, sc2api_pb2, ui_pb2

from minisc2.api import observation
from tests.minisc2.api import clients, recorded

MARINE, SCV, BARRACKS, ROACH, LARVA, WARP_GATE = 48, 45, 21, 110, 151, 133
SELECT, TOGGLE, ALL_TYPE, ADD_ALL_TYPE = 1, 2, 3, 4
RECALL, SET, APPEND, SET_AND_STEAL, APPEND_AND_STEAL = 1, 2, 3, 4, 5


@pytest.fixture
def client():
    """Flat64, seen in the middle: two marines and a worker in a row, barracks, an enemy roach."""
    client = clients.Client().play("Flat64", num_computers=1)
    client.step(2)
    client.observe()  # takes the report of the game's own first camera move
    client.seat.camera_xy = (44.0, 44.0)
    for unit_type, owner, x, y in ((MARINE, 1, 40, 44), (MARINE, 1, 44, 44), (SCV, 1, 48, 44),
                                   (BARRACKS, 1, 44, 50), (ROACH, 2, 36, 36)):
        client.create_units(unit_type, owner, x, y)
    return client


def unit(client, unit_type, index=0, owner=1):
    """The index-th newest unit of a type."""
    return [one for one in client.seat.world.units.values()
            if one.unit_type == unit_type and one.owner == owner][::-1][index]


def pixel(client, one):
    x, y = client.seat.interface.screen.world_to_screen(client.seat.camera_xy, (one.x, one.y))
    return int(x), int(y)


def selected(client):
    return client.seat.selection.tags


def test_select_point(client):
    right, left = unit(client, MARINE, 0), unit(client, MARINE, 1)
    client.act(clients.select_point(*pixel(client, left), SELECT))
    assert selected(client) == [left.tag]
    client.act(clients.select_point(*pixel(client, right), SELECT))
    assert selected(client) == [right.tag]
    client.act(clients.select_point(1, 1, SELECT))  # nothing there: nothing changes
    assert selected(client) == [right.tag]
    client.act(clients.select_point(*pixel(client, left), TOGGLE))
    assert selected(client) == [right.tag, left.tag]
    client.act(clients.select_point(*pixel(client, right), TOGGLE))
    assert selected(client) == [left.tag]


def test_select_all_of_a_type_takes_what_is_on_the_screen(client):
    client.create_units(MARINE, 1, 75, 75)  # far away
    marines = [unit(client, MARINE, 2).tag, unit(client, MARINE, 1).tag]
    client.act(clients.select_point(*pixel(client, unit(client, SCV)), SELECT))
    worker = selected(client)[0]
    client.act(clients.select_point(*pixel(client, unit(client, MARINE, 1)), ADD_ALL_TYPE))
    assert selected(client) == [worker, *marines]
    client.act(clients.select_point(*pixel(client, unit(client, MARINE, 1)), ALL_TYPE))
    assert selected(client) == marines


def test_an_enemy_is_selected_alone_and_obeys_nobody(client):
    roach = unit(client, ROACH, owner=2)
    assert client.act(clients.select_point(*pixel(client, roach), SELECT)) == [error_pb2.Success]
    assert selected(client) == [roach.tag]
    seen = client.observe().observation
    assert not seen.abilities
    assert seen.ui_data.single.unit.player_relative == 4
    assert client.act(clients.command_quick(4)) == [error_pb2.NotSupported]
    client.act(clients.group(SET, 1))
    assert not client.observe().observation.ui_data.groups
    client.act(clients.select_rect(0, 0, 63, 63, add=True))
    assert roach.tag not in selected(client) and len(selected(client)) == 3


def test_select_rect(client):
    marines = sorted((unit(client, MARINE, 1).tag, unit(client, MARINE, 0).tag))
    worker, barracks = unit(client, SCV).tag, unit(client, BARRACKS).tag
    (x0, y0), (x1, y1) = pixel(client, unit(client, MARINE, 1)), pixel(client, unit(client, MARINE))
    client.act(clients.select_rect(x1, y1, x0, y0))  # corners in any order
    assert sorted(selected(client)) == marines
    client.act(clients.select_rect(*pixel(client, unit(client, SCV)), 63, 63, add=True))
    assert sorted(selected(client)) == sorted((*marines, worker))
    client.act(clients.select_rect(0, 60, 3, 63))  # empty box: nothing changes
    assert sorted(selected(client)) == sorted((*marines, worker))
    client.act(clients.select_rect(0, 0, 63, 63))  # units before structures
    assert sorted(selected(client)) == sorted((*marines, worker))
    x, y = pixel(client, unit(client, BARRACKS))
    client.act(clients.select_rect(x, y, x, y))
    assert selected(client) == [barracks]


def test_pixels_that_do_not_exist_are_errors(client):
    client.act(clients.select_point(*pixel(client, unit(client, MARINE))))
    before = list(selected(client))
    for action in (clients.select_point(64, 3), clients.select_rect(0, 0, 64, 3),
                   clients.command_screen(23, -1, 3), clients.command_minimap(23, 0, 64)):
        assert client.act(action) == [error_pb2.Error]
    assert selected(client) == before
    client.step(1)
    assert len(client.observe().actions) == 1  # the selection


def test_control_groups(client):
    right, left, worker = unit(client, MARINE, 0), unit(client, MARINE, 1), unit(client, SCV)
    client.act(clients.select_point(*pixel(client, left)), clients.group(SET, 1),
               clients.select_point(*pixel(client, right)), clients.group(APPEND, 1),
               clients.group(SET, 2))
    groups = client.observe().observation.ui_data.groups
    assert [(g.control_group_index, g.leader_unit_type, g.count) for g in groups] == [
        (1, MARINE, 2), (2, MARINE, 1)]
    client.act(clients.select_point(*pixel(client, worker)), clients.group(RECALL, 1))
    assert selected(client) == [left.tag, right.tag]
    client.act(clients.group(RECALL, 7))  # empty: does nothing and does not deselect
    assert selected(client) == [left.tag, right.tag]
    client.act(clients.select_point(*pixel(client, right)), clients.group(SET_AND_STEAL, 3))
    assert [(g.control_group_index, g.count) for g in client.observe().observation.ui_data.groups
            ] == [(1, 1), (3, 1)]
    client.act(clients.select_point(*pixel(client, left)), clients.group(APPEND_AND_STEAL, 3))
    assert [(g.control_group_index, g.count) for g in client.observe().observation.ui_data.groups
            ] == [(3, 2)]
    assert client.act(clients.group(SET, 10)) == [error_pb2.Error]


def test_the_dead_leave_selection_and_groups(client):
    client.act(clients.select_rect(0, 0, 63, 63), clients.group(SET, 4))
    assert len(selected(client)) == 3
    dead = selected(client)[:2]
    client.debug(kill_unit=debug_pb2.DebugKillUnit(tag=dead))
    seen = client.observe().observation
    assert list(seen.raw_data.event.dead_units) == dead
    assert len(selected(client)) == 1
    assert seen.ui_data.groups[0].count == 1
    assert seen.ui_data.HasField("single")


def test_select_keys(client):
    client.create_units(WARP_GATE, 1, 40, 38)
    client.create_units(LARVA, 1, 50, 38, quantity=3)
    army = {unit(client, MARINE, 0).tag, unit(client, MARINE, 1).tag}
    client.act(clients.ui(select_army=ui_pb2.ActionSelectArmy()))
    assert set(selected(client)) == army
    client.act(clients.ui(select_warp_gates=ui_pb2.ActionSelectWarpGates(selection_add=True)))
    assert set(selected(client)) == {*army, unit(client, WARP_GATE).tag}
    client.act(clients.ui(select_larva=ui_pb2.ActionSelectLarva()))
    assert len(selected(client)) == 3
    idle = ui_pb2.ActionSelectIdleWorker
    world = client.seat.world
    for worker in [one for one in world.owned(1) if one.type.is_worker][:2]:
        world.replace_orders(worker, [])
    client.act(clients.ui(select_idle_worker=idle(type=idle.All)))
    workers = list(selected(client))
    assert len(workers) == len([one for one in client.seat.world.units.values()
                                if one.type.is_worker and one.owner == 1 and not one.orders])
    first, second = [], []
    for found in (first, second):
        client.act(clients.ui(select_idle_worker=idle(type=idle.Set)))
        found.extend(selected(client))
    assert len(first) == len(second) == 1 and first != second  # one after the other
    client.act(clients.ui(select_idle_worker=idle(type=idle.AddAll)))
    assert set(selected(client)) == set(workers)


def test_multi_panel(client):
    client.act(clients.select_rect(0, 0, 63, 63))
    order = list(selected(client))
    panel = client.observe().observation.ui_data.multi
    assert [one.unit_type for one in panel.units] == [
        client.seat.world.units[tag].unit_type for tag in order]
    multi = ui_pb2.ActionMultiPanel

    def click(kind, index):
        return client.act(clients.ui(multi_panel=multi(type=kind, unit_index=index)))

    worker = [one.unit_type for one in panel.units].index(SCV)
    assert click(multi.DeselectUnit, worker) == [error_pb2.Success]
    assert len(selected(client)) == 2
    assert click(multi.SingleSelect, 5) == [error_pb2.Error]
    assert click(multi.SingleSelect, 1) == [error_pb2.Success]
    assert len(selected(client)) == 1
    client.act(clients.select_rect(0, 0, 63, 63))
    click(multi.SelectAllOfType, order.index(unit(client, MARINE).tag))
    assert {client.seat.world.units[tag].unit_type for tag in selected(client)} == {MARINE}
    client.act(clients.select_rect(0, 0, 63, 63))
    click(multi.DeselectAllOfType, order.index(unit(client, MARINE).tag))
    assert [client.seat.world.units[tag].unit_type for tag in selected(client)] == [SCV]


def test_panels_that_are_not_shown_and_abilities_that_are_not_had_are_refused(client):
    for action, result in (
            (clients.ui(cargo_panel=ui_pb2.ActionCargoPanelUnload(unit_index=0)), error_pb2.Error),
            (clients.ui(production_panel=ui_pb2.ActionProductionPanelRemoveFromQueue()),
             error_pb2.Error),
            (clients.ui(toggle_autocast=ui_pb2.ActionToggleAutocast(ability_id=380)),
             error_pb2.NotSupported)):
        assert client.act(action) == [result]


def test_abilities_are_those_of_the_selection(client):
    assert not client.observe().observation.abilities
    client.act(clients.select_point(*pixel(client, unit(client, MARINE))))
    abilities = client.observe().observation.abilities
    assert [(one.ability_id, one.requires_point) for one in abilities] == [
        (1, True), (4, False), (16, True), (17, True), (18, False), (23, True)]
    assert not abilities[1].HasField("requires_point")
    client.act(clients.select_point(*pixel(client, unit(client, BARRACKS))))
    # Smart, rally and lift; nothing that costs, because there are no minerals.
    assert [one.ability_id for one in client.observe().observation.abilities] == [1, 195, 452]


def test_abilities_that_cost_come_and_go_with_the_money(client):
    town_hall, depot = 318, 319  # to build them
    player = client.seat.world.players[1]
    abilities = observation.Abilities(client.seat)
    client.act(clients.select_rect(0, 0, 63, 63))
    assert {unit.unit_type for unit in client.seat.selection.own_units()} == {MARINE, SCV}
    for minerals in (0, 100, 400, 100, 0, 0):
        player.minerals = minerals
        found = {one.ability_id for one in abilities.messages()}
        assert (depot in found, town_hall in found) == (minerals >= 100, minerals >= 400)
        assert abilities.sets() == tuple({
            client.seat.world.abilities(1, unit): None
            for unit in client.seat.selection.own_units()})


def test_a_general_ability_is_reported_as_the_specific_one(client):
    marine = unit(client, MARINE)
    client.act(clients.select_point(*pixel(client, marine)))
    assert client.act(clients.command_screen(3674, 10, 50)) == [error_pb2.Success]
    assert not client.observe().actions  # nothing is reported before the game has moved on
    client.step(1)
    select, attack = client.observe().actions
    assert select.action_feature_layer.HasField("unit_selection_point")
    assert attack.game_loop == client.seat.world.loop - 1
    spatial, raw = attack.action_feature_layer.unit_command, attack.action_raw.unit_command
    assert (spatial.ability_id, raw.ability_id) == (23, 23)
    assert (spatial.target_screen_coord.x, spatial.target_screen_coord.y) == (10, 50)
    assert list(raw.unit_tags) == [marine.tag]
    world_xy = client.seat.interface.screen.screen_to_world((44.0, 44.0), (10, 50))
    target = raw.target_world_space_pos
    assert (target.x, target.y) == pytest.approx(world_xy)
    assert marine.orders[0].ability_id == 23
    client.step(1)
    assert not client.observe().actions  # once only


def test_clicking_an_enemy_targets_it_and_the_minimap_targets_the_ground(client):
    marine, roach = unit(client, MARINE), unit(client, ROACH, owner=2)
    client.act(clients.select_point(*pixel(client, marine)))
    client.act(clients.command_screen(23, *pixel(client, roach)))
    assert marine.orders[0].target_tag == roach.tag
    client.step(1)
    command = client.observe().actions[-1].action_raw.unit_command
    assert command.target_unit_tag == roach.tag
    client.act(clients.command_minimap(3794, 20, 30))
    x, y = client.seat.interface.minimap.minimap_to_world((20, 30))
    assert marine.orders[0].target_xy == pytest.approx((x, y))


def test_queued_commands_follow_each_other(client):
    marine = unit(client, MARINE)
    client.act(clients.select_point(*pixel(client, marine)), clients.command_screen(16, 5, 5),
               clients.command_screen(16, 9, 9, queued=True))
    assert len(marine.orders) == 2
    client.act(clients.command_screen(16, 9, 9))
    assert len(marine.orders) == 1
    client.act(clients.command_quick(3665))
    assert not marine.orders


def test_a_refused_command_is_an_action_error_and_no_action(client):
    client.act(clients.select_point(*pixel(client, unit(client, MARINE))))
    client.step(1)
    client.observe()
    assert client.act(clients.command_screen(319, 5, 5)) == [error_pb2.NotSupported]  # build
    client.step(1)
    seen = client.observe()
    assert not seen.actions
    assert [(one.ability_id, one.result) for one in seen.action_errors] == [
        (319, error_pb2.NotSupported)]
    assert seen.action_errors[0].unit_tag == unit(client, MARINE).tag
    assert not client.observe().action_errors


def raw_command(ability_id, tags, **target):
    return sc2api_pb2.Action(action_raw=raw_pb2.ActionRaw(unit_command=raw_pb2.ActionRawUnitCommand(
        ability_id=ability_id, unit_tags=tags, **target)))


def test_raw_commands(client):
    marine, roach = unit(client, MARINE), unit(client, ROACH, owner=2)
    assert client.act(raw_command(23, [marine.tag], target_unit_tag=roach.tag)) == [1]
    assert marine.orders[0].target_tag == roach.tag
    to = common_pb2.Point2D(x=50, y=51)
    assert client.act(raw_command(16, [marine.tag, 999], target_world_space_pos=to)) == [1]
    assert marine.orders[0].target_xy == (50, 51)
    assert client.act(raw_command(16, [roach.tag], target_world_space_pos=to)) == [
        error_pb2.NotSupported]
    assert client.act(raw_command(23, [marine.tag], target_unit_tag=5)) == [
        error_pb2.CantTargetDeadUnits]
    assert selected(client) == []  # raw_affects_selection is off


def test_raw_affects_selection_where_asked_for():
    client = clients.Client().play(interface=clients.options(raw_affects_selection=True))
    marine = next(one for one in client.seat.world.units.values() if one.owner == 1)
    client.act(raw_command(4, [marine.tag]))
    assert client.seat.selection.tags == [marine.tag]


def test_raw_coordinates_of_a_cropped_game():
    client = clients.Client().play(
        "Flat64", num_computers=1, interface=clients.options(raw_crop_to_playable_area=True))
    client.create_units(MARINE, 1, 20, 30)
    x0, y0, x1, y1 = client.seat.world.game_map.playable
    marine = unit(client, MARINE)
    assert (marine.x, marine.y) == (x0 + 20, y0 + 30)
    client.act(raw_command(16, [marine.tag],
                           target_world_space_pos=common_pb2.Point2D(x=25, y=35)))
    assert marine.orders[0].target_xy == (x0 + 25, y0 + 35)
    raw = client.observe().observation.raw_data
    shown = next(one for one in raw.units if one.tag == marine.tag)
    assert (shown.pos.x, shown.pos.y) == (20, 30)
    assert (shown.orders[0].target_world_space_pos.x, raw.map_state.visibility.size.x) == (
        25, x1 - x0)
    info = client.ask(game_info=sc2api_pb2.RequestGameInfo()).start_raw
    assert (info.map_size.x, info.map_size.y) == (x1 - x0, y1 - y0)
    assert clients.layer(info.pathing_grid).shape == (y1 - y0, x1 - x0)
    client.act(sc2api_pb2.Action(action_raw=raw_pb2.ActionRaw(
        camera_move=raw_pb2.ActionRawCameraMove(center_world_space=common_pb2.Point(x=7, y=9)))))
    assert client.seat.camera_xy == (x0 + 7, y0 + 9)


def test_camera_moves(client):
    action = sc2api_pb2.Action()
    action.action_feature_layer.camera_move.center_minimap.x = 40
    action.action_feature_layer.camera_move.center_minimap.y = 20
    client.act(action)
    assert client.seat.camera_xy == client.seat.interface.minimap.minimap_to_world((40, 20))
    client.step(1)
    (seen,) = client.observe().actions
    assert seen.action_feature_layer == action.action_feature_layer
    assert (seen.action_raw.camera_move.center_world_space.x,
            seen.action_raw.camera_move.center_world_space.y) == client.seat.camera_xy
    action.action_feature_layer.camera_move.center_minimap.x = 0
    client.act(action)
    assert client.seat.camera_xy[0] == client.seat.world.game_map.playable[0]  # not beyond it


def test_a_locked_camera_does_not_move():
    client = clients.Client().play("MoveToBeacon")
    before = client.observe().observation.raw_data.player.camera
    action = sc2api_pb2.Action()
    action.action_feature_layer.camera_move.center_minimap.x = 3
    client.act(action)
    client.step(1)
    seen = client.observe()
    assert seen.observation.raw_data.player.camera == before and not seen.actions


def test_chat_reaches_the_next_observation():
    client = clients.Client().play()
    client.act(sc2api_pb2.Action(action_chat=sc2api_pb2.ActionChat(
        channel=sc2api_pb2.ActionChat.Broadcast, message="gl hf")))
    chat = client.observe().chat
    assert [(one.player_id, one.message) for one in chat] == [(1, "gl hf")]
    assert not client.observe().chat


def test_actions_in_pixels_that_the_client_does_not_have_are_errors():
    client = clients.Client().play(interface=clients.options(None))
    assert client.act(clients.select_point(3, 3)) == [error_pb2.Error]
    render = sc2api_pb2.Action()
    render.action_render.camera_move.center_minimap.x = 3
    assert client.act(render) == [error_pb2.Error]


def test_real_recorded_actions_are_understood(client):
    for name in ("feature_unit_selection_point", "ui_control_group_append", "feature_camera_move",
                 "feature_unit_command", "ui_control_group_recall"):
        text = recorded.path(f"observations/actions/{name}.pbtxt").read_text()
        assert len(client.act(text_format.Parse(text, sc2api_pb2.Action()))) == 1
