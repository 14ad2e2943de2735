"""The embedded game inside the client's own process: pysc2's controller without a socket.

pysc2 asks of a connection only `send`, `recv`, `close` and `sock.getpeername()`. Here `send` calls
the game directly and keeps the answer for `recv`; pysc2's checks of a connection that may be slow
or broken are taken only where they matter, so a request costs little more than its own work.
"""

import collections
import functools
from types import TracebackType
from typing import Any

import websocket  # websocket-client, which pysc2 depends on: its exceptions are what pysc2 expects
from absl import flags
from pysc2.lib import protocol, remote_controller, stopwatch
from pysc2.run_configs import lib
from s2clientprotocol import sc2api_pb2

from minisc2 import multiplayer
from minisc2.api import server

HOST = "in-process"
_STATUSES = {status.value: status for status in protocol.Status}
_TIMEOUT_SECONDS = 360  # pysc2's default; given so that no absl flag is needed to start


@functools.cache
def rendezvous() -> multiplayer.Rendezvous:
    """The one meeting place of all games in this process, made at the first call."""
    return multiplayer.Rendezvous(lambda meeting_place: server.Server(multiplayer=meeting_place))


class InMemorySocket:
    """Stands in for pysc2's websocket: requests go straight to the game."""

    def __init__(self, client: multiplayer.Client):
        """Connects to one client's side of the game."""
        self._client: multiplayer.Client | None = client
        self._answers: collections.deque[bytes] = collections.deque()

    @property
    def sock(self) -> "InMemorySocket":
        """The object that pysc2 asks for the peer's address."""
        return self

    def getpeername(self) -> tuple[str, int]:
        """An address like a socket's; pysc2 shows the port in its protocol log."""
        return HOST, 0

    def send(self, data: bytes) -> int:
        """Lets the game answer a serialized Request. Blocks as the real game's answer would."""
        self._answers.append(self.ask(data))
        return len(data)

    def ask(self, data: bytes) -> bytes:
        """Lets the game answer a serialized Request and returns the Response at once.

        Raises:
            websocket.WebSocketConnectionClosedException: the connection is closed.
        """
        if self._client is None:
            raise websocket.WebSocketConnectionClosedException("The in-process game is closed.")
        return self._client.handle_bytes(data)

    def push(self, answer: bytes) -> None:
        """Lets the next `recv` return this serialized Response."""
        self._answers.append(answer)

    @property
    def is_closed(self) -> bool:
        """Whether no request can be sent any more."""
        return self._client is None

    def recv(self) -> bytes:
        """Returns the serialized Response to the oldest request that was not read yet."""
        if not self._answers:
            raise websocket.WebSocketConnectionClosedException(
                "Nothing to read from the in-process game: every request has been answered.")
        return self._answers.popleft()

    def close(self) -> None:
        """Disconnects; the game goes on, as a process does that loses its client."""
        self._client = None
        self._answers.clear()


class InProcessProtocol(protocol.StarcraftProtocol):
    """pysc2's protocol without what only a slow connection needs on the way of every request.

    A request is still serialized and its answer parsed, so nothing is shared with the game. Where
    somebody looks on (by `--sc2_verbose_protocol` or the stopwatch), and where anything goes wrong,
    the request goes pysc2's own way.
    """

    def __init__(self, sock: InMemorySocket):
        """Talks to a game that was just launched."""
        super().__init__(sock)
        self._verbosity = flags.FLAGS["sc2_verbose_protocol"]  # looking it up is slow

    def send_req(self, request: sc2api_pb2.Request) -> sc2api_pb2.Response:
        """Returns the answer to a request; raises what pysc2 raises."""
        measurement = stopwatch.sw("send_req")
        if (measurement is not stopwatch.fake_context or self._verbosity.value
                or self._sock is None or self._sock.is_closed):
            with measurement:
                return super().send_req(request)
        answer = self._sock.ask(request.SerializeToString())
        response = sc2api_pb2.Response.FromString(answer)
        if response.error or not response.HasField("status"):
            self._sock.push(answer)
            return self.read()  # raises
        self._status = _STATUSES[response.status]
        return response


class InProcessController(remote_controller.RemoteController):
    """pysc2's controller, connected to a game in this process."""

    def __init__(self, client: multiplayer.Client):
        """Connects, and pings once as pysc2 does."""
        self._game_client = client
        super().__init__(HOST, 0, timeout_seconds=_TIMEOUT_SECONDS)
        self._client = InProcessProtocol(self._client._sock)

    def _connect(self, host: str, port: int, proc: Any, timeout_seconds: int) -> InMemorySocket:
        del host, port, proc, timeout_seconds
        return InMemorySocket(self._game_client)


class InProcessGame:
    """What `RunConfig.start` returns: looks like pysc2's StarcraftProcess, starts no process."""

    def __init__(self, version: lib.Version):
        """Starts a game and connects a controller to it."""
        self._version = version
        self._controller: InProcessController | None = None
        meeting_place = rendezvous()
        self._client = multiplayer.Client(meeting_place, server.Server(multiplayer=meeting_place))
        # pysc2 counts the controller's first ping under "startup", and its tests count pings.
        with stopwatch.sw("startup"):
            self._controller = InProcessController(self._client)

    @property
    def controller(self) -> InProcessController | None:
        """The connected controller; None once closed."""
        return self._controller

    @property
    def host(self) -> str:
        """Where the game is."""
        return HOST

    @property
    def port(self) -> int:
        """No port is used."""
        return 0

    @property
    def version(self) -> lib.Version:
        """The version asked for."""
        return self._version

    @property
    def running(self) -> bool:
        """Whether the game can still be used."""
        return self._controller is not None

    @property
    def pid(self) -> None:
        """There is no process of its own."""
        return None

    def close(self) -> None:
        """Ends the game and leaves its match, so that no other player waits. May be repeated."""
        if self._controller is not None:
            self._client.close()
            self._controller.quit()
            self._controller.close()
            self._controller = None

    def __enter__(self) -> InProcessController | None:
        return self._controller

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()
