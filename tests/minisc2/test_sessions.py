"""Recorded sessions give the same observations again, on both transports."""

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator

import pytest
import websocket

from minisc2 import multiplayer, websocket_server
from minisc2.api import server
from tests.minisc2.sessions import session

SESSIONS = sorted(session.FOLDER.glob("*.json"))


@contextlib.contextmanager
def in_process() -> Iterator[Callable[[bytes], bytes]]:
    yield server.Server().handle_bytes


@contextlib.contextmanager
def through_a_socket() -> Iterator[Callable[[bytes], bytes]]:
    rendezvous = multiplayer.Rendezvous(lambda place: server.Server(multiplayer=place))
    client = multiplayer.Client(rendezvous, server.Server(multiplayer=rendezvous))
    listener = websocket_server.listen("127.0.0.1", 0)
    host, port = listener.getsockname()
    game = websocket_server.WebsocketServer(listener, client)
    thread = threading.Thread(target=game.serve_until_quit, daemon=True)
    thread.start()
    connection = websocket.create_connection(f"ws://{host}:{port}/sc2api", timeout=60)

    def ask(request: bytes) -> bytes:
        connection.send(request, websocket.ABNF.OPCODE_BINARY)
        return connection.recv()

    try:
        yield ask
    finally:
        connection.close()
        game.stop()
        thread.join(10)


def test_there_are_sessions_of_matches_and_of_mini_games():
    names = {session.Session.load(path).map_name for path in SESSIONS}
    assert {"Simple64", "Flat64", "BuildMarines", "DefeatRoaches"} <= names


@pytest.mark.parametrize("transport", [in_process, through_a_socket])
@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_recorded_session_is_observed_again(path, transport):
    recorded = session.Session.load(path)
    assert recorded.actions
    with transport() as ask:
        played = session.play(recorded, ask)
    # A change of the simulation that is meant: python -m tests.minisc2.sessions.renew
    assert played.digests == recorded.digests


def test_an_action_left_out_changes_what_is_observed():
    recorded = session.Session.load(session.FOLDER / "defeat_roaches.json")
    shorter = dataclasses.replace(recorded, actions=recorded.actions[:len(recorded.actions) // 2])
    assert session.play(shorter, server.Server().handle_bytes).digests != recorded.digests
