"""What a player sets out to do, as data: structures in order, what to train, when to attack."""

import dataclasses
import enum
import random
from collections.abc import Callable


class Near(enum.Enum):
    """Where a structure is to stand."""

    BASE = enum.auto()  # between the town hall and the way out
    FRONT = enum.auto()  # where the army gathers
    MINERALS = enum.auto()  # at the edge of the minerals
    NATURAL = enum.auto()  # at the nearest other minerals


@dataclasses.dataclass(frozen=True)
class Step:
    """One structure, add-on or morph of a build order.

    Attributes:
        name: of the structure.
        at_food: supply in use from which on it is wanted.
        near: where it is to stand.
        on: for an add-on or a morph: the structure that makes it.
    """

    name: str
    at_food: int = 0
    near: Near = Near.BASE
    on: str = ""


@dataclasses.dataclass(frozen=True)
class Line:
    """Structures of one kind and one add-on, in one control group, and what they train.

    Attributes:
        group: the control group.
        structure: name of the structures.
        products: names of units, by turns.
        add_on: "", "Reactor" or "TechLab".
    """

    group: int
    structure: str
    products: tuple[str, ...]
    add_on: str = ""


@dataclasses.dataclass(frozen=True)
class Research:
    """An upgrade.

    Attributes:
        ability_id: of the research.
        structure: name of what researches it; a tech lab's begins with its structure's.
        minerals: cost; `vespene` as well.
    """

    ability_id: int
    structure: str
    minerals: int
    vespene: int


@dataclasses.dataclass(frozen=True)
class Plan:
    """How one match is to be played.

    Attributes:
        name: of the player.
        steps: the build order.
        lines: what trains what.
        research: upgrades, in order.
        num_workers: SCVs on minerals for each base.
        max_workers: SCVs to have in all.
        num_gas_workers: SCVs for each refinery.
        attack_army: army units with which to attack.
        attack_loop: game loop from which on half as many suffice for the first attack.
        retreat_share: share of the army at the attack's beginning below which to go home.
        depot_angle: where the depots stand, in radians from the way to the enemy.
        barracks_distance: cells on the way to the enemy before which production stands.
        rally_distance: cells on the way to the enemy after which the army gathers.
        spare_supply: supply to have left for each structure that trains, before another depot.
        growth: name of a structure to add while there are minerals for it to spare, or "".
        max_growth: how many of them there are to be in all.
        sieges: whether tanks dig in where the army gathers.
    """

    name: str
    steps: tuple[Step, ...]
    lines: tuple[Line, ...]
    research: tuple[Research, ...] = ()
    num_workers: int = 16
    max_workers: int = 60
    num_gas_workers: int = 3
    attack_army: int = 16
    attack_loop: int = 1 << 30
    retreat_share: float = 0.3
    depot_angle: float = 2.0
    barracks_distance: float = 7.0
    rally_distance: float = 9.0
    spare_supply: float = 1.3
    growth: str = ""
    max_growth: int = 5
    sieges: bool = False


Planner = Callable[[random.Random], Plan]
"""Draws how a player plays one match."""
