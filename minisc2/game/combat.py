"""Fighting: who can hit whom, who is chosen as a target, what a shot does.

Simplified: a shot hits in the game loop in which it is fired (no damage point, no flight time, no
random delay), and a unit can move again at once.
"""

import math
from typing import TYPE_CHECKING

from minisc2.game import events, movement, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

MIN_DAMAGE = 0.5
"""Armor never takes away more than all but this of a hit."""

MIN_SCAN_RANGE = 5.0
"""Units look for enemies at least this far away, whatever the range of their weapon."""

HELP_RANGE = 5.0
"""Idle units come to the help of a friend who is attacked this near to them. Our choice."""

_SCAN_MASK = 3  # units without a target look for one in every fourth game loop


def weapon_against(unit: units.Unit, target: units.Unit) -> unit_data.Weapon | None:
    """The weapon that `unit` would use on `target`, or None."""
    return unit.type.air_weapon if target.is_flying else unit.type.ground_weapon


def distance_between(unit: units.Unit, target: units.Unit) -> float:
    """Distance from edge to edge, negative where they overlap."""
    return math.hypot(target.x - unit.x, target.y - unit.y) - unit.radius - target.radius


def is_target(world: "world_lib.World", unit: units.Unit, target: units.Unit) -> bool:
    """Whether `unit` can go on fighting `target`: alive, within its means, seen."""
    return (target.is_alive and target.type.is_targetable
            and weapon_against(unit, target) is not None and world.can_see(unit.owner, target))


def _priority(target: units.Unit) -> int:
    """As the real game's AttackTargetPriority: structures come after units."""
    return 11 if target.is_structure and not target.type.weapons else 20


def acquire(world: "world_lib.World", unit: units.Unit, max_range: float | None = None
            ) -> units.Unit | None:
    """The enemy to fight: highest priority, then nearest, then oldest.

    Args:
        world: its world.
        unit: who looks.
        max_range: cells from edge to edge; None takes the range of sight for targets.
    """
    best = None
    best_key = (0, 0.0)
    for target in world.enemies(unit.owner):
        weapon = weapon_against(unit, target)
        if weapon is None:
            continue
        reach = weapon.range if max_range is not None else max(weapon.range, MIN_SCAN_RANGE)
        distance = distance_between(unit, target)
        if distance > reach:
            continue
        key = (_priority(target), -distance)
        if (best is None or key > best_key) and world.can_see(unit.owner, target):
            best, best_key = target, key
    return best


def is_time_to_look(world: "world_lib.World", unit: units.Unit) -> bool:
    """Whether `look_for_fight` has anything to do in this game loop."""
    return (unit.target is not None or unit.is_alert
            or not (world.loop + unit.index) & _SCAN_MASK) and world.has_enemies(unit.owner)


def guard(world: "world_lib.World", unit: units.Unit) -> None:
    """One game loop of an armed unit without orders."""
    if is_time_to_look(world, unit):
        look_for_fight(world, unit, can_chase=unit.speed > 0)


def hold(world: "world_lib.World", unit: units.Unit) -> None:
    """One game loop of a unit that holds its position."""
    if unit.type.weapons and is_time_to_look(world, unit):
        look_for_fight(world, unit, can_chase=False)


def meets_enemy(world: "world_lib.World", unit: units.Unit) -> bool:
    """Whether a unit on its way meets, and then fights, an enemy."""
    return bool(unit.type.weapons and is_time_to_look(world, unit)
                and look_for_fight(world, unit, can_chase=True))


def look_for_fight(world: "world_lib.World", unit: units.Unit, can_chase: bool) -> bool:
    """One game loop of a unit that fights whom it meets.

    Args:
        world: its world.
        unit: an armed unit.
        can_chase: whether it follows a target that is out of range.

    Returns:
        True when the unit fought or chased, so that it has no time for anything else.
    """
    target = unit.target
    if target is not None and not is_target(world, unit, target):
        target = None
        unit.is_alert = True
    if target is None:
        unit.is_alert = False
        target = acquire(world, unit, None if can_chase else 0.0)
    elif distance_between(unit, target) > weapon_against(unit, target).range:
        # Rather shoot somebody near than run after somebody far.
        target = acquire(world, unit, 0.0) or (target if can_chase else None)
    unit.target = target
    if target is None:
        unit.engaged_target_tag = 0
        return False
    fight(world, unit, target, can_chase)
    return True


def fight(world: "world_lib.World", unit: units.Unit, target: units.Unit, can_chase: bool) -> None:
    """Shoots at `target` if it is in range and the weapon is ready, else moves closer."""
    weapon = weapon_against(unit, target)
    unit.engaged_target_tag = target.tag
    if distance_between(unit, target) > weapon.range:
        if can_chase and unit.speed > 0:
            movement.move_towards(world, unit, target.x, target.y)
        return
    if unit.weapon_ready_loop <= world.loop:
        unit.facing = math.atan2(target.y - unit.y, target.x - unit.x) % math.tau
        # The fraction of a loop that is left counts for the next shot: the mean rate is exact.
        ready_loop = max(unit.weapon_ready_loop, world.loop - 1.0)
        unit.weapon_ready_loop = ready_loop + weapon.cooldown_game_loops
        shoot(world, unit, target, weapon)


def shoot(world: "world_lib.World", unit: units.Unit, target: units.Unit,
          weapon: unit_data.Weapon) -> None:
    """All hits of one shot."""
    target.last_hit_loop = world.loop
    world.emit(events.EventKind.UNIT_ATTACKED, target, unit.tag)
    if target.is_invulnerable or world.is_protected(target):
        return
    damage = weapon.damage + sum(bonus for attribute, bonus in weapon.bonuses
                                 if attribute in target.type.attributes)
    for _ in range(weapon.attacks):
        hit(world, unit, target, damage)
        if not target.is_alive:
            return
    _answer(world, unit, target)


def hit(world: "world_lib.World", unit: units.Unit, target: units.Unit, damage: float) -> None:
    """One hit: shields first, then life behind its armor."""
    shield_loss = min(target.shield, max(MIN_DAMAGE, damage - target.shield_upgrade_level))
    if target.shield <= 0:
        shield_loss = 0.0
    target.shield -= shield_loss
    life_loss = 0.0
    if damage > shield_loss and target.shield <= 0:
        armor = target.type.armor + target.armor_upgrade_level
        life_loss = min(target.health, max(MIN_DAMAGE, damage - shield_loss - armor))
        target.health -= life_loss
    world.accounts.damage(unit, target, life_loss, shield_loss)
    if target.health <= 0:
        world.kill_unit(target, unit)


def _answer(world: "world_lib.World", attacker: units.Unit, target: units.Unit) -> None:
    """Idle friends of the attacked unit, and itself, turn against the attacker."""
    for friend in world.fighters(target.owner):
        if (friend.is_on_guard and not friend.orders and friend.target is None
                and (friend is target or distance_between(friend, target) <= HELP_RANGE)
                and is_target(world, friend, attacker)):
            friend.target = attacker
            friend.wake_loop = 0
