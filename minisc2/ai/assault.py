"""How somebody who sees the whole map leads an attack.

Whoever attacks on the way stops for the first structure, and an army that does so on a ramp blocks
it for itself. Here soldiers walk, past everything, until there is somebody in reach who fights or
works; then those near by shoot, and the others come closer.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from minisc2.ai import catalogue, duty
from minisc2.game import orders, units

if TYPE_CHECKING:
    from minisc2.ai import computer as computer_lib

Point = tuple[float, float]

_ENGAGE_RANGE = 14.0
"""Enemies this near to a soldier are worth turning to."""
_SLACK = 1.5
"""Cells beyond its range at which a soldier goes over from walking to fighting."""
_ARRIVED = 6.0
"""This near to the goal everything is shot at."""
_LEAD = 5.0
"""Whoever is this much nearer to the goal than the middle of the attack waits for it."""
_SAME_GOAL = 2.0
"""A command to a place is given anew when the place has moved this far."""
_FOLLOW_GAP = 2.0
"""This near to it, who has nothing to do is there."""


class Assault(duty.Duty):
    """Leads the attacks of one computer player.

    Args:
        computer: whose.
    """

    def __init__(self, computer: "computer_lib.Computer"):
        super().__init__(computer)
        self._goal_tag = 0

    def goal(self, center: Point) -> Point | None:
        """The town hall that is cheapest to get at; without any, the nearest structure."""
        structures = self._knowledge.structures
        if not structures:
            return None
        halls = [one for one in structures if catalogue.base_name(one.type_id) == "CommandCenter"]
        for one in halls or structures:
            if one.tag == self._goal_tag:
                return one.xy
        chosen = min(halls or structures, key=lambda one: (math.dist(one.xy, center), one.tag))
        self._goal_tag = chosen.tag
        return chosen.xy

    def _workers(self) -> list[units.Unit]:
        found = [self._world.units[one.tag] for one in self._knowledge.visible
                 if not one.value and not one.is_structure]
        return [unit for unit in found if unit.type.is_worker]

    def lead(self, strike: Sequence[units.Unit], center: Point, goal: Point) -> None:
        """One thought about an attack under way."""
        commands: dict[tuple[int, Point], list[int]] = {}
        soldiers = [unit for unit in strike if unit.type.name != "Medivac"]
        left = self._engage(soldiers, self._knowledge.fighters(), commands)
        left = self._engage(left, self._workers(), commands)
        for unit in left:
            self._advance(unit, center, goal, commands)
        for unit in strike:
            if unit.type.name == "Medivac":
                self._note(unit, orders.GENERAL_ATTACK, center, commands)
        for (ability_id, xy), tags in commands.items():
            self._world.order(self._player_id, tags, ability_id, xy)

    def _engage(self, soldiers: Sequence[units.Unit], enemies: Sequence[units.Unit],
                commands: dict) -> list[units.Unit]:
        """Turns soldiers to the nearest enemies that they can hit; returns those without any."""
        if not soldiers or not enemies:
            return list(soldiers)
        offsets = (np.array([(unit.x, unit.y) for unit in soldiers])[:, None]
                   - np.array([(enemy.x, enemy.y) for enemy in enemies]))  # [S, E, 2]
        distances = np.sqrt((offsets * offsets).sum(axis=2))
        flying = np.array([enemy.is_flying for enemy in enemies])
        for row, unit in enumerate(soldiers):
            if unit.ground_weapon is None:
                distances[row, ~flying] = math.inf
            if unit.air_weapon is None:
                distances[row, flying] = math.inf
        nearest = distances.argmin(axis=1)
        left = []
        for row, unit in enumerate(soldiers):
            enemy, distance = enemies[nearest[row]], distances[row, nearest[row]]
            if distance > _ENGAGE_RANGE:
                left.append(unit)
                continue
            weapon = unit.air_weapon if enemy.is_flying else unit.ground_weapon
            reach = weapon.range + unit.radius + enemy.radius + _SLACK
            is_near = distance <= reach and self._world.can_see(self._player_id, enemy)
            self._note(unit, orders.GENERAL_ATTACK if is_near else orders.GENERAL_MOVE,
                       (enemy.x, enemy.y), commands)
        return left

    def _advance(self, unit: units.Unit, center: Point, goal: Point, commands: dict) -> None:
        distance = unit.distance_to(*goal)
        if distance <= _ARRIVED:
            self._note(unit, orders.GENERAL_ATTACK, goal, commands)
        elif distance < math.dist(center, goal) - _LEAD:
            self._note(unit, orders.GENERAL_ATTACK, center, commands)
        else:
            self._note(unit, orders.GENERAL_MOVE, goal, commands)

    @staticmethod
    def _note(unit: units.Unit, ability_id: int, xy: Point, commands: dict) -> None:
        """Adds a command, unless that is what the unit is doing."""
        if not unit.speed:
            return
        if unit.orders:
            order = unit.orders[0]
            kind = (orders.Kind.SCAN if ability_id == orders.GENERAL_ATTACK
                    else orders.Kind.MOVE)
            if order.kind is kind and order.target_xy is not None and (
                    math.dist(order.target_xy, xy) <= _SAME_GOAL):
                return
        elif unit.distance_to(*xy) <= _FOLLOW_GAP:
            return
        commands.setdefault((ability_id, xy), []).append(unit.tag)
