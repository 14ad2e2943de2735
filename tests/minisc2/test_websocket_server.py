"""The websocket server: frames as pysc2 sends them, strangers, second clients, quitting."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import websocket
from google.protobuf import message
from s2clientprotocol import sc2api_pb2 as sc_pb

from minisc2 import multiplayer, websocket_server

# An exception in a thread of the server must fail the test, not only be printed.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")


class FakeServer:
    """Answers every request with its own bytes, as the error that a client can compare."""

    def __init__(self) -> None:
        self.status = int(sc_pb.launched)
        self.is_awaited = False
        self.has_left = threading.Event()

    def handle_bytes(self, data: bytes) -> bytes:
        with contextlib.suppress(message.DecodeError):
            request = sc_pb.Request.FromString(data)
            if request.HasField("quit"):
                self.status = int(sc_pb.quit)
            elif request.HasField("leave_game"):
                self.has_left.set()
        return b"answer to " + data


@pytest.fixture
def game() -> FakeServer:
    return FakeServer()


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch, game: FakeServer) -> Iterator[tuple[str, int]]:
    """Where a server listens; it must have quit by itself or be stoppable at the end."""
    monkeypatch.setattr(websocket_server, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(websocket_server, "RECONNECT_SECONDS", 0.3)
    listener = websocket_server.listen("127.0.0.1", 0)
    client = multiplayer.Client(multiplayer.Rendezvous(lambda place: FakeServer()), game)
    server = websocket_server.WebsocketServer(listener, client)
    thread = threading.Thread(target=server.serve_until_quit, daemon=True)
    address = listener.getsockname()
    thread.start()
    yield address
    server.stop()
    thread.join(5)
    assert not thread.is_alive()


def _connect(address: tuple[str, int], path: str = "/sc2api") -> websocket.WebSocket:
    return websocket.create_connection(f"ws://{address[0]}:{address[1]}{path}", timeout=5)


# b"\xff" is in no UTF-8 text. pysc2 sends it in a text frame all the same.
@pytest.mark.parametrize("opcode", [websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY])
def test_text_and_binary_frames_are_answered_in_binary(
        address: tuple[str, int], opcode: int) -> None:
    with contextlib.closing(_connect(address)) as connection:
        for size in (1, 200, 70_000, 3_000_000):
            message = b"\xff" * size
            connection.send(message, opcode)
            assert connection.recv_data() == (websocket.ABNF.OPCODE_BINARY, b"answer to " + message)


def test_fragments_and_pings_in_between(address: tuple[str, int]) -> None:
    with contextlib.closing(_connect(address)) as connection:
        frame = websocket.ABNF.create_frame
        connection.send_frame(frame(b"\xff1", websocket.ABNF.OPCODE_TEXT, fin=0))
        connection.send_frame(frame(b"hello", websocket.ABNF.OPCODE_PING))
        connection.send_frame(frame(b"\xff2", websocket.ABNF.OPCODE_CONT, fin=1))
        assert connection.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"hello")
        assert connection.recv() == b"answer to \xff1\xff2"


def test_second_client_is_refused_with_a_reason_and_the_first_goes_on(
        address: tuple[str, int]) -> None:
    with contextlib.closing(_connect(address)) as first:
        with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
            _connect(address)
        assert refusal.value.status_code == 503
        assert b"Another client is connected" in refusal.value.resp_body
        first.send(b"still there")
        assert first.recv() == b"answer to still there"


def test_next_client_finds_the_game_after_the_first_has_gone(address: tuple[str, int]) -> None:
    for _ in range(5):
        connection = _connect(address)
        connection.send(b"x")
        assert connection.recv() == b"answer to x"
        connection.close()


def test_client_that_others_wait_for_leaves_when_its_connection_stays_away(
        address: tuple[str, int], game: FakeServer) -> None:
    game.status, game.is_awaited = int(sc_pb.in_game), True
    _connect(address).close()
    assert game.has_left.wait(5)


@pytest.mark.parametrize("is_awaited", [True, False])
def test_client_stays_in_the_match_if_it_comes_back_or_nobody_waits(
        address: tuple[str, int], game: FakeServer, is_awaited: bool) -> None:
    game.status, game.is_awaited = int(sc_pb.in_game), is_awaited
    _connect(address).close()
    if is_awaited:
        with contextlib.closing(_connect(address)) as connection:
            assert not game.has_left.wait(0.8)
            connection.send(b"x")
            assert connection.recv() == b"answer to x"
            game.is_awaited = False
    else:
        assert not game.has_left.wait(0.8)


def test_time_to_come_back_begins_again_with_every_connection(
        address: tuple[str, int], game: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_server, "RECONNECT_SECONDS", 1.0)
    game.status, game.is_awaited = int(sc_pb.in_game), True
    _connect(address).close()
    time.sleep(0.5)
    _connect(address).close()
    assert not game.has_left.wait(0.75)  # one second after the first was lost, not the second
    assert game.has_left.wait(5)


def test_other_paths_are_not_found(address: tuple[str, int]) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        _connect(address, "/elsewhere")
    assert refusal.value.status_code == 404


@pytest.mark.parametrize("noise", [
    b"\0" * 100, b"GET / HTTP/1.1\r\n\r\n", b"GET /sc2api HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET " + b"a" * 100_000, b"",
], ids=["zeros", "no-upgrade", "no-key", "endless-line", "nothing"])
def test_strangers_do_not_kill_it(address: tuple[str, int], noise: bytes) -> None:
    # OSError: the server may hang up while it is still talked to.
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=5) as stranger:
        stranger.sendall(noise)
        stranger.shutdown(socket.SHUT_WR)
        while stranger.recv(1000):
            pass
    with contextlib.closing(_connect(address)) as connection:
        connection.send(b"x")
        assert connection.recv() == b"answer to x"


@pytest.mark.parametrize("frame", [
    b"\xf2\x80\0\0\0\0",  # reserved bits set
    b"\x83\x80\0\0\0\0",  # an opcode that does not exist
    b"\x82\x01x",  # not masked, as a client's frames must be
    b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",  # announces 2^63 bytes
    b"\x80\x80\0\0\0\0",  # continues nothing
], ids=["reserved", "opcode", "unmasked", "huge", "continuation"])
def test_malformed_frames_end_only_their_connection(
        address: tuple[str, int], frame: bytes) -> None:
    with contextlib.closing(_connect(address)) as connection:
        connection.sock.sendall(frame)
        opcode, _ = connection.recv_data(control_frame=True)
        assert opcode == websocket.ABNF.OPCODE_CLOSE
    with contextlib.closing(_connect(address)) as connection:
        connection.send(b"x")
        assert connection.recv() == b"answer to x"


def test_quit_and_good_bye_in_one_packet_end_the_server(address: tuple[str, int]) -> None:
    connection = _connect(address)
    quit_request = sc_pb.Request(quit=sc_pb.RequestQuit()).SerializeToString()
    connection.sock.sendall(
        websocket.ABNF.create_frame(quit_request, websocket.ABNF.OPCODE_TEXT).format()
        + websocket.ABNF.create_frame(b"", websocket.ABNF.OPCODE_CLOSE).format())
    _assert_gone(address)
    connection.close()


def test_quit_request_is_answered_and_ends_the_server(address: tuple[str, int]) -> None:
    connection = _connect(address)
    connection.send(sc_pb.Request(quit=sc_pb.RequestQuit()).SerializeToString())
    assert connection.recv().startswith(b"answer to ")
    opcode, _ = connection.recv_data(control_frame=True)
    assert opcode == websocket.ABNF.OPCODE_CLOSE
    connection.close()
    _assert_gone(address)


def _assert_gone(address: tuple[str, int]) -> None:
    for _ in range(50):
        try:
            socket.create_connection(address, timeout=1).close()
        except ConnectionRefusedError:
            return
        threading.Event().wait(0.1)
    pytest.fail("the server still accepts connections after a quit request")
