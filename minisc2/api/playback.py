"""A replay being watched: the recorded match played again, seen by one viewer."""

from collections.abc import Callable

from s2clientprotocol import debug_pb2, sc2api_pb2

from minisc2 import replay
from minisc2.api import errors, images, spectator, viewer
from minisc2.api import interface as interface_lib
from minisc2.api import match as match_lib
from minisc2.api import seat as seat_lib


class Playback:
    """Plays a recording again and answers for one viewer.

    Each request of the recording is applied at the loop at which it was applied in the match, to
    the same world; so an observation at any loop is what the observed player could see then.
    """

    def __init__(self, recording: replay.Recording, player_id: int,
                 options: sc2api_pb2.InterfaceOptions, disable_fog: bool = False):
        """Begins at the first loop.

        Args:
            recording: of the match.
            player_id: whose view it is; `spectator.EVERYONE` is nobody's, and sees everything.
            options: the viewer's interface.
            disable_fog: whether units out of the player's sight are listed too.

        Raises:
            ValueError: no such player, or an interface that cannot be served.
            maps.UnknownMapError: the map does not exist here.
        """
        if player_id != spectator.EVERYONE:
            recording.player(player_id)
        self._recording = recording
        self._match = match_lib.Match.from_recording(recording)
        self._disable_fog = disable_fog
        self._num_applied = 0
        self._interface = interface_lib.resolve(options, self._match.settings.game_map)
        self.viewer = viewer.Viewer(self._seat_of, player_id, self._interface)

    def _seat_of(self, player_id: int) -> seat_lib.Seat:
        """The player's own seat, which reports the actions, too."""
        if player_id == spectator.EVERYONE:
            return self._match.spectate(player_id, self._interface)
        return self._match.seats[player_id]

    @property
    def game_loop(self) -> int:
        """Where the replay is."""
        return self._match.world.loop

    @property
    def is_over(self) -> bool:
        """Whether the last recorded loop has been reached."""
        return self.game_loop >= self._recording.loops

    @property
    def results(self) -> dict[int, int] | None:
        """At the end of the replay: player id -> sc2api_pb2.Result, undecided if it was."""
        if not self.is_over:
            return None
        return {player.player_id: self._recording.results.get(player.player_id,
                                                              sc2api_pb2.Undecided)
                for player in self._recording.players}

    def step(self, num_game_loops: int) -> int:
        """Plays on, at most to the end of the recording; returns the loop reached."""
        end = min(self.game_loop + num_game_loops, self._recording.loops)
        events = self._recording.events
        while self.game_loop < end:
            self._apply_until(lambda event: event.loop <= self.game_loop)
            until = end
            if self._num_applied < len(events):
                until = min(end, events[self._num_applied].loop)
            before = self.game_loop
            self._match.play(until - before)
            if self.game_loop == before:
                raise errors.RequestError(
                    f"The replay stands still at loop {before} of {self._recording.loops}: the "
                    "match went another way than it was recorded.")
            if self._recording.num_clients > 1:
                # Then actions took effect at the end of a loop, before anyone observed it.
                self._apply_until(lambda event: event.loop <= self.game_loop
                                  and event.kind == replay.EventKind.ACTION)
        return self.game_loop

    def _apply_until(self, is_due: Callable[[replay.Event], bool]) -> None:
        """Applies the next events, up to the first that is not due."""
        events = self._recording.events
        while self._num_applied < len(events) and is_due(events[self._num_applied]):
            self._apply(events[self._num_applied])
            self._num_applied += 1

    def _apply(self, event: replay.Event) -> None:
        if event.kind == replay.EventKind.ACTION:
            self._match.apply(event.player_id, sc2api_pb2.Action.FromString(event.data))
        elif event.kind == replay.EventKind.DEBUG:
            self._match.apply_debug(event.player_id, debug_pb2.DebugCommand.FromString(event.data))

    def observe(self, disable_fog: bool) -> sc2api_pb2.ResponseObservation:
        """An observation as a message."""
        return self.viewer.observe(disable_fog or self._disable_fog, self.results)

    def observe_parts(self, disable_fog: bool) -> tuple[int, list[images.Pixels]]:
        """The same observation, serialized; see `observation.Observer`."""
        return self.viewer.observe_parts(disable_fog or self._disable_fog, self.results)
