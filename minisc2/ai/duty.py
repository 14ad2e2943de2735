"""What a computer player divides its work into."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minisc2.ai import computer as computer_lib


class Duty:
    """One thing that a computer player looks after, with what all of them need at hand.

    Args:
        computer: whose; its world, level and knowledge exist already.
    """

    def __init__(self, computer: "computer_lib.Computer"):
        self._computer = computer
        self._world = computer.world
        self._player_id = computer.player_id
        self._level = computer.level
        self._knowledge = computer.knowledge
