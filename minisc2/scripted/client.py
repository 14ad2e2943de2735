"""A client of the StarCraft II API over a server in this process: all that players know of a game.

Requests and answers are serialized, as with the real game, so that nothing else is shared.
"""

from typing import Any

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2.api import server as server_lib

CAMERA_WIDTH = 24.0
"""World cells that the screen shows from left to right: what pysc2 takes unless told otherwise."""


class GameError(RuntimeError):
    """The game refused a request; the message says which and why."""


class Client:
    """Sends one request at a time.

    Attributes:
        server: the game, for what has no request: the recording of the match.
    """

    def __init__(self, server: server_lib.Server | None = None):
        """Talks to `server`; None starts a game."""
        self.server = server or server_lib.Server()

    def ask(self, **request: Any) -> Any:
        """Returns the part of the answer that belongs to the one request named.

        Raises:
            GameError: the game refused it.
        """
        (name,) = request
        response = sc2api_pb2.Response.FromString(
            self.server.handle_bytes(sc2api_pb2.Request(**request).SerializeToString()))
        part = getattr(response, name)
        if response.error:
            raise GameError(f"The game refused {name}: {'; '.join(response.error)}")
        if "error" in part.DESCRIPTOR.fields_by_name and part.HasField("error"):
            raise GameError(f"The game refused {name}: {part.error_details or part.error}")
        return part

    def join(self, map_name: str, seed: int, opponent: sc2api_pb2.PlayerSetup | None,
             options: sc2api_pb2.InterfaceOptions, name: str = "") -> None:
        """Begins a match as Terran.

        Args:
            map_name: as the game names it.
            seed: of the match.
            opponent: a computer player, or None for nobody.
            options: which observations are wanted.
            name: of the player.

        Raises:
            GameError: there is no such map, or the options cannot be served.
        """
        request = sc2api_pb2.RequestCreateGame(
            local_map=sc2api_pb2.LocalMap(map_path=map_name), random_seed=seed)
        request.player_setup.add(type=sc2api_pb2.Participant)
        if opponent is not None:
            request.player_setup.append(opponent)
        self.ask(create_game=request)
        self.ask(join_game=sc2api_pb2.RequestJoinGame(
            race=common_pb2.Terran, options=options, player_name=name))

    def leave(self) -> None:
        """Leaves the match, decided or not."""
        self.ask(leave_game=sc2api_pb2.RequestLeaveGame())

    def observe(self) -> sc2api_pb2.ResponseObservation:
        """What is to be seen now."""
        return self.ask(observation=sc2api_pb2.RequestObservation())

    def act(self, action: sc2api_pb2.Action) -> int:
        """Acts once. Returns an error_pb2.ActionResult."""
        return self.ask(action=sc2api_pb2.RequestAction(actions=[action])).result[0]

    def step(self, num_game_loops: int) -> int:
        """Lets time pass. Returns the game loop reached."""
        return self.ask(step=sc2api_pb2.RequestStep(count=num_game_loops)).simulation_loop


def feature_layers(resolution: int) -> sc2api_pb2.InterfaceOptions:
    """Options for a screen and a minimap of `resolution` x `resolution` pixels, and no more."""
    options = sc2api_pb2.InterfaceOptions()
    layers = options.feature_layer
    layers.width = CAMERA_WIDTH
    layers.resolution.x = layers.resolution.y = resolution
    layers.minimap_resolution.x = layers.minimap_resolution.y = resolution
    return options
