"""Strategies that an agent is told: read from a dataset, drawn by match, seen by the agent."""

import contextlib
import dataclasses

import pytest

from data import hkl
from environment import starcraft
from environment.conditioning import Built, Conditioning, Cumulative
from evaluation import (
    match_environment,
    match_evaluation,
    match_records,
    matches,
    strategies,
    watching,
)
from tests.evaluation import match_library as library
from tests.evaluation.test_match_evaluation import SETTINGS, RandomAgent

TOLD = dataclasses.replace(
    SETTINGS, context_arrays=("races", "mmr", "build_order", "cumulative_units"),
    told=Conditioning(mmr=2500), max_game_loops=48)


def strategy(x, y, *unit_types):
    return Conditioning(build_order=tuple(Built(kind, x, y) for kind in unit_types or (45,)),
                        cumulative=Cumulative(units=(45, 48)))


def write(folder, seed, *places):
    """An episode file of a player who built SCVs at these places."""
    episode = library.episode(seed)
    for row, place in enumerate(places):
        episode.strategy.build_order_unit_types[row] = 45
        episode.strategy.build_order_world_xy[row] = place
    hkl.write(folder / f"{seed}.hkl", episode)


def test_strategies_come_from_the_files(tmp_path):
    write(tmp_path, 0, (30, 60), (31, 61))
    write(tmp_path, 1)  # made nothing
    found = strategies.of_dataset(tmp_path, "terran")
    assert [one.build_order for one in found] == [(Built(45, 30.0, 60.0), Built(45, 31.0, 61.0))]
    with pytest.raises(ValueError, match="no build order of a zerg player"):
        strategies.of_dataset(tmp_path, "zerg")


def test_only_strategies_from_the_same_side_are_told():
    known = [strategy(30, 60), strategy(55, 22), strategy(33, 63), strategy(30, 35)]
    drawn = [strategies.choose(known, (30, 60), seed) for seed in range(60)]
    assert set(drawn) == {0, 2, 3}  # the last one is exactly 25 cells away
    assert strategies.choose(known, (100, 100), 1) is None
    assert drawn == [strategies.choose(known, (30, 60), seed) for seed in range(60)]
    # One unit far out does not move a base.
    scout = Conditioning(build_order=(Built(45, 30, 60), Built(45, 31, 60), Built(19, 90, 90)))
    assert strategies.choose([scout], (30, 60), 1) == 0


@pytest.fixture
def series(tmp_path):
    series = match_environment.Series(
        settings=TOLD, seed=1, folder=str(tmp_path), strategies=tuple(
            strategy(x, y, 45, kind) for x in range(15, 100, 25) for y in range(15, 100, 25)
            for kind in (19, 21)))
    series.records.mkdir()
    return series


def test_the_agent_sees_what_it_is_told(series):
    environment = match_environment.MatchEnvironment(
        series, (1, 2), *starcraft.specs_for(TOLD))
    told = []
    for _ in range(2):
        step = environment.reset() if not told else environment.step({})
        while step.step_type != 2:
            environment.observation_spec.validate(step.observation)
            assert step.observation["build_order"][0, 0] == 45
            assert step.observation["mmr"].tolist() == [3] and step.observation["races"][0] == 1
            assert step.observation["cumulative_units"].sum() == 3  # "known", and two types
            told.append(int(step.observation["build_order"][1, 0]))
            step = environment.step(environment.action_spec.zeros())
    environment.close()
    records = match_records.read_all(series.records, (1, 2))
    expected = [series.strategies[record.told].build_order[1].unit_type for record in records]
    assert told == [expected[0]] * 6 + [expected[1]] * 6


def test_matches_without_a_strategy_from_their_side_are_told_none(series):
    series = dataclasses.replace(series, strategies=(strategy(1000, 1000),))
    environment = match_environment.MatchEnvironment(series, (1,), *starcraft.specs_for(TOLD))
    step = environment.reset()
    assert not step.observation["build_order"].any() and step.observation["mmr"].tolist() == [3]
    environment.close()


def test_evaluation_tells_and_measures_what_was_followed(tmp_path):
    (tmp_path / "data").mkdir()
    for seed, place in enumerate([(x, y) for x in range(15, 100, 25) for y in range(15, 100, 25)]):
        write(tmp_path / "data", seed, place, place)
    agent = RandomAgent(TOLD)
    report = match_evaluation.evaluate(
        agent, TOLD, num_matches=2, seed=1, folder=tmp_path / "out", num_workers=0,
        told_strategies=match_evaluation.followed(tmp_path / "data", TOLD))
    # Nothing can be made in 48 game loops, so both SCVs of what was told are missing.
    assert report.edits_from_told == pytest.approx(2)
    with pytest.raises(match_records.RecordError, match="strategies was '.*', now None"):
        match_evaluation.evaluate(agent, TOLD, num_matches=2, seed=1, folder=tmp_path / "out",
                                  num_workers=0)


def test_an_agent_that_was_never_told_cannot_follow(tmp_path):
    with pytest.raises(ValueError, match="never been told a build order"):
        match_evaluation.followed(tmp_path, SETTINGS)
    with pytest.raises(ValueError, match="built-in AI only"):
        match_evaluation.followed(
            tmp_path, TOLD, match_evaluation.Opponent(RandomAgent(), SETTINGS))


def test_every_match_that_is_watched_is_told_a_strategy():
    known = [strategy(x, y, 45, kind) for x in range(15, 100, 25) for y in range(15, 100, 25)
             for kind in (19, 21)]
    with contextlib.ExitStack() as stack:
        environments, observers = watching.open_watched(
            stack, TOLD, 1, starcraft.specs_for(TOLD)[1], "Simple64", told_strategies=known)
        told = set()

        class Listener(matches.Observer):
            def acted(self, time_step, agent_step, score):
                told.add((int(time_step.observation["build_order"][0, 1, 0]),
                          int(time_step.observation["mmr"][0, 0])))

        matches.play(RandomAgent(TOLD), environments, 4, observers=(*observers, Listener()))
    assert told == {(19, 3), (21, 3)}  # by chance one of both, in four matches
