"""Melee maps: two bases, and the game is lost with the last structure.

The Flat maps, Simple96 and Simple128 as a whole are ours: flat and open, with two bases in opposite
corners. Simple64 has a file of its own.
"""

from minisc2.game import events, players
from minisc2.game import world as world_lib
from minisc2.maps import bases, game_map

_MARGIN = 12
"""Cells between the edge of a map and its playable area."""

_START_OFFSET = (16.5, 15.5)
_START_OFFSET_ON_SMALL_MAPS = (9.5, 9.5)
"""From the lower right corner of the playable area to the start location in it."""

_SMALL = 64
"""Playable areas smaller than this have their bases nearer to the corners."""


class Melee(game_map.GameMap):
    """A map for two players, who start at random in one of its corners."""

    min_players = 1
    max_players = 2

    def setup(self, world: world_lib.World) -> None:
        places = list(self.start_locations)
        world.rng.shuffle(places)
        for start_xy in self.start_locations:
            bases.add_resources(world, start_xy)
        self.add_neutral_units(world)
        participants = [state for state in world.players.values()
                        if state.kind != players.OBSERVER]
        for state, start_xy in zip(participants, places, strict=False):
            bases.add_player(world, state, start_xy)

    def add_neutral_units(self, world: world_lib.World) -> None:
        """Resources away from the start locations."""

    def update(self, world: world_lib.World) -> None:
        news = world.news_for_map()  # mostly none
        if news and any(event.kind is events.EventKind.UNIT_DIED for event in news):
            self._end_if_decided(world)

    def _end_if_decided(self, world: world_lib.World) -> None:
        owners = {unit.owner for unit in world.units.values() if unit.is_structure}
        participants = [player_id for player_id, state in world.players.items()
                        if state.kind != players.OBSERVER]
        losers = [player_id for player_id in participants if player_id not in owners]
        if not losers:
            return
        if len(losers) == len(participants):
            world.end_game(dict.fromkeys(losers, players.TIE))
        else:
            world.end_game({player_id: players.DEFEAT if player_id in losers else players.VICTORY
                            for player_id in participants})


def _melee_map(name: str, playable_size: int) -> type[Melee]:
    """A map class with a square playable area."""
    width = height = playable_size + 2 * _MARGIN
    right, below = playable_size + _MARGIN, _MARGIN
    offset = _START_OFFSET_ON_SMALL_MAPS if playable_size < _SMALL else _START_OFFSET
    first = (right - offset[0], below + offset[1])
    return type(name, (Melee,), {
        "__doc__": f"{name}: {playable_size}x{playable_size} flat cells to play on.",
        "name": name,
        "size": (width, height),
        "playable": (below, below, right, right),
        "start_locations": (first, (width - first[0], height - first[1])),
        "map_path": f"Melee/{name}.SC2Map",
    })


MAPS: tuple[type[Melee], ...] = (
    *(_melee_map(f"Simple{size}", size) for size in (96, 128)),
    *(_melee_map(f"Flat{size}", size) for size in (32, 48, 64, 96, 128)),
)
