"""The army: gathers, attacks by the minimap, comes home to defend, hunts what is left."""

import numpy as np

from minisc2.scripted import hands, production
from minisc2.scripted import person as person_lib
from minisc2.scripted import view as view_lib

ATTACK = 3674
_HOME_RADIUS = 18.0
_ORDER_LOOPS = 220
_DEFEND_LOOPS = 110


class Campaign:
    """What the army is doing.

    Attributes:
        strength: army units when the attack began; 0 while there is none.
        searched: world points where nothing was found any more.
    """

    def __init__(self) -> None:
        self.strength = 0
        self.searched: list[tuple[float, float]] = []

    def defend(self, me: person_lib.Person) -> person_lib.Task | None:
        """Enemies near home: everybody there."""
        enemies = enemies_seen(me)
        near = [xy for xy in enemies
                if np.hypot(xy[0] - me.home_xy[0], xy[1] - me.home_xy[1]) < _HOME_RADIUS]
        if not near or not me.view.player.army_count or not me.is_time("defend", _DEFEND_LOOPS):
            return None
        return self._send(me, near[me.rng.randrange(len(near))])

    def attack(self, me: person_lib.Person) -> person_lib.Task | None:
        """Begins, reinforces or gives up the attack."""
        count = me.view.player.army_count
        if self.strength and count < self.strength * me.plan.retreat_share:
            self.strength = 0
            return self._send(me, production.rally_point(me))
        is_ready = count >= me.plan.attack_army or (
            me.view.loop >= me.plan.attack_loop and 2 * count >= me.plan.attack_army)
        if not self.strength and not is_ready:
            return None
        if not me.is_time("attack", _ORDER_LOOPS):
            return None
        self.strength = max(self.strength, count)
        return self._send(me, self._target(me))

    def _target(self, me: person_lib.Person) -> tuple[float, float]:
        """The enemy's start as long as that is not searched, then whatever is seen, then
        wherever nobody looked for longest."""
        enemies = enemies_seen(me)
        if enemies:
            return min(enemies, key=lambda xy: np.hypot(xy[0] - me.enemy_xy[0],
                                                        xy[1] - me.enemy_xy[1]))
        if not _is_seen(me, me.enemy_xy):
            return me.enemy_xy
        return self._unseen(me)

    def _unseen(self, me: person_lib.Person) -> tuple[float, float]:
        hidden = me.view.minimap("visibility_map") != view_lib.VISIBLE
        hidden &= me.view.minimap("pathable") > 0
        pixels = np.argwhere(hidden)[:, ::-1]
        if not len(pixels):
            return me.enemy_xy
        return me.minimap_to_world(pixels[me.rng.randrange(len(pixels))])

    def _send(self, me: person_lib.Person, target: tuple[float, float]) -> person_lib.Task:
        yield hands.select_army()
        if me.view.can(23):
            yield hands.command(ATTACK, minimap_xy=me.near_minimap_pixel(target))


def enemies_seen(me: person_lib.Person) -> list[tuple[float, float]]:
    """World points of what the minimap shows of the enemy."""
    return [me.minimap_to_world(pixel) for pixel in me.view.dots(view_lib.ENEMY)]


def _is_seen(me: person_lib.Person, world_xy: tuple[float, float]) -> bool:
    x, y = me.to_minimap(world_xy)
    return me.view.minimap("visibility_map")[y, x] == view_lib.VISIBLE
