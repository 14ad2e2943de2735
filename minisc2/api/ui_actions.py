"""Actions on the interface around the screen: control groups, select-all keys, panels, autocast."""

from s2clientprotocol import error_pb2, sc2api_pb2, ui_pb2

from minisc2.api import commands, selection
from minisc2.api import seat as seat_lib
from minisc2.game import production, transport, units

_GROUP = ui_pb2.ActionControlGroup
_IDLE = ui_pb2.ActionSelectIdleWorker
_MULTI = ui_pb2.ActionMultiPanel


def apply(seat: seat_lib.Seat, ui: ui_pb2.ActionUI) -> int:
    """Applies one UI action of a player.

    Returns:
        error_pb2.ActionResult; Error for an index that does not exist.
    """
    kind = ui.WhichOneof("action")
    if kind is None:
        return error_pb2.Success  # an empty action does nothing
    echo = sc2api_pb2.Action(action_ui=ui)
    if kind == "toggle_autocast":
        return commands.autocast(seat, seat.selection.selected_units(),
                                 ui.toggle_autocast.ability_id, echo)
    result = _HANDLERS[kind](seat, getattr(ui, kind))
    if result == error_pb2.Success:
        seat.report(echo)
    return result


def _control_group(seat: seat_lib.Seat, action: ui_pb2.ActionControlGroup) -> int:
    index = action.control_group_index
    if index >= selection.NUM_GROUPS:
        return error_pb2.Error
    if action.action == _GROUP.Recall:
        seat.selection.recall_group(index)
    else:
        seat.selection.set_group(
            index, append=action.action in (_GROUP.Append, _GROUP.AppendAndSteal),
            steal=action.action in (_GROUP.SetAndSteal, _GROUP.AppendAndSteal))
    return error_pb2.Success


def _select_army(seat: seat_lib.Seat, action: ui_pb2.ActionSelectArmy) -> int:
    seat.selection.select_army(action.selection_add)
    return error_pb2.Success


def _select_warp_gates(seat: seat_lib.Seat, action: ui_pb2.ActionSelectWarpGates) -> int:
    seat.selection.select_type(selection.WARP_GATE, action.selection_add)
    return error_pb2.Success


def _select_larva(seat: seat_lib.Seat, action: ui_pb2.ActionSelectLarva) -> int:
    del action
    seat.selection.select_type(selection.LARVA, add=False)
    return error_pb2.Success


def _select_idle_worker(seat: seat_lib.Seat, action: ui_pb2.ActionSelectIdleWorker) -> int:
    seat.selection.select_idle_worker(add=action.type in (_IDLE.Add, _IDLE.AddAll),
                                      select_all=action.type in (_IDLE.All, _IDLE.AddAll))
    return error_pb2.Success


def _multi_panel(seat: seat_lib.Seat, action: ui_pb2.ActionMultiPanel) -> int:
    shown = seat.selection.selected_units()
    if not 0 <= action.unit_index < len(shown):
        return error_pb2.Error
    unit = shown[action.unit_index]
    same = [other.tag for other in shown if other.unit_type == unit.unit_type]
    if action.type == _MULTI.DeselectUnit:
        seat.selection.deselect((unit.tag,))
    elif action.type == _MULTI.SelectAllOfType:
        seat.selection.select(same)
    elif action.type == _MULTI.DeselectAllOfType:
        seat.selection.deselect(same)
    else:
        seat.selection.select((unit.tag,))
    return error_pb2.Success


def _cargo_panel(seat: seat_lib.Seat, action: ui_pb2.ActionCargoPanelUnload) -> int:
    """Lets one passenger out of the carrier whose panel is shown."""
    carrier = _shown(seat)
    if carrier is None or not 0 <= action.unit_index < len(carrier.cargo):
        return error_pb2.Error
    return transport.unload_one(seat.world, carrier, action.unit_index)


def _production_panel(seat: seat_lib.Seat, action: ui_pb2.ActionProductionPanelRemoveFromQueue
                      ) -> int:
    """Takes one thing out of the queue of the structure whose panel is shown."""
    structure = _shown(seat)
    if structure is None or not 0 <= action.unit_index < len(structure.orders) or (
            structure.orders[action.unit_index].kind not in production.KINDS):
        return error_pb2.Error
    production.cancel(seat.world, structure, action.unit_index)
    return error_pb2.Success


def _shown(seat: seat_lib.Seat) -> units.Unit | None:
    """The unit of the player whose own panel is shown: the only one that is selected."""
    selected = seat.selection.own_units()
    return selected[0] if len(selected) == 1 else None


_HANDLERS = {
    "control_group": _control_group,
    "select_army": _select_army,
    "select_warp_gates": _select_warp_gates,
    "select_larva": _select_larva,
    "select_idle_worker": _select_idle_worker,
    "multi_panel": _multi_panel,
    "cargo_panel": _cargo_panel,
    "production_panel": _production_panel,
}
