"""Clients that look on: at computers, beside players, through the eyes of one or of everyone."""

import threading

import pytest
from s2clientprotocol import common_pb2, query_pb2, sc2api_pb2

from minisc2.api import match as match_lib
from tests.minisc2.api import clients, matches

MARINE = 48
_Observer = sc2api_pb2.ObserverAction


def watch_computers(observed_player_id: int = 0, map_name: str = "Flat64", **create: object
                    ) -> clients.Client:
    """The one client of a match of two computers."""
    client = clients.Client()
    request = clients.create_request(map_name, 1, 0, 2, **create)
    request.player_setup.add(type=sc2api_pb2.Observer)
    created = client.ask(create_game=request)
    assert not created.HasField("error"), created
    joined = client.ask(join_game=sc2api_pb2.RequestJoinGame(
        observed_player_id=observed_player_id, options=clients.options()))
    assert joined.player_id == 3  # after the players, wherever its setup stood
    return client


def owners(client: clients.Client) -> set[int]:
    return {unit.owner for unit in client.observe().observation.raw_data.units
            if unit.display_type == 1}


def test_an_observer_of_everyone_sees_all_and_owns_nothing():
    client = watch_computers()
    assert owners(client) == {1, 2, 16}
    observation = client.observe().observation
    assert (clients.layer(observation.raw_data.map_state.visibility) == 2).all()
    assert (clients.minimap(client.observe(), "visibility_map") == 2).all()
    assert {unit.alliance for unit in observation.raw_data.units} == {3, 4}  # neutral and enemy
    assert not observation.player_common.minerals and not observation.abilities
    info = client.ask(game_info=sc2api_pb2.RequestGameInfo())
    assert [(one.type, one.race_actual) for one in info.player_info] == [(2, 1), (2, 1)]


def test_an_observer_of_a_player_sees_what_that_player_sees():
    client = watch_computers(2)
    assert owners(client) == {2, 16}
    observation = client.observe().observation
    assert observation.player_common.player_id == 2
    assert observation.player_common.minerals == 50
    player = client.seat.world.players[2]
    camera = observation.raw_data.player.camera
    assert (camera.x, camera.y) == player.camera_xy


def test_an_observer_turns_its_camera_and_changes_its_view():
    client = watch_computers(1)

    def act(**action: object) -> sc2api_pb2.Response:
        return client.send(obs_action=sc2api_pb2.RequestObserverAction(
            actions=[_Observer(**action)]))

    def camera() -> tuple[float, float]:
        point = client.observe().observation.raw_data.player.camera
        return point.x, point.y

    starts = {number: player.camera_xy for number, player in client.seat.world.players.items()}
    assert camera() == starts[1]
    assert not act(camera_move={"world_pos": {"x": 30, "y": 31}}).error
    assert camera() == (30, 31)
    assert not act(player_perspective={"player_id": 2}).error
    assert camera() == starts[2] and owners(client) == {2, 16}
    assert not act(player_perspective={"player_id": 0}).error
    assert owners(client) == {1, 2, 16}
    assert not act(camera_follow_player={"player_id": 1}).error
    assert camera() == starts[1]
    assert "player 3" in act(player_perspective={"player_id": 3}).error[0]
    assert "player 0" in act(camera_follow_player={"player_id": 0}).error[0]


def test_a_followed_unit_is_looked_at_where_it_goes_and_where_it_died():
    client = watch_computers(1)
    unit = next(one for one in client.seat.world.units.values() if one.owner == 1)
    client.ask(obs_action=sc2api_pb2.RequestObserverAction(
        actions=[_Observer(camera_follow_units={"unit_tags": [unit.tag]})]))

    def camera() -> tuple[float, float]:
        point = client.observe().observation.raw_data.player.camera
        return point.x, point.y

    client.seat.world.set_position(unit, (30.5, 31.5))
    assert camera() == (30.5, 31.5)
    client.seat.world.kill_unit(unit)
    assert camera() == (30.5, 31.5)


def test_an_observer_neither_acts_nor_debugs():
    client = watch_computers()
    move = client.send(action=sc2api_pb2.RequestAction(actions=[clients.command_quick(4)]))
    assert "observes the game" in move.error[0]
    debug = client.send(debug=sc2api_pb2.RequestDebug())
    assert "observes the game" in debug.error[0]
    answer = client.ask(query=query_pb2.RequestQuery(abilities=[
        query_pb2.RequestQueryAvailableAbilities(unit_tag=next(iter(client.seat.world.units)))]))
    assert not answer.abilities[0].abilities
    player = clients.Client().play()
    refused = player.send(obs_action=sc2api_pb2.RequestObserverAction())
    assert "this client plays" in refused.error[0]


def test_a_game_of_computers_ends_is_saved_and_is_watched_again():
    client = watch_computers()
    for _ in range(3):
        client.step(20)
    world = client.seat.world
    for unit in [one for one in world.units.values() if one.owner == 2 and one.is_structure]:
        world.kill_unit(unit)
    client.step(20)
    assert client.server.status == sc2api_pb2.ended
    results = {one.player_id: one.result for one in client.observe().player_result}
    assert results == {1: sc2api_pb2.Victory, 2: sc2api_pb2.Defeat}
    data = matches.saved_replay(client)
    info = client.ask(replay_info=sc2api_pb2.RequestReplayInfo(replay_data=data))
    assert [(one.player_info.player_id, one.player_info.type, one.player_result.result)
            for one in info.player_info] == [(1, 2, 1), (2, 2, 2)]
    for player_id in (0, 1, 2):
        watcher = matches.watch(data, observed_player_id=player_id)
        watcher.step(10)
        assert watcher.observe().observation.player_common.player_id == player_id


def test_the_difficulty_of_computers_is_played_and_recorded():
    request = clients.create_request("Flat64", 1, 0, 0)
    request.player_setup.add(type=sc2api_pb2.Observer)
    for difficulty, build in ((sc2api_pb2.CheatInsane, sc2api_pb2.Timing),
                              (sc2api_pb2.Medium, sc2api_pb2.Air)):
        request.player_setup.add(type=sc2api_pb2.Computer, race=common_pb2.Random,
                                 difficulty=difficulty, ai_build=build)
    client = clients.Client()
    client.ask(create_game=request)
    client.ask(join_game=sc2api_pb2.RequestJoinGame(observed_player_id=0,
                                                    options=clients.options()))
    expected = [(10, 3), (3, 6)]
    assert [(one.difficulty, one.ai_build) for one in client.seat.world.players.values()
            ] == expected
    info = client.ask(replay_info=sc2api_pb2.RequestReplayInfo(
        replay_data=matches.saved_replay(client))).player_info
    assert [(one.player_info.difficulty, one.player_info.ai_build) for one in info] == expected
    # Random was asked for, and Terran is what computers can play.
    assert [(one.player_info.race_requested, one.player_info.race_actual) for one in info] == [
        (common_pb2.Random, common_pb2.Terran)] * 2
    again = matches.watch(matches.saved_replay(client), observed_player_id=0)
    assert [(one.difficulty, one.ai_build) for one in again.seat.world.players.values()
            ] == expected


def test_orders_of_a_computer_are_its_actions_a_minute():
    client = watch_computers()
    world = client.seat.world
    worker = next(one for one in world.units.values() if one.owner == 1 and one.type.is_worker)

    class Brain:
        def update(self) -> None:
            world.order(1, [worker.tag], 16, (30.0, 30.0))

    world._world.brains[:] = [Brain()]
    client.step(448)  # 20 seconds, an order in each of 448 loops
    info = client.ask(replay_info=sc2api_pb2.RequestReplayInfo(
        replay_data=matches.saved_replay(client)))
    assert [one.player_apm for one in info.player_info] == [3 * 448, 0]


def test_an_observer_beside_players_is_waited_for_and_told_of_chat():
    table = matches.Table(observed=(1,))
    first, _, observer = table.clients
    assert [one.player_id for one in table.joined] == [1, 2, 3]
    first.act(sc2api_pb2.Action(action_chat=sc2api_pb2.ActionChat(message="hi")),
              clients.ui(select_army={}))
    table.step(3)
    seen = observer.observe()
    assert [one.message for one in seen.chat] == ["hi"] and not seen.actions
    assert seen.observation.game_loop == 3
    assert first.observe().chat  # still there for the player
    step = threading.Thread(target=table.all, daemon=True,
                            args=(lambda client: client is observer or client.step(2),))
    step.start()
    step.join(0.2)
    assert step.is_alive()  # both players wait
    observer.ask(leave_game=sc2api_pb2.RequestLeaveGame())
    step.join(10)
    assert not step.is_alive()
    assert first.server.status == sc2api_pb2.in_game  # nobody has lost
    recording = first.server.recording
    assert len(recording.players) == 2 and not recording.results


def test_an_observer_takes_nothing_from_the_player_it_looks_through():
    """A structure that a player saw for a moment is remembered, whoever looked on meanwhile."""
    seen = []
    for observed in ((), (1,)):
        table = matches.Table(observed=observed)
        world = table.clients[0].seat.world
        enemy = next(one for one in world.units.values() if one.owner == 2 and one.is_structure)
        scout = world.create_unit(MARINE, 1, (enemy.x + 5, enemy.y))
        world.kill_unit(scout)
        for client in reversed(table.clients):
            client.observe()
        units = table.clients[0].observe().observation.raw_data.units
        seen.append(enemy.tag in [one.tag for one in units])
    assert seen == [True, True]


def test_who_leaves_a_computer_loses_to_it():
    table = matches.Table(num_players=1, num_computers=1, observed=(0,))
    player, observer = table.clients
    table.step(4)
    player.ask(quit=sc2api_pb2.RequestQuit())
    assert observer.server.status == sc2api_pb2.ended
    expected = [(1, sc2api_pb2.Defeat), (2, sc2api_pb2.Victory)]
    assert [(one.player_id, one.result) for one in observer.observe().player_result] == expected
    watcher = matches.watch(matches.saved_replay(observer), observed_player_id=2)
    watcher.step(100)
    assert [(one.player_id, one.result) for one in watcher.observe().player_result] == expected


def test_restarting_a_watched_game_gives_another():
    client = watch_computers(1)
    client.step(5)
    seed = client.server.recording.seed
    client.ask(restart_game=sc2api_pb2.RequestRestartGame())
    assert client.observe().observation.game_loop == 0
    assert client.server.recording.seed == match_lib.next_seed(seed)
    assert owners(client) == {1, 2, 16} - {2}


@pytest.mark.parametrize(("request_", "error"), [
    (sc2api_pb2.RequestJoinGame(observed_player_id=3), "InvalidObservedPlayerId"),
    (sc2api_pb2.RequestJoinGame(race=1), "GameFull"),
])
def test_joining_a_game_of_computers_is_refused_with_the_reason(request_, error):
    client = clients.Client()
    request = clients.create_request("Flat64", 1, 0, 2)
    request.player_setup.add(type=sc2api_pb2.Observer)
    client.ask(create_game=request)
    request_.options.CopyFrom(clients.options())
    answer = client.ask(join_game=request_)
    assert sc2api_pb2.ResponseJoinGame.Error.Name(answer.error) == error
    assert answer.error_details


def test_computers_are_refused_on_maps_for_one():
    request = clients.create_request("MoveToBeacon", 1, 0, 1)
    request.player_setup.add(type=sc2api_pb2.Observer)
    answer = clients.Client().ask(create_game=request)
    assert answer.error == sc2api_pb2.ResponseCreateGame.InvalidPlayerSetup
    assert "one Participant" in answer.error_details
