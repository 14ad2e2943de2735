"""The user-interface part of an observation: control groups and the panel of the selection."""

import operator

from s2clientprotocol import ui_pb2

from minisc2.api import seat as seat_lib
from minisc2.game import units

_TRAINED_AT_ONCE = 5


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
        elif is_own and unit.is_structure and unit.orders:
            _fill_production(ui.production, seat, unit)
        else:
            _fill_single(ui.single, seat, unit)
    return ui


def key(seat: seat_lib.Seat) -> tuple | None:
    """What the message is built from: equal keys, equal messages; None: it has to be built."""
    selection = seat.selection
    selected = selection.selected_units()
    for unit in selected:
        if unit.cargo or unit.add_on_tag or (unit.is_structure and unit.orders):
            return None
    groups = [(index, _leader(members).unit_type, len(members))
              for index, members in selection.groups()]
    return groups, [(_vitals(unit), *unit.buffs) for unit in selected]


_vitals = operator.attrgetter(
    "tag", "unit_type", "owner", "health", "health_max", "shield", "shield_max", "energy",
    "energy_max", "build_progress", "attack_upgrade_level", "armor_upgrade_level",
    "shield_upgrade_level")


def _leader(members: list[units.Unit]) -> units.Unit:
    """The unit whose picture stands for the group: the most costly type in it."""
    return max(members, key=lambda unit: (unit.type.mineral_cost + unit.type.vespene_cost))


def _info(seat: seat_lib.Seat, unit: units.Unit) -> ui_pb2.UnitInfo:
    info = ui_pb2.UnitInfo(
        unit_type=unit.unit_type, player_relative=seat.world.alliance(seat.player_id, unit.owner),
        health=int(unit.health), max_health=int(unit.health_max), shields=int(unit.shield),
        max_shields=int(unit.shield_max), energy=int(unit.energy),
        max_energy=int(unit.energy_max),
        transport_slots_taken=sum(passenger.type.cargo_size for passenger in unit.cargo))
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
    panel.slots_available = unit.cargo_space_max - sum(
        passenger.type.cargo_size for passenger in unit.cargo)


def _fill_production(panel: ui_pb2.ProductionPanel, seat: seat_lib.Seat, unit: units.Unit) -> None:
    panel.unit.CopyFrom(_info(seat, unit))
    for order in unit.orders:
        panel.production_queue.add(ability_id=order.ability_id,
                                   build_progress=order.progress(seat.world.loop))
