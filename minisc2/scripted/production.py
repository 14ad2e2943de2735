"""Production: structures in control groups, rally points, units in training, upgrades."""

from minisc2.scripted import building, hands
from minisc2.scripted import person as person_lib
from minisc2.scripted import plan as plan_lib

RALLY = 195
_AHEAD_LOOPS = 120
"""So long before a structure is through it is told to train the next unit."""

_TECH_LAB_OFFSET = (2.5, -0.5)


def enlist(me: person_lib.Person) -> person_lib.Task | None:
    """A structure that has just been finished, or its add-on, gets a control group."""
    for line in me.plan.lines:
        for site in me.sites:
            if (site.is_finished and not site.coming and site.group != line.group
                    and site.thing.name == line.structure and site.add_on == line.add_on):
                return _enlist(me, site, line)
    return None


def _enlist(me: person_lib.Person, site: person_lib.Site, line: plan_lib.Line) -> person_lib.Task:
    yield from building.select_structure(me, site)
    if not building.is_selected(me, site):
        building.doubt(me, site)
        return
    site.group = line.group
    site.free_loop = me.view.loop
    yield hands.append_to_group(line.group, steal=True)
    yield hands.command(RALLY, minimap_xy=me.near_minimap_pixel(rally_point(me)))


def rally_point(me: person_lib.Person) -> person_lib.Point:
    """Where the army gathers."""
    return me.on_way(me.plan.rally_distance)


def train(me: person_lib.Person) -> person_lib.Task | None:
    """The line that is free longest trains what it can."""
    step = building.next_step(me)
    minerals, vespene = building.cost(me, step) if step is not None else (0, 0)
    due = [(min(site.free_loop for site in members), line) for line in me.plan.lines
           if (members := _members(me, line))
           and not any(site.is_kept_free for site in members)]
    for free_loop, line in sorted(due, key=lambda one: (one[0], one[1].group)):
        thing = _product(me, line)
        can_pay = me.can_pay(thing.minerals + minerals,
                             thing.vespene + (vespene if thing.vespene else 0))
        has_supply = me.view.player.food_used + thing.food <= me.view.player.food_cap
        if free_loop <= me.view.loop + _AHEAD_LOOPS and can_pay and has_supply and me.is_time(
                f"train {line.group}", 25):
            return _train(me, line, thing.name)
    return None


def _members(me: person_lib.Person, line: plan_lib.Line) -> list[person_lib.Site]:
    return [site for site in me.sites if site.group == line.group and site.thing.name == (
        line.structure)]


def _product(me: person_lib.Person, line: plan_lib.Line) -> person_lib.knowledge_lib.Thing:
    """What a line makes next; the cheapest if there is no gas for that."""
    things = [me.known.things[name] for name in line.products]
    wanted = things[me.turn.get(line.group, 0) % len(things)]
    return wanted if wanted.vespene <= me.view.player.vespene else min(
        things, key=lambda thing: thing.vespene)


def _train(me: person_lib.Person, line: plan_lib.Line, name: str) -> person_lib.Task:
    """Recalls the group, and tells it to train one unit after another."""
    members = _members(me, line)
    yield hands.recall_group(line.group)
    if me.view.group_size(line.group) < len(members):
        for site in members:
            building.doubt(me, site)
        return
    thing = me.known.things[name]
    at_once = 2 if line.add_on == "Reactor" else 1
    for _ in range(2 * at_once * len(members)):
        if not me.view.can(thing.ability_id) or not me.can_pay(thing.minerals, thing.vespene) or (
                min(site.free_loop for site in members) > me.view.loop + _AHEAD_LOOPS):
            break
        before = me.view.player.minerals
        yield hands.command(thing.ability_id)
        if me.view.is_refused:
            break
        # Who knows how many of the selected structures obeyed: what was paid tells.
        for _ in range(max(1, round((before - me.view.player.minerals) / thing.minerals))):
            site = min(members, key=lambda one: one.free_loop)
            site.free_loop = max(site.free_loop, me.view.loop) + int(thing.game_loops / at_once)
    me.turn[line.group] = me.turn.get(line.group, 0) + 1
    if min(site.free_loop for site in members) <= me.view.loop:
        for site in members:  # nothing came of it: not again at once
            site.free_loop = max(site.free_loop, me.view.loop + _AHEAD_LOOPS + 45)


def research(me: person_lib.Person) -> person_lib.Task | None:
    """The first upgrade of the plan that can be paid for and has a place."""
    for upgrade in me.plan.research:
        if upgrade.ability_id in me.researched or not me.can_pay(upgrade.minerals,
                                                                 upgrade.vespene):
            continue
        for site in me.sites:
            if site.is_finished and not site.coming and site.thing.name + site.add_on == (
                    upgrade.structure) and me.is_time(f"research {upgrade.ability_id}", 120):
                return _research(me, upgrade, site)
    return None


def _research(me: person_lib.Person, upgrade: plan_lib.Research, site: person_lib.Site
              ) -> person_lib.Task:
    xy = site.xy
    if site.add_on:
        xy = xy[0] + _TECH_LAB_OFFSET[0], xy[1] + _TECH_LAB_OFFSET[1]
    yield from me.look_at(xy)
    yield hands.select_point(me.near_pixel(me.to_screen(xy), noise=0.4))
    if me.view.can(upgrade.ability_id):
        yield hands.command(upgrade.ability_id)
        if not me.view.is_refused:
            me.researched.add(upgrade.ability_id)
