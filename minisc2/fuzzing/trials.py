"""One trial of each kind: a match of random play, and a stream of random requests."""

import random
import threading
import time

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2 import multiplayer
from minisc2.api import server
from minisc2.fuzzing import play, requests

FAILURE = "minisc2 failed"
"""What an answer says when the game itself is at fault, and not the request."""

_MAX_STEP = 16
_GAME_PORT = 1  # a name for the match; no port is opened within one process
_WAIT_SECONDS = 300.0


class BrokenError(Exception):
    """The game failed; the message says at which request of which seed."""


class _Client:
    """One client of a match; remembers the first failure."""

    def __init__(self, rendezvous: multiplayer.Rendezvous, seed: int):
        self.client = multiplayer.Client(rendezvous, server.Server(multiplayer=rendezvous))
        self._seed = seed

    def ask(self, request: sc2api_pb2.Request) -> sc2api_pb2.Response:
        """The response.

        Raises:
            BrokenError: it is an error: the requests of a match are all valid, but for those that
                come when the other client's step has just ended the game.
        """
        response = sc2api_pb2.Response.FromString(
            self.client.handle_bytes(request.SerializeToString()))
        if any("already ended" not in error for error in response.error):
            raise BrokenError(f"seed {self._seed}: {' '.join(response.error)}, at {request}")
        return response


def play_match(seed: int, max_game_loops: int) -> str:
    """Two random players play one match of Simple64 to its end, or until the limit.

    Args:
        seed: of everything.
        max_game_loops: when the clients leave an undecided match.

    Returns:
        How it went, in words.

    Raises:
        BrokenError: the game failed.
    """
    rng = random.Random(seed)
    rendezvous = multiplayer.Rendezvous(lambda place: server.Server(multiplayer=place))
    clients = [_Client(rendezvous, seed) for _ in range(2)]
    create = sc2api_pb2.RequestCreateGame(
        local_map=sc2api_pb2.LocalMap(map_path="Simple64"), random_seed=rng.getrandbits(32))
    for _ in clients:
        create.player_setup.add(type=sc2api_pb2.Participant)
    clients[0].ask(sc2api_pb2.Request(create_game=create))
    interfaces = [rng.choice(play.INTERFACES) for _ in clients]
    seeds = [rng.getrandbits(32) for _ in clients]
    outcomes: list[str] = ["", ""]
    failures: list[BaseException] = []

    def run(index: int) -> None:
        try:
            player_rng = random.Random(seeds[index])
            player = play.RandomPlayer(clients[index].ask, player_rng, interfaces[index])
            outcomes[index] = _play(clients[index], player, player_rng, max_game_loops)
        except BaseException as error:  # noqa: BLE001  raised again in the main thread
            failures.append(error)
        finally:
            clients[index].client.close()

    # Daemons, because the other client may wait for one that failed.
    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(2)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + _WAIT_SECONDS
    while any(thread.is_alive() for thread in threads) and not failures:
        threads[0].join(0.05)
        if time.monotonic() > deadline:
            raise BrokenError(f"seed {seed}: a client hangs after {_WAIT_SECONDS:g} s")
    if failures:
        raise failures[0]
    return f"{' against '.join(interfaces)}: {outcomes[0]}"


def _play(client: _Client, player: play.RandomPlayer, rng: random.Random, max_game_loops: int
          ) -> str:
    join = sc2api_pb2.RequestJoinGame(race=common_pb2.Terran, options=player.options())
    join.server_ports.game_port, join.server_ports.base_port = _GAME_PORT, _GAME_PORT
    join.client_ports.add(game_port=_GAME_PORT, base_port=_GAME_PORT)
    joined = client.ask(sc2api_pb2.Request(join_game=join)).join_game
    if joined.HasField("error"):
        raise BrokenError(f"the game cannot be joined: {joined.error_details}")
    num_actions = loop = 0
    while loop < max_game_loops:
        observed = client.ask(sc2api_pb2.Request(observation=sc2api_pb2.RequestObservation()))
        if observed.observation.player_result or observed.status != sc2api_pb2.in_game:
            return f"decided at loop {loop} after {num_actions} actions"
        actions = player.actions(observed.observation.observation)
        client.ask(sc2api_pb2.Request(action=sc2api_pb2.RequestAction(actions=actions)))
        num_actions += len(actions)
        step = sc2api_pb2.RequestStep(count=rng.randint(1, _MAX_STEP))
        loop = max(loop + 1, client.ask(sc2api_pb2.Request(step=step)).step.simulation_loop)
    return f"left at loop {loop} after {num_actions} actions"


def send_requests(rng: random.Random, num_requests: int) -> int:
    """Sends random bytes and random requests to one game, and makes sure that it lives on.

    Args:
        rng: of the requests.
        num_requests: how many.

    Returns:
        How many were answered by an error.

    Raises:
        BrokenError: the game failed, or no longer answers a ping.
    """
    target = server.Server()
    num_refused = 0
    for number in range(num_requests):
        if rng.random() < 0.2:
            sent: object = requests.random_bytes(rng)
            answer = target.handle_bytes(sent)
        else:
            sent = requests.random_request(rng)
            answer = target.handle_bytes(sent.SerializeToString())
        response = sc2api_pb2.Response.FromString(answer)
        if any(FAILURE in error for error in response.error):
            raise BrokenError(f"request {number}: {' '.join(response.error)}, at {sent!r}")
        num_refused += bool(response.error)
    ping = sc2api_pb2.Request(ping=sc2api_pb2.RequestPing())
    if not target.handle(ping).ping.game_version:
        raise BrokenError(f"after {num_requests} requests the game answers no ping")
    return num_refused
