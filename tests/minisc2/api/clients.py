"""A short-handed API client over a server in this process, and requests that tests share."""

from typing import Any

import numpy as np
from s2clientprotocol import common_pb2, debug_pb2, sc2api_pb2, ui_pb2

from minisc2.api import images, server
from minisc2.api import seat as seat_lib

DTYPES = {8: np.uint8, 32: np.int32}


def options(screen: tuple[int, int] | None = (64, 64), minimap: tuple[int, int] = (64, 64),
            width: float = 24, **values: bool) -> sc2api_pb2.InterfaceOptions:
    """Interface options with feature layers of (W, H), raw units and score."""
    message = sc2api_pb2.InterfaceOptions(**{"raw": True, "score": True, **values})
    if screen is not None:
        layer = message.feature_layer
        layer.width = width
        layer.resolution.x, layer.resolution.y = screen
        layer.minimap_resolution.x, layer.minimap_resolution.y = minimap
    return message


def create_request(map_name: str = "MoveToBeacon", seed: int | None = 1,
                   num_participants: int = 1, num_computers: int = 0,
                   difficulty: int = sc2api_pb2.VeryEasy,
                   **values: object) -> sc2api_pb2.RequestCreateGame:
    request = sc2api_pb2.RequestCreateGame(
        local_map=sc2api_pb2.LocalMap(map_path=map_name), **values)
    if seed is not None:
        request.random_seed = seed
    for _ in range(num_participants):
        request.player_setup.add(type=sc2api_pb2.Participant)
    for _ in range(num_computers):
        request.player_setup.add(type=sc2api_pb2.Computer, race=common_pb2.Terran,
                                 difficulty=difficulty)
    return request


class Client:
    """Sends requests as bytes, as a transport does; `error` responses raise AssertionError."""

    def __init__(self, multiplayer: object = None):
        self.server = server.Server(multiplayer=multiplayer)

    def send(self, **request: object) -> sc2api_pb2.Response:
        """The response, whatever it says."""
        message = sc2api_pb2.Request(id=7, **request)
        response = sc2api_pb2.Response.FromString(
            self.server.handle_bytes(message.SerializeToString()))
        assert response.id == 7
        return response

    def ask(self, **request: object) -> Any:  # the response part named by the request
        response = self.send(**request)
        assert not response.error, response.error
        (name,) = request
        return getattr(response, name)

    def play(self, map_name: str = "MoveToBeacon", seed: int = 1,
             interface: sc2api_pb2.InterfaceOptions | None = None, num_computers: int = 0,
             race: int = common_pb2.Terran, **create: object) -> "Client":
        """Creates a game for one client and joins it."""
        created = self.ask(create_game=create_request(map_name, seed, 1, num_computers, **create))
        assert not created.HasField("error"), created
        joined = self.ask(join_game=sc2api_pb2.RequestJoinGame(
            race=race, options=options() if interface is None else interface))
        assert not joined.HasField("error"), joined
        return self

    def observe(self, **request: object) -> sc2api_pb2.ResponseObservation:
        return self.ask(observation=sc2api_pb2.RequestObservation(**request))

    def step(self, count: int = 1) -> int:
        return self.ask(step=sc2api_pb2.RequestStep(count=count)).simulation_loop

    def act(self, *actions: sc2api_pb2.Action) -> list[int]:
        return list(self.ask(action=sc2api_pb2.RequestAction(actions=actions)).result)

    def debug(self, **command: object) -> None:
        self.ask(debug=sc2api_pb2.RequestDebug(debug=[debug_pb2.DebugCommand(**command)]))

    def create_units(self, unit_type: int, owner: int, x: float, y: float, quantity: int = 1
                     ) -> None:
        self.debug(create_unit=debug_pb2.DebugCreateUnit(
            unit_type=unit_type, owner=owner, pos=common_pb2.Point2D(x=x, y=y),
            quantity=quantity))

    @property
    def seat(self) -> seat_lib.Seat:
        """The server's own state of this player, to place things and look at them."""
        return self.server._seat


def layer(image: common_pb2.ImageData) -> np.ndarray:
    """An image message as [H, W]."""
    if image.bits_per_pixel == 1:
        bits = np.unpackbits(np.frombuffer(image.data, np.uint8))
        assert len(image.data) == images.num_bytes(1, image.size.x, image.size.y)
        return bits[:image.size.x * image.size.y].reshape(image.size.y, image.size.x)
    return np.frombuffer(image.data, DTYPES[image.bits_per_pixel]).reshape(
        image.size.y, image.size.x)


def screen(observation: sc2api_pb2.ResponseObservation, name: str) -> np.ndarray:
    return layer(getattr(observation.observation.feature_layer_data.renders, name))


def minimap(observation: sc2api_pb2.ResponseObservation, name: str) -> np.ndarray:
    return layer(getattr(observation.observation.feature_layer_data.minimap_renders, name))


def select_point(x: int, y: int, kind: int = 1) -> sc2api_pb2.Action:
    action = sc2api_pb2.Action()
    point = action.action_feature_layer.unit_selection_point
    point.selection_screen_coord.x, point.selection_screen_coord.y, point.type = x, y, kind
    return action


def select_rect(x0: int, y0: int, x1: int, y1: int, add: bool = False) -> sc2api_pb2.Action:
    action = sc2api_pb2.Action()
    rect = action.action_feature_layer.unit_selection_rect
    rect.selection_screen_coord.add(p0=common_pb2.PointI(x=x0, y=y0),
                                    p1=common_pb2.PointI(x=x1, y=y1))
    rect.selection_add = add
    return action


def command_screen(ability_id: int, x: int, y: int, queued: bool = False) -> sc2api_pb2.Action:
    action = sc2api_pb2.Action()
    command = action.action_feature_layer.unit_command
    command.ability_id, command.queue_command = ability_id, queued
    command.target_screen_coord.x, command.target_screen_coord.y = x, y
    return action


def command_minimap(ability_id: int, x: int, y: int) -> sc2api_pb2.Action:
    action = sc2api_pb2.Action()
    command = action.action_feature_layer.unit_command
    command.ability_id = ability_id
    command.target_minimap_coord.x, command.target_minimap_coord.y = x, y
    return action


def command_quick(ability_id: int) -> sc2api_pb2.Action:
    action = sc2api_pb2.Action()
    action.action_feature_layer.unit_command.ability_id = ability_id
    return action


def ui(**values: object) -> sc2api_pb2.Action:
    return sc2api_pb2.Action(action_ui=ui_pb2.ActionUI(**values))


def group(action: int, index: int) -> sc2api_pb2.Action:
    return ui(control_group=ui_pb2.ActionControlGroup(action=action, control_group_index=index))
