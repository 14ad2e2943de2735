"""Matches of several clients in threads, as pysc2 plays them, and replays of matches."""

import threading
from collections.abc import Callable
from typing import Any

import portpicker
from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2 import multiplayer
from minisc2.api import server
from tests.minisc2.api import clients

PATIENCE_SECONDS = 30


class Table:
    """Clients at one match: those that play first, then those that observe.

    Attributes:
        clients: all of them; the first is the host.
        joined: their answers to join_game.
    """

    def __init__(self, map_name: str = "Flat64", num_players: int = 2, num_computers: int = 0,
                 observed: tuple[int, ...] = (), **create: object):
        """Creates and joins.

        Args:
            map_name: of the map.
            num_players: clients that play.
            num_computers: computer players.
            observed: for each observer, whose eyes it looks through.
            **create: further fields of the create request.
        """
        meeting = multiplayer.Rendezvous(lambda place: server.Server(multiplayer=place))
        self.clients = [clients.Client(meeting) for _ in range(num_players + len(observed))]
        request = clients.create_request(map_name, 1, num_players, num_computers, **create)
        for _ in observed:
            request.player_setup.add(type=sc2api_pb2.Observer)
        created = self.clients[0].ask(create_game=request)
        assert not created.HasField("error"), created
        port = portpicker.pick_unused_port()
        ports = sc2api_pb2.PortSet(game_port=port, base_port=port)
        places = [{"race": common_pb2.Terran}] * num_players + [
            {"observed_player_id": player_id} for player_id in observed]
        self.joined = self.all(lambda client: client.ask(join_game=sc2api_pb2.RequestJoinGame(
            options=clients.options(), server_ports=ports, client_ports=[ports],
            **places[self.clients.index(client)])))

    def all(self, function: Callable[[clients.Client], Any]) -> list[Any]:
        """Calls the function for each client at the same time; returns all results."""
        results = [None] * len(self.clients)
        failures: list[BaseException] = []

        def call(index: int) -> None:
            try:
                results[index] = function(self.clients[index])
            except BaseException as error:  # noqa: BLE001 - raised below, where it is seen
                failures.append(error)

        threads = [threading.Thread(target=call, args=(index,), daemon=True)
                   for index in range(len(self.clients))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "a client waits for ever"
        if failures:
            raise failures[0]
        return results

    def step(self, count: int = 1) -> None:
        """All clients step together."""
        self.all(lambda client: client.step(count))


def play_a_while(client: clients.Client, num_steps: int = 12
                 ) -> list[sc2api_pb2.ResponseObservation]:
    """Observations of a short game with a few actions in it."""
    seen = []
    client.act(clients.ui(select_army={}))
    for number in range(num_steps):
        client.act(clients.command_screen(23, 5 + 4 * number, 60 - 5 * number, number % 3 == 0))
        client.step(1 + number)
        seen.append(client.observe())
    return seen


def saved_replay(client: clients.Client) -> bytes:
    """The replay of a client's match up to now."""
    return client.ask(save_replay=sc2api_pb2.RequestSaveReplay()).data


def watch(data: bytes, interface: sc2api_pb2.InterfaceOptions | None = None, **request: object
          ) -> clients.Client:
    """A client that watches a replay from its first loop on, as player 1 unless said otherwise."""
    client = clients.Client()
    started = client.ask(start_replay=sc2api_pb2.RequestStartReplay(
        replay_data=data, options=interface or clients.options(),
        **{"observed_player_id": 1, **request}))
    assert not started.HasField("error"), started
    return client
