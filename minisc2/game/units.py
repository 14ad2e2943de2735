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


_FIRST_TAG = 1 << 32
_TAG_STEP = 1 << 18


class Unit:
    """Everything that changes about one unit. World coordinates in cells, y up; angles in radians.

    Attributes:
        tag: unique for the whole game, of the form the real game gives.
        index: 1 for the first unit made, 2 for the second, ...
        owner: player id, or NEUTRAL_OWNER.
        type: the row of its type; `unit_type` is its id.
        orders: current order first.
        target: enemy that it chose by itself or was ordered to fight.
        is_on_guard: fights whom it meets while it has no orders; workers do not.
        is_alert: looks for an enemy in the very next game loop.
        last_goal: point where its last movement ended or was to end.
        weapon_cooldown: game loops until it can shoot again.
        engaged_target_tag: unit it fights now, or 0.
        cloak: CLOAKED or NOT_CLOAKED as it is; what a player sees of it is `World.cloak_state`.
    """

    __slots__ = (  # noqa: RUF023 - grouped by meaning
        "tag", "index", "type", "unit_type", "owner",
        "x", "y", "z", "facing", "radius", "speed", "cell",
        "health", "health_max", "shield", "shield_max", "energy", "energy_max",
        "build_progress", "is_flying", "is_burrowed", "is_structure", "cloak",
        "is_hallucination", "is_powered", "is_alive", "is_invulnerable", "buffs",
        "orders", "rally", "cargo", "cargo_space_max", "add_on_tag",
        "mineral_contents", "vespene_contents",
        "attack_upgrade_level", "armor_upgrade_level", "shield_upgrade_level",
        "weapon_cooldown", "cooldown_remainder", "engaged_target_tag", "target", "is_on_guard",
        "is_alert", "last_hit_loop",
        "path", "path_goal", "path_version", "last_goal", "num_stuck_loops", "best_distance",
        "steering",
    )

    def __init__(self, index: int, unit_type: unit_data.UnitType, owner: int, x: float, y: float,
                 facing: float = DEFAULT_FACING):
        self.index = index
        self.tag = _FIRST_TAG + index * _TAG_STEP + 1
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
        self.cooldown_remainder = 0.0
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
        self.is_alive = True
        self.is_invulnerable = False
        self.speed = unit_type.speed
        self.cell: tuple[int, int] = (int(x), int(y))
        self.target: Unit | None = None
        self.is_on_guard = bool(unit_type.weapons) and not unit_type.is_worker
        self.is_alert = True
        self.last_hit_loop = -1_000_000
        self.path: list[tuple[float, float]] = []
        self.path_goal: tuple[float, float] | None = None
        self.path_version = 0
        self.last_goal: tuple[float, float] | None = None
        self.num_stuck_loops = 0
        self.best_distance = math.inf
        self.steering = 0

    @property
    def is_active(self) -> bool:
        """Whether it is doing something it was told to."""
        return bool(self.orders)

    def distance_to(self, x: float, y: float) -> float:
        return math.hypot(self.x - x, self.y - y)

    def __repr__(self) -> str:
        return (f"Unit({self.type.name}, tag={self.tag}, owner={self.owner}, "
                f"xy=({self.x:.3f}, {self.y:.3f}), health={self.health:g})")
