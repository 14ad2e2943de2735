"""Tasks of Gymnasium that do as they are told, for tests."""

import gymnasium
import numpy as np

BOUND = 5.0
TERMINATE, GO_ON = 3, 4
"""Actions; they begin at 3."""


class Told(gymnasium.Env):
    """Counts its steps into an array that it shows again and again; ends where it is told to."""

    def __init__(self, shape=(2,), dtype=np.float32, high=BOUND):
        self.observation_space = gymnasium.spaces.Box(0, high, shape, dtype)
        self.action_space = gymnasium.spaces.Discrete(2, start=3)
        self._shown = np.zeros(shape, dtype)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._shown[...] = 0
        return self._shown, {}

    def step(self, action):
        self._shown += 1
        return self._shown, float(action), action == TERMINATE, False, {}


class Refused(Told):
    """With spaces of the reader's choice."""

    def __init__(self, **spaces):
        super().__init__()
        vars(self).update(spaces)


def register(name, kind=Told, max_episode_steps=3, **options):
    """Makes a task known under a name, from then on."""
    if name not in gymnasium.registry:
        gymnasium.register(name, kind, max_episode_steps=max_episode_steps, kwargs=options)
    return name
