"""Replays: the same observations again, from every view, at every pace; all else is refused."""

import hashlib
import os
import pathlib
import random
import subprocess
import sys

import pytest
from s2clientprotocol import sc2api_pb2

from minisc2 import replay
from minisc2.replay import fingerprint, mpq
from tests.minisc2.api import clients, matches

MARINE, ROACH = 48, 110
_ROOT = pathlib.Path(__file__).resolve().parents[3]
_SHARED = pathlib.Path(os.environ.get("SHARED_DATA", _ROOT.parent / "shared" / "data"))


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


# What is told once and adds up over the loops of a step; everything else is as it is now.
_TOLD_ONCE = ("actions", "action_errors", "chat")


def what_is_now(response):
    """An observation without what is told once."""
    now = sc2api_pb2.ResponseObservation()
    now.CopyFrom(response)
    for name in (*_TOLD_ONCE, "player_result"):
        now.ClearField(name)
    now.observation.ClearField("alerts")
    now.observation.raw_data.event.ClearField("dead_units")
    return now


def told(responses):
    """What is told once, in order."""
    return ([[one for response in responses for one in getattr(response, name)]
             for name in _TOLD_ONCE]
            + [[one for response in responses for one in response.observation.alerts],
               [one for response in responses
                for one in response.observation.raw_data.event.dead_units]])


@pytest.fixture(scope="module")
def shared_match():
    """A match of two clients that fight: the observations of both at each loop, and its replay."""
    table = matches.Table(disable_fog=False)
    host, guest = table.clients
    host.create_units(MARINE, 1, 44, 44, quantity=4)
    guest.create_units(ROACH, 2, 50, 44, quantity=3)
    seen = {1: [], 2: []}
    for loop in range(120):
        for number, client in enumerate(table.clients, 1):
            if loop % (7 * number) == 3:
                client.act(clients.ui(select_army={}), clients.command_screen(23, 9, 50),
                           clients.group(2, loop % 10))
            if loop % 31 == 5:
                client.act(clients.command_quick(23), sc2api_pb2.Action(
                    action_chat=sc2api_pb2.ActionChat(message=f"{loop}")))
        table.step()
        for number, client in enumerate(table.clients, 1):
            seen[number].append(client.observe())
        if loop == 60:  # applied before the next loop, after this one was observed
            guest.create_units(MARINE, 2, 40, 40, quantity=2)
    return seen, matches.saved_replay(host)


@pytest.mark.parametrize("step_mul", [1, 3, 8, 40])
@pytest.mark.parametrize("player_id", [1, 2])
def test_a_match_is_seen_again_from_either_side_at_every_pace(shared_match, player_id, step_mul):
    seen, data = shared_match
    expected = seen[player_id]
    watcher = matches.watch(data, observed_player_id=player_id)
    shown = []
    while watcher.server.status == sc2api_pb2.in_replay:
        loop = watcher.step(step_mul)
        shown.append(watcher.observe())
        assert what_is_now(shown[-1]) == what_is_now(expected[loop - 1]), loop
    assert loop == 120
    assert told(shown) == told(expected)
    # The test would see nothing if nothing happened.
    actions, action_errors, chat, alerts, dead = told(expected)
    assert len(actions) > 10 and action_errors and len(chat) == 8 and alerts and dead


@pytest.mark.parametrize("player_id", [1, 2])
def test_actions_come_in_both_forms_at_every_size(shared_match, player_id):
    """Feature-layer actions in the viewer's pixels, and raw ones in world coordinates."""
    seen, data = shared_match
    expected = told(seen[player_id])[0]
    for size in (16, 32, 128):
        watcher = matches.watch(data, clients.options((size, size), (size, size)),
                                observed_player_id=player_id)
        watcher.step(120)
        actions = watcher.observe().actions
        assert len(actions) == len(expected)
        for shown, played in zip(actions, expected, strict=True):
            assert shown.game_loop == played.game_loop
            assert shown.action_raw == played.action_raw
            assert shown.action_ui == played.action_ui
            command = shown.action_feature_layer.unit_command
            if command.HasField("target_screen_coord"):
                before = played.action_feature_layer.unit_command.target_screen_coord
                after = command.target_screen_coord
                # The middle of a pixel of 64, in pixels of the viewer's size.
                assert (after.x, after.y) == (int((before.x + 0.5) * size / 64),
                                              int((before.y + 0.5) * size / 64))
    assert any(one.HasField("action_raw") and one.HasField("action_feature_layer")
               for one in expected)


def computers_match(num_loops=1200):
    """A client against a computer that plays: its observations at each tenth loop, and it."""
    client = clients.Client().play("Simple64", seed=4, num_computers=1)
    seen = []
    for number in range(num_loops // 10):
        if number % 3 == 0:
            client.act(clients.select_rect(10, 10, 50, 50), clients.command_screen(16, 20, 30))
        client.step(10)
        seen.append(client.observe())
    return client, seen


def test_a_computer_thinks_the_same_again_and_its_side_can_be_watched():
    client, seen = computers_match()
    assert client.seat.world.num_orders[2] > 2  # it plays
    data = matches.saved_replay(client)
    watcher = matches.watch(data)
    other = matches.watch(data, clients.options((32, 32)), observed_player_id=2)
    for expected in seen:
        watcher.step(10)
        other.step(10)
        assert what_is_now(watcher.observe()) == what_is_now(expected)
        shown = other.observe()
        assert shown.observation.player_common.player_id == 2
        assert not shown.actions  # they are no requests: nothing of them was recorded
    kinds = {event.player_id for event in replay.decode(data).events}
    assert kinds == {1}
    own, others = ([(unit.tag, unit.x, unit.y, unit.health) for unit in one.values()]
                   for one in (client.seat.world.units, other.seat.world.units))
    assert own == others


_DIGEST_OF_REPLAY = """
import hashlib, sys
from tests.minisc2.api import clients, matches
from s2clientprotocol import sc2api_pb2
watcher = matches.watch(open(sys.argv[1], "rb").read())
digest = hashlib.sha256()
while watcher.server.status == sc2api_pb2.in_replay:
    watcher.step(50)
    observation = watcher.observe().observation
    digest.update(observation.SerializeToString(deterministic=True))
print(digest.hexdigest())
"""


def test_a_replay_is_the_same_in_every_process(tmp_path):
    """Also where Python hashes text otherwise: no order may hang on that."""
    client, _ = computers_match(600)
    path = tmp_path / "match.SC2Replay"
    path.write_bytes(matches.saved_replay(client))
    digests = {subprocess.run(
        [sys.executable, "-c", _DIGEST_OF_REPLAY, str(path)], cwd=_ROOT, text=True, check=True,
        stdout=subprocess.PIPE, timeout=120,
        env={**os.environ, "PYTHONHASHSEED": seed}).stdout for seed in ("0", "1")}
    (digest,) = digests
    assert len(digest.strip()) == hashlib.sha256().digest_size * 2


def test_what_cannot_be_had_is_refused_with_the_reason():
    client = clients.Client().play()
    client.step(5)
    data = matches.saved_replay(client)
    start = sc2api_pb2.RequestStartReplay
    viewer = clients.Client()
    response = viewer.send(start_replay=start(replay_data=data, observed_player_id=1,
                                              options=clients.options(), realtime=True))
    assert "realtime is not served" in response.error[0]
    response = viewer.ask(start_replay=start(replay_data=data, observed_player_id=7,
                                             options=clients.options()))
    assert response.error == sc2api_pb2.ResponseStartReplay.InvalidObservedPlayerId
    assert "7" in response.error_details and "players 1" in response.error_details


def test_without_fog_a_replay_lists_what_the_player_did_not_see():
    client, _ = computers_match(20)
    data = matches.saved_replay(client)
    for disable_fog in (False, True):
        watcher = matches.watch(data, disable_fog=disable_fog)
        watcher.step(10)
        owners = {unit.owner for unit in watcher.observe().observation.raw_data.units}
        assert (2 in owners) == disable_fog


@pytest.fixture(scope="module")
def whole():
    """A replay of a match, with its boundaries: where the archive's parts begin and end."""
    client, _ = computers_match(100)
    data = matches.saved_replay(client)
    header = 1024
    hashes, blocks = (int.from_bytes(data[header + at:header + at + 4], "little") + header
                      for at in (16, 20))
    return data, (0, 4, 16, 512, header, header + 4, header + 32, header + 33, hashes, hashes + 1,
                  blocks, blocks + 8, len(data))


def refusal(data):
    """Why replay_info and start_replay refuse these bytes: they give the same reason."""
    client = clients.Client()
    info = client.ask(replay_info=sc2api_pb2.RequestReplayInfo(replay_data=data))
    started = client.ask(start_replay=sc2api_pb2.RequestStartReplay(
        replay_data=data, observed_player_id=1, options=clients.options()))
    if not started.HasField("error"):
        return None
    assert started.error == sc2api_pb2.ResponseStartReplay.InvalidReplayData
    if info.HasField("error"):
        assert info.error == sc2api_pb2.ResponseReplayInfo.ParsingError
        assert info.error_details == started.error_details
    return started.error_details


def test_every_truncation_is_refused_with_the_reason(whole):
    data, boundaries = whole
    assert refusal(data) is None
    lengths = {length for at in boundaries for length in (at - 1, at, at + 1)
               if 0 <= length < len(data)} | set(range(0, len(data), 97))
    for length in sorted(lengths):
        reason = refusal(data[:length])
        assert reason, length
        if length >= 1024:
            assert "truncated" in reason or "ends" in reason, (length, reason)


def test_flipped_bits_are_refused_or_change_nothing(whole):
    """The recording carries a digest: a replay that opens is the one that was written."""
    data, _ = whole
    expected = replay.decode(data)
    offset, size, _, _ = mpq.Archive(data)._blocks[3]  # of the recording: the fourth file
    recording = range(1024 + offset, 1024 + offset + size)
    generator = random.Random(3)
    num_refused = 0
    for _ in range(400):
        damaged = bytearray(data)
        position = generator.randrange(len(data))
        damaged[position] ^= 1 << generator.randrange(8)
        try:  # compressed data end with bits that stand for nothing
            assert replay.decode(bytes(damaged)) == expected
        except replay.ReplayError as error:
            assert str(error)
            num_refused += position in recording
    assert num_refused > 50


def test_a_foreign_archive_is_refused_by_name():
    assert "not made by minisc2" in refusal(mpq.write({"MapInfo": b"x"}, b""))
    assert "not an MPQ archive" in refusal(b"PK" + bytes(5000))
    assert "no bytes" in clients.Client().ask(replay_info=sc2api_pb2.RequestReplayInfo(
        replay_data=b"")).error_details


def test_another_version_is_described_but_not_played(whole, monkeypatch):
    data, _ = whole
    monkeypatch.setattr(fingerprint, "simulation", lambda: "f" * 64)
    assert "another version of minisc2" in refusal(data)
    info = clients.Client().ask(replay_info=sc2api_pb2.RequestReplayInfo(replay_data=data))
    assert info.map_name == "Simple64" and not info.HasField("error")


@pytest.mark.skipif(not (_SHARED / "replays").is_dir(), reason=f"no replays under {_SHARED}")
def test_replays_of_the_real_game_are_opened():
    paths = sorted((_SHARED / "replays").rglob("*.SC2Replay"))
    assert paths
    for path in paths[::10]:
        assert refusal(path.read_bytes()) is None, path
