"""The scripted players by name."""

import dataclasses

from minisc2.scripted import macro, marine_rush, turtle
from minisc2.scripted import plan as plan_lib


@dataclasses.dataclass(frozen=True)
class Player:
    """A scripted player: what it does in one line, and how it draws the plan of a match."""

    description: str
    draw: plan_lib.Planner


PLAYERS: dict[str, Player] = {
    module.__name__.rpartition(".")[2]: Player(module.DESCRIPTION, module.draw)
    for module in (marine_rush, macro, turtle)}
