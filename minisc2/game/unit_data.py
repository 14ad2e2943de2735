"""What never changes about a type of unit: size, speed, sight, weapons, costs.

`UNIT_TYPES` holds a row for every stable unit id. Its numbers come from `unit_types.json`
(`build_unit_types` names the sources) and, for what those do not say, from `unit_vitals`. Units
that neither knows get the defaults below, which are ours: `DEFAULT_RADIUS`, `DEFAULT_HEALTH`,
`DEFAULT_SIGHT`; `UnitType.has_real_vitals` tells them apart.
"""

import dataclasses
import functools
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from minisc2.game import pathing, unit_vitals

LOOPS_PER_SECOND = 16
"""Game loops in one second of the map scripts and of the data tables ("Normal" speed)."""

DEFAULT_RADIUS = 0.375
DEFAULT_STRUCTURE_RADIUS = 1.125
DEFAULT_HEALTH = 45.0
DEFAULT_STRUCTURE_HEALTH = 500.0
DEFAULT_SIGHT = 8.0

LIGHT, ARMORED, BIOLOGICAL, MECHANICAL, ROBOTIC, PSIONIC, MASSIVE, STRUCTURE = range(1, 9)
"""Attributes, numbered as `data_pb2.Attribute`."""

TARGET_GROUND, TARGET_AIR, TARGET_ANY = 1, 2, 3
"""What a weapon can hit, numbered as `data_pb2.Weapon.TargetType`."""

NO_RACE, TERRAN, ZERG, PROTOSS = range(4)
"""Races, numbered as `common_pb2.Race`."""

_TABLE = pathlib.Path(__file__).with_name("unit_types.json")


@dataclasses.dataclass(frozen=True, slots=True)
class Weapon:
    """One weapon of a unit type.

    Attributes:
        target: TARGET_GROUND, TARGET_AIR or TARGET_ANY.
        damage: of one hit, before armor.
        attacks: hits of one shot; armor counts against each of them.
        range: from the edge of the attacker to the edge of the target, in cells.
        cooldown_game_loops: from one shot to the next.
        bonuses: (attribute, damage added against it).
    """

    target: int
    damage: float
    attacks: int
    range: float
    cooldown_game_loops: float
    bonuses: tuple[tuple[int, float], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class UnitType:
    """One row of the unit table.

    Attributes:
        unit_id: stable id.
        speed: cells moved in one game loop.
        acceleration: cells a game loop by which the speed changes in one; 0: at once.
        ground_kind: SMALL, WIDE or JUMPING, as in `pathing`.
        ground_weapon: what it uses against units on the ground; None where it cannot.
        air_weapon: what it uses against flying units.
        sight_range: cells seen around the unit.
        build_time: game loops.
        collides: whether other ground units have to walk around it.
        tech_requirement: type that its owner has to have before it can be made, or 0.
        needs_add_on: whether the building that makes it needs that type as its add-on.
        footprint: (width, height) in cells that it stands on; (0, 0) for mobile units.
        is_walkable: whether units can walk over it although it stands on a footprint.
        has_real_vitals: False where health, shield, energy and radius are this file's defaults.
    """

    unit_id: int
    name: str
    race: int = NO_RACE
    radius: float = DEFAULT_RADIUS
    health_max: float = DEFAULT_HEALTH
    shield_max: float = 0.0
    energy_max: float = 0.0
    energy_start: float = 0.0
    armor: float = 0.0
    speed: float = 0.0
    acceleration: float = 0.0
    ground_kind: int = pathing.SMALL
    sight_range: float = DEFAULT_SIGHT
    attributes: frozenset[int] = frozenset()
    weapons: tuple[Weapon, ...] = ()
    ground_weapon: Weapon | None = None
    air_weapon: Weapon | None = None
    is_structure: bool = False
    is_flying: bool = False
    is_worker: bool = False
    is_detector: bool = False
    is_cloaked: bool = False
    collides: bool = True
    is_selectable: bool = True
    is_targetable: bool = True
    has_minerals: bool = False
    has_vespene: bool = False
    mineral_cost: int = 0
    vespene_cost: int = 0
    food_required: float = 0.0
    food_provided: float = 0.0
    build_time: float = 0.0
    cargo_size: int = 0
    ability_id: int = 0
    unit_alias: int = 0
    tech_alias: tuple[int, ...] = ()
    tech_requirement: int = 0
    needs_add_on: bool = False
    footprint: tuple[int, int] = (0, 0)
    is_walkable: bool = False
    has_real_vitals: bool = False


def _weapon(row: Mapping[str, Any]) -> Weapon:
    return Weapon(row["target"], row["damage"], row["attacks"], row["range"],
                  row["cooldown"] * LOOPS_PER_SECOND,
                  tuple((attribute, bonus) for attribute, bonus in row["bonuses"]))


def _best_weapon(weapons: Sequence[Weapon], target: int) -> Weapon | None:
    """The weapon that does most damage a loop to units of one plane."""
    usable = [weapon for weapon in weapons if weapon.target in (target, TARGET_ANY)]
    return max(usable, key=lambda weapon: weapon.damage * weapon.attacks
               / weapon.cooldown_game_loops, default=None)


def _vitals(row: Mapping[str, Any], is_structure: bool) -> dict[str, Any]:
    vitals = unit_vitals.VITALS.get(row["name"], unit_vitals.UNKNOWN)
    health = row.get("health", vitals.health)
    radius = row.get("radius", vitals.radius)
    energy_max = row.get("energy", vitals.energy_max)
    return {
        "health_max": float(health or (DEFAULT_STRUCTURE_HEALTH if is_structure
                                       else DEFAULT_HEALTH)),
        "shield_max": float(row.get("shield", vitals.shield)),
        "energy_max": float(energy_max),
        "energy_start": float(min(vitals.energy_start, energy_max)),
        "radius": float(radius or (DEFAULT_STRUCTURE_RADIUS if is_structure else DEFAULT_RADIUS)),
        "is_flying": bool(row.get("flying", vitals.is_flying)),
        "has_real_vitals": bool(health),
    }


def _ground_kind(name: str, radius: float) -> int:
    if name in unit_vitals.CLIFF_JUMPERS:
        return pathing.JUMPING
    return pathing.WIDE if radius > unit_vitals.WIDEST_SMALL_RADIUS else pathing.SMALL


def _unit_type(unit_id: int, row: Mapping[str, Any]) -> UnitType:
    name = row["name"]
    attributes = frozenset(row.get("attributes", ()))
    is_structure = STRUCTURE in attributes
    weapons = tuple(_weapon(weapon) for weapon in row.get("weapons", ()))
    is_scenery = name.startswith(unit_vitals.SCENERY_PREFIXES)
    vitals = _vitals(row, is_structure)
    return UnitType(
        unit_id=unit_id,
        name=name,
        race=row.get("race", NO_RACE),
        armor=float(row.get("armor", 0)),
        speed=row.get("movement_speed", 0) / LOOPS_PER_SECOND,
        acceleration=unit_vitals.ACCELERATIONS.get(name, 0.0) / LOOPS_PER_SECOND ** 2,
        sight_range=float(row.get("sight_range", DEFAULT_SIGHT if row.get("race") else 0)),
        attributes=attributes,
        weapons=weapons,
        ground_weapon=_best_weapon(weapons, TARGET_GROUND),
        air_weapon=_best_weapon(weapons, TARGET_AIR),
        is_structure=is_structure,
        is_worker=name in unit_vitals.WORKERS,
        is_detector=name in unit_vitals.DETECTORS,
        is_cloaked=name in unit_vitals.CLOAKED,
        collides=not is_scenery,
        is_selectable=not is_scenery,
        is_targetable=not is_scenery,
        has_minerals=row.get("has_minerals", False),
        has_vespene=row.get("has_vespene", False),
        mineral_cost=row.get("mineral_cost", 0),
        vespene_cost=row.get("vespene_cost", 0),
        food_required=float(row.get("food_required", 0)),
        food_provided=float(row.get("food_provided", 0)),
        build_time=float(row.get("build_time", 0)),
        cargo_size=row.get("cargo_size", 0),
        ability_id=row.get("ability_id", 0),
        unit_alias=row.get("unit_alias", 0),
        tech_alias=tuple(row.get("tech_alias", ())),
        tech_requirement=row.get("tech_requirement", 0),
        needs_add_on=row.get("require_attached", False),
        footprint=unit_vitals.FOOTPRINTS.get(name, (0, 0)),
        is_walkable=name in unit_vitals.WALKABLE,
        ground_kind=_ground_kind(name, vitals["radius"]),
        **vitals)


@functools.cache
def _load() -> dict[int, UnitType]:
    rows = json.loads(_TABLE.read_text())
    return {int(unit_id): _unit_type(int(unit_id), row) for unit_id, row in rows.items()}


def __getattr__(name: str) -> Any:
    # The table is read when it is first used, so that importing this module does nothing.
    if name == "UNIT_TYPES":
        return _load()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def get(unit_id: int) -> UnitType:
    """The type with this stable id.

    Raises:
        ValueError: no unit has this id.
    """
    unit_type = _load().get(unit_id)
    if unit_type is None:
        raise ValueError(f"Unit type {unit_id} does not exist; ids are those of stableid.json.")
    return unit_type


@functools.cache
def id_of(name: str) -> int:
    """The lowest stable id with this name.

    Raises:
        ValueError: no unit has this name.
    """
    for unit_id, unit_type in _load().items():
        if unit_type.name == name:
            return unit_id
    raise ValueError(f"No unit type is named {name!r}; names are those of stableid.json.")
