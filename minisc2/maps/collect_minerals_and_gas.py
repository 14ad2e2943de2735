"""CollectMineralsAndGas: a point for every mineral and every unit of gas that is brought home.

Sources: MapScript.galaxy and Objects of the official map (google-deepmind/pysc2 mini-games). The
SCVs wait for orders; nothing is forbidden, and the room on the right is for a second base.
"""

from minisc2.game import world as world_lib
from minisc2.maps import bases, economy_game

RIGHT_MINERALS = ((41.0, 22.5), (42.0, 25.5), (42.0, 23.5), (41.0, 32.5), (43.0, 26.5),
                  (43.0, 28.5), (42.0, 29.5), (42.0, 31.5))
GEYSERS = ((39.5, 20.5), (26.5, 34.5), (39.5, 34.5), (26.5, 20.5))


class CollectMineralsAndGas(economy_game.EconomyGame):
    """The map's rules; what is spent stays counted.

    The script first sets the score to the 50 minerals that the player starts with, and one game
    loop later to what was collected.
    """

    name = "CollectMineralsAndGas"
    map_path = "mini_games/CollectMineralsAndGas.SC2Map"
    timer_seconds = 420

    def setup(self, world: world_lib.World) -> None:
        self.prepare(world)
        self.add_left_minerals(world)
        for xy in RIGHT_MINERALS:
            bases.add_mineral_field(world, "MineralField", xy)
        for xy in GEYSERS:
            bases.add_geyser(world, xy)
        self.add_start(world)
        world.players[1].score.curriculum = world.players[1].minerals

    def update_score(self, world: world_lib.World) -> None:
        score = world.players[1].score
        score.curriculum = int(score.collected_minerals + score.collected_vespene)
