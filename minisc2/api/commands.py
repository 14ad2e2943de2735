"""Gives units an ability: the part that spatial, raw and UI actions share."""

from collections.abc import Sequence

from s2clientprotocol import common_pb2, error_pb2, sc2api_pb2

from minisc2.api import seat as seat_lib
from minisc2.game import units


def command(seat: seat_lib.Seat, ordered: Sequence[units.Unit], ability_id: int,
            target: tuple[float, float] | units.Unit | None, queued: bool,
            echo: sc2api_pb2.Action) -> int:
    """Orders units to use an ability, and keeps what is to be reported.

    Args:
        seat: whose units they are.
        ordered: the units; those of others are left out.
        ability_id: general or specific.
        target: None, a world point or a unit.
        queued: whether it comes after the orders they have.
        echo: the action as it came, with spatial parts only; it is completed by the raw part, and
            reported with the specific ability that the first unit turned it into.

    Returns:
        error_pb2.ActionResult: success if at least one unit obeys.
    """
    world = seat.world
    own = [unit for unit in ordered if unit.owner == seat.player_id]
    if not own:
        seat.report_error(0, ability_id, error_pb2.NotSupported)
        return error_pb2.NotSupported
    # Before they obey: a unit may be gone afterwards, or no longer have the ability (a cancel).
    specific = {unit.tag: specific_ability(seat, unit, ability_id) for unit in own}
    results = world.order(seat.player_id, list(specific), ability_id, target, queued)
    obeying = [tag for tag, result in results if result == error_pb2.Success]
    if not obeying:
        tag, result = results[0]
        seat.report_error(tag, specific[tag], result)
        return result
    _report(seat, echo, specific[obeying[0]], obeying, target, queued)
    return error_pb2.Success


def specific_ability(seat: seat_lib.Seat, unit: units.Unit, ability_id: int) -> int:
    """What a unit makes of an ability: 3674 (attack) becomes 23; itself where it makes nothing."""
    return seat.world.resolve(unit, ability_id)


def autocast(seat: seat_lib.Seat, ordered: Sequence[units.Unit], ability_id: int,
             echo: sc2api_pb2.Action) -> int:
    """Switches the automatic use of an ability; arguments and result are those of `command`.

    It is reported both as a raw and as a UI action, with the specific ability.
    """
    specific = {unit.tag: specific_ability(seat, unit, ability_id) for unit in ordered
                if unit.owner == seat.player_id}
    results = seat.world.order(seat.player_id, list(specific), ability_id, autocast=True)
    obeying = [tag for tag, result in results if result == error_pb2.Success]
    if obeying:
        echo.action_raw.toggle_autocast.Clear()
        echo.action_raw.toggle_autocast.ability_id = specific[obeying[0]]
        echo.action_raw.toggle_autocast.unit_tags.extend(obeying)
        echo.action_ui.toggle_autocast.ability_id = specific[obeying[0]]
        seat.report(echo)
        return error_pb2.Success
    tag, result = results[0] if results else (0, error_pb2.NotSupported)
    seat.report_error(tag, ability_id, result)
    return result


def _report(seat: seat_lib.Seat, echo: sc2api_pb2.Action, ability_id: int, tags: Sequence[int],
            target: tuple[float, float] | units.Unit | None, queued: bool) -> None:
    # The real game reports a click on the screen both as a raw and as a spatial command.
    raw = echo.action_raw.unit_command
    raw.Clear()
    raw.ability_id = ability_id
    raw.unit_tags.extend(tags)
    if queued:
        raw.queue_command = True
    if isinstance(target, tuple):
        x, y = seat.interface.raw.world_to_raw(target)
        raw.target_world_space_pos.CopyFrom(common_pb2.Point2D(x=x, y=y))
    elif target is not None:
        raw.target_unit_tag = target.tag
    for spatial in (echo.action_feature_layer, echo.action_render):
        if spatial.HasField("unit_command"):
            spatial.unit_command.ability_id = ability_id
    seat.report(echo)
