"""Replays of the real game, watched through the API as any other."""

import numpy as np
import pytest
from s2clientprotocol import common_pb2, query_pb2, raw_pb2, sc2api_pb2

from minisc2 import replay
from minisc2.api import spectator
from minisc2.game import unit_data
from minisc2.reconstruction import playback
from tests.minisc2.api import clients
from tests.minisc2.reconstruction import replays

SIZE = (64, 64)


def watch(name: str, player_id: int = 1, **values) -> clients.Client:
    client = clients.Client()
    started = client.ask(start_replay=sc2api_pb2.RequestStartReplay(
        replay_data=replays.data(name), observed_player_id=player_id,
        **{"options": clients.options(SIZE, SIZE), **values}))
    assert not started.HasField("error"), started
    return client


def of_type(observation, name, alliance=None):
    unit_type = unit_data.id_of(name)
    return [unit for unit in observation.observation.raw_data.units
            if unit.unit_type == unit_type and alliance in (None, unit.alliance)]


def test_a_match_begins_with_a_town_hall_and_twelve_workers():
    observation = watch(replays.TERRAN_AND_ZERG).observe()
    (hall,) = of_type(observation, "CommandCenter")
    assert (hall.pos.x, hall.pos.y, hall.build_progress) == (59.5, 27.5, 1.0)
    assert len(of_type(observation, "SCV", raw_pb2.Self)) == 12
    assert of_type(observation, "Drone") == []  # the enemy is out of sight
    common = observation.observation.player_common
    assert (common.minerals, common.food_used, common.food_cap, common.food_workers) == (
        50, 12, 15, 12)
    assert clients.screen(observation, "unit_type")[32, 32] == unit_data.id_of("CommandCenter")


def test_both_players_and_everyone_can_be_looked_at():
    enemy = watch(replays.TERRAN_AND_ZERG, 2).observe()
    assert len(of_type(enemy, "Drone", raw_pb2.Self)) == 12 and not of_type(enemy, "SCV")
    everyone = watch(replays.TERRAN_AND_ZERG, spectator.EVERYONE)
    everyone.step(500)
    seen = everyone.observe()
    assert of_type(seen, "Drone") and of_type(seen, "SCV")
    without_fog = watch(replays.TERRAN_AND_ZERG, disable_fog=True).observe()
    assert len(of_type(without_fog, "Drone")) == 12


def test_a_player_that_did_not_play_is_refused():
    client = clients.Client()
    response = client.ask(start_replay=sc2api_pb2.RequestStartReplay(
        replay_data=replays.data(replays.TERRAN_AND_ZERG), observed_player_id=3,
        options=clients.options()))
    assert response.error == sc2api_pb2.ResponseStartReplay.InvalidObservedPlayerId


def test_the_end_comes_with_the_results():
    client = watch(replays.TERRAN_AND_ZERG)
    num_loops = replays.file(replays.TERRAN_AND_ZERG).num_loops
    assert client.step(num_loops - 1) == num_loops - 1
    assert not client.observe().player_result
    assert client.server.status == sc2api_pb2.in_replay
    assert client.step(100) == num_loops
    results = {one.player_id: one.result for one in client.observe().player_result}
    assert results == {1: sc2api_pb2.Defeat, 2: sc2api_pb2.Victory}
    assert client.server.status == sc2api_pb2.ended


def test_every_action_is_reported_once_in_the_loop_after_it():
    """What a player did in a loop is not seen in that loop: the observation came before it."""
    given = [one for one in replays.given(replays.TERRAN_AND_ZERG) if one.player_id == 1]
    client = watch(replays.TERRAN_AND_ZERG)
    reported, before = [], 0
    for _ in range(250):
        now = client.step(8)
        actions = client.observe().actions
        assert all(before <= action.game_loop < now for action in actions)
        reported += actions
        before = now
    loops = [one.loop for one in given if one.loop < before]
    commands = [one for one in given if hasattr(one, "ability_id") and one.loop < before]
    raw = [action.action_raw.unit_command for action in reported
           if action.action_raw.HasField("unit_command")]
    assert {action.game_loop for action in reported} <= set(loops)
    assert [command.ability_id for command in raw] == [one.ability_id for one in commands]
    assert len(commands) > 50
    for command, one in zip(raw, commands, strict=True):
        assert set(command.unit_tags) <= set(one.selection)
        assert command.target_unit_tag == one.target_tag
        if one.target_xy is not None and not one.target_tag:
            assert (command.target_world_space_pos.x, command.target_world_space_pos.y) == (
                pytest.approx(one.target_xy))
        assert command.queue_command == one.is_queued


def test_targets_are_the_pixels_under_the_camera():
    client = watch(replays.TERRAN_AND_ZERG)
    num_checked = 0
    for _ in range(400):
        client.step(8)
        observation = client.observe()
        cameras = [action for action in observation.actions
                   if action.action_raw.HasField("camera_move")]
        for action in observation.actions:
            command = action.action_feature_layer.unit_command
            if cameras or not command.HasField("target_screen_coord") or (
                    not action.action_raw.unit_command.HasField("target_world_space_pos")):
                continue
            camera = observation.observation.raw_data.player.camera
            target = action.action_raw.unit_command.target_world_space_pos
            x = (target.x - camera.x) * 64 / 24 + 32
            y = (camera.y - target.y) * 64 / 24 + 32
            pixel = command.target_screen_coord
            assert (pixel.x, pixel.y) == (min(max(int(x), 0), 63), min(max(int(y), 0), 63))
            num_checked += 1
    assert num_checked > 10


def test_the_interface_follows_the_player():
    client = watch(replays.LADDER)
    client.step(4000)
    observation = client.observe().observation
    seat = client.seat
    groups = {group.control_group_index: group.count for group in observation.ui_data.groups}
    assert groups and sum(groups.values()) > len(groups) - 1
    selected = [unit.tag for unit in observation.raw_data.units if unit.is_selected]
    assert sorted(selected) == sorted(seat.selection.tags) and selected
    assert observation.abilities
    view = clients.layer(observation.feature_layer_data.renders.selected)
    assert view.shape == (64, 64)


def test_structures_grow_and_units_come_and_go():
    client = watch(replays.TERRAN_AND_ZERG)
    progress = []
    while len(progress) < 20:
        client.step(40)
        depots = of_type(client.observe(), "SupplyDepot", raw_pb2.Self)
        if depots:
            progress.append(depots[0].build_progress)
    assert progress[0] < 0.2 and progress == sorted(progress) and progress[-1] == 1.0


def test_workers_go_to_and_fro_between_minerals_and_base():
    client = watch(replays.TERRAN_AND_ZERG)
    distances = {unit.tag: [] for unit in of_type(client.observe(), "SCV", raw_pb2.Self)}
    for _ in range(100):
        client.step(4)
        for unit in of_type(client.observe(), "SCV", raw_pb2.Self):
            if unit.tag in distances:
                distances[unit.tag].append(np.hypot(unit.pos.x - 59.5, unit.pos.y - 27.5))
    travelling = [max(one) - min(one) > 1.0 and max(one) < 9 for one in distances.values()]
    assert sum(travelling) >= 8


@pytest.mark.parametrize("pace", [3, 22, 500])
def test_what_is_shown_hardly_depends_on_who_looks_when(pace):
    end = 3000
    shown = []
    for step in (8, pace):
        client = watch(replays.LADDER, 2)
        while client.server._playback.game_loop < end:
            client.step(min(step, end - client.server._playback.game_loop))
        shown.append(client.observe().observation)
    first, second = shown
    assert first.player_common == second.player_common
    places = [{unit.tag: (unit.unit_type, unit.pos.x, unit.pos.y)
               for unit in one.raw_data.units if unit.alliance == raw_pb2.Self} for one in shown]
    assert places[0].keys() == places[1].keys() and len(places[0]) > 30
    far = [tag for tag, (unit_type, x, y) in places[0].items()
           if unit_type != places[1][tag][0]
           or np.hypot(x - places[1][tag][1], y - places[1][tag][2]) > 0.5]
    assert len(far) <= 2


def test_without_tracker_events_only_actions_are_told():
    client = clients.Client()
    refused = client.ask(start_replay=sc2api_pb2.RequestStartReplay(
        replay_data=replays.data(replays.WITHOUT_TRACKER), observed_player_id=1,
        options=clients.options()))
    assert refused.error == sc2api_pb2.ResponseStartReplay.InvalidReplayData
    assert "no tracker events" in refused.error_details
    client = watch(replays.WITHOUT_TRACKER, map_data=playback.ACTIONS_ONLY)
    client.step(3000)
    observation = client.observe()
    raw = [action.action_raw.unit_command for action in observation.actions]
    assert sum(bool(command.ability_id and command.unit_tags) for command in raw) > 20
    assert not observation.observation.raw_data.units


def test_what_a_replay_cannot_answer_is_refused_by_name():
    client = watch(replays.TERRAN_AND_ZERG)
    way = query_pb2.RequestQueryPathing(start_pos=common_pb2.Point2D(x=30, y=30),
                                        end_pos=common_pb2.Point2D(x=40, y=40))
    response = client.send(query=query_pb2.RequestQuery(pathing=[way]))
    assert "ways are not known" in response.error[0]
    place = query_pb2.RequestQueryBuildingPlacement(
        ability_id=318, target_pos=common_pb2.Point2D(x=40, y=40))
    response = client.send(query=query_pb2.RequestQuery(placements=[place]))
    assert "placements are not known" in response.error[0]


def test_maps_that_minisc2_lacks_are_flat_and_of_the_right_size():
    info = watch(replays.LADDER).ask(game_info=sc2api_pb2.RequestGameInfo())
    start = info.start_raw
    assert (start.map_size.x, start.map_size.y) == (160, 184)
    assert len(start.start_locations) == 1  # the enemy's
    area = start.playable_area
    assert 5 < area.p0.x < area.p1.x < 155 and 5 < area.p0.y < area.p1.y < 179
    assert len(set(start.terrain_height.data)) == 1
    known = watch(replays.TERRAN_AND_ZERG).ask(game_info=sc2api_pb2.RequestGameInfo())
    assert known.map_name == "Simple64" and len(set(known.start_raw.terrain_height.data)) > 1


@pytest.mark.slow
def test_replays_of_all_kinds_can_be_watched_to_their_end():
    for path in replays.paths()[::12]:
        name = str(path.relative_to(replays.FOLDER))
        client = watch(name, map_data=playback.ACTIONS_ONLY, options=clients.options((16, 16),
                                                                                    (16, 16)))
        num_loops = replays.file(name).num_loops
        for _ in range(4):
            client.step(max(1, num_loops // 4))
            client.observe()
        assert client.server._playback.num_unknown_commands < 30, name


def test_chat_is_heard_by_both():
    name = "ladder/20220223___GAME_1___Astrea_vs_SKillous___P_vs_P___Curious_Minds_LE.SC2Replay"
    for player_id in (1, 2):
        client = watch(name, player_id)
        client.step(5149)
        assert [(one.player_id, one.message) for one in client.observe().chat] == [(1, "GG")]
        client.step(8)
        assert not client.observe().chat


def test_what_is_inferred_is_said():
    assert "dead reckoning" in playback.inferred(replays.source(replays.LADDER))[0]
    said = playback.inferred(replays.source(replays.TERRAN_AND_ZERG))
    assert "chat (stored in a way that is not read)" in said
    bare = playback.read(replays.data(replays.WITHOUT_TRACKER), actions_only=True)
    assert "only what players did is known" in playback.inferred(bare)[-1]


def test_a_header_that_promises_silent_hours_is_refused(monkeypatch):
    file = replays.file("simple_test_map/21.SC2Replay")
    playback._check_length(file)
    monkeypatch.setattr(file, "num_loops", 2_000_000)
    with pytest.raises(replay.ReplayError, match="2000000 game loops"):
        playback._check_length(file)
