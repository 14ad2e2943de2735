"""Gives units an ability: the part that spatial, raw and UI actions share."""

from collections.abc import Sequence

from s2clientprotocol import common_pb2, error_pb2, sc2api_pb2

from minisc2.api import seat as seat_lib
from minisc2.game import ability_data, orders, units

_FOR_ONE = frozenset((orders.Kind.BUILD, orders.Kind.TRAIN, orders.Kind.RESEARCH))
_SPELLS_FOR_ONE = frozenset((ability_data.CALLDOWN_MULE, ability_data.SUPPLY_DROP,
                             ability_data.SCANNER_SWEEP, ability_data.KD8_CHARGE))
"""What only one unit of a group does when the group is told to."""

Target = tuple[float, float] | units.Unit | None


def command(seat: seat_lib.Seat, ordered: Sequence[units.Unit], ability_id: int, target: Target,
            queued: bool, echo: sc2api_pb2.Action) -> int:
    """Orders units to use an ability, and keeps what is to be reported.

    What is built, trained, researched or called down is so by one of them.

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
    specific = _leave_one(seat, own, specific, target)
    results = world.order(seat.player_id, list(specific), ability_id, target, queued)
    obeying = [tag for tag, result in results if result == error_pb2.Success]
    if not obeying:
        tag, result = results[0]
        seat.report_error(tag, specific[tag], result)
        return result
    _report(seat, echo, specific[obeying[0]], obeying, target, queued)
    return error_pb2.Success


def _leave_one(seat: seat_lib.Seat, own: Sequence[units.Unit], specific: dict[int, int],
               target: Target) -> dict[int, int]:
    """Picks who builds, trains or casts; whoever does something else with the command stays.

    It is one who can do it now: the structure with the shortest queue, else the unit with most
    energy, else the one nearest to the target.
    """
    candidates = [unit for unit in own if _is_for_one(specific[unit.tag])]
    if len(candidates) < 2:
        return specific

    def rank(unit: units.Unit) -> tuple[bool, int, float, float]:
        able = {use.ability_id for use in seat.world.abilities(seat.player_id, unit)}
        xy = (target.x, target.y) if isinstance(target, units.Unit) else target
        return (specific[unit.tag] not in able, len(unit.orders) * unit.is_structure, -unit.energy,
                unit.distance_to(*xy) if xy else 0.0)

    chosen = min(candidates, key=rank)
    return {unit.tag: specific[unit.tag] for unit in own
            if unit is chosen or unit not in candidates}


def _is_for_one(ability_id: int) -> bool:
    ability = ability_data.load().get(ability_id)
    return ability is not None and (
        ability.kind in _FOR_ONE or ability.ability_id in _SPELLS_FOR_ONE)


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
            target: Target, queued: bool) -> None:
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
    seat.report(echo, target if isinstance(target, units.Unit) else None)
