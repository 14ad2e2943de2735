"""Who is read out of a replay, and whom the filters let through."""

import pytest
from s2clientprotocol import common_pb2, sc2api_pb2

from data.conversion import players
from data.conversion.players import Filters, Match, Player

WINNER = Player(1, False, "terran", "victory", 4000, 120.0)
LOSER = Player(2, False, "zerg", "defeat", None, 80.0)
COMPUTER = Player(2, True, "zerg", "defeat", None, None)


def match(*members, num_game_loops=22400):
    return Match("Simple64", "4.10.1.75800", num_game_loops, members or (WINNER, LOSER))


def test_match_reads_what_the_game_says():
    info = sc2api_pb2.ResponseReplayInfo(
        map_name="Simple64", game_version="4.10.0.75689", game_duration_loops=99)
    second = info.player_info.add(player_mmr=3000)
    second.player_info.player_id = 2
    second.player_info.type = sc2api_pb2.Computer
    second.player_info.race_actual = common_pb2.Protoss
    second.player_result.result = sc2api_pb2.Tie
    first = info.player_info.add(player_apm=77)
    first.player_info.player_id = 1
    first.player_info.type = sc2api_pb2.Participant
    first.player_info.race_actual = common_pb2.Random
    first.player_result.result = sc2api_pb2.Undecided
    info.player_info.add().player_info.type = sc2api_pb2.Observer
    read = players.match(info)
    assert read == Match("Simple64", "4.10.0.75689", 99, (
        Player(1, False, "unknown", "undecided", None, 77.0),
        Player(2, True, "protoss", "tie", 3000, None)))
    assert read.opponent(read.players[0]) == read.players[1]
    assert Match("", "", 0, (WINNER,)).opponent(WINNER) is None


def test_no_filter_lets_both_people_through_but_no_computer():
    assert [Filters().reason_to_skip(match(), player) for player in (WINNER, LOSER)] == [None, None]
    assert Filters().reason_to_skip(match(WINNER, COMPUTER), COMPUTER) == "computer player"
    assert Filters(computers=True).reason_to_skip(match(WINNER, COMPUTER), COMPUTER) is None


@pytest.mark.parametrize("filters, reasons", [
    ({"race": "terran"}, (None, "--race")),
    ({"opponent_race": "terran"}, ("--opponent_race", None)),
    ({"maps": ("simple64", "Other")}, (None, None)),
    ({"maps": ("Simple",)}, ("--map", "--map")),
    ({"versions": ("4.10",)}, (None, None)),
    ({"versions": ("4.1", "5.0")}, ("--version", "--version")),  # 4.1 is not the begin of 4.10
    ({"min_duration": 1000}, (None, None)),  # 22,400 loops are 1,000 seconds
    ({"min_duration": 1000.1}, ("--min_duration", "--min_duration")),
    ({"min_mmr": 4000}, (None, "--min_mmr")),
    ({"min_mmr": 4001}, ("--min_mmr", "--min_mmr")),
    ({"min_apm": 100}, (None, "--min_apm")),
    ({"winners_only": True}, (None, "--winners_only")),
])
def test_filters(filters, reasons):
    assert tuple(Filters(**filters).reason_to_skip(match(), player)
                 for player in (WINNER, LOSER)) == reasons


def test_nobody_is_against_a_race_in_a_match_alone():
    alone = Match("MoveToBeacon", "4.10", 1920, (WINNER,))
    assert Filters(opponent_race="zerg").reason_to_skip(alone, WINNER) == "--opponent_race"
