"""What a player knows before the match: the map, and what things cost. All of it from the API."""

import dataclasses

import numpy as np
from s2clientprotocol import common_pb2, data_pb2, sc2api_pb2

from minisc2.scripted import client as client_lib


@dataclasses.dataclass(frozen=True)
class Thing:
    """A unit or structure that can be made.

    Attributes:
        type_id: its unit type.
        ability_id: the ability that makes it.
        minerals: cost; `vespene` and `food` (supply) as well.
        game_loops: how long it takes.
        needs: unit type that the player has to have before; 0 for none.
    """

    name: str
    type_id: int
    ability_id: int
    minerals: int
    vespene: int
    food: float
    game_loops: float
    needs: int


@dataclasses.dataclass(frozen=True)
class MapKnowledge:
    """A map, as somebody knows it who has played there before.

    Attributes:
        name: of the map.
        size: (W, H) in cells.
        playable: (x0, y0, x1, y1).
        starts: world points where matches begin.
        pathing: bool [H, W], where one can walk; row is y.
        placement: bool [H, W], where structures can stand.
        height: uint8 [H, W].
        things: units and structures by name.
        minerals: unit types of mineral fields.
        geysers: unit types of geysers.
        structures: unit types of structures.
    """

    name: str
    size: tuple[int, int]
    playable: tuple[int, int, int, int]
    starts: tuple[tuple[float, float], ...]
    pathing: np.ndarray
    placement: np.ndarray
    height: np.ndarray
    things: dict[str, Thing]
    minerals: frozenset[int]
    geysers: frozenset[int]
    structures: frozenset[int]


def study(map_name: str) -> MapKnowledge:
    """Has a look at a map: joins a match there and leaves it again.

    Raises:
        client.GameError: there is no such map, or it is not one for two players.
    """
    client = client_lib.Client()
    opponent = sc2api_pb2.PlayerSetup(type=sc2api_pb2.Computer, race=common_pb2.Terran,
                                      difficulty=sc2api_pb2.VeryEasy)
    client.join(map_name, 1, opponent, sc2api_pb2.InterfaceOptions(raw=True))
    info = client.ask(game_info=sc2api_pb2.RequestGameInfo())
    data = client.ask(data=sc2api_pb2.RequestData(unit_type_id=True))
    camera = client.observe().observation.raw_data.player.camera  # on one's own start
    client.leave()
    raw = info.start_raw
    area = raw.playable_area
    return MapKnowledge(
        name=info.map_name, size=(raw.map_size.x, raw.map_size.y),
        playable=(area.p0.x, area.p0.y, area.p1.x, area.p1.y),
        starts=((camera.x, camera.y), *((one.x, one.y) for one in raw.start_locations)),
        pathing=_grid(raw.pathing_grid) > 0, placement=_grid(raw.placement_grid) > 0,
        height=_grid(raw.terrain_height),
        things={unit.name: Thing(unit.name, unit.unit_id, unit.ability_id, unit.mineral_cost,
                                 unit.vespene_cost, unit.food_required, unit.build_time,
                                 0 if unit.require_attached else unit.tech_requirement)
                for unit in data.units if unit.available},
        minerals=frozenset(unit.unit_id for unit in data.units if unit.has_minerals),
        geysers=frozenset(unit.unit_id for unit in data.units
                          if unit.has_vespene and "Geyser" in unit.name),
        structures=frozenset(unit.unit_id for unit in data.units
                             if data_pb2.Structure in unit.attributes))


def _grid(image: common_pb2.ImageData) -> np.ndarray:
    """An image of the map: uint8 [H, W]."""
    pixels = np.frombuffer(image.data, np.uint8)
    if image.bits_per_pixel == 1:
        pixels = np.unpackbits(pixels, count=image.size.x * image.size.y)
    return pixels.reshape(image.size.y, image.size.x)
