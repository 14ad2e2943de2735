"""Which StarCraft II is played: the real game where it is installed, else the embedded one.

pysc2 picks a game by "run configs". Here the choice is made once, checked, and told to pysc2 for
the moment in which it starts a game.
"""

import contextlib
import os
from collections.abc import Iterator

from absl import flags

from environment import pysc2_compat

pysc2_compat.install()

from pysc2 import maps as pysc2_maps
from pysc2.run_configs import lib as run_config_lib
from pysc2.run_configs import platforms

import minisc2.maps
from minisc2 import run_config as minisc2_run_config

GAMES = ("auto", "minisc2", "starcraft2")
"""auto: the real game where it is installed, else the embedded one."""


class GameNotFoundError(ValueError):
    """The real game was asked for, by name or by SC2PATH, and cannot be run from where it is."""


def resolve(game: str) -> str:
    """Says which game a choice means on this machine.

    Args:
        game: one of `GAMES`.

    Returns:
        "minisc2" or "starcraft2".

    Raises:
        ValueError: no such choice.
        GameNotFoundError: the real game is meant, and it is not installed or not complete.
    """
    if game not in GAMES:
        raise ValueError(f"game: expected one of {', '.join(GAMES)}; got {game!r}.")
    folder = minisc2_run_config.installed_game()
    if game == "minisc2" or (game == "auto" and folder is None):
        return "minisc2"
    _check_installation(folder)
    return "starcraft2"


def _check_installation(folder: str | None) -> None:
    remedy = ("Set SC2PATH to the folder of a complete StarCraft II, or choose the embedded game "
              "(game minisc2).")
    if folder is None:
        raise GameNotFoundError(f"StarCraft II is not installed in the usual folder. {remedy}")
    folder = os.path.expanduser(folder)
    if not os.path.isdir(folder):
        raise GameNotFoundError(f"There is no StarCraft II folder {folder!r}. {remedy}")
    versions = os.path.join(folder, "Versions")
    if not os.path.isdir(versions) or not any(
            name.startswith("Base") for name in os.listdir(versions)):
        raise GameNotFoundError(f"The StarCraft II folder {folder!r} has no program: expected "
                                f"Versions/Base*. {remedy}")
    if not os.path.isdir(os.path.join(folder, "Maps")):
        raise GameNotFoundError(f"The StarCraft II folder {folder!r} has no maps: expected the "
                                f"folder Maps, with the mini-games in Maps/mini_games. {remedy}")


def _has_map_file(folder: str, map_class: type[pysc2_maps.lib.Map]) -> bool:
    path = map_class().path
    if path is None:  # only on Battle.net
        return False
    directory, name = os.path.split(path)
    maps_folder = os.path.join(os.path.expanduser(folder), "Maps", directory)
    names = (name, f"({map_class.players}){name}")  # ladder maps are called "(2)Name"
    return any(os.path.exists(os.path.join(maps_folder, n)) for n in names)


def map_names(game: str) -> tuple[str, ...]:
    """Names of the maps that can be played, sorted.

    Args:
        game: one of `GAMES`.

    Raises:
        ValueError, GameNotFoundError: as `resolve`.
    """
    known = pysc2_maps.get_maps()
    if resolve(game) == "minisc2":
        return tuple(sorted(set(minisc2.maps.names()) & set(known)))
    folder = minisc2_run_config.installed_game()
    return tuple(sorted(name for name, map_class in known.items()
                        if _has_map_file(folder, map_class)))


def check_map(map_name: str, game: str) -> None:
    """Raises ValueError, listing what is possible, unless the map can be played.

    Raises:
        ValueError: no such map.
        GameNotFoundError: as `resolve`.
    """
    names = map_names(game)
    if map_name not in names:
        where = {"minisc2": "the embedded game", "starcraft2": "StarCraft II"}[resolve(game)]
        raise ValueError(f"Unknown environment {map_name!r}: {where} has here "
                         f"{', '.join(names) or 'no map that pysc2 knows'}.")


def _run_config_name(game: str) -> str:
    """The name by which pysc2 knows the run config of a resolved game."""
    if game == "minisc2":
        return minisc2_run_config.Minisc2.name()
    (name,) = (config.name() for config in run_config_lib.RunConfig.all_subclasses()
               if issubclass(config, platforms.LocalBase) and config.priority())
    return name


@contextlib.contextmanager
def chosen(game: str) -> Iterator[None]:
    """Makes pysc2 start the given game inside the `with` block.

    pysc2 reads its flags while it starts a game. In a library or a worker process nobody has
    parsed flags: they then get their defaults, and the command line is not looked at.

    Args:
        game: "minisc2" or "starcraft2".
    """
    if not flags.FLAGS.is_parsed():
        flags.FLAGS.mark_as_parsed()
    before = flags.FLAGS.sc2_run_config
    flags.FLAGS.sc2_run_config = _run_config_name(game)
    try:
        yield
    finally:
        flags.FLAGS.sc2_run_config = before
