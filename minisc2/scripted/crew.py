"""Several processes that record the matches of one series."""

import contextlib
import multiprocessing
import multiprocessing.connection
import multiprocessing.process
import pathlib
import signal
from collections.abc import Iterator, Sequence

from minisc2.scripted import series

_Workers = dict[multiprocessing.connection.Connection, multiprocessing.process.BaseProcess]
"""Processes by the connections to them."""


class WorkerError(RuntimeError):
    """A process could not record its match, or ended without a word."""


def record(settings: series.Settings, numbers: Sequence[int], folder: pathlib.Path,
           num_processes: int) -> Iterator[series.Entry]:
    """Records matches, as many at a time as there are processes.

    Whatever ends the iteration, an interrupt included, ends the processes; what they have not
    written as a whole by then is not there.

    Args:
        settings: of the series.
        numbers: of the matches.
        folder: where their replays go.
        num_processes: how many; with one, no other process is started. With more, this has to be
            called in the main thread.

    Yields:
        Each match's line in the manifest when it is done.

    Raises:
        WorkerError: a process failed.
    """
    if min(num_processes, len(numbers)) <= 1:
        for number in numbers:
            yield series.record(settings, number, folder)
        return
    waiting = list(reversed(numbers))
    workers = _start(min(num_processes, len(numbers)), settings, folder)
    try:
        for here in workers:
            here.send(waiting.pop())
        for _ in numbers:
            yield _next_entry(workers, waiting)
    finally:
        for here, worker in workers.items():
            worker.terminate()
            worker.join()
            here.close()
        for partial in folder.glob(f".{settings.title}_*.partial"):
            partial.unlink(missing_ok=True)


def _start(count: int, settings: series.Settings, folder: pathlib.Path) -> _Workers:
    """Starts processes that wait for the number of a match."""
    context = multiprocessing.get_context("spawn")
    workers: _Workers = {}
    # Ctrl-C reaches them too, and is for this process only: they ignore it from their first moment.
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _ in range(count):
            here, there = context.Pipe()
            worker = context.Process(target=_work, args=(there, settings, folder), daemon=True)
            worker.start()
            there.close()  # the worker's end is then the only one, and is gone when it dies
            workers[here] = worker
    finally:
        signal.signal(signal.SIGINT, handler)
    return workers


def _next_entry(workers: _Workers, waiting: list[int]) -> series.Entry:
    """Waits for a match to be done, and gives its worker the next one."""
    here = multiprocessing.connection.wait(list(workers))[0]
    try:
        answer = here.recv()
    except (EOFError, ConnectionError):  # the latter if it died with a message unread
        worker = workers[here]
        worker.join()
        raise WorkerError(f"A process ended in the middle of a match, with status "
                          f"{worker.exitcode}; was there too little memory? Run the same command "
                          "again to go on, perhaps with fewer --processes.") from None
    if isinstance(answer, str):
        raise WorkerError(answer)
    if waiting:
        with contextlib.suppress(ConnectionError):  # it has died since: the next wait tells
            here.send(waiting.pop())
    return answer


def _work(there: multiprocessing.connection.Connection, settings: series.Settings,
          folder: pathlib.Path) -> None:
    """What a process does: records a match for each number that comes."""
    while True:
        try:
            number = there.recv()
        except EOFError:
            return
        try:
            there.send(series.record(settings, number, folder))
        except Exception as error:  # noqa: BLE001  told to the process that started this one
            there.send(f"Match {number} failed: {type(error).__name__}: {error}")
