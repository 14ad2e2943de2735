"""The army: gathers, attacks by the minimap, comes home to defend, hunts what is left."""

import math

import numpy as np

from minisc2.scripted import economy, hands, production
from minisc2.scripted import person as person_lib
from minisc2.scripted import view as view_lib

ATTACK, LOAD_BUNKER = 3674, 407
SIEGE, UNSIEGE = 388, 390
_ATTACKS = (23, 19)
"""Attack, and what unarmed units make of it: whether the army can be told to attack."""

_HOME_RADIUS = 16.0
_ORDER_LOOPS, _DEFEND_LOOPS, _SIEGE_LOOPS = 230, 110, 330
_FIGHT_PIXELS = 9


class Campaign:
    """What the army is doing.

    Attributes:
        strength: army units when the attack began, or the most since; 0 while there is none.
    """

    def __init__(self) -> None:
        self.strength = 0
        self._goal: person_lib.Point | None = None

    def defend(self, me: person_lib.Person) -> person_lib.Task | None:
        """Enemies near home: everybody there."""
        bases = [hall.xy for hall in economy.halls(me)] or [me.home_xy]
        near = [xy for xy in enemies_seen(me)
                if min(math.dist(xy, base) for base in bases) < _HOME_RADIUS]
        if not near or not me.view.player.army_count or not me.is_time("defend", _DEFEND_LOOPS):
            return None
        return _send(me, near[me.rng.randrange(len(near))])

    def attack(self, me: person_lib.Person) -> person_lib.Task | None:
        """Begins, reinforces or gives up the attack."""
        count = me.view.player.army_count
        if self.strength and count < self.strength * me.plan.retreat_share:
            self.strength = 0
            return _send(me, production.rally_point(me))
        is_ready = count >= me.plan.attack_army or (
            me.view.loop >= me.plan.attack_loop and 2 * count >= me.plan.attack_army)
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
        """The enemy's start as long as that is not searched, then whatever is seen, then
        somewhere that nobody sees."""
        enemies = enemies_seen(me)
        if enemies:
            return min(enemies, key=lambda xy: math.dist(xy, self._goal or me.enemy_xy))
        if not _is_seen(me, me.enemy_xy) and self._goal is None:
            return me.enemy_xy
        if self._goal is None or _is_seen(me, self._goal):
            self._goal = _somewhere_unseen(me)
        return self._goal

    def fight(self, me: person_lib.Person) -> person_lib.Task | None:
        """Goes with the army, and attacks by clicks on the screen."""
        if not self.strength or not me.is_time("fight", 40):
            return None
        return _follow(me)

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
    if any(me.view.can(ability_id) for ability_id in _ATTACKS):
        yield hands.command(ATTACK, minimap_xy=me.near_minimap_pixel(target))


def _move_out(me: person_lib.Person, target: person_lib.Point) -> person_lib.Task:
    """Tanks leave siege mode, then everybody attacks."""
    yield hands.select_army()
    if me.view.can(UNSIEGE):
        yield hands.command(UNSIEGE)
    if any(me.view.can(ability_id) for ability_id in _ATTACKS):
        yield hands.command(ATTACK, minimap_xy=me.near_minimap_pixel(target), queued=True)


def _follow(me: person_lib.Person) -> person_lib.Task:
    """Selects the army, looks at the part of it nearest to the enemy, and clicks on the ground
    beside an enemy there."""
    yield hands.select_army()
    army = [me.minimap_to_world(pixel) for pixel in
            np.argwhere(me.view.minimap("selected"))[:, ::-1]]
    if not army:
        return
    enemies = enemies_seen(me) or [me.enemy_xy]
    front = min(army, key=lambda xy: min(math.dist(xy, enemy) for enemy in enemies))
    yield from me.look_at(front, margin=5.0)
    enemies = np.argwhere(me.view.screen("player_relative") == view_lib.ENEMY)[:, ::-1]
    own = np.argwhere(me.view.screen("selected"))[:, ::-1]
    if not len(enemies) or not len(own) or not me.view.can(_ATTACKS[0]):
        return
    middle = own.mean(0)
    near = enemies[np.hypot(*(enemies - middle).T).argsort(kind="stable")[:40]]
    x, y = me.pick(near)
    empty = np.argwhere(me.view.screen("unit_type") == 0)[:, ::-1]
    ground = me.pick(empty[np.abs(empty - (x, y)).max(1) <= _FIGHT_PIXELS])
    yield hands.command(ATTACK, screen_xy=ground or (x, y))


def _man(me: person_lib.Person, bunker: person_lib.Site) -> person_lib.Task:
    """Marines go into a bunker."""
    yield hands.select_army()
    yield from me.look_at(bunker.xy)
    yield hands.command(economy.SMART, screen_xy=me.near_pixel(me.to_screen(bunker.xy)))


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


def _is_seen(me: person_lib.Person, world_xy: person_lib.Point) -> bool:
    x, y = me.to_minimap(world_xy)
    return me.view.minimap("visibility_map")[y, x] == view_lib.VISIBLE


def _somewhere_unseen(me: person_lib.Person) -> person_lib.Point:
    """A point that nobody sees and one can walk to; rather one that nobody saw yet."""
    visibility = me.view.minimap("visibility_map")
    can_walk = me.view.minimap("pathable") > 0
    for is_hidden in (visibility == 0, visibility != view_lib.VISIBLE):
        pixels = np.argwhere(is_hidden & can_walk)[:, ::-1]
        if len(pixels):
            return me.minimap_to_world(pixels[me.rng.randrange(len(pixels))])
    return me.enemy_xy
