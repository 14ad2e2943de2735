"""What one player sees of the units: their own, visible ones, and remembered ones."""

import functools
from typing import NamedTuple

import numpy as np
from s2clientprotocol import raw_pb2

from minisc2.game import unit_data, units
from minisc2.game import world as world_lib

NOT_VISIBLE, VISIBLE = 0, 2
# Names of scenery that the minimap does not show and that is remembered from the first loop on.
SCENERY_PREFIXES = ("Destructible", "Unbuildable", "Debris", "Collapsible", "Rocks")


class Snapshot:
    """The last sight of something that does not move. Has the attributes of `units.Unit` that
    describe how it looked; what cannot be seen is zero or empty."""

    __slots__ = (
        "build_progress",
        "facing",
        "is_flying",
        "is_structure",
        "owner",
        "radius",
        "tag",
        "type",
        "unit_type",
        "x",
        "y",
        "z",
    )

    health = health_max = shield = shield_max = energy = energy_max = 0.0
    is_burrowed = is_hallucination = is_powered = is_active = False
    buffs: tuple[int, ...] = ()

    def __init__(self, unit: units.Unit):
        self.tag = unit.tag
        self.type = unit.type
        self.unit_type = unit.unit_type
        self.owner = unit.owner
        self.x, self.y, self.z = unit.x, unit.y, unit.z
        self.facing = unit.facing
        self.radius = unit.radius
        self.build_progress = unit.build_progress
        self.is_flying = unit.is_flying
        self.is_structure = unit.is_structure


class Seen(NamedTuple):
    """One unit as one player sees it.

    Attributes:
        unit: the unit, or a `Snapshot` of it.
        display: raw_pb2.DisplayType.
        alliance: raw_pb2.Alliance.
        cloak: raw_pb2.CloakState.
    """

    unit: units.Unit | Snapshot
    display: int
    alliance: int
    cloak: int


@functools.cache
def is_remembered(unit_type_id: int) -> bool:
    """Whether a sight of this type stays on the map when the fog closes over it."""
    unit_type = unit_data.get(unit_type_id)
    return unit_type.is_structure or unit_type.has_minerals or unit_type.has_vespene or (
        unit_type.name.startswith(SCENERY_PREFIXES))


@functools.cache
def is_scenery(unit_type_id: int) -> bool:
    """Whether the minimap does not show units of this type."""
    return unit_data.get(unit_type_id).name.startswith(SCENERY_PREFIXES)


class Memory:
    """What one player remembers of the structures and resources of others.

    It is brought up to date by each observation, not by each game loop: a structure that came into
    sight and left it between two observations is not remembered.
    """

    def __init__(self, world: world_lib.World, player_id: int):
        """Knows the resources and scenery of the map from the start, as a player does."""
        self._player_id = player_id
        self._snapshots: dict[int, Snapshot] = {
            unit.tag: Snapshot(unit) for unit in world.units.values()
            if unit.owner == units.NEUTRAL_OWNER and is_remembered(unit.unit_type)}

    def update(self, world: world_lib.World, visibility: np.ndarray) -> None:
        """Takes in what is visible now.

        Args:
            world: the world.
            visibility: uint8 [H, W] of the player, row is y.
        """
        for tag, snapshot in list(self._snapshots.items()):
            if tag not in world.units and _is_visible(visibility, snapshot.x, snapshot.y):
                del self._snapshots[tag]
        for unit in world.units.values():
            if unit.owner != self._player_id and is_remembered(unit.unit_type) and (
                    world.can_see(self._player_id, unit)):
                self._snapshots[unit.tag] = Snapshot(unit)

    def hidden(self, world: world_lib.World) -> list[Snapshot]:
        """Remembered things that are not visible now."""
        return [snapshot for tag, snapshot in self._snapshots.items()
                if tag not in world.units
                or not world.can_see(self._player_id, world.units[tag])]


def _is_visible(visibility: np.ndarray, x: float, y: float) -> bool:
    height, width = visibility.shape
    return visibility[min(max(int(y), 0), height - 1), min(max(int(x), 0), width - 1)] == VISIBLE


def units_seen(world: world_lib.World, player_id: int, memory: Memory, show_cloaked: bool,
               disable_fog: bool) -> list[Seen]:
    """Everything a player's observation lists.

    Args:
        world: the world.
        player_id: whose eyes.
        memory: what the player remembers, up to date.
        show_cloaked: whether cloaked units in sight that no detector sees are listed, as hidden.
        disable_fog: lists units out of sight too, as hidden ones (the observation request's field).

    Returns:
        Remembered ones first, then visible and hidden units in the order of their creation.
    """
    seen = [] if disable_fog else [
        Seen(snapshot, raw_pb2.Snapshot, world.alliance(player_id, snapshot.owner),
             raw_pb2.CloakedUnknown) for snapshot in memory.hidden(world)]
    for unit in world.units.values():
        owner = unit.owner
        if owner == player_id or world.can_see(player_id, unit):
            seen.append(Seen(unit, raw_pb2.Visible, world.alliance(player_id, owner),
                             raw_pb2.NotCloaked if unit.cloak == units.NOT_CLOAKED
                             else world.cloak_state(player_id, unit)))
        elif show_cloaked and world.cloak_state(player_id, unit) == raw_pb2.Cloaked:
            seen.append(Seen(unit, raw_pb2.Hidden, world.alliance(player_id, owner),
                             raw_pb2.Cloaked))
        elif disable_fog:
            seen.append(Seen(unit, raw_pb2.Hidden, world.alliance(player_id, owner),
                             raw_pb2.CloakedUnknown))
    return seen
