"""From a command of a replay to what it makes a unit do: where it goes, and what for."""

import enum
import functools
from typing import NamedTuple

from minisc2.api import tables
from minisc2.game import orders, units
from minisc2.reconstruction import abilities, inputs
from minisc2.reconstruction import world as world_lib

Point = tuple[float, float]


class Aim(enum.Enum):
    """What a unit does with its command."""

    GO = "go"  # to a point
    REACH = "reach"  # a unit, and stay beside it
    BUILD = "build"  # at a point, and stay until the structure is finished
    GATHER = "gather"  # from a field or refinery, back and forth
    RETURN = "return"  # to the nearest town hall
    STOP = "stop"
    JUMP = "jump"  # to a point at once
    RALLY = "rally"  # where units made here go
    NONE = "none"  # whatever it is, the unit goes on as it did


class Task(NamedTuple):
    """One thing to do.

    Attributes:
        distance: in cells; how near the unit has to get.
        ability_id: as an observation reports the order.
    """

    aim: Aim
    xy: Point | None
    tag: int
    distance: float
    ability_id: int


_BY_LINK = {"stop": Aim.STOP, "HoldFire": Aim.STOP, "Blink": Aim.JUMP,
            "DarkTemplarBlink": Aim.JUMP, "Hyperjump": Aim.JUMP}
_BUILDERS = ("TerranBuild", "ProtossBuild", "ZergBuild", "NydusNetworkBuild")
_HARVESTS = ("SCVHarvest", "ProbeHarvest", "DroneHarvest", "MULEGather")
_MOVES = {0: Aim.GO, 1: Aim.GO, 2: Aim.STOP, 3: Aim.GO}
"""Index of the ability "move" -> aim: move, patrol, hold position, scan."""


@functools.cache
def _row(ability_id: int) -> tuple[str, int, float]:
    """(link name, index, cast range) of an ability."""
    row = tables.load()["abilities"].get(ability_id, {})
    return row.get("link_name", ""), row.get("link_index", 0), float(row.get("cast_range", 0))


def of(world: world_lib.ReconstructedWorld, unit: units.Unit, command: inputs.Command) -> Task:
    """What a command makes one unit do."""
    name, index, cast_range = _row(command.ability_id)
    target = world.units.get(command.target_tag)
    xy, tag, distance = command.target_xy, command.target_tag, 0.0
    if command.is_autocast or command.slot >= 0:
        aim = Aim.NONE
    elif command.ability_id == abilities.SMART:
        aim = _smart(world, unit, target, xy)
    elif name.startswith("Rally"):
        aim = Aim.RALLY
    elif unit.type.speed <= 0:
        aim = Aim.NONE
    elif name == "move":
        aim = _MOVES.get(index, Aim.NONE)
    elif name in _BY_LINK:
        aim = _BY_LINK[name]
    elif name in _HARVESTS:
        aim = Aim.GATHER if index == 0 else Aim.RETURN
    elif name in _BUILDERS:
        aim = Aim.BUILD if xy is not None else Aim.STOP
    else:
        aim = Aim.GO if xy is not None and cast_range < 100 else Aim.NONE
        distance = cast_range
    if aim is Aim.GO and target is not None:
        aim = Aim.REACH
        if distance == 0 and world.is_enemy(unit.owner, target.owner):
            weapon = unit.type.air_weapon if target.is_flying else unit.type.ground_weapon
            distance = weapon.range if weapon is not None else 0.0
        distance += unit.radius + target.radius
    if aim is Aim.GO and xy is None:
        aim = Aim.NONE
    return Task(aim, xy, tag, distance, command.ability_id)


def _smart(world: world_lib.ReconstructedWorld, unit: units.Unit, target: units.Unit | None,
           xy: Point | None) -> Aim:
    """What a right click means to a unit."""
    if unit.type.speed <= 0 or unit.type.name in ("Egg", "Larva"):
        return Aim.RALLY if xy is not None else Aim.NONE
    if target is None or not unit.type.is_worker:
        return Aim.GO if xy is not None else Aim.NONE
    if target.type.has_minerals or (target.type.has_vespene and target.owner == unit.owner):
        return Aim.GATHER
    return Aim.GO


def is_stopped_by(ability_id: int) -> bool:
    """Whether an order is none that an observation would list."""
    return ability_id in (orders.STOP, orders.HOLD_POSITION)
