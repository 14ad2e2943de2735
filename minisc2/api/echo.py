"""Executed actions in the pixels of whoever looks on, as in a replay at another size."""

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib


def for_viewer(executed: seat_lib.Executed, played: interface_lib.Interface,
               viewed: interface_lib.Interface) -> sc2api_pb2.Action:
    """An executed action as a viewer's interface reports it.

    Args:
        executed: the action in the coordinates of the interface it was played by.
        played: that interface.
        viewed: the viewer's.

    Returns:
        The action; its spatial part is left out for a viewer without feature layers.
    """
    if played == viewed:
        return executed.action
    action = sc2api_pb2.Action()
    action.CopyFrom(executed.action)
    if action.HasField("action_raw"):
        _convert_raw(action, played, viewed)
    if action.HasField("action_feature_layer"):
        if viewed.screen is None:
            action.ClearField("action_feature_layer")
        elif (played.screen, played.minimap) != (viewed.screen, viewed.minimap):
            _convert_spatial(action, executed.camera_xy, played, viewed)
    return action


def _convert_raw(action: sc2api_pb2.Action, played: interface_lib.Interface,
                 viewed: interface_lib.Interface) -> None:
    raw = action.action_raw
    points = []
    if raw.HasField("camera_move"):
        points.append(raw.camera_move.center_world_space)
    if raw.unit_command.HasField("target_world_space_pos"):
        points.append(raw.unit_command.target_world_space_pos)
    for point in points:
        point.x, point.y = viewed.raw.world_to_raw(played.raw.raw_to_world((point.x, point.y)))


def _convert_spatial(action: sc2api_pb2.Action, camera_xy: tuple[float, float],
                     played: interface_lib.Interface, viewed: interface_lib.Interface) -> None:
    spatial = action.action_feature_layer
    kind = spatial.WhichOneof("action")
    screen_points: list[common_pb2.PointI] = []
    minimap_points: list[common_pb2.PointI] = []
    if kind == "camera_move":
        minimap_points.append(spatial.camera_move.center_minimap)
    elif kind == "unit_selection_point":
        screen_points.append(spatial.unit_selection_point.selection_screen_coord)
    elif kind == "unit_selection_rect":
        for rectangle in spatial.unit_selection_rect.selection_screen_coord:
            screen_points.extend((rectangle.p0, rectangle.p1))
    elif spatial.unit_command.HasField("target_screen_coord"):
        screen_points.append(spatial.unit_command.target_screen_coord)
    elif spatial.unit_command.HasField("target_minimap_coord"):
        minimap_points.append(spatial.unit_command.target_minimap_coord)
    for point in screen_points:
        world_xy = played.screen.screen_to_world(camera_xy, (point.x, point.y))
        x, y = viewed.screen.world_to_screen(camera_xy, world_xy)
        point.x = min(max(int(x), 0), viewed.screen.width - 1)
        point.y = min(max(int(y), 0), viewed.screen.height - 1)
    for point in minimap_points:
        x, y = viewed.minimap.world_to_minimap(
            played.minimap.minimap_to_world((point.x, point.y)))
        point.x = min(max(int(x), 0), viewed.minimap.width - 1)
        point.y = min(max(int(y), 0), viewed.minimap.height - 1)
