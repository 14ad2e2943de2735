"""Where units are between the moments of which a replay tells: dead reckoning.

A unit goes straight to where it was sent, at the speed of its type and its owner's upgrades, and
does what it was told after that. Ground, crowds, creep and fights are not known, so it is an
estimate, put right where the replay tells a place: of units that fight now and then, of units that
die, and of units that commands are aimed at. Whatever a unit does, it sets off for the next such
place when it is time; so do the units of computer players, whose commands no replay has. Workers
that gather go back and forth between field and town hall in the time that it takes.
"""

import math
from collections.abc import Iterable

from minisc2.game import orders, unit_data, units
from minisc2.reconstruction import appointments, tasks
from minisc2.reconstruction import world as world_lib

MINERAL_GAME_LOOPS = 2.786 * 16 + 6
VESPENE_GAME_LOOPS = 1.981 * 16 + 3
"""How long a worker stays at a field or refinery: 2.786 and 1.981 seconds of the data tables (game
4.10), and what `game.harvesting` found for turning and changing places."""

_NEAR = 1.0
"""Cells; a place that the replay tells, which it cuts off to cells, moves no unit by less."""

_LONGEST_QUEUE = 32
_CREEP_AND_WEATHER = 1.0

_FASTER = {
    "zerglingmovementspeed": {"Zergling": 1.6}, "GlialReconstitution": {"Roach": 1.333},
    "overlordspeed": {"Overlord": 2.915, "OverlordTransport": 2.0, "Overseer": 1.8},
    "CentrificalHooks": {"Baneling": 1.18}, "Charge": {"Zealot": 1.5},
    "BansheeSpeed": {"Banshee": 1.37}, "ObserverGraviticBooster": {"Observer": 1.5},
    "GraviticDrive": {"WarpPrism": 1.3}, "EvolveMuscularAugments": {"Hydralisk": 1.25}}
"""Upgrade -> type -> how many times faster (multiplayer game of 4.10)."""

Point = tuple[float, float]


class _Mover:
    """What one unit is about.

    Attributes:
        loop: the game loop at which its place is known.
        arrival: of a worker that gathers, when it came to its field; None while it goes there.
        appointment: (loop, point) that it has set off for, and does nothing else until then.
    """

    __slots__ = ("appointment", "arrival", "hall_xy", "loop", "queue", "unit")

    def __init__(self, unit: units.Unit, loop: int):
        self.unit = unit
        self.loop = loop
        self.queue: list[tasks.Task] = []
        self.arrival: float | None = None
        self.hall_xy: Point | None = None
        self.appointment: tuple[int, Point] | None = None


class Motion:
    """Moves the units of a world."""

    def __init__(self, world: world_lib.ReconstructedWorld,
                 known: appointments.Appointments):
        """Nobody moves yet.

        Args:
            world: whose units.
            known: where they will be.
        """
        self._world = world
        self._known = known
        self._next_places: dict[int, tuple[int, Point]] = {}
        self._movers: dict[int, _Mover] = {}
        self._faster: dict[tuple[int, str], float] = {}
        self._halls: dict[int, list[units.Unit]] = {}

    def give(self, unit: units.Unit, task: tasks.Task, is_queued: bool) -> None:
        """A unit gets something to do now, or after what it does."""
        if task.aim is tasks.Aim.NONE:
            return
        if task.aim is tasks.Aim.RALLY:
            unit.rally = [self._world.units.get(task.tag) or task.xy]
            return
        mover = self._current(unit)
        if task.aim is tasks.Aim.JUMP and task.xy is not None:
            self._world.put(unit, *task.xy)
            task = task._replace(aim=tasks.Aim.STOP)
        if not is_queued or not mover.queue:
            mover.queue = []
            self._release(mover)
        if task.aim is not tasks.Aim.STOP and len(mover.queue) < _LONGEST_QUEUE:
            mover.queue.append(task)
        self._show_orders(mover)

    def gather(self, unit: units.Unit, field: units.Unit, ability_id: int) -> None:
        """A worker gathers, without having been told."""
        self.give(unit, tasks.Task(tasks.Aim.GATHER, (field.x, field.y), field.tag, 0.0,
                                   ability_id), False)

    def stop(self, tag: int) -> None:
        """A unit does nothing any more: it is gone, or has become something that stands."""
        mover = self._movers.pop(tag, None)
        if mover is not None:
            self._release(mover)
            mover.unit.orders = []

    def spot(self, tag: int, xy: Point) -> None:
        """The replay tells where a unit is."""
        unit = self._world.units.get(tag)
        if unit is None or unit.distance_to(*xy) <= _NEAR:
            return
        mover = self._movers.get(tag)
        if mover is not None and mover.arrival is not None:
            return  # on its way between field and town hall, as far as that can be known
        if mover is not None:
            mover.loop = self._world.loop
        self._world.put(unit, *xy)

    def expect(self, unit: units.Unit) -> None:
        """A unit came into the world, and may have places to be at."""
        place = self._known.following(unit.tag, self._world.loop)
        if place is not None and unit.owner != units.NEUTRAL_OWNER:
            self._next_places[unit.tag] = place

    def keep_appointments(self) -> None:
        """Lets those set off that will be somewhere else soon. Called every few loops, always at
        the same ones, so that what is shown does not depend on who looks when."""
        now, world_units = self._world.loop, self._world.units
        for tag, (loop, xy) in list(self._next_places.items()):
            unit = world_units.get(tag)
            if loop <= now:
                place = self._known.following(tag, now)
                if place is None:
                    del self._next_places[tag]
                else:
                    self._next_places[tag] = place
                continue
            if unit is None:
                continue
            speed = self._speed(unit)
            distance = unit.distance_to(*xy)
            if speed > 0 and distance > _NEAR and (loop - now) * speed <= distance:
                mover = self._current(unit)
                mover.appointment = loop, xy
                if mover.arrival is not None:
                    self._release(mover)

    def research(self, player_id: int, name: str) -> None:
        """A player's units of some types go faster from now on."""
        for type_name, factor in _FASTER.get(name, {}).items():
            self._faster[player_id, type_name] = factor

    def advance_all(self) -> None:
        """Puts every unit where it is at the world's loop."""
        self._halls.clear()
        for mover in list(self._movers.values()):
            self._advance(mover)

    def advance(self, unit_tags: Iterable[int]) -> None:
        """Puts some units where they are at the world's loop."""
        self._halls.clear()
        for tag in unit_tags:
            mover = self._movers.get(tag)
            if mover is not None:
                self._advance(mover)

    def _current(self, unit: units.Unit) -> _Mover:
        mover = self._movers.get(unit.tag)
        if mover is None or mover.unit is not unit:
            mover = self._movers[unit.tag] = _Mover(unit, self._world.loop)
        else:
            self._advance(mover)
            self._movers.setdefault(unit.tag, mover)
        return mover

    def _advance(self, mover: _Mover) -> None:
        """Lets a unit do as much of its tasks as fits in the time since it was looked at."""
        now, unit = self._world.loop, mover.unit
        if mover.appointment is not None:
            loop, xy = mover.appointment
            self._walk(mover, *xy, 0.0, min(now, loop))
            if now < loop:
                mover.loop = now
                return
            mover.appointment, mover.loop = None, loop
        while mover.queue:
            task = mover.queue[0]
            if mover.arrival is not None:
                self._commute(mover, now)
                if len(mover.queue) > 1 and unit.carried_minerals:
                    self._next(mover)  # gathered once; what was queued after it comes next
                    continue
                break
            if not self._go(mover, task, now):
                break
            if task.aim is tasks.Aim.GATHER:
                if not self._begin_to_gather(mover, task):
                    self._next(mover)
                continue
            if task.aim is tasks.Aim.REACH and len(mover.queue) == 1:
                break  # stays beside it
            if task.aim is tasks.Aim.BUILD and self._is_building(task):
                break
            self._next(mover)
        mover.loop = now
        if not mover.queue:
            self.stop(unit.tag)

    def _go(self, mover: _Mover, task: tasks.Task, now: int) -> bool:
        """Walks on towards a task's place; returns whether the unit is there."""
        return self._walk(mover, *self._goal(mover.unit, task), now)

    def _walk(self, mover: _Mover, goal_x: float, goal_y: float, distance: float, now: int
              ) -> bool:
        """Goes on towards a point; returns whether the unit is as near to it as it has to be."""
        unit = mover.unit
        dx, dy = goal_x - unit.x, goal_y - unit.y
        left = math.hypot(dx, dy) - distance
        if left <= 1e-3:
            return True
        speed = self._speed(unit)
        if speed <= 0:
            return True
        length = left + distance
        step = (now - mover.loop) * speed
        unit.facing = math.atan2(dy, dx) % math.tau
        if step >= left:
            mover.loop += left / speed
            step = left
        self._world.put(unit, unit.x + dx / length * step, unit.y + dy / length * step)
        return step >= left

    def _goal(self, unit: units.Unit, task: tasks.Task) -> tuple[float, float, float]:
        """Where a task leads now, and how near to it."""
        target = self._world.units.get(task.tag)
        if task.aim is tasks.Aim.RETURN:
            hall = self._nearest_hall(unit.owner, (unit.x, unit.y))
            return (unit.x, unit.y, 0.0) if hall is None else (
                hall.x, hall.y, hall.radius + unit.radius)
        if target is not None:
            distance = task.distance
            if task.aim is tasks.Aim.GATHER:
                distance = target.radius + unit.radius
            return target.x, target.y, distance
        if task.xy is None:
            return unit.x, unit.y, 0.0
        return *task.xy, (0.0 if task.aim is tasks.Aim.REACH else task.distance)

    def _is_building(self, task: tasks.Task) -> bool:
        """Whether the structure of a task is still to be begun, or to be finished."""
        site = self._world.units.get(task.tag)
        return not task.tag or (site is not None and site.build_progress < 1)

    def begin(self, site: units.Unit) -> units.Unit | None:
        """A structure appeared: whoever was sent to build it stays, if its race does so.

        Returns:
            The builder, where it is known.
        """
        for mover in self._movers.values():
            if mover.unit.owner != site.owner or not mover.queue:
                continue
            task = mover.queue[0]
            if task.aim is tasks.Aim.BUILD and not task.tag and task.xy is not None and (
                    site.distance_to(*task.xy) <= _NEAR):
                mover.loop = self._world.loop
                if site.type.race == unit_data.TERRAN:
                    mover.queue[0] = task._replace(tag=site.tag, distance=site.radius)
                else:
                    self._next(mover)
                return mover.unit
        return None

    def _begin_to_gather(self, mover: _Mover, task: tasks.Task) -> bool:
        hall = self._nearest_hall(mover.unit.owner, task.xy or (mover.unit.x, mover.unit.y))
        field = self._world.units.get(task.tag)
        if hall is None or field is None:
            return False
        mover.arrival = mover.loop
        dx, dy = field.x - hall.x, field.y - hall.y
        length = math.hypot(dx, dy) or 1.0
        reach = hall.radius + mover.unit.radius
        mover.hall_xy = hall.x + dx / length * reach, hall.y + dy / length * reach
        field.num_harvesters += 1
        mover.unit.harvest_tag = field.tag
        return True

    def _commute(self, mover: _Mover, now: int) -> None:
        """Puts a worker where it is on its way between field and town hall."""
        unit = mover.unit
        field = self._world.units.get(mover.queue[0].tag)
        if field is None:  # it is exhausted: the nearest other one
            self._release(mover)
            other = self.nearest_field((unit.x, unit.y))
            mover.queue = mover.queue[1:] if other is None else [
                mover.queue[0]._replace(tag=other.tag, xy=(other.x, other.y)), *mover.queue[1:]]
            return
        hall_x, hall_y = mover.hall_xy
        dx, dy = hall_x - field.x, hall_y - field.y
        length = math.hypot(dx, dy) or 1.0
        edge = min(field.radius + unit.radius, length)
        start_x, start_y = field.x + dx / length * edge, field.y + dy / length * edge
        way = length - edge
        walk = _walk_game_loops(way, self._speed(unit) or 1.0)
        stay = VESPENE_GAME_LOOPS if field.type.has_vespene else MINERAL_GAME_LOOPS
        phase = (now - mover.arrival) % (stay + 2 * walk)
        is_loaded = stay <= phase < stay + walk
        if phase < stay:
            share = 0.0
        elif is_loaded:
            share = _eased((phase - stay) / walk)
        else:
            share = _eased(2.0 - (phase - stay) / walk)
        heading = math.atan2(dy, dx) if is_loaded else math.atan2(-dy, -dx)
        unit.facing = heading % math.tau
        amount = 5 if is_loaded else 0
        unit.carried_minerals = 0 if field.type.has_vespene else amount
        unit.carried_vespene = min(amount, 4) if field.type.has_vespene else 0
        self._world.put(unit, start_x + dx / length * way * share,
                        start_y + dy / length * way * share)

    def _next(self, mover: _Mover) -> None:
        mover.queue.pop(0)
        self._release(mover)
        self._show_orders(mover)

    def _release(self, mover: _Mover) -> None:
        """A worker no longer belongs to its field."""
        if mover.arrival is not None:
            field = self._world.units.get(mover.unit.harvest_tag)
            if field is not None:
                field.num_harvesters -= 1
        mover.arrival = mover.hall_xy = None

    def _show_orders(self, mover: _Mover) -> None:
        """What an observation lists as the unit's orders."""
        mover.unit.orders = [
            orders.Order(task.ability_id, orders.Kind.GATHER if task.aim is tasks.Aim.GATHER
                         else orders.Kind.MOVE, task.xy, task.tag) for task in mover.queue]

    def _speed(self, unit: units.Unit) -> float:
        return unit.type.speed * self._faster.get((unit.owner, unit.type.name),
                                                  _CREEP_AND_WEATHER)

    def _nearest_hall(self, owner: int, xy: Point) -> units.Unit | None:
        halls = self._halls.get(owner)
        if halls is None:
            halls = self._halls[owner] = [
                unit for unit in self._world.owned(owner)
                if unit.type.name in _TOWN_HALLS and unit.build_progress >= 1]
        return min(halls, key=lambda hall: hall.distance_to(*xy), default=None)

    def nearest_field(self, xy: Point) -> units.Unit | None:
        """The mineral field that a worker at a point would go to: near, and not crowded."""
        fields = self._world.commutes.fields()
        return min(fields, key=lambda field: (field.distance_to(*xy) + 3 * field.num_harvesters,
                                              field.tag), default=None)


_ACCELERATION = 2.5 / 16 ** 2
"""Of a worker, in cells a loop in each loop; it slows down as it speeds up."""


def _walk_game_loops(way: float, speed: float) -> float:
    """How long a worker takes from standing to standing."""
    if way < speed * speed / _ACCELERATION:
        return max(1.0, 2 * math.sqrt(max(0.0, way) / _ACCELERATION))
    return way / speed + speed / _ACCELERATION


def _eased(share: float) -> float:
    """How much of a way is done at a share of its time: slow at both ends."""
    return share * share * (3 - 2 * share)


_TOWN_HALLS = frozenset(("CommandCenter", "OrbitalCommand", "PlanetaryFortress", "Nexus",
                         "Hatchery", "Lair", "Hive"))
