"""What happened in the world, for whoever watches it."""

import dataclasses
import enum


class EventKind(enum.Enum):
    UNIT_CREATED = "unit_created"
    UNIT_DIED = "unit_died"
    UNIT_REMOVED = "unit_removed"  # by a map script, without dying
    UNIT_ATTACKED = "unit_attacked"
    UNIT_TRAINED = "unit_trained"
    STRUCTURE_STARTED = "structure_started"
    STRUCTURE_FINISHED = "structure_finished"
    ADD_ON_FINISHED = "add_on_finished"
    MORPH_FINISHED = "morph_finished"
    RESEARCH_FINISHED = "research_finished"
    RESOURCE_EXHAUSTED = "resource_exhausted"
    UNIT_EXPIRED = "unit_expired"  # its time was over, like a MULE's; it dies as well


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        loop: game loop.
        tag: the unit it happened to.
        owner: player whose unit that is.
        xy: where the unit was.
        other_tag: the attacker or killer, or 0.
        seen_by: of a death, the players who saw it or whose unit it was.
    """

    kind: EventKind
    loop: int
    tag: int
    unit_type: int
    owner: int
    xy: tuple[float, float]
    other_tag: int = 0
    seen_by: tuple[int, ...] = ()
