"""Makes a folder shaped like an installation of StarCraft II, which runs the embedded game.

    python -m minisc2.install ~/minisc2-installation
    SC2PATH=~/minisc2-installation python -m pysc2.bin.agent --map MoveToBeacon

Any program that starts the game through `SC2PATH` (pysc2, python-sc2) then plays minisc2 and needs
to know nothing of it. The folder names this Python and this copy of the package: make it again
after moving either.
"""

import argparse
import os
import pathlib
import shlex
import shutil
import sys
from collections.abc import Sequence

from minisc2 import maps
from minisc2.replay.metadata import BUILD

_EXECUTABLE = pathlib.Path(f"Versions/Base{BUILD}/SC2_x64")
_MARK = "minisc2-installation"  # a file that only folders of ours have
_SCRIPT = """#!/bin/sh
# Starts the embedded StarCraft II in the place of Blizzard's. Made by `python -m minisc2.install`.
PYTHONPATH={package}${{PYTHONPATH:+:$PYTHONPATH}} exec {python} -m minisc2 "$@"
"""
# python-sc2 looks for these before it starts the game.
_EMPTY_FOLDERS = ("Replays", "Support64", "Support")


class InstallError(Exception):
    """The folder cannot be made; the message says why."""


def install(folder: pathlib.Path, python: str = sys.executable) -> pathlib.Path:
    """Makes the folder, or renews one made before.

    Args:
        folder: where; it must not hold anything that is not ours.
        python: the interpreter that is to run the game.

    Returns:
        The absolute path of the folder: the value for `SC2PATH`.

    Raises:
        InstallError: the folder holds a real installation or other files, or cannot be written.
    """
    folder = folder.expanduser().absolute()
    _refuse_foreign(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MARK).write_text("Made by `python -m minisc2.install`; safe to delete.\n")
        for name in _EMPTY_FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        executable = folder / _EXECUTABLE
        executable.parent.mkdir(parents=True, exist_ok=True)
        package_parent = str(pathlib.Path(__file__).resolve().parents[1])
        executable.write_text(_SCRIPT.format(package=shlex.quote(package_parent),
                                             python=shlex.quote(os.path.abspath(python))))
        executable.chmod(0o755)
        # Maps of an older copy would be offered although nothing could load them.
        shutil.rmtree(folder / "Maps", ignore_errors=True)
        for name, map_path in zip(maps.names(), maps.map_paths(), strict=True):
            path = folder / "Maps" / map_path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(maps.file_bytes(name))
    except OSError as error:
        raise InstallError(f"Cannot write {folder}: {error}. Name a folder you may write to.") \
            from error
    return folder


def _refuse_foreign(folder: pathlib.Path) -> None:
    if (folder / _MARK).is_file() or not folder.exists():
        return
    if not folder.is_dir():
        raise InstallError(f"{folder} is a file; name a folder.")
    if (folder / "Versions").exists():
        raise InstallError(f"{folder} holds an installation of the real game, which is left alone; "
                           "name another folder.")
    if any(folder.iterdir()):
        raise InstallError(f"{folder} is not empty and was not made by minisc2; name a new folder.")


def main(arguments: Sequence[str]) -> int:
    """Makes the folder that the command line names. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m minisc2.install", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="folder to make")
    try:
        folder = install(parser.parse_args(arguments).folder)
    except InstallError as error:
        print(f"minisc2: {error}", file=sys.stderr)
        return 1
    print(f"Made {folder} with {len(maps.names())} maps. To play on it:\n"
          f"  export SC2PATH={shlex.quote(str(folder))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
