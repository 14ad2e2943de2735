"""The shims mend the modules they name, and nobody else sees a difference."""

import importlib
import random
import subprocess
import sys
import types
from pathlib import Path

import pytest

from environment import pysc2_compat

ROOT = Path(__file__).resolve().parents[2]
PYTHON_3_10_SHUFFLE = [3, 2, 1, 0, 5, 4, 7, 8, 9, 6]


def test_shuffle_is_that_of_python_3_10():
    # random.Random(7).shuffle([0..9], random.Random(5).random) on Python 3.10.13.
    values = list(range(10))
    pysc2_compat.shuffle(values, random.Random(5).random)
    assert values == PYTHON_3_10_SHUFFLE


def test_shuffle_with_a_constant_source():
    # i = 3: swap 3 and int(.5 * 4) = 2; i = 2: swap 2 and 1; i = 1: swap 1 and 1.
    values = [0, 1, 2, 3]
    pysc2_compat.shuffle(values, lambda: 0.5)
    assert values == [0, 3, 1, 2]


def test_pysc2_imports_in_a_fresh_process_and_nobody_else_sees_a_change():
    code = """
import random, sys
before = random.shuffle, sys.modules["random"]
from environment import pysc2_compat
pysc2_compat.install()
assert not any(name.startswith("pysc2.") for name in sys.modules)
pysc2_compat.install()
from pysc2.env import sc2_env
from pysc2.lib import colors, replay
from s2protocol import versions
assert (random.shuffle, sys.modules["random"]) == before
assert len(colors.shuffled_hue(10)) == 10
assert callable(replay.get_replay_version)
assert versions.build(75689).__name__ == "protocol75689"
assert "tensorflow" not in sys.modules and "skvideo" not in sys.modules
from pysc2.lib import video_writer
assert issubclass(video_writer.VideoWriter, object) and "skvideo" in sys.modules
assert sum(type(f).__module__ == pysc2_compat.__name__ for f in sys.meta_path) == 1
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    assert "pygame" not in done.stdout


def test_old_protocol_modules_get_the_command_that_mends_them(monkeypatch):
    # The modules for protobuf 3 that import, by the pure Python parser, check no runtime version.
    package = importlib.import_module("s2clientprotocol")
    old = types.ModuleType("s2clientprotocol.common_pb2")
    monkeypatch.setitem(sys.modules, "s2clientprotocol.common_pb2", old)
    monkeypatch.setattr(package, "common_pb2", old, raising=False)
    with pytest.raises(pysc2_compat.ProtocolError, match="pip install .*pys2clientprotocol"):
        pysc2_compat.install()


def test_missing_protocol_gets_the_command_that_mends_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "s2clientprotocol", None)
    with pytest.raises(pysc2_compat.ProtocolError, match="pip install .*pys2clientprotocol"):
        pysc2_compat.install()
