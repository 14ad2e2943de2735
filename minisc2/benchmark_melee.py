"""The match by which `benchmark` measures melee games: a hundred units that move about.

Both sides get workers, Marines and structures beside what a match starts with. The workers gather,
and the Marines march around their own start, so that the number of units stays what it is while one
measures.
"""

import importlib
import math
import random
from collections.abc import Iterator
from typing import Any

from minisc2.game import orders, unit_data, units
from minisc2.game import world as world_lib

MAP = "Simple64"
_UNITS = (("SCV", 10), ("Marine", 20))
_STRUCTURES = ("SupplyDepot", "SupplyDepot", "SupplyDepot", "Barracks", "Barracks",
               "EngineeringBay", "Factory")
"""What each side gets beside its twelve workers and its town hall: 100 units in all."""

_MUSTER = 7.0
"""Distance in cells from the start to where the new units come into the game."""
_STRAY = 6.0
"""Distance in cells from there within which the Marines march."""
_STEPS_A_MARCH = 32
_STEPS_AN_ACTION = 8
_AGENT, _OPPONENT = 1, 2
_SUCCESS = 1


class Melee:
    """A match of an `SC2Env` on the embedded game in this process."""

    def __init__(self, env: Any):
        """Begins a new match in `env` and fills it."""
        self._env = env
        (self._timestep,) = env.reset()
        # SC2Env has no way to create units, and its bots take no orders: reach for the game itself.
        match = env._controllers[0]._game_client._server._match
        self._world: world_lib.World = match.world
        self._rng = random.Random(1)
        self._musters = {player_id: self._fill(player_id) for player_id in self._world.players}

    @property
    def num_units(self) -> int:
        """Units of the players that are alive."""
        return sum(unit.owner != units.NEUTRAL_OWNER for unit in self._world.units.values())

    def play(self, num_steps: int) -> None:
        """Takes agent steps; every eighth acts, and every thirty-second the other side does."""
        for index in range(num_steps):
            if index % _STEPS_A_MARCH == 0:
                self._march(_OPPONENT)
            (self._timestep,) = self._env.step([self._action(index)])

    def _action(self, index: int) -> Any:
        """Select the army, send it somewhere, look at it, look at the base; else nothing."""
        functions = importlib.import_module("pysc2.lib.actions").FUNCTIONS
        turn, rest = divmod(index, _STEPS_AN_ACTION)
        start, muster = self._world.players[_AGENT].start_xy, self._musters[_AGENT]
        available = self._timestep.observation.available_actions
        if rest == 0 and turn % 4 == 0 and functions.select_army.id in available:
            return functions.select_army("select")
        if rest == 0 and turn % 4 == 1 and functions.Attack_minimap.id in available:
            return functions.Attack_minimap("now", self._pixel(self._near(muster)))
        if rest == 0 and turn % 4 >= 2:
            return functions.move_camera(self._pixel(muster if turn % 4 == 2 else start))
        return functions.no_op()

    def _pixel(self, world_xy: tuple[float, float]) -> tuple[int, int]:
        """Where a point is on a minimap that shows the whole map."""
        width, height = self._world.game_map.size
        size = self._env.observation_spec()[0]["feature_minimap"][1]
        scale = size / max(width, height)
        return int(world_xy[0] * scale), int((height - world_xy[1]) * scale)

    def _fill(self, player_id: int) -> tuple[float, float]:
        """Gives a player its units. Returns where they muster."""
        world = self._world
        start = world.players[player_id].start_xy
        width, height = world.game_map.size
        dx, dy = width / 2 - start[0], height / 2 - start[1]
        length = math.hypot(dx, dy)
        muster = (start[0] + dx / length * _MUSTER, start[1] + dy / length * _MUSTER)
        places = self._building_places(start)
        for name in _STRUCTURES:
            kind = unit_data.id_of(name)
            place = next(xy for xy in places
                         if world.placement(unit_data.get(kind).ability_id, xy) == _SUCCESS)
            world.create_unit(kind, player_id, place)
        for name, count in _UNITS:
            for _ in range(count):
                world.create_unit(unit_data.id_of(name), player_id, self._near(muster))
        field = min((unit for unit in world.units.values() if unit.type.has_minerals),
                    key=lambda unit: unit.distance_to(*start))
        workers = [unit.tag for unit in world.owned(player_id) if unit.type.is_worker]
        world.order(player_id, workers, orders.SMART, field)
        return muster

    @staticmethod
    def _building_places(start: tuple[float, float]) -> Iterator[tuple[float, float]]:
        """Points around a start location, from the near to the far, far enough from each other."""
        offsets = [(dx, dy) for dx in range(-20, 21, 4) for dy in range(-20, 21, 4)
                   if math.hypot(dx, dy) > 6]
        for dx, dy in sorted(offsets, key=lambda offset: math.hypot(*offset)):
            yield start[0] + dx, start[1] + dy

    def _near(self, xy: tuple[float, float]) -> tuple[float, float]:
        return (xy[0] + self._rng.uniform(-_STRAY, _STRAY),
                xy[1] + self._rng.uniform(-_STRAY, _STRAY))

    def _march(self, player_id: int) -> None:
        """Sends a player's Marines to another point near its start."""
        tags = [unit.tag for unit in self._world.owned(player_id)
                if unit.type.speed > 0 and not unit.type.is_worker]
        self._world.order(player_id, tags, orders.ATTACK, self._near(self._musters[player_id]))
