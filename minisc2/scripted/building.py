"""Building: choosing a place and an SCV, giving the command, and looking after what was begun."""

import math

import numpy as np

from minisc2.scripted import bases, hands
from minisc2.scripted import person as person_lib
from minisc2.scripted import plan as plan_lib
from minisc2.scripted import view as view_lib

MOVE = 16

_CELLS_A_LOOP = 2.8 / 16
"""How fast SCVs walk."""

_BUSY_CELLS, _AT_WORK_CELLS = 3.0, 3.0
"""SCVs nearer than so many cells to a refinery or to something under construction are taken to work
there, and those nearer than so many to a mineral field to gather."""

_HALL_GAP, _HALL_REACH = 5.6, 9.0
"""A town hall's centre is no nearer than this to minerals, and nearer than that to some."""

_PLENTY = 250
"""Minerals to spare with which a step does not wait for the supply that it is planned at, and
others do not wait for one that needs gas."""

_WEAK, _JUST_BEGUN = 40, 0.004
"""Life, of 255, below which a structure is taken to be under construction, and how far then."""

_RECHECK_LOOPS = 60
_RESERVE_LOOPS = 30
_ADD_ON_OFFSET = (2.5, -0.5)


def next_step(me: person_lib.Person) -> plan_lib.Step | None:
    """The first step of the build order that is not taken, if it is due; after the last one,
    another structure for minerals to spare."""
    wanted = {"CommandCenter": 1}  # the first one is there from the beginning
    for step in me.plan.steps:
        wanted[step.name] = wanted.get(step.name, 0) + 1
        if me.is_blocked(step.name):
            continue
        if _count(me, step.name) < wanted[step.name]:
            minerals, vespene = cost(me, step)
            is_rich = me.can_pay(minerals + _PLENTY)
            if is_rich and not me.can_pay(minerals, vespene):
                continue  # only gas is missing: the next thing that needs less
            is_due = is_rich or me.view.player.food_used >= step.at_food
            return step if is_due and _is_allowed(me, step.name) else None
    growth = me.plan.growth
    if growth and _count(me, growth) < me.plan.max_growth and me.can_pay(
            me.known.things[growth].minerals + _PLENTY):
        return plan_lib.Step(growth)
    return None


def _is_allowed(me: person_lib.Person, name: str) -> bool:
    """Whether what a structure needs was seen finished."""
    needed = me.known.things[name].needs
    if needed == me.known.things["CommandCenter"].type_id:
        return bool(bases.halls(me))  # it may have turned into something better
    return not needed or any(site.thing.type_id == needed and site.is_finished
                             for site in me.sites)


def _count(me: person_lib.Person, name: str) -> int:
    """How many of a thing there are, or are coming."""
    if name == "CommandCenter":
        return sum(site.thing.name in bases.HALLS for site in me.sites)
    return me.has(name, is_finished=False) + sum(
        name in (site.coming, site.thing.name + site.add_on)
        for site in me.sites if site.thing.name != name)


def cost(me: person_lib.Person, step: plan_lib.Step) -> tuple[int, int]:
    """(minerals, vespene) that a step takes."""
    thing = me.known.things[step.name]
    if step.name in bases.HALLS and step.on:  # the data tell what it is worth altogether
        base = me.known.things[step.on]
        return thing.minerals - base.minerals, thing.vespene - base.vespene
    return thing.minerals, thing.vespene


def follow_plan(me: person_lib.Person) -> person_lib.Task | None:
    """The next structure of the build order."""
    step = next_step(me)
    if step is None or not me.can_pay(*cost(me, step)) or not me.is_time("plan", 30):
        return None
    if step.on:
        site = next((site for site in me.sites if site.thing.name == step.on and site.is_finished
                     and not site.coming and not site.add_on), None)
        return _order_from(me, site, step) if site is not None else None
    if step.name == "Refinery":
        return _build_refinery(me)
    if step.near is plan_lib.Near.NATURAL:
        return _expand(me)
    wanted = {
        plan_lib.Near.BASE: me.on_way(me.plan.barracks_distance),
        plan_lib.Near.FRONT: me.on_way(me.plan.rally_distance),
        plan_lib.Near.MINERALS: me.beside_way(6.0, math.pi * me.rng.uniform(0.6, 1.4)),
    }[step.near]
    if step.name == "SupplyDepot":
        return build(me, step.name, me.beside_way(8.0, me.plan.depot_angle), lane=0)
    return build(me, step.name, wanted)


def build(me: person_lib.Person, name: str, wanted: person_lib.Point, lane: int = 1
          ) -> person_lib.Task:
    """Has an SCV build a structure near a world point, and go back to the minerals afterwards."""
    xy = me.ground.find(name, wanted, me.was_seen, me.rng, lane=lane)
    if xy is not None:
        yield from select_worker(me, xy)
        yield from _place(me, name, xy)


def _place(me: person_lib.Person, name: str, xy: person_lib.Point) -> person_lib.Task:
    """The selected SCV builds a structure at a point."""
    thing = me.known.things[name]
    if not _has_worker(me):
        return
    yield from me.look_at(xy, margin=3.0)
    if not me.view.can(thing.ability_id):
        return
    yield hands.command(thing.ability_id, screen_xy=me.to_screen(xy))
    if me.view.is_refused:
        me.ground.refuse(name, xy)
        me.fail(name)
        return
    begin(me, name, xy)
    if name != "Refinery":
        yield from bases.gather_minerals(me, me.home_xy, queued=True)


def begin(me: person_lib.Person, name: str, xy: person_lib.Point) -> person_lib.Site:
    """Remembers that a structure is going to be built."""
    thing = me.known.things[name]
    way_loops = int(math.dist(xy, me.home_xy) / _CELLS_A_LOOP)
    site = person_lib.Site(thing, xy, me.view.loop + int(thing.game_loops) + way_loops)
    me.sites.append(site)
    me.ground.take(name, xy)
    me.promised.append((me.view.loop + way_loops + _RESERVE_LOOPS, thing.minerals, thing.vespene))
    return site


def _build_refinery(me: person_lib.Person) -> person_lib.Task:
    """Has an SCV build a refinery on a free geyser at one of the bases."""
    halls = bases.halls(me)
    hall = halls[min(me.has("Refinery", is_finished=False) // 2, len(halls) - 1)] if halls else None
    if hall is None:
        return
    yield from me.look_at(hall.xy, margin=11.0)
    taken = [site.xy for site in me.sites if site.thing.name == "Refinery"]
    pixels = np.array([
        pixel for pixel in me.view.pixels(me.known.geysers, view_lib.NEUTRAL)
        if all(math.dist(me.to_world(pixel), xy) > 4 for xy in taken)], dtype=int)
    first = me.pick(pixels, near=hall.xy)
    if first is None:
        return
    same = pixels[np.abs(pixels - first).max(1) < 4 * me.pixels_a_cell]
    middle = (same.min(0) + same.max(0)) // 2  # of its edges: SCVs hide parts of it
    xy = me.to_world(middle.tolist())
    yield from select_worker(me, xy)
    yield from _place(me, "Refinery", xy)


def _expand(me: person_lib.Person) -> person_lib.Task:
    """Has an SCV build a Command Center at the natural expansion."""
    if me.natural_xy is None:
        return
    yield from select_worker(me, me.natural_xy)
    if not _has_worker(me):
        return
    if not me.was_seen(me.natural_xy):
        me.postpone("plan", int(me.walk_to(me.natural_xy) / _CELLS_A_LOOP))
        yield hands.command(MOVE, minimap_xy=me.to_minimap(me.natural_xy))
        yield from bases.gather_minerals(me, me.home_xy, queued=True)
        return
    yield from me.look_at(me.natural_xy, margin=11.0)
    xy = _hall_place(me)
    if xy is not None:
        yield from _place(me, "CommandCenter", xy)


def _hall_place(me: person_lib.Person) -> person_lib.Point | None:
    """Where a town hall is nearest to the resources on the screen."""
    resources = np.array([me.to_world(pixel) for pixel in me.resources(me.natural_xy)])
    if not len(resources):
        return None
    x, y = np.meshgrid(*(np.floor(value) + 0.5 + np.arange(-12, 13) for value in me.natural_xy))
    places = np.stack([x.ravel(), y.ravel()], 1)
    gaps = np.abs(places[:, None] - resources[None]).max(2)
    is_fit = (gaps.min(1) >= _HALL_GAP) & (gaps.min(1) < _HALL_REACH)
    is_fit &= [me.ground.is_free("CommandCenter", tuple(xy)) for xy in places.tolist()]
    if not is_fit.any():
        return None
    return tuple(places[is_fit][gaps[is_fit].mean(1).argmin()].tolist())


def _order_from(me: person_lib.Person, site: person_lib.Site, step: plan_lib.Step
                ) -> person_lib.Task:
    """A structure builds an add-on or turns into something."""
    thing = me.known.things[step.name]
    yield from select_structure(me, site)
    if not is_selected(me, site):
        doubt(me, site)
        return
    site.is_kept_free = not me.view.can(thing.ability_id)
    if site.is_kept_free:
        me.postpone("plan", _RECHECK_LOOPS)
        return
    yield hands.command(thing.ability_id)
    if not me.view.is_refused:
        site.coming = step.name
        site.due_loop = me.view.loop + int(thing.game_loops)


def free_workers(me: person_lib.Person) -> np.ndarray:
    """SCVs on the screen that gather minerals, or if there is none, that are not close to gas or
    to something under construction: int [N, 2] pixels."""
    workers = me.view.pixels((me.known.things["SCV"].type_id,))
    busy = [me.to_screen(site.xy) for site in me.sites
            if not site.is_finished or site.thing.name == "Refinery"]
    if busy and len(workers):
        workers = workers[_gaps(workers, np.array(busy)) > _BUSY_CELLS * me.pixels_a_cell]
    fields = me.resources(with_gas=False)
    if not len(fields) or not len(workers):
        return workers
    gathering = workers[_gaps(workers, fields) < _AT_WORK_CELLS * me.pixels_a_cell]
    return gathering if len(gathering) else workers


def _gaps(pixels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far each pixel is from the nearest of some others: [N]."""
    return np.abs(pixels[:, None] - others[None]).max(2).min(1)


def select_worker(me: person_lib.Person, near: person_lib.Point) -> person_lib.Task:
    """Clicks on an SCV at the minerals at home."""
    yield from me.look_at(me.home_xy, margin=11.0)
    for _ in range(2):
        pixel = me.pick(free_workers(me), near=near, of_nearest=60)
        if pixel is None:
            return
        yield hands.select_point(pixel)
        if _has_worker(me):
            return


def _has_worker(me: person_lib.Person) -> bool:
    selected = me.view.selected
    return len(selected) == 1 and selected[0].unit_type == me.known.things["SCV"].type_id


def select_structure(me: person_lib.Person, site: person_lib.Site) -> person_lib.Task:
    """Clicks on a structure."""
    yield from me.look_at(site.xy)
    yield hands.select_point(me.near_pixel(me.to_screen(site.xy)))


def is_selected(me: person_lib.Person, site: person_lib.Site) -> bool:
    """Whether the selection is a structure like this one and nothing else."""
    selected = me.view.selected
    return len(selected) == 1 and selected[0].unit_type == site.thing.type_id


def doubt(me: person_lib.Person, site: person_lib.Site) -> None:
    """A structure may be gone: somebody has to look."""
    site.is_finished = False
    site.group = None
    site.due_loop = me.view.loop


def look_after(me: person_lib.Person) -> person_lib.Task | None:
    """Goes to see whether a structure, an add-on or a morph is finished that should be."""
    for site in me.sites:
        if (not site.is_finished or site.coming) and site.due_loop <= me.view.loop:
            return _look_after(me, site)
    return None


def _look_after(me: person_lib.Person, site: person_lib.Site) -> person_lib.Task:
    yield from me.look_at(site.xy)
    wanted = me.known.things[site.coming] if site.coming in bases.HALLS else site.thing
    if _shows(me, wanted.type_id, site.xy) is None:
        if wanted is not site.thing and _shows(me, site.thing.type_id, site.xy) is not None:
            site.due_loop = me.view.loop + _RECHECK_LOOPS
            return
        me.sites.remove(site)  # it was never begun, or it is destroyed
        me.ground.release(site.thing.name, site.xy)
        return
    share = _shows(me, wanted.type_id, site.xy)
    add_on = me.known.things.get(site.coming)
    if wanted is site.thing and site.coming and site.is_finished:
        place = (site.xy[0] + _ADD_ON_OFFSET[0], site.xy[1] + _ADD_ON_OFFSET[1])
        wanted, share = add_on, _shows(me, add_on.type_id, place)
        if share is None:  # not begun: the step of the plan is due again
            site.coming = ""
            return
    if share > 0:
        left = (1 - share) * wanted.game_loops
        site.due_loop = me.view.loop + max(_RECHECK_LOOPS, int(left))
        if share <= site.share and not site.is_finished:
            yield from _resume(me, site)
        site.share = share
        return
    site.is_finished = True
    if site.coming in bases.HALLS:
        site.thing = wanted
    elif site.coming:
        site.add_on = site.coming.removeprefix(site.thing.name)
    site.coming = ""


def _resume(me: person_lib.Person, site: person_lib.Site) -> person_lib.Task:
    """Nobody builds on: another SCV does."""
    yield from select_worker(me, site.xy)
    if _has_worker(me):
        yield from me.look_at(site.xy)
        yield hands.command(bases.SMART, screen_xy=me.to_screen(site.xy))
        yield from bases.gather_minerals(me, me.home_xy, queued=True)


def _shows(me: person_lib.Person, type_id: int, xy: person_lib.Point) -> float | None:
    """How far a unit of a type at a point is built: 0 when it is finished; None without one."""
    x, y = me.to_screen(xy)
    # Units may stand before its middle, and a refinery may only show around its geyser.
    is_refinery = type_id == me.known.things["Refinery"].type_id
    reach = int(1.7 * me.pixels_a_cell) if is_refinery else 1
    area = (slice(max(0, y - reach), y + reach + 1), slice(max(0, x - reach), x + reach + 1))
    is_it = me.view.screen("unit_type")[area] == type_id
    if not is_it.any():
        return None
    progress = me.view.screen("build_progress")[area][is_it].max()
    # What was just begun shows no progress either, but little life.
    is_weak = me.view.screen("unit_hit_points_ratio")[area][is_it].max() < _WEAK
    return max(float(progress) / 255, _JUST_BEGUN if is_weak else 0.0)
