"""What the players of a replay did: commands, selections, control groups, camera moves.

The selection is followed through the events, so that every input knows the units selected after it.
Its order is that of unit tags; the masks by which the game takes units out of it count in that
order (of masks that take out units that just died, twice as many fit than in any other).
"""

import enum
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from minisc2.reconstruction import abilities, blizzard_file, participants
from minisc2.replay import ReplayError

NUM_GROUPS = 10
_SELECTION = 10
"""The control group by whose number the game means the selection itself."""

_COMMAND, _SELECTION_DELTA, _GROUP_UPDATE, _LEAVE = 27, 28, 29, 101
_CAMERA, _MANAGER_STATE, _RETARGET_POINT, _RETARGET_UNIT = 49, 103, 104, 105
_STATE_REPEATED = 1
_CHAT, _TO_EVERYONE = 0, 0
"""Event and recipient of messages."""

_QUEUED, _SET_AUTOCAST, _MINIMAP = 1 << 1, 1 << 6, 1 << 16
"""Bits of m_cmdFlags."""

_TAG_BASE = 1 << 32
"""What the API adds to the tags of a replay."""

_WORLD_STEPS, _CAMERA_STEPS = 4096.0, 256.0
"""Parts of a cell in which events give points."""

Point = tuple[float, float]


class GroupUpdate(enum.IntEnum):
    """What happens to a control group, numbered as in replays."""

    SET = 0
    APPEND = 1
    RECALL = 2
    CLEAR = 3
    SET_AND_STEAL = 4
    APPEND_AND_STEAL = 5


_STEALING = (GroupUpdate.SET_AND_STEAL, GroupUpdate.APPEND_AND_STEAL)


class Command(NamedTuple):
    """A command to the selected units.

    Attributes:
        loop: game loop in which it was given.
        player_id: who gave it.
        ability_id: stable id; 0 where the link is not known.
        link: of the ability, and `index` in it; -1 for a right click.
        target_xy: world point, or that of the target unit; None without a target.
        target_tag: API tag of the target unit, or 0.
        slot: which passenger or place in a queue is meant; -1 for none.
        selection: API tags of the selected units.
    """

    loop: int
    player_id: int
    ability_id: int
    link: int
    index: int
    target_xy: Point | None
    target_tag: int
    slot: int
    is_queued: bool
    is_autocast: bool
    is_on_minimap: bool
    selection: tuple[int, ...]


class Selected(NamedTuple):
    """The selection changed. `before` and `after` hold API tags."""

    loop: int
    player_id: int
    before: tuple[int, ...]
    after: tuple[int, ...]


class Grouped(NamedTuple):
    """A control group was used; `after` holds the API tags selected then."""

    loop: int
    player_id: int
    group: int
    update: GroupUpdate
    after: tuple[int, ...]


class CameraMoved(NamedTuple):
    """The camera looks at a world point."""

    loop: int
    player_id: int
    world_xy: Point


class Said(NamedTuple):
    """A player said something to everyone."""

    loop: int
    player_id: int
    text: str


Input = Command | Selected | Grouped | CameraMoved | Said


def api_tag(index: int, recycle: int) -> int:
    """The API's tag of a unit that the tracker numbers so."""
    return _TAG_BASE + (index << 18) + recycle


def read(file: blizzard_file.BlizzardFile, players: Iterable[participants.Participant]
         ) -> list[Input]:
    """Every input of the players, in order, until one of them leaves.

    Raises:
        ReplayError: the events are damaged.
    """
    readers = {user_id: _User(player.player_id, file.build)
               for player in players for user_id in player.user_ids}
    found: list[Input] = []
    events = file.game_events
    try:
        for event in events:
            user = readers.get(event["_userid"]["m_userId"])
            if user is None:
                continue
            if event["_eventid"] == _LEAVE:
                user.has_left = True
            if not user.has_left:
                found += user.take(event)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ReplayError("The game events of the replay are damaged "
                          f"({type(error).__name__}: {error}).") from error
    return _without_stealing(found)


def chat(file: blizzard_file.BlizzardFile, players: Iterable[participants.Participant]
         ) -> list[Said]:
    """What players said to everyone, in order; nothing where the file's chat cannot be read.

    Raises:
        ReplayError: the messages are damaged.
    """
    player_of_user = {user_id: player.player_id for player in players
                      for user_id in player.user_ids}
    events = file.message_events or ()
    try:
        return [Said(event["_gameloop"], player_of_user[event["_userid"]["m_userId"]],
                     event["m_string"].decode("utf-8", "replace"))
                for event in events
                if event["_eventid"] == _CHAT and event["m_recipient"] == _TO_EVERYONE
                and event["_userid"]["m_userId"] in player_of_user]
    except (KeyError, TypeError, AttributeError) as error:
        raise ReplayError(f"The messages of the replay are damaged ({error!r}).") from error


class _User:
    """One user's selection, control groups and last command, followed through the events."""

    def __init__(self, player_id: int, build: int):
        self.has_left = False
        self._player_id = player_id
        self._build = build
        self._tags: dict[int, tuple[int, ...]] = {}
        self._last: Command | None = None
        self._target: tuple[Point | None, int] | None = None

    def take(self, event: Mapping[str, Any]) -> list[Input]:
        """The inputs that an event stands for: one, or none."""
        kind, loop = event["_eventid"], event["_gameloop"]
        if kind == _CAMERA:
            target = event["m_target"]
            return [] if target is None else [CameraMoved(
                loop, self._player_id, (target["x"] / _CAMERA_STEPS, target["y"] / _CAMERA_STEPS))]
        if kind == _COMMAND:
            return [self._command(event)]
        if kind == _SELECTION_DELTA:
            return self._select(event)
        if kind == _GROUP_UPDATE:
            return self._group(event)
        if kind == _RETARGET_POINT:
            self._target = _point(event["m_target"]), 0
        elif kind == _RETARGET_UNIT:
            self._target = _unit(event["m_target"])
        elif kind == _MANAGER_STATE and event["m_state"] == _STATE_REPEATED:
            return self._repeat(loop)
        return []

    def _command(self, event: Mapping[str, Any]) -> Command:
        ability, flags = event["m_abil"], event["m_cmdFlags"]
        link = index = -1
        ability_id = abilities.SMART
        if ability is not None:
            link, index = ability["m_abilLink"], ability["m_abilCmdIndex"]
            ability_id = abilities.stable_id(self._build, link, index)
        kind, data = next(iter(event["m_data"].items()), ("None", None))
        target_xy, target_tag = None, 0
        if kind == "TargetPoint":
            target_xy = _point(data)
        elif kind == "TargetUnit":
            target_xy, target_tag = _unit(data)
        self._target = None
        self._last = Command(
            event["_gameloop"], self._player_id, ability_id, link, index, target_xy, target_tag,
            int(data) if kind == "Data" else -1, bool(flags & _QUEUED),
            bool(flags & _SET_AUTOCAST), bool(flags & _MINIMAP), self._tags.get(_SELECTION, ()))
        return self._last

    def _repeat(self, loop: int) -> list[Input]:
        """The last command again, with another target if one was told."""
        if self._last is None:
            return []
        command = self._last._replace(loop=loop, selection=self._tags.get(_SELECTION, ()))
        if self._target is not None:
            command = command._replace(target_xy=self._target[0], target_tag=self._target[1])
        self._last = command
        return [command]

    def _select(self, event: Mapping[str, Any]) -> list[Input]:
        group, delta = event["m_controlGroupId"], event["m_delta"]
        before = self._tags.get(group, ())
        kept = _kept(before, delta["m_removeMask"])
        after = tuple(sorted({*kept, *(_TAG_BASE + tag for tag in delta["m_addUnitTags"])}))
        self._tags[group] = after
        if group != _SELECTION:
            return []
        return [Selected(event["_gameloop"], self._player_id, before, after)]

    def _group(self, event: Mapping[str, Any]) -> list[Input]:
        group = event["m_controlGroupIndex"]
        update = GroupUpdate(event["m_controlGroupUpdate"])
        selected, members = self._tags.get(_SELECTION, ()), self._tags.get(group, ())
        if update in (GroupUpdate.SET, GroupUpdate.SET_AND_STEAL):
            self._tags[group] = selected
        elif update in (GroupUpdate.APPEND, GroupUpdate.APPEND_AND_STEAL):
            self._tags[group] = tuple(sorted({*_kept(members, event["m_mask"]), *selected}))
        elif update == GroupUpdate.CLEAR:
            self._tags[group] = ()
        else:
            self._tags[_SELECTION] = _kept(members, event["m_mask"])
        if update in _STEALING:
            for other in set(self._tags) - {group, _SELECTION}:
                self._tags[other] = tuple(tag for tag in self._tags[other] if tag not in selected)
        return [Grouped(event["_gameloop"], self._player_id, group, update,
                        self._tags.get(_SELECTION, ()))]


def _point(target: Mapping[str, int]) -> Point:
    return target["x"] / _WORLD_STEPS, target["y"] / _WORLD_STEPS


def _unit(target: Mapping[str, Any]) -> tuple[Point, int]:
    """Where a target unit is, and its tag: 0 for one that was only remembered."""
    tag = target["m_tag"]
    return _point(target["m_snapshotPoint"]), _TAG_BASE + tag if tag else 0


def _kept(tags: tuple[int, ...], mask: Mapping[str, Any]) -> tuple[int, ...]:
    """What a mask leaves of a selection. A mask ends with the last unit that it takes out."""
    kind, data = next(iter(mask.items()))
    if kind == "Mask":
        length, bits = data
        return tuple(tag for index, tag in enumerate(tags)
                     if index >= length or not bits >> index & 1)
    if kind == "OneIndices":
        gone = set(data)
        return tuple(tag for index, tag in enumerate(tags) if index not in gone)
    if kind == "ZeroIndices":
        return tuple(tags[index] for index in data if index < len(tags))
    return tags


def _without_stealing(found: list[Input]) -> list[Input]:
    """Leaves out what the game does to take units out of other control groups: it recalls each of
    them and then selects again what was selected, all in the loop of the player's own update."""
    kept: list[Input] = []
    stealing: dict[int, int] = {}  # player -> loop
    for one in found:
        if isinstance(one, Grouped) and one.update in _STEALING:
            stealing[one.player_id] = one.loop
        elif stealing.get(one.player_id) == one.loop and isinstance(one, (Grouped, Selected)):
            continue
        kept.append(one)
    return kept
