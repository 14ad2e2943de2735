"""How somebody who sees the whole map defends: together, behind his ramp, with workers at need."""

import math
from collections.abc import Sequence

from minisc2.ai import census as census_lib
from minisc2.ai import duty, forces
from minisc2.game import orders, units

Point = tuple[float, float]

_SURE = 1.1
"""Times the strength of the attackers with which the army goes to meet them."""
_CLOSE = 9.0
"""Attackers this near to the army or to a town hall are fought in any case."""
_STAND = 0.6
"""Weaker soldiers than this share of the attackers fall back even before those."""
_MILITIA_RANGE = 9.0
_MILITIA_WORTH = 0.6
"""Of a worker's strength, since it has to come near first."""
_MILITIA_HEALTH = 0.4
"""Workers with less than this share of their life go on working."""
_HOPE = 0.8
"""Below this share of the attackers' strength even with all workers, nobody calls them."""
_MUSTER_RANGE = 14.0
"""Attackers this near to where the army musters make it fall back."""


class Defence(duty.Duty):
    """Defends one computer player.

    Args:
        computer: whose.
    """

    def place(self, home: Sequence[units.Unit], muster_xy: Point, census: census_lib.Census
              ) -> tuple[Point, bool] | None:
        """Where the army at home should be, and whether it goes there to fight.

        It stands where it musters as long as nobody is near, and behind that, where new soldiers
        come from, until it is strong enough or somebody attacks a town hall.

        Args:
            home: soldiers who do not attack; maybe none.
            muster_xy: where they wait in peace.
            census: what the player owns.

        Returns:
            None while nobody is on this player's side of the map.
        """
        attackers = [self._world.units[one.tag]
                     for one in self._knowledge.invaders(census.structures)]
        if not attackers:
            return None
        own, theirs = forces.force(home), forces.force(attackers)
        if home:
            nearest = _nearest(attackers, forces.center(home))
            if own > _SURE * theirs or (own > _STAND * theirs and nearest.distance_to(
                    *forces.center(home)) <= _CLOSE):
                return (nearest.x, nearest.y), True
        for hall in census.halls:
            nearest = _nearest(attackers, (hall.x, hall.y))
            if nearest.distance_to(hall.x, hall.y) <= _CLOSE:
                if self._call_militia(nearest, own, attackers, census) or own > _HOPE * theirs:
                    return (nearest.x, nearest.y), True
                break
        gap = _nearest(attackers, muster_xy).distance_to(*muster_xy)
        return (muster_xy if gap > _MUSTER_RANGE else self._computer.start_xy), False

    def _call_militia(self, attacker: units.Unit, own: float, attackers: Sequence[units.Unit],
                      census: census_lib.Census) -> bool:
        """Workers help against attackers at a town hall, if with them there is hope."""
        theirs = forces.force(unit for unit in attackers if not unit.is_flying
                              and unit.distance_to(attacker.x, attacker.y) <= _MUSTER_RANGE)
        strong = [worker for worker in census.workers if worker not in census.builders
                  and worker.health > _MILITIA_HEALTH * worker.health_max]
        helpers, sum_force = [], own
        for worker in sorted(strong, key=lambda unit: (
                unit.distance_to(attacker.x, attacker.y), unit.index)):
            if sum_force > _SURE * theirs:
                break
            helpers.append(worker)
            sum_force += _MILITIA_WORTH * forces.force([worker])
        if sum_force < _HOPE * theirs or attacker.is_flying:
            return False
        xy = (attacker.x, attacker.y)
        tags = [worker.tag for worker in helpers
                if not (worker.orders and worker.orders[0].kind is orders.Kind.SCAN
                        and math.dist(worker.orders[0].target_xy, xy) <= _MILITIA_RANGE)]
        if tags:
            self._world.order(self._player_id, tags, orders.GENERAL_ATTACK, xy)
        return True


def _nearest(soldiers: Sequence[units.Unit], xy: Point) -> units.Unit:
    return min(soldiers, key=lambda unit: (unit.distance_to(*xy), unit.index))
