"""All that is needed to play a match of the embedded game again: setup, seed, what clients sent.

The game is deterministic, so a replay holds no observations. It holds the setup, the effective
seed, and every request that changed the world with the loop at which it was applied. Playing it
back means making the same world and applying the same requests at the same loops.
"""

import enum
from dataclasses import dataclass, field
from typing import NamedTuple


class EventKind(enum.IntEnum):
    """What the bytes of an event are. The numbers are part of the file format."""

    ACTION = 1  # one serialized sc2api_pb2.Action, in the units of the sender's interface
    DEBUG = 2  # one serialized debug_pb2.DebugCommand
    LEAVE = 3  # the player left the match; no bytes
    OBSERVER_CAMERA = 4  # one serialized ObserverAction of the recording player; changes no unit


class Event(NamedTuple):
    """One thing a client sent which changed the match.

    `loop` is the world's loop at the moment it was applied: it is applied after `World.loop`
    reached that number and before the step from it. Events with the same loop keep their order.
    """

    loop: int
    player_id: int
    kind: EventKind
    data: bytes


@dataclass(frozen=True)
class RecordedPlayer:
    """One slot of the match, in the order of the create request.

    Attributes:
        player_id: 1-based id in the match.
        kind: sc2api_pb2.PlayerType (Participant = 1, Computer = 2).
        race_requested: common_pb2.Race as asked for (Random = 4 is kept).
        race_actual: common_pb2.Race that was played.
        difficulty: sc2api_pb2.Difficulty of a computer, 0 for a participant.
        ai_build: sc2api_pb2.AIBuild of a computer, 0 for a participant.
        name: player name as the client gave it, or "".
        interface: serialized sc2api_pb2.InterfaceOptions of a participant (its recorded
            feature-layer actions are in these units), b"" for a computer.
        mmr: matchmaking rating, or None where there is none, as in every match until somebody
            says so (`archive.with_ratings`).
    """

    player_id: int
    kind: int
    race_requested: int
    race_actual: int
    difficulty: int = 0
    ai_build: int = 0
    name: str = ""
    interface: bytes = b""
    mmr: int | None = None


@dataclass
class Recording:
    """A match from its setup to its last loop.

    Attributes:
        map_name: what `minisc2.maps.get` takes to find the same map again.
        players: the slots of the match.
        seed: the effective seed of the world (drawn anew at every restart), not the one asked for.
        disable_fog: whether the create request switched the fog of war off.
        realtime: whether the create request asked for real time.
        loops: world loops simulated when the recording ended.
        results: player id -> sc2api_pb2.Result; empty while undecided.
        num_clients: participants and observers; with more than one, actions are applied at the
            end of the loop they are recorded at, else at the beginning of the next.
        num_orders: player id -> orders of a computer player, which are no events because they are
            thought out again when the match is played again.
        events: what clients sent, in the order in which it was applied.
    """

    map_name: str
    players: tuple[RecordedPlayer, ...]
    seed: int
    disable_fog: bool = False
    realtime: bool = False
    loops: int = 0
    results: dict[int, int] = field(default_factory=dict)
    num_clients: int = 1
    num_orders: dict[int, int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def add(self, loop: int, player_id: int, kind: EventKind, data: bytes = b"") -> None:
        """Appends an event; see `Event`."""
        self.events.append(Event(loop, player_id, kind, data))

    def player(self, player_id: int) -> RecordedPlayer:
        """Returns the slot of a player.

        Raises:
            ValueError: no such player in this match.
        """
        for player in self.players:
            if player.player_id == player_id:
                return player
        known = ", ".join(str(player.player_id) for player in self.players)
        raise ValueError(f"player_id {player_id} is not in this recording; it has players {known}.")
