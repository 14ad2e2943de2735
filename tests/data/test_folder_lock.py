"""A folder that one process at a time writes to."""

import os
import subprocess
import sys

import pytest

from data import folder_lock

HOLD = ("import sys, time; from pathlib import Path; from data import folder_lock\n"
        "with folder_lock.held(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)")


def test_a_folder_is_held_until_its_process_is_gone(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], text=True,
                          stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(folder_lock.HeldError) as caught, folder_lock.held(tmp_path):
            pass
        assert caught.value.holder == str(holder.pid)
        holder.kill()
        holder.wait()
    with folder_lock.held(tmp_path):
        assert (tmp_path / ".lock").read_text() == f"{os.getpid()}\n"


def test_what_fails_while_a_folder_is_held_lets_it_go(tmp_path):
    with pytest.raises(ZeroDivisionError), folder_lock.held(tmp_path):
        raise ZeroDivisionError
    with folder_lock.held(tmp_path):
        pass


def test_a_folder_that_is_not_there_cannot_be_held(tmp_path):
    with pytest.raises(FileNotFoundError), folder_lock.held(tmp_path / "missing"):
        pass
