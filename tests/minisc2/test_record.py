"""The command line that records series of matches."""

import json
import sys

import pytest
from s2clientprotocol import sc2api_pb2

from minisc2 import record, replay
from minisc2.scripted import client as client_lib
from minisc2.scripted import series

_SHORT = ("--max_game_loops", "300", "--opponent", "very_easy", "--processes", "1")


def _record(folder, *arguments):
    return record.main(["--out", str(folder), *_SHORT, *arguments])


def _lines(folder):
    (path,) = folder.glob("*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def _files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    assert _record(folder, "--games", "2", "--seed", "3") == 0
    return folder


def test_each_match_is_a_replay_and_a_line(two):
    names = [f"marine_rush_vs_very_easy_Simple64_seed3_0000{number}.SC2Replay"
             for number in (1, 2)]
    assert sorted(path.name for path in two.iterdir()) == [
        "marine_rush_vs_very_easy_Simple64_seed3.jsonl", *names]
    lines = _lines(two)
    assert [line["file"] for line in lines] == names
    for line in lines:
        assert line["result"] == "undecided" and line["game_loops"] == 300
        recording = replay.decode((two / line["file"]).read_bytes())
        assert recording.seed == line["game_seed"] and recording.loops == 300
        assert len(recording.events) == line["actions"]
    assert lines[0]["game_seed"] != lines[1]["game_seed"]


def test_replay_info_names_player_and_opponent(two):
    path = min(two.glob("*.SC2Replay"))
    info = client_lib.Client().ask(replay_info=sc2api_pb2.RequestReplayInfo(
        replay_data=path.read_bytes()))
    assert info.map_name == "Simple64" and info.game_duration_loops == 300
    player, opponent = info.player_info
    assert player.player_info.player_name == "marine_rush"
    assert opponent.player_info.difficulty == sc2api_pb2.VeryEasy
    assert player.player_mmr == opponent.player_mmr == 1000
    assert player.player_apm > 60


def test_same_settings_same_files_with_any_number_of_processes(two, tmp_path):
    assert _record(tmp_path, "--games", "2", "--seed", "3", "--processes", "2") == 0
    assert _files(tmp_path) == _files(two)


def test_other_seed_other_matches(two, tmp_path):
    assert _record(tmp_path, "--seed", "4") == 0
    assert _lines(tmp_path)[0]["game_seed"] not in {line["game_seed"] for line in _lines(two)}


def test_series_goes_on_where_it_stopped(tmp_path, capsys, monkeypatch):
    assert _record(tmp_path, "--games", "1") == 0
    played = []
    original = series.play
    monkeypatch.setattr(series, "play", lambda settings, number: (
        played.append(number), original(settings, number))[1])
    assert _record(tmp_path, "--games", "3") == 0
    assert played == [2, 3]
    assert "1 of them before" in capsys.readouterr().out
    whole = _files(tmp_path)
    broken, gone = sorted(tmp_path.glob("*.SC2Replay"))[:2]
    broken.write_bytes(broken.read_bytes()[:-100])
    gone.unlink()
    assert _record(tmp_path, "--games", "3") == 0
    assert played == [2, 3, 1, 2]
    assert _files(tmp_path) == whole


def test_a_replay_of_another_match_is_redone(tmp_path):
    assert _record(tmp_path, "--games", "2") == 0
    whole = _files(tmp_path)
    first, second = sorted(tmp_path.glob("*.SC2Replay"))
    first.write_bytes(second.read_bytes())
    assert _record(tmp_path, "--games", "2") == 0
    assert _files(tmp_path) == whole


def test_replays_of_other_code_are_redone(tmp_path, monkeypatch):
    assert _record(tmp_path) == 0

    def refuse(data):
        raise replay.ReplayError("made by another version")

    with monkeypatch.context() as patch:
        patch.setattr(replay, "decode", refuse)
        manifest = series.Manifest(series.Settings(
            "Simple64", "marine_rush", "very_easy", max_game_loops=300), tmp_path)
        assert manifest.missing(1) == [1]


def test_a_line_cut_off_costs_only_its_match(tmp_path):
    assert _record(tmp_path, "--games", "2") == 0
    whole = _files(tmp_path)
    (path,) = tmp_path.glob("*.jsonl")
    path.write_text(path.read_text()[:-40])
    assert _record(tmp_path, "--games", "2") == 0
    assert _files(tmp_path) == whole


def test_other_settings_do_not_mix(tmp_path, capsys):
    assert _record(tmp_path) == 0
    assert _record(tmp_path, "--apm", "60") == 2
    error = capsys.readouterr().err
    assert "--apm 120.0 (now 60.0)" in error and "--out" in error


def test_interrupt_leaves_whole_files(tmp_path, capsys, monkeypatch):
    original = series.play

    def interrupted(settings, number):
        if number == 2:
            raise KeyboardInterrupt
        return original(settings, number)

    monkeypatch.setattr(series, "play", interrupted)
    assert _record(tmp_path, "--games", "3") == 130
    assert len(_lines(tmp_path)) == len(list(tmp_path.glob("*.SC2Replay"))) == 1
    assert not list(tmp_path.glob(".*"))
    captured = capsys.readouterr()
    assert "same command again" in captured.err and "1 of 3 matches" in captured.out


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fail(source, target):
        raise OSError("disk full")

    monkeypatch.setattr(series.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        series.write_whole(tmp_path / "file", b"data")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert _record(tmp_path / "file") == 2
    assert "file" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "message"), [
    (("--player", "zerg_rush"), "marine_rush"),
    (("--opponent", "impossible"), "cheat_insane"),
    (("--opponent_build", "cannons"), "timing"),
    (("--map", "Nowhere"), "Nowhere"),
    (("--map", "MoveToBeacon"), "not a map for two players"),
    (("--games", "0"), "whole number from 1"),
    (("--games", "many"), "'many'"),
    (("--seed", "-1"), "whole number from 0"),
    (("--apm", "5000"), "from 1 to 1344"),
    (("--apm", "nan"), "'nan'"),
    (("--resolution", "8"), "from 32"),
    (("--mmr", "99999"), "from 0 to 10000"),
    (("--max_game_loops", "0"), "whole number from 1"),
    (("--replays", "5"), "--replays"),
    (("stray",), "stray")])
def test_wrong_flags_are_errors(arguments, message, capsys):
    with pytest.raises(SystemExit) as exit_info:
        record.parse_arguments(arguments)
    assert exit_info.value.code == 2
    assert message in capsys.readouterr().err


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as exit_info:
        record.parse_arguments(["--help"])
    assert exit_info.value.code == 0
    text = capsys.readouterr().out
    assert "python -m minisc2.record" in text
    for word in ("marine_rush ", "macro ", "turtle ", "cheat_insane", "default 120", "Simple64"):
        assert word in text


def test_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    progress = record.Progress(4, [])
    for result in ("victory", "defeat"):
        progress.show({"result": result})
    shown = capsys.readouterr().out
    assert "[############............] 2/4  1 won, 1 lost" in shown and "left" in shown
    assert "\n" not in shown
