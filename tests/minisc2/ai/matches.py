"""Matches of computer players, without the API."""

import hashlib

from minisc2 import ai, maps
from minisc2.game import players, unit_data
from minisc2.game import world as world_lib


def match(difficulties: tuple[int, int], builds: tuple[int, int] = (1, 1), seed: int = 1,
          map_name: str = "Simple64") -> world_lib.World:
    """Two computers; difficulty 0 is somebody who does nothing."""
    setups = [players.PlayerSetup(index + 1, unit_data.TERRAN, players.COMPUTER, difficulty, build)
              for index, (difficulty, build) in enumerate(zip(difficulties, builds, strict=True))]
    world = world_lib.World(maps.get(map_name), setups, seed)
    world.brains.extend(ai.make(world, state) for state in world.players.values()
                        if state.difficulty)
    return world


def digest(world: world_lib.World, *owners: int) -> str:
    """Of everything that players have; of all players if none is named."""
    rows = [(unit.tag, unit.unit_type, unit.owner, unit.x, unit.y, unit.health,
             [(order.ability_id, order.target_xy, order.target_tag) for order in unit.orders])
            for unit in world.units.values() if unit.owner in (owners or world.players)]
    money = [(world.players[owner].minerals, world.players[owner].vespene)
             for owner in (owners or world.players)]
    return hashlib.sha256(repr((rows, money, world.loop)).encode()).hexdigest()
