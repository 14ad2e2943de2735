"""Where structures may stand.

Cells of a footprint have to be meant for building by the map and free of other structures. Town
halls keep away from resources, refineries stand exactly on geysers, and nobody builds where units
of others stand. Those of the same player make room when construction begins. What a player does not
see is not in the way before the builder is near: ground never seen can be built on, as bots for the
real game do when they build at the enemy's base. Creep and power are not simulated.
"""

import functools
from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    collision,
    orders,
    pathing,
    results,
    unit_data,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

_RESOURCE_GAP = 3
"""Cells between a town hall and a resource: the start locations of the real Simple64 have exactly
this between their nearest edges."""

_RESOURCE_CORNER = 4
"""Corner to corner the sum of both gaps has to be this: one field of each of those start locations
is 2 cells away in both directions."""

_BY_RESULT_OF_LANDING = {
    results.CANT_BUILD_LOCATION_INVALID: results.CANT_LAND_LOCATION_INVALID,
    results.CANT_BUILD_TOO_CLOSE_TO_RESOURCES: results.CANT_LAND_TOO_CLOSE_TO_RESOURCES,
}

_Rectangle = tuple[int, int, int, int]


def snap(unit_type: int, xy: tuple[float, float]) -> tuple[float, float]:
    """The centre nearest to a point at which a type's footprint covers whole cells.

    Odd sides are centred on halves, even ones on whole numbers.
    """
    width, height = unit_data.get(unit_type).footprint
    return (round(xy[0] - width / 2) + width / 2, round(xy[1] - height / 2) + height / 2)


def footprint_cells(kind: unit_data.UnitType, xy: tuple[float, float]) -> _Rectangle:
    """(x0, y0, x1, y1) of the cells that a structure covers; x1 and y1 are not covered."""
    width, height = kind.footprint
    left, bottom = round(xy[0] - width / 2), round(xy[1] - height / 2)
    return left, bottom, left + width, bottom + height


def check(world: "world_lib.World", ability_id: int, xy: tuple[float, float],
          builder: units.Unit | None) -> int:
    """The `results` answer to building or landing something at a point.

    Args:
        world: its world.
        ability_id: ability to build, to add on to a structure, or to land.
        xy: world point; of an add-on it is where the add-on goes, not its building.
        builder: who is to do it; None leaves out what depends on a player: units in the way, and
            structures that it does not know of.

    Returns:
        SUCCESS or the reason against it; NOT_SUPPORTED for abilities that build nothing.
    """
    ability = ability_data.load().get(ability_id)
    product = _structures_by_ability().get(ability_id, 0) if ability is None else ability.product
    if product == 0:
        return results.NOT_SUPPORTED
    answer = _check_product(world, unit_data.get(product), xy, builder)
    if ability is not None and ability.kind is orders.Kind.LAND:
        return _BY_RESULT_OF_LANDING.get(answer, answer)
    return answer


@functools.cache
def _structures_by_ability() -> dict[int, int]:
    """Types by the ability that makes them, for races whose abilities are not simulated."""
    return {kind.ability_id: kind.unit_id for kind in unit_data.UNIT_TYPES.values()
            if kind.is_structure and kind.ability_id}


def _check_product(world: "world_lib.World", kind: unit_data.UnitType, xy: tuple[float, float],
                   builder: units.Unit | None) -> int:
    xy = snap(kind.unit_id, xy)
    cells = x0, y0, x1, y1 = footprint_cells(kind, xy)
    width, height = world.game_map.size
    if kind.footprint == (0, 0) or x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        return results.CANT_BUILD_LOCATION_INVALID
    if kind.has_vespene:
        is_free = any(geyser.x == xy[0] and geyser.y == xy[1] for geyser in free_geysers(world))
        return results.SUCCESS if is_free else results.CANT_BUILD_LOCATION_INVALID
    if not world.game_map.placement_grid[y0:y1, x0:x1].all() or (
            world.ground.occupied[y0:y1, x0:x1].any()
            and not _looks_free(world, builder, xy, cells)):
        return results.CANT_BUILD_LOCATION_INVALID
    if kind.footprint[0] == pathing.ROUNDED_WIDTH and _is_near_resources(world, cells):
        return results.CANT_BUILD_TOO_CLOSE_TO_RESOURCES
    if builder is not None and _has_strangers(world, builder.owner, xy, cells):
        return results.CANT_BUILD_LOCATION_INVALID
    return results.SUCCESS


def _looks_free(world: "world_lib.World", builder: units.Unit | None, xy: tuple[float, float],
                cells: _Rectangle) -> bool:
    """Whether all that occupies the cells is unknown to a builder that is still far away."""
    if builder is None or builder.distance_to(*xy) <= builder.type.sight_range:
        return False
    x0, y0, x1, y1 = cells
    covering = []
    for unit in world.units.values():
        if unit.is_structure and not unit.is_flying:
            left, bottom, right, top = footprint_cells(unit.type, (unit.x, unit.y))
            if left < x1 and x0 < right and bottom < y1 and y0 < top:
                covering.append(unit)
    return bool(covering) and not any(
        world.display_type(builder.owner, unit) for unit in covering)


def free_geysers(world: "world_lib.World") -> list[units.Unit]:
    """Geysers without a refinery, oldest first."""
    taken = {(unit.x, unit.y) for unit in world.units.values()
             if unit.type.has_vespene and unit.owner != units.NEUTRAL_OWNER}
    return [unit for unit in world.units.values()
            if unit.type.has_vespene and unit.owner == units.NEUTRAL_OWNER
            and (unit.x, unit.y) not in taken]


def _is_near_resources(world: "world_lib.World", cells: _Rectangle) -> bool:
    x0, y0, x1, y1 = cells
    for unit in world.units.values():
        if unit.owner == units.NEUTRAL_OWNER and (unit.type.has_minerals or unit.type.has_vespene):
            left, bottom, right, top = footprint_cells(unit.type, (unit.x, unit.y))
            gap_x = max(left - x1, x0 - right, 0)
            gap_y = max(bottom - y1, y0 - top, 0)
            if max(gap_x, gap_y) < _RESOURCE_GAP and gap_x + gap_y < _RESOURCE_CORNER:
                return True
    return False


def _has_strangers(world: "world_lib.World", player_id: int, xy: tuple[float, float],
                   cells: _Rectangle) -> bool:
    """Whether ground units of others stand on the cells, as far as the player sees them."""
    x0, y0, x1, y1 = cells
    reach = max(x1 - x0, y1 - y0)
    return any(unit.owner != player_id
               and x0 - unit.radius < unit.x < x1 + unit.radius
               and y0 - unit.radius < unit.y < y1 + unit.radius
               and world.can_see(player_id, unit)
               for unit in world.crowd.near(*xy, reach))


def make_room(world: "world_lib.World", structure: units.Unit) -> None:
    """Puts units beside a structure that appears where they stand; builders may stay in it."""
    x0, y0, x1, y1 = footprint_cells(structure.type, (structure.x, structure.y))
    for unit in world.crowd.near(structure.x, structure.y, max(x1 - x0, y1 - y0)):
        if x0 <= unit.x < x1 and y0 <= unit.y < y1:
            world.set_position(unit, collision.free_place(world, unit, unit.x, unit.y))
