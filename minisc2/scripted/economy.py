"""SCVs: training them, sending them to minerals and gas, and supply for everybody."""

from minisc2.scripted import building, hands
from minisc2.scripted import person as person_lib
from minisc2.scripted import view as view_lib

SMART = 1
HALL_GROUP = 5
"""Control group of the first town hall; the next ones follow."""

_HALLS = ("CommandCenter", "OrbitalCommand", "PlanetaryFortress")
_DEPOT_SUPPLY, _MAX_SUPPLY = 8, 200
_SCV_QUEUE = 2
_NEARLY_DONE = 0.7


def halls(me: person_lib.Person) -> list[person_lib.Site]:
    """Finished town halls, oldest first."""
    return [site for site in me.sites if site.thing.name in _HALLS and site.is_finished]


def wanted_workers(me: person_lib.Person) -> int:
    """SCVs that the bases can use."""
    num_gas = me.has("Refinery", is_finished=False) * me.plan.num_gas_workers
    return min(me.plan.max_workers, len(halls(me)) * me.plan.num_workers + num_gas)


def send_idle(me: person_lib.Person) -> person_lib.Task | None:
    """SCVs without work go to the minerals."""
    if me.view.player.idle_worker_count and me.is_time("idle workers", 45):
        return _send_idle(me)
    return None


def _send_idle(me: person_lib.Person) -> person_lib.Task:
    yield hands.select_idle_worker(select_all=me.view.player.idle_worker_count > 1)
    hall = me.rng.choice(halls(me) or me.sites)
    yield from gather_minerals(me, hall.xy, queued=False)


def gather_minerals(me: person_lib.Person, base_xy: tuple[float, float], queued: bool
                    ) -> person_lib.Task:
    """The selected SCVs go to a mineral field at a base."""
    fields = me.view.pixels(me.known.minerals, view_lib.NEUTRAL)
    if not me.shows(base_xy, 4.0) or not len(fields):
        yield from me.look_at(base_xy, margin=9.0)
        fields = me.view.pixels(me.known.minerals, view_lib.NEUTRAL)
    pixel = me.pick(fields, near=base_xy, of_nearest=60)
    if pixel is not None:
        yield hands.command(SMART, screen_xy=pixel, queued=queued)


def train_workers(me: person_lib.Person) -> person_lib.Task | None:
    """The town halls keep training SCVs until there are enough."""
    wanted = wanted_workers(me)
    if me.view.player.food_workers >= wanted or not me.can_pay(50) or (
            me.view.player.food_used >= me.view.player.food_cap):
        return None
    for index, hall in enumerate(halls(me)):
        if hall.free_loop <= me.view.loop and me.is_time(f"hall {index}", 20):
            return _train_worker(me, hall, HALL_GROUP + index)
    return None


def _train_worker(me: person_lib.Person, hall: person_lib.Site, group: int) -> person_lib.Task:
    scv = me.known.things["SCV"]
    if me.view.group_size(group):
        yield hands.recall_group(group)
    else:
        yield from select_structure(me, hall)
        yield hands.set_group(group)
    if not me.view.can(scv.ability_id):
        hall.free_loop = me.view.loop + 60
        return
    queued = me.view.queue_length
    left = max(0.0, queued - me.view.queue_progress) * scv.game_loops
    if queued < _SCV_QUEUE:
        yield hands.command(scv.ability_id)
        left += 0 if me.view.is_refused else scv.game_loops
    hall.free_loop = me.view.loop + int(max(0.0, left - scv.game_loops * (1 - _NEARLY_DONE)))


def select_structure(me: person_lib.Person, site: person_lib.Site) -> person_lib.Task:
    """Clicks on a structure."""
    yield from me.look_at(site.xy)
    yield hands.select_point(me.near_pixel(me.to_screen(site.xy)))


def add_supply(me: person_lib.Person) -> person_lib.Task | None:
    """Another depot in time, so that production does not stop."""
    player, plan = me.view.player, me.plan
    coming = sum(not site.is_finished for site in me.sites
                 if site.thing.name == "SupplyDepot") * _DEPOT_SUPPLY
    num_producers = sum(site.group is not None for site in me.sites)
    spare = 1 + 1.3 * len(halls(me)) + plan.spare_supply * num_producers
    depot = me.known.things["SupplyDepot"]
    cap = player.food_cap + coming
    if cap >= _MAX_SUPPLY or cap - player.food_used > spare or not me.can_pay(depot.minerals):
        return None
    if not me.is_time("supply", 30):
        return None
    return building.build(me, "SupplyDepot", me.towards_enemy(8.0, plan.depot_angle), lane=0)


def notice_supply(me: person_lib.Person) -> None:
    """More supply than before: the oldest depot under construction is finished."""
    known = 15 * len(halls(me)) + _DEPOT_SUPPLY * me.has("SupplyDepot")
    for site in me.sites:
        if known >= me.view.player.food_cap:
            return
        if site.thing.name == "SupplyDepot" and not site.is_finished:
            site.is_finished = True
            known += _DEPOT_SUPPLY


def fill_gas(me: person_lib.Person) -> person_lib.Task | None:
    """SCVs for a refinery that has just been finished."""
    for site in me.sites:
        if site.thing.name == "Refinery" and site.is_finished and site.free_loop == 0:
            site.free_loop = me.view.loop + 1
            return _fill_gas(me, site)
    return None


def _fill_gas(me: person_lib.Person, refinery: person_lib.Site) -> person_lib.Task:
    yield from me.look_at(refinery.xy)
    for number in range(me.plan.num_gas_workers - 1):  # its builder stays there by itself
        pixel = me.pick(building.free_workers(me), near=refinery.xy, of_nearest=40)
        if pixel is not None:
            yield hands.select_point(pixel, add=number > 0)
    if any(unit.unit_type == me.known.things["SCV"].type_id for unit in me.view.selected):
        yield hands.command(SMART, screen_xy=me.near_pixel(me.to_screen(refinery.xy)))
