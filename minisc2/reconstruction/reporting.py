"""What players did, as the API reports it in `observation.actions`.

Commands, control groups and camera moves are told by the replay. Of selections it tells only the
result; the click, box or key that would have had that result is inferred. So is a click on the
minimap, where the target of a command is not on the screen: games that are played over the API do
not note it, and people's screens show more of the map than the screen of the interface.
"""

from collections.abc import Iterable, Sequence

from s2clientprotocol import common_pb2, sc2api_pb2, spatial_pb2, ui_pb2

from minisc2.api import seat as seat_lib
from minisc2.api import selection, tables
from minisc2.game import units
from minisc2.reconstruction import inputs

_CLICK = spatial_pb2.ActionSpatialUnitSelectionPoint
_PANEL = ui_pb2.ActionMultiPanel
_UPDATES = {
    inputs.GroupUpdate.SET: ui_pb2.ActionControlGroup.Set,
    inputs.GroupUpdate.APPEND: ui_pb2.ActionControlGroup.Append,
    inputs.GroupUpdate.RECALL: ui_pb2.ActionControlGroup.Recall,
    inputs.GroupUpdate.SET_AND_STEAL: ui_pb2.ActionControlGroup.SetAndSteal,
    inputs.GroupUpdate.APPEND_AND_STEAL: ui_pb2.ActionControlGroup.AppendAndSteal}

_MARGIN = 1.0
"""Cells beyond the screen that its outermost pixels stand for."""

Action = sc2api_pb2.Action


def command(seat: seat_lib.Seat, given: inputs.Command, obeying: Sequence[int]) -> Action:
    """A command, with the tags of the units that take part in it."""
    if given.slot >= 0:
        return _slot(given)
    if given.is_autocast:
        action = Action()
        action.action_raw.toggle_autocast.ability_id = given.ability_id
        action.action_raw.toggle_autocast.unit_tags.extend(obeying)
        action.action_ui.toggle_autocast.ability_id = given.ability_id
        return action
    action = Action()
    raw = action.action_raw.unit_command
    raw.ability_id = given.ability_id
    raw.unit_tags.extend(obeying)
    if given.is_queued:
        raw.queue_command = True
    if given.target_tag:
        raw.target_unit_tag = given.target_tag
    elif given.target_xy is not None:
        x, y = seat.interface.raw.world_to_raw(given.target_xy)
        raw.target_world_space_pos.CopyFrom(common_pb2.Point2D(x=x, y=y))
    interface = seat.interface
    for screen, minimap, spatial in (
            (interface.screen, interface.minimap, action.action_feature_layer),
            (interface.rgb_screen, interface.rgb_minimap, action.action_render)):
        if screen is None:
            continue
        spatial.unit_command.ability_id = given.ability_id
        if given.is_queued:
            spatial.unit_command.queue_command = True
        if given.target_xy is None:
            continue
        if given.is_on_minimap or not _is_near_screen(seat, given.target_xy):
            _set(spatial.unit_command.target_minimap_coord,
                 minimap.world_to_minimap(given.target_xy), minimap.width, minimap.height)
        else:
            _set(spatial.unit_command.target_screen_coord,
                 screen.world_to_screen(seat.camera_xy, given.target_xy), screen.width,
                 screen.height)
    return action


def _slot(given: inputs.Command) -> Action:
    """A click on a picture in a panel: what is in the queue, or who is aboard."""
    action = Action()
    name = tables.load()["abilities"].get(given.ability_id, {}).get("link_name", "")
    if name.endswith("Transport"):
        action.action_ui.cargo_panel.unit_index = given.slot
    else:
        action.action_ui.production_panel.unit_index = given.slot
    return action


def group(given: inputs.Grouped) -> Action | None:
    """The use of a control group; None for what no player can do."""
    update = _UPDATES.get(given.update)
    if update is None:
        return None
    action = Action()
    action.action_ui.control_group.action = update
    action.action_ui.control_group.control_group_index = given.group
    return action


def select(seat: seat_lib.Seat, before: Sequence[int], after: Sequence[int]) -> Action | None:
    """The click, box or key that turns one selection into another.

    Args:
        seat: of the player; its camera says what is on the screen.
        before: tags of the units selected before; those that are gone do not matter.
        after: tags of those selected now.

    Returns:
        None if nothing changed but by deaths, if nothing is selected now, or without a screen.
    """
    world_units = seat.world.units
    old = {tag: world_units[tag] for tag in before if tag in world_units}
    new = {tag: world_units[tag] for tag in after if tag in world_units}
    if not new or old.keys() == new.keys() or (
            seat.interface.screen is None and seat.interface.rgb_screen is None):
        return None
    added = [unit for tag, unit in new.items() if tag not in old]
    removed = [unit for tag, unit in old.items() if tag not in new]
    if added and not removed and old:
        return _add(seat, added)
    if removed and not added:
        return _take_out(seat, list(old.values()), list(new.values()), removed)
    return _replace(seat, list(new.values()))


def _add(seat: seat_lib.Seat, added: list[units.Unit]) -> Action:
    if len(added) == 1 and _is_on_screen(seat, added[0]):
        return _click(seat, added[0], _CLICK.Toggle)
    return _box(seat, added, is_adding=True)


def _take_out(seat: seat_lib.Seat, old: list[units.Unit], new: list[units.Unit],
              removed: list[units.Unit]) -> Action:
    """Fewer units are selected: by the panel that shows them all, or by the screen."""
    panel = Action().action_ui.multi_panel
    same = [unit for unit in old if unit.unit_type == new[0].unit_type]
    if len(removed) == 1:
        if _is_on_screen(seat, removed[0]):
            return _click(seat, removed[0], _CLICK.Toggle)
        panel = ui_pb2.ActionMultiPanel(type=_PANEL.DeselectUnit,
                                        unit_index=old.index(removed[0]))
    elif len(new) == 1:
        panel = ui_pb2.ActionMultiPanel(type=_PANEL.SingleSelect, unit_index=old.index(new[0]))
    elif len(same) == len(new):
        panel = ui_pb2.ActionMultiPanel(type=_PANEL.SelectAllOfType,
                                        unit_index=old.index(new[0]))
    else:
        return _replace(seat, new)
    return Action(action_ui=ui_pb2.ActionUI(multi_panel=panel))


def _replace(seat: seat_lib.Seat, new: list[units.Unit]) -> Action:
    """Other units are selected than before."""
    first, are_on_screen = new[0], [_is_on_screen(seat, unit) for unit in new]
    if len(new) == 1:
        if not are_on_screen[0] and first.type.is_worker and not first.orders:
            return Action(action_ui=ui_pb2.ActionUI(select_idle_worker=(
                ui_pb2.ActionSelectIdleWorker(type=ui_pb2.ActionSelectIdleWorker.Set))))
        return _click(seat, first, _CLICK.Select)
    own = [unit for unit in seat.world.owned(seat.player_id) if unit.is_alive]
    if not all(are_on_screen):
        army = {unit.tag for unit in own if selection.is_army(unit)}
        if army and army == {unit.tag for unit in new}:
            return Action(action_ui=ui_pb2.ActionUI(select_army=ui_pb2.ActionSelectArmy()))
        if all(unit.unit_type == selection.WARP_GATE for unit in new):
            return Action(action_ui=ui_pb2.ActionUI(
                select_warp_gates=ui_pb2.ActionSelectWarpGates()))
    if all(unit.unit_type == selection.LARVA for unit in new):
        return Action(action_ui=ui_pb2.ActionUI(select_larva=ui_pb2.ActionSelectLarva()))
    if all(unit.unit_type == first.unit_type for unit in new):
        same = {unit.tag for unit in own
                if unit.unit_type == first.unit_type and _is_on_screen(seat, unit)}
        if same == {unit.tag for unit in new} and _box_holds_others(own, new):
            return _click(seat, first, _CLICK.AllType)
    return _box(seat, new, is_adding=False)


def _box_holds_others(own: Iterable[units.Unit], chosen: list[units.Unit]) -> bool:
    """Whether a box around some units would select others, too."""
    left, right = min(unit.x for unit in chosen), max(unit.x for unit in chosen)
    bottom, top = min(unit.y for unit in chosen), max(unit.y for unit in chosen)
    tags = {unit.tag for unit in chosen}
    return any(left <= unit.x <= right and bottom <= unit.y <= top and unit.tag not in tags
               and (not unit.is_structure or chosen[0].is_structure) for unit in own)


def _is_on_screen(seat: seat_lib.Seat, unit: units.Unit) -> bool:
    left, bottom, right, top = seat.interface.view(seat.camera_xy)
    return left <= unit.x <= right and bottom <= unit.y <= top


def _is_near_screen(seat: seat_lib.Seat, world_xy: tuple[float, float]) -> bool:
    """Whether a point is on the screen, or so near that its border stands for it."""
    (left, bottom, right, top), (x, y) = seat.interface.view(seat.camera_xy), world_xy
    return (left - _MARGIN <= x <= right + _MARGIN and bottom - _MARGIN <= y <= top + _MARGIN)


def _click(seat: seat_lib.Seat, unit: units.Unit, kind: int) -> Action:
    action = Action()
    for frame, spatial in _screens(seat, action):
        spatial.unit_selection_point.type = kind
        _set(spatial.unit_selection_point.selection_screen_coord,
             frame.world_to_screen(seat.camera_xy, (unit.x, unit.y)), frame.width, frame.height)
    return action


def _box(seat: seat_lib.Seat, chosen: list[units.Unit], is_adding: bool) -> Action:
    """A box around the middles of some units, as far as the screen reaches."""
    action = Action()
    for frame, spatial in _screens(seat, action):
        points = [frame.world_to_screen(seat.camera_xy, (unit.x, unit.y)) for unit in chosen]
        rectangle = spatial.unit_selection_rect.selection_screen_coord.add()
        _set(rectangle.p0, (min(x for x, _ in points), min(y for _, y in points)), frame.width,
             frame.height)
        _set(rectangle.p1, (max(x for x, _ in points), max(y for _, y in points)), frame.width,
             frame.height)
        spatial.unit_selection_rect.selection_add = is_adding
    return action


def _screens(seat: seat_lib.Seat, action: Action) -> list[tuple]:
    interface = seat.interface
    return [(frame, getattr(action, name)) for frame, name in (
        (interface.screen, "action_feature_layer"), (interface.rgb_screen, "action_render"))
        if frame is not None]


def _set(point: common_pb2.PointI, xy: tuple[float, float], width: int, height: int) -> None:
    """The pixel of continuous coordinates, or the nearest one there is."""
    point.x = min(max(int(xy[0]), 0), width - 1)
    point.y = min(max(int(xy[1]), 0), height - 1)
