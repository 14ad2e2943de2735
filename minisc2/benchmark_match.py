"""Whole matches without observations, for `benchmark`: how fast the game itself is.

One is a recorded `marine_rush` match against `easy`, played back: all that its player did comes
from the recording, so that nothing but the game is measured. The other is one of two computer
players of the level VeryHard, who think, too.
"""

import dataclasses
import time

from s2clientprotocol import sc2api_pb2

from minisc2 import ai, maps, replay
from minisc2.api import playback
from minisc2.benchmark_profile import Sampler
from minisc2.game import players, unit_data
from minisc2.game import world as world_lib
from minisc2.scripted import series

MAP = "Simple64"
SEED = 1
_MAX_COMPUTER_GAME_LOOPS = 12_000
_STEP_GAME_LOOPS = 1000


@dataclasses.dataclass
class Timing:
    """What a match took.

    Attributes:
        game_loops: that it lasted.
        cpu_seconds: that it took to simulate them.
        sampler: where the time went.
    """

    game_loops: int
    cpu_seconds: float
    sampler: Sampler


def record() -> replay.Recording:
    """Plays the first `marine_rush` match of a series against `easy`, as `minisc2.record` does."""
    _, data = series.play(series.Settings(MAP, "marine_rush", "easy", seed=SEED), 1)
    return replay.decode(data)


def play_back(recording: replay.Recording) -> Timing:
    """Plays a recorded match again, without observing it."""
    game = playback.Playback(recording, 1, sc2api_pb2.InterfaceOptions(raw=True))
    sampler = Sampler()
    start = time.process_time()
    with sampler:
        game.step(recording.loops)
    return Timing(game.game_loop, time.process_time() - start, sampler)


def play_computers() -> Timing:
    """Lets two computers of the level VeryHard play each other."""
    setups = [players.PlayerSetup(player_id, unit_data.TERRAN, players.COMPUTER,
                                  sc2api_pb2.VeryHard, sc2api_pb2.Macro)
              for player_id in (1, 2)]
    world = world_lib.World(maps.get(MAP), setups, SEED)
    world.brains.extend(ai.make(world, state) for state in world.players.values())
    sampler = Sampler()
    start = time.process_time()
    with sampler:
        while world.results is None and world.loop < _MAX_COMPUTER_GAME_LOOPS:
            world.step(_STEP_GAME_LOOPS)
    return Timing(world.loop, time.process_time() - start, sampler)
