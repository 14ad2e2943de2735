"""What a unit does in one game loop: carries out its first order, or looks for a fight."""

from typing import TYPE_CHECKING

from minisc2.game import movement, orders, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib


def _finish_order(world: "world_lib.World", unit: units.Unit) -> None:
    del unit.orders[0]


def update(world: "world_lib.World", unit: units.Unit) -> None:
    """One game loop of one unit that has orders."""
    order = unit.orders[0]
    if order.kind in (orders.Kind.MOVE, orders.Kind.SCAN):
        x, y = order.target_xy
        if movement.move_towards(world, unit, x, y):
            _finish_order(world, unit)
