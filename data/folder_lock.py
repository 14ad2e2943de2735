"""A folder that one process at a time writes to."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

_FILE = ".lock"


class HeldError(Exception):
    """Another process holds the folder.

    Attributes:
        holder: number of the process, or "unknown".
    """

    def __init__(self, folder: Path, holder: str):
        super().__init__(f"Process {holder} holds {folder}.")
        self.holder = holder


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds a folder that exists; the lock goes with the process, however it ends.

    Raises:
        HeldError: another process holds it.
        OSError: it cannot be written to.
    """
    # Not opened for writing from the start: who loses must not empty it.
    with open(folder / _FILE, "a+", encoding="utf8") as file:
        if not _try_lock(file):
            file.seek(0)
            raise HeldError(folder, file.read(20).strip() or "unknown")
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _try_lock(file: TextIO) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 20)  # locked bytes cannot be read, and the holder is to be read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
