"""Structures: what is wanted next, and where it goes."""

import math
from typing import TYPE_CHECKING

from minisc2.ai import catalogue, duty
from minisc2.ai import census as census_lib
from minisc2.game import construction, players, results, unit_data, units

if TYPE_CHECKING:
    from minisc2.ai import computer as computer_lib

Point = tuple[float, float]

_FOOD_A_DEPOT = 8
_RETRY_GAME_LOOPS = 480
"""A place where construction did not begin is left alone this long."""
_SPARE_MINERALS = 100
"""Growth leaves this much for units."""
_WEALTH = 700
"""Minerals in hand with which a new base is worth it, however many workers there are."""
_RING_REACH = 24


class Builder(duty.Duty):
    """Takes the steps of the plan, keeps supply ahead, and grows with what is left over.

    Args:
        computer: whose.
    """

    def __init__(self, computer: "computer_lib.Computer"):
        super().__init__(computer)
        self._sites = computer.sites
        self._tried: dict[Point, int] = {}
        self._num_grown = 0

    def keep_supply(self, census: census_lib.Census) -> None:
        """Builds a depot before supply runs out."""
        if census.food_cap >= players.MAX_FOOD or not census.halls:
            return
        coming = _FOOD_A_DEPOT * census.num_pending["SupplyDepot"]
        margin = self._level.food_margin + (
            1.5 * census.num_lines if self._level.food_margin > 2 else 0)
        is_first = not census.counts["SupplyDepot"]
        if not is_first and census.food_cap + coming - census.food_used <= margin:
            self.want("SupplyDepot", census)

    def grow(self, census: census_lib.Census) -> None:
        """With money left over: another base, more production, more gas."""
        if self._wants_base(census):
            self.want("CommandCenter", census)
            return
        growth = self._computer.plan.growth
        for _ in growth:
            name = growth[self._num_grown % len(growth)]
            if not self._computer.allows(name, census) or self._has_enough(name, census):
                self._num_grown += 1
                continue
            ability = catalogue.ability(name)
            if census.can_pay(ability.minerals + _SPARE_MINERALS, ability.vespene) and (
                    not census.num_pending[name]) and self.want(name, census):
                self._num_grown += 1
            return

    def _has_enough(self, name: str, census: census_lib.Census) -> bool:
        if name == "Refinery":
            return census.counts[name] >= 2 * len(census.halls)
        return name not in catalogue.PRODUCERS and census.counts[name] >= 1

    def _wants_base(self, census: census_lib.Census) -> bool:
        workers = self._computer.workers
        num_alive = sum(len(workers.fields(hall)) >= 3 for hall in census.halls)
        if census.num_pending["CommandCenter"] or num_alive >= self._level.num_bases:
            return False
        is_full = len(census.workers) >= workers.num_places(census) - 4
        if not (self._computer.plan.expands or is_full):
            return False
        return census.can_pay(400 if is_full else _WEALTH, 0)

    def want(self, name: str, census: census_lib.Census) -> bool:
        """Sends a worker to build something, or saves for it.

        Returns:
            Whether a worker is on the way.
        """
        ability = catalogue.ability(name)
        if any(not census.finished[required] for required in ability.requires):
            return False
        if not census.can_pay(ability.minerals, ability.vespene):
            census.take(ability.minerals, ability.vespene)
            return False
        xy = self._place(name, census)
        worker = self._computer.workers.choose(census, xy) if xy else None
        if worker is None:
            return False
        target = self._geyser(xy) if name == "Refinery" else xy
        (_, answer), = self._world.order(self._player_id, [worker.tag], ability.ability_id, target)
        self._tried[xy] = self._world.loop
        if answer != results.SUCCESS:
            return False
        self._computer.workers.send_home(worker, census, queued=True)
        census.take(ability.minerals, ability.vespene)
        census.counts[name] += 1
        census.num_pending[name] += 1
        return True

    def _geyser(self, xy: Point) -> units.Unit:
        return next(unit for unit in self._world.units.values()
                    if unit.type.has_vespene and unit.owner == units.NEUTRAL_OWNER
                    and (unit.x, unit.y) == xy)

    def _place(self, name: str, census: census_lib.Census) -> Point | None:
        """A free place; None if there is none."""
        if name == "CommandCenter":
            candidates = [base.xy for base in self._sites.bases]
        elif name == "Refinery":
            candidates = self._geysers(census)
        elif name in catalogue.PRODUCERS:
            candidates = self._sites.producers
        elif unit_data.get(catalogue.ability(name).product).footprint == (2, 2):
            candidates = self._sites.depots
        else:
            candidates = self._sites.producers[::-1]
        taken = {worker.orders[0].target_xy for worker in census.builders}
        for xy in candidates:
            if xy not in taken and self._is_free(name, xy):
                return xy
        if name in ("CommandCenter", "Refinery"):
            return None
        return next((xy for hall in census.halls for xy in _ring((hall.x, hall.y))
                     if xy not in taken and self._is_free(name, xy)), None)

    def _is_free(self, name: str, xy: Point) -> bool:
        if self._world.loop - self._tried.get(xy, -_RETRY_GAME_LOOPS) < _RETRY_GAME_LOOPS:
            return False
        if self._computer.knowledge.value_near(xy, 10.0) > 0:
            return False
        world, ability_id = self._world, catalogue.ability(name).ability_id
        if world.placement(ability_id, xy) != results.SUCCESS:
            return False
        if name not in catalogue.PRODUCERS:
            return True
        depot = catalogue.ability("SupplyDepot").ability_id
        dx, dy = construction.ADD_ON_OFFSET
        return world.placement(depot, (xy[0] + dx, xy[1] + dy)) == results.SUCCESS

    def _geysers(self, census: census_lib.Census) -> list[Point]:
        taken = {(refinery.x, refinery.y) for refinery in census.structures
                 if catalogue.base_name(refinery.unit_type) == "Refinery"}
        return [geyser for base in self._sites.bases for geyser in base.geysers
                if geyser not in taken and any(
                    math.dist((hall.x, hall.y), base.xy) < 3.0 for hall in census.halls)]


def _ring(center: Point) -> list[Point]:
    """Points around a town hall, the near ones first: for when no prepared place is left."""
    offsets = [(dx, dy) for dx in range(-_RING_REACH, _RING_REACH + 1, 2)
               for dy in range(-_RING_REACH, _RING_REACH + 1, 2) if math.hypot(dx, dy) > 7]
    offsets.sort(key=lambda offset: (math.hypot(*offset), offset))
    return [(center[0] + dx, center[1] + dy) for dx, dy in offsets]


