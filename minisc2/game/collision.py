"""Ground units are discs that do not overlap.

A unit never moves to where it would overlap another one more than it does already. Blocked units
slide around the blocker, and idle units of the same player step aside.
"""

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from minisc2.game import units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

TOLERANCE = 1e-6
"""Overlap in cells that counts as touching."""

SQUARE = 2
"""Side in cells of the squares of a `Crowd`: as wide as the widest ground units."""

FAR_LOOPS = 8
"""Nobody looks further ahead than this many game loops."""

WATCH_LOOPS = 4
"""Those who may be in the way within this many game loops are watched in each of them."""

_LOOK_AHEAD = 1.5
"""Cells around a unit in which it looks at others. Units that are further away come within reach
only after `FAR_LOOPS`, or else are so fast together that the plan is a little too long; then they
overlap for some loops, and part again."""

_SLIDES = tuple((math.cos(math.radians(angle)), math.sin(math.radians(angle)))
                for angle in (30.0, 60.0, 90.0, 120.0))
_MAX_WINDOWS = 4096
"""Windows that a `Crowd` keeps: a match comes to some thousand, of a dozen squares each."""

_RING_POINTS = 12
_MAX_RINGS = 200


class Crowd:
    """Where the living ground units are that others cannot walk through.

    A spatial hash of squares of `SQUARE` cells, so that neighbours are found without looking at
    everybody. Units with `passes_units` are in it and are left out of every answer.

    Args:
        size: (width, height) of the map in cells.

    Attributes:
        widest: radius of the widest unit that ever was in it.
    """

    def __init__(self, size: tuple[int, int]):
        width, height = size
        self._num_columns = width // SQUARE + 1
        self._num_rows = height // SQUARE + 1
        self._squares: list[list[units.Unit]] = [
            [] for _ in range(self._num_columns * self._num_rows)]
        # The same squares are looked at again and again: kept by the first and last column and row.
        self._windows: dict[tuple[int, int, int, int], tuple[list[units.Unit], ...]] = {}
        self._num_units = 0
        self.widest = 0.0

    def __len__(self) -> int:
        return self._num_units

    def __iter__(self) -> Iterator[units.Unit]:
        """All units, square by square; those with `passes_units`, too."""
        return itertools.chain.from_iterable(self._squares)

    def _square_of(self, x: float, y: float) -> int:
        column, row = int(x) // SQUARE, int(y) // SQUARE
        if not (0 <= column < self._num_columns and 0 <= row < self._num_rows):
            column = min(max(column, 0), self._num_columns - 1)
            row = min(max(row, 0), self._num_rows - 1)
        return row * self._num_columns + column

    def add(self, unit: units.Unit) -> None:
        """A unit appears, lands or surfaces."""
        unit.crowd_square = self._square_of(unit.x, unit.y)
        self._squares[unit.crowd_square].append(unit)
        self._num_units += 1
        self.widest = max(self.widest, unit.radius)

    def remove(self, unit: units.Unit) -> None:
        """A unit dies, lifts off or enters a transport; nothing happens if it is not here."""
        if unit.crowd_square is not None:
            self._squares[unit.crowd_square].remove(unit)
            unit.crowd_square = None
            self._num_units -= 1

    def move(self, unit: units.Unit) -> None:
        """A unit is in another cell; nothing happens if it is not here (it flies, say)."""
        old_square = unit.crowd_square
        if old_square is None:
            return
        x, y = unit.cell
        column, row = x // SQUARE, y // SQUARE
        num_columns = self._num_columns
        square = row * num_columns + column
        if square == old_square:
            return
        if not (0 <= column < num_columns and 0 <= row < self._num_rows):
            square = self._square_of(x, y)
        if square != old_square:
            self._squares[old_square].remove(unit)
            self._squares[square].append(unit)
            unit.crowd_square = square

    def near(self, x: float, y: float, reach: float) -> list[units.Unit]:
        """Units whose centre is within `reach` cells of a point, in a fixed order.

        The order depends only on how units came here, never on addresses or hashes.
        """
        found = []
        reach_squared = reach * reach
        for unit in self.candidates(x, y, reach):
            dx, dy = unit.x - x, unit.y - y
            if dx * dx + dy * dy <= reach_squared and not unit.passes_units:
                found.append(unit)
        return found

    def candidates(self, x: float, y: float, reach: float) -> Iterator[units.Unit]:
        """At least the units of `near`; cheaper, and with those that have `passes_units`.

        Nobody may enter or leave the crowd, or move, while they are looked at.
        """
        window = (int(x - reach) // SQUARE, int(x + reach) // SQUARE,
                  int(y - reach) // SQUARE, int(y + reach) // SQUARE)
        squares = self._windows.get(window)
        if squares is None:
            if len(self._windows) >= _MAX_WINDOWS:
                self._windows.clear()
            squares = self._windows[window] = self._squares_in(*window)
        return itertools.chain.from_iterable(squares)

    def _squares_in(self, left: int, right: int, bottom: int, top: int
                    ) -> tuple[list[units.Unit], ...]:
        """The squares between these columns and rows, all inclusive, as far as there are any."""
        left, right = max(left, 0), min(right + 1, self._num_columns)
        rows = range(max(bottom, 0), min(top + 1, self._num_rows))
        return tuple([self._squares[row * self._num_columns + column]
                      for row in rows for column in range(left, right)])


def blocker_at(world: "world_lib.World", unit: units.Unit, x: float, y: float
               ) -> units.Unit | None:
    """The first unit that `unit` would bump into at a point, or None."""
    if unit.passes_units:
        return None
    radius = unit.radius - TOLERANCE
    crowd = world.crowd
    for other in crowd.candidates(x, y, radius + crowd.widest):
        reach = radius + other.radius
        dx = other.x - x
        if -reach < dx < reach and other is not unit and not other.passes_units:
            dy = other.y - y
            distance = dx * dx + dy * dy
            if distance < reach * reach and _comes_nearer(unit, other, distance):
                return other
    return None


def look_ahead(world: "world_lib.World", unit: units.Unit, x: float, y: float
               ) -> tuple[units.Unit | None, int]:
    """Who is in the way at a point, and for how long no others can be after that than those near.

    Those near are listed in `unit.watched`, but for those behind who cannot come to its side.

    Returns:
        The first unit that `unit` would bump into, or None; and the number of game loops from now,
        at least `WATCH_LOOPS`, in which it cannot bump into anybody who is not watched, even if
        both run into each other at full speed.
    """
    watched = unit.watched
    watched.clear()
    if unit.passes_units:
        return None, FAR_LOOPS
    radius = unit.radius - TOLERANCE
    speed = unit.speed
    velocity_x, velocity_y = x - unit.x, y - unit.y
    behind = -math.sqrt(velocity_x * velocity_x + velocity_y * velocity_y) * WATCH_LOOPS
    num_loops, num_near_loops = FAR_LOOPS, WATCH_LOOPS
    crowd = world.crowd
    for other in crowd.candidates(x, y, radius + crowd.widest + _LOOK_AHEAD):
        dx, dy, other_speed = other.x - x, other.y - y, other.speed
        distance = dx * dx + dy * dy
        reach = radius + other.radius
        closing = speed + other_speed
        room = reach + num_loops * closing
        if distance >= room * room or other.passes_units or other is unit:
            continue
        room = reach + num_near_loops * closing
        if distance >= room * room:
            num_loops = int((math.sqrt(distance) - reach) / closing)
            num_near_loops = min(num_near_loops, num_loops)  # less only by rounding
        elif distance < reach * reach and _comes_nearer(unit, other, distance):
            return other, 0
        elif dx * velocity_x + dy * velocity_y >= behind * other_speed:
            watched.append(other)
    return None, num_loops


def bumps_into_watched(unit: units.Unit, x: float, y: float) -> bool:
    """Whether one of those whom `look_ahead` listed is in the way at a point."""
    radius = unit.radius - TOLERANCE
    for other in unit.watched:
        dx, dy = other.x - x, other.y - y
        reach = radius + other.radius
        distance = dx * dx + dy * dy
        if distance < reach * reach and _comes_nearer(unit, other, distance):
            return True
    return False


def _comes_nearer(unit: units.Unit, other: units.Unit, distance: float) -> bool:
    """Whether a unit does not leave another where the square of their distance becomes `distance`.

    Units that overlap already may always move apart.
    """
    dx, dy = other.x - unit.x, other.y - unit.y
    return distance < dx * dx + dy * dy + TOLERANCE


def is_free(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> bool:
    """Whether `unit` can stand at a point, ground and units considered."""
    ground = world.ground
    kind = unit.type.ground_kind
    if ground.has_obstacles and ground.is_blocked(x, y, kind) and (
            not ground.is_blocked(unit.x, unit.y, kind)):
        return False
    return blocker_at(world, unit, x, y) is None


def is_oncoming(other: units.Unit, dx: float, dy: float) -> bool:
    """Whether `other` is on the way to somewhere against the direction of a step (dx, dy)."""
    if not other.orders or not other.path:
        return False
    x, y = other.path[0]
    return (x - other.x) * dx + (y - other.y) * dy < 0


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
        # Two who meet both keep to the right, or they would dodge to the same side for ever.
        unit.steering = -1 if cross > 0 or is_oncoming(blocker, dx, dy) else 1
    ground = world.ground
    cells = ground.passages(unit.type.ground_kind)
    free, stride = cells.rows, cells.stride
    check_ground = ground.has_obstacles and cells.is_free(unit.x, unit.y)
    here_x, here_y = unit.x, unit.y
    left, bottom, right, top = ground.playable
    neighbours = _neighbours(world, unit, math.sqrt(dx * dx + dy * dy))
    for side in (unit.steering, -unit.steering):
        for cos, sin in _SLIDES:
            x = here_x + dx * cos - dy * sin * side
            y = here_y + dx * sin * side + dy * cos
            if not (left <= x <= right and bottom <= y <= top):
                x, y = ground.clamp(x, y)
            for other_x, other_y, allowed in neighbours:
                to_x, to_y = other_x - x, other_y - y
                if to_x * to_x + to_y * to_y < allowed:
                    break
            else:
                if not check_ground or free[(int(y) + 1) * stride + int(x) + 1]:
                    unit.steering = side
                    return x, y
    return None


def _neighbours(world: "world_lib.World", unit: units.Unit, step: float
                ) -> list[tuple[float, float, float]]:
    """(x, y, smallest square of the distance allowed) of all that a step can run into."""
    if unit.passes_units:
        return []
    found = []
    x, y, radius = unit.x, unit.y, unit.radius - TOLERANCE
    crowd = world.crowd
    limit = radius + crowd.widest + step
    for other in crowd.candidates(x, y, limit):
        dx = other.x - x
        if not -limit < dx < limit:
            continue
        dy = other.y - y
        reach = radius + other.radius
        room = reach + step
        distance = dx * dx + dy * dy
        if distance < room * room and other is not unit and not other.passes_units:
            # Units that overlap already may always move apart.
            found.append((other.x, other.y, min(reach * reach, distance + TOLERANCE)))
    return found


def push_aside(world: "world_lib.World", pusher: units.Unit, unit: units.Unit, dx: float, dy: float
               ) -> bool:
    """An idle unit makes room for one of the same player that moves by (dx, dy).

    Returns:
        Whether it did.
    """
    if unit.owner != pusher.owner or unit.orders or unit.target is not None or unit.speed == 0:
        return False
    if unit.last_goal == (pusher.goal_x, pusher.goal_y):
        return False  # it came to the same place, and a crowd that settles must not be stirred
    length = math.hypot(dx, dy)
    if length == 0:
        return False
    cross = dx * (unit.y - pusher.y) - dy * (unit.x - pusher.x)
    side = 1.0 if cross >= 0 else -1.0
    step = unit.speed / length * side
    x, y = world.ground.clamp(unit.x - dy * step, unit.y + dx * step)
    if not is_free(world, unit, x, y):
        return False
    world.set_position(unit, (x, y))
    return True


def free_place(world: "world_lib.World", unit: units.Unit, x: float, y: float
               ) -> tuple[float, float]:
    """The point, or the nearest one on rings around it, where `unit` overlaps nobody.

    The game does the same when a unit is made where there is no room. Nobody is put on the other
    side of a cliff: there is a way from the point, or from the free one nearest to it.
    """
    ground = world.ground
    cells = ground.passages(unit.type.ground_kind) if ground.has_obstacles else None
    origin = cells and cells.nearest_free(x, y)
    ring = 0
    while ring < _MAX_RINGS:
        radius = ring * unit.radius
        num_points = 1 if ring == 0 else _RING_POINTS + 6 * ring
        for index in range(num_points):
            angle = math.tau * index / num_points
            place = (x + radius * math.cos(angle), y + radius * math.sin(angle))
            if place != ground.clamp(*place) or (cells and not cells.is_free(*place)):
                continue
            if _overlaps_nobody(world, unit, *place) and (
                    not cells or cells.are_connected(origin, place)):
                return place
        ring += 1
    return x, y


def _overlaps_nobody(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> bool:
    radius = unit.radius - TOLERANCE
    return all(other is unit or other.passes_units
               or math.hypot(other.x - x, other.y - y) >= radius + other.radius
               for other in world.crowd.candidates(x, y, radius + world.crowd.widest))
