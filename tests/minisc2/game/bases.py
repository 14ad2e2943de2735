"""A base for tests: a town hall with the minerals and geysers of the real Simple64 around it."""

from minisc2.game import ability_data, players, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import bases
from tests.minisc2.game import worlds

START_XY = (31.5, 27.5)

LOOPS_PER_MINUTE = 1344
"""Game loops in one minute at the speed people play at: 60 x 22.4."""


class Field(worlds.Field):
    """Flat ground with the resources of one base."""

    start_locations = (START_XY,)

    def setup(self, world: world_lib.World) -> None:
        bases.add_resources(world, START_XY)


def base(num_workers: int = 0, num_refineries: int = 0, seed: int = 1) -> world_lib.World:
    """Player 1 has a Command Center, refineries, and SCVs beside it that do nothing."""
    world = world_lib.World(Field(), [players.PlayerSetup(1, unit_data.TERRAN),
                                      players.PlayerSetup(2, unit_data.TERRAN)], seed)
    worlds.add(world, "CommandCenter", 1, *START_XY)
    for geyser in geysers(world)[:num_refineries]:
        worlds.add(world, "Refinery", 1, geyser.x, geyser.y, vespene_contents=2250)
    for _ in range(num_workers):
        worlds.add(world, "SCV", 1, START_XY[0] + 3, START_XY[1] - 3)
    return world


def named(world: world_lib.World, name: str, owner: int = 1) -> list[units.Unit]:
    """Units of a player by the name of their type, oldest first."""
    return [unit for unit in world.owned(owner) if unit.type.name == name]


def fields(world: world_lib.World) -> list[units.Unit]:
    """Mineral fields, nearest to the town hall first."""
    return sorted((unit for unit in world.units.values() if unit.type.has_minerals),
                  key=lambda unit: (unit.distance_to(*START_XY), unit.index))


def geysers(world: world_lib.World) -> list[units.Unit]:
    return [unit for unit in world.units.values()
            if unit.type.has_vespene and unit.owner == units.NEUTRAL_OWNER]


def order(world: world_lib.World, unit: units.Unit, ability_id: int,
          target: tuple[float, float] | units.Unit | None = None, queued: bool = False) -> int:
    """Gives an order to a unit of player 1; returns the answer."""
    return world.order(1, [unit.tag], ability_id, target, queued)[0][1]


def gather_all(world: world_lib.World, target: units.Unit) -> None:
    for worker in named(world, "SCV"):
        assert order(world, worker, ability_data.GATHER_SCV, target) == 1
