"""Actions in pixels of the screen and minimap: commands, camera, selecting by point and by box."""

import dataclasses

from s2clientprotocol import common_pb2, error_pb2, sc2api_pb2, spatial_pb2

from minisc2.api import commands, frames, tables
from minisc2.api import seat as seat_lib
from minisc2.game import units

_POINT = spatial_pb2.ActionSpatialUnitSelectionPoint


@dataclasses.dataclass(frozen=True)
class _Context:
    """One spatial action on its way: whose it is, which pixels it means, and how it is reported."""

    seat: seat_lib.Seat
    screen: frames.ScreenFrame
    minimap: frames.MinimapFrame
    echo: sc2api_pb2.Action


def apply(seat: seat_lib.Seat, spatial: spatial_pb2.ActionSpatial, is_rgb: bool) -> int:
    """Applies one spatial action of a player.

    Args:
        seat: of the player.
        spatial: the action.
        is_rgb: whether its pixels are those of the rendered images, not of the feature layers.

    Returns:
        error_pb2.ActionResult; Error for a pixel that does not exist, or without such images.
    """
    interface = seat.interface
    screen, minimap = ((interface.rgb_screen, interface.rgb_minimap) if is_rgb
                       else (interface.screen, interface.minimap))
    if screen is None:
        return error_pb2.Error
    echo = (sc2api_pb2.Action(action_render=spatial) if is_rgb
            else sc2api_pb2.Action(action_feature_layer=spatial))
    kind = spatial.WhichOneof("action")
    if kind is None:
        return error_pb2.Success  # an empty action does nothing
    return _HANDLERS[kind](_Context(seat, screen, minimap, echo), getattr(spatial, kind))


def _pixel(point: common_pb2.PointI) -> tuple[int, int]:
    return point.x, point.y


def _unit_command(context: _Context, action: spatial_pb2.ActionSpatialUnitCommand) -> int:
    target: tuple[float, float] | units.Unit | None = None
    if action.HasField("target_screen_coord"):
        pixel = _pixel(action.target_screen_coord)
        if not context.screen.contains(pixel):
            return error_pb2.Error
        target = _target_at(context, pixel, action.ability_id)
    elif action.HasField("target_minimap_coord"):
        pixel = _pixel(action.target_minimap_coord)
        if not context.minimap.contains(pixel):
            return error_pb2.Error
        target = context.minimap.minimap_to_world(pixel)
    seat = context.seat
    return commands.command(seat, seat.selection.selected_units(), action.ability_id, target,
                            action.queue_command, context.echo)


def _target_at(context: _Context, pixel: tuple[int, int], ability_id: int
               ) -> tuple[float, float] | units.Unit:
    """What a click means: the unit under it where the ability can take one, else the ground."""
    seat = context.seat
    if tables.takes_unit(ability_id):
        selected = seat.selection.tags
        for unit in seat.units_in(context.screen, (*pixel, *pixel), with_resources=True):
            if unit.type.is_targetable and unit.tag not in selected:
                return unit
    return context.screen.screen_to_world(seat.camera_xy, pixel)


def _camera_move(context: _Context, action: spatial_pb2.ActionSpatialCameraMove) -> int:
    pixel = _pixel(action.center_minimap)
    if not context.minimap.contains(pixel):
        return error_pb2.Error
    seat = context.seat
    if seat.move_camera(context.minimap.minimap_to_world(pixel)):
        echo = seat.camera_action(seat.camera_xy)
        echo.MergeFrom(context.echo)  # the very pixel that was sent
        seat.report(echo)
    return error_pb2.Success


def _select_point(context: _Context, action: spatial_pb2.ActionSpatialUnitSelectionPoint) -> int:
    pixel = _pixel(action.selection_screen_coord)
    if not context.screen.contains(pixel):
        return error_pb2.Error
    seat = context.seat
    under = [unit for unit in seat.units_in(context.screen, (*pixel, *pixel))
             if unit.type.is_selectable]
    seat.report(context.echo, under[0] if under else None)
    if not under:
        return error_pb2.Success
    unit = under[0]
    if action.type == _POINT.Toggle:
        seat.selection.toggle(unit.tag)
    elif action.type in (_POINT.AllType, _POINT.AddAllType):
        whole = (0, 0, context.screen.width - 1, context.screen.height - 1)
        same = [other.tag for other in seat.units_in(context.screen, whole)
                if other.unit_type == unit.unit_type and other.owner == unit.owner]
        seat.selection.select(sorted(same), add=action.type == _POINT.AddAllType)
    else:
        seat.selection.select((unit.tag,))
    return error_pb2.Success


def _select_rect(context: _Context, action: spatial_pb2.ActionSpatialUnitSelectionRect) -> int:
    seat = context.seat
    inside: dict[int, units.Unit] = {}
    for rectangle in action.selection_screen_coord:
        p0, p1 = rectangle.p0, rectangle.p1
        if not (context.screen.contains(_pixel(p0)) and context.screen.contains(_pixel(p1))):
            return error_pb2.Error
        box = (min(p0.x, p1.x), min(p0.y, p1.y), max(p0.x, p1.x), max(p0.y, p1.y))
        for unit in seat.units_in(context.screen, box):
            if unit.owner == seat.player_id and unit.type.is_selectable:
                inside[unit.tag] = unit
    seat.report(context.echo)
    # A box over units and structures takes the units only.
    mobile = [tag for tag, unit in inside.items() if not unit.is_structure]
    seat.selection.select(sorted(mobile or inside), add=action.selection_add)
    return error_pb2.Success


_HANDLERS = {
    "unit_command": _unit_command,
    "camera_move": _camera_move,
    "unit_selection_point": _select_point,
    "unit_selection_rect": _select_rect,
}
