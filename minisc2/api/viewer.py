"""A client that looks on, at a match or at a replay: whose eyes, and where the camera is."""

from collections.abc import Callable, Iterable, Mapping

from s2clientprotocol import sc2api_pb2

from minisc2.api import errors, images, observation, spectator
from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib

_Point = tuple[float, float]

class Viewer:
    """Observes through the eyes of a player, or of everyone, with a camera of its own.

    Until it moves its camera it looks where the player looks.

    Attributes:
        interface: the viewer's.
        seat: the place it looks from now.
    """

    def __init__(self, look_as: Callable[[int], seat_lib.Seat], player_id: int,
                 interface: interface_lib.Interface):
        """Looks through a player's eyes.

        Args:
            look_as: makes the place to look from, for a player id or `spectator.EVERYONE`; raises
                KeyError if there is no such player.
            player_id: of the player looked at first.
            interface: sizes and coordinates of what is observed.
        """
        self.interface = interface
        self._look_as = look_as
        self._views: dict[int, tuple[seat_lib.Seat, observation.Observer]] = {}
        self._camera: Callable[[], _Point | None] = _where_the_player_looks
        self.seat, self._observer = self._view(player_id)

    def _view(self, player_id: int) -> tuple[seat_lib.Seat, observation.Observer]:
        if player_id not in self._views:
            seat = self._look_as(player_id)
            self._views[player_id] = seat, observation.Observer(seat, self.interface)
        return self._views[player_id]

    def observe(self, disable_fog: bool = False, results: Mapping[int, int] | None = None
                ) -> sc2api_pb2.ResponseObservation:
        """An observation as a message; see `observation.Observer`."""
        self._observer.camera_xy = self._camera()
        return self._observer.observe(disable_fog, results)

    def observe_parts(self, disable_fog: bool = False, results: Mapping[int, int] | None = None
                      ) -> tuple[int, list[images.Pixels]]:
        """The same observation, serialized."""
        self._observer.camera_xy = self._camera()
        return self._observer.observe_parts(disable_fog, results)

    def act(self, action: sc2api_pb2.ObserverAction) -> None:
        """Moves the camera, or changes whose view it is; an empty action does nothing.

        Raises:
            errors.RequestError: there is no such player.
        """
        kind = action.WhichOneof("action")
        if kind == "player_perspective":
            player_id = self._known(action.player_perspective.player_id, spectator.EVERYONE)
            self.seat, self._observer = self._view(player_id)
            self._camera = _where_the_player_looks
        elif kind == "camera_follow_player":
            seat, _ = self._view(self._known(action.camera_follow_player.player_id))
            self._camera = lambda: seat.camera_xy
        elif kind == "camera_move":
            position = action.camera_move.world_pos
            world_xy = self.interface.raw.raw_to_world((position.x, position.y))
            self._camera = lambda: world_xy
        elif kind == "camera_follow_units":
            self._camera = _Follower(self.seat, action.camera_follow_units.unit_tags)

    def _known(self, player_id: int, *others: int) -> int:
        known = (*self.seat.world.players, *others)
        if player_id not in known:
            raise errors.RequestError(f"obs_action names player {player_id}; there are "
                                      f"{', '.join(map(str, known))}.")
        return player_id


class _Follower:
    """Where some units are: the middle of those alive, or where the last of them died."""

    def __init__(self, seat: seat_lib.Seat, tags: Iterable[int]):
        self._world = seat.world
        self._tags = tuple(tags)
        self._last_xy: _Point | None = None

    def __call__(self) -> _Point | None:
        units = [self._world.units[tag] for tag in self._tags if tag in self._world.units]
        if units:
            self._last_xy = (sum(unit.x for unit in units) / len(units),
                             sum(unit.y for unit in units) / len(units))
        return self._last_xy


def _where_the_player_looks() -> None:
    """No camera of one's own."""
