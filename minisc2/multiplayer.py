"""Two or more API clients in one match: they meet by the ports that their join requests share.

The host's server offers its match under `server_ports.game_port`. A guest in the same process
finds it in a table. A guest in another process dials the port on the loopback interface; the host
process then makes a server of its own for that guest, and the guest's process passes every request
through, byte for byte. So only one kind of match exists: servers in one process that share it.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Protocol

from google.protobuf import message
from s2clientprotocol import sc2api_pb2 as sc_pb

LOOPBACK = "127.0.0.1"
# Said first, so that no stranger is taken for a player. They differ because a loopback dial of an
# unused port can connect to itself, and would otherwise be content with its own echo.
HOST_GREETING = b"minisc2 host 1\n"
GUEST_GREETING = b"minisc2 guest 1\n"
MAX_MESSAGE_BYTES = 256 << 20  # replays and maps are the largest honest messages: a few megabytes
JOIN_TIMEOUT_SECONDS = 300.0  # the host may still be drawing its window, or be started by hand
# A host process that is alive answers within its own patience with the slowest player, and the
# longest step takes minutes; one that was stopped never answers.
ANSWER_TIMEOUT_SECONDS = 900.0
_POLL_SECONDS = 0.02
_HANDSHAKE_SECONDS = 5.0
_LENGTH = struct.Struct("<I")


class MultiplayerError(Exception):
    """The clients of a match could not meet, or lost each other."""


class ApiServer(Protocol):
    """What a client's side of the game offers: `minisc2.api.server.Server` does."""

    @property
    def status(self) -> int:
        """The sc2api_pb2.Status the client would read from the next response."""

    @property
    def is_awaited(self) -> bool:
        """Whether other clients of its match may be waiting for this one to play on."""

    def handle_bytes(self, data: bytes) -> bytes:
        """Answers one serialized Request with one serialized Response; never raises."""


class Rendezvous:
    """Where servers of one process offer and find matches, and where other processes knock.

    The host's server calls `host`, waits until its match has all players, and calls `withdraw`: a
    second match on the same ports must never be mistaken for the first. A guest's server calls
    `join`. All methods may be called from any thread.
    """

    def __init__(self, make_server: Callable[["Rendezvous"], ApiServer]):
        """Makes an empty meeting place.

        Args:
            make_server: makes the server of a guest that dials in from another process.
        """
        self._make_server = make_server
        self._changed = threading.Condition()
        self._matches: dict[int, object] = {}
        self._listeners: dict[int, socket.socket] = {}

    def host(self, game_port: int, match: object) -> None:
        """Offers a match under a port, to this process and to guests that dial it.

        Raises:
            MultiplayerError: the port is taken, by another match or by another program.
        """
        with self._changed:
            if game_port in self._matches:
                raise MultiplayerError(f"A match already waits on game port {game_port}: "
                                       "use other ports, or let its players join first.")
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((LOOPBACK, game_port))
                listener.listen()
            except (OSError, OverflowError) as error:
                listener.close()
                raise MultiplayerError(f"Cannot listen on game port {game_port}: {error}. "
                                       "Choose free ports for the join requests.") from error
            self._matches[game_port] = match
            self._listeners[game_port] = listener
            self._changed.notify_all()
        threading.Thread(target=self._accept_guests, args=(listener,), daemon=True,
                         name=f"minisc2-guests-{game_port}").start()

    def join(self, game_port: int, timeout_seconds: float = JOIN_TIMEOUT_SECONDS) -> object:
        """Waits for a match offered in this process under a port and returns it.

        Raises:
            MultiplayerError: nobody offered one in time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: game_port in self._matches, timeout_seconds):
                raise MultiplayerError(
                    f"No host offered a match on game port {game_port} within "
                    f"{timeout_seconds:g} s: create the game and join with the host first.")
            return self._matches[game_port]

    def offers(self, game_port: int) -> bool:
        """Whether a match waits under a port in this process now."""
        with self._changed:
            return game_port in self._matches

    def withdraw(self, game_port: int) -> None:
        """Ends an offer: later guests will not find the match. Unknown ports are ignored."""
        with self._changed:
            self._matches.pop(game_port, None)
            listener = self._listeners.pop(game_port, None)
        if listener is not None:
            with contextlib.suppress(OSError):  # wakes the accepting thread; it may be gone
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept_guests(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # withdrawn
            threading.Thread(target=self._serve_guest, args=(connection,), daemon=True,
                             name="minisc2-guest").start()

    def _serve_guest(self, connection: socket.socket) -> None:
        """Answers one guest of another process until it goes; then leaves the match for it."""
        with connection:
            try:
                _greet(connection, HOST_GREETING, GUEST_GREETING)
            except (OSError, MultiplayerError):
                return  # not one of us
            server = self._make_server(self)
            try:
                while True:
                    send_message(connection, server.handle_bytes(receive_message(connection)))
            except (OSError, MultiplayerError):
                # The guest has gone. Without this the other players would wait for its steps.
                if server.status in (sc_pb.in_game, sc_pb.ended):
                    server.handle_bytes(_LEAVE)


class Client:
    """One API client's side of the game, wherever its match is: here, or in the host's process.

    Transports (in-process and websocket) talk to this and not to the server itself.
    """

    def __init__(self, rendezvous: Rendezvous, server: ApiServer,
                 join_timeout_seconds: float = JOIN_TIMEOUT_SECONDS):
        """Wraps a server made for `rendezvous`."""
        self._rendezvous = rendezvous
        self._server = server
        self._join_timeout_seconds = join_timeout_seconds
        self._host: socket.socket | None = None
        self._remote_status = int(sc_pb.launched)

    @property
    def status(self) -> int:
        """The sc2api_pb2.Status of this client; for a guest, since it joined or left."""
        return self._remote_status if self._host else self._server.status

    @property
    def quit_requested(self) -> bool:
        """Whether the game was asked to quit."""
        return self._server.status == sc_pb.quit

    def handle_bytes(self, data: bytes) -> bytes:
        """Answers one serialized Request with one serialized Response; never raises."""
        if self._host is not None:
            return self._forward(data)
        # A guest joins from `launched`; parsing elsewhere would only cost time.
        if self._server.status == sc_pb.launched:
            game_port = _guest_game_port(data)
            if game_port is not None and not self._find_local_match(game_port):
                return self._forward(data) if self._host else _response(
                    sc_pb.launched, f"No host offered a match on game port {game_port} within "
                    f"{self._join_timeout_seconds:g} s: create the game and join with the host.")
        return self._server.handle_bytes(data)

    @property
    def is_awaited(self) -> bool:
        """Whether other clients may be waiting for this one to play on."""
        if self._host is not None:
            return self._remote_status == sc_pb.in_game
        return self._server.is_awaited

    def close(self) -> None:
        """Leaves the match, if any, so that no other player waits for this client."""
        if self._host is not None:
            self._hang_up()
        elif self._server.status in (sc_pb.in_game, sc_pb.ended):
            self._server.handle_bytes(_LEAVE)

    def _find_local_match(self, game_port: int) -> bool:
        """Waits for a match on a port. True: in this process; False: see whether `_host` is set."""
        deadline = time.monotonic() + self._join_timeout_seconds
        while time.monotonic() < deadline:
            if self._rendezvous.offers(game_port):
                return True
            self._host = _dial(game_port)
            if self._host is not None:
                if not self._rendezvous.offers(game_port):
                    self._host.settimeout(ANSWER_TIMEOUT_SECONDS)
                    return False
                self._hang_up()  # the offer came between the two looks; the direct way is faster
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _forward(self, data: bytes) -> bytes:
        try:
            request = sc_pb.Request.FromString(data)
        except message.DecodeError:  # the host's server words the answer
            request = sc_pb.Request()
        if request.WhichOneof("request") in ("start_replay", "create_game", "quit"):
            self._hang_up()  # these are about this client's own game
            return self._server.handle_bytes(data)
        try:
            send_message(self._host, data)
            answer = receive_message(self._host)
        except (OSError, MultiplayerError) as error:
            self._hang_up()
            return _response(sc_pb.launched, f"The host of this match has gone: {error}",
                             request.id)
        # Only these can end the connection; to parse every observation would cost time.
        if request.WhichOneof("request") in ("join_game", "leave_game"):
            self._remote_status = sc_pb.Response.FromString(answer).status
            if self._remote_status == sc_pb.launched:  # left, or could not join
                self._hang_up()
        return answer

    def _hang_up(self) -> None:
        self._host.close()
        self._host = None
        self._remote_status = int(sc_pb.launched)


def send_message(connection: socket.socket, data: bytes) -> None:
    """Writes one length-prefixed message.

    Raises:
        OSError: the other side has gone.
    """
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive_message(connection: socket.socket) -> bytes:
    """Reads one length-prefixed message.

    Raises:
        OSError: the connection broke.
        MultiplayerError: it was closed, or announced more than MAX_MESSAGE_BYTES.
    """
    (size,) = _LENGTH.unpack(_receive_exactly(connection, _LENGTH.size))
    if size > MAX_MESSAGE_BYTES:
        raise MultiplayerError(f"A message of {size} bytes was announced; the most is "
                               f"{MAX_MESSAGE_BYTES}.")
    return _receive_exactly(connection, size)


_LEAVE = sc_pb.Request(leave_game=sc_pb.RequestLeaveGame()).SerializeToString()


def _receive_exactly(connection: socket.socket, size: int) -> bytes:
    chunks = []
    while size:
        chunk = connection.recv(min(size, 1 << 20))
        if not chunk:
            raise MultiplayerError("the connection was closed")
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def _greet(connection: socket.socket, own: bytes, expected: bytes) -> None:
    """Exchanges greetings on a new connection, and readies it for requests."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(_HANDSHAKE_SECONDS)
    connection.sendall(own)
    if _receive_exactly(connection, len(expected)) != expected:
        raise MultiplayerError("the other side does not speak minisc2's match protocol")
    connection.settimeout(None)  # a step waits for the slowest player


def _dial(game_port: int) -> socket.socket | None:
    """Connects to a host process that offers a match on a port; None if there is none yet."""
    try:
        connection = socket.create_connection((LOOPBACK, game_port), timeout=_HANDSHAKE_SECONDS)
    except (OSError, OverflowError):
        return None
    try:
        _greet(connection, GUEST_GREETING, HOST_GREETING)
    except (OSError, MultiplayerError):
        connection.close()
        return None
    return connection


def _guest_game_port(data: bytes) -> int | None:
    """The game port of a join request that shares ports; None for any other request."""
    try:
        request = sc_pb.Request.FromString(data)
    except message.DecodeError:
        return None
    if request.WhichOneof("request") == "join_game" and request.join_game.HasField("server_ports"):
        return request.join_game.server_ports.game_port
    return None


def _response(status: int, error: str, request_id: int = 0) -> bytes:
    return sc_pb.Response(id=request_id, status=status, error=[error]).SerializeToString()
