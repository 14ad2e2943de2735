"""Requests about replay files; the format itself is `minisc2.replay`'s."""

import pathlib

from s2clientprotocol import sc2api_pb2

from minisc2 import maps, replay
from minisc2.api import errors, playback, spectator
from minisc2.api import interface as interface_lib
from minisc2.reconstruction import blizzard_file, description
from minisc2.reconstruction import playback as reconstructed

_Start = sc2api_pb2.ResponseStartReplay
_Info = sc2api_pb2.ResponseReplayInfo


def _read(request: sc2api_pb2.RequestStartReplay | sc2api_pb2.RequestReplayInfo,
          enum: type) -> bytes:
    """The bytes of the replay that a request holds or names.

    Args:
        request: the request.
        enum: the response class whose error enum is used.

    Raises:
        errors.TypedError: with MissingReplay or InvalidReplayPath.
    """
    kind = request.WhichOneof("replay")
    if kind is None:
        raise errors.TypedError(enum.MissingReplay, "Set replay_data or replay_path.")
    if kind == "replay_data":
        return request.replay_data
    try:
        return pathlib.Path(request.replay_path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        raise errors.TypedError(enum.InvalidReplayPath,
                                f"Cannot read {request.replay_path!r}: {error}") from error


def info(request: sc2api_pb2.RequestReplayInfo) -> sc2api_pb2.ResponseReplayInfo:
    """Describes a replay.

    Raises:
        errors.TypedError: with ResponseReplayInfo.Error.
    """
    data = _read(request, _Info)
    try:
        if blizzard_file.is_blizzard_file(data):
            return description.info(blizzard_file.BlizzardFile(data))
        return replay.info(data)
    except replay.ReplayError as error:
        raise errors.TypedError(_Info.ParsingError, str(error)) from error


def start(request: sc2api_pb2.RequestStartReplay
          ) -> tuple[bytes, playback.Playback | reconstructed.Playback]:
    """Opens a replay at its first loop: one of minisc2, or one of the real game.

    Returns:
        The replay file, and the playback of it.

    Raises:
        errors.TypedError: with ResponseStartReplay.Error.
        errors.RequestError: real time was asked for.
    """
    if request.realtime:
        raise errors.RequestError("start_replay: realtime is not served; leave it out, and "
                                  "advance the replay by step requests.")
    data = _read(request, _Start)
    if not request.HasField("options"):
        raise errors.TypedError(_Start.MissingOptions,
                                "Set options to say which observations are wanted.")
    is_blizzards = blizzard_file.is_blizzard_file(data)
    try:
        source = (reconstructed.read(data, request.map_data == reconstructed.ACTIONS_ONLY)
                  if is_blizzards else replay.decode(data))
    except replay.ReplayError as error:
        raise errors.TypedError(_Start.InvalidReplayData, str(error)) from error
    known = [player.player_id for player in source.players]
    if request.observed_player_id not in (spectator.EVERYONE, *known):
        raise errors.TypedError(
            _Start.InvalidObservedPlayerId, f"observed_player_id is {request.observed_player_id}; "
            f"the replay has the players {', '.join(map(str, known))}, and {spectator.EVERYONE} "
            "stands for all of them.")
    try:
        kind = reconstructed.Playback if is_blizzards else playback.Playback
        return data, kind(source, request.observed_player_id, request.options,
                          request.disable_fog)
    except maps.UnknownMapError as error:
        raise errors.TypedError(_Start.InvalidMapData, str(error)) from error
    except interface_lib.InterfaceError as error:
        raise errors.TypedError(_Start.LaunchError, str(error)) from error
