"""A worker process, seen from the process that started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from multiprocessing import connection
from pathlib import Path

from absl import logging

from environment.environment_group import Failure, describe
from environment.worker_messages import CLOSE, Fatal, Task

_SECONDS_TO_CLOSE = 10.0
_SECONDS_TO_EXIT = 1.0


class WorkerProcess:
    """Starts a worker, gives it orders and waits for its answers.

    Args:
        task: what it is for.
        memory: file descriptor of the shared steps.
        count_progress: how many single starts and steps it has finished.
    """

    def __init__(self, task: Task, memory: int, count_progress: Callable[[], int]):
        self._count_progress = count_progress
        self._progress_at_order = count_progress()
        self._group = task.group
        self._control, theirs = connection.Pipe()
        root = str(Path(__file__).resolve().parents[1])
        search_path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "environment.worker", str(theirs.fileno()), str(memory),
                 str(os.getpid())],
                # pysc2's stopwatch around every small function takes 12 % of a step.
                env={**os.environ, "PYTHONPATH": search_path, "SC2_NO_STOPWATCH": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), memory),
                # A session of its own: Ctrl-C at the terminal reaches the parent only, and the
                # games that the worker starts can be ended together with it.
                start_new_session=True)
        self._send(sys.path)
        self._send(task)

    @property
    def pid(self) -> int:
        return self._process.pid

    def _send(self, message: object) -> None:
        try:
            self._control.send(message)
        except OSError:
            pass  # it died; the next receive() finds that out and says so

    def order(self, word: str) -> None:
        """Tells the worker to RESET or to STEP; `receive` waits for its answer."""
        self._progress_at_order = self._count_progress()
        self._send(word)

    def receive(self, timeout_seconds: float) -> list[Failure] | Fatal:
        """Waits for the answer to the last order.

        Args:
            timeout_seconds: it hangs when a single start or step takes longer than this (or, as
                progress is only looked at so often, than twice this).

        Returns:
            The environments that the worker replaced, or why it can do nothing more: it failed,
            it died, or it hangs.
        """
        progress = self._count_progress()
        while not self._control.poll(timeout_seconds):
            if self._count_progress() == progress:
                return self._lost(f"its worker made no progress in {timeout_seconds:g} seconds")
            progress = self._count_progress()
        try:
            return self._control.recv()
        except (EOFError, OSError):
            try:
                code = self._process.wait(_SECONDS_TO_EXIT)
            except subprocess.TimeoutExpired:
                return self._lost("its worker closed the connection")
            return self._lost(f"its worker died with exit status {code}")

    def _lost(self, message: str) -> Fatal:
        num_done = self._count_progress() - self._progress_at_order
        index = min(self._group.start + num_done, self._group.stop - 1)
        return Fatal(Failure(index, message, ""), is_callers_mistake=False)

    def ask_to_close(self) -> None:
        """Asks the worker to close its environments and to end."""
        self._send(CLOSE)

    def wait_or_kill(self) -> None:
        """Waits for a worker that was asked to close; kills it when it takes long."""
        try:
            self._process.wait(_SECONDS_TO_CLOSE)
        except subprocess.TimeoutExpired as error:
            logging.warning("A worker did not close: %s", describe(error))
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends the worker and the games that it started, at once."""
        self._control.close()
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended, and so have its games
        self._process.wait()
