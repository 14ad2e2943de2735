"""FindAndDefeatZerglings: three Marines look for Zerglings on a map larger than the screen.

Source: MapScript.galaxy and Regions of the official map (google-deepmind/pysc2 mini-games). The
camera is free and nothing is revealed, so that the map begins unexplored.
"""

import math

from minisc2.game import unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import battle, regions

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

_MAX_DRAWS = 20_000
"""The script draws until all Zerglings have a place, which could take for ever."""


class FindAndDefeatZerglings(battle.Battle):
    """The map's rules: when the last of 25 Zerglings is dead, 25 others appear, but no Marines."""

    name = "FindAndDefeatZerglings"
    map_path = "mini_games/FindAndDefeatZerglings.SC2Map"
    playable = (10, 12, 54, 44)
    playable_region = PLAYABLE
    timer_seconds = 180
    is_one_screen = False
    points_per_enemy = 1

    def setup(self, world: world_lib.World) -> None:
        self.prepare(world)
        script = world.script = battle.Script()
        center_xy, rng = PLAYABLE.center_xy, world.rng
        for number in range(1, NUM_MARINES + 1):
            xy = regions.from_polar(center_xy, 1.0, math.radians(120 * number + 90))
            script.marines.append(world.create_unit(unit_data.id_of("Marine"), 1, xy))
        self._add_zergling(world, regions.from_polar(
            center_xy, rng.uniform(*FIRST_DISTANCES), rng.uniform(0.0, math.tau)))
        self._add_zerglings(world, SPAWN_INNER, NUM_INNER_ZERGLINGS)
        self._add_zerglings(world, SPAWN_OUTER, NUM_ZERGLINGS)
        self.select_marines(world)

    def _add_zergling(self, world: world_lib.World, xy: tuple[float, float]) -> None:
        world.script.enemies.append(
            world.create_unit(unit_data.id_of("Zergling"), battle.ENEMY_OWNER, xy))

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
        zerglings = world.script.enemies
        for _ in range(_MAX_DRAWS):
            if len(zerglings) >= num_zerglings:
                return
            xy = region.random_point(world.rng)
            if (all(unit.distance_to(*xy) >= MIN_DISTANCE for unit in zerglings)
                    and all(unit.distance_to(*xy) >= MIN_MARINE_DISTANCE for unit in marines)):
                self._add_zergling(world, xy)

    def next_wave(self, world: world_lib.World) -> None:
        marines = tuple(unit for unit in world.script.marines if unit.is_alive)
        self._add_zerglings(world, PLAYABLE, NUM_ZERGLINGS, marines)
