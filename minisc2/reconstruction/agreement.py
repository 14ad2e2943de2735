"""Whether the abilities that commands are read as agree with what came of them.

Links of abilities change from build to build, and a table that is off by one reads a patrol for a
move. Two things in a replay tell, without any table of links: what a command was pointed at, and
which structure was begun where it was ordered.
"""

from collections.abc import Iterable, Iterator

from minisc2.api import tables
from minisc2.game import orders, unit_data
from minisc2.reconstruction import abilities, chronicle, inputs

_NOTHING, _POINT, _UNIT = "nothing", "a point", "a unit"
_TAKEN = {
    orders.Target.NONE: {_NOTHING}, orders.Target.POINT: {_POINT},
    orders.Target.UNIT: {_UNIT, _POINT}, orders.Target.POINT_OR_UNIT: {_POINT, _UNIT},
    orders.Target.POINT_OR_NONE: {_POINT, _NOTHING}}
"""A unit that is only remembered is told as a point."""

_LONGEST_WAY_GAME_LOOPS = 2000
"""Between an order to build and the beginning; a minute and a half."""

_SAME_PLACE_CELLS = 0.6


def takes_its_target(given: inputs.Command) -> bool | None:
    """Whether a command was pointed at what its ability takes; None where that tells nothing."""
    row = tables.load()["abilities"].get(given.ability_id)
    if not given.ability_id or row is None or given.ability_id == abilities.SMART or (
            given.is_autocast or given.slot >= 0):
        return None
    pointed_at = _NOTHING
    if given.target_xy is not None:
        pointed_at = _UNIT if given.target_tag else _POINT
    return pointed_at in _TAKEN[orders.Target(row.get("target", 1))]


def begun_as_ordered(story: chronicle.Chronicle, given: Iterable[inputs.Input]) -> Iterator[bool]:
    """For each structure that was begun where its player had pointed before: whether the latest
    command there was to build it."""
    pointed: dict[int, list[inputs.Command]] = {}
    for one in given:
        if isinstance(one, inputs.Command) and one.target_xy is not None and (
                one.ability_id and "Build" in tables.load()["abilities"][one.ability_id].get(
                    "link_name", "")):
            pointed.setdefault(one.player_id, []).append(one)
    for one in story.happenings:
        if not isinstance(one, chronicle.Appeared) or one.is_finished:
            continue
        wanted = unit_data.get(one.unit_type).ability_id
        there = [command for command in pointed.get(one.owner, ()) if _is_there(command, one)]
        if wanted and there:
            yield tables.general_id(there[-1].ability_id) == tables.general_id(wanted)


def _is_there(command: inputs.Command, begun: chronicle.Appeared) -> bool:
    return (0 <= begun.loop - command.loop <= _LONGEST_WAY_GAME_LOOPS
            and command.target_xy is not None
            and abs(command.target_xy[0] - begun.xy[0]) <= _SAME_PLACE_CELLS
            and abs(command.target_xy[1] - begun.xy[1]) <= _SAME_PLACE_CELLS)
