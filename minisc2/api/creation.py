"""How games come about: the checks of create and join requests, and how clients meet."""

import random
from typing import Protocol

from s2clientprotocol import sc2api_pb2

from minisc2 import maps, multiplayer
from minisc2.api import errors
from minisc2.api import interface as interface_lib
from minisc2.api import match as match_lib
from minisc2.maps import game_map as game_map_lib

_Create = sc2api_pb2.ResponseCreateGame
_Join = sc2api_pb2.ResponseJoinGame


class MeetingPlace(Protocol):
    """Where servers offer and find matches: `minisc2.multiplayer.Rendezvous`."""

    def host(self, game_port: int, match: match_lib.Match) -> None:
        """Offers a match; raises multiplayer.MultiplayerError."""

    def join(self, game_port: int) -> match_lib.Match:
        """Waits for a match; raises multiplayer.MultiplayerError."""

    def withdraw(self, game_port: int) -> None:
        """Ends an offer."""


class SavedMaps:
    """The maps that a client can name: the embedded ones, and those it saved under a path."""

    def __init__(self):
        """Nothing is saved yet."""
        self._saved: dict[str, bytes] = {}

    def paths(self) -> list[str]:
        """All paths, saved ones last."""
        return [*maps.map_paths(), *(path for path in self._saved if path not in
                                     maps.map_paths())]

    def save(self, path: str, data: bytes) -> None:
        """Keeps a map file.

        Raises:
            errors.TypedError: with ResponseSaveMap.InvalidMapData, it has no bytes or is of an
                unknown map.
        """
        try:
            _map_of(path, data)
        except maps.UnknownMapError as error:
            raise errors.TypedError(sc2api_pb2.ResponseSaveMap.InvalidMapData,
                                    str(error)) from error
        self._saved[path] = data

    def get(self, local_map: sc2api_pb2.LocalMap) -> game_map_lib.GameMap:
        """The map of a create request.

        Raises:
            errors.TypedError: with ResponseCreateGame.InvalidMapData or InvalidMapPath.
        """
        path = local_map.map_path
        data = local_map.map_data or self._saved.get(path, b"")
        try:
            return _map_of(path, data) if data else maps.get(path)
        except maps.UnknownMapError as error:
            value = _Create.InvalidMapData if data else _Create.InvalidMapPath
            raise errors.TypedError(value, str(error)) from error


def _map_of(path: str, data: bytes) -> game_map_lib.GameMap:
    """The map in a file. Blizzard's own files are known by their names and played by our rules.

    Raises:
        maps.UnknownMapError: neither its content nor its name says which map it is.
    """
    try:
        return maps.get(data)
    except maps.UnknownMapError:
        if data.startswith((b"MPQ\x1a", b"MPQ\x1b")):
            return maps.get(path)
        raise


def settings(request: sc2api_pb2.RequestCreateGame, saved: SavedMaps, can_meet: bool
             ) -> match_lib.Settings:
    """Checks a create request.

    Args:
        request: the request.
        saved: maps by path.
        can_meet: whether games with several clients are served.

    Returns:
        What the match is made of.

    Raises:
        errors.TypedError: with ResponseCreateGame.Error.
        errors.RequestError: real time was asked for.
    """
    if request.realtime:
        raise errors.RequestError("create_game: realtime is not served; leave it out, and advance "
                                  "the game by step requests.")
    kind = request.WhichOneof("Map")
    if kind is None:
        raise errors.TypedError(_Create.MissingMap, "Name a map: set local_map.map_path.")
    if kind == "battlenet_map_name":
        raise errors.TypedError(
            _Create.InvalidMapName, f"There is no Battle.net map {request.battlenet_map_name!r}: "
            f"use local_map with one of {', '.join(maps.names())}.")
    game_map = saved.get(request.local_map)
    _check_setups(request, game_map, can_meet)
    seed = request.random_seed if request.HasField("random_seed") else (
        random.SystemRandom().getrandbits(32))
    return match_lib.Settings(game_map, tuple(request.player_setup), seed, request.disable_fog)


def _check_setups(request: sc2api_pb2.RequestCreateGame, game_map: game_map_lib.GameMap,
                  can_meet: bool) -> None:
    setups = request.player_setup
    if not setups:
        raise errors.TypedError(_Create.MissingPlayerSetup,
                                "A game needs players: add a player_setup for each.")
    kinds = [setup.type for setup in setups]
    num_players = len(kinds) - kinds.count(sc2api_pb2.Observer)
    num_clients = len(kinds) - kinds.count(sc2api_pb2.Computer)
    if num_clients == 0:
        raise errors.TypedError(
            _Create.InvalidPlayerSetup, f"All {len(setups)} player_setup are of type Computer: "
            "add one of type Participant to play, or of type Observer to look on.")
    if not game_map.min_players <= num_players <= game_map.max_players:
        raise errors.TypedError(
            _Create.InvalidPlayerSetup, f"{game_map.name} is a map for {game_map.min_players} to "
            f"{game_map.max_players} players; {num_players} player_setup of type Participant or "
            "Computer were given.")
    if sc2api_pb2.Computer in kinds and game_map.max_players == 1:
        raise errors.TypedError(
            _Create.InvalidPlayerSetup, f"{game_map.name} is a map for one Participant: computer "
            "players can play on melee maps only, such as Simple64.")
    if num_clients > 1 and not can_meet:
        raise errors.TypedError(_Create.MultiplayerUnsupported,
                                "This server was started without multiplayer.")


def check_join(request: sc2api_pb2.RequestJoinGame) -> None:
    """Checks what a join request says about its client.

    Raises:
        errors.TypedError: with ResponseJoinGame.Error.
    """
    participation = request.WhichOneof("participation")
    if participation is None:
        raise errors.TypedError(_Join.MissingParticipation, "Set race to take part in the game, "
                                "or observed_player_id to look on.")
    if not request.HasField("options"):
        raise errors.TypedError(_Join.MissingOptions,
                                "Set options to say which observations are wanted.")


def _check_interface(request: sc2api_pb2.RequestJoinGame, match: match_lib.Match) -> None:
    try:
        interface_lib.resolve(request.options, match.settings.game_map)
    except interface_lib.InterfaceError as error:
        raise errors.TypedError(_Join.OtherError, str(error)) from error


def join_as_host(match: match_lib.Match, request: sc2api_pb2.RequestJoinGame,
                 meeting_place: MeetingPlace | None) -> int:
    """Joins one's own match, and waits there for the other clients.

    Returns:
        The id of the slot.

    Raises:
        errors.TypedError: with ResponseJoinGame.Error.
        errors.RequestError: the others did not come.
    """
    _check_interface(request, match)
    if match.lobby.num_clients == 1:
        return match.take_slot(request)
    if not request.HasField("server_ports") or not request.client_ports:
        raise errors.TypedError(
            _Join.MissingPorts, f"{match.lobby.num_clients} clients share this game: set "
            "server_ports and client_ports, the same in all their join requests.")
    player_id = match.take_slot(request)  # before anyone else can: the host gets the first slot
    port = request.server_ports.game_port
    try:
        meeting_place.host(port, match)
    except multiplayer.MultiplayerError as error:
        match.give_back_slot(player_id)
        raise errors.TypedError(_Join.NetworkError, str(error)) from error
    try:
        match.wait_for_start(multiplayer.JOIN_TIMEOUT_SECONDS)
    finally:
        meeting_place.withdraw(port)
    return player_id


def find_match(request: sc2api_pb2.RequestJoinGame, meeting_place: MeetingPlace
               ) -> match_lib.Match:
    """Finds the match of another client by the ports of a join request.

    Raises:
        errors.TypedError: with ResponseJoinGame.NetworkError, nobody offers one.
    """
    try:
        return meeting_place.join(request.server_ports.game_port)
    except multiplayer.MultiplayerError as error:
        raise errors.TypedError(_Join.NetworkError, str(error)) from error


def join_as_guest(match: match_lib.Match, request: sc2api_pb2.RequestJoinGame) -> int:
    """Joins another client's match and waits for it to begin; see `join_as_host`."""
    _check_interface(request, match)
    player_id = match.take_slot(request)
    match.wait_for_start(multiplayer.JOIN_TIMEOUT_SECONDS)
    return player_id
