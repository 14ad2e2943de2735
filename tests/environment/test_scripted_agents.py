"""Scripted experts play well through our specs, and refuse what they cannot play."""

import functools

import numpy as np
import pytest

from environment import gymnasium_environment, parallel, scripted_agents, starcraft
from environment.gymnasium_environment import GymnasiumEnvironment
from environment.specs import ActionSpec, ObservationSpec, StepType
from evaluation import matches

LANDER = "LunarLander-v3"


def scores(name, make, specs, num_environments):
    agent = scripted_agents.for_environment(name, *specs)
    with parallel.ParallelEnvironments(make, num_environments, 0, *specs) as played:
        return matches.play(agent, played, num_environments)


# Half a minute of game time, a quarter of an episode: pysc2's agents score 26 (MoveToBeacon) and 97
# (CollectMineralShards) in a whole one, and DefeatRoaches begins with 4 roaches, 10 points each.
@pytest.mark.parametrize(("map_name", "least"), [
    ("MoveToBeacon", 5), ("CollectMineralShards", 15), ("DefeatRoaches", 10)])
def test_pysc2s_agents_play_their_maps(map_name, least):
    settings = starcraft.StarcraftSettings(map_name=map_name, game="minisc2", max_game_loops=480)
    make = functools.partial(starcraft.StarcraftEnvironment, settings)
    (score,) = scores(map_name, make, starcraft.specs_for(settings), 1)
    assert score >= least


def test_the_lander_lands():
    specs = gymnasium_environment.specs_for(LANDER)
    found = scores(LANDER, functools.partial(GymnasiumEnvironment, LANDER), specs, 10)
    assert np.median(found) > 200


def test_an_episode_has_a_player_of_its_own():
    class Counting:
        def __init__(self):
            self.count = 0

        def __call__(self, observation):
            self.count += 1
            return {"action_type": np.array(10 * observation["x"] + self.count)}

    agent = scripted_agents.ScriptedAgent(Counting)
    first, mid, last = (np.int8(kind) for kind in StepType)
    state, found = agent.initial_state(2), []
    for kinds in ([first, first], [mid, last], [mid, first], [mid, mid]):
        step, state = agent.step({"x": np.array([1, 2])}, np.array(kinds), state)
        found.append(step.action["action_type"])
    np.testing.assert_array_equal(found, [[11, 21], [12, 22], [13, 21], [14, 22]])
    assert found[0].dtype == np.int32


def test_a_map_without_an_agent_is_refused():
    with pytest.raises(ValueError, match="no scripted agent for 'BuildMarines'.*MoveToBeacon"):
        scripted_agents.for_environment("BuildMarines", ObservationSpec(()),
                                        ActionSpec((), (), np.zeros((0, 0), bool)))


@pytest.mark.parametrize(("changes", "words"), [
    ({"arrays": ("screen", "player")}, "available_actions.*arrays screen, player"),
    ({"arrays": ("player", "available_actions")}, "array screen"),
    ({"screen_layers": ("selected",)}, "layer player_relative"),
    ({"max_delay_game_loops": 128}, "arguments delay, queued"),
    ({"interface": "raw", "arrays": ("raw_units",)}, "available_actions")])
def test_specs_that_it_cannot_play_with_are_refused(changes, words):
    specs = starcraft.specs_for(
        starcraft.StarcraftSettings(**{"map_name": "MoveToBeacon", "game": "minisc2", **changes}))
    with pytest.raises(ValueError, match=words):
        scripted_agents.for_environment("MoveToBeacon", *specs)
