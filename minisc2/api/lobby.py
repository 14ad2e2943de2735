"""Who takes which place in a match before it begins."""

from collections.abc import Sequence

from s2clientprotocol import sc2api_pb2

from minisc2.api import errors, spectator

_Join = sc2api_pb2.ResponseJoinGame


class Lobby:
    """The slots of a match, and the clients that took them.

    Slots of players are numbered from 1 on, in the order of the create request; observers come
    after them. A player's number is the player id.

    Attributes:
        players: (number, setup) of the slots of participants and computers.
        participants: numbers of the slots of clients that play.
        observers: numbers of the slots of clients that look on; the world does not know them.
        joins: the join requests of the clients that came, by number.
    """

    def __init__(self, setups: Sequence[sc2api_pb2.PlayerSetup]):
        """Nobody has come yet."""
        self.players = list(enumerate(
            (setup for setup in setups if setup.type != sc2api_pb2.Observer), 1))
        self.participants = [number for number, setup in self.players
                             if setup.type == sc2api_pb2.Participant]
        self.observers = list(range(len(self.players) + 1, len(setups) + 1))
        self.joins: dict[int, sc2api_pb2.RequestJoinGame] = {}

    @property
    def num_clients(self) -> int:
        """How many clients there is room for."""
        return len(self.participants) + len(self.observers)

    @property
    def is_full(self) -> bool:
        """Whether everyone has come."""
        return len(self.joins) == self.num_clients

    def take(self, request: sc2api_pb2.RequestJoinGame) -> int:
        """Gives a client the next free slot: a player's, or an observer's if it wants to observe.

        Returns:
            The slot's number.

        Raises:
            errors.TypedError: with ResponseJoinGame.Error, there is no such slot, or it is taken.
        """
        is_observer = request.WhichOneof("participation") == "observed_player_id"
        if is_observer:
            self._check_observer(request.observed_player_id)
        slots = self.observers if is_observer else self.participants
        free = [number for number in slots if number not in self.joins]
        if not free:
            raise errors.TypedError(
                _Join.GameFull,
                f"All {len(slots)} places for {'observers' if is_observer else 'players'} in this "
                "game are taken. Create a game and join that.")
        self.joins[free[0]] = request
        return free[0]

    def _check_observer(self, observed_player_id: int) -> None:
        if not self.observers:
            raise errors.TypedError(
                _Join.FeatureUnsupported,
                "observed_player_id is set, and this game was created without an observer: add a "
                "player_setup of type Observer, or set race to take part.")
        known = [number for number, _ in self.players]
        if observed_player_id not in (spectator.EVERYONE, *known):
            raise errors.TypedError(
                _Join.InvalidObservedPlayerId,
                f"observed_player_id is {observed_player_id}; there are the players "
                f"{', '.join(map(str, known))}, and {spectator.EVERYONE} stands for all of them.")
