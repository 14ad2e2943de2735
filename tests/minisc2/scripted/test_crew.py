"""Processes that record matches together."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from minisc2.scripted import crew, series

_SETTINGS = series.Settings("Simple64", "marine_rush", "very_easy", max_game_loops=200)


def test_every_match_is_recorded_once(tmp_path):
    entries = list(crew.record(_SETTINGS, [1, 3, 4], tmp_path, 2))
    assert sorted(entry["number"] for entry in entries) == [1, 3, 4]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        _SETTINGS.file_name(number) for number in (1, 3, 4)]
    assert not multiprocessing.active_children()


def test_what_fails_in_a_process_is_told(tmp_path):
    with pytest.raises(crew.WorkerError, match=r"Match \d failed: FileNotFoundError.*missing"):
        list(crew.record(_SETTINGS, [1, 2], tmp_path / "missing", 2))
    assert not multiprocessing.active_children()


def test_a_process_that_dies_is_noticed(tmp_path):
    recording = crew.record(_SETTINGS, [1, 2, 3, 4, 5, 6], tmp_path, 2)
    next(recording)
    for worker in multiprocessing.active_children():
        os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(crew.WorkerError, match=r"status -9.*--processes"):
        list(recording)


def _wait_until_gone(group):
    """Waits until nobody is left in a process group; Python's resource tracker ends last."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("processes are left")


@pytest.fixture
def interrupts():
    """Lets processes be interrupted, which those that a shell starts in the background cannot."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


def test_an_interrupt_ends_all_processes(tmp_path, interrupts):
    command = subprocess.Popen(
        [sys.executable, "-m", "minisc2.record", "--out", str(tmp_path), "--games", "200",
         "--processes", "2", "--max_game_loops", "1500"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    command.stdout.readline()  # of the first match
    os.killpg(command.pid, signal.SIGINT)  # as a terminal does
    _, error = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "same command again" in error and "Traceback" not in error
    _wait_until_gone(command.pid)
    manifest = series.Manifest(series.Settings(
        "Simple64", "marine_rush", "easy", max_game_loops=1500), tmp_path)
    assert manifest.entries and not list(tmp_path.glob(".*"))
    assert not set(manifest.missing(200)) & set(manifest.entries)
