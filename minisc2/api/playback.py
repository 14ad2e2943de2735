"""A replay being watched: the recorded match played again, seen from one player's seat."""

from s2clientprotocol import debug_pb2, sc2api_pb2

from minisc2 import replay
from minisc2.api import errors, images, observation
from minisc2.api import interface as interface_lib
from minisc2.api import match as match_lib


class Playback:
    """Plays a recording again and answers for one observed player.

    Each request of the recording is applied at the loop at which it was applied in the match, to
    the same world; so an observation at any loop is what that player could see then.
    """

    def __init__(self, recording: replay.Recording, player_id: int,
                 options: sc2api_pb2.InterfaceOptions, disable_fog: bool = False):
        """Begins at the first loop.

        Args:
            recording: of the match.
            player_id: whose view it is.
            options: the viewer's interface.
            disable_fog: whether units out of the player's sight are listed too.

        Raises:
            ValueError: no such player, or an interface that cannot be served.
            maps.UnknownMapError: the map does not exist here.
        """
        recording.player(player_id)
        self._recording = recording
        self._match = match_lib.Match.from_recording(recording)
        self.interface = interface_lib.resolve(options, self._match.settings.game_map)
        self._disable_fog = disable_fog
        self._num_applied = 0
        self._followed: tuple[int, ...] = ()
        self._look_as(player_id)

    def _look_as(self, player_id: int) -> None:
        self.seat = self._match.seats[player_id]
        self.observer = observation.Observer(self.seat, self.interface)

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
            while (self._num_applied < len(events)
                   and events[self._num_applied].loop <= self.game_loop):
                self._apply(events[self._num_applied])
                self._num_applied += 1
            until = end
            if self._num_applied < len(events):
                until = min(end, events[self._num_applied].loop)
            before = self.game_loop
            self._match.play(until - before)
            if self.game_loop == before:
                raise errors.RequestError(
                    f"The replay stands still at loop {before} of {self._recording.loops}: the "
                    "match went another way than it was recorded.")
        self._follow()
        return self.game_loop

    def _apply(self, event: replay.Event) -> None:
        if event.kind == replay.EventKind.ACTION:
            self._match.apply(event.player_id, sc2api_pb2.Action.FromString(event.data))
        elif event.kind == replay.EventKind.DEBUG:
            self._match.apply_debug(event.player_id, debug_pb2.DebugCommand.FromString(event.data))

    def observe(self, disable_fog: bool) -> sc2api_pb2.ResponseObservation:
        """An observation as a message."""
        return self.observer.observe(disable_fog or self._disable_fog, self.results)

    def observe_parts(self, disable_fog: bool) -> tuple[int, list[images.Pixels]]:
        """The same observation, serialized; see `observation.Observer`."""
        return self.observer.observe_parts(disable_fog or self._disable_fog, self.results)

    def act(self, action: sc2api_pb2.ObserverAction) -> None:
        """Moves the viewer's camera, or changes whose view it is.

        Raises:
            errors.RequestError: there is no such player.
        """
        kind = action.WhichOneof("action")
        if kind == "player_perspective":
            self._look_as(self._known_player(action.player_perspective.player_id))
        elif kind == "camera_follow_player":
            self._known_player(action.camera_follow_player.player_id)
            self._followed, self.observer.camera_xy = (), None
        elif kind == "camera_move":
            position = action.camera_move.world_pos
            self._followed = ()
            self.observer.camera_xy = self.interface.raw.raw_to_world((position.x, position.y))
        elif kind == "camera_follow_units":
            self._followed = tuple(action.camera_follow_units.unit_tags)
            self._follow()

    def _known_player(self, player_id: int) -> int:
        if player_id not in self._match.seats:
            known = ", ".join(map(str, self._match.seats))
            raise errors.RequestError(f"obs_action names player {player_id}; there are {known}.")
        return player_id

    def _follow(self) -> None:
        world_units = self._match.world.units
        followed = [world_units[tag] for tag in self._followed if tag in world_units]
        if followed:
            self.observer.camera_xy = (sum(unit.x for unit in followed) / len(followed),
                                       sum(unit.y for unit in followed) / len(followed))
