"""Workers: who gathers where, who builds on, and MULEs."""

import math
from typing import TYPE_CHECKING

from minisc2.ai import census as census_lib
from minisc2.ai import duty
from minisc2.game import ability_data, orders, results, units

if TYPE_CHECKING:
    from minisc2.ai import computer as computer_lib

_FIELD_RANGE = 10.0
"""Mineral fields this near to a town hall belong to it."""
_WORKERS_A_FIELD = 2
_WORKERS_A_REFINERY = 3
_MULE_ENERGY = 50.0
_BALANCE_GAME_LOOPS = 240
_PLENTY_OF_VESPENE, _FEW_VESPENE = 300, 150
"""With so much those who look after details take their workers off it, until there is so little."""
_ENOUGH_VESPENE = 500
"""With this much gas in hand and fewer minerals, nobody is sent for more."""


class Workers(duty.Duty):
    """Gives every worker something to do.

    Args:
        computer: whose.
    """

    def __init__(self, computer: "computer_lib.Computer"):
        super().__init__(computer)
        self._fields = [unit for unit in self._world.units.values() if unit.type.has_minerals]
        self._fields_of: dict[int, list[units.Unit]] = {}
        self._posts: dict[int, int] = {}
        self._next_balance_loop = 0
        self._has_plenty = False

    def update(self, census: census_lib.Census) -> None:
        """One thought about workers."""
        posts = self._posts
        self._posts = {worker.tag: posts[worker.tag] for worker in census.workers
                       if worker.tag in posts}
        halls = [hall for hall in census.halls if not hall.is_flying]
        if not halls:
            return
        self._resume(census)
        self._send_for_gas(census)
        for worker in census.idle_workers:
            if not worker.orders:
                self._put_to_work(worker, halls)
        if self._world.loop >= self._next_balance_loop:
            self._next_balance_loop = self._world.loop + _BALANCE_GAME_LOOPS
            self._balance(census, halls)
        if self._level.has_mules:
            self._call_mules(census)

    def fields(self, hall: units.Unit) -> list[units.Unit]:
        """What is left of the mineral fields of a town hall, nearest first."""
        found = self._fields_of.get(hall.tag)
        if found is None:
            found = sorted((field for field in self._fields
                            if field.distance_to(hall.x, hall.y) <= _FIELD_RANGE),
                           key=lambda field: (field.distance_to(hall.x, hall.y), field.index))
        if any(not field.is_alive for field in found):
            found = [field for field in found if field.is_alive]
        self._fields_of[hall.tag] = found
        return found

    def num_places(self, census: census_lib.Census) -> int:
        """Workers for whom there is work at the present bases."""
        return (sum(_WORKERS_A_FIELD * len(self.fields(hall)) for hall in census.halls)
                + _WORKERS_A_REFINERY * len(census.finished["Refinery"]))

    def choose(self, census: census_lib.Census, xy: tuple[float, float]) -> units.Unit | None:
        """The nearest worker who can be taken away from gathering minerals."""
        refineries = {refinery.tag for refinery in census.finished["Refinery"]}
        free = [worker for worker in census.workers
                if (not worker.orders or worker.orders[0].kind is orders.Kind.GATHER)
                and self._posts.get(worker.tag) not in refineries]
        if not free:
            free = [worker for worker in census.workers
                    if not worker.orders or worker.orders[0].kind in (
                        orders.Kind.GATHER, orders.Kind.RETURN)]
        return min(free, default=None, key=lambda worker: (
            worker.distance_to(*xy) + 4.0 * bool(worker.carried_minerals), worker.index))

    def send_home(self, worker: units.Unit, census: census_lib.Census, queued: bool) -> None:
        """A worker gathers minerals again, after what it is doing."""
        halls = [hall for hall in census.halls if not hall.is_flying]
        if halls:
            self._put_to_work(worker, halls, queued)

    def _put_to_work(self, worker: units.Unit, halls: list[units.Unit], queued: bool = False
                     ) -> None:
        loads = self._loads()
        best = None
        for hall in halls:
            fields = self.fields(hall)
            if not fields:
                continue
            load = loads.get(hall.tag, 0) / (_WORKERS_A_FIELD * len(fields))
            key = (max(1.0, load), worker.distance_to(hall.x, hall.y), hall.index)
            if best is None or key < best[0]:
                best = (key, hall, fields)
        if best is None:
            return
        _, hall, fields = best
        # A worker that goes from one job to the next at its base is not counted twice.
        index = loads.get(hall.tag, 0) - (self._posts.get(worker.tag) == hall.tag)
        self._posts[worker.tag] = hall.tag
        self._world.order(self._player_id, [worker.tag], ability_data.GATHER_SCV,
                          fields[index % len(fields)], queued)

    def _loads(self) -> dict[int, int]:
        loads: dict[int, int] = {}
        for post in self._posts.values():
            loads[post] = loads.get(post, 0) + 1
        return loads

    def _send_for_gas(self, census: census_lib.Census) -> None:
        state = self._world.players[self._player_id]
        is_enough = state.vespene > _ENOUGH_VESPENE and state.vespene > state.minerals
        loads = self._loads()
        if self._level.focuses:
            is_enough = self._leave_gas(census, state.vespene) or is_enough
        for refinery in census.finished["Refinery"]:
            if is_enough or not refinery.vespene_contents:
                continue
            for _ in range(_WORKERS_A_REFINERY - loads.get(refinery.tag, 0)):
                worker = self.choose(census, (refinery.x, refinery.y))
                if worker is None or self._posts.get(worker.tag) == refinery.tag:
                    return
                answers = self._world.order(self._player_id, [worker.tag],
                                            ability_data.GATHER_SCV, refinery)
                if answers[0][1] == results.SUCCESS:
                    self._posts[worker.tag] = refinery.tag

    def _leave_gas(self, census: census_lib.Census, vespene: float) -> bool:
        """Sends workers back to minerals while there is gas enough. Returns whether there is."""
        self._has_plenty = vespene >= (_FEW_VESPENE if self._has_plenty else _PLENTY_OF_VESPENE)
        if not self._has_plenty:
            return False
        refineries = {refinery.tag for refinery in census.finished["Refinery"]}
        halls = [hall for hall in census.halls if not hall.is_flying]
        for worker in census.workers:
            if self._posts.get(worker.tag) in refineries and not worker.carried_vespene and (
                    worker.orders and worker.orders[0].kind is orders.Kind.GATHER):
                del self._posts[worker.tag]
                self._put_to_work(worker, halls)
        return True

    def _balance(self, census: census_lib.Census, halls: list[units.Unit]) -> None:
        """Moves workers from bases that have too many to those that have too few."""
        loads = self._loads()
        room = {hall.tag: _WORKERS_A_FIELD * len(self.fields(hall)) - loads.get(hall.tag, 0)
                for hall in halls}
        for hall in halls:
            for other in halls:
                num_moving = min(-room[hall.tag], room[other.tag])
                for worker in census.workers:
                    if num_moving <= 0:
                        break
                    if self._posts.get(worker.tag) == hall.tag and worker.orders and (
                            worker.orders[0].kind is orders.Kind.GATHER
                            and not worker.carried_minerals):
                        del self._posts[worker.tag]
                        self._put_to_work(worker, [other])
                        room[hall.tag] += 1
                        room[other.tag] -= 1
                        num_moving -= 1

    def _resume(self, census: census_lib.Census) -> None:
        """Sends somebody to each structure that nobody builds any more."""
        going = {worker.orders[0].site_tag for worker in census.builders}
        for structure in census.orphans:
            if structure.tag in going or structure.type.name.endswith(("TechLab", "Reactor")):
                continue
            worker = self.choose(census, (structure.x, structure.y))
            if worker is not None:
                self._world.order(self._player_id, [worker.tag], orders.SMART, structure)
                self.send_home(worker, census, queued=True)

    def _call_mules(self, census: census_lib.Census) -> None:
        for hall in census.finished["OrbitalCommand"]:
            if hall.energy < _MULE_ENERGY:
                continue
            fields = [field for other in census.halls for field in self.fields(other)]
            if fields:
                target = max(fields, key=lambda field: (
                    field.mineral_contents, -math.dist((field.x, field.y), (hall.x, hall.y)),
                    -field.index))
                self._world.order(self._player_id, [hall.tag], ability_data.CALLDOWN_MULE, target)
