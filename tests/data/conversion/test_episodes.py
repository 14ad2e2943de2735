"""What was played live is what is in the file: seen, done, earned, and played again from it."""

import dataclasses
import itertools

import numpy as np
import pytest

from data.conversion import episodes, players
from environment import starcraft_replay
from environment.specs import ACTION_TYPE
from tests.data.conversion import matches


@pytest.fixture(scope="module")
def melee(tmp_path_factory):
    return matches.play("Simple64", 200, tmp_path_factory.mktemp("melee"))


@pytest.fixture(scope="module")
def mini_game(tmp_path_factory):
    return matches.play("CollectMineralShards", 1000, tmp_path_factory.mktemp("mini_game"))


@pytest.fixture(scope="module", params=["melee", "mini_game"])
def pair(request):
    """A match and its episode."""
    played = request.getfixturevalue(request.param)
    return played, matches.convert(played.replay)


def steps_by_loop(played):
    return {int(seen["game_loop"][0]): number for number, seen in enumerate(played.observations)}


def sorted_corners(action):
    """A selection rectangle by its first and last corner, as the game reports it."""
    (y0, x0), (y1, x1) = (divmod(int(action[name]), 20) for name in ("screen", "screen2"))
    return {**action, "screen": min(y0, y1) * 20 + min(x0, x1),
            "screen2": max(y0, y1) * 20 + max(x0, x1)}


def test_every_kept_observation_is_the_one_that_the_agent_saw(pair):
    played, episode = pair
    numbers = steps_by_loop(played)
    assert episode.num_steps > 100
    for row, game_loop in enumerate(episode.game_loops.tolist()):
        seen = played.observations[numbers[game_loop]]
        for name, values in episode.observations.items():
            if name != "last_actions":
                np.testing.assert_array_equal(values[row], seen[name],
                                              f"{name} at loop {game_loop}")


def test_last_actions_are_those_since_the_kept_observation_before(pair):
    played, episode = pair
    numbers = steps_by_loop(played)
    kept = [numbers[game_loop] for game_loop in episode.game_loops.tolist()]
    num_seen = 0
    for row, (before, now) in enumerate(itertools.pairwise(kept), 1):
        done = [int(one) for number in range(before + 1, now + 1)
                for one in played.observations[number]["last_actions"] if one]
        values = [int(one) for one in episode.observations["last_actions"][row] if one]
        assert values == done[-3:]
        num_seen += len(done)
    assert num_seen > 50


def test_every_kept_action_is_the_one_that_the_agent_took(pair):
    played, episode = pair
    numbers, types = steps_by_loop(played), episode.action_spec.action_types
    refused = 0
    for row, game_loop in enumerate(episode.game_loops[:-1].tolist()):
        taken = played.actions[numbers[game_loop]]
        kept = {name: values[row] for name, values in episode.actions.items()}
        if types[taken[ACTION_TYPE]] == "select_rect":
            taken, kept = sorted_corners(taken), sorted_corners(kept)
        if kept[ACTION_TYPE]:
            assert {name: int(value) for name, value in kept.items()} == {
                name: int(value) for name, value in taken.items()}
        else:
            refused += bool(taken[ACTION_TYPE])
    # What the game refused was not done, and is not reported.
    assert refused < 0.2 * episode.num_steps
    assert episode.metadata.num_unavailable_actions == 0


def test_a_step_without_an_action_is_kept_at_the_ends_and_at_every_eighth(pair):
    played, episode = pair
    numbers = steps_by_loop(played)
    kept = [numbers[game_loop] for game_loop in episode.game_loops.tolist()]
    assert kept[0] == 0 and kept[-1] == len(played.observations) - 1
    no_ops = [number for number, action_type in zip(kept, episode.actions[ACTION_TYPE], strict=True)
              if not action_type]
    assert all(number % 8 == 0 for number in no_ops[:-1])
    assert set(range(0, len(played.actions), 8)) <= set(kept)
    # Nothing is looked at that is not kept, but where all that was done cannot be written down.
    assert episode.num_steps <= episode.metadata.num_observed_steps <= episode.num_steps + 5


def test_rewards_are_those_that_the_agent_earned(mini_game):
    episode = matches.convert(mini_game.replay)
    numbers = steps_by_loop(mini_game)
    kept = [numbers[game_loop] for game_loop in episode.game_loops.tolist()]
    between = [sum(mini_game.rewards[first:last]) for first, last in itertools.pairwise(kept)]
    np.testing.assert_array_equal(episode.rewards, [*between, 0])
    assert sum(between) > 0
    coarse = matches.convert(mini_game.replay, step_mul=1200)  # the end comes with a part of them
    assert coarse.rewards.sum() == sum(between) and coarse.rewards[-2] > 0


@pytest.mark.parametrize("result, reward", [
    ("victory", 1), ("defeat", -1), ("tie", 0), ("undecided", 0)])
def test_a_match_for_two_earns_its_result_at_the_end(melee, monkeypatch, result, reward):
    read = players.match

    def decided(info):
        match = read(info)
        first = dataclasses.replace(match.players[0], result=result)
        return dataclasses.replace(match, players=(first, *match.players[1:]))

    monkeypatch.setattr(players, "match", decided)
    episode = matches.convert(melee.replay, step_mul=80)
    assert episode.metadata.result == result
    assert episode.rewards.tolist() == [0] * (episode.num_steps - 2) + [reward, 0]


def test_all_no_ops_are_kept_if_wanted(melee):
    episode = matches.convert(melee.replay, no_op_interval=1)
    assert episode.num_steps == len(melee.observations)
    sparse = matches.convert(melee.replay, no_op_interval=10_000)
    assert np.count_nonzero(sparse.actions[ACTION_TYPE] == 0) == 2


def test_several_actions_between_two_observations_all_survive_in_order(melee):
    fine, coarse = matches.convert(melee.replay), matches.convert(melee.replay, step_mul=40)
    assert len(np.unique(coarse.game_loops)) < coarse.num_steps  # some share their observation

    def done(episode):
        return [tuple(int(values[row]) for values in episode.actions.values())
                for row in np.flatnonzero(episode.actions[ACTION_TYPE])]

    assert done(coarse) == done(fine)
    assert coarse.metadata.num_unavailable_actions > 0  # the selection came in the same step
    first = np.flatnonzero(coarse.delays == 0)[0]
    for values in coarse.observations.values():
        np.testing.assert_array_equal(values[first], values[first + 1])


def test_with_single_game_loops_every_action_has_an_observation_of_its_own(melee):
    """A finer look at the same match: what was done is the same, and was done where it was seen."""
    coarse, fine = matches.convert(melee.replay), matches.convert(
        melee.replay, step_mul=1, no_op_interval=64)
    for name, values in coarse.observations.items():
        np.testing.assert_array_equal(values, fine.observations[name], name)
    for name, values in coarse.actions.items():
        np.testing.assert_array_equal(values, fine.actions[name], name)
    np.testing.assert_array_equal(coarse.game_loops, fine.game_loops)
    assert fine.metadata.step_mul == 1 and fine.metadata.num_unavailable_actions == 0


def test_the_actions_of_a_file_give_the_same_match_again(melee):
    episode = matches.convert(melee.replay)
    assert episode.metadata.seed == matches.SEED
    by_loop = {int(game_loop): row for row, game_loop in enumerate(episode.game_loops)
               if episode.actions[ACTION_TYPE][row]}
    environment = matches.make_environment("Simple64")
    try:
        step = environment.reset()
        for number, seen in enumerate(melee.observations[1:], 1):
            row = by_loop.get(int(step.observation["game_loop"][0]))
            action = environment.action_spec.zeros() if row is None else {
                name: values[row] for name, values in episode.actions.items()}
            step = environment.step(action)
            for name, values in seen.items():
                np.testing.assert_array_equal(values, step.observation[name], f"{name} {number}")
    finally:
        environment.close()


def test_an_episode_that_would_fill_the_memory_is_refused(melee, monkeypatch):
    episode = matches.convert(melee.replay)
    num_bytes = sum(values.nbytes for values in episode.observations.values())
    monkeypatch.setattr(episodes, "MAX_EPISODE_BYTES", num_bytes)
    matches.convert(melee.replay)
    monkeypatch.setattr(episodes, "MAX_EPISODE_BYTES", num_bytes // 2)
    with pytest.raises(starcraft_replay.ReplayError, match=r"game loop \d+ already.*no_op_inter"):
        matches.convert(melee.replay)


def test_metadata_say_where_it_comes_from(melee):
    metadata = matches.convert(melee.replay).metadata
    assert (metadata.game, metadata.map_name, metadata.race) == ("minisc2", "Simple64", "terran")
    assert (metadata.opponent_race, metadata.result) == ("terran", "undecided")
    assert metadata.num_game_loops == 8 * 200 and metadata.step_mul == 8
    assert metadata.camera_width == 24
    assert matches.convert(melee.replay, step_mul=80, camera_width=30).metadata.camera_width == 30
    assert metadata.dropped == {"camera put on the start location": 1}
    assert not metadata.inferred
