"""A .SC2Replay file of the real game, decoded: its parts as Blizzard's s2protocol gives them."""

import functools
import itertools
import json
from collections.abc import Callable, Iterable
from typing import Any

from minisc2.reconstruction import protocols
from minisc2.replay import ReplayError, archive, mpq

MAX_FILE_BYTES = 64 << 20
MAX_PART_BYTES = {
    "replay.details": 1 << 20, "replay.initData": 4 << 20, "replay.gamemetadata.json": 1 << 20,
    "replay.game.events": 8 << 20, "replay.tracker.events": 8 << 20,
    "replay.message.events": 4 << 20}
"""Largest unpacked sizes. Of an hour of play the events take less than 1 MB each. Anonymised
replays keep details and lobby under the same names with ".backup" behind."""

MAX_EVENTS = 250_000
"""Of a part. Twenty minutes of two fast players are 25,000; each takes a kilobyte, decoded."""

MAX_GAME_LOOPS = 1 << 22
"""52 hours; a loop count beyond it is damage."""

Event = dict[str, Any]


def is_blizzard_file(data: bytes) -> bool:
    """Whether bytes are a replay of the real game; False for what is no archive at all.

    The real game writes the lobby into every replay; minisc2 writes its recording and no lobby.
    """
    try:
        opened = mpq.Archive(data)
    except mpq.MpqError:
        return False
    lobby = "replay.initData"
    return not _is_there(opened, archive.FILE_NAME) and (
        _is_there(opened, lobby) or _is_there(opened, f"{lobby}.backup"))


def _is_there(opened: mpq.Archive, name: str) -> bool:
    try:
        return opened.read(name, max_size=0) is not None
    except mpq.MpqError:  # too large for a limit of 0: it is there
        return True


class BlizzardFile:
    """One replay file. Parts are decoded when they are first asked for.

    Attributes:
        header: version, number of game loops, ...
        build: the build whose game made the replay ("base build").
    """

    def __init__(self, data: bytes):
        """Opens a file.

        Raises:
            ReplayError: it is no replay, truncated or damaged.
            protocols.MissingProtocolError: s2protocol is not installed.
        """
        if not data:
            raise ReplayError("There is no replay: it has no bytes.")
        if len(data) > MAX_FILE_BYTES:
            raise ReplayError(f"The replay has {len(data)} bytes; at most {MAX_FILE_BYTES} are "
                              "read.")
        try:
            self._archive = mpq.Archive(data)
        except mpq.MpqError as error:
            raise ReplayError(f"This is no replay that can be read: {error}.") from error
        newest = protocols.load(protocols.builds()[-1])
        self.header = _decoded("the header", newest.decode_replay_header, self._archive.user_data)
        try:
            version = self.header["m_version"]
            self.build: int = int(version["m_baseBuild"])
            self.num_loops: int = int(self.header["m_elapsedGameLoops"])
        except (KeyError, TypeError, ValueError) as error:
            raise ReplayError("The replay's header has no version or length: it is damaged."
                              ) from error
        if not 0 <= self.num_loops <= MAX_GAME_LOOPS:
            raise ReplayError(f"The replay's header says {self.num_loops} game loops: it is "
                              "damaged.")
        self._protocol = protocols.load(protocols.nearest(self.build))

    @property
    def version(self) -> str:
        """Such as "5.0.8.86383"."""
        version = self.header["m_version"]
        return ".".join(str(version.get(f"m_{part}")) for part in (
            "major", "minor", "revision", "build"))

    def has(self, name: str) -> bool:
        """Whether there is a part of that name that is not empty, such as
        "replay.tracker.events"."""
        return bool(self._read(name))

    @functools.cached_property
    def details(self) -> dict[str, Any]:
        """Players, map, time."""
        return self._part("replay.details", self._protocol.decode_replay_details)

    @functools.cached_property
    def init_data(self) -> dict[str, Any]:
        """The lobby: users, slots, size of the map."""
        return self._part("replay.initData", self._protocol.decode_replay_initdata)

    @functools.cached_property
    def metadata(self) -> dict[str, Any]:
        """Races, results, ratings; empty where the file has none."""
        content = self._read("replay.gamemetadata.json")
        if not content:
            return {}
        try:
            metadata = json.loads(content)
        except ValueError as error:
            raise ReplayError("replay.gamemetadata.json is damaged.") from error
        if not isinstance(metadata, dict):
            raise ReplayError("replay.gamemetadata.json is damaged: it holds no object.")
        return metadata

    @functools.cached_property
    def game_events(self) -> list[Event]:
        """What users did, in order."""
        return self._events("replay.game.events", self._protocol.decode_replay_game_events)

    @functools.cached_property
    def tracker_events(self) -> list[Event]:
        """What happened to units and players, in order; empty where the file has none."""
        if not self.has("replay.tracker.events"):
            return []
        return self._events("replay.tracker.events", self._protocol.decode_replay_tracker_events)

    @functools.cached_property
    def message_events(self) -> list[Event] | None:
        """Chat and pings, in order; None where they are stored in a way that is not read here."""
        try:
            if not self.has("replay.message.events"):
                return []
        except ReplayError:
            return None
        return self._events("replay.message.events", self._protocol.decode_replay_message_events)

    def _read(self, name: str) -> bytes | None:
        try:
            return self._archive.read(name, MAX_PART_BYTES[name.removesuffix(".backup")])
        except mpq.MpqError as error:
            raise ReplayError(f"The replay cannot be read: {error}.") from error

    def _part(self, name: str, decode: Callable[[bytes], Any]) -> Any:
        content = self._read(name) or self._read(f"{name}.backup")
        if not content:
            raise ReplayError(f"The replay has no {name}: it is damaged, or no whole replay.")
        return _decoded(name, decode, content)

    def _events(self, name: str, decode: Callable[[bytes], Iterable[Event]]) -> list[Event]:
        events = self._part(name, lambda content: list(itertools.islice(
            decode(content), MAX_EVENTS + 1)))
        if len(events) > MAX_EVENTS:
            raise ReplayError(f"{name} holds more than {MAX_EVENTS} events: it is damaged, or not "
                              "of a match.")
        for event in events[-1:]:
            if event["_gameloop"] > MAX_GAME_LOOPS:
                raise ReplayError(f"{name} is damaged: it has an event at game loop "
                                  f"{event['_gameloop']}.")
        return events


def _decoded(name: str, decode: Callable[[bytes], Any], content: bytes) -> Any:
    """What a decoder of s2protocol makes of a part.

    Raises:
        ReplayError: whatever the decoder raised; it was written for undamaged files.
    """
    try:
        return decode(content)
    except MemoryError:
        raise
    except Exception as error:
        text = str(error) or "it ends too early"
        raise ReplayError(f"{name} of the replay is damaged: {type(error).__name__}: "
                          f"{text[:200]}.") from error
