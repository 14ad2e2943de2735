"""Settings that suit an environment: what differs from the defaults of a learner.

The defaults are those of the mini-games of StarCraft II. Elsewhere rewards are of another size and
come at another pace.
"""

from typing import Any

_ACTOR_CRITIC: dict[str, dict[str, Any]] = {
    # A landing is worth 100 to 300 and takes some hundreds of steps. The rewards differ from state
    # to state by far more than from action to action, hence normalized advantages.
    "LunarLander": {
        "unroll_len": 32,
        "reward_scale": 0.01,
        "discount": 0.99,
        "gae_lambda": 0.97,
        "normalize_advantages": True,
        "adam_epsilon": 1e-5,
        "learning_rate": 1.5e-3,
        "learning_rate_schedule": "linear",
        "learning_rate_decay_agent_steps": 3_000_000,
        "entropy_decay_agent_steps": 1_000_000,
    },
}

_MAX_AGENT_STEPS = {"LunarLander": 3_000_000}
_USUAL_MAX_AGENT_STEPS = 1_000_000


def actor_critic(environment: str) -> dict[str, Any]:
    """By name, the settings of `learners.actor_critic` that an environment wants otherwise.

    Args:
        environment: name of a map or of a Gymnasium task, with or without its version.

    Returns:
        A new dictionary; empty for environments that the defaults suit.
    """
    return dict(_ACTOR_CRITIC.get(_family(environment), {}))


def max_agent_steps(environment: str) -> int:
    """After how many agent steps training may end; the argument is as of `actor_critic`."""
    return _MAX_AGENT_STEPS.get(_family(environment), _USUAL_MAX_AGENT_STEPS)


def _family(environment: str) -> str:
    return environment.partition("-v")[0]
