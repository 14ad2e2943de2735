"""Series of matches: which are played, what is kept, and what a second run does."""

import dataclasses
import json

import numpy as np
import pytest

from environment import starcraft
from environment.parallel import WorkerError
from evaluation import match_environment, match_records, match_series, video
from tests.evaluation import match_library as library

SETTINGS = starcraft.StarcraftSettings(map_name="Simple64", game="minisc2")


@pytest.fixture
def games(monkeypatch):
    """Every game that was started, in its order."""
    started = []

    class Game(library.Game):
        def __init__(self, settings, seed):
            super().__init__(settings, seed)
            started.append(self)

    monkeypatch.setattr(starcraft, "StarcraftEnvironment", Game)
    return started


@pytest.fixture
def series(tmp_path):
    return match_environment.Series(settings=SETTINGS, seed=3, folder=str(tmp_path))


def play(series, num_matches, agent=None, **options):
    return match_series.run(agent or library.Agent(), series, num_matches,
                            **{"num_workers": 0, "num_environments": 4} | options)


def expected_result(seed):
    return "victory" if seed % 2 == 0 else "defeat"


def test_every_match_is_played_once_whatever_its_length(series, games):
    records = play(series, 10)
    assert [record.number for record in records] == list(range(1, 11))
    assert len(games) == 10 and all(game.is_closed for game in games)
    assert {game.seed for game in games} == {series.game_seed(n) for n in range(1, 11)}
    assert len({record.game_loops for record in records}) > 1
    for record in records:
        assert record.seed == series.game_seed(record.number)
        assert record.result == expected_result(record.seed)
        assert record.game_loops == 8 * (2 + record.seed % 3)
        assert record.num_decisions == record.num_actions == 2 + record.seed % 3


def test_each_match_gets_its_own_decisions(series, games):
    # The agent's clicks tell the seed and the step that it saw, and its state counts the steps.
    play(series, 7, num_environments=3)
    for game in games:
        assert [action["screen"] for action in game.actions] == [
            10 * (game.seed % 1000) + step for step in range(game.length)]


def test_matches_are_decided_together_and_not_after_the_last(series, games):
    agent = library.Agent()
    num_decisions = 0
    play(series, 8, agent)
    num_decisions = sum(game.length for game in games)
    assert max(agent.batches) == 4 and min(agent.batches) >= 1
    # Beside the decisions, each match is seen once when it is over.
    assert sum(agent.batches) == num_decisions + 8


def test_games_do_not_depend_on_how_many_are_played_at_once(series, tmp_path, games):
    alone = play(series, 6, num_environments=1)
    together = play(dataclasses.replace(series, folder=str(tmp_path / "other")), 6)
    assert alone == together


def test_the_settings_reach_the_game(series, games):
    play(series, 1)
    assert games[0].settings == dataclasses.replace(SETTINGS, is_measured=True)


def test_a_second_run_plays_what_is_missing(series, games):
    told = []
    play(series, 3)
    assert len(games) == 3
    records = play(series, 5, told=told.append)
    assert len(games) == 5
    assert [game.seed for game in games[3:]] == [series.game_seed(4), series.game_seed(5)]
    assert [one.num_finished for one in told] == [3, 4, 5]
    assert len(records) == 5 and play(series, 5) == records and len(games) == 5


def test_a_match_that_was_interrupted_is_played_again(series, games, monkeypatch):
    class Interrupting(library.Agent):
        def step(self, observation, *arguments):
            if (observation["count"][:, 1] == 2).any():
                raise KeyboardInterrupt
            return super().step(observation, *arguments)

    with pytest.raises(KeyboardInterrupt):
        play(series, 4, Interrupting(), num_environments=1)
    assert games[-1].is_closed
    num_written = len(list(series.records.iterdir()))
    before = len(games)
    play(series, 4)
    assert len(games) - before == 4 - num_written


def test_told_counts_results(series, games):
    told = []
    records = play(series, 6, told=told.append)
    assert [one.num_finished for one in told] == list(range(7))
    assert {one.num_matches for one in told} == {6}
    num_won = sum(record.result == "victory" for record in records)
    assert told[-1].words.endswith(f"{num_won} won, {6 - num_won} lost")


@pytest.mark.parametrize(("change", "words"), [
    ({"seed": 4}, "seed was 3, now 4"),
    ({"action_limit": 22}, "action_limit was None, now 22"),
    ({"settings": dataclasses.replace(SETTINGS, opponent_difficulty="hard")},
     "opponent_difficulty was 'very_easy', now 'hard'")])
def test_other_matches_are_not_counted_with_these(series, games, change, words):
    play(series, 1)
    with pytest.raises(match_records.RecordError, match=words):
        play(dataclasses.replace(series, **change), 1)


def test_another_checkpoint_or_choice_is_another_series(series, games):
    play(series, 1, description={"checkpoint": "a"})
    with pytest.raises(match_records.RecordError, match="checkpoint was 'a', now 'b'"):
        play(series, 1, description={"checkpoint": "b"})
    with pytest.raises(match_records.RecordError, match="greedy was False, now True"):
        play(series, 1, description={"checkpoint": "a"}, greedy=True)


def test_the_choices_are_seeded_and_the_generator_is_given_back(series, tmp_path, games):
    agent = library.Agent()
    before = agent.random_generator.state.numpy()
    play(series, 3, agent)
    np.testing.assert_array_equal(agent.random_generator.state.numpy(), before)
    agent.random_generator.reset_from_seed(99)
    first, agent.drawn = agent.drawn, []
    play(dataclasses.replace(series, folder=str(tmp_path / "again")), 3, agent)
    assert agent.drawn == first
    agent.drawn = []
    play(dataclasses.replace(series, folder=str(tmp_path / "other"), seed=5), 3, agent)
    assert agent.drawn != first


def test_the_limit_on_actions_reaches_the_game(tmp_path, games):
    series = match_environment.Series(
        settings=SETTINGS, seed=3, folder=str(tmp_path), action_limit=1)
    records = play(series, 5)
    for game, record in zip(games, sorted(records, key=lambda r: [
            g.seed for g in games].index(r.seed)), strict=True):
        assert [action["action_type"] for action in game.actions] == [1] + [0] * (game.length - 1)
        assert (record.num_actions, record.num_limited) == (1, game.length - 1)


def test_replays_are_named_after_their_matches(tmp_path, games):
    series = match_environment.Series(
        settings=SETTINGS, seed=3, folder=str(tmp_path), save_replays=True)
    for record in play(series, 3):
        assert (series.replays / record.replay).read_text() == str(record.seed)
    assert len(list(series.replays.iterdir())) == 3


def test_a_game_that_fails_is_played_again(series, games, monkeypatch):
    started = set()

    class Failing(library.Game):
        failed = False

        def step(self, action):
            started.add(self)
            if self.seed == series.game_seed(4) and not Failing.failed:
                Failing.failed = True
                raise starcraft.GameError("it is gone")
            return super().step(action)

    monkeypatch.setattr(starcraft, "StarcraftEnvironment", Failing)
    records = play(series, 5, num_environments=2)
    assert Failing.failed and [record.number for record in records] == [1, 2, 3, 4, 5]
    # Match 2, which the same environment had played before, is not played again.
    assert len(started) == 6


def test_a_game_that_always_fails_ends_the_run(series, monkeypatch):
    def fail(settings, seed):
        raise starcraft.GameError("no game")

    monkeypatch.setattr(starcraft, "StarcraftEnvironment", fail)
    with pytest.raises((WorkerError, starcraft.GameError), match="no game"):
        play(series, 2)


def test_a_clip_shows_the_first_match_and_counts_it(series, games, monkeypatch):
    frames = []

    def begin(self, path, environment, action_spec, title):
        self._environment = environment
        frames.append((path, title))

    monkeypatch.setattr(video.Clip, "__init__", begin)
    monkeypatch.setattr(video.Clip, "acted", lambda self, time_step, agent_step, score: (
        frames.append((int(time_step.observation["match_number"][0, 0]), score))))
    monkeypatch.setattr(video.Clip, "close", lambda self: frames.append("closed"))
    # The game's own score is on the frames.
    monkeypatch.setattr(library.Game, "pysc2_observation", {"score_cumulative": [1050]})
    records = play(series, 4, clip=("clip.gif", "a title"))
    assert len(records) == 4
    assert frames == [("clip.gif", "a title"), *[(1, 1050.0)] * (games[0].length + 1), "closed"]
    with pytest.raises(match_records.RecordError, match="have been played"):
        play(series, 4, clip=("clip.gif", "a title"))


def test_no_matches_are_refused(series):
    with pytest.raises(ValueError, match="num_matches: expected at least 1, got 0"):
        play(series, 0)


def test_a_damaged_note_of_the_series_is_named(series, games):
    play(series, 1)
    (series.records.parent / "series.json").write_text("{")
    with pytest.raises(match_records.RecordError, match=r"series.json is damaged"):
        play(series, 1)


def test_the_folder_says_what_was_played(series, games):
    play(series, 1, description={"checkpoint": "a"})
    noted = json.loads((series.records.parent / "series.json").read_text())
    assert (noted["seed"], noted["checkpoint"]) == (3, "a")
    assert noted["settings"]["map_name"] == "Simple64"
