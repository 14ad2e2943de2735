"""The raw part of an observation: units, effects, map state and events in world coordinates.

It is written as bytes: what a unit has beside its place changes seldom, so it is kept serialized
and only the place is written again (in protobuf, parts of a message may follow each other). Which
fields are there for which units is as in recorded first observations of the real game 4.10.
"""

import functools
import operator
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from s2clientprotocol import common_pb2, raw_pb2

from minisc2 import varint
from minisc2.api import images, layers, sight
from minisc2.api import seat as seat_lib
from minisc2.api.interface import Interface
from minisc2.game import commutes, detection, orders, transport, units

_FIELDS = raw_pb2.Unit.DESCRIPTOR.fields_by_name
_RAW_FIELDS = raw_pb2.ObservationRaw.DESCRIPTOR.fields_by_name
_FIXED32 = 5
"""Protobuf's wire type of a float."""


def _float_tag(message: Any, name: str) -> bytes:
    return varint.encode(message.DESCRIPTOR.fields_by_name[name].number << 3 | _FIXED32)


_PLACE = struct.Struct("<2scfcfcfcf")
_POS_HEAD = images.tag(_FIELDS["pos"].number) + b"\x0f"  # three floats with their tags: 15 bytes
_X, _Y, _Z = (_float_tag(common_pb2.Point, name) for name in "xyz")
_FACING = _float_tag(raw_pb2.Unit, "facing")
_COOLDOWN = _float_tag(raw_pb2.Unit, "weapon_cooldown")
_FLOAT = struct.Struct("<f")

_details = operator.attrgetter(
    "health", "shield", "energy", "build_progress", "is_powered", "is_active", "mineral_contents",
    "vespene_contents", "engaged_target_tag", "add_on_tag", "is_burrowed", "is_hallucination",
    "attack_upgrade_level", "armor_upgrade_level", "shield_upgrade_level", "health_max",
    "shield_max", "energy_max")
"""What a unit's message depends on beside its type, its place and what `_Writer` adds."""


class RawWriter:
    """Writes what one client sees of the world, and keeps what does not change."""

    def __init__(self, seat: seat_lib.Seat, interface: Interface):
        """Writes for a seat, in the coordinates and with the options of `interface`."""
        self._seat = seat
        self._interface = interface
        self._kept: dict[int, tuple[sight.Seen, tuple, bytes]] = {}
        height, width = self._cropped(seat.world.visibility(seat.player_id)).shape
        self._creep = images.image_data(np.zeros((height, width), np.uint8), 1)

    def write(self, camera_xy: tuple[float, float], seen: Sequence[sight.Seen]) -> bytes:
        """The serialized `raw_pb2.ObservationRaw`.

        Args:
            camera_xy: centre of the viewer's screen in the world.
            seen: what the player sees.
        """
        seat, world = self._seat, self._seat.world
        raw = raw_pb2.ObservationRaw()
        raw.player.camera.x, raw.player.camera.y = self._interface.raw.world_to_raw(camera_xy)
        raw.player.camera.z = 0.0
        raw.player.upgrade_ids.extend(sorted(seat.player.upgrades))
        for x, y, radius, tag in layers.power_sources(world, seat.player_id):
            raw.player.power_sources.add(pos=self._point((x, y)), radius=radius, tag=tag)
        visibility = world.visibility(seat.player_id)
        raw.map_state.visibility.CopyFrom(images.image_data(self._cropped(visibility), 8))
        raw.map_state.creep.CopyFrom(self._creep)  # no unit of the game spreads creep
        if seat.dead_tags:
            raw.event.dead_units.extend(seat.dead_tags)
        for effect in layers.effects_seen(world, seat.player_id):
            raw.effects.add(
                effect_id=effect.effect_id, owner=effect.owner, radius=effect.radius,
                alliance=world.alliance(seat.player_id, effect.owner),
                pos=[common_pb2.Point2D(x=point.x, y=point.y)
                     for point in map(self._point, effect.positions)])
        for tower in detection.radar_towers(world, seat.player_id):
            raw.radar.add(pos=self._point((tower.x, tower.y)), radius=detection.RADAR_RANGE)
        return b"".join((raw.SerializeToString(), *self._units(camera_xy, seen)))

    def _units(self, camera_xy: tuple[float, float], seen: Sequence[sight.Seen]) -> list[bytes]:
        """Each unit as a field of the message."""
        view = left, bottom, right, top = self._interface.view(camera_xy)
        offset_x, offset_y = self._interface.raw.offset
        selected = frozenset(self._seat.selection.tags)
        loop = self._seat.world.loop
        kept, pack, visible, own = self._kept, _PLACE.pack, raw_pb2.Visible, raw_pb2.Self
        if len(kept) > 2 * len(seen) + 64:
            tags = {one.unit.tag for one in seen}
            self._kept = kept = {tag: row for tag, row in kept.items() if tag in tags}
        parts = []
        for one in seen:
            unit = one.unit
            tag, x, y = unit.tag, unit.x, unit.y
            is_on_screen = (left <= x <= right and bottom <= y <= top) or _touches(unit, view)
            cooldown = b""
            if one.display != visible:
                state = (is_on_screen,)
            elif one.alliance != own:
                state = (is_on_screen, tag in selected, _details(unit), *unit.buffs,
                         self._is_known_hallucination(unit))
            else:
                state = (is_on_screen, tag in selected, _details(unit), unit.buffs and (
                    *unit.buffs, *unit.buff_ends.values(), loop),
                    [(order.ability_id, order.target_tag, order.target_xy, order.progress(loop))
                     for order in unit.orders], self._belongings(unit))
                if unit.type.weapons:
                    cooldown = _COOLDOWN + _FLOAT.pack(max(0.0, unit.weapon_ready_loop - loop))
            row = kept.get(tag)
            if row is None or row[0] is not one or row[1] != state:
                row = kept[tag] = one, state, self._unit(one, is_on_screen, tag in selected)
            place = pack(_POS_HEAD, _X, x - offset_x, _Y, y - offset_y, _Z, unit.z, _FACING,
                         unit.facing)
            parts += (_head(len(row[2]) + len(place) + len(cooldown)), row[2], place, cooldown)
        return parts

    def _is_known_hallucination(self, unit: units.Unit) -> bool:
        """Whether the player knows that a unit is one: its own, or one that it detects."""
        return unit.is_hallucination and (
            unit.owner == self._seat.player_id
            or detection.is_detected(self._seat.world, self._seat.player_id, unit))

    def _belongings(self, unit: units.Unit) -> tuple | None:
        """What only some units have: passengers, rally points and workers."""
        if not unit.is_structure and not unit.cargo:
            return None
        return (commutes.num_assigned(self._seat.world, unit),
                [(passenger.tag, passenger.health, passenger.shield, passenger.energy)
                 for passenger in unit.cargo],
                [(target.tag, target.x, target.y) if isinstance(target, units.Unit) else target
                 for target in unit.rally])

    def _unit(self, one: sight.Seen, is_on_screen: bool, is_selected: bool) -> bytes:
        """A unit's message without what `_units` adds: its place and its weapon's cooldown."""
        unit = one.unit
        if one.is_blip:  # of these a player learns only where they are
            return raw_pb2.Unit(
                display_type=one.display, alliance=one.alliance, tag=unit.tag, unit_type=0,
                owner=unit.owner, radius=unit.radius, build_progress=1.0, cloak=one.cloak,
                is_on_screen=is_on_screen, is_blip=True).SerializeToString()
        message = raw_pb2.Unit(
            display_type=one.display, alliance=one.alliance, tag=unit.tag,
            unit_type=unit.unit_type, owner=unit.owner, radius=unit.radius,
            build_progress=unit.build_progress, cloak=one.cloak, is_on_screen=is_on_screen,
            is_blip=False)
        if unit.is_structure or unit.type.has_minerals or unit.type.has_vespene:
            message.is_powered = unit.is_powered
        if one.display == raw_pb2.Visible:
            _add_details(message, unit, is_selected)
            message.is_hallucination = self._is_known_hallucination(unit)
            if one.alliance == raw_pb2.Self:
                self._add_own(message, unit)
        return message.SerializeToString()

    def _add_own(self, message: raw_pb2.Unit, unit: units.Unit) -> None:
        """What only the unit's owner knows."""
        world = self._seat.world
        if unit.engaged_target_tag:
            message.engaged_target_tag = unit.engaged_target_tag
        message.orders.extend([self._order(order) for order in unit.orders])
        if unit.add_on_tag:
            message.add_on_tag = unit.add_on_tag
        _add_cargo(message, unit)
        message.assigned_harvesters, message.ideal_harvesters = commutes.num_assigned(world, unit)
        if unit.buff_ends:
            message.buff_duration_remain = max(0, max(unit.buff_ends.values()) - world.loop)
        for target in unit.rally:
            if isinstance(target, units.Unit):
                message.rally_targets.add(point=self._point((target.x, target.y)), tag=target.tag)
            else:
                message.rally_targets.add(point=self._point(target))

    def _order(self, order: orders.Order) -> raw_pb2.UnitOrder:
        message = raw_pb2.UnitOrder(ability_id=order.ability_id)
        progress = order.progress(self._seat.world.loop)
        if progress:
            message.progress = progress
        if order.target_tag:
            message.target_unit_tag = order.target_tag
        elif order.target_xy is not None:
            message.target_world_space_pos.CopyFrom(self._point(order.target_xy))
        return message

    def _point(self, world_xy: tuple[float, float]) -> common_pb2.Point:
        x, y = self._interface.raw.world_to_raw(world_xy)
        return common_pb2.Point(x=x, y=y, z=0.0)

    def _cropped(self, grid: np.ndarray) -> np.ndarray:
        """A world grid as the raw interface shows it; row is y."""
        if not self._interface.options.raw_crop_to_playable_area:
            return grid
        x0, y0, x1, y1 = self._seat.world.game_map.playable
        return grid[y0:y1, x0:x1]


@functools.cache
def _head(length: int) -> bytes:
    """What precedes a unit of so many bytes."""
    return images.tag(_RAW_FIELDS["units"].number) + varint.encode(length)


def _touches(unit: units.Unit | sight.Snapshot, view: tuple[float, float, float, float]) -> bool:
    """Whether a unit whose middle is off the screen reaches into it."""
    left, bottom, right, top = view
    dx = max(left - unit.x, 0.0, unit.x - right)
    dy = max(bottom - unit.y, 0.0, unit.y - top)
    return dx * dx + dy * dy < unit.radius * unit.radius


def _add_details(message: raw_pb2.Unit, unit: units.Unit, is_selected: bool) -> None:
    """What anyone who sees the unit knows."""
    kind = unit.type
    message.is_selected = is_selected
    message.health, message.health_max = unit.health, unit.health_max
    message.shield, message.shield_max = unit.shield, unit.shield_max
    message.energy, message.energy_max = unit.energy, unit.energy_max
    message.is_flying, message.is_burrowed = unit.is_flying, unit.is_burrowed
    message.is_active = unit.is_active
    if kind.weapons:
        message.attack_upgrade_level = unit.attack_upgrade_level
    message.armor_upgrade_level = unit.armor_upgrade_level
    message.shield_upgrade_level = unit.shield_upgrade_level
    if unit.mineral_contents:
        message.mineral_contents = unit.mineral_contents
    if unit.vespene_contents:
        message.vespene_contents = unit.vespene_contents
    if unit.buffs:
        message.buff_ids.extend(unit.buffs)
    if kind.is_detector:
        message.detect_range = kind.sight_range
    if kind.name == "SensorTower" and unit.build_progress >= 1:
        message.radar_range = detection.RADAR_RANGE


def _add_cargo(message: raw_pb2.Unit, unit: units.Unit) -> None:
    """Passengers and room for them; town halls have room only while they carry somebody."""
    slots = transport.capacity(unit)
    if not slots or (not unit.cargo and unit.type.is_structure and unit.type.food_provided):
        return
    for passenger in unit.cargo:
        message.passengers.add(
            tag=passenger.tag, unit_type=passenger.unit_type, health=passenger.health,
            health_max=passenger.health_max, shield=passenger.shield,
            shield_max=passenger.shield_max, energy=passenger.energy,
            energy_max=passenger.energy_max)
    message.cargo_space_taken = sum(passenger.type.cargo_size for passenger in unit.cargo)
    message.cargo_space_max = slots
