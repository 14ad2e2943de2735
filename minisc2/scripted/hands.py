"""What hands do: the actions of mouse and keyboard, as the API takes them."""

from s2clientprotocol import common_pb2, sc2api_pb2, spatial_pb2, ui_pb2

Pixel = tuple[int, int]

_POINT = spatial_pb2.ActionSpatialUnitSelectionPoint
_GROUP = ui_pb2.ActionControlGroup
_IDLE = ui_pb2.ActionSelectIdleWorker


def _point(pixel: Pixel) -> common_pb2.PointI:
    return common_pb2.PointI(x=int(pixel[0]), y=int(pixel[1]))


def move_camera(minimap_xy: Pixel) -> sc2api_pb2.Action:
    """A click on the minimap."""
    action = sc2api_pb2.Action()
    action.action_feature_layer.camera_move.center_minimap.CopyFrom(_point(minimap_xy))
    return action


def select_point(screen_xy: Pixel, add: bool = False, all_of_type: bool = False
                 ) -> sc2api_pb2.Action:
    """A click on the screen.

    Args:
        screen_xy: where.
        add: with Shift: adds the unit to the selection, or takes it out.
        all_of_type: with Ctrl: everything of its type on the screen.
    """
    action = sc2api_pb2.Action()
    point = action.action_feature_layer.unit_selection_point
    point.selection_screen_coord.CopyFrom(_point(screen_xy))
    if all_of_type:
        point.type = _POINT.AddAllType if add else _POINT.AllType
    else:
        point.type = _POINT.Toggle if add else _POINT.Select
    return action


def select_rectangle(corner: Pixel, opposite: Pixel) -> sc2api_pb2.Action:
    """A box drawn on the screen."""
    action = sc2api_pb2.Action()
    rectangle = action.action_feature_layer.unit_selection_rect.selection_screen_coord.add()
    rectangle.p0.CopyFrom(_point(corner))
    rectangle.p1.CopyFrom(_point(opposite))
    return action


def select_idle_worker(select_all: bool = False) -> sc2api_pb2.Action:
    """The key for the next idle worker, or for all of them."""
    action = sc2api_pb2.Action()
    action.action_ui.select_idle_worker.type = _IDLE.All if select_all else _IDLE.Set
    return action


def select_army() -> sc2api_pb2.Action:
    """The key for all that fights."""
    action = sc2api_pb2.Action()
    action.action_ui.select_army.selection_add = False
    return action


def recall_group(index: int) -> sc2api_pb2.Action:
    """The key of a control group."""
    return _group(index, _GROUP.Recall)


def set_group(index: int) -> sc2api_pb2.Action:
    """Makes the selection a control group."""
    return _group(index, _GROUP.Set)


def append_to_group(index: int, steal: bool = False) -> sc2api_pb2.Action:
    """Adds the selection to a control group; `steal` takes it out of all others."""
    return _group(index, _GROUP.AppendAndSteal if steal else _GROUP.Append)


def _group(index: int, what: int) -> sc2api_pb2.Action:
    action = sc2api_pb2.Action()
    action.action_ui.control_group.action = what
    action.action_ui.control_group.control_group_index = index
    return action


def command(ability_id: int, screen_xy: Pixel | None = None, minimap_xy: Pixel | None = None,
            queued: bool = False) -> sc2api_pb2.Action:
    """A command to the selection.

    Args:
        ability_id: what to do.
        screen_xy: where on the screen.
        minimap_xy: or where on the minimap.
        queued: with Shift: after what the units are doing.
    """
    action = sc2api_pb2.Action()
    unit_command = action.action_feature_layer.unit_command
    unit_command.ability_id = ability_id
    if screen_xy is not None:
        unit_command.target_screen_coord.CopyFrom(_point(screen_xy))
    elif minimap_xy is not None:
        unit_command.target_minimap_coord.CopyFrom(_point(minimap_xy))
    if queued:
        unit_command.queue_command = True
    return action
