"""Senses beyond sight: who uncovers the cloaked, and what radar tells."""

from typing import TYPE_CHECKING

from minisc2.game import unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

RADAR_RANGE = 30.0
"""Cells around a sensor tower in which it notices units (game 4.10)."""

_SENSOR_TOWER = unit_data.id_of("SensorTower")


def is_detected(world: "world_lib.World", player_id: int, unit: units.Unit) -> bool:
    """Whether a player's detectors or scans would uncover a unit where it is."""
    for detector in world.owned(player_id):
        if (detector.type.is_detector and detector.build_progress >= 1
                and detector.distance_to(unit.x, unit.y)
                <= detector.type.sight_range + unit.radius):
            return True
    return any(
        effect.detects and effect.owner == player_id
        and unit.distance_to(*effect.positions[0]) <= effect.radius + unit.radius
        for effect in world.effects)


def radar_towers(world: "world_lib.World", player_id: int) -> list[units.Unit]:
    """A player's finished sensor towers; each covers `RADAR_RANGE`."""
    return [unit for unit in world.owned(player_id)
            if unit.unit_type == _SENSOR_TOWER and unit.build_progress >= 1]


def is_blip(world: "world_lib.World", player_id: int, unit: units.Unit) -> bool:
    """Whether a player knows of an unseen unit by radar only: it is not told what it is."""
    return (not unit.is_structure and world.is_enemy(player_id, unit.owner)
            and not world.can_see(player_id, unit)
            and any(tower.distance_to(unit.x, unit.y) <= RADAR_RANGE
                    for tower in radar_towers(world, player_id)))
