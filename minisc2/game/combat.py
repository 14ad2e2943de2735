"""Fighting: going for enemies, attacking them, and what an attack does.

An attack begins when its target is in range and the weapon is ready, and hits after the weapon's
damage point. Simplified: missiles arrive at once, and a unit can move again at once after the hit.
"""

import math
from typing import TYPE_CHECKING

from minisc2.game import awareness, damage, movement, targeting, units, weapons

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

HELP_RANGE = 5.0
"""Idle units come to the help of a friend who is attacked this near to them. Our choice."""

LEASH = 12.0
"""Idle units go no farther than this from where they stood after an enemy that is out of range, and
go back there afterwards. The real game does so too; the distance is our choice."""

RANGE_SLOP = 1.0
"""An attack that has begun hits if its target is no farther than this out of range (field RangeSlop
of the weapon catalogue)."""

RANDOM_DELAY_GAME_LOOPS = (-1.0, 2.0)
"""From and to what every cooldown varies (fields RandomDelayMin and RandomDelayMax of the weapon
catalogue, -0.0625 and 0.125 seconds). It also decides between equals."""

_JUST_INSIDE = 0.01
"""Cells that attackers stop inside of their range, lest rounding keeps them out of it."""

_WATCH_GAME_LOOPS = 3
"""While its weapon is not ready, a unit looks this often whether its target is still in range."""

_PUSHING_GAME_LOOPS = 8
_REST_GAME_LOOPS = 4
"""After pushing in vain for so long, a unit rests for so long before every further try."""

_HELP_PERIOD_GAME_LOOPS = 8

weapon_against = targeting.weapon_against
distance_between = targeting.distance_between
is_target = targeting.is_target
is_hittable = targeting.is_hittable


def guard(world: "world_lib.World", unit: units.Unit) -> None:
    """One game loop of an armed unit without orders."""
    if unit.build_progress < 1:
        unit.wake_loop = units.NEVER
        return
    if unit.cargo and not weapons.is_armed(unit):
        man_bunker(world, unit)
        return
    can_move = unit.speed > 0
    if (unit.target is not None or unit.is_alert) and look_for_fight(
            world, unit, can_move and _is_on_leash(unit)):
        return
    if unit.guard_xy is None or not can_move:
        unit.wake_loop = units.NEVER
    elif movement.move_towards(world, unit, *unit.guard_xy):
        unit.guard_xy = None
        unit.wake_loop = units.NEVER


def _is_on_leash(unit: units.Unit) -> bool:
    return unit.guard_xy is None or unit.distance_to(*unit.guard_xy) <= LEASH


def hold(world: "world_lib.World", unit: units.Unit) -> None:
    """One game loop of a unit that holds its position."""
    if not ((unit.target is not None or unit.is_alert)
            and look_for_fight(world, unit, can_chase=False)):
        unit.wake_loop = units.NEVER


def meets_enemy(world: "world_lib.World", unit: units.Unit) -> bool:
    """Whether a unit on its way meets, and then fights, an enemy."""
    if unit.type.is_worker and not (world.loop + unit.index) & 3:
        unit.is_alert = True  # `awareness` does not look for workers
    return ((unit.target is not None or unit.is_alert)
            and look_for_fight(world, unit, can_chase=True))


def look_for_fight(world: "world_lib.World", unit: units.Unit, can_chase: bool) -> bool:
    """One game loop of a unit that fights whom it meets.

    Args:
        world: its world.
        unit: the unit.
        can_chase: whether it follows a target that is out of range.

    Returns:
        True when the unit fought or chased, so that it has no time for anything else.
    """
    unit.target = target = _choose(world, unit, can_chase)
    unit.is_alert = False
    if target is None:
        unit.engaged_target_tag = 0
        return False
    if unit.guard_xy is None and not unit.orders:
        unit.guard_xy = (unit.x, unit.y)
    fight(world, unit, target, can_chase)
    return True


def _choose(world: "world_lib.World", unit: units.Unit, can_chase: bool) -> units.Unit | None:
    """The target of this game loop: the old one, unless there is a better one or it is gone."""
    target = unit.target
    if target is not None and not is_target(world, unit, target):
        target = None
    if target is None:
        return targeting.acquire(world, unit, not can_chase)
    if not is_in_range(unit, target, weapon_against(unit, target)):
        # Rather shoot somebody near than run after somebody far.
        if can_chase and (world.loop + unit.index) % awareness.PERIOD_GAME_LOOPS:
            return target
        return targeting.acquire(world, unit, True) or (target if can_chase else None)
    if unit.is_alert:
        other = targeting.acquire(world, unit, not can_chase)
        if other is not None and (
                targeting.priority(unit, other) > targeting.priority(unit, target)):
            return other
    return target


def is_in_range(unit: units.Unit, target: units.Unit, weapon: weapons.Weapon,
                slop: float = 0.0) -> bool:
    """Whether a target is neither too far nor too near for a weapon."""
    distance = distance_between(unit, target)
    return distance <= weapon.range + slop and (
        not weapon.min_range or distance >= weapon.min_range)


def fight(world: "world_lib.World", unit: units.Unit, target: units.Unit, can_chase: bool) -> None:
    """One game loop of fighting `target`: goes nearer, begins an attack, completes it, or waits."""
    weapon = weapon_against(unit, target)
    loop = world.loop
    unit.engaged_target_tag = target.tag
    if unit.strike_tag == target.tag and unit.strike_loop >= loop:
        if unit.strike_loop > loop:
            unit.wake_loop = unit.strike_loop
        else:
            _complete(world, unit, target, weapon)
    elif not is_in_range(unit, target, weapon):
        if can_chase and unit.speed > 0:
            chase(world, unit, target, weapon)
    elif unit.weapon_ready_loop <= loop:
        _begin(world, unit, target, weapon)
    else:
        _wait(world, unit, target)


def man_bunker(world: "world_lib.World", bunker: units.Unit) -> None:
    """One game loop of those who shoot out of a bunker, each for itself."""
    wake_loop = units.NEVER
    bunker.is_alert = False
    for unit in list(bunker.cargo):
        wake_loop = min(wake_loop, _fight_from_inside(world, unit, bunker))
        if not bunker.is_alive:
            return
    bunker.wake_loop = wake_loop


def _fight_from_inside(world: "world_lib.World", unit: units.Unit, bunker: units.Unit) -> int:
    """One game loop of one of them; returns when it has to look again."""
    target, loop = unit.target, world.loop
    if target is not None and not (is_target(world, unit, target)
                                   and _reaches_from(bunker, unit, target)):
        target = None
    target = unit.target = target or targeting.acquire(world, unit, True, from_inside=bunker)
    if target is None:
        unit.engaged_target_tag = 0
        return units.NEVER
    unit.engaged_target_tag = bunker.engaged_target_tag = target.tag
    weapon = weapon_against(unit, target)
    if unit.weapon_ready_loop <= loop:
        _start_cooldown(world, unit, target, weapon)
    if unit.strike_tag == target.tag and unit.strike_loop <= loop:
        unit.strike_tag = 0
        damage.attack(world, unit, target, weapon)
        if target.is_alive:
            call_for_help(world, bunker, target)
        return loop + 1
    if unit.strike_tag == target.tag:
        return unit.strike_loop
    return min(math.ceil(unit.weapon_ready_loop), loop + _WATCH_GAME_LOOPS)


def _reaches_from(bunker: units.Unit, unit: units.Unit, target: units.Unit) -> bool:
    return (distance_between(bunker, target)
            <= weapon_against(unit, target).range + awareness.BUNKER_RANGE_BONUS)


def chase(world: "world_lib.World", unit: units.Unit, target: units.Unit,
          weapon: weapons.Weapon) -> None:
    """One game loop of going into range of a target."""
    missing = distance_between(unit, target) - weapon.range
    if target.is_structure:
        movement.move_beside(world, unit, target, weapon.range)
    elif 0 < missing < unit.speed:  # the last step ends where the target is in range
        share = (missing + _JUST_INSIDE) / unit.distance_to(target.x, target.y)
        movement.move_towards(world, unit, unit.x + share * (target.x - unit.x),
                              unit.y + share * (target.y - unit.y))
    else:
        movement.move_towards(world, unit, target.x, target.y)
    rest_if_stuck(world, unit)


def rest_if_stuck(world: "world_lib.World", unit: units.Unit) -> None:
    """Lets a unit that comes no nearer, behind others who fight, try again only now and then."""
    if unit.num_stuck_loops > _PUSHING_GAME_LOOPS and unit.wake_loop <= world.loop:
        unit.wake_loop = world.loop + _REST_GAME_LOOPS


def _begin(world: "world_lib.World", unit: units.Unit, target: units.Unit,
           weapon: weapons.Weapon) -> None:
    unit.facing = math.atan2(target.y - unit.y, target.x - unit.x) % math.tau
    _start_cooldown(world, unit, target, weapon)
    if unit.strike_loop == world.loop:
        _complete(world, unit, target, weapon)
    else:
        unit.wake_loop = unit.strike_loop


def _start_cooldown(world: "world_lib.World", unit: units.Unit, target: units.Unit,
                    weapon: weapons.Weapon) -> None:
    # The fraction of a loop that is left counts for the next shot: the mean rate is exact.
    ready_loop = max(unit.weapon_ready_loop, world.loop - 1.0)
    unit.weapon_ready_loop = (ready_loop + weapon.cooldown_game_loops / unit.attack_rate
                              + world.rng.uniform(*RANDOM_DELAY_GAME_LOOPS))
    unit.strike_tag = target.tag
    unit.strike_loop = world.loop + round(weapon.damage_point_game_loops / unit.attack_rate)


def _complete(world: "world_lib.World", unit: units.Unit, target: units.Unit,
              weapon: weapons.Weapon) -> None:
    """The moment of the hit."""
    unit.strike_tag = 0
    if not is_in_range(unit, target, weapon, RANGE_SLOP):
        return
    damage.attack(world, unit, target, weapon)
    if target.is_alive and unit.is_alive:
        call_for_help(world, unit, target)
        _wait(world, unit, target)


def _wait(world: "world_lib.World", unit: units.Unit, target: units.Unit) -> None:
    """Sleeps until the weapon is ready, or the target may have got out of range."""
    ready_loop = math.ceil(unit.weapon_ready_loop)
    if target.speed > 0:
        ready_loop = min(ready_loop, world.loop + _WATCH_GAME_LOOPS)
    unit.wake_loop = ready_loop


def call_for_help(world: "world_lib.World", attacker: units.Unit, target: units.Unit) -> None:
    """Idle friends of the attacked unit, and itself, turn against the attacker."""
    if target.help_loop > world.loop:
        return
    target.help_loop = world.loop + _HELP_PERIOD_GAME_LOOPS
    for friend in world.owned(target.owner):
        if (friend.is_on_guard and friend.target is None and not friend.orders
                and (friend is target or distance_between(friend, target) <= HELP_RANGE)
                and is_target(world, friend, attacker)):
            friend.target = attacker
            friend.wake_loop = 0
