"""Who looks on at a match without playing: through the eyes of one player, or of everyone."""

from typing import Any

import numpy as np
from s2clientprotocol import common_pb2, raw_pb2

from minisc2.api import interface as interface_lib
from minisc2.api import seat as seat_lib
from minisc2.game import events, orders, players, units, vision
from minisc2.game import world as world_lib

EVERYONE = 0
"""The observed_player_id of somebody who sees what everyone sees, and more."""


class _WatchedWorld:
    """The world as it looks to somebody beside a player. Everything is asked of the world itself,
    but for what the world tells only once, and tells the player."""

    def __init__(self, world: world_lib.World):
        self._world = world

    def __getattr__(self, name: str) -> Any:  # whatever the world has
        return getattr(self._world, name)

    def take_fresh_sight(self, player_id: int) -> np.ndarray:
        """bool [H, W]: what is in sight now, not what was for a moment."""
        return self.visibility(player_id) == vision.VISIBLE


class _OpenWorld(_WatchedWorld):
    """The world as it looks to somebody who is no player: nothing is hidden, nothing is theirs."""

    def __init__(self, world: world_lib.World):
        super().__init__(world)
        self._visibility = np.full(world.game_map.size[::-1], vision.VISIBLE, np.uint8)

    def visibility(self, player_id: int) -> np.ndarray:
        """uint8 [H, W]: all visible."""
        del player_id
        return self._visibility

    def can_see(self, player_id: int, unit: units.Unit) -> bool:
        del player_id, unit
        return True

    def cloak_state(self, player_id: int, unit: units.Unit) -> int:
        del player_id
        return raw_pb2.NotCloaked if unit.cloak == units.NOT_CLOAKED else raw_pb2.CloakedDetected

    def display_type(self, player_id: int, unit: units.Unit) -> int:
        del player_id, unit
        return world_lib.VISIBLE

    def alliance(self, player_id: int, owner: int) -> int:
        del player_id
        return players.NEUTRAL if owner == units.NEUTRAL_OWNER else players.ENEMY

    def abilities(self, player_id: int, unit: units.Unit, ignores_costs: bool = False
                  ) -> tuple[orders.AbilityUse, ...]:
        del player_id, unit, ignores_costs
        return ()


class Spectator(seat_lib.Seat):
    """A place beside a player's, or above the whole match.

    Through a player's eyes, camera and selection are that player's. What is reported once (deaths,
    chat, alerts) is reported to each spectator; executed actions are reported to no spectator.
    """

    def __init__(self, world: world_lib.World, followed: seat_lib.Seat | None,
                 interface: interface_lib.Interface):
        """Looks on from now on.

        Args:
            world: of the match.
            followed: the seat of the player through whose eyes it looks; None sees everything.
            interface: the spectator's own.
        """
        self._followed = followed
        if followed is None:
            x0, y0, x1, y1 = world.game_map.playable
            self._nobody = players.PlayerState(
                EVERYONE, race=common_pb2.NoRace, race_requested=common_pb2.NoRace,
                kind=players.OBSERVER, camera_xy=((x0 + x1) / 2, (y0 + y1) / 2),
                score=players.Score(kind=world.game_map.score_kind))
            super().__init__(_OpenWorld(world), EVERYONE, interface)
        else:
            super().__init__(_WatchedWorld(world), followed.player_id, interface)
            self.selection = followed.selection
            self.memory.take_over(followed.memory)
        self.executed.clear()

    @property
    def player(self) -> players.PlayerState:
        """The player looked at; somebody who owns nothing for a spectator who sees everything."""
        return self._nobody if self._followed is None else self._followed.player

    def _has_seen(self, event: events.Event) -> bool:
        return self._followed is None or super()._has_seen(event)

    def _follow_script(self) -> None:
        if self._followed is not None:
            self.camera_xy = self._followed.camera_xy
