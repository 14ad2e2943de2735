"""MoveToBeacon: one Marine, one beacon, a point for each time the Marine reaches it.

Source: MapScript.galaxy and Regions of the official map (google-deepmind/pysc2 mini-games).
"""

from minisc2.game import players, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import mini_game, regions

BEACON_SPAWN = regions.RectangleWithoutCircle(
    regions.Rectangle(23.5002, 21.5002, 42.5, 34.5), hole_xy=(33.0, 28.0), hole_radius=4.0)
"""Region 3, "Beacon Spawn Region"."""

REACHED_RADIUS = 1.25
"""Region 2, "Beacon Area", which moves with the beacon."""

MIN_DISTANCE = 5.0
"""A beacon is placed at least this far from the Marine."""


class _Script:
    """What the script remembers: its two units."""

    __slots__ = ("beacon", "marine")

    def __init__(self, marine: units.Unit, beacon: units.Unit):
        self.marine = marine
        self.beacon = beacon


class MoveToBeacon(mini_game.MiniGame):
    """The map's rules; the camera stays on the whole playable area."""

    name = "MoveToBeacon"
    map_path = "mini_games/MoveToBeacon.SC2Map"

    def setup(self, world: world_lib.World) -> None:
        self.prepare(world)
        marine = world.create_unit(unit_data.id_of("Marine"), 1,
                                   mini_game.PLAYABLE.random_point(world.rng))
        beacon = world.create_unit(unit_data.id_of("Beacon_Terran"), units.NEUTRAL_OWNER,
                                   BEACON_SPAWN.random_point(world.rng))
        world.script = _Script(marine, beacon)
        self._move_beacon(world)

    def update(self, world: world_lib.World) -> None:
        # The script checks every 0.0625 seconds, which is every game loop.
        script = world.script
        marine, beacon = script.marine, script.beacon
        dx, dy = marine.x - beacon.x, marine.y - beacon.y
        if dx * dx + dy * dy <= REACHED_RADIUS * REACHED_RADIUS and not world.is_paused:
            world.players[1].score.curriculum += 1
            self._move_beacon(world)
        if self.is_time_over(world):
            self.finish(world, players.VICTORY)

    def _move_beacon(self, world: world_lib.World) -> None:
        marine, beacon = world.script.marine, world.script.beacon
        while marine.distance_to(beacon.x, beacon.y) < MIN_DISTANCE:
            world.set_position(beacon, BEACON_SPAWN.random_point(world.rng))
