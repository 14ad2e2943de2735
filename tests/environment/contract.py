"""What every environment promises, whichever game is behind it."""

import itertools

import numpy as np
import pytest

from environment.specs import ACTION_TYPE, Kind, StepType


def random_action(observation_spec, action_spec, observation, random):
    """Any action that is available in an observation; arguments that are not used stay 0."""
    masks = observation_spec.of_kind(Kind.MASK)  # none: everything is available
    action = action_spec.zeros()
    action_type = random.choice(np.flatnonzero(observation[masks[0].name]) if masks
                                else action_spec.num_action_types)
    action[ACTION_TYPE][...] = action_type
    for argument, used in zip(action_spec.arguments, action_spec.uses[action_type], strict=True):
        if used:
            action[argument.name][...] = random.integers(argument.size)
    return action


class EnvironmentContract:
    """Tests for a subclass that defines `make(seed)` and `max_episode_len`, in steps."""

    max_episode_len: int

    def make(self, seed=0):
        raise NotImplementedError

    def observation_spec(self, environment):
        return environment.observation_spec

    def action_spec(self, environment):
        return environment.action_spec

    @pytest.fixture
    def environment(self):
        environment = self.make()
        yield environment
        environment.close()

    def play(self, environment, num_steps, seed=0):
        """The steps of a random agent, the first one from reset()."""
        random = np.random.default_rng(seed)
        steps = [environment.reset()]
        for _ in range(num_steps):
            action = random_action(self.observation_spec(environment),
                                   self.action_spec(environment), steps[-1].observation, random)
            steps.append(environment.step(action))
        return steps

    def check(self, environment, step):
        self.observation_spec(environment).validate(step.observation)
        for value, dtype in ((step.step_type, np.int8), (step.reward, np.float32),
                             (step.discount, np.float32)):
            assert value.dtype == dtype and value.shape == ()
        assert np.isfinite(step.reward)
        if step.step_type == StepType.FIRST:
            assert (step.reward, step.discount) == (0, 1)
        if step.step_type == StepType.MID:
            assert step.discount == 1
        assert step.discount in (0, 1)
        for array in self.observation_spec(environment).arrays:
            value = step.observation[array.name]
            for i, feature in enumerate(array.features):
                if feature.num_categories:
                    assert 0 <= value[..., i].min() <= value[..., i].max() < feature.num_categories
            if array.kind is Kind.ENTITIES:  # real rows first, zeros behind
                is_real = value[:, 0] != 0
                assert not is_real[np.argmin(is_real):].any() or is_real.all()
                assert not value[~is_real].any()

    def test_episodes_follow_one_another(self, environment):
        steps = self.play(environment, num_steps=2 * self.max_episode_len + 4)
        for step in steps:
            self.check(environment, step)
        types = [StepType(int(step.step_type)) for step in steps]
        assert types[0] is StepType.FIRST
        for before, after in itertools.pairwise(types):
            assert (after is StepType.FIRST) == (before is StepType.LAST)
        assert types.count(StepType.LAST) >= 2

    def test_reset_in_the_middle_starts_an_episode(self, environment):
        self.play(environment, num_steps=2)
        step = environment.reset()
        self.check(environment, step)
        assert step.step_type == StepType.FIRST

    def test_the_action_after_the_last_step_is_ignored(self, environment):
        step = environment.reset()
        random = np.random.default_rng(0)
        specs = self.observation_spec(environment), self.action_spec(environment)
        while step.step_type != StepType.LAST:
            step = environment.step(random_action(*specs, step.observation, random))
        anything = specs[1].zeros()
        anything[ACTION_TYPE][...] = specs[1].num_action_types - 1
        assert environment.step(anything).step_type == StepType.FIRST

    def test_observations_are_not_written_to_later(self, environment):
        (first, *_rest) = self.play(environment, num_steps=0)
        before = {name: array.copy() for name, array in first.observation.items()}
        self.play(environment, num_steps=3)
        for name, array in first.observation.items():
            np.testing.assert_array_equal(array, before[name])

    def test_same_seed_same_steps(self):
        records = []
        for _ in range(2):
            environment = self.make(seed=3)
            records.append(self.play(environment, num_steps=self.max_episode_len + 3))
            environment.close()
        for a, b in zip(*records, strict=True):
            assert (a.step_type, a.reward, a.discount) == (b.step_type, b.reward, b.discount)
            for name, array in a.observation.items():
                np.testing.assert_array_equal(array, b.observation[name])

    def test_closing_twice_is_allowed(self):
        environment = self.make()
        environment.reset()
        environment.close()
        environment.close()
