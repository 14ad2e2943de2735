"""Draws the feature layers of the screen and of the minimap.

A painter keeps its layers from one observation to the next and draws what has changed since.
"""

import functools
import math
import operator
from collections.abc import Collection, Hashable, Sequence

import numpy as np
from s2clientprotocol import raw_pb2, spatial_pb2

from minisc2.api import canvas as canvas_lib
from minisc2.api import frames, images, raster, sight
from minisc2.game import effects, unit_data, units, vision
from minisc2.game import world as world_lib
from minisc2.maps import game_map as game_map_lib

PYLON_POWER_RADIUS = 6.5
PRISM_POWER_RADIUS = 3.75
_POWER_RADIUS = {60: PYLON_POWER_RADIUS, 1910: PYLON_POWER_RADIUS, 136: PRISM_POWER_RADIUS}


def ratio(value: float, maximum: float) -> int:
    """A share as the ratio layers hold it: 0 to 255."""
    return int(value / maximum * 255) if maximum > 0 else 0


def power_sources(world: world_lib.World, player_id: int) -> list[tuple[float, float, float, int]]:
    """(x, y, radius, tag) of what powers a player's Protoss structures."""
    return [(unit.x, unit.y, _POWER_RADIUS[unit.unit_type], unit.tag)
            for unit in world.owned(player_id)
            if unit.unit_type in _POWER_RADIUS and unit.build_progress >= 1]


def effects_seen(world: world_lib.World, player_id: int) -> list[effects.Effect]:
    """Effects that a player sees: their own, and those of which a centre is in sight."""
    if not world.effects:
        return []
    visibility = world.visibility(player_id)
    return [effect for effect in world.effects
            if effect.owner == player_id or any(
                visibility[int(y), int(x)] == vision.VISIBLE for x, y in effect.positions)]


def terrain(game_map: game_map_lib.GameMap) -> dict[str, np.ndarray]:
    """Layer name -> the grid of the map it shows, on the screen as on the minimap."""
    return {"height_map": game_map.terrain_height, "pathable": game_map.pathing_grid,
            "buildable": game_map.placement_grid}


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
        self._visibility = b""
        self._discs: dict[str, list[tuple[float, float, float, int]]] = {
            "power": [], "effects": []}
        self._looks: dict[int, tuple[sight.Seen, tuple | None, bool, int, int]] = {}
        self._selected: Collection[int] = frozenset()
        self._seen: list[sight.Seen] = []
        self._num_changes = -1
        self._still: list[sight.Seen] = []
        self._others: list[sight.Seen] = []
        self._still_outlines: tuple[list[raster.Circle], list[int], list[Hashable]] = [], [], []
        self.canvas = canvas_lib.Canvas(spatial_pb2.FeatureLayers, images.SCREEN_BITS,
                                        frame.width, frame.height)
        self._largest_radius = _largest_radius()
        # A unit whose edge touches the screen reaches this far over it.
        margin = 2 * math.ceil(min(self._largest_radius * frame.scale, raster.LARGE)) + 2
        self._units = canvas_lib.UnitPainter(self.canvas, UNIT_LAYERS, (frame.width, frame.height),
                                             margin, self._stamp)
        self._density_aa = raster.Density(frame.width, frame.height, margin)
        self._density_image = self.canvas.pixels["unit_density_aa"].reshape(
            frame.height, frame.width)

    def draw(self, camera_xy: tuple[float, float], seen: list[sight.Seen],
             selected: Collection[int]) -> canvas_lib.Canvas:
        """Brings every layer of the canvas up to date and returns it.

        Args:
            camera_xy: centre of the screen in the world.
            seen: what the player sees, in the order of its `rank`.
            selected: tags of the selected units.
        """
        has_moved = camera_xy != self._camera_xy
        if has_moved:
            self._look_at(camera_xy)
        grid = self._world.visibility(self._player_id)
        visibility = grid.tobytes()
        if has_moved or visibility != self._visibility:
            self._visibility = visibility
            self.canvas.put("visibility_map", _sample(grid, self._cells))
        self._draw_discs("power", [(x, y, radius, 1) for x, y, radius, _ in power_sources(
            self._world, self._player_id)], has_moved)
        self._draw_discs("effects", [
            (x, y, effect.radius, effect.effect_id)
            for effect in effects_seen(self._world, self._player_id)
            for x, y in effect.positions], has_moved)
        self._draw_units(seen, selected, has_moved)
        return self.canvas

    def _look_at(self, camera_xy: tuple[float, float]) -> None:
        game_map = self._world.game_map
        self._camera_xy = camera_xy
        self._cells = self._frame.cells(camera_xy, game_map.size)
        for name, grid in terrain(game_map).items():
            self.canvas.put(name, images.pack(_sample(grid, self._cells),
                                              images.SCREEN_BITS[name]))

    def _draw_discs(self, name: str, discs: list[tuple[float, float, float, int]],
                    has_moved: bool) -> None:
        if discs == self._discs[name] and not (discs and has_moved):
            return
        self._discs[name] = discs
        frame = self._frame
        image = np.zeros((frame.height, frame.width), np.uint8)
        flat = image.reshape(-1)
        for x, y, radius, value in discs:
            center = frame.world_to_screen(self._camera_xy, (x, y))
            flat[raster.disc_pixels(center, radius * frame.scale, frame.width,
                                    frame.height)] = value
        self.canvas.put(name, images.pack(image, images.SCREEN_BITS[name]))

    def _draw_units(self, seen: list[sight.Seen], selected: Collection[int], has_moved: bool
                    ) -> None:
        painter = self._units
        if painter.has_many_looks:
            painter.forget_looks()
            self._looks.clear()
        num_changes = self._world.num_changes
        if has_moved or seen is not self._seen or num_changes != self._num_changes:
            self._seen, self._num_changes = seen, num_changes
            self._choose(seen)
        moving = self._in_view(self._others)
        (still_circles, still_places, still_shapes) = self._still_outlines
        (circles, places, shapes) = self._outlines(moving)
        looks = self._looks_of(self._still + moving, selected)
        num_still = len(self._still)
        if painter.paint(still_places + places, still_shapes + shapes, looks, num_still):
            painter.count("unit_density")
        self._density_aa.update(still_circles + circles, self._density_image, num_still)

    def _choose(self, seen: list[sight.Seen]) -> None:
        """Finds out who stands still, as long as the camera does, below all who do not."""
        num_below = next((number for number, one in enumerate(seen) if not one.stays), len(seen))
        self._still = self._in_view(seen[:num_below])
        self._still_outlines = self._outlines(self._still)
        self._others = seen[num_below:]

    def _in_view(self, seen: list[sight.Seen]) -> list[sight.Seen]:
        """Those that may reach into the screen."""
        frame = self._frame
        camera_x, camera_y = self._camera_xy
        reach_x = frame.camera_width / 2 + self._largest_radius
        reach_y = frame.camera_height / 2 + self._largest_radius
        left, right = camera_x - reach_x, camera_x + reach_x
        bottom, top = camera_y - reach_y, camera_y + reach_y
        return [one for one in seen if left < one[0].x < right and bottom < one[0].y < top]

    def _outlines(self, shown: list[sight.Seen]
                  ) -> tuple[list[raster.Circle], list[int], list[Hashable]]:
        """The circle of each unit, and the place and the shape of its disc."""
        frame, row, origin = self._frame, self._units.row, self._units.origin
        scale, middle_x, middle_y = frame.scale, frame.width / 2, frame.height / 2
        camera_x, camera_y = self._camera_xy
        circles = [((one[0].x - camera_x) * scale + middle_x,
                    (camera_y - one[0].y) * scale + middle_y, one[0].radius * scale)
                   for one in shown]
        places = [int(y) * row + int(x) + origin for x, y, _ in circles]
        shapes: list[Hashable] = [int(radius) for _, _, radius in circles]
        if shapes and max(shapes) > raster.LARGE:
            for number, (x, y, _) in enumerate(circles):
                size = shapes[number]
                if size > raster.LARGE:
                    shapes[number], places[number] = ((x, y), size), origin
        return circles, places, shapes

    def _stamp(self, shape: Hashable, row: int) -> np.ndarray:
        """The pixels of a disc: for a radius, or for (center, radius) those in view."""
        if isinstance(shape, int):
            return raster.disc(shape, row)[2]
        width, height = self._frame.width, self._frame.height
        pixels = raster.disc_pixels(*shape, width, height)
        return pixels // width * row + pixels % width

    def _looks_of(self, shown: Sequence[sight.Seen], selected: Collection[int]) -> list[int]:
        """The number of each unit's look; a look is made again only when something changed."""
        if selected != self._selected:
            self._selected = selected
            self._looks.clear()
        known, visible = self._looks, raw_pb2.Visible
        looks = []
        for one in shown:
            unit = one[0]
            buffs = unit.buffs
            buff = buffs[0] if buffs else 0
            old = known.get(unit.tag)
            if old is None or old[0] is not one or (one[1] == visible and (
                    old[1] != _state(unit) or old[2] == (not unit.orders) or old[3] != buff)):
                number = self._units.look(_unit_row(one, selected))
                is_visible = one[1] == visible
                old = known[unit.tag] = (one, _state(unit) if is_visible else None,
                                         is_visible and bool(unit.orders), buff, number)
            looks.append(old[4])
        return looks


@functools.cache
def _largest_radius() -> float:
    """Radius of the largest unit type, in cells."""
    return max(unit_type.radius for unit_type in unit_data.UNIT_TYPES.values())


_state = operator.attrgetter(
    "health", "energy", "shield", "build_progress", "is_hallucination", "health_max")
"""What a unit's look depends on beside its type, its owner, its orders and its buffs."""


UNIT_LAYERS = ("player_id", "player_relative", "unit_type", "selected", "unit_hit_points",
               "unit_hit_points_ratio", "unit_energy", "unit_energy_ratio", "unit_shields",
               "unit_shields_ratio", "cloaked", "hallucinations", "active", "buffs",
               "build_progress", "blip")
"""Layers that show units, in the order of `_unit_row`."""


def _unit_row(one: sight.Seen, selected: Collection[int]) -> tuple[int, ...]:
    """The values of one unit in `UNIT_LAYERS`.

    A remembered unit, and a cloaked one that no detector sees, show what and whose they are, but
    neither health nor state (pysc2's obs_test); a blip of the radar shows only that it is there.
    """
    unit, display, alliance, cloak = one.unit, one.display, one.alliance, one.cloak
    if one.is_blip:
        return _BLIP
    progress = int(unit.build_progress * 255) if unit.build_progress < 1 else 0
    if display != raw_pb2.Visible:
        return (unit.owner, alliance, unit.unit_type, *(0,) * 7, cloak == raw_pb2.Cloaked,
                0, 0, 0, progress, 0)
    return (unit.owner, alliance, unit.unit_type, unit.tag in selected,
            int(unit.health), ratio(unit.health, unit.health_max),
            int(unit.energy), ratio(unit.energy, unit.energy_max),
            int(unit.shield), ratio(unit.shield, unit.shield_max),
            cloak in _CLOAKED, alliance == raw_pb2.Self and unit.is_hallucination,
            unit.is_active, unit.buffs[0] if unit.buffs else 0, progress, 0)


_BLIP = (*(0,) * 15, 1)
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
        self._show_unit_types = show_unit_types
        self._cells = frame.cells(world.game_map.size)
        self._visibility = b""
        self._view: tuple[float, float, float, float] | None = None
        self._alerts: list[tuple[float, float]] = []
        self._seen: list[sight.Seen] = []
        self._selected: Collection[int] = frozenset()
        self._num_changes = -1
        self._squares: dict[int, tuple[sight.Seen, bool, int, int, float]] = {}
        self._movers: list[tuple[int, units.Unit, float]] = []
        self._num_still = 0
        self._places: list[int] = []
        self._sides: list[int] = []
        self._looks: list[int] = []
        self.canvas = canvas_lib.Canvas(spatial_pb2.FeatureLayersMinimap, images.MINIMAP_BITS,
                                        frame.width, frame.height)
        for name, grid in terrain(world.game_map).items():
            self.canvas.put(name, images.pack(_sample(grid, self._cells),
                                              images.MINIMAP_BITS[name]))
        self._units = canvas_lib.UnitPainter(
            self.canvas, ("player_id", "player_relative", "unit_type", "selected"),
            (frame.width, frame.height), self._margin(), raster.square_offsets)

    def _margin(self) -> int:
        """How far units anywhere on the map may reach over the edge, in pixels."""
        frame = self._frame
        width, height = self._world.game_map.size
        beyond = max(frame.left, frame.bottom, width - frame.right, height - frame.top, 0)
        return math.ceil((beyond + 2 * _largest_radius()) * frame.scale) + 2

    def draw(self, view: tuple[float, float, float, float], seen: list[sight.Seen],
             selected: Collection[int], alerts: list[tuple[float, float]]) -> canvas_lib.Canvas:
        """Brings every layer of the canvas up to date and returns it.

        Args:
            view: (left, bottom, right, top) of the screen in the world.
            seen: what the player sees, in the order of its `rank`.
            selected: tags of the selected units.
            alerts: world points of current alerts.
        """
        grid = self._world.visibility(self._player_id)
        visibility = grid.tobytes()
        if visibility != self._visibility:
            self._visibility = visibility
            self.canvas.put("visibility_map", _sample(grid, self._cells))
        if view != self._view:
            self._view = view
            self._draw_camera(view)
        if alerts != self._alerts:
            self._alerts = alerts
            self._draw_alerts(alerts)
        self._draw_units(seen, selected)
        return self.canvas

    def _draw_camera(self, view: tuple[float, float, float, float]) -> None:
        frame = self._frame
        left, top = frame.world_to_minimap((view[0], view[3]))
        right, bottom = frame.world_to_minimap((view[2], view[1]))
        image = np.zeros((frame.height, frame.width), np.uint8)
        image[max(0, int(top)):max(0, int(bottom)), max(0, int(left)):max(0, int(right))] = 1
        self.canvas.put("camera", images.pack(image, 1))

    def _draw_alerts(self, alerts: Sequence[tuple[float, float]]) -> None:
        frame = self._frame
        image = np.zeros((frame.height, frame.width), np.uint8)
        for world_xy in alerts:
            x, y = (int(value) for value in frame.world_to_minimap(world_xy))
            if frame.contains((x, y)):
                image[y, x] = 1
        self.canvas.put("alerts", image)

    def _draw_units(self, seen: list[sight.Seen], selected: Collection[int]) -> None:
        num_changes = self._world.num_changes
        if seen is not self._seen or selected != self._selected or (
                num_changes != self._num_changes):
            self._seen, self._selected, self._num_changes = seen, selected, num_changes
            self._choose(seen, selected)
        self._places = places = self._places.copy()
        frame, row = self._frame, self._units.row
        scale, left, top = frame.scale, frame.left, frame.top
        for number, unit, shift in self._movers:
            places[number] = (int((top - unit.y) * scale + shift) * row
                              + int((unit.x - left) * scale + shift))
        self._units.paint(places, self._sides, self._looks, self._num_still)

    def _choose(self, seen: list[sight.Seen], selected: Collection[int]) -> None:
        """Finds out which units to paint, and what is told of them."""
        painter = self._units
        if painter.has_many_looks:
            painter.forget_looks()
            self._squares.clear()
        frame, row = self._frame, painter.row
        scale, left, top = frame.scale, frame.left, frame.top
        places, sides, looks = self._places, self._sides, self._looks = [], [], []
        movers = self._movers = []
        known, squares = self._squares, {}
        for one in seen:
            unit = one[0]
            tag = unit.tag
            is_selected = tag in selected
            square = known.get(tag)
            if square is None or square[0] is not one or square[1] is not is_selected:
                square = one, is_selected, *self._square(one, is_selected)
            squares[tag] = square
            _, _, look, side, shift = square
            if not side:
                continue
            if one[7]:
                places.append(int((top - unit.y) * scale + shift) * row
                              + int((unit.x - left) * scale + shift))
            else:
                movers.append((len(places), unit, shift))
                places.append(0)
            sides.append(side)
            looks.append(look)
        self._squares = squares
        self._num_still = movers[0][0] if movers else len(places)

    def _square(self, one: sight.Seen, is_selected: bool) -> tuple[int, int, float]:
        """What a unit looks like.

        Returns:
            Its look, the side of its square in pixels, 0 if the minimap does not show it, and
            what brings its place in the world, in pixels, to that in the image of looks.
        """
        unit, unit_type = one.unit, one.unit_type
        if one.cloak == raw_pb2.Cloaked or one.is_blip or sight.is_scenery(unit_type):
            return 0, 0, 0.0
        painter = self._units
        look = painter.look((unit.owner, one.alliance, unit_type if self._show_unit_types else 0,
                             is_selected))
        side = max(1, int(2 * unit.radius * self._frame.scale))
        # A square begins half a pixel before the pixel of its corner. Added before numbers are
        # cut, the margin keeps them positive, where cutting is rounding down.
        return look, side, painter.margin + 0.5 - side / 2
