"""The raw interface: what pysc2's own environment showed an agent is what is in the file."""

import dataclasses
import pathlib

import numpy as np
import pytest

from data.conversion import episodes, interfaces, players
from environment import pysc2_compat, raw_observations, starcraft_game, starcraft_replay
from environment.specs import ACTION_TYPE
from tests.data.conversion import matches

pysc2_compat.install()

from pysc2.env import sc2_env
from pysc2.lib import actions as pysc2_actions
from pysc2.lib import features

FUNCTIONS = pysc2_actions.RAW_FUNCTIONS
SETTINGS = interfaces.ConversionSettings(
    screen_size=(16, 16), minimap_size=(16, 16), arrays=("raw_units", "minimap", "player"),
    max_units=60, raw_resolution=64, max_selected_units=4,
    step_mul=8, no_op_interval=8)


def raw_action(units: np.ndarray, rng: np.random.Generator):
    """Something for own units to do, or nothing."""
    own = np.flatnonzero(units[:, features.FeatureUnit.alliance] == 1)
    minerals = np.flatnonzero(units[:, features.FeatureUnit.mineral_contents] > 0)
    some = rng.choice(own, 3, replace=False).tolist()
    return (FUNCTIONS.no_op(), FUNCTIONS.Move_pt("now", some, rng.integers(0, 64, 2).tolist()),
            FUNCTIONS.Harvest_Gather_unit("queued", some, int(rng.choice(minerals))),
            FUNCTIONS.Train_SCV_quick("now", own.tolist()),
            FUNCTIONS.raw_move_camera(rng.integers(10, 50, 2).tolist()))[rng.integers(5)]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """What the agent saw and did, and the replay."""
    rng, seen, done = np.random.default_rng(1), [], []
    interface = interfaces.Raw(SETTINGS)
    with starcraft_game.chosen("minisc2"), sc2_env.SC2Env(
            map_name="Simple64", players=[
                sc2_env.Agent(sc2_env.Race.terran),
                sc2_env.Bot(sc2_env.Race.terran, sc2_env.Difficulty.very_easy)],
            agent_interface_format=interface.interface_format(), step_mul=8, random_seed=3) as env:
        observation = env.reset()[0].observation
        seen.append(observation)
        for _ in range(80):
            done.append(raw_action(observation["raw_units"], rng))
            observation = env.step([done[-1]])[0].observation
            seen.append(observation)
        path = env.save_replay(str(tmp_path_factory.mktemp("raw")))
    return seen, done, pathlib.Path(path).read_bytes()


def convert(data: bytes, settings: interfaces.ConversionSettings = SETTINGS):
    with starcraft_replay.ReplayGame("minisc2") as game:
        replay = game.open(data)
        match = players.match(replay.info)
        return episodes.convert(game, replay, match, match.players[0], interfaces.Raw(settings),
                                settings)


@pytest.fixture(scope="module")
def episode(played):
    return convert(played[2])


def test_every_kept_observation_is_the_one_that_the_agent_saw(played, episode):
    seen, *_ = played
    interface = interfaces.Raw(SETTINGS)
    assert episode.num_steps > 40
    for row, game_loop in enumerate(episode.game_loops.tolist()):
        expected = interface.encode(seen[game_loop // 8])
        for name, values in episode.observations.items():
            np.testing.assert_array_equal(values[row], expected[name], f"{name} at {game_loop}")
        interface.keep({name: values[row] for name, values in episode.actions.items()},
                       seen[game_loop // 8])


def test_every_kept_action_names_the_units_that_the_agent_named(played, episode):
    seen, done, _ = played
    num_same = 0
    for row, game_loop in enumerate(episode.game_loops.tolist()):
        kept = {name: int(values[row]) for name, values in episode.actions.items()}
        if not kept[ACTION_TYPE]:
            continue
        call = done[game_loop // 8]
        assert kept[ACTION_TYPE] == call.function
        rows = raw_observations.unit_rows(seen[game_loop // 8], SETTINGS.max_units)
        indices = [int(rows[kept[f"unit_{k}"] - 1]) for k in range(4) if kept[f"unit_{k}"]]
        if call.function == FUNCTIONS.raw_move_camera.id:
            x, y = np.ravel(call.arguments[0]).tolist()
            assert kept["world"] == y * 64 + x
        else:
            # The game reports the units that could do it, in an order of its own.
            assert indices and set(indices) <= set(np.ravel(call.arguments[1]).tolist())
        if call.function == FUNCTIONS.Harvest_Gather_unit.id:
            assert rows[kept["target_unit"]] == np.ravel(call.arguments[2])[0]
            assert kept["queued"] == 1
        num_same += 1
    assert num_same > 30
    assert episode.metadata.interface == "raw" and episode.metadata.num_units_left_out == 0


def test_units_that_an_action_has_no_room_for_are_counted(played, episode):
    short = convert(played[2], dataclasses.replace(SETTINGS, max_selected_units=1))
    named = sum(np.count_nonzero(episode.actions[f"unit_{number}"]) for number in range(4))
    kept = np.count_nonzero(short.actions["unit_0"])
    assert named > kept > 20
    assert short.metadata.num_units_left_out == named - kept
    np.testing.assert_array_equal(short.actions["unit_0"], episode.actions["unit_0"])


def test_what_the_raw_interface_has_not_is_dropped_and_counted(tmp_path):
    replay = matches.play("Simple64", 60, tmp_path).replay
    dropped = convert(replay.read_bytes()).metadata.dropped
    assert dropped["selections and the like, which the raw interface has not"] > 0
