"""Ways of workers between what they gather from and their town halls, and who gathers where.

A worker goes the same straight way again and again, so where it is in every game loop of it is
worked out once. Both ends are fixed: the points beside the field and beside the town hall that lie
on the line between their centres.
"""

import math
from typing import TYPE_CHECKING, NamedTuple

from minisc2.game import edges, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

REACH = 0.1
"""Workers gather, and bring home, from this far between edges."""

HALL_RANGE = 10.0
"""Fields this near to a town hall are counted as its own."""

_CLEARANCE = 0.05
"""Workers squeeze past the corners of other fields: their ways keep this far from blocked cells."""

_MAX_WAYS = 4096
"""Ways kept. A match has some hundred; only workers that come from all over the map add more."""

_TOWN_HALLS = frozenset(("CommandCenter", "OrbitalCommand", "PlanetaryFortress", "Nexus",
                         "Hatchery", "Lair", "Hive"))

_Point = tuple[float, float]


class Way(NamedTuple):
    """A straight way in the open.

    Attributes:
        points: world points in the first, second, ... game loop of it; the last is its end.
        cells: (column, row) of each.
        facing: radians.
    """

    points: list[_Point]
    cells: list[tuple[int, int]]
    facing: float


class _Visitor(NamedTuple):
    """What `edges` has to know of somebody who comes from a place."""

    x: float
    y: float
    radius: float
    type: unit_data.UnitType
    is_flying: bool = False


def is_drop_off(player_id: int, hall: units.Unit) -> bool:
    """Whether a player's workers can bring loads there: a finished town hall on the ground."""
    return (hall.owner == player_id and hall.type.name in _TOWN_HALLS and hall.build_progress >= 1
            and hall.is_alive)


def distances(length: float, speed: float, acceleration: float) -> list[float]:
    """How far from its start something is in each game loop of a way, from rest to rest.

    Speeds up to at most `speed` and brakes as fast: v(t) = min(a t, speed, a (T - t)).

    Args:
        length: cells.
        speed: cells a game loop.
        acceleration: cells a game loop, per game loop; 0: full speed at once.

    Returns:
        One distance for each game loop; the last is `length`.
    """
    if acceleration <= 0:
        num_loops = max(1, math.ceil(length / speed))
        return [min(length, speed * (index + 1)) for index in range(num_loops)]
    ramp = min(speed / acceleration, math.sqrt(length / acceleration))
    top = acceleration * ramp
    total = 2 * ramp + (length - top * ramp) / top if top else 0.0
    found = []
    for index in range(1, max(1, math.ceil(total - 1e-9)) + 1):
        left = max(total - index, 0.0)
        if index <= ramp:
            found.append(acceleration * index * index / 2)
        elif left <= ramp:
            found.append(length - acceleration * left * left / 2)
        else:
            found.append(top * ramp / 2 + top * (index - ramp))
    return found


class Commutes:
    """What workers of one world have to know; everything in it is worked out when asked for.

    Args:
        world: its world.
    """

    def __init__(self, world: "world_lib.World"):
        self._world = world
        self._neutral: list[units.Unit] = []
        self._fields: list[units.Unit] = []
        self._halls: dict[int, tuple[list[units.Unit], list[units.Unit]]] = {}
        # Each with the version of the ground at which it was last known to be right.
        self._ways: dict[tuple[float, float, int, int, float], tuple[int, Way | None]] = {}

    def fields(self) -> list[units.Unit]:
        """Mineral fields that are left, oldest first. Not to be written to."""
        neutral = self._world.owned(units.NEUTRAL_OWNER)
        if neutral is not self._neutral:  # the list is replaced whenever one comes or goes
            self._neutral = neutral
            self._fields = [unit for unit in neutral if unit.type.has_minerals]
        return self._fields

    def halls(self, player_id: int) -> list[units.Unit]:
        """Town halls that take loads, oldest first. Not to be written to."""
        owned = self._world.owned(player_id)
        known = self._halls.get(player_id)
        if known is None or known[0] is not owned:
            known = owned, [unit for unit in owned if is_drop_off(player_id, unit)]
            self._halls[player_id] = known
        return known[1]

    def nearest_hall(self, player_id: int, x: float, y: float) -> units.Unit | None:
        """The town hall nearest to a point, of several the one that was made first."""
        nearest, least = None, math.inf
        for hall in self.halls(player_id):
            distance = hall.distance_to(x, y)
            if distance < least or (distance == least and hall.index < nearest.index):
                nearest, least = hall, distance
        return nearest

    def way(self, unit: units.Unit, target: units.Unit, other: units.Unit | None) -> Way | None:
        """The straight way of a worker to a field or town hall.

        Args:
            unit: who goes.
            target: where to.
            other: what is at the other end of its usual way; the worker stops at the side of the
                target that looks there.

        Returns:
            The way; None where something is in between.
        """
        ground = self._world.ground
        key = (unit.x, unit.y, target.tag, other.tag if other else 0, unit.speed)
        version, way = self._ways.get(key, (-1, None))
        if version == ground.version:
            return way
        if way is None or ground.is_way_touched((unit.x, unit.y), way.points[-1:], version):
            way = self._find_way(unit, target, other)
        if len(self._ways) > _MAX_WAYS:
            self._ways.clear()
        self._ways[key] = ground.version, way
        return way

    def _find_way(self, unit: units.Unit, target: units.Unit, other: units.Unit | None
                  ) -> Way | None:
        here = (unit.x, unit.y)
        origin = other or unit
        visitor = _Visitor(origin.x, origin.y, unit.radius, unit.type)
        end = edges.point_beside(self._world, visitor, target, REACH)
        if not self._world.ground.is_straight_way_free(here, end, unit.type.ground_kind,
                                                       _CLEARANCE):
            return None
        dx, dy = end[0] - here[0], end[1] - here[1]
        length = math.hypot(dx, dy)
        if length == 0:
            return Way([end], [unit.cell], unit.facing)
        points = [(here[0] + dx * part / length, here[1] + dy * part / length)
                  for part in distances(length, unit.speed, unit.type.acceleration)]
        points[-1] = end
        return Way(points, [(int(x), int(y)) for x, y in points], math.atan2(dy, dx) % math.tau)


def num_assigned(world: "world_lib.World", unit: units.Unit) -> tuple[int, int]:
    """How many workers gather for a town hall or in a refinery, and how many it has work for.

    Returns:
        (assigned, ideal); zeros for everything else.
    """
    if unit.build_progress < 1 or unit.owner == units.NEUTRAL_OWNER:
        return 0, 0
    if unit.type.has_vespene:
        return unit.num_harvesters, 3 if unit.vespene_contents else 0
    if not is_drop_off(unit.owner, unit):
        return 0, 0
    fields = [field for field in world.commutes.fields()
              if field.distance_to(unit.x, unit.y) <= HALL_RANGE]
    return sum(field.num_harvesters for field in fields), 2 * len(fields)
