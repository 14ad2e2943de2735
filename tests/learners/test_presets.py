"""Presets are settings that the learner has, for every version of an environment."""

import pytest

from learners import actor_critic, presets


@pytest.mark.parametrize("environment", ["LunarLander", "LunarLander-v3"])
def test_presets_are_settings(environment):
    found = presets.actor_critic(environment)
    assert found["discount"] > actor_critic.ActorCriticSettings().discount
    actor_critic.ActorCriticSettings(**found)
    assert presets.max_agent_steps(environment) > presets.max_agent_steps("MoveToBeacon")


def test_other_environments_keep_the_defaults():
    assert presets.actor_critic("MoveToBeacon") == {}


def test_a_preset_can_be_changed_without_changing_it():
    presets.actor_critic("LunarLander-v3")["discount"] = 0.0
    assert presets.actor_critic("LunarLander-v3")["discount"] > 0
