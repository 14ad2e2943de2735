"""What a player sees at one moment: the screen, the minimap, the panels around them."""

from collections.abc import Collection

import numpy as np
from s2clientprotocol import error_pb2, sc2api_pb2, ui_pb2

VISIBLE = 2
"""Value of the layers named visibility_map."""

OWN, NEUTRAL, ENEMY = 1, 3, 4
"""Values of the layers named player_relative."""

_DTYPES = {8: np.uint8, 32: np.dtype("<i4")}


class View:
    """One observation, read layer by layer when somebody looks.

    Attributes:
        loop: game loop.
        result: error_pb2.ActionResult of the action that went before.
        errors: the reasons of commands that failed since the observation before.
        camera_xy: world point in the middle of the screen.
        player: resources, supply and counts of the player's units.
        outcome: sc2api_pb2.Result of the player, or None while the game goes on.
    """

    def __init__(self, response: sc2api_pb2.ResponseObservation,
                 camera_xy: tuple[float, float], result: int = error_pb2.Success):
        """Wraps an observation."""
        observation = response.observation
        self._layers = observation.feature_layer_data
        self._ui = observation.ui_data
        self._abilities = frozenset(one.ability_id for one in observation.abilities)
        self._read: dict[tuple[bool, str], np.ndarray] = {}
        self.loop = observation.game_loop
        self.result = result
        self.errors = [error.result for error in response.action_errors]
        self.camera_xy = camera_xy
        self.player = observation.player_common
        self.outcome = next((one.result for one in response.player_result
                             if one.player_id == self.player.player_id), None)

    @property
    def is_refused(self) -> bool:
        """Whether the action that went before did nothing."""
        return self.result != error_pb2.Success

    def can(self, ability_id: int) -> bool:
        """Whether the command card of the selection offers an ability."""
        return ability_id in self._abilities

    def screen(self, name: str) -> np.ndarray:
        """A layer of the screen: [H, W] numbers. Not to be written to."""
        return self._layer(False, name)

    def minimap(self, name: str) -> np.ndarray:
        """A layer of the minimap: [H, W] numbers. Not to be written to."""
        return self._layer(True, name)

    def _layer(self, is_minimap: bool, name: str) -> np.ndarray:
        layer = self._read.get((is_minimap, name))
        if layer is None:
            part = self._layers.minimap_renders if is_minimap else self._layers.renders
            image = getattr(part, name)
            width, height = image.size.x, image.size.y
            if image.bits_per_pixel == 1:
                bits = np.unpackbits(np.frombuffer(image.data, np.uint8), count=width * height)
                layer = bits.reshape(height, width)
            else:
                layer = np.frombuffer(image.data, _DTYPES[image.bits_per_pixel])
                layer = layer.reshape(height, width)
            self._read[is_minimap, name] = layer
        return layer

    def pixels(self, types: Collection[int], relative: int | None = OWN) -> np.ndarray:
        """Where units of some types are on the screen: int [N, 2] pixels (x, y).

        Args:
            types: unit types.
            relative: whose they are; None for anybody's.
        """
        shown = np.isin(self.screen("unit_type"), list(types))
        if relative is not None:
            shown &= self.screen("player_relative") == relative
        return np.argwhere(shown)[:, ::-1]

    def dots(self, relative: int) -> np.ndarray:
        """Where anything of somebody's is on the minimap: int [N, 2] pixels (x, y)."""
        return np.argwhere(self.minimap("player_relative") == relative)[:, ::-1]

    @property
    def selected(self) -> list[ui_pb2.UnitInfo]:
        """The units that the panel of the selection shows."""
        kind = self._ui.WhichOneof("panel")
        if kind is None:
            return []
        if kind == "multi":
            return list(self._ui.multi.units)
        return [getattr(self._ui, kind).unit]

    @property
    def queue_length(self) -> int:
        """How many things the one selected structure has in production."""
        return len(self._ui.production.production_queue)

    @property
    def queue_progress(self) -> float:
        """Which part of the first of them is done."""
        queue = self._ui.production.production_queue
        return queue[0].build_progress if queue else 0.0

    def group_size(self, index: int) -> int:
        """How many units a control group has."""
        return next((group.count for group in self._ui.groups
                     if group.control_group_index == index), 0)

    @property
    def cargo_slots_left(self) -> int | None:
        """Free places in the one selected transport or bunker; None if nothing shows them."""
        return self._ui.cargo.slots_available if self._ui.HasField("cargo") else None
