"""A recording as bytes, and back: the file in a replay from which the match is played again.

    "MSC2R" | format version u16 | size of the JSON u32 | SHA-256 of the rest | JSON | events

where an event is `loop u32 | player id u8 | kind u8 | size u32 | bytes`, little-endian. Nothing in
it is executable, and nothing of it is believed before it was checked.
"""

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping

from google.protobuf import message
from s2clientprotocol import common_pb2, debug_pb2, sc2api_pb2

from minisc2.replay.recording import Event, EventKind, RecordedPlayer, Recording

MAX_MMR = 10_000
_MAX_PLAYERS = 16
_MAX_CLIENTS = 1 << 16
_MAX_LOOPS = 1 << 24  # eight days of play

_MAGIC = b"MSC2R"
_FORMAT = 2
_PREFIX = struct.Struct("<5sHI32s")
_EVENT = struct.Struct("<IBBI")
_MESSAGES = {EventKind.ACTION: sc2api_pb2.Action, EventKind.DEBUG: debug_pb2.DebugCommand,
             EventKind.OBSERVER_CAMERA: sc2api_pb2.ObserverAction}


class ReplayError(ValueError):
    """The bytes are not a replay that can be used here; the message says why."""


def pack(recording: Recording, map_path: str, fingerprint: str) -> bytes:
    """The bytes of a recording.

    Args:
        recording: the match.
        map_path: the map's path below a Maps folder.
        fingerprint: of the simulation that it was made by.
    """
    description = json.dumps({
        "simulation": fingerprint, "map_name": recording.map_name,
        "map_path": map_path, "seed": recording.seed, "disable_fog": recording.disable_fog,
        "realtime": recording.realtime, "loops": recording.loops,
        "results": _with_text_keys(recording.results),
        "players": [{**vars(player), "interface": player.interface.hex()}
                    for player in recording.players],
        "num_clients": recording.num_clients,
        "num_orders": _with_text_keys(recording.num_orders),
        "num_events": len(recording.events)}).encode()
    events = b"".join(_EVENT.pack(event.loop, event.player_id, event.kind, len(event.data))
                      + event.data for event in recording.events)
    content = description + events
    return _PREFIX.pack(_MAGIC, _FORMAT, len(description),
                        hashlib.sha256(content).digest()) + content


def _with_text_keys(numbers: Mapping[int, int]) -> dict[str, int]:
    return {str(player_id): int(number) for player_id, number in numbers.items()}


def unpack(content: bytes) -> tuple[Recording, dict]:
    """Reads and checks everything.

    Returns:
        The recording, and the JSON with what else was packed: "map_path" and "simulation".

    Raises:
        ReplayError: something is missing, damaged or impossible.
    """
    size = _check_prefix(content)
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


def _check_prefix(content: bytes) -> int:
    """The size of the JSON of a recording that is whole and of our format; raises ReplayError."""
    if len(content) < _PREFIX.size:
        raise ReplayError("The replay is damaged: its recording is too short.")
    magic, version, size, digest = _PREFIX.unpack_from(content)
    if magic != _MAGIC:
        raise ReplayError("The replay is damaged: its recording does not begin as one.")
    if version != _FORMAT:  # before the rest is looked at: another format may begin otherwise
        raise ReplayError(f"The replay has format {version}; this version of minisc2 reads format "
                          f"{_FORMAT}. Use the version that made it.")
    if hashlib.sha256(content[_PREFIX.size:]).digest() != digest:
        raise ReplayError("The replay is damaged: its recording is not what was written.")
    return size


def _recording(description: dict) -> Recording:
    """Builds the recording without its events; every field is checked, as JSON checks none."""
    players = description["players"]
    if not isinstance(players, list) or not 0 < len(players) <= _MAX_PLAYERS:
        raise ValueError(f"it has no list of 1 to {_MAX_PLAYERS} players")
    results = _numbers(description["results"], "results", 4)
    num_orders = _numbers(description["num_orders"], "num_orders", (1 << 63) - 1)
    for name in ("simulation", "map_name", "map_path"):
        if not isinstance(description[name], str):
            raise TypeError(f"{name} is no text")
    recording = Recording(
        map_name=description["map_name"], players=tuple(map(_player, players)),
        seed=integer(description["seed"], "seed", (1 << 64) - 1),
        disable_fog=bool(description["disable_fog"]), realtime=bool(description["realtime"]),
        loops=integer(description["loops"], "loops", _MAX_LOOPS), results=results,
        num_clients=integer(description["num_clients"], "num_clients", _MAX_CLIENTS),
        num_orders=num_orders)
    for player_id in (*results, *num_orders):
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
        player_id=integer(fields["player_id"], "player_id", _MAX_PLAYERS),
        kind=_choice(fields["kind"], sc2api_pb2.PlayerType, "kind"),
        race_requested=_choice(fields["race_requested"], common_pb2.Race, "race_requested"),
        race_actual=_choice(fields["race_actual"], common_pb2.Race, "race_actual"),
        difficulty=integer(fields["difficulty"], "difficulty", 100),
        ai_build=integer(fields["ai_build"], "ai_build", 100),
        name=fields["name"], interface=interface,
        mmr=None if fields["mmr"] is None else integer(fields["mmr"], "mmr", MAX_MMR))


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


def _numbers(values: dict[str, object], name: str, maximum: int) -> dict[int, int]:
    """Numbers of players by player id."""
    return {int(player_id): integer(value, name, maximum) for player_id, value in values.items()}


def integer(value: object, name: str, maximum: int) -> int:
    """The value, if it is an integer from 0 to `maximum`; raises ValueError."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= maximum:
        raise ValueError(f"{name} is {value!r}, expected an integer from 0 to {maximum}")
    return value


def _choice(value: object, enum: object, name: str) -> int:
    if value not in enum.values():
        raise ValueError(f"{name} is {value!r}, expected one of {enum.values()}")
    return value
