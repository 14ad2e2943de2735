"""The fake, the embedded game and the real one keep the same promises."""

import functools

import numpy as np
import psutil
import pytest

from environment import observations, parallel, starcraft, starcraft_game
from environment.specs import StepType
from minisc2 import install
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


@pytest.fixture(scope="module")
def sc2path(tmp_path_factory):
    """A folder in which the embedded game passes for an installation of the real one."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = install.install(tmp_path_factory.mktemp("installation") / "StarCraftII")
        monkeypatch.setenv("SC2PATH", str(folder))
        yield folder


@pytest.mark.slow
@pytest.mark.usefixtures("sc2path")
class TestInstalledGame(_StarcraftContract):
    """The way to a game in a process of its own, as the real one is."""

    game = "auto"


def _games(folder):
    """The processes that play from an installation."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        environment = process.info["environ"] or {}
        if environment.get("SC2PATH") == str(folder) and "-port" in (process.info["cmdline"] or ()):
            found.append(process)
    return found


@pytest.mark.slow
def test_a_game_that_is_killed_is_replaced_and_no_game_survives_its_worker(sc2path):
    settings = starcraft.StarcraftSettings(map_name="MoveToBeacon", game="starcraft2")
    specs = starcraft.specs_for(settings)
    make = functools.partial(starcraft.StarcraftEnvironment, settings)
    with parallel.ParallelEnvironments(make, 2, 1, *specs) as environments:
        environments.reset()
        environments.receive(0)
        games = _games(sc2path)
        assert len(games) == 2
        games[0].kill()
        environments.send(0, specs[1].zeros((2,)))
        step = environments.receive(0)
        assert sorted(step.step_type.tolist()) == [StepType.FIRST, StepType.MID]
        assert (environments.num_restarts, environments.num_dropped_episodes) == (1, 1)
        environments.send(0, specs[1].zeros((2,)))
        np.testing.assert_array_equal(environments.receive(0).step_type, StepType.MID)
        psutil.Process(environments.worker_pids[0]).kill()
        environments.send(0, specs[1].zeros((2,)))
        assert environments.receive(0).step_type.tolist() == [StepType.FIRST] * 2
        assert len(_games(sc2path)) == 2  # those of the dead worker are gone
    assert not _games(sc2path)


def _real_game_is_missing():
    try:
        return "MoveToBeacon" not in starcraft_game.map_names("starcraft2")
    except starcraft_game.GameNotFoundError:
        return True


@pytest.mark.skipif(_real_game_is_missing(), reason="StarCraft II with the mini-games is not "
                                                    "installed (SC2PATH or the usual folder)")
class TestStarcraft2(_StarcraftContract):
    game = "starcraft2"
