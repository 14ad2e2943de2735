"""What one player sees of the units: their own, visible ones, and remembered ones."""

import functools
import operator
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from s2clientprotocol import raw_pb2

from minisc2.game import detection, unit_data, units
from minisc2.game import world as world_lib

VISIBLE = 2
"""What a player sees now, in a visibility grid."""

# Names of scenery that the minimap does not show and that is remembered from the first loop on.
SCENERY_PREFIXES = ("Destructible", "Unbuildable", "Debris", "Collapsible", "Rocks")


class Snapshot:
    """The last sight of something that does not move. Has the attributes of `units.Unit` that
    describe how it looked; what cannot be seen is zero or empty."""

    __slots__ = (
        "build_progress",
        "cell",
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
        self.cell = unit.cell
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
        unit_type: stable id of its type.
        is_blip: known by radar only.
        rank: in which order units are drawn; see `rank`.
        stays: whether it stays where it is until `World.num_changes` goes up.
    """

    unit: units.Unit | Snapshot
    display: int
    alliance: int
    cloak: int
    unit_type: int
    is_blip: bool
    rank: float
    stays: bool


_FLYING_RANK = 1000.0
_GEYSER_RANK = -1000.0


def rank(unit: units.Unit | Snapshot) -> float:
    """Higher ones are drawn over lower ones, and are clicked.

    Small units cover large ones, flying ones cover both, and everything covers a geyser: what
    stands there stands on it.
    """
    if unit.type.has_vespene and unit.owner == units.NEUTRAL_OWNER:
        return _GEYSER_RANK
    return unit.is_flying * _FLYING_RANK - unit.radius


def _seen(unit: units.Unit | Snapshot, display: int, alliance: int, cloak: int,
          is_blip: bool = False) -> Seen:
    kind = unit.type
    stays = display == raw_pb2.Snapshot or (
        kind.is_structure and not kind.is_flying and kind.footprint[0] > 0)
    return Seen(unit, display, alliance, cloak, unit.unit_type, is_blip, rank(unit), stays)


@functools.cache
def is_remembered(unit_type_id: int) -> bool:
    """Whether a sight of this type stays on the map when the fog closes over it."""
    unit_type = unit_data.get(unit_type_id)
    return (unit_type.is_structure and not unit_type.is_flying) or unit_type.has_minerals or (
        unit_type.has_vespene or unit_type.name.startswith(SCENERY_PREFIXES))


@functools.cache
def is_scenery(unit_type_id: int) -> bool:
    """Whether the minimap does not show units of this type."""
    return unit_data.get(unit_type_id).name.startswith(SCENERY_PREFIXES)


_Cell = tuple[int, int]


class _Places:
    """Cells of a grid, whose values are looked up all at once: NumPy would be dearer for so few."""

    def __init__(self) -> None:
        self._cells: list[_Cell] = []
        self._width = 0
        self._values: Callable[[bytes], tuple[int, ...]] = lambda grid: ()

    def move(self, cells: list[_Cell], width: int) -> None:
        """From now on these cells, (column, row), of grids with `width` columns."""
        if cells != self._cells or width != self._width:
            self._cells, self._width = cells, width
            indices = [row * width + column for column, row in cells]
            self._values = (operator.itemgetter(*indices) if len(indices) > 1
                            else lambda grid: tuple([grid[index] for index in indices]))

    def values(self, grid: bytes) -> tuple[int, ...]:
        """The value of each cell; `grid` has a byte for each of its cells."""
        return self._values(grid)


class _Others:
    """Units that are not a player's own, until `World.num_changes` goes up.

    Attributes:
        still: those that are remembered, and so stay where they are, oldest first.
        movers: all others, oldest first.
        cloaked: numbers of those that are still and cloaked.
    """

    def __init__(self, all_units: Iterable[units.Unit], player_id: int):
        self.still: list[units.Unit] = []
        self.movers: list[units.Unit] = []
        for unit in all_units:
            if unit.owner != player_id:
                (self.still if is_remembered(unit.unit_type) else self.movers).append(unit)
        self.cloaked = [number for number, unit in enumerate(self.still)
                        if unit.cloak != units.NOT_CLOAKED]


class Memory:
    """What one player sees of others' units, and remembers of their structures and of resources.

    Brought up to date by each observation. A structure that came into sight and left it again
    between two observations is remembered, as it is when the second is taken.

    Attributes:
        in_sight: tags of others' units that are visible now.
        snapshots: tag -> what is remembered and not visible now. Not to be written to.
        known: tag -> what `shown` found the last time.
        version: goes up whenever `in_sight` or `snapshots` are other ones than before.
    """

    def __init__(self, world: world_lib.World, player_id: int):
        """Knows the resources and scenery of the map from the start, as a player does."""
        self._player_id = player_id
        self.in_sight: set[int] = set()
        self.snapshots: dict[int, Seen] = {}
        self.known: dict[int, Seen] = {}
        self.version = 0
        self._num_changes = -1
        self._others = _Others([], player_id)
        self._still_places, self._snapshot_places = _Places(), _Places()
        self._still_visible: tuple[int, ...] = ()
        self._hidden: list[int] = []  # numbers of those of `_others.still` that are not visible
        self._standing: set[int] = set()  # of those in sight, what will be remembered
        self._is_fresh_known = True  # whether fresh sight was taken the last time
        self._told: tuple[tuple, list[Seen]] = (), []
        for unit in world.units.values():
            if unit.owner == units.NEUTRAL_OWNER and is_remembered(unit.unit_type):
                self._remember(world, unit)

    def take_over(self, other: "Memory") -> None:
        """Remembers what somebody else remembers, too."""
        self.snapshots.update(other.snapshots)
        self.version += 1

    def update(self, world: world_lib.World, visibility: np.ndarray) -> None:
        """Takes in what is visible now, and what was since the last time.

        Args:
            world: the world.
            visibility: uint8 [H, W] of the player, row is y.
        """
        standing_before = self._standing
        visible, width = visibility.tobytes(), visibility.shape[1]
        self._look(world, visible, width)
        snapshots = self.snapshots
        for tag in snapshots.keys() & self.in_sight:
            del snapshots[tag]
            self.version += 1
        if not self._hidden and not snapshots:
            # Mini-games without structures need not pay for the rest.
            self._is_fresh_known = False
            return
        fresh = world.take_fresh_sight(self._player_id).tobytes()
        if not self._is_fresh_known:  # what came into sight before there was anything to remember
            self._is_fresh_known = True
            fresh = bytes(len(fresh))
        if snapshots:
            self._forget_what_is_gone(world, fresh, visible, width)
        still, is_fresh = self._others.still, self._still_places.values(fresh)
        for number in self._hidden:
            # It was in sight until now, or for a moment since the last time.
            unit = still[number]
            if (is_fresh[number] and unit.cloak == units.NOT_CLOAKED) or (
                    unit.tag in standing_before):
                self._remember(world, unit)

    def _look(self, world: world_lib.World, visible: bytes, width: int) -> None:
        """Finds out who is visible, by a byte for each cell of the map."""
        is_new = world.num_changes != self._num_changes
        if is_new:
            self._num_changes = world.num_changes
            self._others = _Others(world.units.values(), self._player_id)
        others = self._others
        if others.still or is_new:
            self._look_at_still(world, visible, width, is_new)
        in_sight = {unit.tag for unit in others.movers
                    if visible[unit.cell[1] * width + unit.cell[0]] == VISIBLE and (
                        unit.cloak == units.NOT_CLOAKED or world.can_see(self._player_id, unit))}
        in_sight |= self._standing
        if in_sight != self.in_sight:
            self.in_sight = in_sight
            self.version += 1

    def _look_at_still(self, world: world_lib.World, visible: bytes, width: int, is_new: bool
                       ) -> None:
        others = self._others
        # A script, or a replay, may put a structure elsewhere.
        self._still_places.move([unit.cell for unit in others.still], width)
        still_visible = self._still_places.values(visible)
        for number in others.cloaked:
            is_detected = world.can_see(self._player_id, others.still[number])
            still_visible = (*still_visible[:number], VISIBLE if is_detected else 0,
                             *still_visible[number + 1:])
        if is_new or still_visible != self._still_visible:
            self._still_visible = still_visible
            self._standing = {unit.tag for unit, value in zip(
                others.still, still_visible, strict=True) if value == VISIBLE}
            self._hidden = [number for number, value in enumerate(still_visible)
                            if value != VISIBLE]

    def _forget_what_is_gone(self, world: world_lib.World, fresh: bytes, visible: bytes,
                             width: int) -> None:
        """Drops what is no longer at its place, as far as the place was, or is, in sight."""
        snapshots, places = self.snapshots, self._snapshot_places
        places.move([one.unit.cell for one in snapshots.values()], width)
        looked_at = [tag for tag, is_fresh, value in zip(
            snapshots, places.values(fresh), places.values(visible), strict=True)
            if is_fresh or value == VISIBLE]
        for tag in looked_at:
            unit = world.units.get(tag)
            if unit is None or unit.cell != snapshots[tag].unit.cell or (
                    not is_remembered(unit.unit_type)):
                del snapshots[tag]
                self.version += 1

    def _remember(self, world: world_lib.World, unit: units.Unit) -> None:
        self.snapshots[unit.tag] = _seen(
            Snapshot(unit), raw_pb2.Snapshot, world.alliance(self._player_id, unit.owner),
            raw_pb2.CloakedUnknown)
        self.version += 1

    def shown(self, unit: units.Unit, display: int, alliance: int, cloak: int,
              is_blip: bool = False) -> Seen:
        """How a unit is seen; the same object as long as that stays the same."""
        one = self.known.get(unit.tag)
        if one is None or one[1] != display or one[2] != alliance or one[3] != cloak or (
                one[4] != unit.unit_type or one[5] != is_blip):
            one = self.known[unit.tag] = _seen(unit, display, alliance, cloak, is_blip)
        return one

    def forget_the_dead(self, world: world_lib.World) -> None:
        """Keeps what `shown` keeps from growing with every unit that ever was."""
        if len(self.known) > 2 * len(world.units) + 64:
            self.known = {tag: one for tag, one in self.known.items() if tag in world.units}

    def told(self, key: tuple) -> list[Seen] | None:
        """What `tell` was given by the same key."""
        return self._told[1] if key == self._told[0] else None

    def tell(self, key: tuple, seen: list[Seen]) -> list[Seen]:
        """Keeps a list of what is seen, for whoever asks again before anything changes."""
        self._told = key, seen
        return seen


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
        Remembered ones first, then the others, both in the order of their creation. What
        did not change is the same object as the last time, the list included: not to be written to.
    """
    # Who is cloaked is seen by whoever detects it from where it is now.
    has_cloaked = units.CLOAKED in [unit.cloak for unit in world.units.values()]
    key = (world.num_changes, memory.version, show_cloaked, disable_fog)
    seen = None if has_cloaked else memory.told(key)
    if seen is not None:
        return seen
    memory.forget_the_dead(world)
    has_radar = bool(detection.radar_towers(world, player_id))
    seen = _units_seen(world, player_id, memory, show_cloaked, disable_fog, has_radar)
    return seen if has_cloaked or has_radar else memory.tell(key, seen)


def _units_seen(world: world_lib.World, player_id: int, memory: Memory, show_cloaked: bool,
                disable_fog: bool, has_radar: bool) -> list[Seen]:
    in_sight, shown, known = memory.in_sight, memory.shown, memory.known
    visible, own, not_cloaked = raw_pb2.Visible, raw_pb2.Self, raw_pb2.NotCloaked
    # By tag, for how often somebody looks must not decide what is drawn over what.
    seen = [] if disable_fog else [one for _, one in sorted(memory.snapshots.items())]
    for tag, unit in world.units.items():
        owner = unit.owner
        if owner == player_id:
            cloak = not_cloaked if unit.cloak == units.NOT_CLOAKED else raw_pb2.CloakedAllied
            one = known.get(tag)  # half of all units; `shown` would find the same
            if one is None or one[1] != visible or one[2] != own or one[3] != cloak or (
                    one[4] != unit.unit_type):
                one = shown(unit, visible, own, cloak)
            seen.append(one)
        elif tag in in_sight:
            seen.append(shown(unit, visible, world.alliance(player_id, owner),
                              not_cloaked if unit.cloak == units.NOT_CLOAKED
                              else world.cloak_state(player_id, unit)))
        elif show_cloaked and world.cloak_state(player_id, unit) == raw_pb2.Cloaked:
            seen.append(shown(unit, raw_pb2.Hidden, world.alliance(player_id, owner),
                              raw_pb2.Cloaked))
        else:
            is_blip = has_radar and detection.is_blip(world, player_id, unit)
            if disable_fog or is_blip:
                seen.append(shown(unit, raw_pb2.Hidden, world.alliance(player_id, owner),
                                  raw_pb2.CloakedUnknown, is_blip))
    return seen
