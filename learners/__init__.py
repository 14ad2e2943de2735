"""One file an algorithm: turns trajectories and losses into updates of an agent's weights.

A learner gets its agent through its constructor, and its `step(trajectory)` returns scalars by
TensorBoard tag. It writes nothing and saves nothing.
"""


class DivergenceError(RuntimeError):
    """A loss or a gradient is infinite or not a number; the weights are as they were before."""
