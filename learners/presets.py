"""Settings that suit an environment: what differs from the defaults of a learner.

The defaults are those of the mini-games of StarCraft II. Elsewhere rewards are of another size and
come at another pace.
"""

from typing import Any

_ACTOR_CRITIC: dict[str, dict[str, Any]] = {
    # A landing is worth 100 to 300 and takes some hundreds of steps. The rewards differ from state
    # to state by far more than from action to action, hence normalized advantages. The batches are
    # small: with the teacher that scores 228, 200 was reached in 291 episodes with 16 environments
    # and 8 steps, and in 442 with 32 and 16 (one seed each). Without a teacher they are not good
    # enough yet: a mean of 70 after 229,000 steps was lost again in the next 30,000.
    "LunarLander": {
        "unroll_len": 8,
        "reward_scale": 0.01,
        "discount": 0.995,
        "gae_lambda": 0.97,
        "normalize_advantages": True,
        "adam_epsilon": 1e-5,
        "learning_rate": 1e-3,
        "learning_rate_schedule": "linear",
        "learning_rate_decay_agent_steps": 1_000_000,
        "entropy_decay_agent_steps": 300_000,
    },
}

_NUM_ENVIRONMENTS = {"LunarLander": 16}
_USUAL_NUM_ENVIRONMENTS = 32


def actor_critic(environment: str) -> dict[str, Any]:
    """By name, the settings of `learners.actor_critic` that an environment wants otherwise.

    Args:
        environment: name of a map or of a Gymnasium task, with or without its version.

    Returns:
        A new dictionary; empty for environments that the defaults suit.
    """
    return dict(_ACTOR_CRITIC.get(_family(environment), {}))


def num_environments(environment: str) -> int:
    """How many games are best played at once; the argument is as of `actor_critic`."""
    return _NUM_ENVIRONMENTS.get(_family(environment), _USUAL_NUM_ENVIRONMENTS)


def _family(environment: str) -> str:
    return environment.partition("-v")[0]
