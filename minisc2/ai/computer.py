"""A computer player: thinks every few game loops, and gives orders like any other player."""

import math
import random
from typing import TYPE_CHECKING

from minisc2.ai import army, building, catalogue, census, knowledge, levels, making, plans, sites
from minisc2.ai import workers as workers_lib
from minisc2.game import orders, players, unit_data, upgrade_data

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

_TIER_OF_UNIT = {"Marine": 0, "Marauder": 1, "Reaper": 1, "Hellion": 2, "SiegeTank": 2}
_TIER_OF_STRUCTURE = {"Barracks": 0, "Refinery": 1, "BarracksTechLab": 1, "BarracksReactor": 1,
                      "EngineeringBay": 1, "Factory": 2, "FactoryTechLab": 2, "FactoryReactor": 2,
                      "Armory": 2}
_NOT_ITS_BUSINESS = ("Ghost", "Raven", "WidowMine", "Thor", "Battlecruiser", "Liberator",
                     "Cyclone", "HellionTank")
"""Units that it never makes: the game does not simulate what they are for."""


_SPARE_MINERALS = 200
"""Minerals left over with which a step is taken before its time."""


_CHEAPEST = 50
"""Minerals of the cheapest unit."""
_GUARD_GAME_LOOPS, _GUARD_START, _MAX_GUARD = 3.0, 600.0, 3000.0
"""Worth of the army that should stand at home: nothing until loop 1,800, then 1 every 3."""
_SAFETY = 1.2
"""It wants this times the worth of the enemies whom it knows to be on its side of the map."""
_RISK = 0.7
"""Upgrades come before soldiers as long as the army is worth this share of the attackers."""
_KEEP_UP = 1.2
"""Who sees everything wants at home no more than this times the worth of the enemy's army."""
_ALARM_SHARE = 0.6
"""Its side ends at this share of the way to the enemy's start."""


class Computer:
    """One Terran computer player.

    Args:
        world: the game; asked at its start.
        state: the player; its `difficulty` and `ai_build` say how it plays.
        rng: of its choices.
    """

    def __init__(self, world: "world_lib.World", state: players.PlayerState, rng: random.Random):
        self.world = world
        self.player_id = state.player_id
        self.start_xy = state.start_xy
        self.rng = rng
        self.level = levels.get(state.difficulty)
        self.plan = self._own_plan = plans.get(state.ai_build, rng)
        self._state = state
        self._paid_minerals = self._paid_vespene = 0.0
        self._hunts_in_the_air = False
        self.sites = sites.of(world, state.start_xy)
        self.knowledge = knowledge.Knowledge(world, state.player_id, self.level.sees_all,
                                             self.sites.watch_points)
        self._alarm_range = _ALARM_SHARE * max(
            math.dist(state.start_xy, xy) for xy in world.game_map.start_locations)
        self.workers = workers_lib.Workers(self)
        self.army = army.Army(self)
        self._builder = building.Builder(self)
        self._maker = making.Maker(self)
        # Computers of one match do not think in the same game loop.
        self._next_loop = world.loop + 1 + rng.randrange(self.level.think_game_loops)

    def update(self) -> None:
        """Called once a game loop."""
        if self.world.loop < self._next_loop:
            return
        self._next_loop = self.world.loop + self.level.think_game_loops
        self._take_extra_income()
        self.knowledge.update()
        count = census.Census(self.world, self.player_id)
        if self._is_helpless(count):
            self._leave()
            return
        self._look_up()
        self._maker.begin()
        self.workers.update(count)
        self._builder.keep_supply(count)
        self._spend(count)
        self.army.update(count)

    def _spend(self, count: census.Census) -> None:
        """Workers, what the plan says, soldiers, and more of everything: the urgent first."""
        worth = sum(catalogue.army_value(unit.unit_type) for unit in count.army)
        enemy_worth = self._danger(count)
        guard = min(_MAX_GUARD, self.world.loop / _GUARD_GAME_LOOPS - _GUARD_START)
        if self.level.sees_all:
            guard = min(guard, _KEEP_UP * self.knowledge.army_value())
        if self.level.focuses and worth >= _RISK * enemy_worth:
            self._maker.research_by_plan(count)
        if worth < enemy_worth:  # in danger: neither workers nor bases before soldiers
            self._maker.train_army(count)
            self._maker.train_workers(count)
            self._take_steps(count)
        elif worth < max(guard, _SAFETY * enemy_worth):
            self._maker.train_workers(count)
            self._maker.train_army(count)
            self._take_steps(count)
        else:
            self._maker.train_workers(count)
            self._take_steps(count)
            self._maker.train_army(count)
        self._maker.research_by_plan(count)
        self._builder.grow(count)

    def _danger(self, count: census.Census) -> float:
        """Worth of the enemies who may be about to attack.

        Who sees everything knows who is on the way; others have to fear all on their side.
        """
        if self.level.sees_all:
            return sum(one.value for one in self.knowledge.invaders(count.structures))
        return self.knowledge.value_near(self.start_xy, self._alarm_range)

    def _take_extra_income(self) -> None:
        """Cheaters get more for what they gather. Scores count only what was gathered."""
        state, extra = self._state, self.level.income_factor - 1.0
        minerals, vespene = state.score.collected_minerals, state.score.collected_vespene
        state.minerals += int(extra * minerals) - int(extra * self._paid_minerals)
        state.vespene += int(extra * vespene) - int(extra * self._paid_vespene)
        self._paid_minerals, self._paid_vespene = minerals, vespene

    def _is_helpless(self, count: census.Census) -> bool:
        """Whether nothing can come any more: nobody fights or builds, and nothing trains."""
        return not (count.workers or count.army
                    or any(structure.orders for structure in count.structures)
                    or (count.minerals >= _CHEAPEST and any(
                        count.finished[name] for name in ("CommandCenter", "Barracks"))))

    def _leave(self) -> None:
        """Gives up, so that nobody has to look for its last structures."""
        others = [player_id for player_id, state in self.world.players.items()
                  if player_id != self.player_id and state.kind != players.OBSERVER]
        self.world.end_game({self.player_id: players.DEFEAT,
                             **dict.fromkeys(others, players.VICTORY)})

    def _look_up(self) -> None:
        """Makes Vikings, whatever the level, when only flying structures are left to find."""
        structures = self.knowledge.structures
        self._hunts_in_the_air = bool(structures) and all(one.is_flying for one in structures)
        self.plan = plans.SKY if self._hunts_in_the_air else self._own_plan

    def _take_steps(self, count: census.Census) -> None:
        """Takes the steps of the plan that are due, and saves for the first it cannot pay."""
        for step in self.plan.steps:
            if self._has(step, count) or not self.allows(step.name, count):
                continue
            ability = catalogue.ability(step.name)
            # Who has money to spare need not wait: few workers never eat what the plan says.
            if step.food > count.food_used and not count.can_pay(
                    ability.minerals + _SPARE_MINERALS, ability.vespene):
                return
            kind = ability.kind
            if kind is orders.Kind.BUILD:
                is_begun = self._builder.want(step.name, count)
            elif kind is orders.Kind.BUILD_ADD_ON:
                is_begun = self._maker.add_on(step.name, count)
            elif kind is orders.Kind.RESEARCH:
                is_begun = self._maker.research(step.name, count)
            else:
                is_begun = self._maker.morph(step.name, count)
            if not is_begun and count.minerals < 0:
                return

    def _has(self, step: plans.Step, count: census.Census) -> bool:
        if catalogue.ability(step.name).kind is orders.Kind.RESEARCH:
            state = self.world.players[self.player_id]
            upgrade_id = upgrade_data.id_of(step.name)
            return upgrade_id in state.upgrades or upgrade_id in state.upgrades_in_research
        return count.counts[step.name] >= step.count

    def allows(self, name: str, count: census.Census) -> bool:
        """Whether somebody who plays at this level makes such a thing (now)."""
        level = self.level
        if self._hunts_in_the_air:
            return name in plans.SKY_NEEDS
        if name in _NOT_ITS_BUSINESS:
            return False
        if name == "CommandCenter":
            return count.counts[name] < level.num_bases
        if name in ("OrbitalCommand", "PlanetaryFortress"):
            return level.has_mules
        ability = catalogue.ability(name)
        if ability.upgrade_id:
            return level.upgrade_level >= (int(name[-1]) if name[-1].isdigit() else 1)
        if name in catalogue.PRODUCERS:
            num_producers = sum(count.counts[producer] for producer in catalogue.PRODUCERS)
            if num_producers >= level.num_producers:
                return False
        is_structure = unit_data.get(ability.product).is_structure
        if is_structure and name != "SupplyDepot":
            return level.tier >= _TIER_OF_STRUCTURE.get(name, 3)
        return is_structure or level.tier >= _TIER_OF_UNIT.get(name, 3)
