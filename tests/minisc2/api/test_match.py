"""Matches: seeds and restarts, debug commands, several clients, and who leaves or stays away."""

import threading
import time

import portpicker
import pytest
from s2clientprotocol import debug_pb2, query_pb2, sc2api_pb2

from minisc2 import multiplayer
from minisc2.api import match as match_lib
from minisc2.api import server
from tests.minisc2.api import clients, matches

MARINE, ROACH = 48, 110


@pytest.mark.parametrize("map_name", ["MoveToBeacon", "CollectMineralShards", "DefeatRoaches"])
def test_same_seed_same_game(map_name):
    first, second = (matches.play_a_while(clients.Client().play(map_name, seed=3))
                     for _ in range(2))
    assert first == second
    assert first != matches.play_a_while(clients.Client().play(map_name, seed=4))


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


def test_two_clients_step_together():
    table = matches.Table()
    assert sorted(one.player_id for one in table.joined) == [1, 2]
    assert table.joined[0].player_id == 1  # the host
    assert table.all(lambda client: client.step(3)) == [3, 3]
    waiting = threading.Thread(target=table.clients[0].step, args=(5,))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()  # it waits for the other one
    assert table.clients[1].observe().observation.game_loop == 3
    assert table.clients[1].step(5) == 8
    waiting.join(10)
    assert not waiting.is_alive()
    seen = table.all(lambda client: client.observe().observation)
    assert [one.player_common.player_id for one in seen] == [1, 2]
    assert [one.game_loop for one in seen] == [8, 8]


def test_actions_of_a_shared_match_take_a_game_loop_to_arrive():
    table = matches.Table(disable_fog=True)
    host = table.clients[0]
    host.create_units(MARINE, 1, 44, 44)
    marine = next(one for one in host.seat.world.units.values() if one.unit_type == MARINE)
    table.all(lambda client: client.step(4))
    table.all(lambda client: client.observe())
    host.act(clients.ui(select_army={}), clients.command_quick(18))
    table.all(lambda client: client.step(1))
    assert not host.observe().actions
    table.all(lambda client: client.step(1))
    assert [one.game_loop for one in host.observe().actions] == [5, 5]
    assert host.seat.selection.tags == [marine.tag]
    assert not table.clients[1].observe().actions  # one's own only


def test_chat_reaches_everybody():
    table = matches.Table()
    table.clients[0].act(sc2api_pb2.Action(action_chat=sc2api_pb2.ActionChat(message="hi")))
    table.all(lambda client: client.step(2))
    for client in table.clients:
        assert [(one.player_id, one.message) for one in client.observe().chat] == [(1, "hi")]


def test_who_leaves_loses_and_nobody_waits_for_them():
    table = matches.Table()
    waiting = threading.Thread(target=table.clients[1].step, args=(5,))
    waiting.start()
    table.clients[0].ask(leave_game=sc2api_pb2.RequestLeaveGame())
    waiting.join(10)
    assert not waiting.is_alive()
    assert table.clients[0].server.status == sc2api_pb2.launched
    assert table.clients[1].server.status == sc2api_pb2.ended
    results = {one.player_id: one.result for one in table.clients[1].observe().player_result}
    assert results == {1: sc2api_pb2.Defeat, 2: sc2api_pb2.Victory}


@pytest.mark.parametrize("observed", [(), (0,)], ids=["player", "observer"])
def test_who_lets_the_others_wait_for_too_long_is_taken_out(monkeypatch, observed):
    """The last client stays away: a player loses by that, an observer is only missed."""
    monkeypatch.setattr(match_lib, "STEP_TIMEOUT_SECONDS", 0.2)
    table = matches.Table(observed=observed)
    *present, absent = table.clients
    answers = table.all(lambda client: None if client is absent else client.step(3))
    assert set(answers[:-1]) == {3 if observed else 0}
    refused = absent.send(step=sc2api_pb2.RequestStep())
    if observed:
        assert present[0].server.status == sc2api_pb2.in_game
        assert "taken out" in refused.error[0]
    else:
        results = {one.player_id: one.result for one in present[0].observe().player_result}
        assert results == {1: sc2api_pb2.Victory, 2: sc2api_pb2.Defeat}
        assert "already ended" in refused.error[0]
    absent.ask(leave_game=sc2api_pb2.RequestLeaveGame())


def test_who_is_slow_but_comes_is_waited_for(monkeypatch):
    monkeypatch.setattr(match_lib, "STEP_TIMEOUT_SECONDS", 0.4)
    table = matches.Table()
    quick, slow = table.clients

    def play(client):
        if client is quick:
            return client.step(10)
        for _ in range(10):  # two seconds in all, but never 0.4 without a step
            time.sleep(0.2)
            client.step(1)
        return client.seat.world.loop

    assert table.all(play) == [10, 10]
    assert slow.server.status == sc2api_pb2.in_game


@pytest.mark.parametrize("request_", [
    {"query": query_pb2.RequestQuery()}, {"game_info": sc2api_pb2.RequestGameInfo()},
    {"observation": sc2api_pb2.RequestObservation()},
    {"obs_action": sc2api_pb2.RequestObserverAction()},
    {"save_replay": sc2api_pb2.RequestSaveReplay()}], ids=lambda request_: next(iter(request_)))
def test_nobody_looks_at_a_world_that_moves(request_):
    """Requests wait while another client's thread is at work on the match."""
    observer = matches.Table(num_players=1, num_computers=1, observed=(1,)).clients[1]
    asking = threading.Thread(target=observer.ask, kwargs=request_, daemon=True)
    with observer.server._match.lock:
        asking.start()
        asking.join(0.1)
        assert asking.is_alive()
    asking.join(10)
    assert not asking.is_alive()


def test_a_game_that_cannot_begin_is_told_to_all_who_wait_for_it(monkeypatch):
    def fail(*arguments):
        raise ArithmeticError("no world")

    monkeypatch.setattr(match_lib.Match, "_make_world", fail)
    with pytest.raises(AssertionError, match="no world|could not begin"):  # nobody waits for ever
        matches.Table()


def test_a_match_with_several_clients_cannot_be_restarted():
    table = matches.Table()
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
