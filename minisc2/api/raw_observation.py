"""The raw part of an observation: units, effects, map state and events in world coordinates."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from s2clientprotocol import common_pb2, raw_pb2

from minisc2.api import images, layers, sight
from minisc2.api import seat as seat_lib
from minisc2.api.interface import Interface
from minisc2.game import orders, units

HARVEST_RANGE = 10.0
_GATHERED_AT = frozenset(("CommandCenter", "OrbitalCommand", "PlanetaryFortress", "Nexus",
                          "Hatchery", "Lair", "Hive"))


def build(seat: seat_lib.Seat, interface: Interface, camera_xy: tuple[float, float],
          seen: Sequence[sight.Seen]) -> raw_pb2.ObservationRaw:
    """Builds the message.

    Args:
        seat: whose observation.
        interface: the viewer's coordinates and options.
        camera_xy: centre of the viewer's screen in the world.
        seen: what the player sees.
    """
    world = seat.world
    raw = raw_pb2.ObservationRaw()
    x, y = interface.raw.world_to_raw(camera_xy)
    raw.player.camera.x, raw.player.camera.y, raw.player.camera.z = x, y, 0.0
    raw.player.upgrade_ids.extend(sorted(seat.player.upgrades))
    for px, py, radius, tag in layers.power_sources(world, seat.player_id):
        px, py = interface.raw.world_to_raw((px, py))
        raw.player.power_sources.add(pos=common_pb2.Point(x=px, y=py, z=0.0), radius=radius,
                                     tag=tag)
    selected = frozenset(seat.selection.tags)
    view = interface.view(camera_xy)
    raw.units.extend([_unit(seat, interface, one, selected, view) for one in seen])
    visibility = world.visibility(seat.player_id)
    raw.map_state.visibility.CopyFrom(images.image_data(_cropped(visibility, interface, seat), 8))
    raw.map_state.creep.CopyFrom(images.image_data(  # no unit of the game spreads creep
        np.zeros_like(_cropped(visibility, interface, seat)), 1))
    if seat.dead_tags:
        raw.event.dead_units.extend(seat.dead_tags)
    for effect in world.effects:
        raw.effects.append(_effect(seat, interface, effect))
    return raw


def _cropped(grid: np.ndarray, interface: Interface, seat: seat_lib.Seat) -> np.ndarray:
    """A world grid as the raw interface shows it; row is y."""
    if not interface.options.raw_crop_to_playable_area:
        return grid
    x0, y0, x1, y1 = seat.world.game_map.playable
    return grid[y0:y1, x0:x1]


def _effect(seat: seat_lib.Seat, interface: Interface, effect: Any) -> raw_pb2.Effect:
    message = raw_pb2.Effect(effect_id=effect.effect_id, owner=effect.owner, radius=effect.radius,
                             alliance=seat.world.alliance(seat.player_id, effect.owner))
    for position in effect.positions:
        x, y = interface.raw.world_to_raw(position)
        message.pos.add(x=x, y=y)
    return message


def _is_on_screen(unit: units.Unit | sight.Snapshot, view: tuple[float, float, float, float]
                  ) -> bool:
    left, bottom, right, top = view
    dx = max(left - unit.x, 0.0, unit.x - right)
    dy = max(bottom - unit.y, 0.0, unit.y - top)
    return dx * dx + dy * dy < unit.radius * unit.radius


def _unit(seat: seat_lib.Seat, interface: Interface, one: sight.Seen, selected: Collection[int],
          view: tuple[float, float, float, float]) -> raw_pb2.Unit:
    unit = one.unit
    x, y = interface.raw.world_to_raw((unit.x, unit.y))
    message = raw_pb2.Unit(
        display_type=one.display, alliance=one.alliance, tag=unit.tag, unit_type=unit.unit_type,
        owner=unit.owner, pos=common_pb2.Point(x=x, y=y, z=unit.z), facing=unit.facing,
        radius=unit.radius, build_progress=unit.build_progress, cloak=one.cloak,
        is_on_screen=_is_on_screen(unit, view), is_blip=False)
    if one.display == raw_pb2.Visible:
        _add_details(message, unit, selected)
        if one.alliance == raw_pb2.Self:
            _add_own(message, seat, interface, unit)
    return message


def _add_details(message: raw_pb2.Unit, unit: units.Unit, selected: Collection[int]) -> None:
    """What anyone who sees the unit knows."""
    message.is_selected = unit.tag in selected
    message.health, message.health_max = unit.health, unit.health_max
    message.shield, message.shield_max = unit.shield, unit.shield_max
    message.energy, message.energy_max = unit.energy, unit.energy_max
    message.is_flying, message.is_burrowed = unit.is_flying, unit.is_burrowed
    message.is_powered, message.is_active = unit.is_powered, unit.is_active
    message.is_hallucination = False
    message.attack_upgrade_level = unit.attack_upgrade_level
    message.armor_upgrade_level = unit.armor_upgrade_level
    message.shield_upgrade_level = unit.shield_upgrade_level
    if unit.mineral_contents:
        message.mineral_contents = unit.mineral_contents
    if unit.vespene_contents:
        message.vespene_contents = unit.vespene_contents
    if unit.buffs:
        message.buff_ids.extend(unit.buffs)
    if unit.type.is_detector:
        message.detect_range = unit.type.sight_range


def _add_own(message: raw_pb2.Unit, seat: seat_lib.Seat, interface: Interface, unit: units.Unit
             ) -> None:
    """What only the unit's owner knows."""
    message.is_hallucination = unit.is_hallucination
    message.weapon_cooldown = max(0.0, unit.weapon_ready_loop - seat.world.loop)
    message.engaged_target_tag = unit.engaged_target_tag
    for order in unit.orders:
        message.orders.append(_order(interface, order, seat.world.loop))
    if unit.add_on_tag:
        message.add_on_tag = unit.add_on_tag
    for passenger in unit.cargo:
        message.passengers.add(
            tag=passenger.tag, unit_type=passenger.unit_type, health=passenger.health,
            health_max=passenger.health_max, shield=passenger.shield,
            shield_max=passenger.shield_max, energy=passenger.energy,
            energy_max=passenger.energy_max)
    message.cargo_space_taken = sum(passenger.type.cargo_size for passenger in unit.cargo)
    message.cargo_space_max = unit.cargo_space_max
    message.assigned_harvesters, message.ideal_harvesters = _harvesters(seat, unit)
    for target in unit.rally:
        _add_rally(message, interface, target)


def _order(interface: Interface, order: orders.Order, loop: int) -> raw_pb2.UnitOrder:
    message = raw_pb2.UnitOrder(ability_id=order.ability_id, progress=order.progress(loop))
    if order.target_tag:
        message.target_unit_tag = order.target_tag
    elif order.target_xy is not None:
        x, y = interface.raw.world_to_raw(order.target_xy)
        message.target_world_space_pos.CopyFrom(common_pb2.Point(x=x, y=y, z=0.0))
    return message


def _add_rally(message: raw_pb2.Unit, interface: Interface, target: Any) -> None:
    """Adds one rally target: a world point, or a unit."""
    if isinstance(target, units.Unit):
        x, y = interface.raw.world_to_raw((target.x, target.y))
        message.rally_targets.add(point=common_pb2.Point(x=x, y=y, z=0.0), tag=target.tag)
    else:
        x, y = interface.raw.world_to_raw(target)
        message.rally_targets.add(point=common_pb2.Point(x=x, y=y, z=0.0))


def _harvesters(seat: seat_lib.Seat, unit: units.Unit) -> tuple[int, int]:
    """(assigned, ideal) number of workers of a town hall or gas structure; zeros for others."""
    if unit.type.name not in _GATHERED_AT or unit.build_progress < 1:
        return 0, 0
    world_units = seat.world.units
    patches = {other.tag for other in world_units.values() if other.type.has_minerals
               and other.distance_to(unit.x, unit.y) <= HARVEST_RANGE}
    assigned = sum(1 for other in world_units.values()
                   if other.owner == unit.owner and other.type.is_worker and other.orders
                   and other.orders[0].target_tag in patches)
    return assigned, 2 * len(patches)
