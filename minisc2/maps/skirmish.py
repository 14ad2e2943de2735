"""Skirmish: a line of Marines against one wave of enemies after another.

Sources: MapScript.galaxy and Regions of DefeatRoaches and DefeatZerglingsAndBanelings
(google-deepmind/pysc2 mini-games), whose scripts differ only in the enemies and what they count.
"""

from typing import ClassVar

from minisc2.game import unit_data
from minisc2.game import world as world_lib
from minisc2.maps import battle, regions

SPAWN_LEFT = regions.Rectangle(23.9748, 25.0637, 27.9787, 31.0483)
"""Region 4, "Spawn Region Left"."""

SPAWN_RIGHT = regions.Rectangle(38.0207, 25.0427, 42.0351, 31.0773)
"""Region 5, "Spawn Region Right"."""

NUM_MARINES = 9


def marine_offset_y(number: int) -> int:
    """Where in the line the Marine with a number (1, 2, ...) stands: 0, 1, -1, 2, -2, ..."""
    return number // 2 * (1 - 2 * (number % 2))


class Skirmish(battle.Battle):
    """The rules of both maps. A wave that is beaten brings the next one, and more Marines.

    Attributes:
        wave: (name of a type, y from the wave's point) of each enemy.
        num_marines_per_wave: new Marines after a beaten wave.
    """

    wave: ClassVar[tuple[tuple[str, float], ...]] = ()
    num_marines_per_wave: ClassVar[int] = 0

    def setup(self, world: world_lib.World) -> None:
        self.prepare(world)
        world.script = battle.Script()
        marines_xy, enemies_xy = self._draw_places(world)
        for number in range(1, NUM_MARINES + 1):
            self._add_marine(world, (marines_xy[0], marines_xy[1] + marine_offset_y(number)))
        self._add_wave(world, enemies_xy)
        self.select_marines(world)

    def _draw_places(self, world: world_lib.World
                     ) -> tuple[tuple[float, float], tuple[float, float]]:
        if world.rng.random() < 0.5:
            return SPAWN_LEFT.random_point(world.rng), SPAWN_RIGHT.random_point(world.rng)
        return SPAWN_RIGHT.random_point(world.rng), SPAWN_LEFT.random_point(world.rng)

    def _add_marine(self, world: world_lib.World, xy: tuple[float, float], **values: float
                    ) -> None:
        world.script.marines.append(
            world.create_unit(unit_data.id_of("Marine"), 1, xy, **values))

    def _add_wave(self, world: world_lib.World, xy: tuple[float, float]) -> None:
        for name, offset_y in self.wave:
            world.script.enemies.append(world.create_unit(
                unit_data.id_of(name), battle.ENEMY_OWNER, (xy[0], xy[1] + offset_y)))

    def next_wave(self, world: world_lib.World) -> None:
        """The script makes new Marines with the life of the old ones, so orders are forgotten."""
        script = world.script
        lives = [unit.health for unit in script.marines if unit.is_alive]
        for unit in list(world.units.values()):
            world.remove_unit(unit)
        script.marines = []
        marines_xy, enemies_xy = self._draw_places(world)
        lives += [None] * self.num_marines_per_wave
        for number, life in enumerate(lives, start=1):
            xy = (marines_xy[0], marines_xy[1] + marine_offset_y(number))
            self._add_marine(world, xy, **({} if life is None else {"health": life}))
        self._add_wave(world, enemies_xy)
        self.select_marines(world)
