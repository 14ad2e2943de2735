"""Computer players: Terran, at every difficulty and with every build of the API."""

import random
from typing import TYPE_CHECKING

from minisc2.ai import computer

if TYPE_CHECKING:
    from minisc2.game import players
    from minisc2.game import world as world_lib


def make(world: "world_lib.World", state: "players.PlayerState") -> computer.Computer:
    """The brain of a computer player, to be added to `World.brains` before the first game loop.

    Args:
        world: the game, set up.
        state: the player; `difficulty` (1 to 10) and `ai_build` (0 to 6) as the API numbers them.

    Raises:
        ValueError: there is no such difficulty or build.
    """
    return computer.Computer(world, state, random.Random(world.rng.getrandbits(64)))
