"""Executed actions in the pixels of whoever looks on, as in a replay at another size."""

from s2clientprotocol import common_pb2, sc2api_pb2, spatial_pb2

from minisc2.api import frames
from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib

_Frames = tuple[frames.ScreenFrame, frames.MinimapFrame]


def for_viewer(executed: seat_lib.Executed, played: interface_lib.Interface,
               viewed: interface_lib.Interface) -> sc2api_pb2.Action:
    """An executed action as a viewer's interface reports it.

    Args:
        executed: the action in the coordinates of the interface it was played by.
        played: that interface.
        viewed: the viewer's.

    Returns:
        The action; spatial parts are left out for a viewer without such images.
    """
    if played == viewed:
        return executed.action
    action = sc2api_pb2.Action()
    action.CopyFrom(executed.action)
    if action.HasField("action_raw"):
        _convert_raw(action, played, viewed)
    for name, played_frames, viewed_frames in (
            ("action_feature_layer", (played.screen, played.minimap),
             (viewed.screen, viewed.minimap)),
            ("action_render", (played.rgb_screen, played.rgb_minimap),
             (viewed.rgb_screen, viewed.rgb_minimap))):
        if action.HasField(name):
            if viewed_frames[0] is None:
                action.ClearField(name)
            elif played_frames != viewed_frames:
                _convert_spatial(getattr(action, name), executed, played_frames, viewed_frames)
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


def _convert_spatial(spatial: spatial_pb2.ActionSpatial, executed: seat_lib.Executed,
                     played: _Frames, viewed: _Frames) -> None:
    camera_xy = executed.camera_xy
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
        world_xy = played[0].screen_to_world(camera_xy, (point.x, point.y))
        xy = viewed[0].world_to_screen(camera_xy, world_xy)
        if executed.met and not _meets(viewed[0], camera_xy, xy, executed.met):
            xy = viewed[0].world_to_screen(camera_xy, executed.met[:2])
        _move(point, xy, viewed[0])
    for point in minimap_points:
        world_xy = played[1].minimap_to_world((point.x, point.y))
        _move(point, viewed[1].world_to_minimap(world_xy), viewed[1])


def _meets(frame: frames.ScreenFrame, camera_xy: tuple[float, float], xy: tuple[float, float],
           unit: tuple[float, float, float]) -> bool:
    """Whether a click at a point of the screen meets a unit (x, y, radius).

    In coarser pixels one beside a small unit often does not show it.
    """
    return frame.covers(camera_xy, unit, (int(xy[0]), int(xy[1])) * 2)


def _move(point: common_pb2.PointI, xy: tuple[float, float],
          frame: frames.ScreenFrame | frames.MinimapFrame) -> None:
    """Sets a point to the pixel of continuous coordinates, or to the nearest one there is."""
    point.x = min(max(int(xy[0]), 0), frame.width - 1)
    point.y = min(max(int(xy[1]), 0), frame.height - 1)
