"""A worker process of `crew`: converts the replays that it is sent.

Started as `python -m data.conversion.worker CONTROL_FD PARENT_PID`, so that it imports what it
needs and nothing else.
"""

import os
import signal
import sys
import threading
import time
from multiprocessing import connection

from absl import logging

from data.conversion import messages, replay_files


def _exit_with_parent(parent_pid: int) -> None:
    """Ends this process and its games when the parent is gone, even if a game hangs."""
    while os.getppid() == parent_pid:
        time.sleep(0.5)
    os.killpg(os.getpid(), signal.SIGKILL)


def _serve(control: connection.Connection) -> None:
    task: messages.Task = control.recv()
    with replay_files.ReplayConverter(task) as converter:
        control.send(messages.READY)
        while True:
            job: messages.Job = control.recv()
            try:
                control.send(converter.convert(job))
            except replay_files.WriteError as error:
                control.send(messages.Fatal(str(error)))


def main(arguments: list[str]) -> None:
    """Serves the parent until it is gone."""
    control_fd, parent_pid = (int(argument) for argument in arguments)
    threading.Thread(target=_exit_with_parent, args=(parent_pid,), daemon=True).start()
    # pysc2 warns of every ability that it does not know; the episode's metadata counts them.
    logging.set_verbosity(logging.ERROR)
    with connection.Connection(control_fd) as control:
        try:
            sys.path[:] = control.recv()  # what the parent can import, the worker can
            _serve(control)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # the parent needs no more


if __name__ == "__main__":
    main(sys.argv[1:])
