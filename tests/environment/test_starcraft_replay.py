"""Replays through pysc2: which game shows which, and what goes wrong."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from environment import pysc2_compat, starcraft, starcraft_game, starcraft_replay
from minisc2.replay import fingerprint

pysc2_compat.install()

from pysc2.env import sc2_env
from pysc2.lib import features

ROOT = Path(__file__).resolve().parents[2]
SHARED_REPLAYS = ROOT.parent / "shared" / "data" / "replays"


def interface_format() -> features.AgentInterfaceFormat:
    return features.AgentInterfaceFormat(
        feature_dimensions=features.Dimensions(screen=16, minimap=16), camera_width_world_units=24)


def real_replay(name: str) -> bytes:
    path = SHARED_REPLAYS / name
    if not path.exists():
        pytest.skip(f"there is no replay of the real game at {path}")
    return path.read_bytes()


@pytest.fixture(scope="module")
def own_replay(tmp_path_factory):
    """A few steps of MoveToBeacon."""
    environment = starcraft.StarcraftEnvironment(
        starcraft.StarcraftSettings(game="minisc2"), seed=7)
    environment.reset()
    for _ in range(5):
        environment.step(environment.action_spec.zeros())
    path = environment.save_replay(str(tmp_path_factory.mktemp("replay")))
    environment.close()
    return Path(path).read_bytes()


def test_an_own_replay_is_known_and_shown_to_its_end(own_replay):
    with starcraft_replay.ReplayGame("minisc2") as game:
        replay = game.open(own_replay)
        assert (replay.game, replay.game_name, replay.seed) == ("minisc2", "minisc2", 7)
        assert replay.info.map_name == "MoveToBeacon" and replay.inferred == ()
        for step_mul, loops in ((8, [0, 8, 16, 24, 32, 40]), (16, [0, 16, 32, 40])):
            perspective = game.watch(replay, 1, interface_format())
            seen = list(perspective.observations(itertools.count(0, step_mul)))
            assert [one.observation.game_loop for one in seen] == loops
            assert [bool(one.player_result) for one in seen] == [False] * (len(loops) - 1) + [True]
        assert perspective.unit_data[48].mineral_cost == 50  # a Marine


@pytest.mark.parametrize("changes", [
    {}, {"show_cloaked": True, "show_placeholders": True}, {"show_burrowed_shadows": True},
    {"use_raw_units": True, "use_raw_actions": True, "raw_resolution": 64},
    {"crop_to_playable_area": True, "raw_crop_to_playable_area": True}])
def test_the_game_is_asked_for_what_pysc2_asks_it_for(changes):
    asked = features.AgentInterfaceFormat(
        feature_dimensions=features.Dimensions(screen=(20, 16), minimap=(24, 16)),
        camera_width_world_units=30, **changes)
    expected = sc2_env.SC2Env._get_interface(asked, require_raw=True)
    assert starcraft_replay.interface_options(asked) == expected


@pytest.mark.parametrize("spoil", [
    lambda data: b"", lambda data: data[:1000], lambda data: data[:-500],
    lambda data: b"no replay at all"])
def test_a_damaged_replay_is_told_and_the_next_one_is_shown(own_replay, spoil):
    with starcraft_replay.ReplayGame("minisc2") as game:
        with pytest.raises(starcraft_replay.ReplayError) as caught:
            game.open(spoil(own_replay))
        assert "\n" not in str(caught.value)
        game.open(own_replay)


def test_a_replay_of_another_simulation_is_known_and_not_shown(own_replay, monkeypatch):
    monkeypatch.setattr(fingerprint, "simulation", lambda: "0" * 64)
    with starcraft_replay.ReplayGame("minisc2") as game:
        replay = game.open(own_replay)
        assert replay.info.map_name == "MoveToBeacon"
        with pytest.raises(starcraft_replay.ReplayError, match="another version of minisc2"):
            game.watch(replay, 1, interface_format())


def test_a_player_who_is_not_there_is_told(own_replay):
    with starcraft_replay.ReplayGame("minisc2") as game:
        with pytest.raises(starcraft_replay.ReplayError, match="observed_player_id is 9"):
            game.watch(game.open(own_replay), 9, interface_format())
        game.watch(game.open(own_replay), 1, interface_format())


def test_games_that_are_not_there_are_refused(monkeypatch):
    monkeypatch.delenv("SC2PATH", raising=False)
    with pytest.raises(ValueError, match="starcraft3"):
        starcraft_replay.ReplayGame("starcraft3")
    with pytest.raises(starcraft_game.GameNotFoundError):
        starcraft_replay.ReplayGame("starcraft2")


def test_a_replay_of_the_real_game_says_what_is_inferred():
    data = real_replay("simple_test_map/1.SC2Replay")
    with starcraft_replay.ReplayGame("minisc2") as game:
        replay = game.open(data)
        assert replay.game == "minisc2" and replay.seed is None
        assert any("places of units" in one for one in replay.inferred)


def test_a_replay_that_tells_nothing_of_units_is_refused_unless_actions_are_enough():
    data = real_replay("ladder/distar_replay_4.10.0.SC2Replay")
    with starcraft_replay.ReplayGame("minisc2") as game:
        replay = game.open(data)
        assert len(replay.info.player_info) == 2  # enough for filters
        with pytest.raises(starcraft_replay.ReplayError, match="--actions_only"):
            game.watch(replay, 1, interface_format())
    with starcraft_replay.ReplayGame("minisc2", actions_only=True) as game:
        replay = game.open(data)
        assert replay.inferred[0].startswith("units: the replay has no events")
        perspective = game.watch(replay, 1, interface_format())
        seen = itertools.islice(perspective.observations(itertools.count(0, 8)), 40)
        assert sum(len(one.actions) for one in seen) > 0


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A folder like the real game's, whose program is the embedded one behind a socket."""
    folder = tmp_path_factory.mktemp("installation")
    subprocess.run([sys.executable, "-m", "minisc2.install", str(folder)], cwd=ROOT, check=True,
                   capture_output=True)
    return folder


@pytest.mark.slow
def test_an_installed_game_shows_replays_of_its_versions(installation, monkeypatch, own_replay):
    """The way to the real game: its run config, its version, a process and a socket."""
    monkeypatch.setenv("SC2PATH", str(installation))
    data = real_replay("api/replay_09.SC2Replay")  # of version 4.10.0, as the installation is
    with starcraft_replay.ReplayGame("auto") as game:
        replay = game.open(data)
        assert (replay.game, replay.game_name) == ("starcraft2", "StarCraft II")
        (process,) = (child for child in psutil.Process().children(recursive=True)
                      if "-listen" in child.cmdline())
        perspective = game.watch(replay, 1, interface_format())
        loops = [one.observation.game_loop
                 for one in itertools.islice(perspective.observations(itertools.count(0, 8)), 3)]
        assert loops == [0, 8, 16]
        assert game.open(own_replay).game == "minisc2"  # the other game, for its own replay
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE

        perspective = game.watch(replay, 1, interface_format())
        observations = perspective.observations(itertools.count(0, 8))
        next(observations)
        (process,) = (child for child in psutil.Process().children(recursive=True)
                      if "-listen" in child.cmdline())
        process.kill()
        with pytest.raises(starcraft_replay.GameError, match="failed to show a replay"):
            next(observations)
        game.close()
        assert game.open(data).game == "starcraft2"  # started again


def test_versions_that_are_not_installed_are_named(installation, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(installation))
    data = real_replay("simple_test_map/1.SC2Replay")
    with starcraft_replay.ReplayGame("starcraft2") as game:
        replay = game.open(data)
        assert replay.info.map_name == "Simple Test Map 64x64"  # enough for filters
        with pytest.raises(starcraft_replay.MissingVersionError) as caught:
            game.watch(replay, 1, interface_format())
    assert "needs StarCraft II 4.1.2 (Base60321), which is not installed" in str(caught.value)
    assert any(name in str(caught.value) for name in os.listdir(installation / "Versions"))


def test_the_real_game_is_not_asked_for_replays_of_the_embedded_one(
        installation, monkeypatch, own_replay):
    monkeypatch.setenv("SC2PATH", str(installation))
    with starcraft_replay.ReplayGame("starcraft2") as game, \
            pytest.raises(starcraft_replay.ReplayError, match="--game auto"):
        game.open(own_replay)
