"""One file an algorithm: turns experience and losses into updates of an agent's weights.

A learner gets its agent through its constructor, and its `step(...)` returns scalars by TensorBoard
tag. It writes nothing and saves nothing; the loops around learners (`training`,
`supervised_training`) tell what happens to outlets.

| algorithm | learner | loop | learns from |
| --- | --- | --- | --- |
| advantage actor-critic | `actor_critic` | `training` | trajectories of `actor`, a `teacher` |
| supervised learning | `supervised` | `supervised_training` | batches of replays |

Another algorithm takes what it shares with these: `gradients` clips and refuses what is not finite,
`schedules` changes the learning rate, `adam` applies gradients on one device or several, `measures`
and `tally` compare a policy with a teacher's actions, and `supervised_training.train` runs any
learner that has `step`, `evaluate` and `scalars`.
"""


class DivergenceError(RuntimeError):
    """A loss or a gradient is infinite or not a number; the weights are as they were before."""
