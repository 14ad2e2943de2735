"""The mini-games as pysc2's agents see them."""

import random

import numpy as np
import pytest
from absl import flags
from absl.testing import flagsaver

from environment import pysc2_compat

pysc2_compat.install()

from pysc2.agents import random_agent
from pysc2.env import sc2_env
from pysc2.lib import actions, units

from minisc2 import run_config

FUNCTIONS = actions.FUNCTIONS
_NUM_STEPS = 150


@pytest.fixture(autouse=True)
def embedded_game() -> object:
    if not flags.FLAGS.is_parsed():
        flags.FLAGS(["test"])
    with flagsaver.flagsaver(sc2_run_config=run_config.Minisc2.name()):
        yield


def _environment(map_name: str) -> sc2_env.SC2Env:
    return sc2_env.SC2Env(
        map_name=map_name, players=[sc2_env.Agent(sc2_env.Race.terran)], step_mul=8,
        random_seed=3, agent_interface_format=sc2_env.AgentInterfaceFormat(
            feature_dimensions=sc2_env.Dimensions(screen=84, minimap=64)))


@pytest.mark.parametrize("map_name", ["FindAndDefeatZerglings", "DefeatZerglingsAndBanelings",
                                      "CollectMineralsAndGas", "BuildMarines"])
def test_the_random_agent_plays(map_name):
    np.random.seed(3)  # the agent draws from the global generators
    random.seed(3)
    with _environment(map_name) as env:
        agent = random_agent.RandomAgent()
        agent.setup(env.observation_spec()[0], env.action_spec()[0])
        (timestep,) = env.reset()
        assert timestep.reward == 0
        for _ in range(_NUM_STEPS):
            (timestep,) = env.step([agent.step(timestep)])
            if timestep.last():  # its last Marine is dead
                break
        assert timestep.last() or timestep.observation.game_loop[0] == 8 * _NUM_STEPS


def _click_on(env, timestep, unit_type):
    """Selects the unit of a type that is drawn first."""
    y, x = (timestep.observation.feature_screen.unit_type == unit_type).nonzero()
    middle = len(x) // 2
    (timestep,) = env.step([FUNCTIONS.select_point("select", (x[middle], y[middle]))])
    return timestep


def test_command_cards_where_marines_count():
    with _environment("BuildMarines") as env:
        (timestep,) = env.reset()
        for _ in range(40):
            (timestep,) = env.step([FUNCTIONS.no_op()])
        timestep = _click_on(env, timestep, units.Terran.CommandCenter)
        available = set(timestep.observation.available_actions)
        assert FUNCTIONS.Train_SCV_quick.id in available
        assert not available & {FUNCTIONS.Lift_quick.id, FUNCTIONS.Load_screen.id}
        timestep = _click_on(env, timestep, units.Terran.SCV)
        available = set(timestep.observation.available_actions)
        assert {FUNCTIONS.Build_SupplyDepot_screen.id,
                FUNCTIONS.Harvest_Gather_screen.id} <= available
        assert not available & {
            FUNCTIONS.Build_Refinery_screen.id, FUNCTIONS.Build_CommandCenter_screen.id,
            FUNCTIONS.Build_EngineeringBay_screen.id, FUNCTIONS.Effect_Repair_screen.id}


def test_the_screen_shows_both_sides_of_the_minerals():
    with _environment("CollectMineralsAndGas") as env:
        (timestep,) = env.reset()
        screen = timestep.observation.feature_screen
        columns = (screen.unit_type == units.Neutral.MineralField).nonzero()[1]
        # The camera is 24 cells wide and centred at x = 32.936: fields at 22 to 26 and 40 to 44.
        assert columns.min() < 10
        assert columns.max() > 74
        # Of the rows 13 to 37, those from 19 on are shown: three quarters, and what SCVs see.
        assert 0.75 <= (screen.visibility_map == 2).mean() < 0.85
        assert timestep.observation.score_cumulative.score == 50
        (timestep,) = env.step([FUNCTIONS.no_op()])
        assert timestep.observation.player.idle_worker_count == 12
        assert FUNCTIONS.select_idle_worker.id in timestep.observation.available_actions
