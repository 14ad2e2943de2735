"""The map of a replay of the real game: one that minisc2 has, or flat ground of its size."""

import contextlib
import itertools
from collections.abc import Iterable

from minisc2 import maps
from minisc2.game import players, unit_data
from minisc2.game import world as world_lib
from minisc2.maps import game_map
from minisc2.reconstruction import blizzard_file, chronicle, description, inputs

_MARGIN = 4
"""Cells between the outermost thing on a map and the edge of what is taken for its playable area;
on Simple64, mineral fields stand six cells from it, and cameras and commands come nearer."""

_DEFAULT_SIZE = 200
"""Cells a side where a replay tells no size and nothing happened; the API needs one."""

_MAX_SIZE = 256
_ROUND = 8
"""Sizes of maps are multiples of eight cells."""

_TOWN_HALLS = frozenset(map(unit_data.id_of, ("CommandCenter", "Nexus", "Hatchery")))


class ReplayMap(game_map.GameMap):
    """Flat ground that can be walked and built on everywhere."""

    score_kind = players.MELEE

    def __init__(self, name: str, map_path: str, size: tuple[int, int],
                 playable: tuple[int, int, int, int],
                 start_locations: tuple[tuple[float, float], ...]):
        self.name = name
        self.map_path = map_path
        self.size = size
        self.playable = playable
        self.start_locations = start_locations
        super().__init__()

    def setup(self, world: world_lib.World) -> None:
        """Nothing: the replay tells what there is."""


def read(file: blizzard_file.BlizzardFile, story: chronicle.Chronicle,
         given: Iterable[inputs.Input]) -> tuple[game_map.GameMap, bool]:
    """The ground of a replay.

    Args:
        file: the replay.
        story: what happened; tells where things were.
        given: what players did; tells where cameras were and commands went.

    Returns:
        The map, and whether it is one that minisc2 has, with cliffs and ways.
    """
    name = description.title(file)
    path = file.metadata.get("MapName")
    size = _size(file)
    with contextlib.suppress(maps.UnknownMapError):
        known = maps.get(name)
        if known.size == size:
            return known, True
    points = list(_points(story, given))
    if size is None:
        size = tuple(min(_MAX_SIZE, -int(-(max(values) + _MARGIN) // _ROUND) * _ROUND)
                     for values in zip(*points, strict=True)) if points else (
            _DEFAULT_SIZE, _DEFAULT_SIZE)
    return ReplayMap(name, path if isinstance(path, str) else f"{name}.SC2Map", size,
                     _playable(points, size), _starts(story)), False


def _size(file: blizzard_file.BlizzardFile) -> tuple[int, int] | None:
    """(width, height) in cells, or None where the lobby was read by a protocol that does not fit
    its build."""
    game = file.init_data.get("m_syncLobbyState", {}).get("m_gameDescription", {})
    sides = game.get("m_mapSizeX"), game.get("m_mapSizeY")
    if all(isinstance(side, int) and _ROUND <= side <= _MAX_SIZE for side in sides):
        return sides
    return None


def _points(story: chronicle.Chronicle, given: Iterable[inputs.Input]
            ) -> Iterable[tuple[float, float]]:
    for one in story.happenings:
        if isinstance(one, (chronicle.Appeared, chronicle.Died)):
            yield one.xy
    for one in given:
        if isinstance(one, inputs.CameraMoved):
            yield one.world_xy


def _playable(points: list[tuple[float, float]], size: tuple[int, int]
              ) -> tuple[int, int, int, int]:
    """The smallest rectangle around everything that was seen, and a margin."""
    if not points:
        return (0, 0, *size)
    low = [max(0, int(min(values)) - _MARGIN) for values in zip(*points, strict=True)]
    high = [min(side, int(max(values)) + 1 + _MARGIN)
            for side, values in zip(size, zip(*points, strict=True), strict=True)]
    return low[0], low[1], max(high[0], low[0] + 1), max(high[1], low[1] + 1)


def _starts(story: chronicle.Chronicle) -> tuple[tuple[float, float], ...]:
    """Where players' town halls stand at the first loop."""
    first = itertools.takewhile(lambda one: one.loop == 0, story.happenings)
    return tuple(one.xy for one in first if isinstance(one, chronicle.Appeared)
                 and one.unit_type in _TOWN_HALLS)
