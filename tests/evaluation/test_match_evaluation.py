"""Evaluation from end to end, with the embedded game; and what is refused before it begins."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from environment import starcraft
from evaluation import match_evaluation, match_records
from tests.evaluation import match_library as library

SETTINGS = starcraft.StarcraftSettings(
    map_name="Simple64", game="minisc2", race="terran", opponent_race="terran",
    opponent_difficulty="very_easy", arrays=("player", "available_actions"), max_game_loops=400)


class RandomAgent:
    """Does anything that is available, anywhere."""

    def __init__(self, settings=SETTINGS):
        self.observation_spec, self.action_spec = starcraft.specs_for(settings)
        self.random_generator = tf.random.Generator.from_seed(1)

    def initial_state(self, batch_size):
        return (np.zeros((batch_size, 1), np.float32),)

    def step(self, observation, step_type, state, greedy):
        seed = int(self.random_generator.make_seeds(1)[0, 0])
        generator = np.random.default_rng(abs(seed))
        action = {name: generator.integers(0, size, step_type.shape, np.int32)
                  for name, size in self.action_spec.sizes.items()}
        if "available_actions" in observation:
            action["action_type"] = np.array(
                [generator.choice(np.flatnonzero(row))
                 for row in observation["available_actions"]], np.int32)
        return library.AgentStep(action, np.zeros(step_type.shape), {}), state


def evaluate(agent, settings, folder, **options):
    return match_evaluation.evaluate(agent, settings, **{
        "num_matches": 3, "seed": 2, "folder": folder, "num_workers": 0} | options)


def test_matches_are_played_counted_and_written(tmp_path):
    report = evaluate(RandomAgent(), SETTINGS, tmp_path, num_workers=2, action_limit=5,
                      reaction_game_loops=3, save_replays=True, description={"model": "random"})
    assert report.num_matches == 3 and report.results["undecided"] == 3
    assert (report.min_game_loops, report.max_game_loops) == (400, 400)
    # 400 game loops are 3.57 windows of 5 seconds, in each of which 5 actions are possible; an
    # agent that acts every 8 game loops wants more. Repetitions are rare, and free.
    assert 0 < report.actions_per_minute * 400 / 1344 <= 30 and report.limited_share > 0.3
    written = json.loads((tmp_path / "report.json").read_text())
    assert written["series"]["model"] == "random"
    assert written["series"]["settings"]["reaction_game_loops"] == 3
    assert written["report"]["num_matches"] == 3
    assert len(list((tmp_path / "replays").iterdir())) == 3


def test_agents_of_the_raw_interface_play_with_waits(tmp_path):
    settings = dataclasses.replace(
        SETTINGS, interface="raw", arrays=("raw_units", "player"), max_units=16,
        max_selected_units=2, max_delay_game_loops=48, max_game_loops=1200)
    evaluate(RandomAgent(settings), settings, tmp_path, num_matches=2)
    for record in match_records.read_all(tmp_path / "matches", (1, 2)):
        # Waits of 8, 8, 16, ... 48 game loops, 25 on average.
        assert record.game_loops == 1200 and 30 < record.num_decisions < 70
        # Half of the functions are not for a Terran, and many rows hold minerals.
        assert record.num_refused > record.num_actions / 3


def test_the_same_seed_plays_the_same_matches(tmp_path):
    evaluate(RandomAgent(), SETTINGS, tmp_path / "a", num_matches=2)
    evaluate(RandomAgent(), SETTINGS, tmp_path / "b", num_matches=2)
    evaluate(RandomAgent(), SETTINGS, tmp_path / "c", num_matches=2, seed=3)
    a, b, c = (match_records.read_all(tmp_path / name / "matches", (1, 2)) for name in "abc")
    assert a == b
    assert [one.seed for one in a] != [one.seed for one in c]


def test_an_action_takes_effect_after_the_reaction(tmp_path):
    first_loops = []
    for reaction in (0, 36, 41):
        environment = starcraft.StarcraftEnvironment(dataclasses.replace(
            SETTINGS, is_measured=True, reaction_game_loops=reaction), 1)
        action = environment.action_spec.zeros()
        action["action_type"][...] = environment.action_spec.action_types.index("select_rect")
        action["screen2"][...] = 16 * 16 - 1
        environment.reset()
        for _ in range(12):
            environment.step(action)
            action = environment.action_spec.zeros()
            if len(environment.pysc2_observation["multi_select"]):
                break
        first_loops.append(int(environment.pysc2_observation["game_loop"][0]))
        environment.close()
    # Observations are 8 game loops apart: what is done at 0, 36 and 41 is seen in the next one.
    assert first_loops == [8, 40, 48]


def test_settings_that_do_not_fit_are_refused(tmp_path):
    agent = RandomAgent()
    with pytest.raises(ValueError, match="do not fit the agent: the list of observation"):
        evaluate(agent, dataclasses.replace(SETTINGS, arrays=("player",)), tmp_path)
    with pytest.raises(ValueError, match="MoveToBeacon: expected one for two players"):
        evaluate(agent, dataclasses.replace(SETTINGS, map_name="MoveToBeacon"), tmp_path)
    with pytest.raises(ValueError, match="got 0 in"):
        evaluate(agent, SETTINGS, tmp_path, action_limit=0)
    with pytest.raises(ValueError, match="reaction_game_loops: expected at least 0"):
        evaluate(agent, SETTINGS, tmp_path, reaction_game_loops=-1)
    with pytest.raises(ValueError, match="no folder"):
        evaluate(agent, SETTINGS, tmp_path, dataset=tmp_path / "nothing")
    assert not list(tmp_path.iterdir())
