"""Actions in raw coordinates, on units named by their tags."""

import math

from s2clientprotocol import error_pb2, raw_pb2, sc2api_pb2

from minisc2.api import commands
from minisc2.api import seat as seat_lib
from minisc2.game import units


def apply(seat: seat_lib.Seat, raw: raw_pb2.ActionRaw) -> int:
    """Applies one raw action of a player.

    Returns:
        error_pb2.ActionResult; Error for coordinates that are not finite.
    """
    kind = raw.WhichOneof("action")
    if not all(map(math.isfinite, _numbers(raw))):
        return error_pb2.Error
    if kind == "unit_command":
        return _unit_command(seat, raw.unit_command)
    if kind == "camera_move":
        center = raw.camera_move.center_world_space
        if seat.move_camera(seat.interface.raw.raw_to_world((center.x, center.y))):
            seat.report(seat.camera_action(seat.camera_xy))
        return error_pb2.Success
    if kind == "toggle_autocast":
        return commands.autocast(seat, _units(seat, raw.toggle_autocast.unit_tags),
                                 raw.toggle_autocast.ability_id,
                                 sc2api_pb2.Action(action_raw=raw))
    return error_pb2.Success  # an empty action does nothing


def _numbers(raw: raw_pb2.ActionRaw) -> tuple[float, ...]:
    """The coordinates in an action."""
    center = raw.camera_move.center_world_space
    target = raw.unit_command.target_world_space_pos
    return center.x, center.y, target.x, target.y


def _units(seat: seat_lib.Seat, tags: list[int]) -> list[units.Unit]:
    world_units = seat.world.units
    return [world_units[tag] for tag in dict.fromkeys(tags) if tag in world_units]


def _unit_command(seat: seat_lib.Seat, action: raw_pb2.ActionRawUnitCommand) -> int:
    target: tuple[float, float] | units.Unit | None = None
    if action.HasField("target_world_space_pos"):
        position = action.target_world_space_pos
        target = seat.interface.raw.raw_to_world((position.x, position.y))
    elif action.HasField("target_unit_tag"):
        target = seat.world.units.get(action.target_unit_tag)
        if target is None:
            result = error_pb2.CantTargetDeadUnits
        elif not seat.world.display_type(seat.player_id, target):
            result = error_pb2.MustTargetVisibleUnit
        else:
            result = error_pb2.Success
        if result != error_pb2.Success:
            seat.report_error(action.unit_tags[0] if action.unit_tags else 0, action.ability_id,
                              result)
            return result
    ordered = _units(seat, action.unit_tags)
    if seat.interface.options.raw_affects_selection:
        seat.selection.select(unit.tag for unit in ordered if unit.owner == seat.player_id)
    return commands.command(seat, ordered, action.ability_id, target, action.queue_command,
                            _echo(seat, action, target))


def _echo(seat: seat_lib.Seat, action: raw_pb2.ActionRawUnitCommand,
          target: tuple[float, float] | units.Unit | None) -> sc2api_pb2.Action:
    """The click by which a person would have done the same.

    As in recorded observations of the real game: a raw command is reported as a spatial one, too,
    at the nearest pixel of the screen if its target is off it.
    """
    echo = sc2api_pb2.Action()
    interface = seat.interface
    for frame, spatial in ((interface.screen, echo.action_feature_layer),
                           (interface.rgb_screen, echo.action_render)):
        if frame is None:
            continue
        command = spatial.unit_command
        command.ability_id = action.ability_id
        if action.queue_command:
            command.queue_command = True
        if target is not None:
            xy = (target.x, target.y) if isinstance(target, units.Unit) else target
            x, y = frame.world_to_screen(seat.camera_xy, xy)
            command.target_screen_coord.x = min(max(int(x), 0), frame.width - 1)
            command.target_screen_coord.y = min(max(int(y), 0), frame.height - 1)
    return echo
