"""Worker processes that die, hang and cannot write; and what becomes of the other replays."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from data import hkl
from data.conversion import crew, interfaces, messages, players, replay_files
from environment import starcraft_replay
from tests.data.conversion import matches


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    return matches.play("Simple64", 30, tmp_path_factory.mktemp("replay")).replay


def task_for(folder: Path) -> messages.Task:
    return messages.Task("minisc2", "feature_layers", interfaces.ConversionSettings(),
                         players.Filters(), str(folder))


def job_for(replay: Path) -> messages.Job:
    return messages.Job(str(replay), starcraft_replay.replay_id(replay.read_bytes()))


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children()
            if "data.conversion.worker" in child.cmdline()]


def jobs_with(replay: Path, number: int):
    """The same replay twice; as soon as it was given to a worker, that gets a signal."""
    yield job_for(replay)
    (worker,) = workers()
    os.kill(worker.pid, number)
    yield job_for(replay)


@pytest.mark.parametrize("number, time_limit, told", [
    (signal.SIGKILL, 60, "it was ended by SIGKILL"),
    pytest.param(signal.SIGSTOP, 6, "longer than 6 seconds (--time_limit)",
                 marks=pytest.mark.slow)])
def test_a_process_that_dies_or_hangs_is_replaced(replay, tmp_path, number, time_limit, told):
    lost, converted = crew.convert(task_for(tmp_path), jobs_with(replay, number), 1, time_limit)
    assert told in lost.failed and not lost.written
    assert not converted.failed and converted.skipped == {2: "computer player"}
    (file,) = converted.written
    assert hkl.read(tmp_path / file.name).num_steps == file.num_steps
    assert (tmp_path / file.name).stat().st_size == file.num_bytes
    assert not workers()


def test_processes_end_with_the_iteration(replay, tmp_path):
    outcomes = crew.convert(task_for(tmp_path), (job_for(replay) for _ in range(9)), 2, 60)
    assert not next(outcomes).failed
    assert len(workers()) == 2
    outcomes.close()
    assert not workers()


def test_a_folder_that_cannot_be_written_to_ends_the_run(replay, tmp_path):
    with pytest.raises(crew.CrewError, match="player1.hkl cannot be written: No such file"):
        list(crew.convert(task_for(tmp_path / "gone"), iter([job_for(replay)]), 1, 60))


def test_a_process_that_cannot_start_ends_the_run(replay, tmp_path):
    task = task_for(tmp_path)._replace(game="starcraft3")
    with pytest.raises(crew.CrewError, match=r"died: exit status 1: ValueError: .*starcraft3"):
        list(crew.convert(task, iter([job_for(replay)]), 1, 60))


def test_a_game_that_fails_is_started_again(replay, tmp_path, monkeypatch):
    """Once for each replay; then the replay has failed."""
    started = []
    start = starcraft_replay.ReplayGame.open

    def open_and_fail(game, data):
        started.append(game)
        if len(started) != 2:
            raise starcraft_replay.GameError("it crashed")
        return start(game, data)

    monkeypatch.setattr(starcraft_replay.ReplayGame, "open", open_and_fail)
    with replay_files.ReplayConverter(task_for(tmp_path)) as converter:
        assert not converter.convert(job_for(replay)).failed
        assert converter.convert(job_for(replay)).failed == "it crashed"
    assert len(started) == 4


def test_what_nobody_thought_of_spoils_one_replay_only(replay, tmp_path, monkeypatch):
    with replay_files.ReplayConverter(task_for(tmp_path)) as converter:
        with monkeypatch.context() as patch:
            patch.setattr(players, "match", lambda info: 1 // 0)
            failed = converter.convert(job_for(replay)).failed
            assert failed.startswith("It cannot be converted. ZeroDivisionError")
        assert not converter.convert(job_for(replay)).failed


@pytest.mark.parametrize("name, expected", [
    ("a b/ü.SC2Replay", "_-01234567-player2.hkl"),
    (".SC2Replay", "SC2Replay-01234567-player2.hkl"),
    ("x" * 300 + ".SC2Replay", "x" * 80 + "-01234567-player2.hkl")])
def test_names_are_plain_and_short(name, expected):
    assert replay_files.file_name(messages.Job(name, "0123456789"), 2) == expected
