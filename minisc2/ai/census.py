"""What a computer player owns, counted once each time it thinks."""

import collections
from typing import TYPE_CHECKING

from minisc2.ai import catalogue
from minisc2.game import orders, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

Kind = orders.Kind


class Census:
    """A count of one player's units, and the money that is left for this round of thinking.

    Args:
        world: the game.
        player_id: whose units.

    Attributes:
        finished: units by base name; `halls` are the town halls, whatever they are now.
        counts: of each base name, whether finished, under construction, in production or as good
            as begun by a worker on its way.
        workers: gathering or not; `idle_workers` have no orders, `builders` go or build.
        orphans: structures that nobody works at.
        army: units that fight or heal.
        minerals: not yet spoken for; `vespene` as well.
    """

    def __init__(self, world: "world_lib.World", player_id: int):
        state = world.players[player_id]
        self.minerals = state.minerals
        self.vespene = state.vespene
        self.food_used = state.food_used
        self.food_cap = state.food_cap
        self.finished: dict[str, list[units.Unit]] = collections.defaultdict(list)
        self.counts: collections.Counter[str] = collections.Counter()
        self.num_pending: collections.Counter[str] = collections.Counter()
        self.workers: list[units.Unit] = []
        self.idle_workers: list[units.Unit] = []
        self.builders: list[units.Unit] = []
        self.orphans: list[units.Unit] = []
        self.structures: list[units.Unit] = []
        self.army: list[units.Unit] = []
        self.num_lines = 0
        for unit in world.owned(player_id):
            self._count(unit)

    @property
    def halls(self) -> list[units.Unit]:
        return self.finished["CommandCenter"]

    def _count(self, unit: units.Unit) -> None:
        name = catalogue.base_name(unit.unit_type)
        self.counts[name] += 1
        if unit.type.is_worker:
            self.workers.append(unit)
            if not unit.orders:
                self.idle_workers.append(unit)
            elif unit.orders[0].kind is Kind.BUILD:
                self._count_builder(unit, unit.orders[0])
        elif unit.is_structure:
            self._count_structure(unit, name)
        elif catalogue.army_value(unit.unit_type):
            self.army.append(unit)

    def _count_builder(self, unit: units.Unit, order: orders.Order) -> None:
        self.builders.append(unit)
        if not order.site_tag:  # it has not begun: nothing stands there, nothing is paid
            product = unit_data.get(order.ability.product).name
            self.counts[product] += 1
            self.num_pending[product] += 1
            self.take(order.ability.minerals, order.ability.vespene)

    def _count_structure(self, unit: units.Unit, name: str) -> None:
        self.structures.append(unit)
        if unit.build_progress < 1:
            if unit.builder_tag:
                self.num_pending[name] += 1
            else:
                self.orphans.append(unit)
            return
        self.finished[name].append(unit)
        if unit.type.name != name:
            self.finished[unit.type.name].append(unit)
            self.counts[unit.type.name] += 1
        for order in unit.orders:
            if order.kind in (Kind.TRAIN, Kind.MORPH):
                product = unit_data.get(order.ability.product).name
                self.counts[product] += 1
        if name in catalogue.PRODUCERS:
            self.num_lines += 1

    def can_pay(self, minerals: float, vespene: float) -> bool:
        """Whether that much is not yet spoken for."""
        return self.minerals >= minerals and (not vespene or self.vespene >= vespene)

    def take(self, minerals: float, vespene: float) -> None:
        """Speaks for an amount; what is left may become negative."""
        self.minerals -= minerals
        self.vespene -= vespene
