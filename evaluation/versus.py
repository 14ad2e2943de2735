"""Two agents as one, for matches against each other.

What `environment.starcraft_versus` puts into one observation is taken apart here, each agent is
asked for those matches in which it is due, and their actions are put together again.
"""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from environment import specs, starcraft_versus


class PairStep(NamedTuple):
    """What both did; see `agent.AgentStep`.

    Attributes:
        action: of both, int32 [B] each.
        value: of the agent at home, in the matches in which it is due; None if there are none.
        logits: likewise.
    """

    action: specs.Action
    value: np.ndarray | None
    logits: dict[str, Any] | None


class Pair:
    """An agent and its opponent, which plays the same matches from the other side.

    Attributes:
        agents: the agent and its opponent.
        observation_spec: of `starcraft_versus`, for the specs of both.
        action_spec: likewise.
        random_generators: of both.
    """

    def __init__(self, agent: Any, opponent: Any):
        self.agents = (agent, opponent)
        self.observation_spec, self.action_spec = starcraft_versus.combined_specs(
            *((one.observation_spec, one.action_spec) for one in self.agents))
        self.random_generators = tuple(one.random_generator for one in self.agents)

    def initial_state(self, batch_size: int) -> Any:
        """The states of both."""
        return tuple(one.initial_state(batch_size) for one in self.agents)

    def step(self, observation: specs.Observation, step_type: np.ndarray, state: Any,
             greedy: bool = False) -> tuple[PairStep, Any]:
        """Asks each of the two for the matches in which it is due.

        The state of an agent that is not due stays as it is: it has seen nothing.
        """
        is_due = observation[starcraft_versus.IS_DUE]
        parts = starcraft_versus.split_observation(observation)
        actions, states, steps = [], [], []
        for index, (one, own, before) in enumerate(zip(self.agents, parts, state, strict=True)):
            rows = np.flatnonzero(is_due[:, index])
            action = one.action_spec.zeros(step_type.shape)
            after = tf.nest.map_structure(np.array, before)
            decided = None
            if len(rows):
                decided, new = one.step(
                    {name: array[rows] for name, array in own.items()}, step_type[rows],
                    tf.nest.map_structure(lambda leaf, rows=rows: leaf[rows], after), greedy)
                for name, values in decided.action.items():
                    action[name][rows] = values
                tf.nest.map_structure(
                    lambda leaf, value, rows=rows: leaf.__setitem__(rows, np.asarray(value)),
                    after, new)
            actions.append(action)
            states.append(after)
            steps.append(decided)
        home = steps[0]
        return PairStep(starcraft_versus.join_actions(*actions), home and home.value,
                        home and home.logits), tuple(states)
