"""run.py as a person starts it: in a process of its own, by its command line."""

import shlex
import subprocess
import sys
from pathlib import Path

_RUN = Path(__file__).resolve().parents[1] / "run.py"


class RunError(Exception):
    """run.py failed. The message tells its exit status and how it was called."""


def run(*words: str) -> None:
    """Waits until it has ended; what it prints is seen.

    Args:
        words: of its command line.

    Raises:
        RunError: it failed.
    """
    try:
        subprocess.run([sys.executable, str(_RUN), *words], check=True)
    except subprocess.CalledProcessError as error:
        raise RunError(
            f"run.py ended with status {error.returncode}: {shlex.join(words)}") from error
