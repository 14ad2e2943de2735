"""Who has an enemy near: one distance matrix for everybody, every few game loops.

Armed units that nobody is near sleep. The matrix tells which of them have an enemy within the range
in which they would choose it; only those wake, and choose in detail. While all enemies are far away
the next look is put off until they could have come near.
"""

from typing import TYPE_CHECKING

import numpy as np

from minisc2.game import orders, units, weapons

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

PERIOD_GAME_LOOPS = 4

MIN_SCAN_RANGE = 5.0
"""Units that can move look for enemies at least this far from their edge, whatever the range of
their weapon (field MinScanRange of the weapon catalogue)."""

BUNKER_RANGE_BONUS = 1.0
"""What a bunker adds to the range of those in it (its behaviour in the catalogue of 4.10)."""

_CLOSING_SPEED = 0.8
"""Cells by which two units can come nearer in one game loop, at most: no unit does 0.4."""

_LONGEST_PAUSE_GAME_LOOPS = 64
_WAKING = frozenset((orders.Kind.HOLD, orders.Kind.SCAN, orders.Kind.PATROL))


def scan_range(unit: units.Unit, weapon: weapons.Weapon | None) -> float:
    """Cells from edge to edge within which a unit chooses a target for a weapon; -inf for none."""
    if weapon is None:
        return -np.inf
    if unit.speed == 0:
        return weapon.range
    return max(weapon.range, MIN_SCAN_RANGE)


class _Side:
    """The watchers of one owner and the enemies that they look for.

    Attributes:
        watchers: armed units, and bunkers with somebody in them.
        enemies: whom they may fight.
        rows: int [W], places of the watchers among all units; `columns` [E] those of the enemies.
        reach: float64 [W, E], distance of centres below which a watcher chooses an enemy.
    """

    def __init__(self, world: "world_lib.World", owner: int, watchers: list[units.Unit],
                 places: dict[int, int]):
        self.owner = owner
        self.watchers = watchers
        self.enemies = world.enemies(owner)
        self.rows = np.array([places[unit.index] for unit in watchers])
        self.columns = np.array([places[unit.index] for unit in self.enemies])
        ground, air = np.array([_reaches(unit) for unit in watchers]).T
        flies = np.array([unit.is_flying for unit in self.enemies])
        radii = np.array([unit.radius for unit in self.enemies])
        self.reach = np.where(flies[None, :], air[:, None], ground[:, None]) + radii[None, :]


def _reaches(unit: units.Unit) -> tuple[float, float]:
    """Range from the centre of a watcher to the edge of enemies on the ground and in the air."""
    ground, air = (scan_range(unit, unit.ground_weapon), scan_range(unit, unit.air_weapon))
    for passenger in unit.cargo if not weapons.is_armed(unit) else ():
        if passenger.ground_weapon is not None:
            ground = max(ground, passenger.ground_weapon.range + BUNKER_RANGE_BONUS)
        if passenger.air_weapon is not None:
            air = max(air, passenger.air_weapon.range + BUNKER_RANGE_BONUS)
    return ground + unit.radius, air + unit.radius


class Awareness:
    """Wakes units that have an enemy near.

    Attributes:
        next_loop: nothing has to be done before this game loop.
    """

    def __init__(self):
        self.next_loop = 0
        self._sides: list[_Side] = []
        self._everybody: list[units.Unit] = []
        self._is_stale = True

    def invalidate(self) -> None:
        """Units came, went, jumped to another place, or have other weapons."""
        self._is_stale = True
        self.next_loop = 0

    def update(self, world: "world_lib.World") -> None:
        """Looks around, and decides when to look again."""
        if self._is_stale:
            self._collect(world)
        slack = np.inf
        if self._sides:
            everybody = self._everybody
            xy = np.array([[unit.x for unit in everybody], [unit.y for unit in everybody]],
                          float)
            for side in self._sides:
                slack = min(slack, _look(world, side, xy))
        pause = PERIOD_GAME_LOOPS
        if slack > 0:
            pause = int(min(max(slack / _CLOSING_SPEED, PERIOD_GAME_LOOPS),
                            _LONGEST_PAUSE_GAME_LOOPS))
        self.next_loop = world.loop + pause

    def _collect(self, world: "world_lib.World") -> None:
        self._is_stale = False
        everybody = self._everybody = world.actors()
        places = {unit.index: place for place, unit in enumerate(everybody)}
        watchers: dict[int, list[units.Unit]] = {}
        for unit in everybody:
            if unit.is_on_guard:
                watchers.setdefault(unit.owner, []).append(unit)
        self._sides = [_Side(world, owner, members, places)
                       for owner, members in watchers.items() if world.enemies(owner)]


def _look(world: "world_lib.World", side: _Side, xy: np.ndarray) -> float:
    """Wakes a side's watchers.

    Returns:
        Cells that the nearest enemy is away from being in anybody's reach; 0 or less if one is.
    """
    seen_from, seen = xy.take(side.rows, axis=1), xy.take(side.columns, axis=1)
    dx, dy = seen_from[:, :, None] - seen[:, None, :]
    dx *= dx
    dy *= dy
    dx += dy
    slack = np.sqrt(dx, dx)
    slack -= side.reach  # [W, E]
    least = float(slack.min())
    if least > 0:
        return least
    is_near = slack <= 0
    for column in is_near.any(axis=0).nonzero()[0].tolist():
        if not world.can_see(side.owner, side.enemies[column]):
            is_near[:, column] = False
    for row in is_near.any(axis=1).nonzero()[0].tolist():
        _alert(side.watchers[row])
    return 0.0


def _alert(unit: units.Unit) -> None:
    """Lets a unit choose a target in its next game loop, if it may."""
    if unit.target is not None and not unit.target.is_structure:
        return
    unit.is_alert = True
    # Structures shoot while they make something.
    if not unit.orders or unit.is_structure or unit.orders[0].kind in _WAKING:
        unit.wake_loop = 0
