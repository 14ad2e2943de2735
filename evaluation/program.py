"""run.py as a person starts it: in a process of its own, by its command line."""

import subprocess
import sys
from pathlib import Path

_RUN = Path(__file__).resolve().parents[1] / "run.py"


def run(*words: str) -> None:
    """Waits until it has ended; what it prints is seen.

    Args:
        words: of its command line.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    subprocess.run([sys.executable, str(_RUN), *words], check=True)
