"""The experiment with a cloned teacher: what is run in which order, and what is told of it."""

import json
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from evaluation import learning_curves, program, teaching
from tests.evaluation.test_curves import write_run

SCORES = {"alone": [0.0, 100.0, 210.0], "taught": [150.0, 220.0, 230.0]}
EPISODES = [100, 400, 800]


class Program:
    """Stands in for run.py: writes what it would write."""

    def __init__(self, run):
        self.calls, self.run = [], run

    def __call__(self, command, **options):
        if not command[1].endswith("run.py"):  # matplotlib looks for fonts
            return self.run(command, **options)
        words = command[2:]
        self.calls.append(words)
        workspace = Path(words[words.index("--workspace_path") + 1])
        if "--collect_path" in words:
            self.write(workspace / "collection.json", 240.0)
        elif "--load_model" in words:
            is_second = workspace.name == "seed-2"
            self.write(workspace / "evaluation.json", 215.0 + is_second)
        elif "--sl_training" not in words:
            write_run(workspace / "tensorboard" / "run-1", SCORES[workspace.parent.name], EPISODES)
        return None

    def write(self, file, mean):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"mean": mean, "interval": [0.0, 1.0], "num_episodes": 100}))


@pytest.fixture
def run_py(monkeypatch):
    found = Program(subprocess.run)
    monkeypatch.setattr(subprocess, "run", found)
    return found


def call(folder, *words):
    return teaching.main([str(folder / "all"), str(folder / "image" / "curves.png"), "--seeds", "2",
                          *words, "--", "--max_agent_steps", "1000"])


def test_learns_alone_clones_the_best_and_learns_from_the_clone(tmp_path, run_py, capsys):
    assert call(tmp_path, "--kl_cost", "0.5") == 0
    told = capsys.readouterr().out
    assert "| alone | 800, 800 | 800 | 0 |" in told
    assert "| with the teacher | 400, 400 | 400 | 0 |" in told
    assert "The expert scores 240.0, its clone 215.0." in told
    trained, collected, cloned = run_py.calls[0], run_py.calls[4], run_py.calls[5]
    assert {"--training", "--target_score", "--max_agent_steps"} <= set(trained)
    assert "--teacher_path" not in trained
    assert str(tmp_path / "all" / "alone" / "seed-2") in collected  # it scored better
    assert "--sl_training" in cloned and str(tmp_path / "all/expert/episodes") in cloned
    taught, played = run_py.calls[7:9]
    teacher = taught[taught.index("--teacher_path"):]
    assert teacher == ["--teacher_path", str(tmp_path / "all" / "clone"), "--kl_cost", "0.5"]
    assert "--load_model" in played and "--teacher_path" not in played
    assert len(run_py.calls) == 11
    assert json.loads((tmp_path / "all" / "teaching.json").read_text()) == {
        "target": 200.0, "expert": 240.0, "clone": 215.0, "alone": [800, 800],
        "taught": [400, 400]}
    with Image.open(tmp_path / "image" / "curves.png") as image:
        assert image.size == (1040, 585)


def test_what_is_there_is_not_made_again(tmp_path, run_py):
    assert call(tmp_path) == 0
    run_py.calls.clear()
    assert call(tmp_path) == 0
    assert not run_py.calls


def test_the_scripted_agent_can_be_cloned(tmp_path, run_py):
    assert call(tmp_path, "--expert", "scripted") == 0
    collected = run_py.calls[4]
    assert "scripted" in collected and "--load_model" not in collected


def test_a_score_that_was_not_reached_has_no_mean(tmp_path, run_py, capsys):
    assert call(tmp_path, "--target", "225") == 0
    told = capsys.readouterr().out
    assert "| alone | never, never | - | - |" in told
    assert "| with the teacher | 800, 800 | 800 | 0 |" in told


def test_a_failure_of_the_program_is_told_in_a_line(tmp_path, monkeypatch, capsys):
    def fail(command, check):
        raise subprocess.CalledProcessError(2, command)

    monkeypatch.setattr(subprocess, "run", fail)
    assert call(tmp_path) == 1
    error = capsys.readouterr().err
    assert error.startswith("teaching: run.py ended with status 2: --workspace_path")
    assert error.count("\n") == 1


def test_the_folder_of_a_failed_seed_has_no_result(tmp_path, monkeypatch):
    def fail(command, check):
        raise subprocess.CalledProcessError(2, command)

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(program.RunError, match="status 2"):
        learning_curves.train_seeds(tmp_path, 1, (), 10)
    assert not (tmp_path / "seed-1" / "result.json").exists()
