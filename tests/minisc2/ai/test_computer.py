"""Computer players as a whole: every difficulty and build plays, and the same way each time."""

import math

import pytest

from minisc2 import ai
from minisc2.ai import levels
from minisc2.game import players, unit_data
from tests.minisc2.ai import matches

BARRACKS, COMMAND_CENTER = unit_data.id_of("Barracks"), unit_data.id_of("CommandCenter")


@pytest.mark.parametrize("difficulty", range(1, 11))
def test_every_difficulty_plays_3000_game_loops(difficulty):
    world = matches.match((difficulty, 0))
    world.step(3000)
    assert world.results is None
    assert world.players[1].score.collected_minerals > 1200
    assert world.accounts.count(1, BARRACKS) >= 1
    assert world.players[1].food_workers > 12


@pytest.mark.parametrize("build", range(1, 7))
def test_every_build_plays_3000_game_loops(build):
    world = matches.match((7, 0), (build, 1))
    world.step(3000)
    state = world.players[1]
    assert world.accounts.count(1, BARRACKS) >= 1
    assert state.score.spent_minerals > 0.6 * state.score.collected_minerals


def test_the_better_level_owns_more():
    owned = []
    for difficulty in (1, 3, 7, 10):
        world = matches.match((difficulty, 0), (5, 1))
        world.step(6000)
        owned.append(world.players[1].food_used)
    assert owned == sorted(owned)
    assert owned[-1] > 2 * owned[0]


def test_same_seed_same_match():
    first, second, other = (matches.match((6, 5), seed=seed) for seed in (3, 3, 4))
    for world in (first, second, other):
        world.step(2000)
    assert matches.digest(first) == matches.digest(second)
    assert matches.digest(first) != matches.digest(other)


def test_no_think_between_thoughts():
    # Whoever thinks every 64 game loops gives no order in the 63 between.
    world = matches.match((1, 0))
    given = []
    order = world.order
    world.order = lambda *arguments, **named: (
        given.append(world.loop) or order(*arguments, **named))
    world.step(2000)
    # New units follow their rally by orders of their own; none is set.
    assert given
    assert len({loop % levels.get(1).think_game_loops for loop in given}) == 1


def places_out_of_sight(world):
    starts = [state.start_xy for state in world.players.values()]
    x0, y0, x1, y1 = world.game_map.playable
    corners = [(x, y) for x in (x0 + 3.5, x1 - 3.5) for y in (y0 + 3.5, y1 - 3.5)]
    return sorted(corners, key=lambda xy: -min(math.dist(xy, start) for start in starts))[:2]


@pytest.mark.parametrize(("difficulty", "is_cheating"), [(7, False), (8, True)])
def test_an_enemy_hidden_in_fog_changes_nothing_below_cheat_vision(difficulty, is_cheating):
    # The same number of units in both worlds, so that tags agree; only where and what they are
    # differs: an army here, workers there.
    digests, known, waves = [], [], []
    for place, name in zip((0, 1), ("Marine", "SCV"), strict=True):
        world = matches.match((difficulty, 0), (2, 1), map_name="Flat64")
        xy = places_out_of_sight(world)[place]
        made = [world.create_unit(unit_data.id_of(name), 2, xy) for _ in range(24)]
        for unit in made:
            unit.is_on_guard = False
        world.step(4200)
        assert not any(world.visibility(1)[unit.cell[1], unit.cell[0]] for unit in made)
        brain = world.brains[0]
        waves.append(brain.army.num_waves)
        known.append({unit.tag for unit in made} & set(brain.knowledge.sightings))
        digests.append(matches.digest(world, 1))
    assert bool(known[0]) == bool(known[1]) == is_cheating
    assert (digests[0] == digests[1]) != is_cheating
    # Who knows of the army does not dare to attack; who does not know does.
    assert waves == ([0, 1] if is_cheating else [1, 1])


def test_cheaters_are_paid_for_what_they_gather():
    world = matches.match((10, 0))
    state, brain = world.players[1], world.brains[0]
    world.step(1500)
    spent_or_left = state.score.spent_minerals + state.minerals
    assert state.score.collected_minerals > 500
    # 50 to begin with, and twice what came in; what came since the last thought is not yet paid.
    expected = 50 + levels.get(10).income_factor * state.score.collected_minerals
    assert spent_or_left == pytest.approx(expected, abs=5 * 16)
    assert brain.level.name == "CheatInsane"


def test_who_can_do_nothing_any_more_leaves():
    world = matches.match((5, 0))
    world.step(10)
    for unit in list(world.owned(1)):
        if not unit.is_structure:
            world.kill_unit(unit)
    for unit in list(world.owned(1)):
        world.replace_orders(unit, [])
    world.players[1].minerals = 40
    world.step(64)
    assert world.results == {1: players.DEFEAT, 2: players.VICTORY}


def test_makes_vikings_when_only_flying_structures_are_left():
    world = matches.match((2, 0), (2, 1))
    world.step(100)
    brain = world.brains[0]
    assert "VikingFighter" not in brain.plan.army
    for unit in list(world.owned(2)):
        world.remove_unit(unit)
    world.create_unit(unit_data.id_of("BarracksFlying"), 2, world.players[1].start_xy)
    world.step(100)
    assert "VikingFighter" in brain.plan.army


def test_unknown_difficulty_is_refused_with_the_range():
    world = matches.match((0, 0))
    state = world.players[1]
    state.difficulty = 11
    with pytest.raises(ValueError, match="1 .VeryEasy. to 10 .CheatInsane."):
        ai.make(world, state)
    state.difficulty, state.ai_build = 3, 9
    with pytest.raises(ValueError, match="1 .RandomBuild. to 6 .Air."):
        ai.make(world, state)


@pytest.mark.slow
@pytest.mark.parametrize("map_name", ["Simple64", "Flat64"])
def test_a_match_ends(map_name):
    world = matches.match((7, 2), (2, 1), seed=1, map_name=map_name)
    world.step(30_000)
    assert world.results == {1: players.VICTORY, 2: players.DEFEAT}
