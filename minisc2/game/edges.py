"""The edges of units and structures, and the places beside them.

The edge of what stands on a footprint is that of the footprint (of town halls, whose corners can be
walked on, without the corners); the edge of everything else is a circle.
"""

import math
from typing import TYPE_CHECKING

from minisc2.game import pathing, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

_NUM_HALVINGS = 12
_NUM_SIDES = 16
_SHORT = 0.02
"""Units stop this much nearer than they have to, lest rounding keeps them out of reach."""


def gap(unit: units.Unit, target: units.Unit) -> float:
    """Cells from the edge of `unit` to the edge of `target`; negative where they overlap."""
    return _gap_at(unit.x, unit.y, unit.radius, target)


def _gap_at(x: float, y: float, radius: float, target: units.Unit) -> float:
    dx, dy = abs(target.x - x), abs(target.y - y)
    width, height = target.type.footprint
    if width == 0 or target.is_flying:
        return math.sqrt(dx * dx + dy * dy) - target.radius - radius
    outside_x, outside_y = max(dx - width / 2, 0.0), max(dy - height / 2, 0.0)
    to_footprint = math.sqrt(outside_x * outside_x + outside_y * outside_y) - radius
    if width == pathing.ROUNDED_WIDTH:
        return max(to_footprint, math.sqrt(dx * dx + dy * dy) - target.radius - radius)
    return to_footprint


def point_beside(world: "world_lib.World", unit: units.Unit, target: units.Unit, reach: float
                 ) -> tuple[float, float]:
    """Where a unit stops beside something that stands still.

    Args:
        world: its world.
        unit: who goes there.
        target: unit or structure.
        reach: largest gap between the edges.

    Returns:
        The point on the straight way to the target's centre; where nobody can stand there, the
        nearest one around the target at which somebody can.
    """
    heading = math.atan2(unit.y - target.y, unit.x - target.x)
    straight = _point_at(unit, target, heading, reach)
    ground = world.ground
    if unit.is_flying or not ground.has_obstacles:
        return straight
    cells = ground.passages(unit.type.ground_kind)
    here = cells.nearest_free(unit.x, unit.y)

    def is_possible(point: tuple[float, float]) -> bool:
        return cells.is_free(*point) and cells.are_connected(here, point)

    if is_possible(straight):
        return straight
    around = [_point_at(unit, target, heading + math.tau * side / _NUM_SIDES, reach)
              for side in range(1, _NUM_SIDES)]
    return min(filter(is_possible, around), key=lambda point: math.dist(point, here),
               default=straight)


def _point_at(unit: units.Unit, target: units.Unit, heading: float, reach: float
              ) -> tuple[float, float]:
    """The point in one direction from the target's centre at which the gap is just closed."""
    cos, sin = math.cos(heading), math.sin(heading)
    near = 0.0
    far = target.radius + unit.radius + reach + max(target.type.footprint)
    for _ in range(_NUM_HALVINGS):
        middle = (near + far) / 2
        if _gap_at(target.x + middle * cos, target.y + middle * sin, unit.radius, target
                   ) <= max(reach - _SHORT, 0.0):
            near = middle
        else:
            far = middle
    return target.x + near * cos, target.y + near * sin
