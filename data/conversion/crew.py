"""Several processes that convert replays, watched over by the one that started them.

A process that dies or takes too long is ended together with its game, its replay is told as
failed, and a new process takes its place.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import connection
from pathlib import Path

from data.conversion import messages

_SECONDS_TO_START = 300.0
_SECONDS_TO_CLOSE = 2.0


class CrewError(Exception):
    """The run cannot go on. The message is one line."""


class _Worker:
    """One process and the replay that it is at."""

    def __init__(self, task: messages.Task):
        self.job: messages.Job | None = None
        self.is_ready = False
        self.since_seconds = time.monotonic()
        self.control, theirs = connection.Pipe()
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        root = str(Path(__file__).resolve().parents[2])
        search_path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "data.conversion.worker", str(theirs.fileno()),
                 str(os.getpid())],
                # pysc2's stopwatch around every small function takes 12 % of a step.
                env={**os.environ, "PYTHONPATH": search_path, "SC2_NO_STOPWATCH": "1"},
                # The real game talks much; what was said last is told if the process dies.
                stdin=subprocess.DEVNULL, stdout=self._words, stderr=self._words,
                pass_fds=(theirs.fileno(),),
                # A session of its own: Ctrl-C at the terminal reaches the parent only, and the
                # game can be ended together with the process.
                start_new_session=True)
        with contextlib.suppress(OSError):  # it died; whoever receives finds that out
            self.control.send(sys.path)
            self.control.send(task)

    def give(self, job: messages.Job) -> None:
        self.job, self.since_seconds = job, time.monotonic()
        with contextlib.suppress(OSError):
            self.control.send(job)

    def last_words(self) -> str:
        """How a process that has closed its connection ended."""
        try:
            status = self._process.wait(_SECONDS_TO_CLOSE)
        except subprocess.TimeoutExpired:
            return "it closed the connection"
        self._words.seek(0)
        lines = self._words.read()[-4096:].decode(errors="replace").strip().splitlines()
        ended = (f"it was ended by {signal.Signals(-status).name}" if status < 0
                 else f"exit status {status}")
        return f"{ended}: {lines[-1]}" if lines else f"{ended}; was there too little memory?"

    def wait(self, seconds: float) -> None:
        """Waits for the process to end, but not longer than this."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def kill(self) -> None:
        """Ends the process and its game, at once."""
        self.control.close()
        with contextlib.suppress(ProcessLookupError):  # it has ended, and so has its game
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._words.close()


def convert(task: messages.Task, jobs: Iterator[messages.Job], num_workers: int,
            time_limit_seconds: float) -> Iterator[messages.Outcome]:
    """Converts replays, as many at a time as there are workers.

    Args:
        task: what is the same for all of them.
        jobs: asked for the next replay only when there is a worker for it.
        num_workers: processes.
        time_limit_seconds: a replay that takes longer has failed.

    Yields:
        What became of each replay, in the order in which they are done.

    Raises:
        CrewError: nothing can be written any more, or a process cannot even start.
    """
    workers: list[_Worker] = []
    waiting = next(jobs, None)
    try:
        while True:
            while waiting is not None and len(workers) < num_workers:
                workers.append(_Worker(task))
            if waiting is None and not any(worker.job for worker in workers):
                return
            for worker in _that_need_care(workers, time_limit_seconds):
                outcome = _hear(worker, time_limit_seconds)
                if worker.control.closed:
                    workers.remove(worker)
                elif worker.job is None and waiting is not None:
                    worker.give(waiting)
                    waiting = next(jobs, None)
                if outcome is not None:
                    yield outcome
    finally:
        _dismiss(workers)


def _dismiss(workers: list[_Worker]) -> None:
    """Ends all processes; those without a replay may end their games in order."""
    idle = [worker for worker in workers if worker.is_ready and worker.job is None]
    for worker in idle:
        worker.control.close()
    until = time.monotonic() + _SECONDS_TO_CLOSE
    for worker in idle:
        worker.wait(max(0.0, until - time.monotonic()))
    for worker in workers:
        worker.kill()


def _limit(worker: _Worker, time_limit_seconds: float) -> float:
    """Until when a worker has to say something, on the monotonic clock."""
    allowed = time_limit_seconds if worker.is_ready else _SECONDS_TO_START
    return worker.since_seconds + allowed


def _that_need_care(workers: list[_Worker], time_limit_seconds: float) -> list[_Worker]:
    """Waits for workers that have said something, or have taken too long."""
    busy = [worker for worker in workers if worker.job or not worker.is_ready]
    until = min(_limit(worker, time_limit_seconds) for worker in busy)
    heard = connection.wait([worker.control for worker in busy],
                            max(0.0, until - time.monotonic()))
    return [worker for worker in busy if worker.control in heard
            or _limit(worker, time_limit_seconds) <= time.monotonic()]


def _hear(worker: _Worker, time_limit_seconds: float) -> messages.Outcome | None:
    """What a worker has to say about its replay, if anything; kills it if it can do no more."""
    if not worker.control.poll():
        reason = f"It took longer than {time_limit_seconds:g} seconds (--time_limit)."
        return _lost(worker, reason, f"took longer than {_SECONDS_TO_START:g} seconds to start")
    try:
        heard = worker.control.recv()
    except (EOFError, OSError):
        words = worker.last_words()
        return _lost(worker, f"The process that converted it died: {words}", f"died: {words}")
    if isinstance(heard, messages.Fatal):
        raise CrewError(heard.reason)
    if heard == messages.READY:
        worker.is_ready = True
        return None
    worker.job = None
    return heard


def _lost(worker: _Worker, reason: str, cannot_start: str) -> messages.Outcome:
    job = worker.job
    worker.kill()
    if job is None:
        raise CrewError(f"A process that should convert replays {cannot_start}.")
    return messages.Outcome(job.replay, job.replay_id, failed=" ".join(reason.split()))
