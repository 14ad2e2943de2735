"""One unit in the world."""

import math
from typing import Any

from minisc2.game import orders, unit_data

NEUTRAL_OWNER = 16
"""Owner of minerals, beacons and the like, as the StarCraft II API numbers it."""

DEFAULT_FACING = math.radians(270.0)
"""Facing of units made by a map script: towards the camera."""

CLOAKED_UNKNOWN, CLOAKED, CLOAKED_DETECTED, NOT_CLOAKED, CLOAKED_ALLIED = range(5)
"""Cloak states, numbered as `raw_pb2.CloakState`."""

AIR_HEIGHT = 3.75
"""Height of flying units above the ground, in cells."""


class Unit:
    """Everything that changes about one unit. World coordinates in cells, y up; angles in radians.

    Attributes:
        tag: unique for the whole game.
        owner: player id, or NEUTRAL_OWNER.
        type: the row of its type; `unit_type` is its id.
        orders: current order first.
        weapon_cooldown: game loops until it can shoot again.
        engaged_target_tag: unit it fights now, or 0.
        cloak: CLOAKED or NOT_CLOAKED as it is; what a player sees of it is `World.cloak_state`.
    """

    __slots__ = (
        "add_on_tag",
        "armor_upgrade_level",
        "attack_upgrade_level",
        "best_distance",
        "buffs",
        "build_progress",
        "cargo",
        "cargo_space_max",
        "cell",
        "cloak",
        "energy",
        "energy_max",
        "engaged_target_tag",
        "facing",
        "health",
        "health_max",
        "is_active",
        "is_alive",
        "is_burrowed",
        "is_flying",
        "is_hallucination",
        "is_holding",
        "is_invulnerable",
        "is_powered",
        "is_structure",
        "last_hit_loop",
        "mineral_contents",
        "num_stuck_loops",
        "orders",
        "owner",
        "path",
        "path_goal",
        "radius",
        "rally",
        "shield",
        "shield_max",
        "shield_upgrade_level",
        # For the simulation only.
        "speed",
        "steering",
        "tag",
        "target",
        "type",
        "unit_type",
        "vespene_contents",
        "weapon_cooldown",
        "x",
        "y",
        "z",
    )

    def __init__(self, tag: int, unit_type: unit_data.UnitType, owner: int, x: float, y: float,
                 facing: float = DEFAULT_FACING):
        self.tag = tag
        self.type = unit_type
        self.unit_type = unit_type.unit_id
        self.owner = owner
        self.x = x
        self.y = y
        self.is_flying = unit_type.is_flying
        self.z = AIR_HEIGHT if unit_type.is_flying else 0.0
        self.facing = facing
        self.radius = unit_type.radius
        self.health = self.health_max = unit_type.health_max
        self.shield = self.shield_max = unit_type.shield_max
        self.energy = unit_type.energy_start
        self.energy_max = unit_type.energy_max
        self.build_progress = 1.0
        self.is_burrowed = False
        self.is_structure = unit_type.is_structure
        self.cloak = CLOAKED if unit_type.is_cloaked else NOT_CLOAKED
        self.orders: list[orders.Order] = []
        self.weapon_cooldown = 0.0
        self.engaged_target_tag = 0
        self.buffs: list[int] = []
        self.cargo: list[Unit] = []
        self.cargo_space_max = 0
        self.mineral_contents = 0
        self.vespene_contents = 0
        self.add_on_tag = 0
        self.rally: list[Any] = []
        self.attack_upgrade_level = 0
        self.armor_upgrade_level = 0
        self.shield_upgrade_level = 0
        self.is_hallucination = False
        self.is_powered = False
        self.is_active = False
        self.is_alive = True
        self.is_invulnerable = False
        self.speed = unit_type.speed
        self.cell: tuple[int, int] = (int(x), int(y))
        self.target: Unit | None = None
        self.last_hit_loop = -1_000_000
        self.path: list[tuple[float, float]] = []
        self.path_goal: tuple[float, float] | None = None
        self.num_stuck_loops = 0
        self.best_distance = math.inf
        self.steering = 0
        self.is_holding = False

    def distance_to(self, x: float, y: float) -> float:
        return math.hypot(self.x - x, self.y - y)

    def __repr__(self) -> str:
        return (f"Unit({self.type.name}, tag={self.tag}, owner={self.owner}, "
                f"xy=({self.x:.3f}, {self.y:.3f}), health={self.health:g})")
