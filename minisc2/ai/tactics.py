"""What units do in a fight besides shooting: stimpack, siege mode."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minisc2.ai import duty
from minisc2.game import orders, units, upgrade_data

if TYPE_CHECKING:
    from minisc2.ai import computer as computer_lib
    from minisc2.ai import knowledge as knowledge_lib

_STIM = 3675
_SIEGE, _UNSIEGE = 388, 390
_STIM_BUFFS = (24, 27)
"""Stable ids: the general stimpack, both siege morphs, and what stimmed Marauders and Marines
carry."""

_STIM_RANGE = 7.0
_STIM_MIN_SHARE = 0.75
"""Whoever has less of its life left does not pay for a stimpack with it."""
_STIM_MIN_ENEMY = 150.0
"""Worth of enemies near by that makes a stimpack worth its price."""
_SIEGE_RANGE, _UNSIEGE_RANGE = 12.0, 15.0
_SIEGE_MIN_RANGE = 4.0
_SIEGE_GAME_LOOPS = 160
"""A tank stays in a mode at least this long, or it would do nothing but change."""


class Tactics(duty.Duty):
    """Uses the abilities of soldiers.

    Args:
        computer: whose.
    """

    def __init__(self, computer: "computer_lib.Computer"):
        super().__init__(computer)
        self._changed_loops: dict[int, int] = {}

    def update(self, army: Sequence[units.Unit]) -> None:
        """One thought about a fight; nothing while no enemy is in sight."""
        enemies = self._computer.knowledge.visible
        if not enemies:
            self._siege(army, ())
            return
        self._stim(army, [enemy for enemy in enemies if enemy.value])
        self._siege(army, [enemy for enemy in enemies if not enemy.is_flying])

    def _stim(self, army: Sequence[units.Unit], enemies: Sequence["knowledge_lib.Sighting"]
              ) -> None:
        if not enemies or upgrade_data.id_of("Stimpack") not in (
                self._world.players[self._player_id].upgrades):
            return
        tags = [unit.tag for unit in army
                if unit.type.name in ("Marine", "Marauder")
                and unit.health >= _STIM_MIN_SHARE * unit.health_max
                and not any(buff in unit.buffs for buff in _STIM_BUFFS)
                and sum(enemy.value for enemy in enemies
                        if math.dist(enemy.xy, (unit.x, unit.y)) <= _STIM_RANGE)
                >= _STIM_MIN_ENEMY]
        if tags:
            self._world.order(self._player_id, tags, _STIM)

    def _siege(self, army: Sequence[units.Unit], enemies: Sequence["knowledge_lib.Sighting"]
               ) -> None:
        loop = self._world.loop
        for unit in army:
            name = unit.type.name
            if not name.startswith("SiegeTank") or (
                    loop - self._changed_loops.get(unit.tag, -_SIEGE_GAME_LOOPS)
                    < _SIEGE_GAME_LOOPS):
                continue
            nearest = min((math.dist(enemy.xy, (unit.x, unit.y)) for enemy in enemies),
                          default=math.inf)
            ability_id = 0
            if name == "SiegeTank" and _SIEGE_MIN_RANGE < nearest <= _SIEGE_RANGE:
                ability_id = _SIEGE
            elif name == "SiegeTankSieged" and nearest > _UNSIEGE_RANGE:
                ability_id = _UNSIEGE
            if ability_id and not any(order.kind is orders.Kind.MORPH for order in unit.orders):
                self._changed_loops[unit.tag] = loop
                self._world.order(self._player_id, [unit.tag], ability_id)
