"""What units can be told to do: abilities by id, and the orders that units carry."""

import enum
from collections.abc import Sequence
from typing import NamedTuple

from minisc2.game import unit_data

SMART = 1
STOP = 4
MOVE = 16
PATROL = 17
HOLD_POSITION = 18
SCAN_MOVE = 19
ATTACK = 23
STOP_BUILDING = 2057
ATTACK_BUILDING = 2048
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


class Kind(enum.IntEnum):
    """How an order is carried out."""

    MOVE = 0  # to a point
    FOLLOW = 1  # stay beside a unit
    ATTACK = 2  # one unit, until it is dead or out of sight
    SCAN = 3  # to a point, fighting whatever is met on the way
    PATROL = 4  # between two points, fighting whatever is met on the way
    HOLD = 5  # stay, and shoot what is in range


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
        target_tag: unit, or 0.
        progress: 0 to 1 for orders that take time, such as training; else 0.
        origin_xy: where a patrol turns back.
    """

    __slots__ = ("ability_id", "kind", "origin_xy", "progress", "target_tag", "target_xy")

    def __init__(self, ability_id: int, kind: Kind, target_xy: tuple[float, float] | None = None,
                 target_tag: int = 0):
        self.ability_id = ability_id
        self.kind = kind
        self.target_xy = target_xy
        self.target_tag = target_tag
        self.progress = 0.0
        self.origin_xy: tuple[float, float] | None = None

    def __repr__(self) -> str:
        return (f"Order({self.ability_id}, {self.kind.name}, target_xy={self.target_xy}, "
                f"target_tag={self.target_tag})")


_MOBILE = (AbilityUse(SMART, Target.POINT_OR_UNIT), AbilityUse(STOP, Target.NONE),
           AbilityUse(MOVE, Target.POINT_OR_UNIT), AbilityUse(PATROL, Target.POINT_OR_UNIT),
           AbilityUse(HOLD_POSITION, Target.NONE))
_ARMED = (*_MOBILE, AbilityUse(ATTACK, Target.POINT_OR_UNIT))
_UNARMED = (*_MOBILE, AbilityUse(SCAN_MOVE, Target.POINT_OR_UNIT))
_ARMED_STRUCTURE = (AbilityUse(SMART, Target.POINT_OR_UNIT), AbilityUse(STOP_BUILDING, Target.NONE),
                    AbilityUse(ATTACK_BUILDING, Target.UNIT))


def abilities_of(unit_type: unit_data.UnitType) -> tuple[AbilityUse, ...]:
    """What units of this type can always do, in the order of ability ids."""
    if unit_type.speed > 0:
        return _ARMED if unit_type.weapons else _UNARMED
    if unit_type.is_structure and unit_type.weapons:
        return _ARMED_STRUCTURE
    return ()


_SPECIFIC: dict[int, Sequence[int]] = {
    GENERAL_STOP: (STOP, STOP_BUILDING),
    GENERAL_ATTACK: (ATTACK, ATTACK_BUILDING, SCAN_MOVE),
    GENERAL_HOLD_POSITION: (HOLD_POSITION,),
    GENERAL_MOVE: (MOVE,),
    GENERAL_PATROL: (PATROL,),
}


def specific_ability(ability_id: int, available: Sequence[AbilityUse]) -> int | None:
    """The ability of a unit that a general or specific id means.

    Args:
        ability_id: general (3674: attack) or specific (23).
        available: what the unit can do.

    Returns:
        A specific id the unit has, or None. A unit without a weapon told to attack does a scan
        move, as in the real game.
    """
    ids = [use.ability_id for use in available]
    for candidate in _SPECIFIC.get(ability_id, (ability_id,)):
        if candidate in ids:
            return candidate
    if ability_id == ATTACK and SCAN_MOVE in ids:
        return SCAN_MOVE
    return None
