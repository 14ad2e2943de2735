"""How units move: along their way at full speed, around each other, until they are there.

Simplified: units reach full speed and turn at once (Marines of the real game nearly do), and
flying units do not push each other.
"""

import math
from typing import TYPE_CHECKING

from minisc2.game import collision, pathing, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

_PATIENCE_GAME_LOOPS = 48
"""A unit that has come no nearer for this long stays where it is."""

_CROWD_DENSITY = 0.8
"""Radius of a crowd of n units, in units of sqrt(n) times the distance between two of them."""


def move_towards(world: "world_lib.World", unit: units.Unit, goal_x: float, goal_y: float) -> bool:
    """Moves `unit` one game loop closer to a point.

    Returns:
        True when the unit is there, or as near as it can come.
    """
    if unit.is_flying or not world.ground.has_obstacles:
        return _step(world, unit, goal_x, goal_y, goal_x, goal_y)
    goal = (goal_x, goal_y)
    if unit.path_goal != goal or unit.path_version != world.ground.version:
        unit.path = world.ground.find_way((unit.x, unit.y), goal)
        unit.path_goal = goal
        unit.path_version = world.ground.version
    if not unit.path:
        return True
    x, y = unit.path[0]
    if len(unit.path) == 1:
        return _step(world, unit, x, y, goal_x, goal_y)
    if _step(world, unit, x, y, goal_x, goal_y):
        del unit.path[0]
        unit.best_distance = math.inf
    return False


def _step(world: "world_lib.World", unit: units.Unit, x: float, y: float, goal_x: float,
          goal_y: float) -> bool:
    """One step towards a way point; True when it is reached or cannot be reached."""
    dx, dy = x - unit.x, y - unit.y
    distance = math.sqrt(dx * dx + dy * dy)
    speed = unit.speed
    is_there = distance <= speed
    if not is_there:
        scale = speed / distance
        dx *= scale
        dy *= scale
        x, y = unit.x + dx, unit.y + dy
    if not unit.is_flying and len(world.crowd) > 1:
        blocker = collision.blocker_at(world, unit, x, y)
        if blocker is None:
            unit.steering = 0
        else:
            return _step_around(world, unit, blocker, dx, dy, goal_x, goal_y)
    if distance > 0:
        unit.facing = math.atan2(dy, dx) % math.tau
    _place(world, unit, x, y)
    return is_there


def _place(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> None:
    unit.x = x
    unit.y = y
    cell_x, cell_y = unit.cell
    if not (cell_x <= x < cell_x + 1 and cell_y <= y < cell_y + 1):
        world.enter_cell(unit)


def _step_around(world: "world_lib.World", unit: units.Unit, blocker: units.Unit, dx: float,
                 dy: float, goal_x: float, goal_y: float) -> bool:
    """A step while `blocker` is in the way; True when the unit should stay where it is."""
    to_goal = math.hypot(goal_x - unit.x, goal_y - unit.y)
    if _is_crowded(world, unit, blocker, goal_x, goal_y, to_goal):
        return True
    if to_goal < unit.best_distance - 0.05:
        unit.best_distance = to_goal
        unit.num_stuck_loops = 0
    else:
        unit.num_stuck_loops += 1
        if unit.num_stuck_loops > _PATIENCE_GAME_LOOPS:
            start(unit)  # whoever has to go on, after an enemy say, tries again
            return True
    collision.push_aside(world, unit, blocker, dx, dy)
    place = collision.slide(world, unit, blocker, dx, dy)
    if place is not None:
        unit.facing = math.atan2(place[1] - unit.y, place[0] - unit.x) % math.tau
        _place(world, unit, *place)
    return False


def _is_crowded(world: "world_lib.World", unit: units.Unit, blocker: units.Unit, goal_x: float,
                goal_y: float, to_goal: float) -> bool:
    """Whether the goal is taken, by the blocker itself or by a crowd that came to the same goal."""
    spacing = unit.radius + blocker.radius
    if blocker.orders:
        return False
    if math.hypot(blocker.x - goal_x, blocker.y - goal_y) < spacing:
        return True
    crowd_radius = _CROWD_DENSITY * spacing * math.sqrt(len(world.crowd))
    return blocker.last_goal == (goal_x, goal_y) and to_goal < crowd_radius + unit.radius


def move_beside(world: "world_lib.World", unit: units.Unit, target: units.Unit, gap: float
                ) -> bool:
    """Moves `unit` one game loop closer to another unit or structure.

    Returns:
        True when no more than `gap` cells are between their edges, or it can come no nearer.
    """
    if unit.distance_to(target.x, target.y) - unit.radius - target.radius <= gap:
        return True
    return move_towards(world, unit, target.x, target.y)


def start(unit: units.Unit) -> None:
    """Forgets how the last movement went, at the start of another."""
    unit.path_goal = None
    unit.num_stuck_loops = 0
    unit.best_distance = math.inf
    unit.steering = 0


def gap_between(unit: units.Unit, target: units.Unit) -> float:
    """Cells from the edge of `unit` to the edge of `target`, negative where they overlap.

    The edge of what stands on a footprint is that of the footprint (of town halls, whose corners
    can be walked on, without the corners); the edge of everything else is a circle.
    """
    dx, dy = abs(target.x - unit.x), abs(target.y - unit.y)
    width, height = target.type.footprint
    if width == 0 or target.is_flying:
        return math.sqrt(dx * dx + dy * dy) - target.radius - unit.radius
    outside_x, outside_y = max(dx - width / 2, 0.0), max(dy - height / 2, 0.0)
    gap = math.sqrt(outside_x * outside_x + outside_y * outside_y) - unit.radius
    if width == pathing.ROUNDED_WIDTH:
        return max(gap, math.sqrt(dx * dx + dy * dy) - target.radius - unit.radius)
    return gap


def move_beside(world: "world_lib.World", unit: units.Unit, target: units.Unit, gap: float
                ) -> bool:
    """Moves `unit` one game loop closer to the edge of a unit or structure.

    Returns:
        True when the edges are at most `gap` cells apart, or the unit can come no nearer.
    """
    if gap_between(unit, target) <= gap:
        return True
    return move_towards(world, unit, target.x, target.y) or gap_between(unit, target) <= gap
