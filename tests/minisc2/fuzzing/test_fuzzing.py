"""The fuzzer itself: what it draws, that it notices a failure, and a short run of it."""

import random

import pytest
from s2clientprotocol import sc2api_pb2

from minisc2.api import server
from minisc2.fuzzing import play, requests, trials


def test_every_kind_of_request_is_drawn_but_quit():
    rng = random.Random(1)
    drawn = {requests.random_request(rng).WhichOneof("request") for _ in range(2000)}
    fields = {field.name for field in
              sc2api_pb2.Request.DESCRIPTOR.oneofs_by_name["request"].fields}
    assert drawn == fields - {"quit"}


def test_random_requests_reach_a_running_game():
    game, rng, statuses = server.Server(), random.Random(2), set()
    for _ in range(400):
        response = game.handle(requests.random_request(rng))
        statuses.add(response.status)
    assert {sc2api_pb2.launched, sc2api_pb2.init_game, sc2api_pb2.in_game} <= statuses


def test_many_random_requests_find_a_running_game():
    game, rng, num_in_game = server.Server(), random.Random(2), 0
    for _ in range(600):
        game.handle(requests.random_request(rng))
        num_in_game += game.status == sc2api_pb2.in_game
    assert num_in_game > 100


def test_the_game_survives_random_requests():
    assert 0 < trials.send_requests(random.Random(3), 1500) < 1500


def test_a_failure_of_the_game_is_noticed(monkeypatch):
    def fail(self, request, response):
        raise KeyError("a bug")

    monkeypatch.setattr(server.Server, "_available_maps", fail)
    with pytest.raises(trials.BrokenError, match="a bug"):
        trials.send_requests(random.Random(4), 1000)


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_random_players_get_through_a_match(seed):
    outcome = trials.play_match(seed, 600)
    assert "actions" in outcome and any(name in outcome for name in play.INTERFACES)


def test_a_match_that_breaks_is_reported(monkeypatch):
    def fail(*arguments):
        raise ZeroDivisionError("no speed")

    monkeypatch.setattr("minisc2.game.movement.move_towards", fail)
    with pytest.raises(trials.BrokenError, match="seed 24.*no speed"):
        trials.play_match(24, 600)


def test_a_random_player_uses_every_part_of_its_interface():
    player = play.RandomPlayer(lambda request: sc2api_pb2.Response(), random.Random(5),
                               "feature_layer")
    observation = sc2api_pb2.Observation()
    observation.abilities.add(ability_id=23)
    actions = [action for _ in range(300) for action in player.actions(observation)]
    kinds = {action.action_feature_layer.WhichOneof("action") for action in actions
             if action.HasField("action_feature_layer")}
    assert kinds == {"unit_command", "camera_move", "unit_selection_point", "unit_selection_rect"}
    assert any(action.HasField("action_ui") for action in actions)
