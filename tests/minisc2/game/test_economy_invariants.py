"""Random orders to two whole economies: what is counted always agrees with what there is."""

import collections
import random

import pytest

from minisc2.game import ability_data, orders, placement, players, production, results, unit_data
from minisc2.game import world as world_lib
from tests.minisc2.game import bases, worlds

_MORE_STRUCTURES = ("SupplyDepot", "SupplyDepot", "Barracks", "Barracks", "Factory", "Starport",
                    "EngineeringBay", "Armory", "OrbitalCommand")
_UNITS = (*["SCV"] * 8, "MULE", "Marine", "SiegeTank", "Medivac", "VikingFighter")


def busy_world(seed):
    """Both players have a bit of everything, and plenty of money."""
    world = bases.base(0, 1, seed)
    rng = random.Random(seed)
    for player_id in (1, 2):
        world.players[player_id].minerals = world.players[player_id].vespene = 10_000
        for name in _MORE_STRUCTURES:
            _put_somewhere(world, rng, name, player_id)
        for name in _UNITS:
            worlds.add(world, name, player_id, rng.uniform(8, 56), rng.uniform(8, 56))
    return world, rng


def _put_somewhere(world, rng, name, player_id):
    unit_type = unit_data.id_of(name)
    ability_id = unit_data.get(unit_type).ability_id
    for _ in range(200):
        xy = placement.snap(unit_type, (rng.uniform(6, 58), rng.uniform(6, 58)))
        if world.placement(ability_id, xy) != results.CANT_BUILD_LOCATION_INVALID:
            world.create_unit(unit_type, player_id, xy)
            return


def _act(world, rng):
    """One random order: mostly possible ones, at places and units near and far."""
    player_id = rng.choice((1, 2))
    unit = rng.choice(world.owned(player_id))
    uses = world.abilities(player_id, unit)
    ability_id = (rng.choice(uses).ability_id if uses and rng.random() < 0.9
                  else rng.choice(list(ability_data.load())))
    target = rng.choice((
        None, (rng.uniform(0, 64), rng.uniform(0, 64)), rng.choice(list(world.units.values())),
        (unit.x + rng.uniform(-8, 8), unit.y + rng.uniform(-8, 8))))
    world.order(player_id, [unit.tag], ability_id, target, rng.random() < 0.3)
    if unit.is_structure and unit.orders and rng.random() < 0.05:
        production.cancel(world, unit, rng.randrange(6))
    if unit.is_alive and not unit.carrier_tag and rng.random() < 0.01 and (
            len(world.owned(player_id)) > 8):
        world.kill_unit(unit)


def _check_player(world: world_lib.World, state: players.PlayerState, gathering):
    food, food_cap, research = 0.0, 0.0, []
    for unit in world.owned(state.player_id):
        food += unit.type.food_required
        if unit.build_progress >= 1:
            food_cap += unit.type.food_provided + unit.food_bonus
        for order in unit.orders:
            if order.kind is orders.Kind.TRAIN and order.end_loop:
                food += order.ability.food
            elif order.kind is orders.Kind.RESEARCH:
                research.append(order.ability.upgrade_id)
            elif order.kind is orders.Kind.GATHER and order.phase and unit.type.is_worker:
                gathering[order.site_tag] += 1
        if unit.add_on_tag:
            assert world.units[unit.add_on_tag].add_on_tag == unit.tag
        if unit.builder_tag:
            assert world.units[unit.builder_tag].orders[0].site_tag == unit.tag
    food += sum(passenger.type.food_required for unit in world.owned(state.player_id)
                for passenger in unit.cargo)
    assert (food, food_cap) == (state.food_used, state.food_cap)
    assert len(research) == len(set(research))
    assert set(research) == state.upgrades_in_research
    assert state.minerals >= 0 and state.vespene >= 0


def check(world: world_lib.World):
    gathering = collections.Counter()
    for state in world.players.values():
        _check_player(world, state, gathering)
    for unit in world.units.values():
        if unit.type.has_minerals or unit.type.has_vespene:
            assert unit.num_harvesters == gathering[unit.tag], unit


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_counts_agree_with_what_there_is(seed):
    world, rng = busy_world(seed)
    for _ in range(700):
        _act(world, rng)
        world.step(rng.choice((1, 2, 4)))
        check(world)
    assert world.players[1].score.spent_minerals > 500


def test_the_world_does_not_depend_on_the_length_of_steps():
    found = []
    for num_game_loops in (1, 8, 32):
        world = bases.base(14, 1)
        world.players[1].minerals = 400
        scvs, hall = bases.named(world, "SCV"), bases.named(world, "CommandCenter")[0]
        bases.gather_all(world, bases.fields(world)[0])
        bases.order(world, scvs[0], ability_data.GATHER_SCV, bases.named(world, "Refinery")[0])
        assert bases.order(world, scvs[1], 319, (26.0, 34.0)) == 1
        bases.order(world, hall, 524)
        for _ in range(640 // num_game_loops):
            world.step(num_game_loops)
        found.append([(unit.tag, unit.x, unit.y, unit.facing, unit.health, unit.buffs)
                      for unit in world.units.values()])
    assert found[0] == found[1] == found[2]
