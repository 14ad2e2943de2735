"""Archives that unpack to far more than a replay has: refused in a line, in little memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from minisc2 import replay
from minisc2.reconstruction import blizzard_file
from minisc2.replay import archive, mpq
from tests.minisc2.reconstruction import replays

ROOT = Path(__file__).resolve().parents[3]
MEGABYTE = 1 << 20
RUN = """
import json, resource, sys, time
import trajectory_generator
begun = time.monotonic()
status = trajectory_generator.main(["trajectory_generator.py", *sys.argv[1:]])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # of the worker process
print(json.dumps({"status": status, "megabytes": peak, "seconds": time.monotonic() - begun}))
"""


class Announced(bytes):
    """Bytes that say that they are more, or fewer, than they are."""

    size = 0

    def __len__(self):
        return self.size


def announced(size, num_bytes):
    content = Announced(num_bytes)
    content.size = size
    return content


def too_many_events(data):
    """A replay whose events come again and again, as many times as the largest part holds."""
    opened = mpq.Archive(data)
    files = {name: opened.read(name, 1 << 26) for name in blizzard_file.MAX_PART_BYTES
             if name != "replay.message.events"}
    events = files["replay.game.events"]
    limit = blizzard_file.MAX_PART_BYTES["replay.game.events"]
    files["replay.game.events"] = events * (limit // len(events))
    return mpq.write(files, opened.user_data)


def generate(folder, *words):
    """Runs the command in a process of its own; returns what it said, and what it needed."""
    result = subprocess.run(
        [sys.executable, "-c", RUN, "--replay_path", str(folder), "--saving_path",
         str(folder / "dataset"), "--num_workers", "1", "--game", "minisc2", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    return result.stderr, json.loads(result.stdout.splitlines()[-1])


def test_bombs_are_refused_in_a_line_each_and_in_little_memory(tmp_path):
    name = archive.FILE_NAME
    bombs = {
        "promises": (mpq.write({name: announced(0xFFFFFFFF, MEGABYTE)}, b""),
                     "announces 4294967295 bytes"),
        "hides": (mpq.write({name: announced(MEGABYTE, 600 * MEGABYTE)}, b""),
                  "does not unpack to the 1048576 bytes announced"),
        "honest": (mpq.write({name: bytes(100 * MEGABYTE)}, b""), "")}
    for stem, (data, _) in bombs.items():
        assert len(data) < MEGABYTE
        (tmp_path / f"{stem}.SC2Replay").write_bytes(data)
    complained, needed = generate(tmp_path)
    for stem, (_, words) in bombs.items():
        (line,) = (line for line in complained.splitlines() if f"{stem}.SC2Replay: " in line)
        assert words in line and "Traceback" not in line
    assert needed["status"] == 1 and needed["megabytes"] < 500


@pytest.mark.slow
def test_a_replay_of_endless_events_is_refused_in_little_memory(tmp_path):
    bomb = too_many_events(replays.data(replays.TERRAN_AND_ZERG))
    assert len(bomb) < MEGABYTE
    (tmp_path / "endless.SC2Replay").write_bytes(bomb)
    complained, needed = generate(tmp_path)
    (line,) = (line for line in complained.splitlines() if "endless.SC2Replay: " in line)
    assert "replay.game.events holds more than 250000 events" in line
    assert needed["status"] == 1 and needed["megabytes"] < 600


def test_more_events_than_a_match_has_are_refused(monkeypatch):
    data = replays.data(replays.TERRAN_AND_ZERG)
    monkeypatch.setattr(blizzard_file, "MAX_EVENTS", 100)
    with pytest.raises(replay.ReplayError, match="tracker.events holds more than 100 events"):
        blizzard_file.BlizzardFile(data).tracker_events  # noqa: B018
