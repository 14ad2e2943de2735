"""Ground units are discs that do not overlap.

A unit never moves to where it would overlap another one more than it does already. Blocked units
slide around the blocker, and idle units of the same player step aside.
"""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from minisc2.game import units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

TOLERANCE = 1e-6
"""Overlap in cells that counts as touching."""

_SLIDE_ANGLES = tuple(math.radians(angle) for angle in (30.0, 60.0, 90.0, 120.0))
_RING_POINTS = 12


def blocker_at(unit: units.Unit, others: Iterable[units.Unit], x: float, y: float
               ) -> units.Unit | None:
    """The first unit that `unit` would bump into at a point, or None."""
    radius = unit.radius - TOLERANCE
    for other in others:
        reach = radius + other.radius
        dx = other.x - x
        if -reach < dx < reach and other is not unit:
            dy = other.y - y
            distance = dx * dx + dy * dy
            if distance < reach * reach:
                # Units that overlap already may always move apart.
                now_x, now_y = other.x - unit.x, other.y - unit.y
                if distance < now_x * now_x + now_y * now_y + TOLERANCE:
                    return other
    return None


def is_free(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> bool:
    """Whether `unit` can stand at a point, ground and units considered."""
    ground = world.ground
    if ground.has_obstacles and ground.is_blocked(x, y) and not ground.is_blocked(unit.x, unit.y):
        return False
    return blocker_at(unit, world.walkers, x, y) is None


def slide(world: "world_lib.World", unit: units.Unit, blocker: units.Unit, dx: float, dy: float
          ) -> tuple[float, float] | None:
    """Where a blocked unit can go instead of straight ahead.

    Args:
        world: its world.
        unit: who wants to move.
        blocker: who is in the way.
        dx: x of the wanted step.
        dy: y of the wanted step.

    Returns:
        The free point that turns least from the wanted step, on the side chosen before if the unit
        is sliding already; None when all are taken.
    """
    if unit.steering == 0:
        cross = dx * (blocker.y - unit.y) - dy * (blocker.x - unit.x)
        unit.steering = -1 if cross > 0 else 1
    for side in (unit.steering, -unit.steering):
        for angle in _SLIDE_ANGLES:
            cos, sin = math.cos(angle), math.sin(angle) * side
            x, y = unit.x + dx * cos - dy * sin, unit.y + dx * sin + dy * cos
            if is_free(world, unit, *world.ground.clamp(x, y)):
                unit.steering = side
                return world.ground.clamp(x, y)
    return None


def push_aside(world: "world_lib.World", pusher: units.Unit, unit: units.Unit, dx: float, dy: float
               ) -> None:
    """An idle unit makes room for one of the same player that moves by (dx, dy)."""
    if unit.owner != pusher.owner or unit.orders or unit.target is not None or unit.speed == 0:
        return
    length = math.hypot(dx, dy)
    if length == 0:
        return
    cross = dx * (unit.y - pusher.y) - dy * (unit.x - pusher.x)
    side = 1.0 if cross >= 0 else -1.0
    step = unit.speed / length * side
    x, y = world.ground.clamp(unit.x - dy * step, unit.y + dx * step)
    if is_free(world, unit, x, y):
        world.set_position(unit, (x, y))


def free_place(world: "world_lib.World", unit: units.Unit, x: float, y: float
               ) -> tuple[float, float]:
    """The point, or the nearest one on rings around it, where `unit` overlaps nobody.

    The game does the same when a unit is made where there is no room.
    """
    ground = world.ground
    ring = 0
    while ring < 200:
        radius = ring * unit.radius
        num_points = 1 if ring == 0 else _RING_POINTS + 6 * ring
        for index in range(num_points):
            angle = math.tau * index / num_points
            place = (x + radius * math.cos(angle), y + radius * math.sin(angle))
            if place != ground.clamp(*place) or (
                    ground.has_obstacles and ground.is_blocked(*place)):
                continue
            if _overlaps_nobody(unit, world.walkers, *place):
                return place
        ring += 1
    return x, y


def _overlaps_nobody(unit: units.Unit, others: Iterable[units.Unit], x: float, y: float) -> bool:
    return all(other is unit or math.hypot(other.x - x, other.y - y)
               >= unit.radius + other.radius - TOLERANCE for other in others)
