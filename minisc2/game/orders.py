"""What units can be told to do: kinds of orders, and the orders that units carry."""

import enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from minisc2.game import ability_data, commutes

SMART = 1
STOP = 4
MOVE = 16
PATROL = 17
HOLD_POSITION = 18
SCAN_MOVE = 19
ATTACK = 23
GENERAL_STOP = 3665
GENERAL_ATTACK = 3674
GENERAL_HOLD_POSITION = 3793
GENERAL_MOVE = 3794
GENERAL_PATROL = 3795

MAX_ORDERS = 8
"""Longest queue of orders of one unit."""


class Target(enum.IntEnum):
    """What an ability has to be pointed at, numbered as `data_pb2.AbilityData.Target`."""

    NONE = 1
    POINT = 2
    UNIT = 3
    POINT_OR_UNIT = 4
    POINT_OR_NONE = 5


class Kind(enum.IntEnum):
    """How an order is carried out; some kinds take effect at once and are never queued."""

    MOVE = 0  # to a point
    FOLLOW = 1  # stay beside a unit
    ATTACK = 2  # one unit, until it is dead or out of sight
    SCAN = 3  # to a point, fighting whatever is met on the way
    PATROL = 4  # between two points, fighting whatever is met on the way
    HOLD = 5  # stay, and shoot what is in range
    STOP = 6
    SMART = 7  # what a right click means
    GATHER = 8
    RETURN = 9  # a worker's load to the nearest town hall
    BUILD = 10
    HALT = 11  # stop constructing
    CANCEL = 12  # a structure or add-on under construction, or a morph
    CANCEL_LAST = 13  # of what a structure makes
    BUILD_ADD_ON = 14
    TRAIN = 15
    RESEARCH = 16
    RALLY = 17
    MORPH = 18
    LIFT = 19
    LAND = 20
    REPAIR = 21
    LOAD = 22
    UNLOAD = 23
    SPELL = 24
    BOARD = 25  # go to a carrier and into it


_WITHOUT_PROGRESS = frozenset((Kind.GATHER, Kind.RETURN))
"""Kinds with phases that take time, of which an observation does not tell."""


class AbilityUse(NamedTuple):
    """One ability that a unit can use now."""

    ability_id: int
    target: Target


class Order:
    """One entry of a unit's queue of orders.

    Attributes:
        ability_id: specific id, as an observation reports it.
        kind: how it is carried out.
        target_xy: world point, or None.
        target_tag: unit, or 0, as an observation reports it.
        site_tag: the field of an order to gather, the structure of an order to build, or 0.
        way: the `commutes.Way` that a worker is on, or None.
        ability: the row of its ability, where the kind needs it.
        start_loop: game loop in which its present phase began.
        end_loop: game loop in which its present phase ends.
        phase: a number of the kind's own.
        paid: (minerals, vespene) that the owner gets back when the order is dropped.
        origin_xy: where a patrol turns back.
    """

    __slots__ = ("ability", "ability_id", "end_loop", "kind", "origin_xy", "paid", "phase",
                 "site_tag", "start_loop", "target_tag", "target_xy", "way")

    def __init__(self, ability_id: int, kind: Kind, target_xy: tuple[float, float] | None = None,
                 target_tag: int = 0, ability: "ability_data.Ability | None" = None):
        self.ability_id = ability_id
        self.kind = kind
        self.target_xy = target_xy
        self.target_tag = target_tag
        self.ability = ability
        self.start_loop = 0
        self.end_loop = 0
        self.phase = 0
        self.paid = (0, 0)
        self.origin_xy: tuple[float, float] | None = None
        self.site_tag = 0
        self.way: commutes.Way | None = None

    def progress(self, loop: int) -> float:
        """0 to 1 for orders that make something or turn into it, such as training; else 0."""
        if not self.end_loop or self.kind in _WITHOUT_PROGRESS:
            return 0.0
        return min(1.0, (loop - self.start_loop) / max(1, self.end_loop - self.start_loop))

    def __repr__(self) -> str:
        return (f"Order({self.ability_id}, {self.kind.name}, target_xy={self.target_xy}, "
                f"target_tag={self.target_tag})")
