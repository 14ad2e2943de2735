"""Energy of spell casters: it grows, and what commands cost is taken off."""

from collections.abc import Sequence

from minisc2.game import units

GAIN = 0.7875 / 1.4 / 16
"""Energy in a game loop: 0.7875 in a second at "faster" speed."""

COSTS = {
    251: 25, 171: 50, 255: 50, 399: 50, 3755: 50, 3757: 50, 1664: 50, 1694: 25, 1036: 75,
    1526: 50, 76: 75, 140: 50, 1628: 75, 146: 75, 154: 75, 158: 75, 173: 50, 1764: 50,
    3747: 75, 3753: 75, 181: 50, 2542: 125, 74: 75, 249: 100, 2067: 100, 2063: 75, 2146: 25,
    2505: 50, 2714: 50}
"""Stable id of an ability -> its energy (multiplayer game of 4.10)."""


def spend(obeying: Sequence[units.Unit], ability_id: int) -> None:
    """Takes the cost of an ability off the unit that has most energy: one of them casts it."""
    cost = COSTS.get(ability_id)
    casters = [unit for unit in obeying if unit.energy_max > 0]
    if cost is not None and casters:
        caster = max(casters, key=lambda unit: (unit.energy, -unit.tag))
        caster.energy = max(0.0, caster.energy - cost)


def grow(casters: Sequence[units.Unit], num_game_loops: int) -> None:
    """Lets time go by."""
    gain = GAIN * num_game_loops
    for unit in casters:
        if unit.energy < unit.energy_max and unit.build_progress >= 1:
            unit.energy = min(unit.energy_max, unit.energy + gain)
