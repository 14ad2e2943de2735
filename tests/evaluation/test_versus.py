"""Two agents in one game: who is asked when, and whose actions reach whom."""

import dataclasses

import numpy as np
import pytest

from environment import starcraft, starcraft_versus
from evaluation import match_environment, match_evaluation, match_records, video
from evaluation.versus import Pair
from tests.evaluation import match_library as library
from tests.evaluation.test_match_evaluation import RandomAgent

HOME = starcraft.StarcraftSettings(
    map_name="Simple64", game="minisc2", race="terran", arrays=("player", "available_actions"),
    max_game_loops=160, is_measured=True)
AWAY = dataclasses.replace(HOME, race="zerg", step_mul=12, screen_size=(20, 24), is_measured=False,
                           max_delay_game_loops=48, context_arrays=("last_action",))


@pytest.fixture
def environment():
    environment = starcraft_versus.VersusEnvironment(HOME, AWAY, 1)
    yield environment
    environment.close()


def test_each_is_asked_when_it_is_due(environment):
    step = environment.reset()
    asked = []
    while step.step_type != 2:
        environment.observation_spec.validate(step.observation)
        asked.append(step.observation["is_due"].tolist())
        action = environment.action_spec.zeros()
        action["opponent.delay"][...] = 3
        before, step = step, environment.step(action)
        for index, name in enumerate(("player", "opponent.player")):
            # Who is not due sees what it saw.
            assert (step.observation[name] is before.observation[name]) == (
                not step.observation["is_due"][index])
    # At home every 8 game loops, the opponent every 36: at 36, 72, 108 and 144, of which 72 and
    # 144 are multiples of 8.
    home, away = zip(*asked, strict=True)
    assert sum(home) == 20 and sum(away) == 5
    assert len(asked) == 22 and asked[0] == [1, 1]
    assert int(environment.pysc2_observation["game_loop"][0]) == 160
    assert step.observation["is_due"].tolist() == [1, 1] and step.discount == 1


def test_each_does_and_sees_its_own(environment):
    step = environment.reset()
    ours, theirs = starcraft_versus.split_observation(step.observation)
    assert int(ours["player"][0]) != int(theirs["player"][0])  # ids of the players
    types = environment.action_spec.action_types
    action = environment.action_spec.zeros()
    action["opponent.action_type"][...] = types.index("select_rect")
    action["opponent.screen2"][...] = 20 * 24 - 1
    step = environment.step(action)
    while not step.observation["is_due"][1]:
        step = environment.step(environment.action_spec.zeros())
    home, away = (environment._players[index].seen for index in (0, 1))
    assert len(away["multi_select"]) and not len(home["multi_select"])
    _, theirs = starcraft_versus.split_observation(step.observation)
    assert theirs["last_action"][0] == types.index("select_rect") + 1


def test_specs_of_both_come_apart_again():
    home, away = starcraft.specs_for(HOME), starcraft.specs_for(AWAY)
    observation_spec, action_spec = starcraft_versus.combined_specs(home, away)
    ours, theirs = starcraft_versus.split_observation(observation_spec.zeros((2,)))
    home[0].validate(ours, (2,))
    away[0].validate(theirs, (2,))
    ours, theirs = starcraft_versus.split_action(action_spec.zeros((2,)))
    home[1].validate(ours, (2,))
    away[1].validate(theirs, (2,))
    action_spec.validate(starcraft_versus.join_actions(ours, theirs), (2,))


def test_maps_must_be_the_same():
    with pytest.raises(ValueError, match="map_name: expected the same"):
        starcraft_versus.VersusEnvironment(
            HOME, dataclasses.replace(AWAY, map_name="MoveToBeacon"), 1)


def test_agents_are_asked_only_where_they_are_due():
    pair = Pair(library.Agent(), library.Agent())
    counts = np.zeros((3, 2), int)
    state = pair.initial_state(3)
    generator = np.random.default_rng(0)
    for number in range(20):
        # Everyone is asked in the first step of a match; the fakes check their own counts.
        is_due = generator.integers(0, 2, (3, 2)) if number else np.ones((3, 2), int)
        observation = {"is_due": is_due.astype(np.int32)}
        for index, prefix in enumerate(("", starcraft_versus.OPPONENT)):
            observation[f"{prefix}count"] = np.stack(
                [np.full(3, 10 * index), counts[:, index]], axis=1).astype(np.float32)
        step_type = np.full(3, 1 if number else 0, np.int8)
        decided, state = pair.step(observation, step_type, state)
        ours, theirs = starcraft_versus.split_action(decided.action)
        for index, action in enumerate((ours, theirs)):
            expected = np.where(is_due[:, index], 100 * index + counts[:, index], 0)
            np.testing.assert_array_equal(action["screen"], expected)
        counts += is_due


def test_agents_play_each_other(tmp_path):
    # is_measured is set by the evaluation.
    settings = [dataclasses.replace(one, is_measured=False) for one in (HOME, AWAY)]
    home, away = map(RandomAgent, settings)
    report = match_evaluation.evaluate(
        home, settings[0], num_matches=2, seed=1, folder=tmp_path, num_workers=0, action_limit=3,
        opponent=match_evaluation.Opponent(away, settings[1]))
    assert report.num_matches == 2
    records = match_records.read_all(tmp_path / "matches", (1, 2))
    # 20 decisions in 160 game loops, of which a window of 112 takes 3 actions.
    assert [record.num_decisions for record in records] == [20, 20]
    # Repetitions, which are rare, do not count.
    assert all(record.num_actions <= 8 and record.num_limited >= 9 for record in records)


def test_a_clip_shows_the_decisions_at_home(tmp_path, monkeypatch):
    frames = []
    monkeypatch.setattr(video.Clip, "__init__", lambda self, path, environment, spec, title: (
        setattr(self, "_environment", environment)))
    monkeypatch.setattr(video.Clip, "acted", lambda self, time_step, agent_step, score: (
        frames.append((score, agent_step.value.shape))))
    monkeypatch.setattr(video.Clip, "close", lambda self: None)
    match_evaluation.evaluate(
        RandomAgent(HOME), HOME, num_matches=1, seed=1, folder=tmp_path, num_workers=0,
        opponent=match_evaluation.Opponent(RandomAgent(AWAY), AWAY), clip=("clip.gif", "title"))
    # 20 decisions, and the end. At the start a match is worth 1050: minerals, workers, a base.
    assert frames[0] == (1050, (1,)) and len(frames) == 21


def test_the_limit_holds_for_both(tmp_path):
    series = match_environment.Series(
        settings=HOME, opponent=AWAY, seed=1, folder=str(tmp_path), action_limit=2)
    specs = starcraft_versus.combined_specs(starcraft.specs_for(HOME), starcraft.specs_for(AWAY))
    environment = match_environment.MatchEnvironment(series, (1,), *specs)
    series.records.mkdir()
    step = environment.reset()
    for number in range(12):
        action = environment.action_spec.zeros()
        for prefix in ("", "opponent."):
            action[f"{prefix}action_type"][...] = 2  # select_point
            action[f"{prefix}screen"][...] = number
        step = environment.step(action)
    environment.close()
    assert step.observation["match_number"] == 1
    # In 96 game loops, decisions at 0, 8, ... 88 and at 0, 12, ...: some of these fall together.
    home, away = environment._hands
    assert home.num_actions == away.num_actions == 2
    assert home.num_limited + away.num_limited == home.num_decisions + away.num_decisions - 4
