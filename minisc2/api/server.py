"""One client's game: answers StarCraft II API requests and keeps the state machine.

    launched -- create_game --> init_game -- join_game --> in_game -- the game ends --> ended
    launched -- join_game (another client's game) --> in_game
    launched, in_game, in_replay, ended -- start_replay --> in_replay -- the replay ends --> ended
    in_game, ended -- restart_game --> in_game         in_game, ended -- leave_game --> launched
    any -- quit --> quit
"""

import contextlib
import logging
from collections.abc import Callable

from google.protobuf import message as protobuf_message
from s2clientprotocol import query_pb2, sc2api_pb2

from minisc2 import replay, varint
from minisc2.api import (
    creation,
    data,
    errors,
    game_info,
    images,
    observation,
    query,
    replays,
    spectator,
    viewer,
)
from minisc2.api import interface as interface_lib
from minisc2.api import match as match_lib
from minisc2.api import playback as playback_lib
from minisc2.api import seat as seat_lib
from minisc2.api import version as version_lib
from minisc2.reconstruction import playback as reconstructed

_LOG = logging.getLogger(__name__)
_LAUNCHED, _INIT_GAME = sc2api_pb2.launched, sc2api_pb2.init_game
_IN_GAME, _IN_REPLAY = sc2api_pb2.in_game, sc2api_pb2.in_replay
_ENDED, _QUIT = sc2api_pb2.ended, sc2api_pb2.quit
_ANY = frozenset((_LAUNCHED, _INIT_GAME, _IN_GAME, _IN_REPLAY, _ENDED))
_PLAYING = frozenset((_IN_GAME, _IN_REPLAY))
_STARTED = frozenset((_IN_GAME, _IN_REPLAY, _ENDED))

VALID: dict[str, frozenset[int]] = {
    "create_game": _ANY,
    "join_game": frozenset((_LAUNCHED, _INIT_GAME)),
    "restart_game": frozenset((_IN_GAME, _ENDED)),
    "start_replay": _ANY - {_INIT_GAME},
    "leave_game": frozenset((_IN_GAME, _ENDED)),
    "quick_save": frozenset((_IN_GAME,)),
    "quick_load": frozenset((_IN_GAME,)),
    "quit": _ANY,
    "game_info": _STARTED,
    "observation": _STARTED,
    "action": frozenset((_IN_GAME,)),
    "obs_action": _PLAYING,
    "step": _PLAYING,
    "data": _STARTED,
    "query": _STARTED,
    "save_replay": _STARTED,
    "map_command": frozenset((_IN_GAME,)),
    "replay_info": _ANY,
    "available_maps": _ANY,
    "save_map": _ANY,
    "ping": _ANY,
    "debug": frozenset((_IN_GAME,)),
}
"""Request -> the statuses (sc2api_pb2.Status) in which it is served."""

MAX_STEP = 1 << 19  # pysc2's longest episode; more would block the client for hours
_OBSERVATION_TAG = images.tag(sc2api_pb2.Response.OBSERVATION_FIELD_NUMBER)
_Request, _Response = sc2api_pb2.Request, sc2api_pb2.Response


class Server:
    """The game behind one API connection. Requests are handled one at a time."""

    def __init__(self, multiplayer: creation.MeetingPlace | None = None,
                 version: version_lib.Version = version_lib.DEFAULT):
        """A game just launched.

        Args:
            multiplayer: where clients of one match find each other (`minisc2.multiplayer`); None
                serves games with one client only.
            version: what `ping` answers.
        """
        self._multiplayer = multiplayer
        self._version = version
        self._phase = _LAUNCHED
        self._maps = creation.SavedMaps()
        self._match: match_lib.Match | None = None
        self._client_id = 0
        self._interface: interface_lib.Interface | None = None
        self._observer: observation.Observer | viewer.Viewer | None = None
        self._playback: playback_lib.Playback | reconstructed.Playback | None = None
        self._watched_replay: bytes | None = None
        self._handlers: dict[str, Callable] = {
            name: getattr(self, f"_{name}") for name in VALID}

    @property
    def status(self) -> int:
        """The sc2api_pb2.Status that the next response would report."""
        if self._phase == _IN_GAME and self._match.is_ended:
            return _ENDED
        if self._phase == _IN_REPLAY and self._playback.is_over:
            return _ENDED
        return self._phase

    @property
    def is_awaited(self) -> bool:
        """Whether other clients of the match may be waiting for this one to play on."""
        return self.status == _IN_GAME and self._match.lobby.num_clients > 1

    @property
    def recording(self) -> replay.Recording | None:
        """The recording of the match played now; None outside of a match."""
        if self._match is None or self._match.recording is None:
            return None
        return self._match.snapshot_recording()

    def handle(self, request: _Request) -> _Response:
        """Answers one request. Never raises: what goes wrong is in the response's error."""
        response = _Response()
        name = request.WhichOneof("request")
        try:
            self._check_valid(name)
            self._handlers[name](getattr(request, name), getattr(response, name))
            getattr(response, name).SetInParent()  # an empty answer is an answer too
        except errors.TypedError as error:
            part = getattr(response, name)
            part.error = error.value
            if hasattr(part, "error_details"):
                part.error_details = error.details
        except errors.RequestError as error:
            _refuse(response, name, str(error))
        except Exception as error:  # noqa: BLE001  a bug of ours must not cost the game
            _LOG.exception("minisc2 failed at a %s request", name)
            _refuse(response, name, f"minisc2 failed at {name}: {type(error).__name__}: {error}")
        if request.HasField("id"):
            response.id = request.id
        response.status = self.status
        return response

    def handle_bytes(self, request_bytes: bytes) -> bytes:
        """Answers one serialized request with a serialized response; see `handle`."""
        try:
            request = _Request.FromString(request_bytes)
        except protobuf_message.DecodeError as error:
            return _Response(status=self.status, error=[
                f"These {len(request_bytes)} bytes are no sc2api Request: {error}"
            ]).SerializeToString()
        if request.HasField("observation") and self.status in _STARTED:
            return self._observation_bytes(request)
        return self.handle(request).SerializeToString()

    def _observation_bytes(self, request: _Request) -> bytes:
        """The serialized answer to a request for an observation."""
        try:
            size, parts = self._observe_parts(request.observation)
        except Exception as error:  # noqa: BLE001  as in `handle`
            _LOG.exception("minisc2 failed at an observation request")
            return _Response(id=request.id, status=self.status, error=[
                f"minisc2 failed at observation: {type(error).__name__}: {error}"
            ]).SerializeToString()
        tail = _Response(status=self.status)
        if request.HasField("id"):
            tail.id = request.id
        return b"".join((_OBSERVATION_TAG, varint.encode(size), *parts, tail.SerializeToString()))

    def _check_valid(self, name: str | None) -> None:
        if name is None:
            raise errors.RequestError(
                "The request is empty: set one of the fields of sc2api Request.")
        status = self.status
        if status in VALID[name]:
            return
        if status == _ENDED and name in ("step", "action", "debug", "obs_action", "map_command"):
            raise errors.RequestError(f"{name}: Game has already ended")  # pysc2 knows these words
        valid = ", ".join(sorted(map(sc2api_pb2.Status.Name, VALID[name])))
        raise errors.RequestError(f"{name} is not valid while the status is "
                                  f"{sc2api_pb2.Status.Name(status)}; it is valid in: {valid}.")

    @property
    def _seat(self) -> seat_lib.Seat:
        if self._viewer is not None:
            return self._viewer.seat
        return self._match.seats[self._client_id]

    def _stillness(self) -> contextlib.AbstractContextManager:
        """While it is held no other client's request moves the world."""
        return contextlib.nullcontext() if self._match is None else self._match.lock

    @property
    def _viewer(self) -> viewer.Viewer | None:
        """Of an observer or of a replay; None for a client that plays."""
        if self._playback is not None:
            return self._playback.viewer
        return self._observer if isinstance(self._observer, viewer.Viewer) else None

    # Before and after a game.

    def _ping(self, request: sc2api_pb2.RequestPing, response: sc2api_pb2.ResponsePing) -> None:
        response.game_version = self._version.game_version
        response.data_version = self._version.data_version
        response.data_build = self._version.data_build
        response.base_build = self._version.base_build

    def _available_maps(self, request: sc2api_pb2.RequestAvailableMaps,
                        response: sc2api_pb2.ResponseAvailableMaps) -> None:
        response.local_map_paths.extend(self._maps.paths())

    def _save_map(self, request: sc2api_pb2.RequestSaveMap,
                  response: sc2api_pb2.ResponseSaveMap) -> None:
        self._maps.save(request.map_path, request.map_data)

    def _create_game(self, request: sc2api_pb2.RequestCreateGame,
                     response: sc2api_pb2.ResponseCreateGame) -> None:
        settings = creation.settings(request, self._maps, self._multiplayer is not None)
        self._leave()
        self._match = match_lib.Match(settings)
        self._phase = _INIT_GAME

    def _join_game(self, request: sc2api_pb2.RequestJoinGame,
                   response: sc2api_pb2.ResponseJoinGame) -> None:
        if self._phase == _LAUNCHED and (self._multiplayer is None
                                         or not request.HasField("server_ports")):
            raise errors.RequestError(
                "join_game: there is no game to join. Send create_game first, or, to join another "
                "client's game, name its server_ports.")
        creation.check_join(request)
        if self._phase == _LAUNCHED:
            match = creation.find_match(request, self._multiplayer)
            self._client_id = creation.join_as_guest(match, request)
            self._match = match
        else:
            self._client_id = creation.join_as_host(self._match, request, self._multiplayer)
        self._phase = _IN_GAME
        self._begin()
        response.player_id = self._client_id

    def _begin(self) -> None:
        """Takes the seat in a game that has just started."""
        match = self._match
        if self._client_id in match.seats:
            seat = match.seats[self._client_id]
            self._interface = seat.interface
            self._observer = observation.Observer(seat, seat.interface)
        else:
            request = match.lobby.joins[self._client_id]
            interface = interface_lib.resolve(request.options, match.settings.game_map)
            self._interface = interface
            self._observer = viewer.Viewer(
                lambda player_id: match.spectate(player_id, interface),
                request.observed_player_id, interface)

    def _restart_game(self, request: sc2api_pb2.RequestRestartGame,
                      response: sc2api_pb2.ResponseRestartGame) -> None:
        if self._phase != _IN_GAME:
            raise errors.RequestError("restart_game: a replay cannot be restarted; start it again.")
        self._match.restart()
        self._begin()

    def _leave_game(self, request: sc2api_pb2.RequestLeaveGame,
                    response: sc2api_pb2.ResponseLeaveGame) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._match is not None:
            self._match.leave(self._client_id)
        self._match = self._observer = self._interface = None
        self._playback = self._watched_replay = None
        self._phase = _LAUNCHED

    def _quit(self, request: sc2api_pb2.RequestQuit, response: sc2api_pb2.ResponseQuit) -> None:
        self._leave()
        self._phase = _QUIT

    # Replays.

    def _replay_info(self, request: sc2api_pb2.RequestReplayInfo,
                     response: sc2api_pb2.ResponseReplayInfo) -> None:
        response.CopyFrom(replays.info(request))

    def _start_replay(self, request: sc2api_pb2.RequestStartReplay,
                      response: sc2api_pb2.ResponseStartReplay) -> None:
        replay_bytes, playback = replays.start(request)
        self._leave()
        self._playback = playback
        self._watched_replay = replay_bytes if request.record_replay else None
        self._interface = playback.viewer.interface
        self._phase = _IN_REPLAY

    def _save_replay(self, request: sc2api_pb2.RequestSaveReplay,
                     response: sc2api_pb2.ResponseSaveReplay) -> None:
        if self._playback is not None:
            if self._watched_replay is None:
                raise errors.RequestError("save_replay: a replay is being watched, not recorded; "
                                          "start it with record_replay to save it again.")
            response.data = self._watched_replay
        else:
            response.data = replay.encode(self._match.snapshot_recording(),
                                          map_path=self._match.settings.game_map.map_path)

    # During a game.

    def _game_info(self, request: sc2api_pb2.RequestGameInfo,
                   response: sc2api_pb2.ResponseGameInfo) -> None:
        seat = self._seat
        with self._stillness():
            response.CopyFrom(game_info.build(seat, self._interface))
        if seat.player_id == spectator.EVERYONE:
            for info in response.player_info:  # nothing is hidden from it
                info.race_actual = seat.world.players[info.player_id].race

    def _data(self, request: sc2api_pb2.RequestData, response: sc2api_pb2.ResponseData) -> None:
        response.CopyFrom(data.response(request))

    def _observation(self, request: sc2api_pb2.RequestObservation,
                     response: sc2api_pb2.ResponseObservation) -> None:
        if self._playback is not None:
            response.CopyFrom(self._playback.observe(request.disable_fog))
            return
        with self._match.lock:
            response.CopyFrom(self._observer.observe(request.disable_fog,
                                                     self._match.world.results))

    def _observe_parts(self, request: sc2api_pb2.RequestObservation
                       ) -> tuple[int, list[images.Pixels]]:
        if self._playback is not None:
            return self._playback.observe_parts(request.disable_fog)
        with self._match.lock:
            return self._observer.observe_parts(request.disable_fog, self._match.world.results)

    def _action(self, request: sc2api_pb2.RequestAction,
                response: sc2api_pb2.ResponseAction) -> None:
        self._check_plays("action", "obs_action moves its camera")
        if request.actions:
            response.result.extend(self._match.act(self._client_id, request.actions))

    def _obs_action(self, request: sc2api_pb2.RequestObserverAction,
                    response: sc2api_pb2.ResponseObserverAction) -> None:
        if self._viewer is None:
            raise errors.RequestError("obs_action: this client plays; only a client that observes "
                                      "a game or watches a replay moves its camera so.")
        with self._stillness():
            for action in request.actions:
                self._viewer.act(action)

    def _check_plays(self, name: str, way_out: str) -> None:
        if self._viewer is not None:
            raise errors.RequestError(f"{name}: this client observes the game and has no player; "
                                      f"{way_out}.")

    def _step(self, request: sc2api_pb2.RequestStep, response: sc2api_pb2.ResponseStep) -> None:
        count = request.count if request.HasField("count") else 1
        if not 0 < count <= MAX_STEP:
            raise errors.RequestError(f"step: count is {count}; it has to be between 1 and "
                                      f"{MAX_STEP} game loops.")
        if self._playback is not None:
            response.simulation_loop = self._playback.step(count)
        else:
            response.simulation_loop = self._match.step(self._client_id, count)

    def _query(self, request: query_pb2.RequestQuery,
               response: query_pb2.ResponseQuery) -> None:
        with self._stillness():
            response.CopyFrom(query.answer(self._seat, request))

    def _debug(self, request: sc2api_pb2.RequestDebug,
               response: sc2api_pb2.ResponseDebug) -> None:
        self._check_plays("debug", "let a client that plays send it")
        self._match.debug(self._client_id, request.debug)

    def _map_command(self, request: sc2api_pb2.RequestMapCommand,
                     response: sc2api_pb2.ResponseMapCommand) -> None:
        raise errors.TypedError(
            sc2api_pb2.ResponseMapCommand.NoTriggerError,
            f"The map {self._match.settings.game_map.name} has no trigger for the command "
            f"{request.trigger_cmd!r}: no map of minisc2 has triggers for commands.")

    def _quick_save(self, request: sc2api_pb2.RequestQuickSave,
                    response: sc2api_pb2.ResponseQuickSave) -> None:
        raise errors.RequestError("quick_save is not served: save a replay instead.")

    def _quick_load(self, request: sc2api_pb2.RequestQuickLoad,
                    response: sc2api_pb2.ResponseQuickLoad) -> None:
        raise errors.RequestError("quick_load is not served: start a replay instead.")


def _refuse(response: _Response, name: str | None, text: str) -> None:
    if name is not None:
        response.ClearField(name)
    response.error.append(text)
