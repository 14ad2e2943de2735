"""The interface a client asked for: which observations, at which size, in which coordinates."""

import dataclasses

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2.api import frames
from minisc2.maps import game_map as game_map_lib

DEFAULT_CAMERA_WIDTH = 24.0
MAX_CAMERA_WIDTH = 1024.0
MAX_PIXELS = 1024


class InterfaceError(ValueError):
    """The options of a join or replay request cannot be served."""


@dataclasses.dataclass(frozen=True)
class Interface:
    """The options of one client, and the coordinates that follow from them.

    Attributes:
        options: as echoed by game_info.
        screen: where the pixels of the screen's feature layers are, or None without them.
        minimap: where the pixels of the minimap's feature layers are, or None without them.
        rgb_screen: where the pixels of the rendered screen are, or None without rendering.
        rgb_minimap: where the pixels of the rendered minimap are, or None without rendering.
        raw: the coordinates of raw observations and actions.
        view_size: (width, height) of the camera in world units.
    """

    options: sc2api_pb2.InterfaceOptions
    screen: frames.ScreenFrame | None
    minimap: frames.MinimapFrame | None
    rgb_screen: frames.ScreenFrame | None
    rgb_minimap: frames.MinimapFrame | None
    raw: frames.RawFrame
    view_size: tuple[float, float]

    def view(self, camera_xy: tuple[float, float]) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) of the screen in the world."""
        (width, height), (x, y) = self.view_size, camera_xy
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _size(resolution: common_pb2.Size2DI, name: str) -> tuple[int, int]:
    for value in (resolution.x, resolution.y):
        if not 0 < value <= MAX_PIXELS:
            raise InterfaceError(
                f"{name} is {resolution.x}x{resolution.y}; each side has to be "
                f"between 1 and {MAX_PIXELS}.")
    return resolution.x, resolution.y


def resolve(requested: sc2api_pb2.InterfaceOptions, game_map: game_map_lib.GameMap) -> Interface:
    """Works out the interface for a client's options.

    Raises:
        InterfaceError: a resolution or the camera width is not usable.
    """
    options = sc2api_pb2.InterfaceOptions()
    options.CopyFrom(requested)
    x0, y0, _, _ = game_map.playable
    raw = frames.RawFrame((x0, y0) if options.raw_crop_to_playable_area else (0.0, 0.0))
    screen = minimap = rgb_screen = rgb_minimap = None
    if options.HasField("feature_layer"):
        if not options.feature_layer.HasField("width"):
            options.feature_layer.width = DEFAULT_CAMERA_WIDTH
        screen, minimap = _frames(options.feature_layer, "feature_layer", game_map)
    if options.HasField("render"):
        rgb_screen, rgb_minimap = _frames(options.render, "render", game_map)
    shown = screen or rgb_screen
    view_size = ((shown.camera_width, shown.camera_height) if shown is not None
                 else (DEFAULT_CAMERA_WIDTH, DEFAULT_CAMERA_WIDTH))
    return Interface(options, screen, minimap, rgb_screen, rgb_minimap, raw, view_size)


def _frames(setup: sc2api_pb2.SpatialCameraSetup, name: str, game_map: game_map_lib.GameMap
            ) -> tuple[frames.ScreenFrame, frames.MinimapFrame]:
    camera_width = setup.width if setup.HasField("width") else DEFAULT_CAMERA_WIDTH
    if not 0 < camera_width <= MAX_CAMERA_WIDTH:
        raise InterfaceError(f"{name}.width, the width of the camera in world units, is "
                             f"{camera_width:g}; it has to be above 0 and at most "
                             f"{MAX_CAMERA_WIDTH:g}.")
    width, height = _size(setup.resolution, f"{name}.resolution")
    map_width, map_height = game_map.size
    area = game_map.playable if setup.crop_to_playable_area else (0, 0, map_width, map_height)
    minimap_size = _size(setup.minimap_resolution, f"{name}.minimap_resolution")
    return (frames.ScreenFrame(width, height, camera_width),
            frames.MinimapFrame(*minimap_size, *area))
