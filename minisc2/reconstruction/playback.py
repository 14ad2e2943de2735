"""A replay of the real game being watched: the match put together again, seen by one viewer."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from s2clientprotocol import sc2api_pb2

from minisc2.api import images, spectator, viewer
from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib
from minisc2.game import players
from minisc2.maps import game_map as game_map_lib
from minisc2.reconstruction import (
    blizzard_file,
    chronicle,
    ground,
    inputs,
    participants,
    reporting,
    retelling,
)
from minisc2.reconstruction import world as world_lib
from minisc2.replay import ReplayError

ACTIONS_ONLY = b"minisc2 replay: actions only"
"""Sent as `map_data` of start_replay it asks for a replay without tracker events, of which only
what the players did is known."""

INFERRED: tuple[str, ...] = (
    "places of units that move (dead reckoning)",
    "health and shields (full), energy, what workers carry and what resources hold (full)",
    "what a player sees (from places and ranges of sight, without cliffs and smoke)",
    "minerals and vespene between statistics; supply between statistics",
    "what structures make (from what came of it; research and queues are not shown)",
    "passengers (shown where they got in), buffs and effects but scans (not shown)",
    "by which click, box or key units were selected",
    "that a target off the screen was clicked on the minimap",
    "which of the selected units took part in a command",
    "the ground of maps that minisc2 does not have (flat), and their playable area",
    "available abilities (those that a type of unit is known to use)")
"""What an observation of such a replay shows that the file does not tell."""


_TICK = 8
"""Game loops after which units look where they have to be."""


_LONGEST_SILENCE = 4000
"""Game loops, three minutes; statistics come every 160 as long as a match lasts."""


class MissingTrackerError(ReplayError):
    """The replay does not tell what happened to units."""


class Source(NamedTuple):
    """A replay, read."""

    file: blizzard_file.BlizzardFile
    players: tuple[participants.Participant, ...]
    story: chronicle.Chronicle
    given: list[inputs.Input]
    game_map: game_map_lib.GameMap


def read(data: bytes, actions_only: bool = False) -> Source:
    """Reads a replay in order to watch it.

    Raises:
        MissingTrackerError: it has no tracker events and `actions_only` is not set.
        ReplayError: it is damaged.
    """
    file = blizzard_file.BlizzardFile(data)
    who = participants.read(file)
    if not file.tracker_events and not actions_only:
        raise MissingTrackerError(
            "The replay has no tracker events, as Blizzard's anonymised replay packs: it does not "
            "tell what happened to units. Ask for its actions only, by "
            f"map_data={ACTIONS_ONLY!r}.")
    story = chronicle.read(file)
    _check_length(file)
    given = sorted([*inputs.read(file, who), *inputs.chat(file, who)], key=lambda one: one.loop)
    game_map, _ = ground.read(file, story, given)
    return Source(file, who, story, given, game_map)


def _check_length(file: blizzard_file.BlizzardFile) -> None:
    """Refuses a header that promises hours in which nothing happens: whoever plays the replay
    would wait for them."""
    last = max(((file.tracker_events or file.game_events)[-1:] or [{"_gameloop": 0}])[0][
        "_gameloop"], 0)
    if file.num_loops > last + _LONGEST_SILENCE:
        raise ReplayError(f"The replay's header says {file.num_loops} game loops, its last event "
                          f"is of loop {last}: it is damaged.")


@dataclasses.dataclass(frozen=True)
class _Item:
    """Something to apply, when the world is at its loop."""

    loop: int
    thing: chronicle.Happening | inputs.Input
    is_input: bool


def inferred(source: Source) -> tuple[str, ...]:
    """What observations of a replay show that its file does not tell, or lack that it does."""
    lacking = [f"{count} units of type {name} (not shown: game 4.10 has none)"
               for name, count in sorted(source.story.unknown_types.items())]
    if source.file.message_events is None:
        lacking.append("chat (stored in a way that is not read)")
    if not source.file.tracker_events:
        lacking.append("units, stores and supply: only what players did is known")
    return (*INFERRED, *lacking)


class Playback:
    """Plays a replay of the real game and answers for one viewer; see `api.playback.Playback`.

    What happened to units in a loop is seen in that loop; what players did in it, in the next.
    """

    def __init__(self, source: Source, player_id: int, options: sc2api_pb2.InterfaceOptions,
                 disable_fog: bool = False):
        """Begins at the first loop.

        Args:
            source: what `read` returned.
            player_id: whose view it is; `spectator.EVERYONE` is nobody's, and sees everything.
            options: the viewer's interface.
            disable_fog: whether units out of the player's sight are listed too.

        Raises:
            interface_lib.InterfaceError: an interface that cannot be served.
        """
        self._source = source
        self._disable_fog = disable_fog
        self._interface = interface_lib.resolve(options, source.game_map)
        self._world = world_lib.ReconstructedWorld(source.game_map, map(_state, source.players))
        self._teller = retelling.Teller(self._world, source.story, source.given)
        self._items = sorted(
            [_Item(one.loop, one, False) for one in source.story.happenings]
            + [_Item(one.loop, one, True) for one in source.given],
            key=lambda item: (item.loop, item.is_input))
        self._num_applied = 0
        self.num_unknown_commands = 0
        self._seats: dict[int, seat_lib.Seat] = {}
        self._onlookers: list[seat_lib.Seat] = []
        self._apply_before(0)
        self._teller.settle()
        self._look_at_starts()
        for player in source.players:
            seat = self._seats[player.player_id] = seat_lib.Seat(
                self._world, player.player_id, self._interface)
            seat.executed.clear()  # the replay tells of the first camera move itself
        self._world.forget_events()
        self.viewer = viewer.Viewer(self._seat_of, player_id, self._interface)

    def _look_at_starts(self) -> None:
        """Cameras begin at the town halls."""
        for state in self._world.players.values():
            hall = next((unit for unit in self._world.owned(state.player_id)
                         if unit.is_structure), None)
            if hall is not None:
                state.start_xy = state.camera_xy = hall.x, hall.y

    def _seat_of(self, player_id: int) -> seat_lib.Seat:
        if player_id != spectator.EVERYONE:
            return self._seats[player_id]
        onlooker = spectator.Spectator(self._world, None, self._interface)
        self._onlookers.append(onlooker)
        return onlooker

    @property
    def world(self) -> world_lib.ReconstructedWorld:
        """The world as it is now. Not to be changed."""
        return self._world

    @property
    def players(self) -> Sequence[participants.Participant]:
        """Who played."""
        return self._source.players

    @property
    def game_loop(self) -> int:
        """Where the replay is."""
        return self._world.loop

    @property
    def is_over(self) -> bool:
        """Whether the last loop has been reached."""
        return self.game_loop >= self._source.file.num_loops

    @property
    def results(self) -> dict[int, int] | None:
        """At the end of the replay: player id -> sc2api_pb2.Result."""
        if not self.is_over:
            return None
        return {player.player_id: player.result for player in self._source.players}

    def step(self, num_game_loops: int) -> int:
        """Plays on, at most to the end of the replay; returns the loop reached."""
        end = min(self.game_loop + num_game_loops, self._source.file.num_loops)
        for loop in range(self.game_loop - self.game_loop % _TICK + _TICK, end + 1, _TICK):
            self._apply_before(loop)
            self._world.loop = loop
            self._teller.keep_appointments()
        self._apply_before(end)
        self._world.advance(end)
        self._teller.settle()
        for seat in (*self._seats.values(), *self._onlookers):
            seat.after_step()
            del seat.executed[:-seat_lib.MAX_KEPT]
        self._world.forget_events()
        return self.game_loop

    def _apply_before(self, end: int) -> None:
        """Applies what happened up to a loop, and what players did before it."""
        items = self._items
        while self._num_applied < len(items):
            item = items[self._num_applied]
            if item.loop > end or (item.loop == end and item.is_input):
                break
            self._world.loop = item.loop
            if item.is_input:
                self._act(item.thing)
            else:
                self._teller.happen(item.thing)
            self._num_applied += 1

    def _act(self, given: inputs.Input) -> None:
        """A player did something: the seat follows, and reports it."""
        seat = self._seats[given.player_id]
        action = None
        if isinstance(given, inputs.Said):
            for listener in (*self._seats.values(), *self._onlookers):
                listener.chat.append(sc2api_pb2.ChatReceived(player_id=given.player_id,
                                                             message=given.text))
        elif isinstance(given, inputs.CameraMoved):
            seat.move_camera(given.world_xy)
            action = seat.camera_action(seat.camera_xy)
        elif isinstance(given, inputs.Selected):
            action = reporting.select(seat, given.before, given.after)
            _show_selected(seat, given.after)
        elif isinstance(given, inputs.Grouped):
            action = reporting.group(given)
            _use_group(seat, given)
        elif given.ability_id:
            obeying = [unit.tag for unit in self._teller.obey(given)]
            # Without tracker events nobody is known, and the selection has to do.
            action = reporting.command(seat, given, obeying or given.selection)
        else:
            self.num_unknown_commands += 1
        if action is not None:
            seat.report(action)

    def observe(self, disable_fog: bool) -> sc2api_pb2.ResponseObservation:
        """An observation as a message."""
        return self.viewer.observe(disable_fog or self._disable_fog, self.results)

    def observe_parts(self, disable_fog: bool) -> tuple[int, list[images.Pixels]]:
        """The same observation, serialized; see `observation.Observer`."""
        return self.viewer.observe_parts(disable_fog or self._disable_fog, self.results)


def _state(player: participants.Participant) -> players.PlayerState:
    kind = (players.COMPUTER if player.kind == sc2api_pb2.Computer else players.PARTICIPANT)
    return players.PlayerState(
        player.player_id, player.race, player.race_requested, kind, player.name,
        player.difficulty, player.ai_build, score=players.Score(kind=players.MELEE))


def _show_selected(seat: seat_lib.Seat, tags: Sequence[int]) -> None:
    seat.selection.deselect(seat.selection.tags)
    seat.selection.select(tags)


def _use_group(seat: seat_lib.Seat, given: inputs.Grouped) -> None:
    """Does to the seat's control groups what the player did."""
    update = given.update
    if update is inputs.GroupUpdate.RECALL:
        _show_selected(seat, given.after)
    elif update is not inputs.GroupUpdate.CLEAR:
        seat.selection.set_group(
            given.group,
            append=update in (inputs.GroupUpdate.APPEND, inputs.GroupUpdate.APPEND_AND_STEAL),
            steal=update in (inputs.GroupUpdate.SET_AND_STEAL,
                             inputs.GroupUpdate.APPEND_AND_STEAL))
