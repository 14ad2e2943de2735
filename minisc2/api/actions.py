"""Applies one API action of a player to the world and to the player's interface."""

from s2clientprotocol import error_pb2, sc2api_pb2

from minisc2.api import raw_actions, spatial_actions, ui_actions
from minisc2.api import seat as seat_lib


def apply(seat: seat_lib.Seat, action: sc2api_pb2.Action) -> int:
    """Applies each part that an action has. Chat is not for the world: the match passes it on.

    Returns:
        error_pb2.ActionResult of the first part that failed, else success.
    """
    results = []
    if action.HasField("action_raw"):
        results.append(raw_actions.apply(seat, action.action_raw))
    if action.HasField("action_feature_layer"):
        results.append(spatial_actions.apply(seat, action.action_feature_layer, is_rgb=False))
    if action.HasField("action_render"):
        results.append(spatial_actions.apply(seat, action.action_render, is_rgb=True))
    if action.HasField("action_ui"):
        results.append(ui_actions.apply(seat, action.action_ui))
    failed = [result for result in results if result != error_pb2.Success]
    return failed[0] if failed else error_pb2.Success
