"""Whom a unit fights: who can be hit, who comes first, who is in range.

Order of choice: priority, then distance, then age. Priorities follow the field AttackTargetPriority
of the game's unit catalogue (20 for units, 11 for structures that cannot fight), and what players
know as its threat rule: whoever can hit the chooser, or heals or casts, comes before who cannot.
"""

import math
from typing import TYPE_CHECKING

from minisc2.game import awareness, units, weapons

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

THREAT, HARMLESS, STRUCTURE = 20, 19, 11

_SUPPORTERS = frozenset((
    "Medivac", "Raven", "Sentry", "HighTemplar", "Infestor", "Viper", "Queen", "WarpPrism",
    "Oracle", "Disruptor", "SwarmHostMP", "ShieldBattery"))
"""Units that are as urgent as armed ones, because they heal, cast or carry."""

_WIDEST_RADIUS = 3.25


def weapon_against(unit: units.Unit, target: units.Unit) -> weapons.Weapon | None:
    """The weapon that `unit` would use on `target`, or None."""
    return unit.air_weapon if target.is_flying else unit.ground_weapon


def distance_between(unit: units.Unit, target: units.Unit) -> float:
    """Distance from edge to edge, negative where they overlap."""
    return math.hypot(target.x - unit.x, target.y - unit.y) - unit.radius - target.radius


def is_hittable(world: "world_lib.World", unit: units.Unit, target: units.Unit) -> bool:
    """Whether `target` is in the game and within the means of `unit`, seen or not."""
    return (target.tag in world.units and target.type.is_targetable
            and weapon_against(unit, target) is not None and not is_invulnerable(world, target))


def is_invulnerable(world: "world_lib.World", unit: units.Unit) -> bool:
    """Whether nothing can hurt a unit; the weapons of the catalogue exclude such targets."""
    return unit.is_invulnerable or world.is_protected(unit)


def is_target(world: "world_lib.World", unit: units.Unit, target: units.Unit) -> bool:
    """Whether `unit` can go on fighting `target`: hittable, and seen."""
    return is_hittable(world, unit, target) and world.can_see(unit.owner, target)


def priority(unit: units.Unit, target: units.Unit) -> int:
    """How urgent a target is to a unit: THREAT, HARMLESS or STRUCTURE."""
    can_hit_back = (target.air_weapon if unit.is_flying else target.ground_weapon) is not None
    if target.is_structure:
        is_manned = bool(target.cargo) and not weapons.is_armed(target)
        return THREAT if (can_hit_back or is_manned) and target.build_progress >= 1 else STRUCTURE
    if target.type.is_worker:
        return THREAT if target.engaged_target_tag else HARMLESS
    return THREAT if can_hit_back or target.type.name in _SUPPORTERS else HARMLESS


def acquire(world: "world_lib.World", unit: units.Unit, only_in_range: bool = False,
            from_inside: units.Unit | None = None) -> units.Unit | None:
    """The enemy to fight: highest priority, then nearest, then oldest.

    Args:
        world: its world.
        unit: who looks.
        only_in_range: whether it stays where it is, so that only those it can hit now count.
        from_inside: the bunker that the unit shoots from, if it is in one.
    """
    body, bonus = unit, 0.0
    if from_inside is not None:
        body, bonus = from_inside, awareness.BUNKER_RANGE_BONUS
    ranges = [-math.inf, -math.inf]
    min_ranges = [0.0, 0.0]
    for plane, weapon in enumerate((unit.ground_weapon, unit.air_weapon)):
        if weapon is not None:
            ranges[plane] = (weapon.range + bonus if only_in_range
                             else awareness.scan_range(unit, weapon))
            min_ranges[plane] = weapon.min_range
    x, y, radius = body.x, body.y, body.radius
    limit = max(ranges) + radius + _WIDEST_RADIUS
    best = None
    best_key = (0, 0.0)
    for target in world.enemies(unit.owner):
        dx = target.x - x
        if dx > limit or dx < -limit:
            continue
        dy = target.y - y
        distance = math.sqrt(dx * dx + dy * dy) - radius - target.radius
        plane = 1 if target.is_flying else 0
        if distance > ranges[plane] or (min_ranges[plane] and distance < min_ranges[plane]):
            continue
        key = (priority(unit, target), -distance)
        if (best is None or key > best_key) and world.can_see(unit.owner, target) and (
                not is_invulnerable(world, target)):
            best, best_key = target, key
    return best
