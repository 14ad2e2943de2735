"""A bare world for tests: flat ground, nobody on it, no rules."""

from minisc2.game import players, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import game_map


class Field(game_map.GameMap):
    """64x64 cells to walk on and nothing else."""

    name = "Field"
    size = (64, 64)
    playable = (0, 0, 64, 64)
    start_locations = ((10.0, 10.0),)

    def setup(self, world: world_lib.World) -> None:
        pass

    def update(self, world: world_lib.World) -> None:
        pass


def empty_world(seed: int = 1, num_players: int = 2) -> world_lib.World:
    setups = [players.PlayerSetup(player_id, unit_data.TERRAN)
              for player_id in range(1, num_players + 1)]
    return world_lib.World(Field(), setups, seed)


def add(world: world_lib.World, name: str, owner: int, x: float, y: float, **values: float
        ) -> units.Unit:
    return world.create_unit(unit_data.id_of(name), owner, (x, y), **values)
