"""What a melee game starts with: resources around a start location, a town hall and its units.

Where things stand is what replays of the real Simple64 map show at game loop 0 (tracker events;
icpm/pysc2-replay-data-extraction, Apache-2.0), as offsets from the start location of the player
whose minerals lie to the right and below; the other side is turned by half a circle.
"""

from collections.abc import Sequence

from minisc2.game import commutes, orders, players, unit_data, units
from minisc2.game import world as world_lib

START_MINERALS = 50

_MINERAL_OFFSETS = (
    ("MineralField750", 7.5, -1.0), ("MineralField", 6.5, 0.0), ("MineralField", 6.5, -2.0),
    ("MineralField750", 6.5, -4.0), ("MineralField", 5.5, -5.0), ("MineralField750", 4.5, -6.0),
    ("MineralField", 1.5, -6.0), ("MineralField750", 0.5, -7.0))
_GEYSER_OFFSETS = ((7.0, 3.0), (-3.0, -7.0))
_WORKER_OFFSETS = ((3, -3), (3, -2), (2, -3), (3, -1), (1, -3), (3, 0), (0, -3), (3, 1), (-1, -3),
                   (3, 2), (-2, -3), (3, 3))
_LARVA_OFFSETS = ((0, -3), (1, -3), (-1, -3))
_OVERLORD_OFFSET = (3, -3)

_TOWN_HALL = {unit_data.TERRAN: "CommandCenter", unit_data.ZERG: "Hatchery",
              unit_data.PROTOSS: "Nexus"}
_WORKER = {unit_data.TERRAN: "SCV", unit_data.ZERG: "Drone", unit_data.PROTOSS: "Probe"}

_MINERAL_CONTENTS = {"MineralField": 1800, "MineralField750": 900}
_VESPENE_CONTENTS = 2250
"""Contents at the start of the real game, as its first observations show them."""


def add_mineral_field(world: world_lib.World, name: str, xy: tuple[float, float]) -> None:
    world.create_unit(unit_data.id_of(name), units.NEUTRAL_OWNER, xy,
                      mineral_contents=_MINERAL_CONTENTS[name])


def add_geyser(world: world_lib.World, xy: tuple[float, float]) -> None:
    world.create_unit(unit_data.id_of("VespeneGeyser"), units.NEUTRAL_OWNER, xy,
                      vespene_contents=_VESPENE_CONTENTS)


def _side(world: world_lib.World, start_xy: tuple[float, float]) -> int:
    """1 where minerals lie to the right and below, -1 where to the left and above."""
    return 1 if start_xy[1] < world.game_map.size[1] / 2 else -1


def add_resources(world: world_lib.World, start_xy: tuple[float, float]) -> None:
    """Eight mineral fields and two geysers around a start location."""
    x, y = start_xy
    side = _side(world, start_xy)
    for name, dx, dy in _MINERAL_OFFSETS:
        add_mineral_field(world, name, (x + side * dx, y + side * dy))
    for dx, dy in _GEYSER_OFFSETS:
        add_geyser(world, (x + side * dx, y + side * dy))


def add_player(world: world_lib.World, state: players.PlayerState,
               start_xy: tuple[float, float]) -> None:
    """A town hall, twelve workers and what else the player's race starts with."""
    x, y = start_xy
    side = _side(world, start_xy)
    state.start_xy = start_xy
    state.camera_xy = start_xy
    state.minerals = START_MINERALS

    def add(name: str, dx: float, dy: float) -> units.Unit:
        return world.create_unit(unit_data.id_of(name), state.player_id,
                                 (x + side * dx, y + side * dy))

    add(_TOWN_HALL[state.race], 0, 0)
    if state.race == unit_data.ZERG:
        for dx, dy in _LARVA_OFFSETS:
            add("Larva", dx, dy)
    workers = [add(_WORKER[state.race], dx, dy) for dx, dy in _WORKER_OFFSETS]
    _send_to_gather(world, workers, start_xy)
    if state.race == unit_data.ZERG:
        add("Overlord", *_OVERLORD_OFFSET)


def _send_to_gather(world: world_lib.World, workers: Sequence[units.Unit],
                    start_xy: tuple[float, float]) -> None:
    """All workers are sent to one field, from where they spread over the others.

    In the first observations of the real game they all have this order, and the field is the one in
    the middle of the others.
    """
    fields = [unit for unit in world.units.values() if unit.type.has_minerals
              and unit.distance_to(*start_xy) <= commutes.HALL_RANGE]
    if not fields:
        return
    middle_x = sum(field.x for field in fields) / len(fields)
    middle_y = sum(field.y for field in fields) / len(fields)
    middle = min(fields, key=lambda field: (field.distance_to(middle_x, middle_y), field.index))
    world.order(workers[0].owner, [worker.tag for worker in workers], orders.SMART, middle)
