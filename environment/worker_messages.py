"""What `parallel.ParallelEnvironments` and its workers say to each other.

In a module of its own because a worker runs `environment.worker` as its main program, whose classes
its parent could not unpickle. Steps and actions lie in shared memory; over the connection go:

    to the worker    the search path of imports, its `Task`, then RESET, STEP or CLOSE
    from the worker  a list of `Failure` for RESET and STEP, or a `Fatal` before it ends
"""

from typing import NamedTuple

from environment.environment_group import Failure
from environment.specs import ActionSpec, ObservationSpec

RESET, STEP, CLOSE = "reset", "step", "close"


class Task(NamedTuple):
    """What a worker is for.

    Attributes:
        make_environment: pickled `environment_group.MakeEnvironment`.
        observation_spec: what its environments return.
        action_spec: what they take.
        num_environments: of all workers together.
        num_workers: how many there are.
        worker: which of them this one is.
        group: its environments.
        numbers: the number for the next environment of each index in `group`.
    """

    make_environment: bytes
    observation_spec: ObservationSpec
    action_spec: ActionSpec
    num_environments: int
    num_workers: int
    worker: int
    group: slice
    numbers: list[int]


class Fatal(NamedTuple):
    """Why a worker can do nothing more.

    Attributes:
        failure: what happened.
        is_callers_mistake: a setting or an action that cannot be: it would happen again.
    """

    failure: Failure
    is_callers_mistake: bool
