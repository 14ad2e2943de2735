"""The interface a client asked for: which observations, at which size, in which coordinates."""

import dataclasses

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2.api import frames
from minisc2.maps import game_map as game_map_lib

DEFAULT_CAMERA_WIDTH = 24.0
MAX_PIXELS = 1024


class InterfaceError(ValueError):
    """The options of a join or replay request cannot be served."""


@dataclasses.dataclass(frozen=True)
class Interface:
    """The options of one client, and the coordinates that follow from them.

    Attributes:
        options: as echoed by game_info.
        screen: where the screen's pixels are, or None without feature layers.
        minimap: where the minimap's pixels are, or None without feature layers.
        raw: the coordinates of raw observations and actions.
        view_size: (width, height) of the camera in world units.
    """

    options: sc2api_pb2.InterfaceOptions
    screen: frames.ScreenFrame | None
    minimap: frames.MinimapFrame | None
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
                f"feature_layer.{name} is {resolution.x}x{resolution.y}; each side has to be "
                f"between 1 and {MAX_PIXELS}.")
    return resolution.x, resolution.y


def resolve(requested: sc2api_pb2.InterfaceOptions, game_map: game_map_lib.GameMap) -> Interface:
    """Works out the interface for a client's options.

    Rendered (RGB) images are not served, as by the real game's headless Linux build: they are
    missing from the options that game_info echoes, which is how clients notice.

    Raises:
        InterfaceError: a resolution or the camera width is not usable.
    """
    options = sc2api_pb2.InterfaceOptions()
    options.CopyFrom(requested)
    options.ClearField("render")
    x0, y0, x1, y1 = game_map.playable
    raw = frames.RawFrame((x0, y0) if options.raw_crop_to_playable_area else (0.0, 0.0))
    if not options.HasField("feature_layer"):
        return Interface(options, None, None, raw, (DEFAULT_CAMERA_WIDTH, DEFAULT_CAMERA_WIDTH))
    layer = options.feature_layer
    if not layer.HasField("width"):
        layer.width = DEFAULT_CAMERA_WIDTH
    if not 0 < layer.width <= 1024:
        raise InterfaceError(f"feature_layer.width, the width of the camera in world units, is "
                             f"{layer.width:g}; it has to be above 0 and at most 1024.")
    width, height = _size(layer.resolution, "resolution")
    screen = frames.ScreenFrame(width, height, layer.width)
    map_width, map_height = game_map.size
    area = (x0, y0, x1, y1) if layer.crop_to_playable_area else (0, 0, map_width, map_height)
    minimap = frames.MinimapFrame(*_size(layer.minimap_resolution, "minimap_resolution"), *area)
    return Interface(options, screen, minimap, raw, (layer.width, screen.camera_height))
