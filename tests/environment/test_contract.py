"""The fake, the embedded game and the real one keep the same promises."""

import pytest

from environment import observations, starcraft, starcraft_game
from tests.environment import contract, counting


class TestCountingEnvironment(contract.EnvironmentContract):
    max_episode_len = 5

    def make(self, seed=0):
        return counting.CountingEnvironment(seed, self.max_episode_len)

    def observation_spec(self, environment):
        return counting.OBSERVATION_SPEC

    def action_spec(self, environment):
        return counting.ACTION_SPEC


class _StarcraftContract(contract.EnvironmentContract):
    max_episode_len = 12
    game: str

    def make(self, seed=0):
        settings = starcraft.StarcraftSettings(
            map_name="MoveToBeacon", game=self.game, screen_size=(20, 32), minimap_size=(12, 9),
            arrays=observations.ARRAY_NAMES, max_game_loops=8 * self.max_episode_len)
        return starcraft.StarcraftEnvironment(settings, seed)


class TestMinisc2(_StarcraftContract):
    game = "minisc2"


def _real_game_is_missing():
    try:
        return "MoveToBeacon" not in starcraft_game.map_names("starcraft2")
    except starcraft_game.GameNotFoundError:
        return True


@pytest.mark.skipif(_real_game_is_missing(), reason="StarCraft II with the mini-games is not "
                                                    "installed (SC2PATH or the usual folder)")
class TestStarcraft2(_StarcraftContract):
    game = "starcraft2"
