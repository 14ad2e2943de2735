"""How units move: along their way, around each other, until they are there.

Most loops of most walks are alike, so a walk is planned ahead: as long as a unit stays on one
straight leg of its way, a loop only adds its velocity to its place, once it is clear that nobody of
those near gets in the way. Units whose type has an acceleration start and stop gradually; all
others reach full speed at once. Everybody turns at once, which units of the real game with an
acceleration nearly do, too.
"""

import math
from typing import TYPE_CHECKING

from minisc2.game import collision, edges, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

_PATIENCE_GAME_LOOPS = 64
"""A unit that has come no nearer for this long stays where it is."""

_SETTLED_WEIGHT = 4
"""A loop behind somebody who has settled at the same goal counts as this many."""

_QUEUE_GAME_LOOPS = 4
"""Behind somebody who walks the same way, a unit waits this long before it looks for a way past."""

_CIRCLING_GAME_LOOPS = 12
"""Dodging each other should take no longer than this."""

_MAX_PLANNED_GAME_LOOPS = 16

_CROWD_DENSITY = 0.8
"""Radius of a crowd of n units, in units of sqrt(n) times the distance between two of them."""

_CORNER_CUT = 1.0
_LOOK_GAME_LOOPS = 8
"""A unit turns towards the way point after the next one when nothing is in between. It looks when
it is near to the next one, and now and then, so that a crowd goes around a corner side by side."""

_MOVED_GOAL = 0.7
"""A way to a moving goal is kept until the goal is this far from where the way leads."""

_FLYER_GAP = 0.5
"""Part of their radii by which flying units of one player keep apart where they stop. Our choice:
in the real game they drift apart slowly."""

_LANDING_RANGE = 4.0
"""This near to their goal flying units look whether it is taken."""


def start(unit: units.Unit) -> None:
    """Forgets how the last movement went, at the start of another."""
    unit.goal_x = unit.goal_y = math.nan
    unit.cruise_until = 0
    unit.beside_tag = 0
    unit.num_stuck_loops = 0
    unit.best_distance = math.inf
    unit.steering = 0


def move_towards(world: "world_lib.World", unit: units.Unit, goal_x: float, goal_y: float) -> bool:
    """Moves `unit` one game loop closer to a point.

    Returns:
        True when the unit is there, or as near as it can come.
    """
    if (world.loop <= unit.cruise_until and goal_x == unit.goal_x and goal_y == unit.goal_y
            and unit.path_version == world.ground.version):
        x, y = unit.x + unit.velocity_x, unit.y + unit.velocity_y
        if not unit.watched or not collision.bumps_into_watched(unit, x, y):
            unit.x, unit.y = x, y
            cell_x, cell_y = unit.cell
            if not (cell_x <= x < cell_x + 1 and cell_y <= y < cell_y + 1):
                world.enter_cell(unit)
            if unit.pace_change:
                _change_pace(unit)
            return False
    if goal_x != unit.goal_x or goal_y != unit.goal_y:
        _set_goal(world, unit, goal_x, goal_y)
    elif unit.path_version != world.ground.version:
        _check_way(world, unit)
    return not unit.path or _walk(world, unit)


def move_beside(world: "world_lib.World", unit: units.Unit, target: units.Unit, gap: float
                ) -> bool:
    """Moves `unit` one game loop closer to the edge of a unit or structure.

    Returns:
        True when the edges are at most `gap` cells apart, or the unit can come no nearer.
    """
    is_known = unit.beside_tag == target.tag
    if is_known and world.loop <= unit.cruise_until:
        return move_towards(world, unit, unit.goal_x, unit.goal_y)
    if edges.gap(unit, target) <= gap:
        _stop(unit)
        return True
    if target.speed > 0 and not target.is_structure:
        return move_towards(world, unit, target.x, target.y) or edges.gap(unit, target) <= gap
    if not is_known:
        goal_x, goal_y = edges.point_beside(world, unit, target, gap)
        is_there = move_towards(world, unit, goal_x, goal_y)
        unit.beside_tag = target.tag
        return is_there
    return move_towards(world, unit, unit.goal_x, unit.goal_y)


def _set_goal(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> None:
    """Finds the way, or keeps the one that leads almost there."""
    is_near = abs(x - unit.goal_x) + abs(y - unit.goal_y) < _MOVED_GOAL and len(unit.path) > 1
    unit.beside_tag = 0
    if is_near and unit.path_version == world.ground.version:
        return
    unit.goal_x, unit.goal_y = x, y
    _find_way(world, unit)


def _find_way(world: "world_lib.World", unit: units.Unit) -> None:
    goal = (unit.goal_x, unit.goal_y)
    unit.path_version = world.ground.version
    unit.path = [goal] if unit.is_flying else world.ground.find_way(
        (unit.x, unit.y), goal, unit.type.ground_kind)


def _check_way(world: "world_lib.World", unit: units.Unit) -> None:
    """Something was put up or taken away: finds another way if that concerns this one."""
    ground = world.ground
    if not unit.is_flying and (
            unit.path[-1:] != [(unit.goal_x, unit.goal_y)]
            or ground.is_way_touched((unit.x, unit.y), unit.path, unit.path_version)):
        _find_way(world, unit)
    unit.path_version = ground.version


def _walk(world: "world_lib.World", unit: units.Unit) -> bool:
    """One step towards the next way point, and a plan for the loops after it."""
    x, y = unit.path[0]
    dx, dy = x - unit.x, y - unit.y
    distance = math.sqrt(dx * dx + dy * dy)
    looks = distance <= _CORNER_CUT or (world.loop + unit.index) % _LOOK_GAME_LOOPS == 0
    while len(unit.path) > 1 and looks and (
            distance <= unit.speed or world.ground.is_straight_way_free(
                (unit.x, unit.y), unit.path[1], unit.type.ground_kind)):
        del unit.path[0]
        unit.best_distance = math.inf
        x, y = unit.path[0]
        dx, dy = x - unit.x, y - unit.y
        distance = math.sqrt(dx * dx + dy * dy)
    is_last = len(unit.path) == 1
    num_loops = _set_pace(unit, world.loop, distance, is_last and len(unit.orders) < 2)
    pace = unit.pace
    is_there = distance <= pace
    if not is_there:
        scale = pace / distance
        dx *= scale
        dy *= scale
        x, y = unit.x + dx, unit.y + dy
        num_loops = min(num_loops, int(distance / unit.speed) - 2)
    if not unit.is_flying:
        cell_x, cell_y = unit.cell
        blocker, num_free_loops = collision.look_ahead(world, unit, x, y)
        if blocker is not None:
            return _step_around(world, unit, blocker, dx, dy, is_last)
        unit.steering = 0
        if (int(x) != cell_x or int(y) != cell_y) and not _is_on_free_ground(world, unit, x, y):
            return _step_along(world, unit, x, y)
        num_loops = min(num_loops, num_free_loops)
    elif is_last and distance < _LANDING_RANGE and len(world.flyers) > 1:
        if _has_flyer_at(world, unit, distance):
            _stop(unit)
            return True
        num_loops = 0
    if distance > 0:
        unit.facing = math.atan2(dy, dx) % math.tau
    unit.velocity_x, unit.velocity_y = dx, dy
    _place(world, unit, x, y)
    if is_there:
        unit.cruise_until = 0
        if is_last:
            unit.pace = 0.0
        return is_last
    _plan(world, unit, num_loops)
    return False


def _set_pace(unit: units.Unit, loop: int, distance: float, is_stopping: bool) -> int:
    """Speeds up or brakes: sets `pace` and `pace_change`.

    Braking takes pace ** 2 / (2 a) cells; speeding up for k more loops and then braking fits into
    the distance if a k ** 2 + 2 pace k + pace ** 2 / (2 a) is not more than it.

    Returns:
        Number of loops after this one for which `pace_change` stays as it is.
    """
    speed = unit.speed
    acceleration = unit.type.acceleration
    if not acceleration:
        unit.pace = speed
        return _MAX_PLANNED_GAME_LOOPS
    pace = unit.pace if loop <= unit.moved_loop + _MAX_PLANNED_GAME_LOOPS else 0.0
    if is_stopping and distance <= pace * pace / (2 * acceleration) + pace:
        # The last bit is crept, lest rounding stops a unit short of where it goes.
        unit.pace = max(pace - acceleration, 2 * acceleration)
        unit.pace_change = -acceleration if unit.pace > 4 * acceleration else 0.0
        return int(unit.pace / acceleration) - 3
    if pace >= speed:
        unit.pace = speed
        unit.pace_change = 0.0
        if not is_stopping:
            return _MAX_PLANNED_GAME_LOOPS
        return int((distance - speed * speed / (2 * acceleration)) / speed) - 2
    unit.pace = pace = min(pace + acceleration, speed)
    unit.pace_change = acceleration
    num_loops = (speed - pace) / acceleration
    if is_stopping:
        room = max(distance - pace, 0.0)
        num_loops = min(num_loops, (math.sqrt(pace * pace / 2 + acceleration * room) - pace)
                        / acceleration - 1)
    return int(num_loops)


def _stop(unit: units.Unit) -> None:
    """Ends a walk, and what was planned of it: a plan must not go on at no pace."""
    unit.pace = 0.0
    unit.cruise_until = 0


def _change_pace(unit: units.Unit) -> None:
    """What a planned loop adds for a unit that speeds up or brakes."""
    pace = unit.pace + unit.pace_change
    scale = pace / unit.pace
    unit.velocity_x *= scale
    unit.velocity_y *= scale
    unit.pace = pace


def _plan(world: "world_lib.World", unit: units.Unit, num_loops: int) -> None:
    """Lets the next loops of a walk be alike, as long as the unit stays on free ground."""
    if num_loops <= 0:
        unit.cruise_until = 0
        return
    num_loops = min(num_loops, _MAX_PLANNED_GAME_LOOPS)
    share = unit.speed / unit.pace  # at full speed the unit would get this far
    velocity_x, velocity_y = unit.velocity_x * share, unit.velocity_y * share
    end = (unit.x + num_loops * velocity_x, unit.y + num_loops * velocity_y)
    cell_x, cell_y = unit.cell
    if not (cell_x <= end[0] < cell_x + 1 and cell_y <= end[1] < cell_y + 1) and not (
            unit.is_flying or world.ground.is_straight_way_free(
                (unit.x, unit.y), end, unit.type.ground_kind, 0.0)):
        # It was pushed off its way: cell by cell it finds back.
        if velocity_x:
            room = cell_x + 1 - unit.x if velocity_x > 0 else cell_x - unit.x
            num_loops = min(num_loops, int(room / velocity_x))
        if velocity_y:
            room = cell_y + 1 - unit.y if velocity_y > 0 else cell_y - unit.y
            num_loops = min(num_loops, int(room / velocity_y))
    unit.cruise_until = world.loop + num_loops
    if unit.pace_change:  # a planned loop adds the velocity first and changes it then
        _change_pace(unit)


def _place(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> None:
    unit.x = x
    unit.y = y
    unit.moved_loop = world.loop
    cell_x, cell_y = unit.cell
    if not (cell_x <= x < cell_x + 1 and cell_y <= y < cell_y + 1):
        world.enter_cell(unit)


def _is_on_free_ground(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> bool:
    """Whether the ground lets a unit go there; out of blocked ground it may always go."""
    ground = world.ground
    kind = unit.type.ground_kind
    return not ground.has_obstacles or not ground.is_blocked(x, y, kind) or (
        ground.is_blocked(unit.x, unit.y, kind))


def _step_along(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> bool:
    """A step of a unit that was pushed off its way and has blocked ground before it."""
    unit.cruise_until = 0
    for place in ((x, unit.y), (unit.x, y)):
        if _is_on_free_ground(world, unit, *place) and (
                collision.blocker_at(world, unit, *place) is None):
            _place(world, unit, *place)
            break
    if (world.loop + unit.index) % _QUEUE_GAME_LOOPS == 0:
        _find_way(world, unit)
    return False


def _step_around(world: "world_lib.World", unit: units.Unit, blocker: units.Unit, dx: float,
                 dy: float, is_last: bool) -> bool:
    """A step while `blocker` is in the way; True when the unit should stay where it is."""
    unit.cruise_until = 0
    goal_x, goal_y = unit.path[0]
    to_goal = math.hypot(goal_x - unit.x, goal_y - unit.y)
    if is_last and _is_crowded(world, unit, blocker, to_goal):
        unit.pace = 0.0
        return True
    if to_goal < unit.best_distance - 0.05:
        unit.best_distance = to_goal
        unit.num_stuck_loops = 0
    else:
        # Those who came before it to the same goal, and fill the ground before it, do not go away.
        is_full = not is_last and not blocker.orders and (
            blocker.last_goal == (unit.goal_x, unit.goal_y))
        unit.num_stuck_loops += _SETTLED_WEIGHT if is_full else 1
        if unit.num_stuck_loops > _PATIENCE_GAME_LOOPS:
            # Whoever is still on the way tries again; so does who has to, like somebody after an
            # enemy.
            start(unit)
            return is_last or is_full
    if _gives_way(world, unit, blocker, dx, dy):
        # Looking again in every loop would be dear in a crowd.
        unit.velocity_x = unit.velocity_y = unit.pace_change = 0.0
        unit.cruise_until = world.loop + 1
        return False
    if collision.push_aside(world, unit, blocker, dx, dy):
        return False
    place = collision.slide(world, unit, blocker, dx, dy)
    if place is not None:
        unit.facing = math.atan2(place[1] - unit.y, place[0] - unit.x) % math.tau
        unit.velocity_x, unit.velocity_y = place[0] - unit.x, place[1] - unit.y
        _place(world, unit, *place)
    return False


def _gives_way(world: "world_lib.World", unit: units.Unit, blocker: units.Unit, dx: float,
               dy: float) -> bool:
    """Whether a unit waits until somebody who moves is gone, instead of dodging."""
    if max(blocker.moved_loop, blocker.cruise_until) < world.loop - 1:
        return False
    if not collision.is_oncoming(blocker, dx, dy):
        return unit.num_stuck_loops <= _QUEUE_GAME_LOOPS
    # Two who have dodged each other in vain for a while circle: then the younger one stands still.
    return unit.num_stuck_loops > _CIRCLING_GAME_LOOPS and unit.index > blocker.index


def _is_crowded(world: "world_lib.World", unit: units.Unit, blocker: units.Unit, to_goal: float
                ) -> bool:
    """Whether the goal is taken, by the blocker itself or by a crowd that came to the same goal."""
    if blocker.orders:
        return False
    goal = (unit.goal_x, unit.goal_y)
    spacing = unit.radius + blocker.radius
    if math.hypot(blocker.x - goal[0], blocker.y - goal[1]) < spacing:
        return True
    if blocker.last_goal != goal:
        return False

    def is_within_crowd(num_units: int) -> bool:
        return to_goal < _CROWD_DENSITY * spacing * math.sqrt(num_units) + unit.radius

    # Most are too far away, whoever stands there.
    return is_within_crowd(len(world.crowd) + 1) and is_within_crowd(
        len(world.crowd.near(*goal, to_goal)) + 1)


def _has_flyer_at(world: "world_lib.World", unit: units.Unit, distance: float) -> bool:
    """Whether a flying unit of the same player stops, or has stopped, where this one arrives."""
    for other in world.flyers.near(unit.x, unit.y, unit.radius + world.flyers.widest):
        if other is unit or other.owner != unit.owner:
            continue
        spacing = _FLYER_GAP * (unit.radius + other.radius)
        if other.distance_to(unit.x, unit.y) >= spacing:
            continue
        is_same_goal = other.goal_x == unit.goal_x and other.goal_y == unit.goal_y
        if other.distance_to(unit.goal_x, unit.goal_y) < distance and (
                not other.orders or is_same_goal):
            return True
    return False
