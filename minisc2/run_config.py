"""Makes the embedded game known to pysc2: importing this module registers the run config.

    import minisc2.run_config
    env = sc2_env.SC2Env(map_name="MoveToBeacon", ...)

pysc2 picks the run config of the highest priority. The real game wins where it is installed
(`SC2PATH`, or the usual folder); `--sc2_run_config=Minisc2` chooses the embedded one all the same.
"""

import os
import platform

from absl import flags
from pysc2.lib import sc_process
from pysc2.run_configs import lib
from pysc2.run_configs import platforms as _platforms  # defines --sc2_version  # noqa: F401

from minisc2 import maps
from minisc2.in_process import InProcessGame

GAME_VERSION = "4.10.0"

_USUAL_FOLDERS = {
    "Linux": ("~/StarCraftII",),
    "Darwin": ("/Applications/StarCraft II",
               "~/Library/Application Support/Blizzard/StarCraft II"),
    "Windows": ("C:/Program Files (x86)/StarCraft II", "~/Documents/StarCraft II"),
}
# pysc2 gives the real game priority 1, whether it is installed or not.
_PRIORITY_ALONE = 2
_PRIORITY_BESIDE_REAL_GAME = 0.5


def installed_game() -> str | None:
    """The folder in which the real game is to be looked for, or None if there is none.

    `SC2PATH` counts even if it names no folder: who sets it wants that game, and should read
    pysc2's complaint rather than play another one.
    """
    if os.environ.get("SC2PATH"):
        return os.environ["SC2PATH"]
    for folder in _USUAL_FOLDERS.get(platform.system(), ()):
        if os.path.isdir(os.path.expanduser(folder)):
            return os.path.expanduser(folder)
    return None


class Minisc2(lib.RunConfig):
    """Runs the embedded game in this process. pysc2 finds run configs by their class name."""

    def __init__(self, version: "str | lib.Version | None" = None):
        """Makes a run config. Relative replay folders are relative to the working directory.

        Args:
            version: a game version of `get_versions`, or None for the flag `--sc2_version`, or the
                latest.

        Raises:
            ValueError: the version is not served.
        """
        version = version or flags.FLAGS.sc2_version or "latest"
        super().__init__(replay_dir=os.getcwd(), data_dir="", tmp_dir=None, version=version)

    @classmethod
    def priority(cls) -> float:
        """Above pysc2's own configs only where no real game is installed."""
        return _PRIORITY_ALONE if installed_game() is None else _PRIORITY_BESIDE_REAL_GAME

    def get_versions(self, containing: str | None = None) -> dict[str, lib.Version]:
        """The versions served, by name: the real build whose interface is followed, and "latest".

        Raises:
            ValueError: `containing` is not among them.
        """
        followed = lib.VERSIONS[GAME_VERSION]
        versions = lib.version_dict(
            [followed, lib.Version("latest", followed.build_version, None, None)])
        if containing is not None and containing not in versions:
            raise ValueError(f"minisc2 does not serve game version {containing}. "
                             f"It serves: {', '.join(sorted(versions))}.")
        return versions

    def map_data(self, map_name: str, players: int | None = None) -> bytes:
        """Returns what stands for the bytes of a map file, by the map's name or path.

        Raises:
            ValueError: minisc2 has no such map.
        """
        del players  # the real game's files may be called "(2)Name"; ours are not
        return maps.file_bytes(map_name)

    def start(self, version: "str | lib.Version | None" = None, want_rgb: bool = True,
              **kwargs: object) -> InProcessGame:
        """Starts a game. Windows, ports and graphics of a process mean nothing here.

        Raises:
            sc_process.SC2LaunchError: another version than this run config's was asked for.
        """
        del want_rgb, kwargs
        if version is not None and self._get_version(version) != self.version:
            raise sc_process.SC2LaunchError(
                f"This run config is for version {self.version.game_version}, not {version}.")
        return InProcessGame(self.version)
