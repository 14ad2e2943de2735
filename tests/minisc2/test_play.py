"""The command line of `python -m minisc2.play`, and what it does without a display."""

import os
import subprocess
import sys

import pytest

from minisc2 import play


def test_a_machine_without_a_display_gets_the_reason(monkeypatch, capsys):
    monkeypatch.setattr("minisc2.display.prepare", lambda: "there is no display")
    assert play.main([]) == 1
    assert "there is no display" in capsys.readouterr().err


@pytest.mark.parametrize("arguments, complaint", [
    (["--map", "Atlantis"], "No map is named 'Atlantis'"),
    (["--opponent", "godlike"], "invalid choice: 'godlike'"),
    (["--replay", "missing.SC2Replay"], "missing.SC2Replay: No such file"),
    (["--replay", __file__], "test_play.py: "),
    (["--speed", "0"], "'0' is no factor"),
])
def test_wrong_input_is_refused_with_its_reason(arguments, complaint, capsys):
    with pytest.raises(SystemExit, match="2"):
        play.main(arguments)
    assert complaint in capsys.readouterr().err


def test_help_teaches():
    finished = subprocess.run([sys.executable, "-m", "minisc2.play", "--help"], text=True,
                              capture_output=True, check=True)
    assert "Play against the computer" in finished.stdout
    assert "--opponent" in finished.stdout


@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="there is no display")
@pytest.mark.slow
@pytest.mark.parametrize("map_name", ["Simple64", "MoveToBeacon"])
def test_the_window_opens_and_a_replay_is_saved(map_name, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    subprocess.run([sys.executable, "-m", "minisc2.play", "--map", map_name, "--speed", "20",
                    "--max_game_loops", "30"], cwd=tmp_path, env=environment, check=True)
    (saved,) = tmp_path.rglob("*.SC2Replay")
    subprocess.run([sys.executable, "-m", "minisc2.play", "--replay", str(saved), "--speed", "20",
                    "--max_game_loops", "20"], cwd=tmp_path, env=environment, check=True)
