"""Building: choosing a place and an SCV, giving the command, and looking after what was begun."""

import numpy as np

from minisc2.scripted import economy, hands
from minisc2.scripted import person as person_lib
from minisc2.scripted import plan as plan_lib
from minisc2.scripted import view as view_lib

_CELLS_A_LOOP = 2.8 / 16
"""How fast SCVs walk."""

_NEAR_CONSTRUCTION = 8
"""SCVs nearer than so many pixels to something under construction are taken to be building it."""

_RECHECK_LOOPS = 60
_RESERVE_LOOPS = 30


def next_step(me: person_lib.Person) -> plan_lib.Step | None:
    """The first step of the build order that is due and not taken; None if there is none."""
    wanted: dict[str, int] = {}
    for step in me.plan.steps:
        if step.on:
            continue
        wanted[step.name] = wanted.get(step.name, 0) + 1
        if me.has(step.name, is_finished=False) >= wanted[step.name]:
            continue
        is_due = (me.view.player.food_used >= step.at_food and me.view.loop >= step.at_loop)
        return step if is_due else None
    return None


def follow_plan(me: person_lib.Person) -> person_lib.Task | None:
    """The next structure of the build order."""
    step = next_step(me)
    if step is None:
        return None
    thing = me.known.things[step.name]
    if not me.can_pay(thing.minerals, thing.vespene) or not me.is_time("plan", 30):
        return None
    if step.name == "Refinery":
        return build_refinery(me)
    plan = me.plan
    if step.name == "SupplyDepot":
        return build(me, step.name, me.towards_enemy(8.0, plan.depot_angle), lane=0)
    return build(me, step.name, me.towards_enemy(plan.barracks_distance))


def build(me: person_lib.Person, name: str, wanted: tuple[float, float], lane: int = 1
          ) -> person_lib.Task:
    """Has an SCV build a structure near a world point, and go back to the minerals afterwards."""
    xy = me.ground.find(name, wanted, me.home_xy, me.rng, lane=lane)
    if xy is None:
        return
    thing = me.known.things[name]
    yield from select_worker(me, xy)
    if not _has_worker(me):
        return
    yield from me.look_at(xy, margin=3.0)
    if not me.view.can(thing.ability_id):
        return
    yield hands.command(thing.ability_id, screen_xy=me.to_screen(xy))
    if me.view.is_refused:
        me.ground.refuse(name, xy)
        return
    begin(me, name, xy)
    yield from economy.gather_minerals(me, me.home_xy, queued=True)


def begin(me: person_lib.Person, name: str, xy: tuple[float, float]) -> person_lib.Site:
    """Remembers that a structure is going to be built."""
    thing = me.known.things[name]
    way_loops = int(np.hypot(xy[0] - me.home_xy[0], xy[1] - me.home_xy[1]) / _CELLS_A_LOOP)
    site = person_lib.Site(thing, xy, me.view.loop + int(thing.game_loops) + way_loops)
    me.sites.append(site)
    me.ground.take(name, xy)
    me.promised.append((me.view.loop + way_loops + _RESERVE_LOOPS, thing.minerals,
                        thing.vespene))
    return site


def build_refinery(me: person_lib.Person) -> person_lib.Task:
    """Has an SCV build a refinery on a free geyser at home."""
    yield from me.look_at(me.home_xy, margin=9.0)
    taken = [site.xy for site in me.sites if site.thing.name == "Refinery"]
    pixels = [pixel for pixel in me.view.pixels(me.known.geysers, view_lib.NEUTRAL)
              if all(np.hypot(*np.subtract(me.to_world(pixel), xy)) > 3 for xy in taken)]
    first = me.pick(np.array(pixels), near=me.home_xy)
    if first is None:
        return
    same = [pixel for pixel in pixels if np.hypot(*np.subtract(pixel, first)) < 12]
    middle = tuple(int(value) for value in np.mean(same, axis=0))
    xy = me.to_world(middle)
    yield from select_worker(me, xy)
    refinery = me.known.things["Refinery"]
    if not _has_worker(me) or not me.view.can(refinery.ability_id):
        return
    yield hands.command(refinery.ability_id, screen_xy=middle)
    if not me.view.is_refused:
        begin(me, "Refinery", xy)


def free_workers(me: person_lib.Person) -> np.ndarray:
    """SCVs on the screen that build nothing: int [N, 2] pixels."""
    workers = me.view.pixels((me.known.things["SCV"].type_id,))
    begun = np.argwhere(me.view.screen("build_progress"))[:, ::-1]
    if not len(begun) or not len(workers):
        return workers
    gaps = np.abs(workers[:, None] - begun[None]).max(2).min(1)
    return workers[gaps > _NEAR_CONSTRUCTION]


def select_worker(me: person_lib.Person, near: tuple[float, float]) -> person_lib.Task:
    """Clicks on an SCV at the minerals."""
    yield from me.look_at(me.home_xy, margin=9.0)
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


def look_after(me: person_lib.Person) -> person_lib.Task | None:
    """Goes to see whether a structure is finished that should be."""
    for site in me.sites:
        if not site.is_finished and site.due_loop <= me.view.loop:
            return _look_after(me, site)
    return None


def _look_after(me: person_lib.Person, site: person_lib.Site) -> person_lib.Task:
    yield from me.look_at(site.xy)
    x, y = me.to_screen(site.xy)
    if me.view.screen("unit_type")[y, x] != site.thing.type_id:
        me.sites.remove(site)  # it was never begun, or it is destroyed
        me.ground.release(site.thing.name, site.xy)
        return
    if not me.view.screen("build_progress")[y, x]:
        site.is_finished = True
        return
    share = me.view.screen("build_progress")[y, x] / 255
    site.due_loop = me.view.loop + max(_RECHECK_LOOPS, int((1 - share) * site.thing.game_loops))
