"""Gymnasium's tasks keep the promises of every environment, and say which of them cannot be."""

import functools
import sys

import gymnasium
import numpy as np
import pytest

from environment import gymnasium_environment, parallel
from environment.gymnasium_environment import OBSERVATION, GymnasiumEnvironment
from environment.specs import Kind, StepType
from tests.environment import contract, gymnasium_tasks

LANDER = "LunarLander-v3"


class TestLunarLander(contract.EnvironmentContract):
    max_episode_len = 250  # who falls at random falls within these

    def make(self, seed=0):
        return GymnasiumEnvironment(LANDER, seed)


class TestCartPole(contract.EnvironmentContract):
    max_episode_len = 120

    def make(self, seed=0):
        return GymnasiumEnvironment("CartPole-v1", seed)


def action(choice):
    return {"action_type": np.array(choice, np.int32)}


def played(environment, choices):
    return [environment.reset(), *(environment.step(action(choice)) for choice in choices)]


def test_the_specs_of_lunar_lander():
    observation_spec, action_spec = gymnasium_environment.specs_for(LANDER)
    (array,) = observation_spec.arrays
    assert (array.name, array.kind, array.shape, array.dtype) == (
        "observation", Kind.VECTOR, (8,), "float32")
    assert {feature.scale for feature in array.features} == {1.0}
    assert action_spec.sizes == {"action_type": 4}
    assert action_spec.uses.shape == (4, 0)


def test_a_terminal_state_has_discount_0_and_a_time_limit_1():
    name = gymnasium_tasks.register("Told-v0", max_episode_steps=3)
    # Choices 0 and 1 are the actions 3, which terminates, and 4; both say what they are.
    steps = played(GymnasiumEnvironment(name, 0), [1, 0, 1, 1, 1, 1, 1, 1, 0, 1])
    found = [(StepType(int(step.step_type)).name, float(step.reward), float(step.discount),
              step.observation[OBSERVATION].tolist()) for step in steps]
    assert found == [
        ("FIRST", 0, 1, [0, 0]), ("MID", 4, 1, [1, 1]), ("LAST", 3, 0, [2, 2]),
        ("FIRST", 0, 1, [0, 0]), ("MID", 4, 1, [1, 1]), ("MID", 4, 1, [2, 2]),
        ("LAST", 4, 1, [3, 3]),  # time is up
        ("FIRST", 0, 1, [0, 0]), ("MID", 4, 1, [1, 1]), ("LAST", 3, 0, [2, 2]),
        ("FIRST", 0, 1, [0, 0])]


def test_a_terminal_state_at_the_time_limit_is_terminal():
    name = gymnasium_tasks.register("Told-v0", max_episode_steps=3)
    last = played(GymnasiumEnvironment(name, 0), [1, 1, 0])[-1]
    assert (last.step_type, last.discount) == (StepType.LAST, 0)


def test_episodes_of_a_seed_differ_and_those_of_seeds_too():
    def beginnings(seed):
        environment = GymnasiumEnvironment(LANDER, seed)
        return [tuple(environment.reset().observation[OBSERVATION]) for _ in range(3)]

    assert beginnings(1) == beginnings(1)
    assert len({*beginnings(1), *beginnings(2)}) == 6


@pytest.mark.parametrize(("number", "options", "shape", "dtype", "scale"), [
    (1, {"shape": (4, 6, 3), "dtype": np.uint8, "high": 255}, (4, 6, 3), "uint8", 255.0),
    (2, {"shape": (4, 6), "dtype": np.uint8, "high": 255}, (4, 6, 1), "uint8", 255.0),
    (3, {"shape": (4, 6, 2), "dtype": np.float64, "high": 1.0}, (4, 6, 2), "float32", 1.0),
])
def test_images_are_planes(number, options, shape, dtype, scale):
    name = gymnasium_tasks.register(f"Image-v{number}", **options)
    (array,) = gymnasium_environment.specs_for(name)[0].arrays
    assert (array.kind, array.shape, array.dtype) == (Kind.PLANES, shape, dtype)
    assert {feature.scale for feature in array.features} == {scale}
    environment = GymnasiumEnvironment(name, 0)
    for step in played(environment, [1, 1]):
        environment.observation_spec.validate(step.observation)


@pytest.mark.parametrize(("high", "scale"), [
    (10.0, 1.0), (300.0, 300.0), (np.inf, 1.0), (np.finfo(np.float32).max, 1.0)])
def test_only_wide_bounds_of_a_vector_scale_it(high, scale):
    name = gymnasium_tasks.register(f"Wide{str(high)[:3].replace('.', '')}-v0", high=high)
    observation_spec, _ = gymnasium_environment.specs_for(name)
    assert {feature.scale for feature in observation_spec.arrays[0].features} == {scale}


def test_atari_names_its_actions():
    class Named(gymnasium_tasks.Told):
        def get_action_meanings(self):
            return ["NOOP", "FIRE"]

    name = gymnasium_tasks.register("Named-v0", Named)
    assert gymnasium_environment.specs_for(name)[1].action_types == ("NOOP", "FIRE")


@pytest.mark.parametrize(("name", "words"), [
    ("LunerLander-v3", "Did you mean: `LunarLander`"), ("LunarLander-v1", "v3"),
    ("ALE/Pong-v5", "ALE"), ("no_such_module:Task-v0", "no_such_module"),
    ("Pendulum-v1", r"action space Box\(.*choice among some actions"),
    ("FrozenLake-v1", r"observation space Discrete\(16\).*vectors and images")])
def test_what_cannot_be_played_is_one_clear_line(name, words):
    with pytest.raises(ValueError, match=words) as caught:
        gymnasium_environment.specs_for(name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("space", [
    gymnasium.spaces.Dict({"a": gymnasium.spaces.Box(0, 1, (2,)),
                           "b": gymnasium.spaces.Discrete(2)}),
    gymnasium.spaces.Box(0, 1, (2, 2, 2, 2)), gymnasium.spaces.MultiBinary(3)])
def test_other_observation_spaces_are_refused(space):
    name = gymnasium_tasks.register(f"Refused{type(space).__name__}-v0", gymnasium_tasks.Refused,
                                    observation_space=space)
    with pytest.raises(ValueError, match="Only vectors and images") as caught:
        GymnasiumEnvironment(name, 0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("package", "words"), [
    ("Box2D", "Box2D is not installed: pip install box2d, as requirements.txt says"),
    ("gymnasium", "Gymnasium is not installed: pip install -r requirements.txt")])
def test_a_missing_package_is_one_line(monkeypatch, package, words):
    for loaded in [name for name in sys.modules if name.startswith("gymnasium.envs.box2d")]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ValueError, match=words) as caught:
        gymnasium_environment.specs_for(LANDER)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("choice", "seed"), [(4, 0), (-1, 0), (0, -1)])
def test_impossible_values_are_refused(choice, seed):
    with pytest.raises(ValueError, match="expected a"):
        played(GymnasiumEnvironment(LANDER, seed), [choice])


def test_names_are_told_from_maps():
    for name in (LANDER, "ALE/Pong-v5", "CartPole-v1"):
        assert gymnasium_environment.is_name(name)
    for name in ("MoveToBeacon", "Simple64", "AbyssalReef", "", "v3", "LunarLander-v"):
        assert not gymnasium_environment.is_name(name)


def test_workers_play_what_this_process_plays():
    make = functools.partial(GymnasiumEnvironment, LANDER)
    specs = gymnasium_environment.specs_for(LANDER)
    random = np.random.default_rng(0)
    with (parallel.ParallelEnvironments(make, 4, 2, *specs) as spread,
          parallel.ParallelEnvironments(make, 4, 0, *specs) as here):
        spread.reset()
        here.reset()
        num_last = 0
        for _ in range(150):
            groups = [spread.receive(group) for group in range(2)]
            (step,) = [here.receive(0)]
            for one, *others in zip(step[:3], *(group[:3] for group in groups), strict=True):
                np.testing.assert_array_equal(one, np.concatenate(others))
            np.testing.assert_array_equal(step.observation[OBSERVATION], np.concatenate(
                [group.observation[OBSERVATION] for group in groups]))
            num_last += (step.step_type == StepType.LAST).sum()
            choices = random.integers(0, 4, 4).astype(np.int32)
            here.send(0, action(choices))
            for group in range(2):
                spread.send(group, action(choices[spread.group_slice(group)]))
        assert num_last and not spread.num_restarts
