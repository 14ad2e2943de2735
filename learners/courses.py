"""A course is everything that a training consists of: data, learner, loop, and what is saved of it.

    course = Imitation(agent, data, windows, settings, limits)
    reason = course.train(outlets)

Whoever runs it saves `variables` and `progress`, and may restore both before it trains.
"""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from learners import actor, actor_critic, supervised, supervised_training, training
from learners import teacher as teacher_lib

_VALIDATION_LANES = 4
"""Times the lanes of training: nothing is kept for gradients, and it is over sooner."""


class Playing:
    """Learning by playing, with advantage actor-critic, alone or close to a teacher.

    Attributes:
        counter: name of what of the progress the curves are drawn over.
        total: where that ends; None where nobody knows.
        settings: numbers of the learner, to be written down.
        progress: a `training.Progress`.
        variables: by group, what a run that goes on needs.
    """

    counter = "num_agent_steps"

    def __init__(self, agent: Any,
                 make_environments: Callable[[int], contextlib.AbstractContextManager],
                 settings: actor_critic.ActorCriticSettings, limits: training.Limits,
                 teacher: teacher_lib.Teacher | None = None):
        """Args:
        agent: an `agent.Agent`.
        make_environments: given the agent steps that were played before, opens the games.
        settings: of the learner.
        limits: of the loop.
        teacher: see `actor_critic.ActorCriticLearner`.

        Raises:
            ValueError: there is a `kl_cost` and no teacher.
        """
        self.settings, self.total, self.progress = (
            settings, limits.max_agent_steps, training.Progress())
        self._agent, self._make_environments, self._limits = agent, make_environments, limits
        self._learner = actor_critic.ActorCriticLearner(agent, settings, teacher)
        self.variables = {
            "network": agent.network.variables,
            "optimizer": [*self._learner.optimizer.variables, self._learner.num_agent_steps],
            "random": [agent.random_generator.state]}
        if teacher:
            self.variables["teacher"] = teacher.variables
        self._environments: Any = None

    def restore(self, progress: dict[str, Any]) -> None:
        """Takes the progress of the run that is continued; `variables` are assigned by others."""
        self.progress = training.Progress(**progress)

    def train(self, outlets: training.Outlets) -> str:
        """Trains; see `training.train`."""
        # A run that goes on must not see the games from the beginning again.
        with self._make_environments(self.progress.num_agent_steps) as self._environments:
            collector = actor.Actor(self._agent, self._environments, self.settings.unroll_len)
            return training.train(collector, self._learner, self.progress, self._limits, outlets)

    def scalars(self) -> dict[str, float]:
        """What the loop does not report, by tag."""
        return {"episode/dropped": self._environments.num_dropped_episodes,
                "environment/restarts": self._environments.num_restarts}


class Imitation:
    """Learning to act as the players of a dataset did.

    Attributes:
        counter, total, settings, variables: as of `Playing`.
        progress: a `supervised_training.Progress`.
        limits: of the loop.
        epoch_transitions: actions in an epoch.
    """

    counter = "num_updates"

    def __init__(self, agent: Any, data: Any, windows: Any,
                 settings: supervised.SupervisedSettings, limits: supervised_training.Limits,
                 validation_batches: int | None = None,
                 strategy: tf.distribute.Strategy | None = None):
        """Args:
        agent: an `agent.Agent`.
        data: a `data.imitation.ImitationData`, or anything with its `files`, `batches`,
            `num_transitions` and `num_damaged`.
        windows: a `data.lanes.LaneSettings`: how episodes become batches.
        settings: of the learner.
        limits: of the loop.
        validation_batches: a validation ends after so many; None takes all.
        strategy: see `supervised.SupervisedLearner`.

        Raises:
            ValueError: there is nothing to learn in the data, or the lanes cannot be divided.
        """
        num_devices = strategy.num_replicas_in_sync if strategy else 1
        if windows.batch_size % (settings.num_parts * num_devices):
            raise ValueError(
                f"batch_size: {windows.batch_size} lanes cannot be divided evenly among num_parts "
                f"{settings.num_parts} on {num_devices} devices.")
        self.settings, self.limits, self.total = settings, limits, limits.max_updates
        self._data = data
        self._learner = supervised.SupervisedLearner(agent, settings, strategy)
        self._lanes = supervised_training.Lanes(agent, windows.batch_size)
        self.progress = supervised_training.Progress()
        self.epoch_transitions = data.num_transitions("training")
        self._batches = supervised_training.Batches(
            training=lambda first: data.batches("training", windows, first),
            validation=_validation(data, windows, validation_batches),
            epoch_transitions=self.epoch_transitions)
        self.variables = {
            "network": agent.network.variables, "optimizer": self._learner.variables,
            "lanes": self._lanes.variables, "random": [agent.random_generator.state]}

    def restore(self, progress: dict[str, Any]) -> None:
        """Takes the progress of the run that is continued; `variables` are assigned by others."""
        self.progress = supervised_training.Progress(**progress)

    def train(self, outlets: supervised_training.Outlets) -> str:
        """Trains; see `supervised_training.train`."""
        return supervised_training.train(self._batches, self._learner, self._lanes, self.progress,
                                         self.limits, outlets)

    def scalars(self) -> dict[str, float]:
        """What the loop does not report, by tag."""
        return {"data/epochs": self.progress.num_transitions / self.epoch_transitions,
                "data/damaged_files": self._data.num_damaged}


def _validation(data: Any, windows: Any, num_batches: int | None) -> Callable[[], Any] | None:
    """The same batches whenever it is called; None without episodes for validation."""
    num_episodes = len(data.files["validation"])
    if not num_episodes:
        return None
    batches = data.batches("validation", dataclasses.replace(
        windows, num_epochs=1, shuffle=False,
        batch_size=min(_VALIDATION_LANES * windows.batch_size, num_episodes)))
    return lambda: batches if num_batches is None else batches.take(num_batches)
