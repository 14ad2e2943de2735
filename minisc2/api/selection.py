"""What a player has selected, and the ten control groups."""

from collections.abc import Iterable

from minisc2.game import units
from minisc2.game import world as world_lib

NUM_GROUPS = 10
MAX_SELECTED = 500

WARP_GATE = 133
LARVA = 151


def is_army(unit: units.Unit) -> bool:
    """Whether "select army" takes a unit: what uses food and is no worker, as army_count counts."""
    return unit.type.food_required > 0 and not unit.type.is_worker and not unit.is_structure


def is_idle_worker(unit: units.Unit) -> bool:
    """Whether "select idle worker" takes a unit."""
    return unit.type.is_worker and not unit.orders


class Selection:
    """The selection and control groups of one player, in the order in which units were added.

    A unit of another player can be selected only alone, and is never in a control group. Units
    that died or changed hands leave by `prune`. Those that board another unit are no longer
    selected, but are in their groups again as soon as they get out.
    """

    def __init__(self, world: world_lib.World, player_id: int):
        """Nothing is selected, and all groups are empty."""
        self._world = world
        self._player_id = player_id
        self._tags: list[int] = []
        self._groups: dict[int, list[int]] = {}
        self._last_idle_worker = 0

    @property
    def tags(self) -> list[int]:
        """Tags of the selected units. Not to be written to."""
        return self._tags

    def selected_units(self) -> list[units.Unit]:
        """The selected units that are in the world."""
        world_units = self._world.units
        return [world_units[tag] for tag in self._tags if tag in world_units]

    def own_units(self) -> list[units.Unit]:
        """The selected units that obey this player."""
        return [unit for unit in self.selected_units() if unit.owner == self._player_id]

    def groups(self) -> list[tuple[int, list[units.Unit]]]:
        """(index, units) of each group that is not empty, by index."""
        world_units = self._world.units
        found = []
        for index in sorted(self._groups):
            members = [world_units[tag] for tag in self._groups[index] if tag in world_units]
            if members:
                found.append((index, members))
        return found

    def prune(self) -> None:
        """Drops units that are gone, and units in groups that no longer are the player's."""
        world_units = self._world.units
        self._tags = [tag for tag in self._tags if tag in world_units]
        aboard = {passenger.tag for unit in self._world.owned(self._player_id)
                  for passenger in unit.cargo} if self._groups else set()
        for index, tags in list(self._groups.items()):
            kept = [tag for tag in tags if tag in aboard or (
                tag in world_units and world_units[tag].owner == self._player_id)]
            if kept:
                self._groups[index] = kept
            else:
                del self._groups[index]

    def select(self, tags: Iterable[int], add: bool = False) -> bool:
        """Selects units instead of, or beside, what is selected.

        Args:
            tags: selecting none changes nothing, as in the real game.
            add: keeps what is selected; then units of others are left out.

        Returns:
            Whether there was anything to select.
        """
        new = [tag for tag in dict.fromkeys(tags) if tag in self._world.units]
        if add and self.own_units():
            new = [tag for tag in new if self._is_own(tag)]
            if new:
                old = [unit.tag for unit in self.own_units()]
                self._tags = list(dict.fromkeys((*old, *new)))[:MAX_SELECTED]
            return bool(new)
        own = [tag for tag in new if self._is_own(tag)]
        if new:
            self._tags = own[:MAX_SELECTED] if own else new[:1]
        return bool(new)

    def toggle(self, tag: int) -> None:
        """Takes a unit out of the selection, or adds it."""
        if tag in self._tags:
            self.deselect((tag,))
        else:
            self.select((tag,), add=True)

    def deselect(self, tags: Iterable[int]) -> None:
        """Takes units out of the selection."""
        gone = set(tags)
        self._tags = [tag for tag in self._tags if tag not in gone]

    def select_idle_worker(self, add: bool, select_all: bool) -> bool:
        """Selects idle workers: all of them, or the next one in turn; see `select`."""
        idle = [unit.tag for unit in self._world.units.values()
                if unit.owner == self._player_id and is_idle_worker(unit)]
        if not select_all and idle:
            later = [tag for tag in idle if tag > self._last_idle_worker]
            self._last_idle_worker = (later or idle)[0]
            idle = [self._last_idle_worker]
        return self.select(idle, add)

    def select_army(self, add: bool) -> bool:
        """Selects every fighting unit of the player; see `select`."""
        return self.select((unit.tag for unit in self._world.units.values()
                            if unit.owner == self._player_id and is_army(unit)), add)

    def select_type(self, unit_type: int, add: bool) -> bool:
        """Selects every unit of the player of one type; see `select`."""
        return self.select((unit.tag for unit in self._world.units.values()
                            if unit.owner == self._player_id and unit.unit_type == unit_type), add)

    def recall_group(self, index: int) -> bool:
        """Selects a control group. An empty one changes nothing and does not deselect."""
        self.prune()
        return self.select(self._groups.get(index, ()))

    def set_group(self, index: int, append: bool, steal: bool) -> bool:
        """Makes the selection a control group.

        Args:
            index: 0 to 9.
            append: adds to the group instead.
            steal: takes the units out of all other groups.

        Returns:
            Whether anything of the player's was selected; if not, nothing changes.
        """
        self.prune()
        own = [unit.tag for unit in self.own_units()]
        if not own:
            return False
        if steal:
            for other, tags in list(self._groups.items()):
                if other != index:
                    self._groups[other] = [tag for tag in tags if tag not in own]
        old = self._groups.get(index, ()) if append else ()
        self._groups[index] = list(dict.fromkeys((*old, *own)))
        self.prune()
        return True

    def _is_own(self, tag: int) -> bool:
        return self._world.units[tag].owner == self._player_id
