"""The army: gathers, attacks by the minimap, comes home to defend, hunts what is left."""

import math

import numpy as np

from minisc2.scripted import bases, hands, production
from minisc2.scripted import person as person_lib
from minisc2.scripted import view as view_lib

ATTACK, LOAD_BUNKER = 3674, 407
SIEGE, UNSIEGE = 388, 390
ATTACK_ABILITIES = (23, 19)
"""Attack, and what unarmed units make of it: whether the army can be told to attack."""

_HOME_RADIUS = 16.0
_ORDER_LOOPS, _DEFEND_LOOPS, _FIGHT_LOOPS, _SIEGE_LOOPS, _SEARCH_LOOPS = 230, 110, 90, 330, 900
"""How often the army is told the same again."""

_BESIDE_PIXELS = 9
_MORE_NEXT_TIME, _MOST_NEEDED = 1.4, 70
"""After a failed attack so many times as many units attack, but no more than so many are needed."""

_SQUAD_GROUP, _SPLIT_ARMY = 2, 12
_SEARCH_GAP, _ROUTE_LENGTH = 9.0, 5
"""Cells between the places of a search, as far as Marines see, and places on a squad's route."""

_LOOPS_A_CELL = 60.0
"""A place counts as a cell nearer for so long that nobody saw it."""


class Campaign:
    """What the army is doing.

    Attributes:
        strength: army units when the attack began, or the most since; 0 while there is none.
    """

    def __init__(self) -> None:
        self.strength = 0
        self._needed = 0  # army units for the next attack, once one has failed
        self._front: person_lib.Point | None = None  # where the army was seen last
        self._seen_loops: np.ndarray | None = None  # when each minimap pixel was seen last

    def defend(self, me: person_lib.Person) -> person_lib.Task | None:
        """Enemies near home: everybody there."""
        homes = [hall.xy for hall in bases.halls(me)] or [me.home_xy]
        near = [xy for xy in enemies_seen(me)
                if min(math.dist(xy, home) for home in homes) < _HOME_RADIUS]
        if not near or not me.view.player.army_count or not me.is_time("defend", _DEFEND_LOOPS):
            return None
        return _send(me, near[me.rng.randrange(len(near))])

    def attack(self, me: person_lib.Person) -> person_lib.Task | None:
        """Begins, reinforces or gives up the attack."""
        count = me.view.player.army_count
        if self.strength and count < self.strength * me.plan.retreat_share:
            self._needed = min(_MOST_NEEDED, int(self.strength * _MORE_NEXT_TIME) + 1)
            self.strength = 0
            self._front = None
            return _send(me, production.rally_point(me))
        needed = self._needed or me.plan.attack_army
        if not self._needed and me.view.loop >= me.plan.attack_loop:
            needed /= 2
        is_ready = count >= needed
        if not self.strength and not is_ready:
            return None
        if not me.is_time("attack", _ORDER_LOOPS):
            return None
        is_first = not self.strength
        self.strength = max(self.strength, count)
        if is_first and me.plan.sieges:
            return _move_out(me, self._target(me))
        return _send(me, self._target(me))

    def _target(self, me: person_lib.Person) -> person_lib.Point:
        """Whatever is seen nearest to the army, else the enemy's start."""
        front = self._front or production.rally_point(me)
        return min(enemies_seen(me), key=lambda xy: math.dist(xy, front), default=me.enemy_xy)

    def search(self, me: person_lib.Person) -> person_lib.Task | None:
        """Nothing is left to be seen of the enemy: two squads go everywhere."""
        visible = me.view.minimap("visibility_map") == view_lib.VISIBLE
        if self._seen_loops is None:
            self._seen_loops = np.zeros(visible.shape, np.int32)
        self._seen_loops[visible] = me.view.loop
        if not self.strength or not self._seen_loops[me.to_minimap(me.enemy_xy)[::-1]] or (
                len(me.view.dots(view_lib.ENEMY))):
            return None
        me.postpone("attack", _ORDER_LOOPS)
        return self._search(me) if me.is_time("search", _SEARCH_LOOPS) else None

    def _search(self, me: person_lib.Person) -> person_lib.Task:
        """Sends the army along a route, and the left half of what the screen shows of it along
        another."""
        yield hands.select_army()
        yield from self._see_front(me)
        places = self._places(me)
        yield from _send_along(me, places[1::2] or places)
        own = np.argwhere(me.view.screen("selected"))[:, ::-1]
        if me.view.player.army_count < _SPLIT_ARMY or len(own) < 2:
            return
        (left, top), (_, bottom) = own.min(0), own.max(0)
        yield hands.select_rectangle((left, top), (int(np.median(own[:, 0])), bottom))
        yield hands.set_group(_SQUAD_GROUP)
        if me.view.can(ATTACK_ABILITIES[0]):
            yield from _send_along(me, places[::2])

    def _places(self, me: person_lib.Person) -> list[person_lib.Point]:
        """Points that one can walk to and nobody sees, far enough from each other: each one is the
        nearest to the one before, where what was not seen for long counts as nearer."""
        hidden = np.argwhere((me.view.minimap("pathable") > 0)
                             & (self._seen_loops < me.view.loop))
        places = np.array([me.minimap_to_world(pixel) for pixel in hidden[:, ::-1]])
        bonus = (me.view.loop - self._seen_loops[tuple(hidden.T)]) / _LOOPS_A_CELL
        here = np.array(self._front or me.enemy_xy)
        route: list[person_lib.Point] = []
        while len(places) and len(route) < 2 * _ROUTE_LENGTH:
            here = places[(np.hypot(*(places - here).T) - bonus).argmin()]
            route.append(tuple(here.tolist()))
            is_far = np.hypot(*(places - here).T) > _SEARCH_GAP
            places, bonus = places[is_far], bonus[is_far]
        return route or [me.enemy_xy]

    def _see_front(self, me: person_lib.Person) -> person_lib.Task:
        """Looks at the part of the selected army that is nearest to the enemy."""
        army = [me.minimap_to_world(pixel) for pixel in
                np.argwhere(me.view.minimap("selected"))[:, ::-1]]
        if army:
            enemies = enemies_seen(me) or [me.enemy_xy]
            self._front = min(army, key=lambda xy: min(math.dist(xy, one) for one in enemies))
            yield from me.look_at(self._front, margin=7.0)

    def fight(self, me: person_lib.Person) -> person_lib.Task | None:
        """Goes with the army, and attacks by clicks on the screen."""
        if self.strength and me.is_time("fight", _FIGHT_LOOPS):
            return self._fight(me)
        return None

    def _fight(self, me: person_lib.Person) -> person_lib.Task:
        """Selects the army, looks at the part of it nearest to the enemy, and attacks there."""
        yield hands.select_army()
        yield from self._see_front(me)
        target = _screen_target(me)
        if target is not None and me.view.can(ATTACK_ABILITIES[0]):
            yield hands.command(ATTACK, screen_xy=target)

    def dig_in(self, me: person_lib.Person) -> person_lib.Task | None:
        """Tanks in siege mode where the army gathers, and marines in bunkers."""
        for site in me.sites:
            if site.thing.name == "Bunker" and site.is_finished and not site.is_served and (
                    me.view.player.army_count >= 4):
                site.is_served = True
                return _man(me, site)
        if me.plan.sieges and not self.strength and "SiegeTank" in _products(me) and me.is_time(
                "siege", _SIEGE_LOOPS):
            return _dig_in(me)
        return None


def _products(me: person_lib.Person) -> set[str]:
    return {name for line in me.plan.lines for name in line.products if me.turn.get(line.group)}


def _send(me: person_lib.Person, target: person_lib.Point) -> person_lib.Task:
    """Everybody attacks on the way to a point."""
    yield hands.select_army()
    if any(me.view.can(ability_id) for ability_id in ATTACK_ABILITIES):
        yield hands.command(ATTACK, minimap_xy=me.near_minimap_pixel(target))


def _move_out(me: person_lib.Person, target: person_lib.Point) -> person_lib.Task:
    """Tanks leave siege mode, then everybody attacks."""
    yield hands.select_army()
    if me.view.can(UNSIEGE):
        yield hands.command(UNSIEGE)
    if any(me.view.can(ability_id) for ability_id in ATTACK_ABILITIES):
        yield hands.command(ATTACK, minimap_xy=me.near_minimap_pixel(target), queued=True)


def _screen_target(me: person_lib.Person) -> hands.Pixel | None:
    """Where to click on the screen: on the ground beside the nearest enemy unit, or on the nearest
    enemy structure if there is no unit; None without an enemy."""
    own = np.argwhere(me.view.screen("selected"))[:, ::-1]
    shown = me.view.screen("player_relative") == view_lib.ENEMY
    if not shown.any() or not len(own):
        return None
    types = me.view.screen("unit_type")
    is_unit = shown & ~np.isin(types, list(me.known.structures))
    enemies = np.argwhere(is_unit if is_unit.any() else shown)[:, ::-1]
    near = enemies[np.hypot(*(enemies - own.mean(0)).T).argsort(kind="stable")[:20]]
    pixel = me.pick(near)
    if not is_unit.any():
        return pixel
    empty = np.argwhere(types == 0)[:, ::-1]
    return me.pick(empty[np.abs(empty - pixel).max(1) <= _BESIDE_PIXELS]) or pixel


def _man(me: person_lib.Person, bunker: person_lib.Site) -> person_lib.Task:
    """Marines go into a bunker."""
    yield hands.select_army()
    yield from me.look_at(bunker.xy)
    yield hands.command(bases.SMART, screen_xy=me.near_pixel(me.to_screen(bunker.xy)))


def _dig_in(me: person_lib.Person) -> person_lib.Task:
    """All tanks on the screen where the army gathers go into siege mode."""
    yield from me.look_at(production.rally_point(me))
    tank = me.pick(me.view.pixels((me.known.things["SiegeTank"].type_id,)))
    if tank is None:
        return
    yield hands.select_point(tank, all_of_type=True)
    if me.view.can(SIEGE):
        yield hands.command(SIEGE)


def enemies_seen(me: person_lib.Person) -> list[person_lib.Point]:
    """World points of what the minimap shows of the enemy."""
    return [me.minimap_to_world(pixel) for pixel in me.view.dots(view_lib.ENEMY)]


def _send_along(me: person_lib.Person, route: list[person_lib.Point]) -> person_lib.Task:
    """The selection attacks along a route."""
    for number, place in enumerate(route):
        yield hands.command(ATTACK, minimap_xy=me.near_minimap_pixel(place), queued=number > 0)
