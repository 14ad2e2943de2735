"""What structures and eggs are making, worked out from what came of it.

The tracker tells when units are finished and who made them; they were begun as long before as they
take (of eggs the beginning is told). What was cancelled leaves no trace, nor does what waits behind
it in a queue; who researches what is not told.
"""

from typing import NamedTuple

from minisc2.api import tables
from minisc2.game import ability_data, orders, unit_data, units
from minisc2.reconstruction import chronicle
from minisc2.reconstruction import world as world_lib


class _Job(NamedTuple):
    """Something that is made from one loop to another."""

    start: float
    end: int
    maker: int
    product: int


class Production:
    """Gives makers the orders that they carry out, while they do."""

    def __init__(self, story: chronicle.Chronicle):
        """Works out what was made when."""
        self._jobs = sorted(_jobs(story), reverse=True)  # the next one last
        self._running: list[tuple[int, units.Unit, orders.Order]] = []

    def update(self, world: world_lib.ReconstructedWorld) -> None:
        """Begins and ends what is due at the world's loop."""
        ended = [one for one in self._running if one[0] <= world.loop or not one[1].is_alive]
        if ended:
            self._running = [one for one in self._running if one not in ended]
            for _, maker, order in ended:
                maker.orders = [one for one in maker.orders if one is not order]
        while self._jobs and self._jobs[-1].start <= world.loop:
            job = self._jobs.pop()
            maker = world.units.get(job.maker)
            if maker is None or job.end <= world.loop:
                continue
            order = _order(job)
            maker.orders = [*maker.orders, order]
            self._running.append((job.end, maker, order))


def _order(job: _Job) -> orders.Order:
    ability_id = unit_data.get(job.product).ability_id
    ability = ability_data.Ability(ability_id, orders.Kind.TRAIN, orders.Target.NONE,
                                   tables.general_id(ability_id), product=job.product)
    order = orders.Order(ability_id, orders.Kind.TRAIN, ability=ability)
    order.start_loop, order.end_loop = int(job.start), job.end
    return order


def _jobs(story: chronicle.Chronicle) -> list[_Job]:
    found = []
    types: dict[int, int] = {}
    egg_loops: dict[int, int] = {}
    for one in story.happenings:
        if isinstance(one, chronicle.Appeared):
            types[one.tag] = one.unit_type
            maker = types.get(one.creator_tag)
            kind = unit_data.get(one.unit_type)
            if maker is None or not one.is_finished or not kind.build_time:
                continue
            if one.creator_tag in egg_loops:
                found.append(_Job(egg_loops[one.creator_tag], one.loop, one.creator_tag,
                                  one.unit_type))
            elif unit_data.get(maker).is_structure:
                found.append(_Job(one.loop - kind.build_time, one.loop, one.creator_tag,
                                  one.unit_type))
        elif isinstance(one, chronicle.BecameType):
            old, new = unit_data.get(types.get(one.tag, 0)), unit_data.get(one.unit_type)
            types[one.tag] = one.unit_type
            if new.name == "Egg":
                egg_loops[one.tag] = one.loop
            elif old.is_structure and new.mineral_cost > old.mineral_cost and new.build_time:
                found.append(_Job(one.loop - new.build_time, one.loop, one.tag, one.unit_type))
    return found
