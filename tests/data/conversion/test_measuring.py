"""The programs that measure and fuzz the conversion, and the promised size of the files."""

import pytest

from data import hkl
from data.conversion import (
    benchmark,
    crew,
    episodes,
    fuzzing,
    interfaces,
    messages,
    players,
)
from environment import starcraft_replay
from minisc2 import record
from tests.data.conversion import matches


@pytest.fixture(scope="module")
def replays(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replays")
    matches.play("Simple64", 20, folder)
    return folder


def test_benchmark_prints_speed_and_size(replays, capsys):
    assert benchmark.main(["--replay_path", str(replays), "--resolutions", "16"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("feature_layers at 16x16: observed at ") and "bytes each" in told


def test_fuzzing_finds_nothing_and_tells_how_replays_ended(replays, capsys):
    assert fuzzing.main(["--replay_path", str(replays), "--files", "15", "--seed", "3"]) == 0
    told = capsys.readouterr().out
    assert "15 damaged files, 0 not as it should be" in told
    assert told.count("refused: ") >= 4


def test_fuzzing_tells_what_nobody_thought_of(replays, tmp_path, monkeypatch):
    monkeypatch.setattr(crew, "convert", lambda task, jobs, *rest: (messages.Outcome(
        job.replay, job.replay_id, failed="It cannot be converted. KeyError: 1") for job in jobs))
    ends, failures = fuzzing.run([b"x" * 2000], tmp_path, 3, 1, 1)
    assert sum(ends.values()) == len(failures) == 3


@pytest.mark.parametrize("program", [benchmark, fuzzing])
def test_a_folder_without_replays_is_told(program, tmp_path, capsys):
    assert program.main(["--replay_path", str(tmp_path)]) == 1
    assert "holds no replay" in capsys.readouterr().err


@pytest.mark.slow
def test_episodes_of_whole_matches_are_small(tmp_path):
    record.main(["--player", "marine_rush", "--out", str(tmp_path), "--processes", "1"])
    (path,) = tmp_path.glob("*.SC2Replay")
    for pixels, bytes_a_step in ((32, 1500), (64, 3000)):
        settings = benchmark.settings_for("feature_layers", pixels, 8)
        with starcraft_replay.ReplayGame("minisc2") as game:
            opened = game.open(path.read_bytes())
            match = players.match(opened.info)
            episode = episodes.convert(game, opened, match, match.players[0],
                                       interfaces.FeatureLayers(settings), settings)
        hkl.write(tmp_path / "episode.hkl", episode)
        assert episode.num_steps > 400
        assert (tmp_path / "episode.hkl").stat().st_size < bytes_a_step * episode.num_steps
