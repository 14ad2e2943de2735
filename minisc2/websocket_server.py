"""The StarCraft II API over a websocket, as the real game's process offers it at /sc2api.

pysc2 sends protobuf in *text* frames, whose content is no UTF-8. So the frames are read at the
level of the `websockets` library where text is still bytes: its protocol object, which does no
input and output of its own. That also keeps one thread for a request from socket to socket.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from minisc2 import multiplayer

PATH = "/sc2api"
_HANDSHAKE_SECONDS = 10.0
# A client that reconnects may arrive before its last connection is seen to be gone.
_PATIENCE_SECONDS = 2.0
RECONNECT_SECONDS = 10.0
"""How long other players of a match wait for a client whose connection is gone."""

_ACCEPT_POLL_SECONDS = 0.2
_RECEIVE_BYTES = 1 << 16

_log = logging.getLogger("minisc2")


class WebsocketServer:
    """Serves one API client at a time on a listening socket, until it asks to quit.

    The game outlives its connection: a client may disconnect and another may go on, as programs do
    that set a game up and hand it to a remote agent. Only where other players wait for it, a
    client that does not come back soon is taken out of the match.
    """

    def __init__(self, listener: socket.socket, client: multiplayer.Client):
        """Wraps a bound, listening socket and the game that its client plays."""
        self._listener = listener
        self._client = client
        self._occupied = threading.Lock()
        self._num_served = 0
        self._quit = threading.Event()

    def serve_until_quit(self) -> None:
        """Accepts connections until a client's quit request was answered, or `stop` is called."""
        self._listener.settimeout(_ACCEPT_POLL_SECONDS)
        while not self._quit.is_set():
            try:
                connection, address = self._listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._serve_connection, args=(connection, address),
                             daemon=True, name="minisc2-client").start()
        self._listener.close()
        self._client.close()

    def stop(self) -> None:
        """Makes `serve_until_quit` return soon. May be called from any thread."""
        self._quit.set()

    def _serve_connection(self, connection: socket.socket, address: tuple) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(_HANDSHAKE_SECONDS)
            protocol = ServerProtocol(max_size=multiplayer.MAX_MESSAGE_BYTES, logger=_QUIET)
            try:
                request = _receive_handshake(connection, protocol)
                if request is None:
                    return
                if not _is_api_path(request):
                    _reject(connection, protocol, 404,
                            f"There is nothing at {request.path}; the API is at {PATH}.\n")
                elif not self._occupied.acquire(timeout=_PATIENCE_SECONDS):
                    _reject(connection, protocol, 503, "Another client is connected to this game. "
                            "Disconnect it first, or start another game on another port.\n")
                else:
                    self._num_served += 1
                    number = self._num_served
                    try:
                        self._serve_client(connection, protocol, request)
                    finally:
                        self._occupied.release()
                        threading.Thread(target=self._leave_if_gone, args=(number,), daemon=True,
                                         name="minisc2-absent").start()
            except OSError as error:
                _log.info("connection from %s lost: %s", address, error)

    def _leave_if_gone(self, number: int) -> None:
        """Waits for the client of a lost connection; leaves the match for it if others wait, too.

        Args:
            number: of the lost connection; a later one means that the client is back.
        """
        if self._quit.wait(RECONNECT_SECONDS) or not self._client.is_awaited:
            return
        if self._occupied.acquire(blocking=False):
            try:
                if number == self._num_served:
                    _log.warning("the client was gone for %g s: it leaves the match",
                                 RECONNECT_SECONDS)
                    self._client.close()
            finally:
                self._occupied.release()

    def _serve_client(self, connection: socket.socket, protocol: ServerProtocol,
                      request: Request) -> None:
        protocol.send_response(protocol.accept(request))
        _flush(connection, protocol)
        connection.settimeout(None)
        for message in _messages(connection, protocol):
            answer = self._client.handle_bytes(message)
            if self._client.quit_requested:
                self.stop()
            # A client that does not wait for the answer, as pysc2 does not after quit, may have
            # said good-bye already.
            if protocol.state is State.OPEN:
                protocol.send_binary(answer)
                if self._client.quit_requested:
                    protocol.send_close(1000, "the game has quit")
                _flush(connection, protocol)


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens on an address.

    Raises:
        OSError: the address is taken or does not exist.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def _is_api_path(request: Request) -> bool:
    return request.path.split("?", 1)[0].rstrip("/") == PATH


def _receive_handshake(connection: socket.socket, protocol: ServerProtocol) -> Request | None:
    """Reads the HTTP request; None if what came is none (then the connection is at its end)."""
    while True:
        data = connection.recv(_RECEIVE_BYTES)
        if not data:
            return None
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                return event
        if protocol.handshake_exc is not None:
            return None


def _reject(connection: socket.socket, protocol: ServerProtocol, status: int, text: str) -> None:
    protocol.send_response(protocol.reject(status, text))
    _flush(connection, protocol)


def _messages(connection: socket.socket, protocol: ServerProtocol) -> Iterator[bytes]:
    """Yields whole messages, text and binary alike, until the connection ends."""
    fragments: list[bytes] = []
    while True:
        for event in protocol.events_received():
            if not isinstance(event, Frame):
                continue
            if event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                fragments.append(bytes(event.data))
                if event.fin:
                    yield b"".join(fragments)
                    fragments.clear()
        _flush(connection, protocol)  # pongs and closing words, also for malformed frames
        if protocol.close_expected():
            return
        data = connection.recv(_RECEIVE_BYTES)
        if not data:
            return
        protocol.receive_data(data)


def _flush(connection: socket.socket, protocol: ServerProtocol) -> None:
    for data in protocol.data_to_send():
        if data:
            connection.sendall(data)
        else:  # the protocol's word for "nothing more will follow"
            with contextlib.suppress(OSError):  # the other side may have closed already
                connection.shutdown(socket.SHUT_WR)


# The library would report every handshake of a stranger as an error with a traceback.
_QUIET = logging.getLogger("minisc2.websockets")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
