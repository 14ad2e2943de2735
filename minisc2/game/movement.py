"""How units move: straight at full speed, without overlapping.

Simplified: units reach full speed and turn at once.
"""

import math
from typing import TYPE_CHECKING

from minisc2.game import units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib


def move_towards(world: "world_lib.World", unit: units.Unit, x: float, y: float) -> bool:
    """Moves `unit` one game loop closer to a point.

    Returns:
        True when the unit is there, or as near as it can come.
    """
    dx, dy = x - unit.x, y - unit.y
    distance = math.sqrt(dx * dx + dy * dy)
    speed = unit.speed
    if distance <= speed:
        unit.x, unit.y = x, y
        is_there = True
    else:
        scale = speed / distance
        unit.x += dx * scale
        unit.y += dy * scale
        is_there = False
    if distance > 0:
        unit.facing = math.atan2(dy, dx) % math.tau
    cell_x, cell_y = unit.cell
    if not (cell_x <= unit.x < cell_x + 1 and cell_y <= unit.y < cell_y + 1):
        world.enter_cell(unit)
    return is_there
