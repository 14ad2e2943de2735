"""Playing the embedded game as datasets want it: with waits, with raw units, told of the match."""

import dataclasses

import numpy as np
import pytest

from data.conversion import interfaces
from environment import conditioning, delays, last_action, match_context, starcraft
from environment.conditioning import Built, Conditioning
from environment.specs import StepType

MELEE = starcraft.StarcraftSettings(
    map_name="Simple64", game="minisc2", race="terran", opponent_race="zerg",
    arrays=("player", "available_actions", "game_loop"), max_delay_game_loops=128)
RAW = dataclasses.replace(
    MELEE, interface="raw", arrays=("raw_units", "minimap", "player", "upgrades", "unit_counts"),
    max_units=100, max_selected_units=4, raw_resolution=64)


@pytest.fixture
def begin():
    """Makes environments, and closes them."""
    environments = []

    def make(settings, seed=3):
        environment = starcraft.StarcraftEnvironment(settings, seed)
        environments.append(environment)
        return environment, environment.reset()

    yield make
    for environment in environments:
        environment.close()


def action_of(environment, **values):
    action = environment.action_spec.zeros()
    for name, value in values.items():
        action[name][...] = value
    return action


def game_loop(environment):
    return int(environment.pysc2_observation["game_loop"][0])


def test_a_wait_is_as_long_as_it_says_and_never_nothing(begin):
    environment, _ = begin(MELEE)
    for choice, game_loops in ((0, 8), (1, 8), (2, 16), (16, 128), (3, 24)):
        before = game_loop(environment)
        environment.step(action_of(environment, delay=choice))
        assert game_loop(environment) - before == game_loops
    with pytest.raises(ValueError, match=r"'delay': expected a value in \[0, 17\), got 17"):
        environment.step(action_of(environment, delay=17))


def test_a_wait_ends_at_the_limit_of_the_episode(begin):
    environment, _ = begin(dataclasses.replace(MELEE, max_game_loops=200))
    steps = [environment.step(action_of(environment, delay=16)) for _ in range(2)]
    assert game_loop(environment) == 200  # 128, and what was left
    assert [step.step_type for step in steps] == [StepType.MID, StepType.LAST]
    assert steps[-1].discount == 1
    assert environment.step(action_of(environment)).step_type == StepType.FIRST


def test_rewards_of_a_long_wait_are_those_of_its_steps(begin):
    """The Marine walks to the beacon and stands on it: one point, whenever one looks."""
    beacon = dataclasses.replace(MELEE, map_name="MoveToBeacon", max_game_loops=None,
                                 arrays=("screen", "available_actions"), screen_size=(32, 32))
    rewards, steps = {}, {}
    for choice in (1, 16):
        environment, step = begin(beacon)
        types = environment.action_spec.action_types
        environment.step(action_of(environment, action_type=types.index("select_army")))
        y, x = np.argwhere(step.observation["screen"][..., 0] == 3).mean(0).astype(int)
        move = action_of(environment, action_type=types.index("Move_screen"),
                         screen=y * 32 + x, delay=choice)
        taken = [environment.step(move)]
        while taken[-1].reward == 0 and len(taken) < 40:
            taken.append(environment.step(action_of(environment, delay=choice)))
        rewards[choice] = sum(float(one.reward) for one in taken)
        steps[choice] = len(taken)
    assert rewards == {1: 1.0, 16: 1.0}
    assert steps[16] < steps[1]


def test_a_timer_ends_a_mini_game_in_the_middle_of_a_wait(begin):
    environment, _ = begin(dataclasses.replace(MELEE, map_name="MoveToBeacon"))
    steps = [environment.step(action_of(environment, delay=14)) for _ in range(18)]
    # 1,920 game loops in waits of 112 are 17.1 waits.
    assert [step.step_type for step in steps] == [StepType.MID] * 17 + [StepType.LAST]
    assert steps[-1].discount == 1


def random_raw_action(environment, observation, random):
    """Anything that the encoding allows, mostly of units that are there."""
    action = {name: np.array(random.integers(size), np.int32)
              for name, size in environment.action_spec.sizes.items()}
    num_rows = int((observation["raw_units"][:, 0] > 0).sum())
    for argument in environment.action_spec.arguments:
        if argument.points_to and random.random() < 0.9:
            action[argument.name][...] = random.integers(num_rows + 2)
    return action


@pytest.mark.parametrize("seed, num_steps", [
    (1, 100), pytest.param(2, 600, marks=pytest.mark.slow)])
def test_random_raw_actions_never_stop_a_match(begin, seed, num_steps):
    environment, step = begin(dataclasses.replace(
        RAW, context_arrays=match_context.ARRAY_NAMES), seed)
    random = np.random.default_rng(seed)
    for _ in range(num_steps):
        action = random_raw_action(environment, step.observation, random)
        action["delay"][...] //= 4
        step = environment.step(action)
        environment.observation_spec.validate(step.observation)
    assert 0 < environment.num_impossible_actions < num_steps


def test_random_available_actions_never_stop_a_match(begin):
    environment, step = begin(dataclasses.replace(
        MELEE, arrays=interfaces.DEFAULT_ARRAYS["feature_layers"], screen_size=(20, 24),
        minimap_size=(18, 16), context_arrays=match_context.ARRAY_NAMES))
    random = np.random.default_rng(0)
    for _ in range(150):
        action = {name: np.array(random.integers(size), np.int32)
                  for name, size in environment.action_spec.sizes.items()}
        action["action_type"][...] = random.choice(
            np.flatnonzero(step.observation["available_actions"]))
        action["delay"][...] //= 4
        step = environment.step(action)
        environment.observation_spec.validate(step.observation)
        environment.action_spec.validate(action)
    assert environment.num_impossible_actions == 0


def test_a_raw_action_does_what_it_says_with_whom_it_says(begin):
    environment, step = begin(RAW)
    names = [feature.name for feature in
             environment.observation_spec.by_name["raw_units"].features]
    units, types = step.observation["raw_units"], environment.action_spec.action_types
    centre = np.flatnonzero(units[:, 0] == 18)  # Command Center
    assert units[centre, names.index("order_length")].tolist() == [0]
    step = environment.step(action_of(
        environment, action_type=types.index("Train_SCV_quick"), unit_0=centre[0] + 1))
    units = step.observation["raw_units"]
    centre = np.flatnonzero(units[:, 0] == 18)
    assert units[centre, names.index("order_length")].tolist() == [1]
    assert step.observation["player"][1] == 0  # 50 minerals are spent
    worker, mineral = np.flatnonzero(units[:, 0] == 45)[0], np.flatnonzero(units[:, 0] == 341)[0]
    place = 30 * 64 + 30
    environment.step(action_of(
        environment, action_type=types.index("Move_pt"), unit_0=worker + 1, world=place))
    environment.step(action_of(
        environment, action_type=types.index("Harvest_Gather_unit"), unit_0=worker + 1,
        target_unit=mineral))
    assert environment.num_impossible_actions == 0


@pytest.mark.parametrize("values", [
    {"unit_0": 0}, {"unit_0": 100}, {"unit_0": 1, "unit_1": 100}, {"unit_0": 1, "target_unit": 99}])
def test_what_is_impossible_is_nothing_and_is_counted(begin, values):
    environment, _ = begin(RAW)
    types = environment.action_spec.action_types
    before = game_loop(environment)
    step = environment.step(action_of(
        environment, action_type=types.index("Attack_unit"), delay=2, **values))
    assert environment.num_impossible_actions == 1
    assert step.step_type == StepType.MID and game_loop(environment) == before + 16


def test_who_sees_what_is_available_must_keep_to_it_and_nobody_else(begin):
    environment, _ = begin(MELEE)
    build = action_of(environment, action_type=environment.action_spec.action_types.index(
        "Build_Barracks_screen"))
    with pytest.raises(ValueError, match="not available now"):
        environment.step(build)
    blind, _ = begin(dataclasses.replace(MELEE, arrays=("player",)))
    blind.step(build)
    assert blind.num_impossible_actions == 1


def test_the_context_of_a_match(begin):
    told = Conditioning(mmr=6200, build_order=(Built(19, 30, 40),))
    environment, step = begin(dataclasses.replace(
        MELEE, context_arrays=("last_action", *conditioning.ARRAYS), told=told))
    assert list(step.observation) == [
        "player", "available_actions", "game_loop", "last_action", *conditioning.ARRAYS]
    # Races that nobody told are those that are played.
    expected = conditioning.encode(dataclasses.replace(
        told, race="terran", opponent_race="zerg"))
    assert not step.observation["last_action"].any()
    for action, shown in (({"delay": 5}, [1, 5, 0]), ({"delay": 0}, [1, 1, 0])):
        step = environment.step(action_of(environment, **action))
        assert step.observation["last_action"].tolist() == shown  # it waited, whatever it wanted
        for name, value in expected.items():
            np.testing.assert_array_equal(step.observation[name], value)
    assert not environment.reset().observation["last_action"].any()


def test_names_that_no_context_has_are_refused():
    with pytest.raises(ValueError, match="context_arrays: expected different names of"):
        starcraft.specs_for(dataclasses.replace(MELEE, context_arrays=("weather",)))
    with pytest.raises(ValueError, match="interface: expected one of feature_layers, raw"):
        starcraft.specs_for(dataclasses.replace(MELEE, interface="pixels"))


def test_without_delays_nothing_has_changed():
    plain = dataclasses.replace(MELEE, max_delay_game_loops=0)
    assert delays.DELAY not in starcraft.specs_for(plain)[1].sizes
    assert last_action.NAME not in starcraft.specs_for(plain)[0].by_name
