"""Clients of one match find each other, in one process and as if in several."""

import socket
import threading
import time

import portpicker
import pytest
from s2clientprotocol import sc2api_pb2 as sc_pb

from minisc2 import multiplayer

# An exception in a thread of the server must fail the test, not only be printed.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")


class FakeServer:
    """A server whose whole match is a list of names; `join_game` appends its player's name."""

    answer = threading.Event()  # to step requests, when it is set

    def __init__(self, rendezvous: multiplayer.Rendezvous):
        self._rendezvous = rendezvous
        self._match: list[str] | None = None
        self.status = int(sc_pb.launched)

    @property
    def is_awaited(self) -> bool:
        return self.status == sc_pb.in_game

    def handle_bytes(self, data: bytes) -> bytes:
        request = sc_pb.Request.FromString(data)
        kind = request.WhichOneof("request")
        if kind == "create_game":
            self._match = []
            self.status = int(sc_pb.init_game)
        elif kind == "join_game":
            port = request.join_game.server_ports.game_port
            if self._match is not None:
                self._rendezvous.host(port, self._match)
            else:
                self._match = self._rendezvous.join(port, 1.0)
            self._match.append(request.join_game.player_name)
            self.status = int(sc_pb.in_game)
        elif kind == "leave_game":
            self._match.append("left")
            self._match = None
            self.status = int(sc_pb.launched)
        elif kind == "step":
            self.answer.wait(10)
        return sc_pb.Response(id=request.id, status=self.status,
                              error=self._match or []).SerializeToString()


def _client(rendezvous: multiplayer.Rendezvous, timeout: float = 5) -> multiplayer.Client:
    return multiplayer.Client(rendezvous, FakeServer(rendezvous), join_timeout_seconds=timeout)


def _ask(client: multiplayer.Client, **request: object) -> sc_pb.Response:
    data = sc_pb.Request(id=7, **request).SerializeToString()
    return sc_pb.Response.FromString(client.handle_bytes(data))


def _join(client: multiplayer.Client, port: int, name: str) -> sc_pb.Response:
    join = sc_pb.RequestJoinGame(player_name=name)
    join.server_ports.game_port = port
    return _ask(client, join_game=join)


@pytest.fixture
def port() -> int:
    return portpicker.pick_unused_port()


def _two_clients(same_process: bool) -> tuple[multiplayer.Client, multiplayer.Client]:
    """Two meeting places stand for two processes: they share nothing but the loopback port."""
    first = multiplayer.Rendezvous(FakeServer)
    second = first if same_process else multiplayer.Rendezvous(FakeServer)
    return _client(first), _client(second)


@pytest.mark.parametrize("same_process", [True, False])
@pytest.mark.parametrize("guest_is_early", [True, False])
def test_host_and_guest_share_one_match(
        port: int, same_process: bool, guest_is_early: bool) -> None:
    host, guest = _two_clients(same_process)
    _ask(host, create_game=sc_pb.RequestCreateGame())
    answers = []
    joining = threading.Thread(target=lambda: answers.append(_join(guest, port, "guest")))
    if guest_is_early:
        joining.start()
        time.sleep(0.2)
    _join(host, port, "host")
    if not guest_is_early:
        joining.start()
    joining.join(5)
    assert list(answers[0].error) == ["host", "guest"]
    assert answers[0].id == 7
    assert guest.status == sc_pb.in_game
    assert list(_ask(host, ping=sc_pb.RequestPing()).error) == ["host", "guest"]


@pytest.mark.parametrize("same_process", [True, False])
@pytest.mark.parametrize("farewell", ["leave_game", "close"])
def test_guest_that_goes_leaves_the_match(port: int, same_process: bool, farewell: str) -> None:
    host, guest = _two_clients(same_process)
    _ask(host, create_game=sc_pb.RequestCreateGame())
    _join(host, port, "host")
    _join(guest, port, "guest")
    if farewell == "close":
        guest.close()
    else:
        assert _ask(guest, leave_game=sc_pb.RequestLeaveGame()).status == sc_pb.launched
    deadline = time.monotonic() + 5  # the host process notices on a thread of its own
    while time.monotonic() < deadline:
        if "left" in _ask(host, ping=sc_pb.RequestPing()).error:
            break
        time.sleep(0.02)
    assert list(_ask(host, ping=sc_pb.RequestPing()).error) == ["host", "guest", "left"]
    assert guest.status == sc_pb.launched
    # Its own game is usable again.
    assert _ask(guest, create_game=sc_pb.RequestCreateGame()).status == sc_pb.init_game


def test_guest_is_told_when_nobody_hosts(port: int) -> None:
    lonely = _client(multiplayer.Rendezvous(FakeServer), timeout=0.1)
    response = _join(lonely, port, "guest")
    assert response.status == sc_pb.launched
    assert str(port) in response.error[0]


def test_guest_is_told_when_the_host_vanishes(port: int) -> None:
    host, guest = _two_clients(same_process=False)
    _ask(host, create_game=sc_pb.RequestCreateGame())
    _join(host, port, "host")
    _join(guest, port, "guest")
    guest._host.shutdown(socket.SHUT_RDWR)
    response = _ask(guest, ping=sc_pb.RequestPing())
    assert response.status == sc_pb.launched
    assert "has gone" in response.error[0]


def test_guest_of_a_host_that_stopped_answering_is_told(
        port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiplayer, "ANSWER_TIMEOUT_SECONDS", 0.2)
    host, guest = _two_clients(same_process=False)
    _ask(host, create_game=sc_pb.RequestCreateGame())
    _join(host, port, "host")
    _join(guest, port, "guest")
    assert guest.is_awaited
    response = _ask(guest, step=sc_pb.RequestStep())
    FakeServer.answer.set()
    assert response.status == sc_pb.launched and not guest.is_awaited
    assert "has gone" in response.error[0]


def test_withdrawn_match_is_not_found_again(port: int) -> None:
    meeting_place = multiplayer.Rendezvous(FakeServer)
    meeting_place.host(port, "first")
    assert meeting_place.join(port, 0.1) == "first"
    meeting_place.withdraw(port)
    with pytest.raises(multiplayer.MultiplayerError, match=str(port)):
        meeting_place.join(port, 0.05)
    meeting_place.host(port, "second")  # the port is free again at once
    assert meeting_place.join(port, 0.1) == "second"
    meeting_place.withdraw(port)


def test_port_of_another_program_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(multiplayer.MultiplayerError, match=str(taken)):
            multiplayer.Rendezvous(FakeServer).host(taken, "match")


def test_stranger_on_the_game_port_is_not_taken_for_a_player(port: int) -> None:
    meeting_place = multiplayer.Rendezvous(FakeServer)
    meeting_place.host(port, ["host"])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
        stranger.sendall(b"?" * len(multiplayer.GUEST_GREETING))
        received = b"".join(iter(lambda: stranger.recv(100), b""))
    assert received == multiplayer.HOST_GREETING
    meeting_place.withdraw(port)


def test_echo_is_not_taken_for_a_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as echo:
        def serve() -> None:
            connection, _ = echo.accept()
            with connection:
                connection.sendall(connection.recv(100))
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        assert multiplayer._dial(echo.getsockname()[1]) is None
        thread.join(5)


def test_announced_size_is_bounded() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\xff\xff\xff\xff")
        with pytest.raises(multiplayer.MultiplayerError, match="announced"):
            multiplayer.receive_message(ours)
