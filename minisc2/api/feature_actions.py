"""Actions in pixels of the feature layers: commands, camera moves, selecting by point and box."""

from s2clientprotocol import common_pb2, error_pb2, sc2api_pb2, spatial_pb2

from minisc2.api import commands, tables
from minisc2.api import seat as seat_lib
from minisc2.game import units

_POINT = spatial_pb2.ActionSpatialUnitSelectionPoint


def apply(seat: seat_lib.Seat, spatial: spatial_pb2.ActionSpatial) -> int:
    """Applies one spatial action of a player.

    Returns:
        error_pb2.ActionResult; Error for a pixel that does not exist or without feature layers.
    """
    if seat.interface.screen is None:
        return error_pb2.Error
    echo = sc2api_pb2.Action(action_feature_layer=spatial)
    kind = spatial.WhichOneof("action")
    if kind == "unit_command":
        return _unit_command(seat, spatial.unit_command, echo)
    if kind == "camera_move":
        return _camera_move(seat, spatial.camera_move)
    if kind == "unit_selection_point":
        return _select_point(seat, spatial.unit_selection_point, echo)
    if kind == "unit_selection_rect":
        return _select_rect(seat, spatial.unit_selection_rect, echo)
    return error_pb2.Success  # an empty action does nothing


def _pixel(point: common_pb2.PointI) -> tuple[int, int]:
    return point.x, point.y


def _unit_command(seat: seat_lib.Seat, action: spatial_pb2.ActionSpatialUnitCommand,
                  echo: sc2api_pb2.Action) -> int:
    interface = seat.interface
    target: tuple[float, float] | units.Unit | None = None
    if action.HasField("target_screen_coord"):
        pixel = _pixel(action.target_screen_coord)
        if not interface.screen.contains(pixel):
            return error_pb2.Error
        target = _target_at(seat, pixel, action.ability_id)
    elif action.HasField("target_minimap_coord"):
        pixel = _pixel(action.target_minimap_coord)
        if not interface.minimap.contains(pixel):
            return error_pb2.Error
        target = interface.minimap.minimap_to_world(pixel)
    return commands.command(seat, seat.selection.selected_units(), action.ability_id, target,
                            action.queue_command, echo)


def _target_at(seat: seat_lib.Seat, pixel: tuple[int, int], ability_id: int
               ) -> tuple[float, float] | units.Unit:
    """What a click means: the unit under it where the ability can take one, else the ground."""
    if tables.takes_unit(ability_id):
        selected = seat.selection.tags
        for unit in seat.units_at(pixel):
            if unit.type.is_targetable and unit.tag not in selected:
                return unit
    return seat.interface.screen.screen_to_world(seat.camera_xy, pixel)


def _camera_move(seat: seat_lib.Seat, action: spatial_pb2.ActionSpatialCameraMove) -> int:
    pixel = _pixel(action.center_minimap)
    if not seat.interface.minimap.contains(pixel):
        return error_pb2.Error
    if seat.move_camera(seat.interface.minimap.minimap_to_world(pixel)):
        echo = seat.camera_action(seat.camera_xy)
        echo.action_feature_layer.camera_move.CopyFrom(action)
        seat.report(echo)
    return error_pb2.Success


def _select_point(seat: seat_lib.Seat, action: spatial_pb2.ActionSpatialUnitSelectionPoint,
                  echo: sc2api_pb2.Action) -> int:
    pixel = _pixel(action.selection_screen_coord)
    if not seat.interface.screen.contains(pixel):
        return error_pb2.Error
    seat.report(echo)
    under = [unit for unit in seat.units_at(pixel) if unit.type.is_selectable]
    if not under:
        return error_pb2.Success
    unit = under[0]
    if action.type == _POINT.Toggle:
        seat.selection.toggle(unit.tag)
    elif action.type in (_POINT.AllType, _POINT.AddAllType):
        frame = seat.interface.screen
        same = [other.tag for other in seat.units_in((0, 0, frame.width - 1, frame.height - 1))
                if other.unit_type == unit.unit_type and other.owner == unit.owner]
        seat.selection.select(sorted(same), add=action.type == _POINT.AddAllType)
    else:
        seat.selection.select((unit.tag,))
    return error_pb2.Success


def _select_rect(seat: seat_lib.Seat, action: spatial_pb2.ActionSpatialUnitSelectionRect,
                 echo: sc2api_pb2.Action) -> int:
    inside: dict[int, units.Unit] = {}
    for rectangle in action.selection_screen_coord:
        p0, p1 = rectangle.p0, rectangle.p1
        if not (seat.interface.screen.contains(_pixel(p0))
                and seat.interface.screen.contains(_pixel(p1))):
            return error_pb2.Error
        for unit in seat.units_in((min(p0.x, p1.x), min(p0.y, p1.y),
                                   max(p0.x, p1.x), max(p0.y, p1.y))):
            if unit.owner == seat.player_id and unit.type.is_selectable:
                inside[unit.tag] = unit
    seat.report(echo)
    # A box over units and structures takes the units only.
    mobile = [tag for tag, unit in inside.items() if not unit.is_structure]
    seat.selection.select(sorted(mobile or inside), add=action.selection_add)
    return error_pb2.Success
