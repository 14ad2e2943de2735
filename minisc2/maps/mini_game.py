"""What the one-screen mini-games have in common.

Sources: MapScript.galaxy, Regions, Objects and MapInfo of the official maps (google-deepmind/pysc2
mini-games, Apache-2.0), whose region 1, camera and timer are the same in MoveToBeacon,
CollectMineralShards and DefeatRoaches.
"""

from minisc2.game import players, unit_data
from minisc2.game import world as world_lib
from minisc2.maps import game_map, regions

EPISODE_GAME_LOOPS = 120 * unit_data.LOOPS_PER_SECOND
"""The script's episode timer: 120 seconds of game time."""

PLAYABLE = regions.Rectangle(22.0002, 20.0, 44.0, 36.0)
"""Region 1, "Playable Space"."""

_CAMERA_OFFSET_Y = -3.0  # CameraPan to 3 cells at 270 degrees from the centre of region 1


class MiniGame(game_map.GameMap):
    """A 64x64 map with one participant, played on one screen for 120 seconds.

    When the timer runs out the script completes its objective, pauses every unit and shows a
    message. The real game then reports a victory (published pysc2 logs of a mini-game: "Episode 20
    finished after 2880 game steps. Outcome: [1], reward: [0]"), and so does this one.
    """

    size = (64, 64)
    playable = (22, 20, 44, 36)
    start_locations = ((2.5, 61.5),)
    score_kind = players.CURRICULUM

    def prepare(self, world: world_lib.World) -> None:
        """Camera and sight, as the first lines of every Init trigger."""
        participant = world.players[1]
        x, y = PLAYABLE.center_xy
        participant.camera_xy = (round(x), y + _CAMERA_OFFSET_Y)
        participant.camera_locked = True
        world.reveal_area(1, *self.playable)

    def is_time_over(self, world: world_lib.World) -> bool:
        return world.loop >= EPISODE_GAME_LOOPS

    def finish(self, world: world_lib.World, result: int) -> None:
        """Pauses the units and ends the game for the participant."""
        world.is_paused = True
        world.end_game({1: result})
