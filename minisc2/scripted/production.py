"""Production: structures in control groups, rally points, units in training."""

from minisc2.scripted import building, economy, hands
from minisc2.scripted import person as person_lib
from minisc2.scripted import plan as plan_lib

RALLY = 195


def enlist(me: person_lib.Person) -> person_lib.Task | None:
    """A structure that has just been finished gets a control group and a rally point."""
    for line in me.plan.lines:
        for site in me.sites:
            if (site.is_finished and site.group is None and site.thing.name == line.structure
                    and site.add_on == line.add_on):
                return _enlist(me, site, line)
    return None


def _enlist(me: person_lib.Person, site: person_lib.Site, line: plan_lib.Line) -> person_lib.Task:
    yield from economy.select_structure(me, site)
    if not any(unit.unit_type == site.thing.type_id for unit in me.view.selected):
        site.is_finished = False
        site.due_loop = me.view.loop + 40
        return
    site.group = line.group
    site.free_loop = me.view.loop
    yield hands.append_to_group(line.group)
    yield hands.command(RALLY, minimap_xy=me.near_minimap_pixel(rally_point(me)))


def rally_point(me: person_lib.Person) -> tuple[float, float]:
    """Where the army gathers."""
    return me.towards_enemy(me.plan.rally_distance)


def train(me: person_lib.Person) -> person_lib.Task | None:
    """The line that is free longest trains what it can."""
    step = building.next_step(me)
    saved = me.known.things[step.name].minerals if step is not None else 0
    due = [line for line in me.plan.lines if _free_loop(me, line) <= me.view.loop]
    for line in sorted(due, key=lambda one: (_free_loop(me, one), one.group)):
        thing = me.known.things[line.products[0]]
        if me.can_pay(thing.minerals + saved, thing.vespene) and me.is_time(
                f"train {line.group}", 25):
            return _train(me, line)
    return None


def _members(me: person_lib.Person, line: plan_lib.Line) -> list[person_lib.Site]:
    return [site for site in me.sites if site.group == line.group]


def _free_loop(me: person_lib.Person, line: plan_lib.Line) -> int:
    return min((site.free_loop for site in _members(me, line)), default=1 << 30)


def _train(me: person_lib.Person, line: plan_lib.Line) -> person_lib.Task:
    members = _members(me, line)
    yield hands.recall_group(line.group)
    thing = me.known.things[line.products[0]]
    for _ in range(line.depth * len(members)):
        if not me.view.can(thing.ability_id) or not me.can_pay(thing.minerals, thing.vespene):
            break
        before = me.view.player.minerals
        yield hands.command(thing.ability_id)
        # Who knows how many of the selected structures began: what was paid tells.
        num_begun = max(1, round((before - me.view.player.minerals) / thing.minerals))
        if me.view.is_refused:
            break
        for _ in range(num_begun):
            site = min(members, key=lambda one: one.free_loop)
            site.free_loop = max(site.free_loop, me.view.loop) + int(thing.game_loops)
        if min(site.free_loop for site in members) > me.view.loop + thing.game_loops * 0.5:
            break
    else:
        return
    if min(site.free_loop for site in members) <= me.view.loop:
        for site in members:  # it did not work: not again at once
            site.free_loop = max(site.free_loop, me.view.loop + 45)
