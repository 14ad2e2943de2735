"""Matches: seeds and restarts, debug commands, several clients, and replays of all that."""

import threading

import portpicker
import pytest
from s2clientprotocol import common_pb2, debug_pb2, sc2api_pb2

from minisc2 import multiplayer
from minisc2.api import match as match_lib
from minisc2.api import server
from tests.minisc2.api import clients

MARINE, ROACH = 48, 110


def play_a_while(client, num_steps=12):
    """Observations of a short game with a few actions in it."""
    seen = []
    client.act(clients.ui(select_army={}))
    for number in range(num_steps):
        client.act(clients.command_screen(23, 5 + 4 * number, 60 - 5 * number, number % 3 == 0))
        client.step(1 + number)
        seen.append(client.observe())
    return seen


@pytest.mark.parametrize("map_name", ["MoveToBeacon", "CollectMineralShards", "DefeatRoaches"])
def test_same_seed_same_game(map_name):
    first, second = (play_a_while(clients.Client().play(map_name, seed=3)) for _ in range(2))
    assert first == second
    assert first != play_a_while(clients.Client().play(map_name, seed=4))


def test_a_restart_draws_the_next_seed_from_the_one_before():
    client = clients.Client().play(seed=11)
    seeds = [client.server.recording.seed]
    starts = [client.observe().observation.raw_data]
    for _ in range(3):
        client.ask(restart_game=sc2api_pb2.RequestRestartGame())
        seeds.append(client.server.recording.seed)
        starts.append(client.observe().observation.raw_data)
        assert client.observe().observation.game_loop == 0
    assert seeds[0] == 11 and len(set(seeds)) == 4
    assert seeds[1:] == [match_lib.next_seed(seed) for seed in seeds[:-1]]
    assert len({start.SerializeToString(deterministic=True) for start in starts}) == 4
    again = clients.Client().play(seed=seeds[2])  # the recorded seed alone gives the same game
    assert again.observe().observation.raw_data == starts[2]


def test_without_a_seed_games_differ():
    recorded = set()
    for _ in range(2):
        client = clients.Client()
        client.ask(create_game=clients.create_request(seed=None))
        client.ask(join_game=sc2api_pb2.RequestJoinGame(race=1, options=clients.options()))
        recorded.add(client.server.recording.seed)
    assert len(recorded) == 2


def test_the_end_of_a_game_gives_results():
    client = clients.Client().play()
    assert not client.observe().player_result
    assert client.step(5000) == 1920  # 120 seconds of 16 game loops
    assert [(one.player_id, one.result) for one in client.observe().player_result] == [
        (1, sc2api_pb2.Victory)]


def test_debug_commands():
    client = clients.Client().play("Flat64", num_computers=1)
    client.create_units(MARINE, 1, 44, 44, quantity=5)
    marines = [one for one in client.seat.world.units.values() if one.unit_type == MARINE]
    assert len({(one.x, one.y) for one in marines}) == 5
    value = debug_pb2.DebugSetUnitValue
    client.debug(unit_value=value(unit_value=value.Life, value=5, unit_tag=marines[0].tag))
    client.debug(unit_value=value(unit_value=value.Life, value=999, unit_tag=marines[1].tag))
    client.debug(unit_value=value(unit_value=value.Life, value=0, unit_tag=marines[2].tag))
    assert (marines[0].health, marines[1].health) == (5, 45)
    assert marines[2].tag not in client.seat.world.units
    client.debug(game_state=debug_pb2.all_resources)
    client.debug(game_state=debug_pb2.food)
    player = client.observe().observation.player_common
    assert (player.minerals, player.vespene, player.food_cap) == (5050, 5000, 200)
    client.debug(draw=debug_pb2.DebugDraw(text=[debug_pb2.DebugText(text="hello")]))
    hidden = client.observe().observation.raw_data.map_state.visibility
    client.debug(game_state=debug_pb2.show_map)
    shown = client.observe().observation.raw_data.map_state.visibility
    assert (clients.layer(hidden) == 0).any() and (clients.layer(shown) == 2).all()
    client.debug(end_game=debug_pb2.DebugEndGame(
        end_result=debug_pb2.DebugEndGame.DeclareVictory))
    assert client.server.status == sc2api_pb2.ended
    assert [one.result for one in client.observe().player_result] == [
        sc2api_pb2.Victory, sc2api_pb2.Defeat]


@pytest.mark.parametrize("command", [
    {"game_state": debug_pb2.control_enemy}, {"create_unit": {"unit_type": 999999, "owner": 1}},
    {"create_unit": {"unit_type": MARINE, "owner": 9}},
    {"create_unit": {"unit_type": MARINE, "owner": 1, "quantity": 100000}},
    {"unit_value": {"unit_tag": 5}}, {}])
def test_debug_commands_are_applied_all_or_none(command):
    client = clients.Client().play()
    before = len(client.seat.world.units)
    good = debug_pb2.DebugCommand(create_unit={"unit_type": MARINE, "owner": 1})
    response = client.send(debug=sc2api_pb2.RequestDebug(
        debug=[good, debug_pb2.DebugCommand(**command)]))
    assert "debug" in response.error[0]
    assert len(client.seat.world.units) == before


def test_set_score():
    client = clients.Client().play()
    client.debug(score=debug_pb2.DebugSetScore(score=17))
    assert client.observe().observation.score.score == 17


class Table:
    """Two clients at one match, in threads as pysc2 plays them."""

    def __init__(self, map_name="Flat64", **create):
        meeting = multiplayer.Rendezvous(lambda place: server.Server(multiplayer=place))
        self.clients = [clients.Client(meeting) for _ in range(2)]
        created = self.clients[0].ask(
            create_game=clients.create_request(map_name, 1, 2, **create))
        assert not created.HasField("error"), created
        port = portpicker.pick_unused_port()
        ports = sc2api_pb2.PortSet(game_port=port, base_port=port)
        join = sc2api_pb2.RequestJoinGame(
            race=common_pb2.Terran, options=clients.options(), server_ports=ports,
            client_ports=[ports])
        self.joined = self.both(lambda client: client.ask(join_game=join))

    def both(self, function):
        """Calls the function for each client at the same time; returns both results."""
        results = [None, None]

        def call(index):
            results[index] = function(self.clients[index])

        threads = [threading.Thread(target=call, args=(index,)) for index in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive(), "a client waits for ever"
        return results


def test_two_clients_step_together():
    table = Table()
    assert sorted(one.player_id for one in table.joined) == [1, 2]
    assert table.joined[0].player_id == 1  # the host
    assert table.both(lambda client: client.step(3)) == [3, 3]
    waiting = threading.Thread(target=table.clients[0].step, args=(5,))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()  # it waits for the other one
    assert table.clients[1].observe().observation.game_loop == 3
    assert table.clients[1].step(5) == 8
    waiting.join(10)
    assert not waiting.is_alive()
    seen = table.both(lambda client: client.observe().observation)
    assert [one.player_common.player_id for one in seen] == [1, 2]
    assert [one.game_loop for one in seen] == [8, 8]


def test_actions_of_a_shared_match_take_a_game_loop_to_arrive():
    table = Table(disable_fog=True)
    host = table.clients[0]
    host.create_units(MARINE, 1, 44, 44)
    marine = next(one for one in host.seat.world.units.values() if one.unit_type == MARINE)
    table.both(lambda client: client.step(4))
    table.both(lambda client: client.observe())
    host.act(clients.ui(select_army={}), clients.command_quick(18))
    table.both(lambda client: client.step(1))
    assert not host.observe().actions
    table.both(lambda client: client.step(1))
    assert [one.game_loop for one in host.observe().actions] == [5, 5]
    assert host.seat.selection.tags == [marine.tag]
    assert not table.clients[1].observe().actions  # one's own only


def test_chat_reaches_everybody():
    table = Table()
    table.clients[0].act(sc2api_pb2.Action(action_chat=sc2api_pb2.ActionChat(message="hi")))
    table.both(lambda client: client.step(2))
    for client in table.clients:
        assert [(one.player_id, one.message) for one in client.observe().chat] == [(1, "hi")]


def test_who_leaves_loses_and_nobody_waits_for_them():
    table = Table()
    waiting = threading.Thread(target=table.clients[1].step, args=(5,))
    waiting.start()
    table.clients[0].ask(leave_game=sc2api_pb2.RequestLeaveGame())
    waiting.join(10)
    assert not waiting.is_alive()
    assert table.clients[0].server.status == sc2api_pb2.launched
    assert table.clients[1].server.status == sc2api_pb2.ended
    results = {one.player_id: one.result for one in table.clients[1].observe().player_result}
    assert results == {1: sc2api_pb2.Defeat, 2: sc2api_pb2.Victory}


def test_a_match_with_several_clients_cannot_be_restarted():
    table = Table()
    answer = table.clients[0].ask(restart_game=sc2api_pb2.RequestRestartGame())
    assert answer.error == sc2api_pb2.ResponseRestartGame.LaunchError


def test_a_guest_without_a_host_is_told():
    client = clients.Client()
    response = client.send(join_game=sc2api_pb2.RequestJoinGame(
        race=1, options=clients.options(), server_ports=sc2api_pb2.PortSet(game_port=1)))
    assert "no game to join" in response.error[0]


def test_a_host_needs_ports():
    meeting = multiplayer.Rendezvous(lambda place: server.Server(multiplayer=place))
    client = clients.Client(meeting)
    client.ask(create_game=clients.create_request("Flat64", 1, 2))
    answer = client.ask(join_game=sc2api_pb2.RequestJoinGame(race=1, options=clients.options()))
    assert answer.error == sc2api_pb2.ResponseJoinGame.MissingPorts


def test_a_host_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(multiplayer, "JOIN_TIMEOUT_SECONDS", 0.05)
    meeting = multiplayer.Rendezvous(lambda place: server.Server(multiplayer=place))
    client = clients.Client(meeting)
    client.ask(create_game=clients.create_request("Flat64", 1, 2))
    port = portpicker.pick_unused_port()
    ports = sc2api_pb2.PortSet(game_port=port, base_port=port)
    join = sc2api_pb2.RequestJoinGame(race=1, options=clients.options(), server_ports=ports,
                                      client_ports=[ports])
    response = client.send(join_game=join)
    assert "only 1 joined" in response.error[0] and response.status == sc2api_pb2.init_game
    assert not meeting.offers(port)
    full = client.ask(join_game=join)
    assert full.error == sc2api_pb2.ResponseJoinGame.GameFull
    client.play()  # and another game can be made


def saved_replay(client):
    return client.ask(save_replay=sc2api_pb2.RequestSaveReplay()).data


def watch(data, interface=None, **request):
    client = clients.Client()
    started = client.ask(start_replay=sc2api_pb2.RequestStartReplay(
        replay_data=data, options=interface or clients.options(), **{"observed_player_id": 1,
                                                                     **request}))
    assert not started.HasField("error"), started
    return client


@pytest.mark.parametrize("map_name", ["MoveToBeacon", "CollectMineralShards", "DefeatRoaches"])
def test_a_replay_shows_the_observations_of_the_game(map_name):
    client = clients.Client().play(map_name, seed=5)
    client.ask(restart_game=sc2api_pb2.RequestRestartGame())  # the effective seed is recorded
    first = client.observe()
    seen = play_a_while(client)
    watcher = watch(saved_replay(client))
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
        replay_data=saved_replay(client)))
    assert (info.map_name, info.game_duration_loops) == (map_name, sum(range(1, 13)))


def test_a_replay_does_not_go_past_its_end_nor_record_itself():
    client = clients.Client().play()
    client.step(30)
    data = saved_replay(client)
    watcher = watch(data)
    assert watcher.step(1000) == 30
    assert "not recorded" in watcher.send(save_replay=sc2api_pb2.RequestSaveReplay()).error[0]
    assert saved_replay(watch(data, record_replay=True)) == data


def test_a_replay_at_another_size_converts_the_pixels_of_actions():
    client = clients.Client().play(interface=clients.options((64, 64), (64, 64)))
    client.step(1)
    client.act(clients.select_rect(0, 0, 63, 63), clients.command_screen(16, 40, 20))
    client.step(1)
    watcher = watch(saved_replay(client), clients.options((32, 32), (16, 16)))
    watcher.step(2)
    select, move = watcher.observe().actions
    box = select.action_feature_layer.unit_selection_rect.selection_screen_coord[0]
    assert (box.p0.x, box.p0.y, box.p1.x, box.p1.y) == (0, 0, 31, 31)
    target = move.action_feature_layer.unit_command.target_screen_coord
    assert (target.x, target.y) == (20, 10)
    raw_only = watch(saved_replay(client), clients.options(None))
    raw_only.step(2)
    assert not any(one.HasField("action_feature_layer") for one in raw_only.observe().actions)


def test_a_shared_match_and_its_debug_commands_replay_for_both_players():
    table = Table()
    host, guest = table.clients
    host.create_units(MARINE, 1, 40, 44, quantity=3)
    guest.create_units(ROACH, 2, 48, 44, quantity=2)
    host.act(clients.ui(select_army={}), clients.command_quick(18))
    table.both(lambda client: client.step(40))
    guest.act(clients.ui(select_army={}))
    table.both(lambda client: client.step(40))
    expected = table.both(lambda client: client.observe().observation)
    data = saved_replay(host)
    for number, shown in enumerate(expected, 1):
        watcher = watch(data, observed_player_id=number)
        watcher.step(80)
        seen = watcher.observe().observation
        assert seen.raw_data.units == shown.raw_data.units
        assert seen.feature_layer_data == shown.feature_layer_data
        assert seen.ui_data == shown.ui_data


def test_observer_actions_move_the_viewers_camera():
    table = Table()
    table.both(lambda client: client.step(20))
    watcher = watch(saved_replay(table.clients[0]))
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
    table = Table()
    table.both(lambda client: client.step(9))
    table.clients[1].ask(leave_game=sc2api_pb2.RequestLeaveGame())
    watcher = watch(saved_replay(table.clients[0]))
    watcher.step(100)
    assert [one.result for one in watcher.observe().player_result] == [
        sc2api_pb2.Victory, sc2api_pb2.Defeat]


def test_score_details_are_the_worlds_counters():
    client = clients.Client().play("Flat64", num_computers=1)
    score = client.observe().observation.score
    assert score.score_type == 2 and score.score == 50 + 12 * 50 + 400  # minerals, SCVs, center
    details = score.score_details
    assert (details.food_used.economy, details.used_minerals.economy) == (12, 1000)
    assert len(details.ListFields()) >= 26
    client.seat.player.score.killed_vespene.army = 25.0
    client.seat.player.score.collected_minerals = 7.0
    changed = client.observe().observation.score.score_details
    assert (changed.killed_vespene.army, changed.collected_minerals) == (25, 7)
