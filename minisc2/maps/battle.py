"""Battle: Marines against one wave of enemies after another, with points for the dead.

Sources: MapScript.galaxy of DefeatRoaches, DefeatZerglingsAndBanelings and FindAndDefeatZerglings
(google-deepmind/pysc2 mini-games), which count the dead of both sides alike.
"""

from typing import ClassVar

from minisc2.game import events, players, units
from minisc2.game import world as world_lib
from minisc2.maps import mini_game

POINTS_PER_MARINE = -1
ENEMY_OWNER = 2


class Script:
    """What the script remembers: the living units of both sides."""

    __slots__ = ("enemies", "marines")

    def __init__(self):
        self.marines: list[units.Unit] = []
        self.enemies: list[units.Unit] = []


class Battle(mini_game.MiniGame):
    """A wave that is beaten brings the next one.

    With the last Marine the script fails its objective and stops the timer; the game is then
    reported as lost at once (the script pauses the units only after two more seconds).

    Attributes:
        points_per_enemy: for every enemy that dies, by whosever hand.
    """

    hostile_owners = (ENEMY_OWNER,)
    points_per_enemy: ClassVar[int] = 0

    def next_wave(self, world: world_lib.World) -> None:
        """Called when the last enemy is dead."""
        raise NotImplementedError

    def select_marines(self, world: world_lib.World) -> None:
        """The script selects all Marines for the participant."""
        world.players[1].selection_requested = [unit.tag for unit in world.script.marines]

    def update(self, world: world_lib.World) -> None:
        if world.is_paused:
            return
        for event in world.news_for_map():
            if event.kind is events.EventKind.UNIT_DIED:
                self._unit_died(world, event)
                if world.is_paused:
                    return
        if self.is_time_over(world):
            self.finish(world, players.VICTORY)

    def _unit_died(self, world: world_lib.World, event: events.Event) -> None:
        script = world.script
        score = world.players[1].score
        if event.owner == ENEMY_OWNER:
            score.curriculum += self.points_per_enemy
            script.enemies = [unit for unit in script.enemies if unit.is_alive]
            if not script.enemies:
                self.next_wave(world)
        elif event.owner == 1:
            score.curriculum += POINTS_PER_MARINE
            script.marines = [unit for unit in script.marines if unit.is_alive]
            if not script.marines:
                self.finish(world, players.DEFEAT)
