"""A recording as a replay file, and back.

A replay is an MPQ archive like the real game's. Beside the files that pysc2's replay tools and
Blizzard's s2protocol read it holds our own, from which the match is played again
(`minisc2.replay.packing`). All sizes are bounded before anything is unpacked.
"""

import dataclasses
from collections.abc import Mapping

from s2clientprotocol import sc2api_pb2

from minisc2.replay import fingerprint, metadata, mpq, packing
from minisc2.replay.packing import ReplayError
from minisc2.replay.recording import Recording

FILE_NAME = "replay.minisc2.recording"
MAX_REPLAY_BYTES = 64 << 20
MAX_RECORDING_BYTES = 256 << 20


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
    return _archive(recording, title, map_path or f"{recording.map_name}.SC2Map", time_seconds,
                    fingerprint.simulation())


def _archive(recording: Recording, title: str | None, map_path: str, time_seconds: float | None,
             simulation: str) -> bytes:
    title = title or recording.map_name
    files = {
        "replay.details": metadata.details(recording, title, map_path, time_seconds),
        "replay.gamemetadata.json": metadata.game_metadata(recording, title, map_path),
        "replay.game.events": metadata.game_events(recording),
        FILE_NAME: packing.pack(recording, map_path, simulation),
    }
    return mpq.write({name: content for name, content in files.items() if content},
                     metadata.header(recording))


def with_ratings(data: bytes, ratings: Mapping[int, int], time_seconds: float | None = None
                 ) -> bytes:
    """The same replay with matchmaking ratings of its players, as a ladder replay has them.

    The API has no field by which a client could say how strong it is; pysc2's programs for
    replays skip players below 1,000.

    Args:
        data: a replay of minisc2.
        ratings: player id -> MMR; players not named have none.
        time_seconds: as in `encode`.

    Raises:
        ReplayError: the data is no replay of minisc2.
        ValueError: there is no such player, or a rating is out of range.
    """
    recording, description = _unpack(data)
    for player_id, mmr in ratings.items():
        recording.player(player_id)
        packing.integer(mmr, "mmr", packing.MAX_MMR)
    rated = dataclasses.replace(recording, players=tuple(
        dataclasses.replace(player, mmr=ratings.get(player.player_id))
        for player in recording.players))
    return _archive(rated, None, description["map_path"], time_seconds,
                    description["simulation"])


def decode(data: bytes) -> Recording:
    """Reads the recording of a replay in order to play it again.

    Raises:
        ReplayError: it is truncated, damaged, not made by minisc2, or made by another state of its
            code, in which the same requests might lead to another match.
    """
    recording, description = _unpack(data)
    if description["simulation"] != fingerprint.simulation():
        raise ReplayError(
            "This replay was made by another version of minisc2 "
            f"(simulation {description['simulation'][:12]}, this one is "
            f"{fingerprint.simulation()[:12]}); play it with the version that made it.")
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
        if player.mmr is not None:
            extra.player_mmr = player.mmr
        extra.player_result.player_id = player.player_id
        extra.player_result.result = recording.results.get(player.player_id, sc2api_pb2.Undecided)
    return response


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
    return packing.unpack(content)
