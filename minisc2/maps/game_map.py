"""A map: its ground, and the rules that its script adds to the game."""

from typing import TYPE_CHECKING

import numpy as np

from minisc2.game import players

if TYPE_CHECKING:
    from minisc2.game import world as world_lib



class GameMap:
    """Base class of all maps. Keeps nothing about a game: that lives in `World.script`.

    Attributes:
        name: as pysc2 names it.
        aliases: further names it answers to.
        size: (width, height) in cells.
        playable: (x0, y0, x1, y1); units stay inside.
        pathing_grid: uint8 [H, W], 1 where ground units can walk; row is y.
        jumping_grid: uint8 [H, W], 1 where units that jump cliffs can go.
        placement_grid: uint8 [H, W], 1 where structures can stand.
        terrain_height: uint8 [H, W]; 127 is height 0, and 8 steps are one cell.
        start_locations: world points.
        map_path: path below a Maps folder, as pysc2 asks for it.
        score_kind: which score the API reports.
        hostile_owners: owners of units whom the script fights with, besides the players.
        forbidden_abilities: specific ids of abilities that the map takes from every unit.
    """

    name = ""
    aliases: tuple[str, ...] = ()
    size = (64, 64)
    playable = (0, 0, 64, 64)
    start_locations: tuple[tuple[float, float], ...] = ()
    min_players = 1
    max_players = 1
    map_path = ""
    score_kind = players.MELEE
    hostile_owners: tuple[int, ...] = ()
    forbidden_abilities: frozenset[int] = frozenset()

    def __init__(self):
        width, height = self.size
        x0, y0, x1, y1 = self.playable
        self.pathing_grid = np.zeros((height, width), np.uint8)
        self.pathing_grid[y0:y1, x0:x1] = 1
        self.jumping_grid = self.pathing_grid
        self.placement_grid = self.pathing_grid.copy()
        self.terrain_height = np.full((height, width), 127, np.uint8)

    def setup(self, world: "world_lib.World") -> None:
        """Makes the first units and everything else the map script does at the start."""
        raise NotImplementedError

    def update(self, world: "world_lib.World") -> None:
        """The map's triggers, after each game loop; ends the game by `world.end_game`."""

