"""Replays: the same observations again, from every view, at every pace; all else is refused."""

import pytest
from s2clientprotocol import sc2api_pb2

from tests.minisc2.api import clients, matches

MARINE, ROACH = 48, 110


@pytest.mark.parametrize("map_name", ["MoveToBeacon", "CollectMineralShards", "DefeatRoaches"])
def test_a_replay_shows_the_observations_of_the_game(map_name):
    client = clients.Client().play(map_name, seed=5)
    client.ask(restart_game=sc2api_pb2.RequestRestartGame())  # the effective seed is recorded
    first = client.observe()
    seen = matches.play_a_while(client)
    watcher = matches.watch(matches.saved_replay(client))
    assert watcher.server.status == sc2api_pb2.in_replay
    assert watcher.observe() == first
    for number, expected in enumerate(seen):
        watcher.step(1 + number)
        shown = watcher.observe()
        if number == len(seen) - 1:  # only the last one tells that the replay is over
            assert [one.result for one in shown.player_result] == [sc2api_pb2.Undecided]
            shown.ClearField("player_result")
        assert shown == expected, number
    assert watcher.server.status == sc2api_pb2.ended
    info = watcher.ask(replay_info=sc2api_pb2.RequestReplayInfo(
        replay_data=matches.saved_replay(client)))
    assert (info.map_name, info.game_duration_loops) == (map_name, sum(range(1, 13)))


def test_a_replay_does_not_go_past_its_end_nor_record_itself():
    client = clients.Client().play()
    client.step(30)
    data = matches.saved_replay(client)
    watcher = matches.watch(data)
    assert watcher.step(1000) == 30
    assert "not recorded" in watcher.send(save_replay=sc2api_pb2.RequestSaveReplay()).error[0]
    assert matches.saved_replay(matches.watch(data, record_replay=True)) == data


def test_a_replay_at_another_size_converts_the_pixels_of_actions():
    client = clients.Client().play(interface=clients.options((64, 64), (64, 64)))
    client.step(1)
    client.act(clients.select_rect(0, 0, 63, 63), clients.command_screen(16, 40, 20))
    client.step(1)
    watcher = matches.watch(matches.saved_replay(client), clients.options((32, 32), (16, 16)))
    watcher.step(2)
    select, move = watcher.observe().actions
    box = select.action_feature_layer.unit_selection_rect.selection_screen_coord[0]
    assert (box.p0.x, box.p0.y, box.p1.x, box.p1.y) == (0, 0, 31, 31)
    target = move.action_feature_layer.unit_command.target_screen_coord
    assert (target.x, target.y) == (20, 10)
    raw_only = matches.watch(matches.saved_replay(client), clients.options(None))
    raw_only.step(2)
    assert not any(one.HasField("action_feature_layer") for one in raw_only.observe().actions)


def test_a_shared_match_and_its_debug_commands_replay_for_both_players():
    table = matches.Table()
    host, guest = table.clients
    host.create_units(MARINE, 1, 40, 44, quantity=3)
    guest.create_units(ROACH, 2, 48, 44, quantity=2)
    host.act(clients.ui(select_army={}), clients.command_quick(18))
    table.all(lambda client: client.step(40))
    guest.act(clients.ui(select_army={}))
    table.all(lambda client: client.step(40))
    expected = table.all(lambda client: client.observe().observation)
    data = matches.saved_replay(host)
    for number, shown in enumerate(expected, 1):
        watcher = matches.watch(data, observed_player_id=number)
        watcher.step(80)
        seen = watcher.observe().observation
        assert seen.raw_data.units == shown.raw_data.units
        assert seen.feature_layer_data == shown.feature_layer_data
        assert seen.ui_data == shown.ui_data


def test_observer_actions_move_the_viewers_camera():
    table = matches.Table()
    table.all(lambda client: client.step(20))
    watcher = matches.watch(matches.saved_replay(table.clients[0]))
    start = watcher.observe().observation.raw_data.player.camera
    observer = sc2api_pb2.ObserverAction

    def camera_after(action):
        watcher.ask(obs_action=sc2api_pb2.RequestObserverAction(actions=[action]))
        camera = watcher.observe().observation.raw_data.player.camera
        return camera.x, camera.y

    assert camera_after(observer(camera_move={"world_pos": {"x": 40, "y": 41}})) == (40, 41)
    unit = watcher.observe().observation.raw_data.units[-1]
    assert camera_after(observer(camera_follow_units={"unit_tags": [unit.tag]})) == pytest.approx(
        (unit.pos.x, unit.pos.y))
    assert camera_after(observer(camera_follow_player={"player_id": 1})) == (start.x, start.y)
    assert camera_after(observer(player_perspective={"player_id": 2})) != (start.x, start.y)
    assert watcher.observe().observation.player_common.player_id == 2
    response = watcher.send(obs_action=sc2api_pb2.RequestObserverAction(
        actions=[observer(player_perspective={"player_id": 7})]))
    assert "player 7" in response.error[0]


def test_a_recorded_leave_ends_the_replay_with_its_results():
    table = matches.Table()
    table.all(lambda client: client.step(9))
    table.clients[1].ask(leave_game=sc2api_pb2.RequestLeaveGame())
    watcher = matches.watch(matches.saved_replay(table.clients[0]))
    watcher.step(100)
    assert [one.result for one in watcher.observe().player_result] == [
        sc2api_pb2.Victory, sc2api_pb2.Defeat]


