"""The measuring program of the imitation goals, with a run.py that only writes results."""

import json
import subprocess

import pytest

import utils
from commands import flags
from evaluation import imitation_goal, match_report
from tests.evaluation import match_library as library

GOOD = {"SupplyDepot": 1, "Barracks": 2, "Marine": 9}


def figures(num_won, num_opened, num=10):
    """What run.py writes of a series."""
    records = [library.record(
        number=n + 1, result="victory" if n < num_won else "defeat", num_actions=50,
        finished=GOOD if n < num_opened else {}, first_attack=5) for n in range(num)]
    return match_report.make(records).to_json() | {"greedy": False, "temperature": 0.8}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Stands in for run.py: writes `run.results[opponent]` and keeps the command."""
    class Run:
        def __init__(self):
            self.results, self.commands = {}, []

        def __call__(self, command, check):
            self.commands.append(command)
            opponent = command[command.index("--opponent_difficulty") + 1]
            if opponent not in self.results:
                raise subprocess.CalledProcessError(1, command)
            (tmp_path / "evaluation.json").write_text(json.dumps(self.results[opponent]))

    stand_in = Run()
    monkeypatch.setattr(subprocess, "run", stand_in)
    return stand_in


def test_goals_that_are_reached(run, tmp_path, capsys):
    run.results = {"very_easy": figures(8, 10), "easy": figures(5, 8)}
    assert imitation_goal.main([str(tmp_path), "--matches", "10", "--", "--greedy"]) == 0
    assert [command[-1] for command in run.commands] == ["--greedy"] * 2
    assert all("--load" in command for command in run.commands)
    table = capsys.readouterr().out
    assert "The agent's choices are sampled at a temperature of 0.8." in table
    # 18 of 20 matches over both opponents.
    assert "| 90 % | 90 % (70 to 97) | reached |" in table
    assert "| wins against easy | 50 % | 50 % (24 to 76) | reached |" in table
    assert "| Marine | 100 % (72 to 100) | 9.0 | 80 % (49 to 94) | 7.2 |" in table
    assert "| very_easy | 10 | 80 % (49 to 94) | 2 | 0 | 0 | 100 % (72 to 100) |" in table


@pytest.mark.parametrize(("won", "opened", "words"), [
    ((7, 5), (10, 10), "| wins against very_easy | 80 % | 70 % (40 to 89) | missed |"),
    ((8, 4), (10, 10), "| wins against easy | 50 % | 40 % (17 to 69) | missed |"),
    ((8, 5), (10, 7), "85 % (64 to 95) | missed |")])
def test_a_goal_that_is_missed(run, tmp_path, capsys, won, opened, words):
    run.results = {name: figures(*numbers) for name, *numbers in zip(
        ("very_easy", "easy"), won, opened, strict=True)}
    assert imitation_goal.main([str(tmp_path), "--matches", "10"]) == 3
    assert words in capsys.readouterr().out


def test_what_was_played_is_not_played_again(run, tmp_path):
    run.results = {"very_easy": figures(8, 10)}
    assert imitation_goal.main([str(tmp_path)]) == 1  # run.py fails against easy
    assert len(run.commands) == 2
    run.results["easy"] = figures(5, 8)
    assert imitation_goal.main([str(tmp_path)]) == 0
    assert len(run.commands) == 3
    assert imitation_goal.main([str(tmp_path)]) == 0
    assert len(run.commands) == 3
    assert imitation_goal.main([str(tmp_path), "--seed", "2"]) == 0
    assert len(run.commands) == 5


def test_the_command_is_one_that_run_py_takes(run, tmp_path):
    run.results = {name: figures(8, 10) for name in imitation_goal.WIN_GOALS}
    imitation_goal.main([str(tmp_path), "--", "--num_workers", "1"])
    for command in run.commands:
        values = flags.define()
        utils.parse_flags(values, command[1:])  # raises for a flag that is not there
        assert values.environment == "Simple64" and values.load_model and values.episodes == 100
        assert values.workspace_path == str(tmp_path) and values.num_workers == 1


def test_a_new_model_is_measured_anew(run, tmp_path):
    run.results = {"very_easy": figures(8, 10), "easy": figures(5, 8)}
    imitation_goal.main([str(tmp_path)])
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "best.npz").write_text("")
    imitation_goal.main([str(tmp_path)])
    assert len(run.commands) == 4


def test_failures_are_told_in_a_line(run, tmp_path, capsys):
    (tmp_path / "imitation_goal.json").write_text("{")
    assert imitation_goal.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit):
        imitation_goal.main([str(tmp_path), "--matches", "0"])
