"""What counts as made, told from what is seen."""

import types

import pytest

from data.conversion import made

SCV, DEPOT, DEPOT_LOWERED, CENTER, ORBITAL, MULE, LARVA, COCOON, BANELING = (
    45, 19, 47, 18, 132, 268, 151, 8, 9)
DATA = {unit_type: types.SimpleNamespace(unit_alias=alias, mineral_cost=cost, vespene_cost=0)
        for unit_type, alias, cost in (
            (SCV, 0, 50), (DEPOT, 0, 100), (DEPOT_LOWERED, DEPOT, 100), (CENTER, 0, 400),
            (ORBITAL, 0, 550), (MULE, 0, 0), (LARVA, 0, 0), (COCOON, 0, 50), (BANELING, 0, 50))}


def seen(game_loop, *units, upgrades=(), effects=()):
    """An observation: units are (tag, type), all of them one's own, or (tag, type, changes)."""
    listed = []
    for tag, unit_type, *changes in units:
        values = {"alliance": 1, "is_hallucination": False} | (changes[0] if changes else {})
        listed.append(types.SimpleNamespace(
            tag=tag, unit_type=unit_type, pos=types.SimpleNamespace(x=tag, y=2.0), **values))
    return types.SimpleNamespace(game_loop=game_loop, raw_data=types.SimpleNamespace(
        units=listed, player=types.SimpleNamespace(upgrade_ids=upgrades),
        effects=[types.SimpleNamespace(effect_id=one, alliance=alliance)
                 for one, alliance in effects]))


def made_in(*observations):
    collected = made.MadeUnits(DATA)
    for observation in observations:
        collected.look(observation)
    return [(one.game_loop, one.unit_type) for one in collected.made]


def test_what_comes_counts_once_and_the_first_ones_do_not():
    start = seen(0, (1, CENTER), (2, SCV))
    later = seen(8, (1, CENTER), (2, SCV), (3, SCV))
    gone_and_back = seen(24, (1, CENTER), (2, SCV), (3, SCV), (4, DEPOT))
    assert made_in(start, later, seen(16, (1, CENTER)), gone_and_back) == [(8, SCV), (24, DEPOT)]


def test_another_form_is_nothing_new_but_another_structure_is():
    assert made_in(seen(0, (1, CENTER)), seen(8, (1, CENTER), (2, DEPOT)),
                   seen(16, (1, ORBITAL), (2, DEPOT_LOWERED)),
                   seen(24, (1, ORBITAL), (2, DEPOT))) == [(8, DEPOT), (16, ORBITAL)]


@pytest.mark.parametrize("unit", [
    (2, MULE), (2, LARVA), (2, COCOON), (2, SCV, {"alliance": 4}), (2, SCV, {"alliance": 3}),
    (2, SCV, {"is_hallucination": True})])
def test_what_is_free_of_others_or_not_real_does_not_count(unit):
    assert made_in(seen(0), seen(8, unit)) == []


def test_a_type_that_the_game_does_not_describe_counts_as_itself():
    assert made_in(seen(0), seen(8, (1, 4321))) == [(8, 4321)]


def test_strategy_has_places_upgrades_and_own_effects():
    collected = made.MadeUnits(DATA)
    collected.look(seen(0, (1, CENTER)))
    collected.look(seen(8, (1, CENTER), (7, SCV), upgrades=(15,), effects=((11, 1), (1, 4))))
    strategy = collected.strategy()
    assert strategy.build_order_unit_types[:2].tolist() == [SCV, 0]
    assert strategy.build_order_game_loops[0] == 8
    assert strategy.build_order_world_xy[0].tolist() == [7.0, 2.0]
    assert strategy.cumulative_units.sum() == 1
    assert strategy.cumulative_upgrades.sum() == 1 and strategy.cumulative_effects.sum() == 1
