"""Draws the feature layers of the screen and of the minimap.

Units are painted once, as their index, into one image; each layer is then that image looked up in
a table of one number a unit. Layers that depend on the camera only are packed once a camera.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from s2clientprotocol import raw_pb2, spatial_pb2

from minisc2.api import frames, images, raster, sight
from minisc2.game import world as world_lib

PYLON_POWER_RADIUS = 6.5
PRISM_POWER_RADIUS = 3.75
_POWER_RADIUS = {60: PYLON_POWER_RADIUS, 1910: PYLON_POWER_RADIUS, 136: PRISM_POWER_RADIUS}


def ratio(value: float, maximum: float) -> int:
    """A share as the ratio layers hold it: 0 to 255."""
    return int(value / maximum * 255) if maximum > 0 else 0


def power_sources(world: world_lib.World, player_id: int) -> list[tuple[float, float, float, int]]:
    """(x, y, radius, tag) of what powers a player's Protoss structures."""
    return [(unit.x, unit.y, _POWER_RADIUS[unit.unit_type], unit.tag)
            for unit in world.units.values()
            if unit.unit_type in _POWER_RADIUS and unit.owner == player_id
            and unit.build_progress >= 1]


def _sample(grid: np.ndarray, cells: tuple[np.ndarray, np.ndarray | None]) -> np.ndarray:
    """The cell of a [H, W] grid under each pixel; 0 outside the map."""
    indices, outside = cells
    image = grid.ravel().take(indices)
    if outside is not None:
        image[outside] = 0
    return image


class ScreenPainter:
    """Draws the screen layers of one player."""

    def __init__(self, world: world_lib.World, player_id: int, frame: frames.ScreenFrame):
        """Draws for `player_id`; `world` lasts as long as this painter."""
        self._world = world
        self._player_id = player_id
        self._frame = frame
        self._camera_xy: tuple[float, float] | None = None
        self._cells: tuple[np.ndarray, np.ndarray | None] = (np.zeros((0, 0), np.intp), None)
        self._terrain: dict[str, bytes] = {}
        self.encoder = images.LayerEncoder(spatial_pb2.FeatureLayers, images.SCREEN_BITS,
                                           frame.width, frame.height)

    def draw(self, camera_xy: tuple[float, float], seen: Sequence[sight.Seen],
             selected: Collection[int]) -> dict[str, images.Pixels]:
        """Draws every layer.

        Args:
            camera_xy: centre of the screen in the world.
            seen: what the player sees.
            selected: tags of the selected units.

        Returns:
            Layer name -> packed pixels; absent layers are zero everywhere.
        """
        if camera_xy != self._camera_xy:
            self._look_at(camera_xy)
        layers: dict[str, images.Pixels] = dict(self._terrain)
        layers["visibility_map"] = _sample(self._world.visibility(self._player_id), self._cells)
        sources = power_sources(self._world, self._player_id)
        if sources:
            layers["power"] = self._draw_discs([(x, y, r, 1) for x, y, r, _ in sources], 1)
        if self._world.effects:
            discs = [(x, y, effect.radius, effect.effect_id)
                     for effect in self._world.effects for x, y in effect.positions]
            layers["effects"] = self._draw_discs(discs, 8)
        self._draw_units(seen, selected, layers)
        return layers

    def _look_at(self, camera_xy: tuple[float, float]) -> None:
        game_map = self._world.game_map
        self._camera_xy = camera_xy
        self._cells = self._frame.cells(camera_xy, game_map.size)
        self._terrain = {
            name: images.pack(_sample(grid, self._cells), images.SCREEN_BITS[name])
            for name, grid in (("height_map", game_map.terrain_height),
                               ("pathable", game_map.pathing_grid),
                               ("buildable", game_map.placement_grid))}

    def _draw_discs(self, discs: Sequence[tuple[float, float, float, int]], bits: int) -> bytes:
        frame = self._frame
        image = np.zeros((frame.height, frame.width), np.uint8)
        flat = image.reshape(-1)
        for x, y, radius, value in discs:
            center = frame.world_to_screen(self._camera_xy, (x, y))
            flat[raster.disc_pixels(center, radius * frame.scale, frame.width,
                                    frame.height)] = value
        return images.pack(image, bits)

    def _draw_units(self, seen: Sequence[sight.Seen], selected: Collection[int],
                    layers: dict[str, images.Pixels]) -> None:
        frame = self._frame
        width, height, scale = frame.width, frame.height, frame.scale
        slots = np.zeros(width * height, np.intp)
        density = np.zeros(width * height, np.uint8)
        density_aa = np.zeros((height, width), np.uint16)
        drawn: list[sight.Seen] = []
        for one in sorted(seen, key=_painting_order):
            unit = one.unit
            center = frame.world_to_screen(self._camera_xy, (unit.x, unit.y))
            radius = unit.radius * scale
            pixels = raster.disc_pixels(center, radius, width, height)
            if not pixels.size:
                continue
            drawn.append(one)
            slots[pixels] = len(drawn)
            if one.cloak != raw_pb2.Cloaked:  # an undetected unit only shows that it is there
                density[pixels] += 1
                raster.add_coverage(density_aa, center, radius)
        if drawn:
            layers["unit_density"] = density
            layers["unit_density_aa"] = raster.saturated(density_aa)
            _look_up(unit_tables(drawn, selected), slots, images.SCREEN_BITS, layers)


def _look_up(tables: Mapping[str, list[int]], slots: np.ndarray, bits: Mapping[str, int],
             layers: dict[str, images.Pixels]) -> None:
    """Adds a layer for each table that is not zero.

    Args:
        tables: layer name -> the value at each slot, that of slot 0 being 0.
        slots: intp, the slot at each pixel.
        bits: layer name -> bits per pixel.
        layers: what is added to.
    """
    for name, values in tables.items():
        if any(values):
            layer_bits = bits[name]
            image = np.array(values, images.DTYPES.get(layer_bits, np.uint8)).take(slots)
            layers[name] = np.packbits(image) if layer_bits == 1 else image


def _painting_order(one: sight.Seen) -> tuple[bool, float]:
    # Small things are drawn over large ones, and flying things over both.
    return one.unit.is_flying, -one.unit.radius


UNIT_LAYERS = ("player_id", "player_relative", "unit_type", "selected", "unit_hit_points",
               "unit_hit_points_ratio", "unit_energy", "unit_energy_ratio", "unit_shields",
               "unit_shields_ratio", "cloaked", "hallucinations", "active", "buffs",
               "build_progress")
"""Layers that show units, in the order of `_unit_row`."""


def unit_tables(drawn: Sequence[sight.Seen], selected: Collection[int]) -> dict[str, list[int]]:
    """For each unit layer, a 0 and then one value a unit."""
    rows = [(0,) * len(UNIT_LAYERS)]
    rows.extend([_unit_row(one, selected) for one in drawn])
    return dict(zip(UNIT_LAYERS, map(list, zip(*rows, strict=True)), strict=True))


def _unit_row(one: sight.Seen, selected: Collection[int]) -> tuple[int, ...]:
    """The values of one unit in `UNIT_LAYERS`.

    A remembered unit shows what and whose it is, but neither health nor state; a cloaked one that
    no detector sees shows only that something cloaked is there (pysc2's obs_test).
    """
    unit, display, alliance, cloak = one
    if cloak == raw_pb2.Cloaked:
        return (0,) * 10 + (1, 0, 0, 0, 0)
    progress = int(unit.build_progress * 255) if unit.build_progress < 1 else 0
    if display != raw_pb2.Visible:
        return (unit.owner, alliance, unit.unit_type, *(0,) * 11, progress)
    return (unit.owner, alliance, unit.unit_type, unit.tag in selected,
            int(unit.health), ratio(unit.health, unit.health_max),
            int(unit.energy), ratio(unit.energy, unit.energy_max),
            int(unit.shield), ratio(unit.shield, unit.shield_max),
            cloak in _CLOAKED, alliance == raw_pb2.Self and unit.is_hallucination,
            unit.is_active, unit.buffs[0] if unit.buffs else 0, progress)


_CLOAKED = frozenset((raw_pb2.CloakedDetected, raw_pb2.CloakedAllied))


class MinimapPainter:
    """Draws the minimap layers of one player."""

    def __init__(self, world: world_lib.World, player_id: int, frame: frames.MinimapFrame,
                 show_unit_types: bool):
        """Draws for `player_id`.

        Args:
            world: lasts as long as this painter.
            player_id: whose minimap.
            frame: where the minimap's pixels are.
            show_unit_types: whether the layer unit_type is filled (`allow_cheating_layers`).
        """
        self._world = world
        self._player_id = player_id
        self._frame = frame
        self._names = ("player_id", "player_relative", "selected",
                       *(("unit_type",) if show_unit_types else ()))
        self._cells = frame.cells(world.game_map.size)
        game_map = world.game_map
        self._terrain = {
            name: images.pack(_sample(grid, self._cells), images.MINIMAP_BITS[name])
            for name, grid in (("height_map", game_map.terrain_height),
                               ("pathable", game_map.pathing_grid),
                               ("buildable", game_map.placement_grid))}
        self._camera: tuple[tuple[float, float, float, float], bytes] | None = None
        self.encoder = images.LayerEncoder(spatial_pb2.FeatureLayersMinimap, images.MINIMAP_BITS,
                                           frame.width, frame.height)

    def draw(self, view: tuple[float, float, float, float], seen: Sequence[sight.Seen],
             selected: Collection[int], alerts: Sequence[tuple[float, float]]
             ) -> dict[str, images.Pixels]:
        """Draws every layer.

        Args:
            view: (left, bottom, right, top) of the screen in the world.
            seen: what the player sees.
            selected: tags of the selected units.
            alerts: world points of current alerts.

        Returns:
            Layer name -> packed pixels; absent layers are zero everywhere.
        """
        layers: dict[str, images.Pixels] = dict(self._terrain)
        layers["visibility_map"] = _sample(self._world.visibility(self._player_id), self._cells)
        if self._camera is None or self._camera[0] != view:
            self._camera = (view, self._draw_camera(view))
        layers["camera"] = self._camera[1]
        if alerts:
            layers["alerts"] = self._draw_alerts(alerts)
        self._draw_units(seen, selected, layers)
        return layers

    def _draw_camera(self, view: tuple[float, float, float, float]) -> bytes:
        frame = self._frame
        left, top = frame.world_to_minimap((view[0], view[3]))
        right, bottom = frame.world_to_minimap((view[2], view[1]))
        image = np.zeros((frame.height, frame.width), np.uint8)
        image[max(0, int(top)):max(0, int(bottom)), max(0, int(left)):max(0, int(right))] = 1
        return images.pack(image, 1)

    def _draw_alerts(self, alerts: Sequence[tuple[float, float]]) -> bytes:
        frame = self._frame
        image = np.zeros((frame.height, frame.width), np.uint8)
        for world_xy in alerts:
            x, y = (int(value) for value in frame.world_to_minimap(world_xy))
            if frame.contains((x, y)):
                image[y, x] = 1
        return image.tobytes()

    def _draw_units(self, seen: Sequence[sight.Seen], selected: Collection[int],
                    layers: dict[str, images.Pixels]) -> None:
        frame = self._frame
        scale = frame.scale
        slots = np.zeros((frame.height, frame.width), np.intp)
        drawn: list[sight.Seen] = []
        for one in sorted(seen, key=_painting_order):
            unit = one.unit
            if one.cloak == raw_pb2.Cloaked or unit.type.name.startswith(sight.SCENERY_PREFIXES):
                continue
            drawn.append(one)
            slots[raster.minimap_square(frame.world_to_minimap((unit.x, unit.y)),
                                        unit.radius * scale)] = len(drawn)
        values = {
            "player_id": [0, *[one.unit.owner for one in drawn]],
            "player_relative": [0, *[one.alliance for one in drawn]],
            "selected": [0, *[one.unit.tag in selected for one in drawn]],
            "unit_type": [0, *[one.unit.unit_type for one in drawn]],
        }
        tables = {name: values[name] for name in self._names}
        _look_up(tables, slots, images.MINIMAP_BITS, layers)
