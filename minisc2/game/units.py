"""One unit in the world."""

import math
from typing import TYPE_CHECKING, Any

from minisc2.game import orders, unit_data

if TYPE_CHECKING:
    from minisc2.game import weapons

NEUTRAL_OWNER = 16
"""Owner of minerals, beacons and the like, as the StarCraft II API numbers it."""

DEFAULT_FACING = math.radians(270.0)
"""Facing of units made by a map script: towards the camera."""

CLOAKED_UNKNOWN, CLOAKED, CLOAKED_DETECTED, NOT_CLOAKED, CLOAKED_ALLIED = range(5)
"""Cloak states, numbered as `raw_pb2.CloakState`."""

AIR_HEIGHT = 3.75
"""Height of flying units above the ground, in cells."""


NEVER = 1 << 60
"""A game loop that does not come: a unit that sleeps until something happens to it."""

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
        guard_xy: where it stood when it went for an enemy by itself, and goes back to; or None.
        ground_weapon: what it uses against units on the ground, or None; `air_weapon` as well.
        armor: taken off every hit on its life, upgrades included.
        attack_rate: how many times faster than usual it attacks.
        strike_loop: game loop in which the attack under way hits the unit `strike_tag`.
        help_loop: game loop before which it does not call for help again.
        ready_loops: of its abilities that have a cooldown, when they can be used again.
        is_disabled: can do nothing, such as a unit that a beam has lifted.
        carrier_tag: the unit that it is aboard of, or 0.
        death_loop: game loop in which its time is over, or `NEVER`.
        food_bonus: supply that it provides beyond that of its type.
        passes_units: neither blocks ground units nor is blocked by them, as workers that gather.
        crowd_square: where `World.crowd` keeps it; None if it is not in there.
        path: way points to (`goal_x`, `goal_y`), the next one first.
        pace: cells it goes in one game loop, `velocity_x` and `velocity_y`, at the moment.
        cruise_until: until this game loop its walk goes on as it does, and nothing is in the way,
            but perhaps one of those in `watched`.
        beside_tag: the unit that (`goal_x`, `goal_y`) is beside, or 0.
        last_goal: point where its last movement ended or was to end.
        weapon_ready_loop: game loop from which it can shoot again; with a fraction, so that the
            mean rate is exact.
        wake_loop: it does nothing before this game loop; NEVER until something happens to it.
        build_progress: 0 to 1; below 1 a structure is under construction and counts for nothing.
        builder_tag: the worker at this structure under construction, or 0.
        add_on_tag: of a building its add-on, of an add-on its building, or 0.
        mineral_contents: what is left in a mineral field; `vespene_contents` in a geyser, or in
            the geyser under a refinery.
        carried_minerals: what a worker brings home; `carried_vespene` as well.
        harvest_tag: of a worker the field or refinery that it gathered from last, or 0; of those
            the worker that takes from it at the moment, or 0.
        free_loop: game loop from which the next worker can take from this field or refinery.
        num_harvesters: workers that belong to this field or refinery.
        buffs: ids of active buffs, in the order in which they came; `buff_ends` has the game loop
            at which each of those that end by themselves does.
        autocasts: abilities that it uses by itself.
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
        "mineral_contents", "vespene_contents", "carried_minerals", "carried_vespene",
        "harvest_tag", "free_loop", "num_harvesters", "builder_tag", "buff_ends", "autocasts",
        "wake_loop",
        "attack_upgrade_level", "armor_upgrade_level", "shield_upgrade_level",
        "weapon_ready_loop", "engaged_target_tag", "target", "is_on_guard",
        "is_alert", "last_hit_loop", "guard_xy", "ground_weapon", "air_weapon", "armor",
        "attack_rate", "strike_loop", "strike_tag", "help_loop", "ready_loops", "is_disabled",
        "carrier_tag", "death_loop", "food_bonus",
        "path", "path_version", "goal_x", "goal_y", "last_goal", "beside_tag",
        "velocity_x", "velocity_y", "pace", "pace_change", "cruise_until", "moved_loop", "watched",
        "num_stuck_loops", "best_distance", "steering", "crowd_square", "passes_units",
    )

    def __init__(self, index: int, unit_type: unit_data.UnitType, owner: int, x: float, y: float,
                 facing: float = DEFAULT_FACING):
        self.index = index
        self.tag = _FIRST_TAG + index * _TAG_STEP + 1
        self.owner = owner
        self.x = x
        self.y = y
        self.z = 0.0
        self.become(unit_type)
        self.facing = facing
        self.health = self.health_max
        self.shield = self.shield_max
        self.energy = unit_type.energy_start
        self.build_progress = 1.0
        self.is_burrowed = False
        self.cloak = CLOAKED if unit_type.is_cloaked else NOT_CLOAKED
        self.orders: list[orders.Order] = []
        self.weapon_ready_loop = 0.0
        self.engaged_target_tag = 0
        self.buffs: list[int] = []
        self.cargo: list[Unit] = []
        self.cargo_space_max = 0
        self.mineral_contents = 0
        self.vespene_contents = 0
        self.carried_minerals = 0
        self.carried_vespene = 0
        self.harvest_tag = 0
        self.free_loop = 0
        self.num_harvesters = 0
        self.builder_tag = 0
        self.buff_ends: dict[int, int] = {}
        self.autocasts: frozenset[int] = frozenset()
        self.wake_loop = 0
        self.add_on_tag = 0
        self.rally: list[Any] = []
        self.attack_upgrade_level = 0
        self.armor_upgrade_level = 0
        self.shield_upgrade_level = 0
        self.is_hallucination = False
        self.is_powered = False
        self.is_alive = True
        self.is_invulnerable = False
        self.cell: tuple[int, int] = (int(x), int(y))
        self.target: Unit | None = None
        self.is_alert = True
        self.last_hit_loop = -1_000_000
        self.guard_xy: tuple[float, float] | None = None
        self.ground_weapon: weapons.Weapon | None = None
        self.air_weapon: weapons.Weapon | None = None
        self.attack_rate = 1.0
        self.strike_loop = self.strike_tag = self.help_loop = self.carrier_tag = 0
        self.ready_loops: dict[int, int] = {}
        self.is_disabled = False
        self.death_loop = NEVER
        self.food_bonus = 0.0
        self.path: list[tuple[float, float]] = []
        self.path_version = 0
        self.goal_x = self.goal_y = math.nan
        self.beside_tag = 0
        self.velocity_x = self.velocity_y = 0.0
        self.pace = self.pace_change = 0.0
        self.cruise_until = self.moved_loop = 0
        self.watched: list[Unit] = []
        self.last_goal: tuple[float, float] | None = None
        self.num_stuck_loops = 0
        self.best_distance = math.inf
        self.steering = 0
        self.crowd_square: int | None = None
        self.passes_units = False

    def become(self, unit_type: unit_data.UnitType) -> None:
        """Takes on what follows from a type; life, orders and place stay."""
        self.type = unit_type
        self.unit_type = unit_type.unit_id
        self.is_flying = unit_type.is_flying
        self.is_structure = unit_type.is_structure
        self.is_on_guard = bool(unit_type.weapons) and not unit_type.is_worker
        self.radius = unit_type.radius
        self.speed = unit_type.speed
        self.health_max = unit_type.health_max
        self.shield_max = unit_type.shield_max
        self.energy_max = unit_type.energy_max
        self.armor = unit_type.armor

    @property
    def is_active(self) -> bool:
        """Whether it is doing something it was told to."""
        return bool(self.orders)

    def distance_to(self, x: float, y: float) -> float:
        return math.hypot(self.x - x, self.y - y)

    def __repr__(self) -> str:
        return (f"Unit({self.type.name}, tag={self.tag}, owner={self.owner}, "
                f"xy=({self.x:.3f}, {self.y:.3f}), health={self.health:g})")
