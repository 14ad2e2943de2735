"""What foreign programs read of a replay: header, details, metadata, and when players acted.

Field numbers and meanings are those of protocol 75689 in Blizzard's s2protocol, checked against
replays that the real game 4.10 saved through its API.
"""

import json
import time

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2.replay import versioned
from minisc2.replay.recording import EventKind, RecordedPlayer, Recording

GAME_VERSION = "4.10.0"
BUILD = 75689
DATA_VERSION = "B89B5D6FA7CBF6452E721311BFBC6CB2"
LOOPS_PER_SECOND = 22.4  # at the speed "faster", in which all replays count their seconds

_SIGNATURE = b"StarCraft II replay\x1b11"
_REPLAY_TYPE = 2
_FASTER = 4
_HUMAN_CONTROL, _COMPUTER_CONTROL = 2, 3
_WINDOWS_EPOCH_SECONDS = 11_644_473_600  # from 1601 to 1970: times are in Windows' file time
_COLORS = ((180, 20, 30), (0, 66, 255))  # of the first and every other player, as the game's
_LEAVE_EVENT, _CAMERA_EVENT, _COMMAND_EVENT = 101, 49, 27
_LEFT_GAME = 0


def header(recording: Recording) -> bytes:
    """The replay header, which stands in the archive's user data."""
    major, minor, revision = (int(part) for part in GAME_VERSION.split("."))
    version = {0: 1, 1: major, 2: minor, 3: revision, 4: BUILD, 5: BUILD}
    no_hash = {1: bytes(16)}
    return versioned.encode({
        0: _SIGNATURE, 1: version, 2: _REPLAY_TYPE, 3: recording.loops, 4: True,
        5: {1: bytes.fromhex(DATA_VERSION)}, 6: BUILD, 7: no_hash, 8: False})


def details(recording: Recording, title: str, map_path: str, time_seconds: float | None) -> bytes:
    """The content of replay.details.

    Args:
        recording: the match.
        title: the map's name for people.
        map_path: the map's path below a Maps folder.
        time_seconds: when it was played, in seconds since 1970; None is now.
    """
    seconds = time.time() if time_seconds is None else time_seconds
    players = [_player_details(index, player, recording)
               for index, player in enumerate(recording.players)]
    return versioned.encode({
        0: versioned.Present(players), 1: title.encode(), 2: b"", 3: {0: b"Minimap.tga"}, 4: False,
        5: int((seconds + _WINDOWS_EPOCH_SECONDS) * 10_000_000), 6: 0,
        16: versioned.Present(False), 17: False, 7: b"", 8: b"", 15: 0, 9: map_path.encode(),
        10: versioned.Present([]), 11: False, 12: _FASTER, 13: 3, 14: versioned.Present([])})


def _player_details(index: int, player: RecordedPlayer, recording: Recording) -> dict[int, object]:
    red, green, blue = _COLORS[min(index, 1)]
    nobody = {0: 0, 1: versioned.FourCC(bytes(4)), 2: 0, 4: 0}
    control = (_HUMAN_CONTROL if player.kind == sc2api_pb2.Participant else _COMPUTER_CONTROL)
    # Results in details: 1 win, 2 loss, 3 tie, 0 undecided; the API's are the same numbers.
    result = recording.results.get(player.player_id, 0)
    return {0: player.name.encode(), 1: nobody, 2: _race_name(player.race_actual).encode(),
            3: {0: 255, 1: red, 2: green, 3: blue}, 4: control, 5: index, 6: 100, 7: 0,
            8: result if result <= sc2api_pb2.Tie else 0, 9: None, 10: b""}


def game_metadata(recording: Recording, title: str, map_path: str) -> bytes:
    """The content of replay.gamemetadata.json."""
    result_names = {sc2api_pb2.Victory: "Win", sc2api_pb2.Defeat: "Loss", sc2api_pb2.Tie: "Tie"}
    players = [{
        "PlayerID": player.player_id,
        "APM": actions_per_minute(recording, player.player_id),
        "Result": result_names.get(recording.results.get(player.player_id), "Undecided"),
        "SelectedRace": _race_name(player.race_requested)[:4],
        "AssignedRace": _race_name(player.race_actual)[:4],
        **({} if player.mmr is None else {"MMR": player.mmr}),
    } for player in recording.players]
    return json.dumps({
        "Title": title, "MapName": map_path, "GameVersion": f"{GAME_VERSION}.{BUILD}",
        "DataBuild": str(BUILD), "DataVersion": DATA_VERSION, "BaseBuild": f"Base{BUILD}",
        "Duration": int(recording.loops / LOOPS_PER_SECOND), "Players": players}, indent=4).encode()


def actions_per_minute(recording: Recording, player_id: int) -> float:
    """Actions a minute of play of one player, 0 for a match of no length.

    Orders count for a computer: the real game's replays have an APM for those, too.
    """
    num_actions = recording.num_orders.get(player_id, 0) + sum(
        event.kind == EventKind.ACTION and event.player_id == player_id
        for event in recording.events)
    minutes = recording.loops / LOOPS_PER_SECOND / 60
    return num_actions / minutes if minutes else 0.0


def game_events(recording: Recording) -> bytes:
    """The content of replay.game.events: when each player acted, moved a camera, and left.

    What the players did is in our own file; a command here names no ability. That is enough for
    pysc2's `raw_action_skips`, and no reader can take it for another order than was given.
    Empty if no client played.
    """
    user_ids = {player.player_id: user for user, player in enumerate(
        player for player in recording.players if player.kind == sc2api_pb2.Participant)}
    stream = _BitStream()
    last_loop = 0
    for event in recording.events:
        if event.kind != EventKind.ACTION or event.player_id not in user_ids:
            continue
        _write_event_head(stream, event.loop - last_loop, user_ids[event.player_id],
                          _CAMERA_EVENT if _is_camera_move(event.data) else _COMMAND_EVENT)
        _write_event_body(stream, _is_camera_move(event.data))
        last_loop = event.loop
    for user_id in user_ids.values():
        _write_event_head(stream, max(0, recording.loops - last_loop), user_id, _LEAVE_EVENT)
        stream.write(_LEFT_GAME, 4)
        stream.align()
        last_loop = max(last_loop, recording.loops)
    return stream.content()


def _is_camera_move(action: bytes) -> bool:
    """Whether an action only moves the camera, through any interface."""
    parsed = sc2api_pb2.Action.FromString(action)
    return any(part.HasField("camera_move") for part in (
        parsed.action_raw, parsed.action_feature_layer, parsed.action_render))


def _write_event_head(stream: "_BitStream", delta: int, user_id: int, event_id: int) -> None:
    for choice, bits in enumerate((6, 14, 22, 32)):
        if delta < 1 << bits:
            stream.write(choice, 2)
            stream.write(delta, bits)
            break
    stream.write(user_id, 5)
    stream.write(event_id, 7)


def _write_event_body(stream: "_BitStream", is_camera_move: bool) -> None:
    if is_camera_move:
        stream.write(0, 5)  # no target, distance, pitch, yaw nor reason: five absent optionals
        stream.write(0, 1)  # does not follow a unit
    else:
        stream.write(0, 26)  # flags
        stream.write(0, 1)  # no ability
        stream.write(0, 2)  # no target
        stream.write(0, 32)  # sequence number 1, of a range that starts at 1
        stream.write(0, 2)  # no other unit, no unit group
    stream.align()


def _race_name(race: int) -> str:
    names = {common_pb2.NoRace: "", common_pb2.Random: "Random"}
    return names.get(race) if race in names else common_pb2.Race.Name(race)


class _BitStream:
    """Bits in the order of s2protocol's BitPackedBuffer: within a byte from the lowest bit up,
    and a number's highest bits first."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._used_bits = 0  # of the last byte; 0 means that a new one is needed

    def write(self, value: int, bits: int) -> None:
        while bits:
            if not self._used_bits:
                self._bytes.append(0)
            take = min(bits, 8 - self._used_bits)
            chunk = value >> (bits - take) & ((1 << take) - 1)
            self._bytes[-1] |= chunk << self._used_bits
            self._used_bits = (self._used_bits + take) % 8
            bits -= take

    def align(self) -> None:
        self._used_bits = 0

    def content(self) -> bytes:
        return bytes(self._bytes)
