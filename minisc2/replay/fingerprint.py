"""Which simulation a replay belongs to: another one might lead the same requests elsewhere."""

import functools
import hashlib
import pathlib

_API_FILES = (
    "actions.py", "commands.py", "debug.py", "frames.py", "interface.py", "match.py",
    "playback.py", "raw_actions.py", "seat.py", "selection.py", "spatial_actions.py",
    "tables.py", "ui_actions.py")
"""Files of minisc2/api that turn what a client sent into what happens, when it is played again."""


@functools.cache
def simulation() -> str:
    """A digest of the code that decides how a match goes; not of what only shows how it goes."""
    root = pathlib.Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in deciding_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def deciding_files(root: pathlib.Path) -> list[pathlib.Path]:
    """The files of the package at `root` that decide how a match goes, in a fixed order."""
    files = [root / "api" / name for name in _API_FILES]
    for folder in ("game", "maps", "ai"):
        files += (path for path in (root / folder).rglob("*")
                  if path.is_file() and path.parent.name != "__pycache__")
    return sorted(files)
