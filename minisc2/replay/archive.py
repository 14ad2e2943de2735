"""A recording as a replay file, and back.

A replay is an MPQ archive like the real game's. Beside the files that pysc2's replay tools and
Blizzard's s2protocol read, it holds our own, from which the match is played again:

    "MSC2R" | format version u16 | size of the JSON u32 | JSON | events

where an event is `loop u32 | player id u8 | kind u8 | size u32 | bytes`, little-endian. Nothing in
it is executable. All sizes are bounded before anything is unpacked.
"""

import functools
import hashlib
import json
import pathlib
import struct
from collections.abc import Iterator

from google.protobuf import message
from s2clientprotocol import common_pb2, debug_pb2, sc2api_pb2

from minisc2.replay import metadata, mpq
from minisc2.replay.recording import Event, EventKind, RecordedPlayer, Recording

FILE_NAME = "replay.minisc2.recording"
MAX_REPLAY_BYTES = 64 << 20
MAX_RECORDING_BYTES = 256 << 20
_MAX_PLAYERS = 16
_MAX_LOOPS = 1 << 24  # eight days of play

DECIDING_API_FILES = (
    "actions.py", "commands.py", "debug.py", "frames.py", "interface.py", "match.py",
    "playback.py", "raw_actions.py", "seat.py", "selection.py", "spatial_actions.py",
    "tables.py", "ui_actions.py")
"""Files of minisc2/api that turn what a client sent into what happens, when it is played again."""

_MAGIC = b"MSC2R"
_FORMAT = 1
_PREFIX = struct.Struct("<5sHI")
_EVENT = struct.Struct("<IBBI")
_MESSAGES = {EventKind.ACTION: sc2api_pb2.Action, EventKind.DEBUG: debug_pb2.DebugCommand,
             EventKind.OBSERVER_CAMERA: sc2api_pb2.ObserverAction}


class ReplayError(ValueError):
    """The bytes are not a replay that can be used here; the message says why."""


def encode(recording: Recording, title: str | None = None, map_path: str | None = None,
           time_seconds: float | None = None) -> bytes:
    """Makes a replay file.

    Args:
        recording: the match, with its results if it is decided.
        title: the map's name for people; None is the recording's map name.
        map_path: the map's path below a Maps folder; None is made of the map's name.
        time_seconds: when it was played, in seconds since 1970; None is now.

    Returns:
        The bytes of a .SC2Replay file.
    """
    title = title or recording.map_name
    map_path = map_path or f"{recording.map_name}.SC2Map"
    files = {
        "replay.details": metadata.details(recording, title, map_path, time_seconds),
        "replay.gamemetadata.json": metadata.game_metadata(recording, title, map_path),
        "replay.game.events": metadata.game_events(recording),
        FILE_NAME: _pack(recording, map_path),
    }
    return mpq.write({name: content for name, content in files.items() if content},
                     metadata.header(recording))


def decode(data: bytes) -> Recording:
    """Reads the recording of a replay in order to play it again.

    Raises:
        ReplayError: it is truncated, damaged, not made by minisc2, or made by another state of its
            code, in which the same requests might lead to another match.
    """
    recording, description = _unpack(data)
    if description["simulation"] != simulation_fingerprint():
        raise ReplayError(
            "This replay was made by another version of minisc2 "
            f"(simulation {description['simulation'][:12]}, this one is "
            f"{simulation_fingerprint()[:12]}); play it with the version that made it.")
    return recording


def info(data: bytes) -> sc2api_pb2.ResponseReplayInfo:
    """Describes a replay as `replay_info` of the API does; also one that cannot be played here.

    Raises:
        ReplayError: it is truncated, damaged or not made by minisc2.
    """
    recording, description = _unpack(data)
    response = sc2api_pb2.ResponseReplayInfo(
        map_name=recording.map_name, local_map_path=description["map_path"],
        game_duration_loops=recording.loops,
        game_duration_seconds=recording.loops / metadata.LOOPS_PER_SECOND,
        game_version=f"{metadata.GAME_VERSION}.{metadata.BUILD}",
        data_version=metadata.DATA_VERSION, data_build=metadata.BUILD, base_build=metadata.BUILD)
    for player in recording.players:
        extra = response.player_info.add(
            player_apm=round(metadata.actions_per_minute(recording, player.player_id)))
        extra.player_info.player_id = player.player_id
        extra.player_info.type = player.kind
        extra.player_info.race_requested = player.race_requested
        extra.player_info.race_actual = player.race_actual
        if player.kind == sc2api_pb2.Computer:
            extra.player_info.difficulty = player.difficulty
            extra.player_info.ai_build = player.ai_build
        if player.name:
            extra.player_info.player_name = player.name
        extra.player_result.player_id = player.player_id
        extra.player_result.result = recording.results.get(player.player_id, sc2api_pb2.Undecided)
    return response


@functools.cache
def simulation_fingerprint() -> str:
    """A digest of the code that decides how a match goes; not of what only shows how it goes."""
    root = pathlib.Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in deciding_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def deciding_files(root: pathlib.Path) -> list[pathlib.Path]:
    """The files of the package at `root` that decide how a match goes, in a fixed order."""
    files = [root / "api" / name for name in DECIDING_API_FILES]
    for folder in ("game", "maps"):
        files += (path for path in (root / folder).rglob("*") if path.suffix in (".py", ".json"))
    return sorted(files)


def _pack(recording: Recording, map_path: str) -> bytes:
    description = json.dumps({
        "simulation": simulation_fingerprint(), "map_name": recording.map_name,
        "map_path": map_path, "seed": recording.seed, "disable_fog": recording.disable_fog,
        "realtime": recording.realtime, "loops": recording.loops,
        "results": {str(player_id): int(result) for player_id, result in recording.results.items()},
        "players": [{**vars(player), "interface": player.interface.hex()}
                    for player in recording.players],
        "num_events": len(recording.events)}).encode()
    events = b"".join(_EVENT.pack(event.loop, event.player_id, event.kind, len(event.data))
                      + event.data for event in recording.events)
    return _PREFIX.pack(_MAGIC, _FORMAT, len(description)) + description + events


def _unpack(data: bytes) -> tuple[Recording, dict]:
    """Reads and checks everything; raises ReplayError."""
    if not data:
        raise ReplayError("There is no replay: it has no bytes.")
    if len(data) > MAX_REPLAY_BYTES:
        raise ReplayError(f"The replay has {len(data)} bytes; at most {MAX_REPLAY_BYTES} are read.")
    try:
        content = mpq.Archive(data).read(FILE_NAME, MAX_RECORDING_BYTES)
    except mpq.MpqError as error:
        raise ReplayError(f"This is no replay that can be read: {error}.") from error
    if content is None:
        raise ReplayError("This replay was not made by minisc2; to play a replay of the real game, "
                          "use the real game.")
    if len(content) < _PREFIX.size:
        raise ReplayError("The replay is damaged: its recording is too short.")
    magic, version, size = _PREFIX.unpack_from(content)
    if magic != _MAGIC:
        raise ReplayError("The replay is damaged: its recording does not begin as one.")
    if version != _FORMAT:
        raise ReplayError(f"The replay has format {version}; this version of minisc2 reads format "
                          f"{_FORMAT}. Use the version that made it.")
    try:
        description = json.loads(content[_PREFIX.size:_PREFIX.size + size])
        recording = _recording(description)
        recording.events.extend(_events(content, _PREFIX.size + size, recording))
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError,
            message.DecodeError) as error:
        raise ReplayError(f"The replay is damaged: {error}.") from error
    if len(recording.events) != description.get("num_events"):
        raise ReplayError(f"The replay is damaged: it holds {len(recording.events)} events and "
                          f"announces {description.get('num_events')}.")
    return recording, description


def _recording(description: dict) -> Recording:
    """Builds the recording without its events; every field is checked, as JSON checks none."""
    players = description["players"]
    if not isinstance(players, list) or not 0 < len(players) <= _MAX_PLAYERS:
        raise ValueError(f"it has no list of 1 to {_MAX_PLAYERS} players")
    results = {int(player_id): _integer(result, "results", 4)
               for player_id, result in description["results"].items()}
    for name in ("simulation", "map_name", "map_path"):
        if not isinstance(description[name], str):
            raise TypeError(f"{name} is no text")
    recording = Recording(
        map_name=description["map_name"], players=tuple(map(_player, players)),
        seed=_integer(description["seed"], "seed", (1 << 64) - 1),
        disable_fog=bool(description["disable_fog"]), realtime=bool(description["realtime"]),
        loops=_integer(description["loops"], "loops", _MAX_LOOPS), results=results)
    for player_id in results:
        recording.player(player_id)
    if len({player.player_id for player in recording.players}) < len(players):
        raise ValueError("two players share an id")
    return recording


def _player(fields: dict) -> RecordedPlayer:
    if not isinstance(fields["name"], str):
        raise TypeError("a player's name is no text")
    interface = bytes.fromhex(fields["interface"])
    sc2api_pb2.InterfaceOptions.FromString(interface)
    return RecordedPlayer(
        player_id=_integer(fields["player_id"], "player_id", _MAX_PLAYERS),
        kind=_choice(fields["kind"], sc2api_pb2.PlayerType, "kind"),
        race_requested=_choice(fields["race_requested"], common_pb2.Race, "race_requested"),
        race_actual=_choice(fields["race_actual"], common_pb2.Race, "race_actual"),
        difficulty=_integer(fields["difficulty"], "difficulty", 100),
        ai_build=_integer(fields["ai_build"], "ai_build", 100),
        name=fields["name"], interface=interface)


def _events(content: bytes, offset: int, recording: Recording) -> Iterator[Event]:
    player_ids = {player.player_id for player in recording.players}
    loop = 0
    while offset < len(content):
        if offset + _EVENT.size > len(content):
            raise ValueError("an event is cut off")
        previous_loop = loop
        loop, player_id, kind, size = _EVENT.unpack_from(content, offset)
        offset += _EVENT.size
        data = content[offset:offset + size]
        offset += size
        if len(data) < size:
            raise ValueError("an event is cut off")
        if not previous_loop <= loop <= recording.loops:
            raise ValueError(f"an event at loop {loop} is out of order")
        if player_id not in player_ids:
            raise ValueError(f"an event belongs to player {player_id}, who is not in the match")
        event_kind = EventKind(kind)  # ValueError names an unknown one
        if event_kind in _MESSAGES:
            _MESSAGES[event_kind].FromString(data)
        yield Event(loop, player_id, event_kind, data)


def _integer(value: object, name: str, maximum: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= maximum:
        raise ValueError(f"{name} is {value!r}, expected an integer from 0 to {maximum}")
    return value


def _choice(value: object, enum: object, name: str) -> int:
    if value not in enum.values():
        raise ValueError(f"{name} is {value!r}, expected one of {enum.values()}")
    return value
