"""What an attack does: hits, splash, armor, shields, and death."""

import math
from typing import TYPE_CHECKING

from minisc2.game import buffs, events, movement, unit_data, units, weapons

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

MIN_DAMAGE = 0.5
"""Armor never takes away more than all but this of a hit."""

GUARDIAN_SHIELD_REDUCTION = 2.0
HALLUCINATION_DAMAGE_FACTOR = 2.0
CONCUSSIVE_GAME_LOOPS = 24
"""1.5 seconds of the data tables, 1.07 on screen."""


def attack(world: "world_lib.World", unit: units.Unit, target: units.Unit,
           weapon: weapons.Weapon) -> None:
    """All that one attack of `unit` on `target` does."""
    target.last_hit_loop = world.loop
    world.emit(events.EventKind.UNIT_ATTACKED, target, unit.tag)
    traits = weapon.traits
    if traits.is_suicide:
        world.kill_unit(unit)
        explode(world, unit, weapon, (unit.x, unit.y))
    elif traits.line[0]:
        _burn_line(world, unit, target, weapon)
    elif traits.splash:
        _splash(world, unit, weapon, (target.x, target.y), target)
    else:
        strike(world, unit, target, weapon)


def strike(world: "world_lib.World", unit: units.Unit, target: units.Unit,
           weapon: weapons.Weapon, share: float = 1.0) -> None:
    """The hits of one attack on one unit, with a share of their damage."""
    # Of several victims one may have taken another with it: a structure its unfinished add-on.
    if not target.is_alive or unit.is_hallucination or target.is_invulnerable or (
            world.is_protected(target)):
        return
    amount = weapon.damage_to(target.type) * share
    for _ in range(weapon.attacks):
        hit(world, unit, target, amount, weapon.is_ranged)
        if not target.is_alive:
            return
    if weapon.slows and unit_data.MASSIVE not in target.type.attributes and (
            not target.is_structure):
        buffs.add(world, target, buffs.SLOW, CONCUSSIVE_GAME_LOOPS)


def explode(world: "world_lib.World", unit: units.Unit, weapon: weapons.Weapon,
            xy: tuple[float, float]) -> None:
    """The blast of a unit that is dead already."""
    _splash(world, unit, weapon, xy, None)


def _splash(world: "world_lib.World", unit: units.Unit, weapon: weapons.Weapon,
            xy: tuple[float, float], target: units.Unit | None) -> None:
    """Hits the target in full, and others by how far their edge is from the point."""
    widest = weapon.traits.splash[-1][0]
    plane = target.is_flying if target is not None else False
    victims = [(target, 1.0)] if target is not None else []
    for other in world.actors():
        if other is target or other is unit or other.is_flying != plane:
            continue
        if other.owner == unit.owner and not weapon.traits.hits_friends:
            continue
        dx, dy = other.x - xy[0], other.y - xy[1]
        reach = widest + other.radius
        if abs(dx) > reach or abs(dy) > reach:
            continue
        distance = math.hypot(dx, dy) - other.radius
        for radius, share in weapon.traits.splash:
            if distance <= radius:
                victims.append((other, share))
                break
    for victim, share in victims:
        victim.last_hit_loop = world.loop
        strike(world, unit, victim, weapon, share)


def _burn_line(world: "world_lib.World", unit: units.Unit, target: units.Unit,
               weapon: weapons.Weapon) -> None:
    """Hits every enemy on the ground in a line from the attacker through its target."""
    length, half_width = weapon.traits.line
    length += unit.radius
    dx, dy = target.x - unit.x, target.y - unit.y
    distance = math.hypot(dx, dy) or 1.0
    dx, dy = dx / distance, dy / distance
    victims = [target]
    for other in world.enemies(unit.owner):
        if other is target or other.is_flying:
            continue
        along = (other.x - unit.x) * dx + (other.y - unit.y) * dy
        across = abs((other.y - unit.y) * dx - (other.x - unit.x) * dy)
        if 0 <= along <= length + other.radius and across <= half_width + other.radius:
            victims.append(other)
    for victim in victims:
        victim.last_hit_loop = world.loop
        strike(world, unit, victim, weapon)


def blast(world: "world_lib.World", unit: units.Unit, xy: tuple[float, float], radius: float,
          amount: float, push: float) -> None:
    """A charge goes off: enemies on the ground are hurt, and everybody small is pushed away.

    Args:
        world: its world.
        unit: who threw it.
        xy: the centre.
        radius: cells from the centre to the edges of units.
        amount: damage, before armor.
        push: cells by which units are pushed.
    """
    for other in list(world.actors()):
        distance = other.distance_to(*xy)
        if other.is_flying or other.is_structure or distance - other.radius > radius:
            continue
        if unit_data.MASSIVE not in other.type.attributes:
            _push(world, other, xy, distance, push)
        if world.is_enemy(unit.owner, other.owner) and not (
                other.is_invulnerable or world.is_protected(other)):
            hit(world, unit, other, amount)


def _push(world: "world_lib.World", unit: units.Unit, xy: tuple[float, float], distance: float,
          push: float) -> None:
    dx, dy = (unit.x - xy[0], unit.y - xy[1]) if distance > 0 else (1.0, 0.0)
    scale = push / (distance or 1.0)
    x, y = world.ground.clamp(unit.x + dx * scale, unit.y + dy * scale)
    if not world.ground.is_blocked(x, y):
        world.set_position(unit, (x, y))
        movement.start(unit)
        world.awareness.invalidate()


def hit(world: "world_lib.World", unit: units.Unit, target: units.Unit, amount: float,
        is_ranged: bool = False) -> None:
    """One hit: shields first, then life behind its armor."""
    if target.buffs and is_ranged and buffs.GUARDIAN_SHIELD in target.buffs:
        amount = max(MIN_DAMAGE, amount - GUARDIAN_SHIELD_REDUCTION)
    if target.is_hallucination:
        amount *= HALLUCINATION_DAMAGE_FACTOR
    shield_loss = 0.0
    if target.shield > 0:
        shield_loss = min(target.shield, max(MIN_DAMAGE, amount - target.shield_upgrade_level))
        target.shield -= shield_loss
    life_loss = 0.0
    if amount > shield_loss and target.shield <= 0:
        life_loss = min(target.health, max(MIN_DAMAGE, amount - shield_loss - target.armor))
        target.health -= life_loss
    world.accounts.damage(unit, target, life_loss, shield_loss)
    if target.health <= 0:
        _die(world, unit, target)


def _die(world: "world_lib.World", unit: units.Unit, target: units.Unit) -> None:
    world.kill_unit(target, unit)
    weapon = target.ground_weapon
    if weapon is not None and weapon.traits.is_suicide and not target.is_hallucination:
        explode(world, target, weapon, (target.x, target.y))
