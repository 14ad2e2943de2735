"""The state machine: every request in every status, typed errors, and whatever bytes come."""

import random

import pytest
from s2clientprotocol import common_pb2, debug_pb2, query_pb2, sc2api_pb2

from minisc2.api import creation, server
from tests.minisc2.api import clients

STATUSES = ("launched", "init_game", "in_game", "in_replay", "ended", "quit")
_PLAYING = {"in_game", "in_replay"}
_STARTED = {"in_game", "in_replay", "ended"}
_ALIVE = {"launched", "init_game", "in_game", "in_replay", "ended"}

# What the protocol allows; pysc2's remote_controller states most of it as `valid_status`.
ALLOWED = {
    "create_game": _ALIVE, "join_game": {"launched", "init_game"},
    "restart_game": {"in_game", "ended"}, "start_replay": _ALIVE - {"init_game"},
    "leave_game": {"in_game", "ended"}, "quick_save": {"in_game"}, "quick_load": {"in_game"},
    "quit": _ALIVE, "game_info": _STARTED, "observation": _STARTED, "action": {"in_game"},
    "obs_action": _PLAYING, "step": _PLAYING, "data": _STARTED, "query": _STARTED,
    "save_replay": _STARTED, "map_command": {"in_game"}, "replay_info": _ALIVE,
    "available_maps": _ALIVE, "save_map": _ALIVE, "ping": _ALIVE, "debug": {"in_game"},
}
NEVER_SERVED = {"quick_save", "quick_load"}


def client_in(status: str) -> clients.Client:
    client = clients.Client()
    if status == "init_game":
        client.ask(create_game=clients.create_request())
    elif status != "launched":
        client.play()
    if status == "in_replay":
        client.step(20)
        data = client.ask(save_replay=sc2api_pb2.RequestSaveReplay()).data
        client.ask(start_replay=sc2api_pb2.RequestStartReplay(
            replay_data=data, observed_player_id=1, options=clients.options()))
    elif status == "ended":
        client.step(1920)
    elif status == "quit":
        client.ask(quit=sc2api_pb2.RequestQuit())
    assert client.server.status == sc2api_pb2.Status.Value(status)
    return client


def request_of(name: str) -> sc2api_pb2.Request:
    """A request of a kind that can be served wherever its kind is allowed."""
    request = sc2api_pb2.Request()
    part = getattr(request, name)
    part.SetInParent()
    if name == "create_game":
        part.CopyFrom(clients.create_request())
    elif name == "join_game":
        part.CopyFrom(sc2api_pb2.RequestJoinGame(race=1, options=clients.options()))
    elif name == "save_map":
        part.map_path, part.map_data = "x.SC2Map", b"minisc2 map: MoveToBeacon"
    return request


@pytest.mark.parametrize("status", STATUSES)
def test_each_request_is_served_exactly_where_the_protocol_allows_it(status):
    assert set(ALLOWED) == {field.name for field in sc2api_pb2.Request.DESCRIPTOR.oneofs_by_name[
        "request"].fields}
    for name, allowed in ALLOWED.items():
        client = client_in(status)
        before = client.server.status
        response = client.server.handle(request_of(name))
        text = " ".join(response.error)
        if status not in allowed:
            assert response.error and name in text, (name, status)
            assert response.status == before, (name, status)
        elif name in NEVER_SERVED:
            assert "not served" in text, (name, status)
        elif (name, status) == ("join_game", "launched"):
            assert "no game to join" in text
        elif (name, status) == ("obs_action", "in_game"):
            assert "this client plays" in text
        elif (name, status) in (("save_replay", "in_replay"), ("save_replay", "quit")):
            assert "not recorded" in text
        else:
            assert not response.error, (name, status, text)
            assert response.HasField(name), (name, status)


def test_a_game_goes_through_its_statuses():
    client = clients.Client()
    statuses = []
    for request in (
            {"create_game": clients.create_request()},
            {"join_game": sc2api_pb2.RequestJoinGame(race=1, options=clients.options())},
            {"step": sc2api_pb2.RequestStep(count=1919)}, {"step": sc2api_pb2.RequestStep()},
            {"restart_game": sc2api_pb2.RequestRestartGame()},
            {"leave_game": sc2api_pb2.RequestLeaveGame()}, {"quit": sc2api_pb2.RequestQuit()}):
        statuses.append(sc2api_pb2.Status.Name(client.send(**request).status))
    assert statuses == ["init_game", "in_game", "in_game", "ended", "in_game", "launched", "quit"]


def test_step_after_the_end_says_the_words_that_pysc2_knows():
    response = client_in("ended").send(step=sc2api_pb2.RequestStep())
    assert "Game has already ended" in response.error[0]


def test_ping_reports_the_build_that_pysc2_expects():
    ping = clients.Client().ask(ping=sc2api_pb2.RequestPing())
    assert ping.base_build == ping.data_build == 75689
    assert ping.game_version.startswith("4.10.0")
    assert ping.data_version == "B89B5D6FA7CBF6452E721311BFBC6CB2"


@pytest.mark.parametrize(("change", "error"), [
    (lambda r: r.ClearField("local_map"), "MissingMap"),
    (lambda r: setattr(r.local_map, "map_path", "NoSuchMap"), "InvalidMapPath"),
    (lambda r: setattr(r.local_map, "map_data", b"not a map"), "InvalidMapData"),
    (lambda r: setattr(r, "battlenet_map_name", "Abyssal Reef LE"), "InvalidMapName"),
    (lambda r: r.ClearField("player_setup"), "MissingPlayerSetup"),
    (lambda r: r.player_setup.add(type=sc2api_pb2.Observer), "MultiplayerUnsupported"),
    (lambda r: r.player_setup[0].CopyFrom(sc2api_pb2.PlayerSetup(type=3)), "InvalidPlayerSetup"),
    (lambda r: setattr(r.player_setup[0], "type", sc2api_pb2.Computer), "InvalidPlayerSetup"),
    (lambda r: r.player_setup.extend([sc2api_pb2.PlayerSetup(type=2)] * 9), "InvalidPlayerSetup"),
])
def test_create_game_errors_are_typed(change, error):
    client = clients.Client()
    request = clients.create_request()
    change(request)
    response = client.send(create_game=request)
    assert sc2api_pb2.ResponseCreateGame.Error.Name(response.create_game.error) == error
    assert response.create_game.error_details
    assert response.status == sc2api_pb2.launched
    assert not response.error


def test_two_participants_need_a_meeting_place():
    response = clients.Client().ask(create_game=clients.create_request("Simple64", 1, 2))
    assert response.error == sc2api_pb2.ResponseCreateGame.MultiplayerUnsupported


def test_a_failed_create_leaves_the_running_game_alone():
    client = clients.Client().play()
    client.step(5)
    assert client.ask(create_game=sc2api_pb2.RequestCreateGame()).HasField("error")
    assert client.server.status == sc2api_pb2.in_game
    assert client.step(1) == 6


def test_real_time_is_refused_by_name():
    response = clients.Client().send(create_game=clients.create_request(realtime=True))
    assert "realtime" in response.error[0]


@pytest.mark.parametrize(("request_", "error"), [
    (sc2api_pb2.RequestJoinGame(options=clients.options()), "MissingParticipation"),
    (sc2api_pb2.RequestJoinGame(race=1), "MissingOptions"),
    (sc2api_pb2.RequestJoinGame(observed_player_id=1, options=clients.options()),
     "FeatureUnsupported"),
    (sc2api_pb2.RequestJoinGame(race=1, options=clients.options(screen=(0, 64))), "OtherError"),
    (sc2api_pb2.RequestJoinGame(race=1, options=clients.options(width=-1)), "OtherError"),
])
def test_join_game_errors_are_typed_and_leave_the_game_open(request_, error):
    client = clients.Client()
    client.ask(create_game=clients.create_request())
    response = client.send(join_game=request_)
    assert sc2api_pb2.ResponseJoinGame.Error.Name(response.join_game.error) == error
    assert response.status == sc2api_pb2.init_game
    joined = client.ask(join_game=sc2api_pb2.RequestJoinGame(race=1, options=clients.options()))
    assert joined.player_id == 1


def test_replay_errors_are_typed():
    client = clients.Client()
    start = sc2api_pb2.RequestStartReplay
    for request, error in (
            (start(options=clients.options()), "MissingReplay"),
            (start(replay_path="/no/such/file", options=clients.options()), "InvalidReplayPath"),
            (start(replay_data=b"nothing", options=clients.options()), "InvalidReplayData"),
            (start(replay_data=b"nothing"), "MissingOptions")):
        response = client.ask(start_replay=request)
        assert sc2api_pb2.ResponseStartReplay.Error.Name(response.error) == error
    info = client.ask(replay_info=sc2api_pb2.RequestReplayInfo(replay_data=b"nothing"))
    assert info.error == sc2api_pb2.ResponseReplayInfo.ParsingError
    client.play()
    client.step(3)
    data = client.ask(save_replay=sc2api_pb2.RequestSaveReplay()).data
    wrong = client.ask(start_replay=start(replay_data=data, observed_player_id=2,
                                          options=clients.options()))
    assert wrong.error == sc2api_pb2.ResponseStartReplay.InvalidObservedPlayerId
    assert client.server.status == sc2api_pb2.in_game


def test_other_refusals_name_what_was_asked_for():
    client = clients.Client().play()
    command = client.ask(map_command=sc2api_pb2.RequestMapCommand(trigger_cmd="Win"))
    assert command.error == sc2api_pb2.ResponseMapCommand.NoTriggerError
    assert "Win" in command.error_details
    crash = debug_pb2.DebugCommand(test_process=debug_pb2.DebugTestProcess(
        test=debug_pb2.DebugTestProcess.crash))
    response = client.send(debug=sc2api_pb2.RequestDebug(debug=[crash]))
    assert "test_process" in response.error[0] and "crash" in response.error[0]
    response = client.send(step=sc2api_pb2.RequestStep(count=0))
    assert "count is 0" in response.error[0]
    saved = client.ask(save_map=sc2api_pb2.RequestSaveMap(map_path="a", map_data=b"b"))
    assert saved.error == sc2api_pb2.ResponseSaveMap.InvalidMapData


def test_a_saved_map_can_be_played():
    client = clients.Client()
    client.ask(save_map=sc2api_pb2.RequestSaveMap(
        map_path="mine/a.SC2Map", map_data=b"minisc2 map: DefeatRoaches"))
    assert "mine/a.SC2Map" in client.ask(
        available_maps=sc2api_pb2.RequestAvailableMaps()).local_map_paths
    client.play("mine/a.SC2Map")
    info = client.ask(game_info=sc2api_pb2.RequestGameInfo())
    assert info.map_name == "DefeatRoaches"


def test_a_file_of_the_real_game_is_known_by_its_name():
    maps = creation.SavedMaps()
    real = sc2api_pb2.LocalMap(map_path="mini_games/MoveToBeacon.SC2Map", map_data=b"MPQ\x1b...")
    assert maps.get(real).name == "MoveToBeacon"


def test_malformed_and_random_bytes_get_an_error_and_the_server_lives_on():
    client = clients.Client().play()
    generator = random.Random(5)
    template = sc2api_pb2.Request(action=sc2api_pb2.RequestAction(
        actions=[clients.select_rect(1, 2, 3, 4), clients.command_screen(331, 5, 6)]), id=3)
    whole = template.SerializeToString()
    for _ in range(400):
        if generator.random() < 0.5:
            data = generator.randbytes(generator.randrange(40))
        else:
            broken = bytearray(whole)
            for _ in range(generator.randrange(1, 4)):
                broken[generator.randrange(len(broken))] = generator.randrange(256)
            data = bytes(broken)
        response = sc2api_pb2.Response.FromString(client.server.handle_bytes(data))
        assert response.HasField("status")
        if response.status != sc2api_pb2.in_game:  # random bytes can be a valid leave or quit
            client = clients.Client().play()
    assert client.step(1) > 0


def test_an_unexpected_failure_is_an_error_in_the_response(monkeypatch):
    client = clients.Client().play()
    monkeypatch.setattr(client.server, "_handlers", {**client.server._handlers, "step": None})
    response = client.send(step=sc2api_pb2.RequestStep())
    assert "minisc2 failed at step" in response.error[0]
    assert client.observe().observation.game_loop == 0


def test_empty_request_is_an_error():
    response = server.Server().handle(sc2api_pb2.Request())
    assert "empty" in response.error[0] and response.status == sc2api_pb2.launched


@pytest.mark.parametrize("seed", range(3))
def test_random_well_formed_actions_never_fail(seed):
    client = clients.Client().play("DefeatRoaches", seed=seed)
    generator = random.Random(seed)
    for _ in range(150):
        x, y = generator.randrange(-2, 70), generator.randrange(-2, 70)
        ability = generator.choice((1, 4, 16, 17, 18, 23, 3674, 3665, 3793, 3794, 999999, 0, 560))
        client.act(generator.choice((
            clients.select_point(x, y, generator.randrange(1, 5)),
            clients.select_rect(x, y, y, x, generator.random() < 0.5),
            clients.command_screen(ability, x, y, generator.random() < 0.3),
            clients.command_minimap(ability, x, y), clients.command_quick(ability),
            clients.group(generator.randrange(1, 6), generator.randrange(12)),
            sc2api_pb2.Action())))
        client.step(generator.randrange(1, 9))
        client.observe()
        if client.server.status == sc2api_pb2.ended:
            client.ask(restart_game=sc2api_pb2.RequestRestartGame())


def test_query_answers_in_the_order_of_the_request():
    client = clients.Client().play()
    marine = next(u for u in client.observe().observation.raw_data.units if u.owner == 1)
    to = common_pb2.Point2D(x=marine.pos.x + 1, y=marine.pos.y)
    answer = client.ask(query=query_pb2.RequestQuery(
        pathing=[query_pb2.RequestQueryPathing(unit_tag=marine.tag, end_pos=to),
                 query_pb2.RequestQueryPathing(
                     start_pos=to, end_pos=common_pb2.Point2D(x=0, y=0))],
        abilities=[query_pb2.RequestQueryAvailableAbilities(unit_tag=12345),
                   query_pb2.RequestQueryAvailableAbilities(unit_tag=marine.tag)],
        placements=[query_pb2.RequestQueryBuildingPlacement(
            ability_id=319, target_pos=common_pb2.Point2D(x=1, y=1))]))
    assert answer.pathing[0].distance == pytest.approx(1, abs=0.3)
    assert answer.pathing[1].distance == 0  # outside of the playable area: no way
    assert len(answer.abilities[0].abilities) == 0
    assert answer.abilities[1].unit_type_id == 48
    assert 16 in [ability.ability_id for ability in answer.abilities[1].abilities]
    assert answer.placements[0].result != 1
    bad = client.send(query=query_pb2.RequestQuery(pathing=[query_pb2.RequestQueryPathing()]))
    assert "start" in bad.error[0]
