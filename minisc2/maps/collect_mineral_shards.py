"""CollectMineralShards: two Marines, twenty shards, a point for each shard that one picks up.

Sources: MapScript.galaxy and Regions of the official map (google-deepmind/pysc2 mini-games). The
shard (NaturalMinerals) and its ability PickupMinerals100 come from the Liberty campaign that the
map depends on: an item of radius 0.5 that casts on ground units within range 1, every 0.5 seconds.
"""

from minisc2.game import players, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import mini_game, regions

SHARD_REGION = regions.Rectangle(23.0002, 21.0, 43.0, 35.0)
"""Region 3, "Mineral Area"."""

NUM_MARINES = 2
NUM_SHARDS = 20

MIN_DISTANCE = 2.0
"""A shard is placed at least this far from the nearest Marine."""

PICKUP_RANGE = 1.0
"""Range of PickupMinerals100, from the edge of the shard to the edge of the Marine."""

MARINE_RADIUS, SHARD_RADIUS = 0.375, 0.5
_REACH = PICKUP_RANGE + MARINE_RADIUS + SHARD_RADIUS

MINERALS_PER_SHARD = 100


class _Script:
    """What the script remembers: its Marines and the shards that are left."""

    __slots__ = ("marines", "shards")

    def __init__(self, marines: list[units.Unit]):
        self.marines = marines
        self.shards: list[units.Unit] = []


class CollectMineralShards(mini_game.MiniGame):
    """The map's rules; a new set of shards comes when the last one is picked up."""

    name = "CollectMineralShards"
    map_path = "mini_games/CollectMineralShards.SC2Map"

    def setup(self, world: world_lib.World) -> None:
        self.prepare(world)
        marine = unit_data.id_of("Marine")
        world.script = _Script([
            world.create_unit(marine, 1, mini_game.PLAYABLE.random_point(world.rng))
            for _ in range(NUM_MARINES)])
        self._place_shards(world)

    def _place_shards(self, world: world_lib.World) -> None:
        script = world.script
        while len(script.shards) < NUM_SHARDS:
            xy = SHARD_REGION.random_point(world.rng)
            if min(marine.distance_to(*xy) for marine in script.marines) >= MIN_DISTANCE:
                script.shards.append(world.create_unit(
                    unit_data.id_of("NaturalMinerals"), units.NEUTRAL_OWNER, xy,
                    facing=world.rng.uniform(0.0, 6.283)))

    def update(self, world: world_lib.World) -> None:
        if world.is_paused:
            return
        for marine in world.script.marines:
            if marine.is_alive:
                self._pick_up(world, marine)
        if not world.script.shards:
            self._place_shards(world)
        if self.is_time_over(world):
            self.finish(world, players.VICTORY)

    def _pick_up(self, world: world_lib.World, marine: units.Unit) -> None:
        x, y = marine.x, marine.y
        taken = []
        for shard in world.script.shards:
            dx = shard.x - x
            if -_REACH <= dx <= _REACH:
                dy = shard.y - y
                if dx * dx + dy * dy <= _REACH * _REACH:
                    taken.append(shard)
        for shard in taken:
            world.script.shards.remove(shard)
            world.remove_unit(shard)
            participant = world.players[1]
            participant.minerals += MINERALS_PER_SHARD
            participant.score.collected_minerals += MINERALS_PER_SHARD
            participant.score.curriculum = participant.minerals // MINERALS_PER_SHARD
