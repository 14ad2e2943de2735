"""A worker process of `parallel.ParallelEnvironments`: steps its environments when told to.

Started as `python -m environment.worker CONTROL_FD MEMORY_FD PARENT_PID`, so that it imports what
its environments need and nothing else: neither the program that started it nor TensorFlow.
"""

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from multiprocessing import connection

from environment import environment_group, shared_steps
from environment.worker_messages import CLOSE, RESET, Fatal, Task

_SECONDS_TO_CLOSE_WITHOUT_PARENT = 5.0


def _exit_with_parent(parent_pid: int) -> None:
    """Ends this process and its games soon after the parent is gone, even if a game hangs."""
    while os.getppid() == parent_pid:
        time.sleep(1.0)
    time.sleep(_SECONDS_TO_CLOSE_WITHOUT_PARENT)  # the main thread also notices, and closes games
    os.killpg(os.getpid(), signal.SIGKILL)


def _load(make_environment: bytes) -> environment_group.MakeEnvironment:
    try:
        return pickle.loads(make_environment)
    except (AttributeError, ImportError) as error:
        raise ValueError("make_environment: a worker process cannot import it. Define it in a "
                         f"module, not in the program that is run ({error}).") from error


def _serve(control: connection.Connection, memory: int) -> None:
    task: Task = control.recv()
    steps = shared_steps.SharedSteps(memory, task.observation_spec, task.action_spec,
                                     task.num_environments, task.num_workers)
    group = None
    try:
        group = environment_group.EnvironmentGroup(
            _load(task.make_environment), task.group, steps, task.worker, task.observation_spec,
            task.numbers)
        while (order := control.recv()) != CLOSE:
            if order == RESET:
                group.reset()
                control.send([])
            else:
                control.send(group.step())
    except EOFError:
        pass  # the parent is gone
    except Exception as error:  # noqa: BLE001 (a game may die of anything; the parent decides)
        index = group.current if group else task.group.start
        failure = environment_group.Failure(
            index, environment_group.describe(error), traceback.format_exc())
        control.send(Fatal(failure, isinstance(error, ValueError)))
    finally:
        if group:
            group.close()


def main(arguments: list[str]) -> None:
    """Serves the parent until it says CLOSE or is gone."""
    control_fd, memory, parent_pid = (int(argument) for argument in arguments)
    threading.Thread(target=_exit_with_parent, args=(parent_pid,), daemon=True).start()
    with connection.Connection(control_fd) as control:
        try:
            sys.path[:] = control.recv()  # what the parent can import, the worker can
            _serve(control, memory)
        except (BrokenPipeError, ConnectionResetError, EOFError):
            pass  # the parent went away while it was spoken to


if __name__ == "__main__":
    main(sys.argv[1:])
