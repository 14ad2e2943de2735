"""The tables of plans and levels: everything in them exists, and comes in an order that works."""

import itertools
import random

import pytest
from s2clientprotocol import sc2api_pb2

from minisc2.ai import catalogue, levels, plans
from minisc2.game import orders, unit_data, upgrade_data

PLANS = [*plans.PLANS.values(), plans.SKY]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_everything_in_a_plan_can_be_made(plan):
    names = [*(step.name for step in plan.steps), *plan.army, *plan.growth, *plan.upgrades]
    assert all(catalogue.is_known(name) for name in names)
    assert all(catalogue.ability(name).kind is orders.Kind.TRAIN for name in plan.army)
    assert all(catalogue.ability(name).upgrade_id for name in plan.upgrades)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_steps_come_after_what_they_need(plan):
    has = {"CommandCenter": 1}
    for step in plan.steps:
        ability = catalogue.ability(step.name)
        assert all(required in has for required in ability.requires)
        makers = [maker for maker in catalogue.makers(step.name) if maker != "SCV"]
        assert not makers or any(maker in has for maker in makers)
        if ability.vespene:
            assert "Refinery" in has
        if ability.kind is orders.Kind.BUILD_ADD_ON:  # no more of them than places for them
            assert step.count <= has[makers[0]]
        assert step.count > has.get(step.name, 0)
        has[step.name] = step.count


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_steps_come_by_supply(plan):
    foods = [step.food for step in plan.steps]
    assert foods == sorted(foods)


@pytest.mark.parametrize("plan", plans.PLANS.values(), ids=lambda plan: plan.name)
def test_army_and_upgrades_can_be_made_by_what_the_plan_builds(plan):
    built = {"CommandCenter", *(step.name for step in plan.steps), *plan.growth}
    for unit in plan.army:
        assert any(maker in built for maker in catalogue.makers(unit))
        assert all(required in built for required in catalogue.ability(unit).requires)
    for earlier, later in itertools.combinations(plan.upgrades, 2):
        assert upgrade_data.load()[catalogue.ability(earlier).upgrade_id].previous != later


def test_plans_differ_in_what_they_are_named_for():
    first_waves = {plan.name: plan.first_wave_game_loop for plan in plans.PLANS.values()}
    assert min(first_waves, key=first_waves.get) == "Rush"
    assert max(first_waves, key=first_waves.get) == "Macro"
    bases = {plan.name: max((step.count for step in plan.steps if step.name == "CommandCenter"),
                            default=1) for plan in plans.PLANS.values()}
    assert max(bases, key=bases.get) == "Macro"
    own_bases = [step.food for step in plans.RUSH.steps if step.name == "CommandCenter"]
    assert own_bases > [step.food for step in plans.MACRO.steps if step.name == "CommandCenter"]
    flying = sum(part for unit, part in plans.AIR.army.items()
                 if "Starport" in catalogue.makers(unit))
    assert flying > 0.5 * sum(plans.AIR.army.values())
    assert all(unit_data.get(unit_data.id_of(unit)).is_flying for unit in plans.SKY.army)


def test_names_are_those_of_the_api():
    for build, plan in plans.PLANS.items():
        assert sc2api_pb2.AIBuild.Name(build) == plan.name
    assert {plans.RANDOM_BUILD, *plans.PLANS} == set(sc2api_pb2.AIBuild.values())
    for difficulty, level in levels.LEVELS.items():
        assert sc2api_pb2.Difficulty.Name(difficulty) == level.name
    assert set(levels.LEVELS) == set(sc2api_pb2.Difficulty.values())


def test_random_build_draws_from_all_the_others():
    rng = random.Random(1)
    drawn = {plans.get(plans.RANDOM_BUILD, rng).name for _ in range(100)}
    assert drawn == {plan.name for plan in plans.PLANS.values()}


def test_levels_rise():
    for worse, better in itertools.pairwise(levels.LEVELS.values()):
        assert better.think_game_loops <= worse.think_game_loops
        assert better.rest_game_loops <= worse.rest_game_loops
        for name in ("num_workers", "num_bases", "num_producers", "tier", "upgrade_level",
                     "food_margin", "wave_share", "sees_all", "income_factor"):
            assert getattr(better, name) >= getattr(worse, name)
        assert better != worse
