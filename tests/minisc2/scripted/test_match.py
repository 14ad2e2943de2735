"""Whole matches of scripted players."""

import collections
import itertools
import random

import pytest
from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2 import replay
from minisc2.scripted import client as client_lib
from minisc2.scripted import knowledge, match, players

_MAP = "Simple64"


@pytest.fixture(scope="module")
def known():
    return knowledge.study(_MAP)


def _play(known, player="marine_rush", seed=1, difficulty=sc2api_pb2.VeryEasy, **settings):
    """What came of a match, its recording, and the views after each action."""
    client = client_lib.Client()
    views = []
    opponent = sc2api_pb2.PlayerSetup(type=sc2api_pb2.Computer, race=common_pb2.Terran,
                                      difficulty=difficulty)
    played = match.play(client, known, players.PLAYERS[player].draw(random.Random(seed)), opponent,
                        seed, watch=lambda me, action: views.append((me.view, action)), **settings)
    return played, client.server.recording, views


def _actions(recording):
    """(loop, action) of the player."""
    return [(event.loop, sc2api_pb2.Action.FromString(event.data)) for event in recording.events
            if event.kind == replay.EventKind.ACTION]


@pytest.fixture(scope="module")
def opening(known):
    """Two and a half minutes of a marine rush."""
    return _play(known, max_game_loops=3400)


def test_opening_leads_to_marines(opening):
    played, _, views = opening
    assert played.result == sc2api_pb2.Undecided and played.game_loops == 3400
    last = views[-1][0].player
    assert last.food_workers >= 16
    assert last.food_cap >= 23
    assert last.army_count >= 2


def test_actions_keep_to_the_pace(opening):
    played, recording, _ = opening
    loops = [loop for loop, _ in _actions(recording)]
    assert len(loops) == len(set(loops)) == played.num_actions
    assert played.num_actions / (played.game_loops / 1344) == pytest.approx(120, rel=0.06)
    gaps = [after - before for before, after in itertools.pairwise(loops)]
    assert len(set(gaps)) > 10  # irregular


def test_the_game_accepts_what_is_done(opening):
    played, _, views = opening
    assert played.num_refused <= 0.02 * played.num_actions
    assert sum(len(view.errors) for view, _ in views) <= 0.02 * played.num_actions


def test_everything_is_done_through_the_interface(opening):
    _, recording, _ = opening
    kinds = collections.Counter()
    for _, action in _actions(recording):
        assert not action.HasField("action_raw") and not action.HasField("action_render")
        if action.HasField("action_ui"):
            kinds[action.action_ui.WhichOneof("action")] += 1
        else:
            kinds[action.action_feature_layer.WhichOneof("action")] += 1
    assert {"camera_move", "unit_selection_point", "unit_command", "control_group"} <= set(kinds)


def test_commands_are_given_to_a_selection_that_can_obey(opening):
    _, _, views = opening
    for (before, _), (_, action) in itertools.pairwise(views):
        command = action.action_feature_layer.unit_command
        if action.action_feature_layer.HasField("unit_command"):
            assert before.selected
            assert command.ability_id == 1 or before.can(command.ability_id) or (
                command.ability_id == 3674 and before.can(23))


@pytest.mark.parametrize("player", players.PLAYERS)
def test_same_seed_same_match(known, player):
    first, second, other = (_play(known, player, seed, max_game_loops=900)[1]
                            for seed in (5, 5, 6))
    assert first.events == second.events
    assert first.events != other.events


@pytest.mark.parametrize("apm", [40, 250])
def test_pace_is_a_matter_of_choice(known, apm):
    played, _, _ = _play(known, apm=apm, max_game_loops=2000)
    assert played.num_actions / (played.game_loops / 1344) == pytest.approx(apm, rel=0.1)


def test_other_resolutions_work(known):
    _, _, views = _play(known, resolution=84, max_game_loops=1400)
    assert views[-1][0].screen("unit_type").shape == (84, 84)
    assert views[-1][0].player.food_cap == 23


def test_unknown_map_is_refused():
    with pytest.raises(client_lib.GameError, match="create_game.*Nowhere"):
        knowledge.study("Nowhere")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_marine_rush_beats_easy(known, seed):
    played, _, _ = _play(known, seed=seed, difficulty=sc2api_pb2.Easy)
    assert played.result == sc2api_pb2.Victory


@pytest.mark.slow
@pytest.mark.parametrize(("player", "structures"), [
    ("macro", {"Barracks", "Refinery", "OrbitalCommand", "Factory", "Starport"}),
    ("turtle", {"Barracks", "Refinery", "Bunker", "Factory", "EngineeringBay"})])
def test_plans_are_followed(known, player, structures):
    built = set()
    client = client_lib.Client()
    match.play(client, known, players.PLAYERS[player].draw(random.Random(1)), None, 1,
               max_game_loops=9000, watch=lambda me, action: built.update(
                   site.thing.name for site in me.sites if site.is_finished))
    assert structures <= built
