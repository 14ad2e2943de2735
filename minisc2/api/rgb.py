"""Rendered (RGB) images: a plain drawing from above, not the real game's graphics.

Ground is shaded by height and sight, units are discs in the colours of their owners. Clients that
ask for rendering get images of the right shape that show where everything is.
"""

from collections.abc import Collection, Sequence

import numpy as np
from s2clientprotocol import common_pb2, raw_pb2, spatial_pb2

from minisc2.api import frames, raster, sight
from minisc2.game import world as world_lib

BITS_PER_PIXEL = 24
_GROUND = np.array((150, 130, 100), np.float32)
_SIGHT_SHADES = np.array((0.45, 0.7, 1.0), np.float32)  # hidden, fogged, visible
_BLOCKED_SHADE = 0.6
_COLORS = {raw_pb2.Self: (60, 190, 80), raw_pb2.Ally: (90, 200, 220),
           raw_pb2.Neutral: (70, 120, 220), raw_pb2.Enemy: (210, 60, 50)}
_SELECTED = (240, 240, 120)
_CAMERA = (255, 255, 255)


class RgbPainter:
    """Draws the rendered screen and minimap of one player."""

    def __init__(self, world: world_lib.World, player_id: int, screen: frames.ScreenFrame,
                 minimap: frames.MinimapFrame):
        """Draws for `player_id`; `world` lasts as long as this painter."""
        self._world = world
        self._player_id = player_id
        self._screen = screen
        self._minimap = minimap
        self._minimap_cells = minimap.cells(world.game_map.size)

    def draw(self, camera_xy: tuple[float, float], view: tuple[float, float, float, float],
             seen: Sequence[sight.Seen], selected: Collection[int]
             ) -> spatial_pb2.ObservationRender:
        """Draws both images.

        Args:
            camera_xy: centre of the screen in the world.
            view: (left, bottom, right, top) of the screen in the world.
            seen: what the player sees.
            selected: tags of the selected units.
        """
        shown = sorted((one for one in seen if one.cloak != raw_pb2.Cloaked),
                       key=lambda one: (one.unit.is_flying, -one.unit.radius))
        return spatial_pb2.ObservationRender(
            map=_message(self._draw_screen(camera_xy, shown, selected)),
            minimap=_message(self._draw_minimap(view, shown)))

    def _ground(self, cells: tuple[np.ndarray, np.ndarray | None]) -> np.ndarray:
        """uint8 [H, W, 3]."""
        indices, outside = cells
        game_map = self._world.game_map
        shade = game_map.terrain_height.ravel().take(indices).astype(np.float32) / 255 * 0.6 + 0.4
        shade *= _SIGHT_SHADES[self._world.visibility(self._player_id).ravel().take(indices)]
        shade *= np.where(game_map.pathing_grid.ravel().take(indices), 1.0, _BLOCKED_SHADE)
        if outside is not None:
            shade[outside] = 0
        return (shade[..., None] * _GROUND).astype(np.uint8)

    def _draw_screen(self, camera_xy: tuple[float, float], shown: Sequence[sight.Seen],
                     selected: Collection[int]) -> np.ndarray:
        frame = self._screen
        image = self._ground(frame.cells(camera_xy, self._world.game_map.size))
        flat = image.reshape(-1, 3)
        for one in shown:
            center = frame.world_to_screen(camera_xy, (one.unit.x, one.unit.y))
            radius = one.unit.radius * frame.scale
            if one.unit.tag in selected:
                flat[raster.disc_pixels(center, radius + 2, frame.width, frame.height)] = _SELECTED
            flat[raster.disc_pixels(center, radius, frame.width, frame.height)] = (
                _COLORS[one.alliance])
        return image

    def _draw_minimap(self, view: tuple[float, float, float, float], shown: Sequence[sight.Seen]
                      ) -> np.ndarray:
        frame = self._minimap
        image = self._ground(self._minimap_cells)
        for one in shown:
            center = frame.world_to_minimap((one.unit.x, one.unit.y))
            image[raster.minimap_square(center, one.unit.radius * frame.scale)] = (
                _COLORS[one.alliance])
        left, top = (int(value) for value in frame.world_to_minimap((view[0], view[3])))
        right, bottom = (int(value) for value in frame.world_to_minimap((view[2], view[1])))
        rows, columns = np.ogrid[:frame.height, :frame.width]
        inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
        inner = (rows > top) & (rows < bottom - 1) & (columns > left) & (columns < right - 1)
        image[inside & ~inner] = _CAMERA
        return image


def _message(image: np.ndarray) -> common_pb2.ImageData:
    height, width, _ = image.shape
    return common_pb2.ImageData(bits_per_pixel=BITS_PER_PIXEL, data=image.tobytes(),
                                size=common_pb2.Size2DI(x=width, y=height))
