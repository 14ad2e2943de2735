"""FindAndDefeatZerglings: three Marines look for Zerglings on a map larger than the screen.

Source: MapScript.galaxy and Regions of the official map (google-deepmind/pysc2 mini-games). The
camera is free and nothing is revealed, so that the map begins unexplored.
"""

import math

from minisc2.game import events, players, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import mini_game, regions

PLAYABLE = regions.Rectangle(10.0002, 12.0, 54.0, 44.0)
"""Region 1, "Playable Space"."""

SPAWN_OUTER = regions.RectangleWithoutCircle(
    regions.Rectangle(11.0, 13.0, 53.0, 43.0), hole_xy=(32.0, 28.0), hole_radius=10.5)
"""Region 3, "Zergling Spawn Region"."""

SPAWN_INNER = regions.Ring((32.0, 28.0), inner_radius=7.5, outer_radius=9.5)
"""Region 4, "Zergling Spawn Inner"."""

FIRST_DISTANCES = (8.0, 9.0)
"""The first Zergling's distance from the centre of region 1."""

NUM_MARINES = 3
NUM_ZERGLINGS = 25
NUM_INNER_ZERGLINGS = 2
MIN_DISTANCE = 5.0
"""Zerglings are placed at least this far from each other."""

MIN_MARINE_DISTANCE = 9.0
"""Later waves are placed at least this far from the Marines."""

POINTS_PER_ZERGLING = 1
POINTS_PER_MARINE = -1
ZERGLING_OWNER = 2

_MAX_DRAWS = 20_000
"""The script draws until all Zerglings have a place, which could take for ever."""


class _Script:
    """What the script remembers: the living units of both sides."""

    __slots__ = ("marines", "zerglings")

    def __init__(self):
        self.marines: list[units.Unit] = []
        self.zerglings: list[units.Unit] = []


class FindAndDefeatZerglings(mini_game.MiniGame):
    """The map's rules: when the last of 25 Zerglings is dead, 25 others appear, but no Marines.

    With the last Marine the game is lost at once (the script waits for two more seconds).
    """

    name = "FindAndDefeatZerglings"
    map_path = "mini_games/FindAndDefeatZerglings.SC2Map"
    playable = (10, 12, 54, 44)
    playable_region = PLAYABLE
    timer_seconds = 180
    is_one_screen = False
    hostile_owners = (ZERGLING_OWNER,)

    def setup(self, world: world_lib.World) -> None:
        self.prepare(world)
        script = world.script = _Script()
        center_xy, rng = PLAYABLE.center_xy, world.rng
        for number in range(1, NUM_MARINES + 1):
            xy = regions.from_polar(center_xy, 1.0, math.radians(120 * number + 90))
            script.marines.append(world.create_unit(unit_data.id_of("Marine"), 1, xy))
        self._add_zergling(world, regions.from_polar(
            center_xy, rng.uniform(*FIRST_DISTANCES), rng.uniform(0.0, math.tau)))
        self._add_zerglings(world, SPAWN_INNER, NUM_INNER_ZERGLINGS)
        self._add_zerglings(world, SPAWN_OUTER, NUM_ZERGLINGS)
        world.players[1].selection_requested = [unit.tag for unit in script.marines]

    def _add_zergling(self, world: world_lib.World, xy: tuple[float, float]) -> None:
        world.script.zerglings.append(
            world.create_unit(unit_data.id_of("Zergling"), ZERGLING_OWNER, xy))

    def _add_zerglings(self, world: world_lib.World,
                       region: regions.Ring | regions.Rectangle | regions.RectangleWithoutCircle,
                       num_zerglings: int, marines: tuple[units.Unit, ...] = ()) -> None:
        """Draws places in a region until there are so many Zerglings.

        Args:
            world: its world.
            region: where.
            num_zerglings: in total.
            marines: from whom to keep away.
        """
        zerglings = world.script.zerglings
        for _ in range(_MAX_DRAWS):
            if len(zerglings) >= num_zerglings:
                return
            xy = region.random_point(world.rng)
            if (all(unit.distance_to(*xy) >= MIN_DISTANCE for unit in zerglings)
                    and all(unit.distance_to(*xy) >= MIN_MARINE_DISTANCE for unit in marines)):
                self._add_zergling(world, xy)

    def update(self, world: world_lib.World) -> None:
        if world.is_paused:
            return
        for event in world.news_for_map():
            if event.kind is events.EventKind.UNIT_DIED:
                self._unit_died(world, event)
                if world.is_paused:
                    return
        if self.is_time_over(world):
            self.finish(world, players.VICTORY)

    def _unit_died(self, world: world_lib.World, event: events.Event) -> None:
        script = world.script
        score = world.players[1].score
        if event.owner == ZERGLING_OWNER:
            score.curriculum += POINTS_PER_ZERGLING
            script.zerglings = [unit for unit in script.zerglings if unit.is_alive]
            if not script.zerglings:
                marines = tuple(unit for unit in script.marines if unit.is_alive)
                self._add_zerglings(world, PLAYABLE, NUM_ZERGLINGS, marines)
        elif event.owner == 1:
            score.curriculum += POINTS_PER_MARINE
            script.marines = [unit for unit in script.marines if unit.is_alive]
            if not script.marines:
                self.finish(world, players.DEFEAT)
