"""What the agent did last, as an observation array: which function, how long ago, queued or not.

It is made of the actions themselves and not of what the game reports, so that it is the same in a
batch of a dataset and in a match: what was decided at the decision before this one.

Source: Vinyals et al. 2019, supplementary architecture description ("last delay", "last action
type", "last repeat and queued").
"""

from collections.abc import Mapping

import numpy as np

from environment.delays import DELAY
from environment.specs import ACTION_TYPE, ActionSpec, ArraySpec, Feature, Kind

NAME = "last_action"
_QUEUED = "queued"


def array_spec(action_spec: ActionSpec) -> ArraySpec:
    """uint16 [1 + number of these arguments]: `delay` and `queued`, as far as the actions have
    them. The type is the id + 1; everything is 0 before the first action."""
    sizes = action_spec.sizes
    columns = (Feature("last_action_type", num_categories=sizes[ACTION_TYPE] + 1),
               *(Feature(f"last_{name}", num_categories=sizes[name])
                 for name in (DELAY, _QUEUED) if name in sizes))
    return ArraySpec(NAME, Kind.VECTOR, (len(columns),), "uint16", columns)


def encode(action: Mapping[str, np.ndarray]) -> np.ndarray:
    """The array after these actions.

    Args:
        action: int32 [...] for every component of the action spec.

    Returns:
        uint16 [..., F].
    """
    values = [np.asarray(action[ACTION_TYPE]) + 1,
              *(np.asarray(action[name]) for name in (DELAY, _QUEUED) if name in action)]
    return np.stack(values, axis=-1).astype(np.uint16)
