"""What happened in the world, for whoever watches it."""

import dataclasses
import enum


class EventKind(enum.Enum):
    UNIT_CREATED = "unit_created"
    UNIT_DIED = "unit_died"
    UNIT_REMOVED = "unit_removed"  # by a map script, without dying
    UNIT_ATTACKED = "unit_attacked"


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        loop: game loop.
        tag: the unit it happened to.
        owner: player whose unit that is.
        xy: where the unit was.
        other_tag: the attacker or killer, or 0.
    """

    kind: EventKind
    loop: int
    tag: int
    unit_type: int
    owner: int
    xy: tuple[float, float]
    other_tag: int = 0
