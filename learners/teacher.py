"""A policy that a learner is kept close to: frozen weights, and a memory of its own.

The teacher sees what the student saw and is asked, for every argument, what it would have chosen
after the arguments that the student did choose. Its memory runs through the episodes beside the
student's: it is the teacher's state after everything seen so far, and zero where an episode begins.

Source: AlphaStar (Nature 2019), Methods: the divergence from the supervised policy.
"""

from typing import Any

import tensorflow as tf

from environment import spec_differences, specs


class Teacher:
    """An agent that judges trajectories and never learns.

    Attributes:
        num_environments: B of the trajectories.
        variables: its memory, which a run that goes on in the middle of episodes needs; none for a
            network without memory.
    """

    def __init__(self, agent: Any, student: Any, num_environments: int):
        """Args:
            agent: the teacher: has `initial_state`, `unroll` and both specs, as `agent.Agent`. Its
                weights are whatever it was loaded with; nothing here changes them.
            student: the agent that learns; has both specs.
            num_environments: that the student plays, in one trajectory after the other.

        Raises:
            ValueError: the teacher sees or does something else than the student; or no environment.
        """
        difference = spec_differences.first(_specs(agent), _specs(student), where="of the teacher")
        if difference:
            raise ValueError(f"The teacher was made for something else: {difference}. Take a "
                             "teacher of the same environment and the same interface.")
        if num_environments < 1:
            raise ValueError(f"num_environments: expected at least 1, got {num_environments}.")
        self.num_environments = num_environments
        self._agent = agent
        self._state = tf.nest.map_structure(
            lambda leaf: tf.Variable(leaf, trainable=False, name="teacher_state"),
            agent.initial_state(num_environments))

    @property
    def variables(self) -> list[tf.Variable]:
        return tf.nest.flatten(self._state)

    def judge(self, trajectory: specs.Trajectory) -> tuple[dict[str, tf.Tensor], Any]:
        """What it would have done; its memory stays where it is.

        Args:
            trajectory: T steps of B environments, which follow those of the last `remember`.

        Returns:
            float32 [T, B, A] logits by argument, without gradients, and its state before
            observation T, for `remember`.
        """
        state = tf.nest.map_structure(tf.convert_to_tensor, self._state)
        unroll = self._agent.unroll(trajectory.observations, trajectory.step_types,
                                    trajectory.actions, state)
        return ({name: tf.stop_gradient(logits) for name, logits in unroll.logits.items()},
                unroll.final_state)

    def remember(self, state: Any) -> None:
        """Moves its memory on to a state from `judge`."""
        for variable, value in zip(self.variables, tf.nest.flatten(state), strict=True):
            variable.assign(value)


def _specs(agent: Any) -> spec_differences.Specs:
    return agent.observation_spec, agent.action_spec
