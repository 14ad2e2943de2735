"""Terran structures that have lost two thirds of their life burn until repaired or gone."""

from typing import TYPE_CHECKING

from minisc2.game import unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

PERIOD_GAME_LOOPS = 16

LIFE_SHARE = 1 / 3
"""Structures with less of their life than this burn."""

LIFE_PER_SECOND = 3.0
"""Life that a burning structure loses, by seconds of the data tables. A rounded figure from the
game's help; the catalogue that would tell it is not among the data at hand."""


def update(world: "world_lib.World") -> None:
    """Called every `PERIOD_GAME_LOOPS`."""
    loss = LIFE_PER_SECOND * PERIOD_GAME_LOOPS / unit_data.LOOPS_PER_SECOND
    for player_id in world.players:
        for unit in world.owned(player_id):
            if (unit.is_structure and unit.health < unit.health_max * LIFE_SHARE
                    and _burns(unit) and not world.is_protected(unit)):
                unit.health -= loss
                if unit.health <= 0:
                    world.kill_unit(unit)


def _burns(unit: units.Unit) -> bool:
    """Terran structures do, once they are finished."""
    return unit.type.race == unit_data.TERRAN and unit.build_progress >= 1
