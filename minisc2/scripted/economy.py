"""SCVs: training them, sending them to minerals and gas, and supply for everybody."""

import math

from minisc2.scripted import bases, building, hands
from minisc2.scripted import person as person_lib

RALLY_WORKERS, CALL_MULE = 203, 171
FIRST_HALL_GROUP = 8
"""Control group of the first town hall; the next one has the next."""

_MAX_HALL_GROUPS = 2
_HALL_SUPPLY, _DEPOT_SUPPLY, _MAX_SUPPLY = 15, 8, 200
_AHEAD_LOOPS = 90
"""So long before an SCV is done the next one is queued."""

_MULE_ENERGY, _MULE_LOOPS = 50, 1420
"""What a MULE costs, and how long an Orbital Command takes to gain that: 0.7875 energy a second
of 22.4 game loops."""

_TRANSFERRED = 6


def wanted_workers(me: person_lib.Person) -> int:
    """SCVs that the bases can use."""
    num_gas = me.has("Refinery", is_finished=False) * me.plan.num_gas_workers
    return min(me.plan.max_workers, len(bases.halls(me)) * me.plan.num_workers + num_gas)


def send_idle(me: person_lib.Person) -> person_lib.Task | None:
    """SCVs without work go to the minerals."""
    if me.view.player.idle_worker_count and bases.halls(me) and me.is_time("idle workers", 45):
        return _send_idle(me)
    return None


def _send_idle(me: person_lib.Person) -> person_lib.Task:
    yield hands.select_idle_worker(select_all=me.view.player.idle_worker_count > 1)
    yield from bases.gather_minerals(me, me.rng.choice(bases.halls(me) or me.sites).xy)


def train_workers(me: person_lib.Person) -> person_lib.Task | None:
    """The town halls keep training SCVs until there are enough."""
    player = me.view.player
    if player.food_workers >= wanted_workers(me) or not me.can_pay(50) or (
            player.food_used >= player.food_cap):
        return None
    for index, hall in enumerate(bases.halls(me)[:_MAX_HALL_GROUPS]):
        if hall.free_loop <= me.view.loop and not hall.coming and me.is_time(f"hall {index}", 20):
            return _train_worker(me, hall, FIRST_HALL_GROUP + index)
    return None


def select_hall(me: person_lib.Person, hall: person_lib.Site, group: int) -> person_lib.Task:
    """Selects a town hall by its control group, which it gets if it has none yet."""
    if hall.group == group:
        yield hands.recall_group(group)
        if building.is_selected(me, hall):
            return
        building.doubt(me, hall)
        return
    yield from building.select_structure(me, hall)
    if building.is_selected(me, hall):
        hall.group = group
        yield hands.set_group(group)


def _train_worker(me: person_lib.Person, hall: person_lib.Site, group: int) -> person_lib.Task:
    scv = me.known.things["SCV"]
    yield from select_hall(me, hall, group)
    if not building.is_selected(me, hall) or not me.view.can(scv.ability_id):
        hall.free_loop = me.view.loop + 60
        return
    left = max(0.0, me.view.queue_length - me.view.queue_progress) * scv.game_loops
    if me.view.queue_length < 2:
        yield hands.command(scv.ability_id)
        left += 0 if me.view.is_refused else scv.game_loops
    hall.free_loop = me.view.loop + max(0, int(left - _AHEAD_LOOPS))
    if not hall.is_served or me.is_time(f"rally {group}", 1 << 30):
        yield from _settle(me, hall)


def _settle(me: person_lib.Person, hall: person_lib.Site) -> person_lib.Task:
    """The selected town hall, seen for the first time, rallies its SCVs at its minerals; a new
    one gets some from home."""
    yield from bases.gather_minerals(me, hall.xy, ability_id=RALLY_WORKERS)
    if hall.is_served:
        return
    hall.is_served = True
    yield from me.look_at(me.home_xy, margin=11.0)
    yield from _select_workers(me, _TRANSFERRED, me.home_xy)
    if _has_workers(me):
        yield from bases.gather_minerals(me, hall.xy)


def _select_workers(me: person_lib.Person, count: int, near: person_lib.Point
                    ) -> person_lib.Task:
    """Clicks on SCVs on the screen, one after the other with Shift."""
    for number in range(count):
        pixels = building.free_workers(me)
        if number:  # a second click would take them out again
            pixels = pixels[me.view.screen("selected")[pixels[:, 1], pixels[:, 0]] == 0]
        pixel = me.pick(pixels, near=near, of_nearest=40)
        if pixel is not None:
            yield hands.select_point(pixel, add=number > 0 and _has_workers(me))


def _has_workers(me: person_lib.Person) -> bool:
    scv = me.known.things["SCV"].type_id
    return bool(me.view.selected) and all(unit.unit_type == scv for unit in me.view.selected)


def call_mules(me: person_lib.Person) -> person_lib.Task | None:
    """Orbital Commands call down a MULE whenever they have the energy."""
    for index, hall in enumerate(bases.halls(me)[:_MAX_HALL_GROUPS]):
        if hall.thing.name == "OrbitalCommand" and me.is_time(f"mule {index}", 200):
            return _call_mule(me, hall, FIRST_HALL_GROUP + index, f"mule {index}")
    return None


def _call_mule(me: person_lib.Person, hall: person_lib.Site, group: int, what: str
               ) -> person_lib.Task:
    yield from select_hall(me, hall, group)
    if building.is_selected(me, hall) and me.view.can(CALL_MULE):
        energy = me.view.selected[0].energy
        yield from bases.gather_minerals(me, hall.xy, ability_id=CALL_MULE)
        if energy < 2 * _MULE_ENERGY:
            me.postpone(what, _MULE_LOOPS)


def add_supply(me: person_lib.Person) -> person_lib.Task | None:
    """Another depot in time, so that production does not stop."""
    player, plan = me.view.player, me.plan
    coming = sum(not site.is_finished for site in me.sites
                 if site.thing.name == "SupplyDepot") * _DEPOT_SUPPLY
    num_producers = sum(site.group is not None for site in me.sites)
    depot = me.known.things["SupplyDepot"]
    cap = player.food_cap + coming
    if cap >= _MAX_SUPPLY or not me.can_pay(depot.minerals) or (
            cap - player.food_used > 1 + plan.spare_supply * num_producers) or (
            not me.has("SupplyDepot", is_finished=False) and building.next_step(me) is None):
        return None
    if not me.is_time("supply", 30):
        return None
    return building.build(me, "SupplyDepot", me.beside_way(8.0, plan.depot_angle), lane=0)


def notice_supply(me: person_lib.Person) -> None:
    """More supply than before: the oldest depot begun is finished; less: one is destroyed."""
    known = (_HALL_SUPPLY * len(bases.halls(me)) + _DEPOT_SUPPLY * me.has("SupplyDepot"))
    cap = me.view.player.food_cap
    depots = [site for site in me.sites if site.thing.name == "SupplyDepot"]
    for site in depots:
        if known < cap and not site.is_finished:
            site.is_finished = True
            known += _DEPOT_SUPPLY
    if known > cap and cap < _MAX_SUPPLY and me.is_time("supply lost", 200):
        for site in (*depots, *bases.halls(me)):
            building.doubt(me, site)


def fill_gas(me: person_lib.Person) -> person_lib.Task | None:
    """SCVs for a refinery that has just been finished."""
    for site in me.sites:
        if site.thing.name == "Refinery" and site.is_finished and not site.is_served:
            site.is_served = True
            return _fill_gas(me, site)
    return None


def _fill_gas(me: person_lib.Person, refinery: person_lib.Site) -> person_lib.Task:
    hall = min(bases.halls(me) or me.sites, key=lambda site: math.dist(site.xy, refinery.xy))
    yield from me.look_at(hall.xy, margin=11.0)
    yield from _select_workers(me, me.plan.num_gas_workers, refinery.xy)
    if _has_workers(me):
        pixels = me.view.pixels((refinery.thing.type_id,))
        target = me.pick(pixels, near=refinery.xy, of_nearest=30) or me.to_screen(refinery.xy)
        yield hands.command(bases.SMART, screen_xy=target)
