"""The user-interface part of an observation: control groups and the panel of the selection."""

import operator

from s2clientprotocol import raw_pb2, ui_pb2

from minisc2.api import seat as seat_lib
from minisc2.game import orders, transport, unit_data, units


def build(seat: seat_lib.Seat) -> ui_pb2.ObservationUI:
    """Builds the message: the groups that are not empty, and the panel that the selection opens.

    One unit opens the panel of what it carries, of what it produces, or of itself; several open
    the panel of all.
    """
    ui = ui_pb2.ObservationUI()
    for index, members in seat.selection.groups():
        ui.groups.add(control_group_index=index, leader_unit_type=_leader(members).unit_type,
                      count=len(members))
    selected = seat.selection.selected_units()
    if len(selected) > 1:
        ui.multi.units.extend([_info(seat, unit) for unit in selected])
    elif selected:
        unit = selected[0]
        is_own = unit.owner == seat.player_id
        if is_own and unit.cargo:
            _fill_cargo(ui.cargo, seat, unit)
        elif is_own and _makes_something(unit):
            _fill_production(ui.production, seat, unit)
        else:
            _fill_single(ui.single, seat, unit)
    return ui


def key(seat: seat_lib.Seat) -> tuple | None:
    """What the message is built from: equal keys, equal messages; None: it has to be built."""
    selection = seat.selection
    selected = selection.selected_units()
    for unit in selected:
        if unit.cargo or unit.add_on_tag or _makes_something(unit):
            return None
    groups = [(index, _leader(members).unit_type, len(members))
              for index, members in selection.groups()]
    return groups, [(_vitals(unit), *unit.buffs) for unit in selected]


_vitals = operator.attrgetter(
    "tag", "unit_type", "owner", "health", "health_max", "shield", "shield_max", "energy",
    "energy_max", "build_progress", "attack_upgrade_level", "armor_upgrade_level",
    "shield_upgrade_level")


_MAKING = frozenset((orders.Kind.TRAIN, orders.Kind.RESEARCH, orders.Kind.MORPH,
                     orders.Kind.BUILD_ADD_ON))


def _makes_something(unit: units.Unit) -> bool:
    """Whether the panel shows what a structure makes, and not the structure."""
    return unit.is_structure and bool(unit.orders) and unit.orders[0].kind in _MAKING


def _leader(members: list[units.Unit]) -> units.Unit:
    """The unit whose picture stands for the group: the most costly type in it."""
    return max(members, key=lambda unit: (unit.type.mineral_cost + unit.type.vespene_cost))


def _info(seat: seat_lib.Seat, unit: units.Unit) -> ui_pb2.UnitInfo:
    info = ui_pb2.UnitInfo(
        unit_type=unit.unit_type, player_relative=seat.world.alliance(seat.player_id, unit.owner),
        health=int(unit.health), max_health=int(unit.health_max), shields=int(unit.shield),
        max_shields=int(unit.shield_max), energy=int(unit.energy),
        max_energy=int(unit.energy_max),
        transport_slots_taken=transport.slots_taken(unit))
    if unit.build_progress < 1:  # the game leaves it at 0 for what is finished
        info.build_progress = unit.build_progress
    add_on = seat.world.units.get(unit.add_on_tag)
    if add_on is not None:
        info.add_on.unit_type = add_on.unit_type
    return info


def _fill_single(panel: ui_pb2.SinglePanel, seat: seat_lib.Seat, unit: units.Unit) -> None:
    panel.unit.CopyFrom(_info(seat, unit))
    panel.attack_upgrade_level = unit.attack_upgrade_level
    panel.armor_upgrade_level = unit.armor_upgrade_level
    panel.shield_upgrade_level = unit.shield_upgrade_level
    panel.buffs.extend(unit.buffs)


def _fill_cargo(panel: ui_pb2.CargoPanel, seat: seat_lib.Seat, unit: units.Unit) -> None:
    panel.unit.CopyFrom(_info(seat, unit))
    for passenger in unit.cargo:
        passenger_info = panel.passengers.add()
        passenger_info.CopyFrom(_info(seat, passenger))
        passenger_info.transport_slots_taken = passenger.type.cargo_size
    panel.slots_available = transport.capacity(unit) - transport.slots_taken(unit)


def _fill_production(panel: ui_pb2.ProductionPanel, seat: seat_lib.Seat, unit: units.Unit) -> None:
    """What a structure makes, in the order of its queue; research has no unit in `build_queue`."""
    panel.unit.CopyFrom(_info(seat, unit))
    for order in unit.orders:
        progress = order.progress(seat.world.loop)
        panel.production_queue.add(ability_id=order.ability_id, build_progress=progress)
        if order.ability is not None and order.ability.product:
            product = unit_data.get(order.ability.product)
            panel.build_queue.add(
                unit_type=product.unit_id, player_relative=raw_pb2.Self, build_progress=progress,
                max_health=int(product.health_max), max_shields=int(product.shield_max),
                max_energy=int(product.energy_max))
