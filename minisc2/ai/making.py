"""Production: workers, soldiers, add-ons and upgrades."""

from typing import TYPE_CHECKING

from minisc2.ai import catalogue, duty
from minisc2.ai import census as census_lib
from minisc2.game import orders, production, results, unit_data, units, upgrade_data

if TYPE_CHECKING:
    from minisc2.ai import computer as computer_lib

_MAX_WORKERS_A_BASE = 22
_FLOAT = 400
"""Minerals in hand with which whatever can be had is made, whether the plan has it or not."""
_ADD_ON_SPARE = 50
_MORE_VIKINGS = 4.0
_RESEARCHERS = ("EngineeringBay", "Armory", "BarracksTechLab", "FactoryTechLab",
                "StarportTechLab")


class Maker(duty.Duty):
    """Keeps structures busy, as far as the level does.

    Args:
        computer: whose.
    """

    def __init__(self, computer: "computer_lib.Computer"):
        super().__init__(computer)
        self._idle_since: dict[int, int] = {}
        self._reserved_for_add_on: set[str] = set()

    def begin(self) -> None:
        """A new thought: nobody waits for an add-on."""
        self._reserved_for_add_on.clear()

    def train_workers(self, census: census_lib.Census) -> None:
        """Town halls train workers until there are enough."""
        limit = min(self._level.num_workers, _MAX_WORKERS_A_BASE * len(census.halls))
        for hall in census.halls:
            if census.counts["SCV"] >= limit:
                return
            if self._is_ready(hall):
                self._make("SCV", hall, census)

    def morph(self, name: str, census: census_lib.Census) -> bool:
        """A town hall turns into a better one, or saves for it. Returns whether it began."""
        ability = catalogue.ability(name)
        if any(not census.finished[required] for required in ability.requires):
            return False
        for hall in census.halls:
            if hall.type.name == "CommandCenter" and (not hall.orders or (
                    len(hall.orders) == 1)):
                if hall.orders or not census.can_pay(ability.minerals, ability.vespene):
                    census.take(ability.minerals, ability.vespene)
                    self._idle_since[hall.tag] = self._world.loop  # no workers meanwhile
                    return False
                return self._make(name, hall, census)
        return False

    def add_on(self, name: str, census: census_lib.Census) -> bool:
        """A structure builds an add-on, or is kept from training for it. Returns whether."""
        ability = catalogue.ability(name)
        owner = catalogue.makers(name)[0]
        for structure in census.finished[owner]:
            if structure.add_on_tag or structure.is_flying:
                continue
            if structure.orders and structure.orders[0].kind is orders.Kind.BUILD_ADD_ON:
                continue
            if census.vespene < ability.vespene and not census.finished["Refinery"]:
                return False  # nothing to wait for
            if structure.orders or not census.can_pay(ability.minerals, ability.vespene):
                census.take(ability.minerals, ability.vespene)
                self._reserved_for_add_on.add(owner)
                return False
            if self._make(name, structure, census):
                return True
        return False

    def research(self, name: str, census: census_lib.Census) -> bool:
        """Researches an upgrade, or saves for it. Returns whether it began."""
        ability = catalogue.ability(name)
        if any(not census.finished[required] for required in ability.requires):
            return False
        for structure in census.finished[catalogue.makers(name)[0]]:
            if not structure.orders:
                if not census.can_pay(ability.minerals, ability.vespene):
                    census.take(ability.minerals, ability.vespene)
                    return False
                return self._make(name, structure, census)
        return False

    def research_by_plan(self, census: census_lib.Census) -> None:
        """Idle laboratories research what comes next in the plan."""
        if not self._level.upgrade_level:
            return
        idle = {name: structure for name in _RESEARCHERS for structure in census.finished[name]
                if not structure.orders}
        for upgrade in self._computer.plan.upgrades if idle else ():
            structure = idle.get(catalogue.makers(upgrade)[0])
            if structure is None or not self._computer.allows(upgrade, census) or (
                    self._has_upgrade(upgrade)):
                continue
            ability = catalogue.ability(upgrade)
            previous = upgrade_data.load()[ability.upgrade_id].previous
            if previous and not self._is_researched(previous):
                continue
            if census.can_pay(ability.minerals, ability.vespene) and self._make(
                    upgrade, structure, census):
                del idle[structure.type.name]

    def _is_researched(self, name: str) -> bool:
        return upgrade_data.id_of(name) in self._world.players[self._player_id].upgrades

    def _has_upgrade(self, name: str) -> bool:
        state = self._world.players[self._player_id]
        upgrade_id = upgrade_data.id_of(name)
        return upgrade_id in state.upgrades or upgrade_id in state.upgrades_in_research

    def train_army(self, census: census_lib.Census) -> None:
        """Every structure that is free trains what the army lacks most."""
        shares = self._shares(census)
        for name in catalogue.PRODUCERS[::-1]:
            for structure in census.finished[name]:
                if structure.is_flying or not self._is_ready(structure):
                    continue
                if name in self._reserved_for_add_on and not structure.add_on_tag:
                    continue
                if self._level.tier and self._starts_add_on(name, structure, census):
                    continue
                for _ in range(production.num_lines(self._world, structure)
                               - len(structure.orders)):
                    self._train_one(structure, shares, census)

    def _shares(self, census: census_lib.Census) -> dict[str, float]:
        """Unit -> supply that the army has of it, for each part of it in the plan."""
        return {name: catalogue.ability(name).food * census.counts[name] / part
                for name, part in self._parts().items()}

    def _parts(self) -> dict[str, float]:
        """The army of the plan, with more Vikings against enemies in the air."""
        parts = dict(self._computer.plan.army)
        if "VikingFighter" in parts and self._computer.knowledge.flyers_value() > 0:
            parts["VikingFighter"] *= _MORE_VIKINGS
        return parts

    def _train_one(self, structure: units.Unit, shares: dict[str, float],
                   census: census_lib.Census) -> None:
        has_lab, parts = self._has_lab(structure), self._parts()
        choices = []
        for product in catalogue.trained_by(structure.type.name):
            ability = catalogue.ability(product)
            if ability.add_on and not has_lab:
                continue
            if product not in shares and census.minerals < _FLOAT or product == "Medivac" and (
                    len(census.army) < 8):
                continue
            if not self._computer.allows(product, census):
                continue
            if any(not census.finished[required] for required in ability.requires):
                continue
            choices.append((shares.get(product, 1e6), product))
        for _, product in sorted(choices):
            ability = catalogue.ability(product)
            if census.can_pay(ability.minerals, ability.vespene) and self._make(
                    product, structure, census):
                if product in shares:
                    shares[product] += ability.food / parts[product]
                return

    def _has_lab(self, structure: units.Unit) -> bool:
        add_on = self._world.units.get(structure.add_on_tag)
        return add_on is not None and add_on.build_progress >= 1 and (
            add_on.type.name.endswith("TechLab"))

    def _starts_add_on(self, name: str, structure: units.Unit, census: census_lib.Census) -> bool:
        """A structure without an add-on gets one of the kind that there is less of."""
        if structure.add_on_tag or structure.orders or not census.finished["Refinery"]:
            return False
        if name == "Barracks" and len(census.finished[name]) < 2:
            return False  # the first one has its soldiers to train
        if not any(name in catalogue.makers(unit) for unit in self._computer.plan.army):
            return False  # it is there for what it makes possible
        labs, reactors = f"{name}TechLab", f"{name}Reactor"
        needs_lab = any(catalogue.ability(unit).add_on for unit in self._computer.plan.army
                        if name in catalogue.makers(unit))
        wanted = labs if needs_lab and census.counts[labs] <= census.counts[reactors] or (
            name == "Factory" and needs_lab) else reactors
        ability = catalogue.ability(wanted)
        return census.can_pay(ability.minerals + _ADD_ON_SPARE, ability.vespene) and self._make(
            wanted, structure, census)

    def _is_ready(self, structure: units.Unit) -> bool:
        """Whether a structure has room, and has rested as long as the level lets it."""
        if len(structure.orders) >= production.num_lines(self._world, structure):
            self._idle_since.pop(structure.tag, None)
            return False
        if structure.orders and structure.orders[0].kind not in production.KINDS:
            return False
        since = self._idle_since.setdefault(structure.tag, self._world.loop)
        return self._world.loop - since >= self._level.rest_game_loops

    def _make(self, name: str, structure: units.Unit, census: census_lib.Census) -> bool:
        ability = catalogue.ability(name)
        if not census.can_pay(ability.minerals, ability.vespene):
            return False
        (_, answer), = self._world.order(self._player_id, [structure.tag], ability.ability_id)
        if answer != results.SUCCESS:
            return False
        self._idle_since.pop(structure.tag, None)
        census.take(ability.minerals, ability.vespene)
        census.food_used += ability.food
        census.counts[unit_data.get(ability.product).name if ability.product else name] += 1
        return True
