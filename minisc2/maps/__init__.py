"""The maps of the game, by the name, path or file content that names them."""

import pathlib

from minisc2.maps import (
    build_marines,
    collect_mineral_shards,
    collect_minerals_and_gas,
    defeat_roaches,
    defeat_zerglings_and_banelings,
    find_and_defeat_zerglings,
    game_map,
    melee,
    move_to_beacon,
    simple64,
)

_FILE_PREFIX = b"minisc2 map: "

_MAPS: tuple[type[game_map.GameMap], ...] = (
    move_to_beacon.MoveToBeacon,
    collect_mineral_shards.CollectMineralShards,
    defeat_roaches.DefeatRoaches,
    defeat_zerglings_and_banelings.DefeatZerglingsAndBanelings,
    find_and_defeat_zerglings.FindAndDefeatZerglings,
    collect_minerals_and_gas.CollectMineralsAndGas,
    build_marines.BuildMarines,
    simple64.Simple64,
    *melee.MAPS,
)


class UnknownMapError(ValueError):
    """No map goes by that name, path or content."""


def names() -> tuple[str, ...]:
    """Names of all maps."""
    return tuple(map_class.name for map_class in _MAPS)


def map_paths() -> tuple[str, ...]:
    """Paths of all maps below a Maps folder, as pysc2 asks for them."""
    return tuple(map_class.map_path for map_class in _MAPS)


def file_bytes(name: str) -> bytes:
    """What a map file of ours contains: it names the map, whose rules are code."""
    return _FILE_PREFIX + get(name).name.encode()


def get(name: str | bytes | pathlib.PurePath) -> game_map.GameMap:
    """A map by its name, by a path that ends in its name, or by the bytes of its file.

    Raises:
        UnknownMapError: there is no such map.
    """
    if isinstance(name, bytes):
        if not name.startswith(_FILE_PREFIX):
            raise UnknownMapError(
                f"A map file of {len(name)} bytes is not one of minisc2's; ask for a map by name: "
                f"{', '.join(names())}.")
        name = name[len(_FILE_PREFIX):].decode(errors="replace")
    stem = str(name).replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".SC2Map").lower()
    for map_class in _MAPS:
        if stem in (alias.lower() for alias in (map_class.name, *map_class.aliases)):
            return map_class()
    raise UnknownMapError(f"No map is named {str(name)!r}; there are: {', '.join(names())}.")
