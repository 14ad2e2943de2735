"""Effects: what lasts for some time at a place, and is shown by a stable id."""

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

GUARDIAN_SHIELD, SCANNER_SWEEP = 2, 6
"""Stable ids."""


@dataclasses.dataclass(eq=False)
class Effect:
    """One effect.

    Attributes:
        owner: player whose effect it is.
        positions: world points of its centres.
        detects: whether it uncovers what is cloaked, for its owner.
    """

    effect_id: int
    owner: int
    radius: float
    positions: list[tuple[float, float]]
    detects: bool = False


def show(world: "world_lib.World", effect: Effect, game_loops: int | None = None) -> None:
    """Adds an effect to the world, for some time or until `end`."""
    world.effects.append(effect)
    if game_loops is not None:
        world.call_at(world.loop + game_loops, lambda: end(world, effect))


def end(world: "world_lib.World", effect: Effect) -> None:
    """Takes an effect out of the world; nothing happens if it is gone already."""
    if effect in world.effects:
        world.effects.remove(effect)
