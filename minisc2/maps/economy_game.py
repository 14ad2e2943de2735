"""What the two mini-games about the economy have in common: a Command Center beside minerals.

Sources: MapScript.galaxy, Regions and Objects of CollectMineralsAndGas and BuildMarines
(google-deepmind/pysc2 mini-games).
"""

from minisc2.game import players, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import bases, mini_game, regions

PLAYABLE = regions.Rectangle(19.9362, 18.998, 45.936, 36.998)
"""Region 1, "Playable Space"."""

START_MINERALS = 50

COMMAND_CENTER_POINT = (29.8251, 28.0083)
"""The point "Command Center", from which the SCVs' places are counted."""

COMMAND_CENTER_XY = (30.5, 27.5)
"""Where the Command Center stands: the place nearest to that point that keeps off the minerals.

Bots written for the real game find it there (raw coordinates (30, 36) on a map of 64 cells).
"""

SCV_OFFSETS_X = (4.5, 3.5)
SCV_OFFSETS_Y = (2.5, 1.5, 0.5, -0.5, -1.5, -2.5)

LEFT_MINERALS = ((23.0, 28.5), (24.0, 29.5), (23.0, 26.5), (25.0, 22.5), (25.0, 32.5),
                 (24.0, 23.5), (24.0, 31.5), (24.0, 25.5))
"""The mineral fields of both maps."""


class EconomyGame(mini_game.MiniGame):
    """One screen with a Command Center, twelve SCVs, and 50 minerals to start with."""

    playable = (20, 19, 46, 37)
    playable_region = PLAYABLE

    def add_start(self, world: world_lib.World) -> tuple[units.Unit, list[units.Unit]]:
        """Makes the participant's first units, the SCVs on one side by chance.

        Returns:
            The Command Center and the SCVs.
        """
        world.players[1].minerals = START_MINERALS
        command_center = world.create_unit(
            unit_data.id_of("CommandCenter"), 1, COMMAND_CENTER_XY)
        x, y = COMMAND_CENTER_POINT
        side = 1 if world.rng.random() < 0.5 else -1
        workers = [world.create_unit(unit_data.id_of("SCV"), 1, (x + side * dx, y + dy))
                   for dy in SCV_OFFSETS_Y for dx in SCV_OFFSETS_X]
        return command_center, workers

    def add_left_minerals(self, world: world_lib.World) -> None:
        for xy in LEFT_MINERALS:
            bases.add_mineral_field(world, "MineralField", xy)

    def update(self, world: world_lib.World) -> None:
        if world.is_paused:
            return
        self.update_score(world)
        if self.is_time_over(world):
            self.finish(world, players.VICTORY)

    def update_score(self, world: world_lib.World) -> None:
        """Counts what the map counts; called in every game loop, as the script does."""
        raise NotImplementedError
