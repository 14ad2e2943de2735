"""What happened to units and players in a replay, as its tracker events tell it.

Of places the tracker gives whole cells, cut off: structures are put back on the grid they stand on,
and whatever moves into the middle of its cell, which is at most 0.7 cells off.
"""

import collections
from collections.abc import Mapping
from typing import Any, NamedTuple

from minisc2.game import unit_data, units
from minisc2.reconstruction import blizzard_file, inputs, names
from minisc2.replay import ReplayError

STATISTICS, BORN, DIED, OWNER_CHANGED, TYPE_CHANGED, UPGRADE, INIT, DONE, POSITIONS = range(9)
"""Event ids of the tracker."""

_UNSEEN_PREFIXES = (b"Beacon",)
"""Markers that computer players leave and nobody is shown."""

Point = tuple[float, float]


class Appeared(NamedTuple):
    """A unit came into the world, finished or, as a structure, just begun."""

    loop: int
    tag: int
    unit_type: int
    owner: int
    xy: Point
    is_finished: bool
    creator_tag: int
    is_hallucination: bool = False


class Finished(NamedTuple):
    """A structure is finished."""

    loop: int
    tag: int


class Died(NamedTuple):
    """A unit is gone; `killer_tag` is 0 where nobody killed it."""

    loop: int
    tag: int
    xy: Point
    killer_tag: int


class BecameType(NamedTuple):
    """A unit turned into another type."""

    loop: int
    tag: int
    unit_type: int


class BecameOwned(NamedTuple):
    """A unit changed hands."""

    loop: int
    tag: int
    owner: int


class Researched(NamedTuple):
    """A player finished an upgrade."""

    loop: int
    player_id: int
    upgrade_id: int


class Placed(NamedTuple):
    """Where some units were that fought."""

    loop: int
    places: tuple[tuple[int, Point], ...]


class Statistics(NamedTuple):
    """A player's numbers, under the names that s2protocol has for them."""

    loop: int
    player_id: int
    values: Mapping[str, int]


Happening = (Appeared | Finished | Died | BecameType | BecameOwned | Researched | Placed
             | Statistics)


class Chronicle(NamedTuple):
    """Everything that happened, in order.

    Attributes:
        unknown_types: names of units left out, because 4.10 has no such type -> how many.
    """

    happenings: tuple[Happening, ...]
    unknown_types: Mapping[str, int]


def read(file: blizzard_file.BlizzardFile) -> Chronicle:
    """Reads the tracker events of a replay.

    Raises:
        ReplayError: they are damaged.
    """
    reader, events = _Reader(), file.tracker_events
    try:
        found = [one for event in events
                 if (one := reader.take(event)) is not None]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ReplayError("The tracker events of the replay are damaged "
                          f"({type(error).__name__}: {error}).") from error
    return Chronicle(tuple(found), dict(reader.unknown_types))


class _Reader:
    """Knows which units there are, and which of them have a number now."""

    def __init__(self) -> None:
        self.unknown_types: collections.Counter[str] = collections.Counter()
        self._types: dict[int, int] = {}
        self._tag_of_index: dict[int, int] = {}

    def take(self, event: Mapping[str, Any]) -> Happening | None:
        """What an event tells, or None if it is about something that is not shown."""
        kind, loop = event["_eventid"], event["_gameloop"]
        if kind == STATISTICS:
            return Statistics(loop, event["m_playerId"], event["m_stats"])
        if kind == UPGRADE:
            upgrade_id = names.upgrade(event["m_upgradeTypeName"])
            return None if upgrade_id is None else Researched(loop, event["m_playerId"],
                                                              upgrade_id)
        if kind == POSITIONS:
            return Placed(loop, tuple(self._places(event)))
        if kind in (BORN, INIT):
            return self._appeared(event)
        if kind not in (DIED, DONE, TYPE_CHANGED, OWNER_CHANGED):
            return None
        tag = inputs.api_tag(event["m_unitTagIndex"], event["m_unitTagRecycle"])
        if tag not in self._types:
            return None
        if kind == DONE:
            return Finished(loop, tag)
        if kind == OWNER_CHANGED:
            return BecameOwned(loop, tag, _owner(event["m_controlPlayerId"]))
        if kind == DIED:
            killer = event.get("m_killerUnitTagIndex")
            return Died(loop, tag, place(self._types.pop(tag), event["m_x"], event["m_y"]),
                        0 if killer is None else inputs.api_tag(
                            killer, event["m_killerUnitTagRecycle"]))
        unit_type = names.unit_type(event["m_unitTypeName"])
        if unit_type is None:
            return None  # it is shown as what it was
        self._types[tag] = unit_type
        return BecameType(loop, tag, unit_type)

    def _appeared(self, event: Mapping[str, Any]) -> Appeared | None:
        name = event["m_unitTypeName"]
        if name.startswith(_UNSEEN_PREFIXES):
            return None
        unit_type = names.unit_type(name)
        if unit_type is None:
            self.unknown_types[name.decode("utf-8", "replace")] += 1
            return None
        index, recycle = event["m_unitTagIndex"], event["m_unitTagRecycle"]
        tag = inputs.api_tag(index, recycle)
        self._types[tag] = unit_type
        self._tag_of_index[index] = tag
        creator = event.get("m_creatorUnitTagIndex")
        return Appeared(
            event["_gameloop"], tag, unit_type, _owner(event["m_controlPlayerId"]),
            place(unit_type, event["m_x"], event["m_y"]), event["_eventid"] == BORN,
            0 if creator is None else inputs.api_tag(creator, event["m_creatorUnitTagRecycle"]),
            (event.get("m_creatorAbilityName") or b"").startswith(b"Hallucination"))

    def _places(self, event: Mapping[str, Any]) -> list[tuple[int, Point]]:
        items = event["m_items"]
        index, found = event["m_firstUnitIndex"], []
        for step, x, y in zip(items[::3], items[1::3], items[2::3], strict=False):
            index += step
            tag = self._tag_of_index.get(index)
            if tag in self._types:
                found.append((tag, place(self._types[tag], x, y)))
        return found


def place(unit_type: int, x: int, y: int) -> Point:
    """Where a unit is of which the cell is known."""
    kind = unit_data.get(unit_type)
    width, height = kind.footprint
    if kind.has_minerals:
        width, height = 2, 1
    # Sides of an even number of cells lie between cells, all else in the middle of one.
    return (x + (0.0 if width and width % 2 == 0 else 0.5),
            y + (0.0 if height and height % 2 == 0 else 0.5))


def _owner(player_id: int) -> int:
    return player_id or units.NEUTRAL_OWNER
