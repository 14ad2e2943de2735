"""What the mini-games have in common.

Sources: MapScript.galaxy, Regions, Objects and MapInfo of the official maps (google-deepmind/pysc2
mini-games, Apache-2.0). All seven are 64x64 cells of one height (t3SyncCliffLevel, t3SyncHeightMap)
without anything in the way; region 1, the camera and the timer are set by each map's Init trigger.
"""

from typing import ClassVar

from minisc2.game import players, unit_data
from minisc2.game import world as world_lib
from minisc2.maps import game_map, regions

PLAYABLE = regions.Rectangle(22.0002, 20.0, 44.0, 36.0)
"""Region 1, "Playable Space", of the maps without an economy that fit on one screen."""

_CAMERA_OFFSET_Y = -3.0  # CameraPan to 3 cells at 270 degrees from the centre of region 1


class MiniGame(game_map.GameMap):
    """A 64x64 map with one participant and a timer.

    When the timer runs out the script completes its objective, pauses every unit and shows a
    message. The real game then reports a victory (published pysc2 logs of a mini-game: "Episode 20
    finished after 2880 game steps. Outcome: [1], reward: [0]"), and so does this one.

    Attributes:
        playable_region: region 1 of the map; `playable` are its cells.
        timer_seconds: the script's episode timer, in seconds of game time.
        is_one_screen: whether the script locks the camera and shows the playable region.
    """

    size = (64, 64)
    playable = (22, 20, 44, 36)
    start_locations = ((2.5, 61.5),)
    score_kind = players.CURRICULUM
    playable_region: ClassVar[regions.Rectangle] = PLAYABLE
    timer_seconds: ClassVar[int] = 120
    is_one_screen: ClassVar[bool] = True

    def prepare(self, world: world_lib.World) -> None:
        """Camera and sight, as the first lines of every Init trigger."""
        participant = world.players[1]
        x, y = self.playable_region.center_xy
        participant.camera_xy = (round(x, 3), round(y + _CAMERA_OFFSET_Y, 3))
        if self.is_one_screen:
            participant.camera_locked = True
            world.reveal_area(1, *self.playable)

    def is_time_over(self, world: world_lib.World) -> bool:
        return world.loop >= self.timer_seconds * unit_data.LOOPS_PER_SECOND

    def finish(self, world: world_lib.World, result: int) -> None:
        """Pauses the units and ends the game for the participant."""
        world.is_paused = True
        world.end_game({1: result})
