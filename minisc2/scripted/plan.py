"""What a player sets out to do, as data: structures in order, what to train, when to attack."""

import dataclasses
import random
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Step:
    """One structure (or add-on, or morph) of a build order.

    Attributes:
        name: of the structure.
        at_food: supply in use from which on it is wanted.
        at_loop: game loop from which on it is wanted.
        near: where: "base", "front" (towards the enemy), "minerals" or "natural".
        on: for an add-on or a morph: the structure that makes it.
    """

    name: str
    at_food: int = 0
    at_loop: int = 0
    near: str = "base"
    on: str = ""


@dataclasses.dataclass(frozen=True)
class Line:
    """Structures of one kind and one add-on, in one control group, and what they train.

    Attributes:
        group: the control group.
        structure: name of the structures.
        products: names of units, the one wanted most first.
        add_on: "", "Reactor" or "TechLab".
        depth: how many units are queued ahead in each of them, at most.
    """

    group: int
    structure: str
    products: tuple[str, ...]
    add_on: str = ""
    depth: int = 2


@dataclasses.dataclass(frozen=True)
class Research:
    """An upgrade: `ability_id` at the structure of that name, once the player has so much gas."""

    ability_id: int
    structure: str
    minerals: int
    vespene: int


@dataclasses.dataclass(frozen=True)
class Plan:
    """How one match is to be played.

    Attributes:
        name: of the player.
        num_workers: SCVs to train for each base.
        max_workers: SCVs to have in all.
        steps: the build order.
        lines: what trains what.
        research: upgrades, in order.
        num_gas_workers: SCVs for each refinery.
        attack_army: army units with which to attack.
        attack_loop: game loop from which on an attack may begin with half as many.
        retreat_share: share of the army at the attack's beginning below which to go home.
        depot_angle: where the depots stand, in radians from the direction to the enemy.
        barracks_distance: cells from the town hall to where production stands.
        rally_distance: cells from the town hall to where the army gathers, towards the enemy.
        spare_supply: supply to have left for each structure that trains, before another depot.
    """

    name: str
    steps: tuple[Step, ...]
    lines: tuple[Line, ...]
    num_workers: int = 16
    max_workers: int = 60
    research: tuple[Research, ...] = ()
    num_gas_workers: int = 3
    attack_army: int = 16
    attack_loop: int = 1 << 30
    retreat_share: float = 0.3
    depot_angle: float = 2.0
    barracks_distance: float = 7.0
    rally_distance: float = 9.0
    spare_supply: float = 1.3


Planner = Callable[[random.Random], Plan]
"""Draws how a player plays one match."""
