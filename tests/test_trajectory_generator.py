"""The command that converts replays: filters, resuming, damage, signals, bad input."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import trajectory_generator
from data import folder, hkl
from data.conversion import interfaces, players
from environment import observations, raw_observations, starcraft_game
from tests.data.conversion import matches

ROOT = Path(__file__).resolve().parents[1]
SHARED_REPLAYS = ROOT.parent / "shared" / "data" / "replays"
QUICK = ["--game", "minisc2", "--screen_size", "16", "--num_workers", "1"]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A replay of a match for two players, and one of a match for one."""
    directory = tmp_path_factory.mktemp("recorded")
    for map_name in ("Simple64", "MoveToBeacon"):
        matches.play(map_name, 40, directory).replay.rename(directory / f"{map_name}.SC2Replay")
    return directory


@pytest.fixture
def replays(recorded, tmp_path):
    """A folder of the two replays, one of them in a subfolder."""
    directory = tmp_path / "replays"
    (directory / "more").mkdir(parents=True)
    shutil.copy(recorded / "Simple64.SC2Replay", directory)
    shutil.copy(recorded / "MoveToBeacon.SC2Replay", directory / "more")
    return directory


def generate(replays: Path, *words: str) -> int:
    """Runs the command in this process; the episodes go to `dataset` beside the replays."""
    return trajectory_generator.main([
        "trajectory_generator.py", "--replay_path", str(replays), "--saving_path",
        str(replays.parent / "dataset"), *QUICK, *words])


def index(replays: Path) -> dict:
    return json.loads((replays.parent / "dataset" / "index.json").read_text())


def files(replays: Path) -> dict[str, int]:
    """The episode files, and when they were written."""
    return {path.name: path.stat().st_mtime_ns
            for path in (replays.parent / "dataset").glob("*.hkl")}


def test_it_converts_resumes_and_mends(replays, capsys):
    assert generate(replays) == 0
    first, told = files(replays), capsys.readouterr().out
    assert "converted       2  files of 2 replays (of 2)" in told
    assert "skipped         1  computer player" in told
    assert len(folder.scan(replays.parent / "dataset").files) == 2
    assert index(replays)["num_files"] == 2 and index(replays)["settings"]["screen_size"] == 16

    assert generate(replays) == 0
    assert files(replays) == first
    assert "2  of these files were there before" in capsys.readouterr().out

    lost = next(iter(first))
    (replays.parent / "dataset" / lost).unlink()
    assert generate(replays) == 0
    assert "The files of 1 replays are gone or cut" in capsys.readouterr().out
    again = files(replays)
    assert again.keys() == first.keys()
    assert {name for name in first if again[name] != first[name]} == {lost}


def test_filters_skip_and_say_so_and_others_are_looked_at_anew(replays, capsys):
    assert generate(replays, "--map", "movetobeacon", "--min_apm", "1") == 0
    assert len(files(replays)) == 1
    assert "players by --map" in capsys.readouterr().out
    assert generate(replays, "--computers", "True") == 0
    assert len(files(replays)) == 3
    with hkl.EpisodeReader(replays.parent / "dataset" / max(files(replays))) as reader:
        assert reader.metadata.player_id == 2 and reader.metadata.game == "minisc2"


def test_damaged_replays_get_a_line_each_and_spoil_nothing(replays, capsys):
    data = (replays / "Simple64.SC2Replay").read_bytes()
    flipped = bytearray(data)
    for position in range(len(data) // 2, len(data), 100):
        flipped[position] ^= 255
    damaged = {"cut": data[:-len(data) // 3], "empty": b"", "text": b"no replay",
               "flipped": bytes(flipped)}
    for name, content in damaged.items():
        (replays / f"{name}.SC2Replay").write_bytes(content)
    (replays / "gone.SC2Replay").symlink_to(replays / "nowhere")
    os.mkfifo(replays / "pipe.SC2Replay")
    (replays / "same.SC2Replay").write_bytes(data)
    (replays / "notes.txt").write_text("not looked at")
    assert generate(replays) == 1
    told = capsys.readouterr()
    for name in (*damaged, "gone", "pipe"):
        (line,) = (line for line in told.err.splitlines() if f"{name}.SC2Replay: " in line)
        assert "Traceback" not in line and len(line) > 40
    assert "1  the same file under another name" in told.out
    assert told.out.count("failed ") == 6
    assert len(files(replays)) == 2
    failed = {Path(line["replay"]).stem for line in index(replays)["replays"] if line["failed"]}
    assert failed == {*damaged, "gone", "pipe"}
    # Mended, it is converted: what failed is tried again.
    for name in (*damaged, "gone", "pipe"):
        (replays / f"{name}.SC2Replay").unlink()
    assert generate(replays) == 0


def test_strict_stops_at_the_first_failure(replays, capsys):
    (replays / "AAA.SC2Replay").write_bytes(b"")
    assert generate(replays, "--strict", "--num_workers", "1") == 1
    assert not files(replays)
    assert "failed          1" in capsys.readouterr().out


def test_other_settings_need_another_folder(replays, capsys):
    assert generate(replays, "--map", "MoveToBeacon") == 0
    before = files(replays)
    assert generate(replays, "--step_mul", "4") == 1
    assert "step_mul 1; this run has 4" in capsys.readouterr().err
    assert files(replays) == before


def test_raw_episodes_are_written_too(replays):
    assert generate(replays, "--interface", "raw", "--max_selected_units", "4") == 0
    (file, *_) = folder.scan(replays.parent / "dataset").files
    with hkl.EpisodeReader(file.path) as reader:
        assert reader.metadata.interface == "raw"
        assert "raw_units" in reader.specs.observation.by_name


def start(replays: Path, *words: str, shell_before: str = "") -> subprocess.Popen:
    """Starts the command as a user does."""
    command = [sys.executable, str(ROOT / "trajectory_generator.py"), "--replay_path",
               str(replays), "--saving_path", str(replays.parent / "dataset"), *QUICK, *words]
    if shell_before:
        command = ["bash", "-c", f'{shell_before}; exec "$@"', "bash", *command]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_at_any_moment_nothing_is_lost(replays, recorded, number):
    for copy in range(30):  # an MPQ archive may be followed by anything
        data = (recorded / "Simple64.SC2Replay").read_bytes() + bytes([copy])
        (replays / f"copy{copy:02}.SC2Replay").write_bytes(data)
    with start(replays) as process:
        until = time.monotonic() + 60
        while len(files(replays)) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(number)
        told, complained = process.communicate(timeout=30)
    before = files(replays)
    assert 2 <= len(before) < 30
    if number == signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 128 + number
        assert f"stopped by {number.name}. What was converted is kept" in complained
        assert "Traceback" not in complained
        assert "converted " in told and (replays.parent / "dataset" / "index.json").exists()
    assert not folder.scan(replays.parent / "dataset").damaged
    assert generate(replays) == 0
    after = files(replays)
    assert len(after) == 32 and not folder.scan(replays.parent / "dataset").damaged
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) <= 1  # the one that was complete, but not in the journal yet
    assert not list((replays.parent / "dataset").glob(".*.partial"))


def test_two_runs_do_not_share_a_folder(replays):
    (replays.parent / "dataset").mkdir()
    holder = ("import time; from pathlib import Path; from data.conversion import ledger\n"
              f"with ledger.locked(Path({str(replays.parent / 'dataset')!r})):\n"
              "    print('held', flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", holder], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE) as first:
        first.stdout.readline()
        with start(replays) as second:
            _, complained = second.communicate(timeout=60)
        first.kill()
    assert second.returncode == 1
    assert complained.startswith("trajectory_generator.py: Another run (process ")
    assert complained.count("\n") == 1


def test_a_full_disk_is_told_in_one_line(replays):
    """A limit on the size of files fails in the same place, by the same kind of error."""
    with start(replays, shell_before="ulimit -f 16") as process:
        told, complained = process.communicate(timeout=100)
    assert process.returncode == 1, told
    assert "hkl cannot be written: File too large. What was converted is kept" in complained
    assert "Traceback" not in complained
    assert not files(replays) and not list((replays.parent / "dataset").glob(".*.hkl.*"))


def test_replays_that_tell_only_what_was_done_are_converted_if_asked_to(tmp_path, capsys):
    source = SHARED_REPLAYS / "ladder" / "distar_replay_4.10.0.SC2Replay"
    if not source.exists():
        pytest.skip(f"there is no replay without tracker events at {source}")
    (tmp_path / "replays").mkdir()
    shutil.copy(source, tmp_path / "replays")
    coarse = ("--step_mul", "400", "--no_op_interval", "1000")
    assert generate(tmp_path / "replays", *coarse) == 1
    assert "(--actions_only True converts" in capsys.readouterr().err
    assert generate(tmp_path / "replays", *coarse, "--actions_only", "True") == 0
    told = capsys.readouterr().out
    assert "converted       2  files of 1 replays (of 1)" in told and "actions, " in told
    with hkl.EpisodeReader(next((tmp_path / "dataset").glob("*.hkl"))) as reader:
        assert "only what was done" in reader.metadata.inferred[0]


FULL_DISK = """
mount -t tmpfs -o size=40k tmpfs "$1" || exit 77
cd "$2"; shift 2
"$@"; echo "status $?"
mount -o remount,size=64m tmpfs "$OUT"; ls -A "$OUT"
"$@"; echo "status $?"
ls "$OUT"
"""


def test_a_disk_that_is_full_is_told_and_nothing_is_lost(replays):
    """A real one: a file system of 40 kB, mounted where nobody else sees it, then made larger."""
    dataset = replays.parent / "dataset"
    dataset.mkdir()
    command = [sys.executable, "trajectory_generator.py", "--replay_path", str(replays),
               "--saving_path", str(dataset), *QUICK]
    try:
        result = subprocess.run(
            ["unshare", "--map-root-user", "--mount", "bash", "-c", FULL_DISK, "bash",
             str(dataset), str(ROOT), *command], env={**os.environ, "OUT": str(dataset)},
            capture_output=True, text=True, timeout=200, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare to mount a small disk with")
    if result.returncode in (1, 77) and "status" not in result.stdout:
        pytest.skip(f"no small disk can be mounted here: {result.stderr.strip()}")
    assert "hkl cannot be written: No space left on device. What was conv" in result.stderr
    assert result.stderr.count("No space left") == 1 and "Traceback" not in result.stderr
    full, again = result.stdout.split("status 1\n")
    assert "Written to " in full
    left, _ = again.split("converted ", 1)
    assert "index.json" in left and "partial" not in left
    assert "converted       2  files of 2 replays (of 2)" in again and "status 0" in again
    assert again.count("-player1.hkl") == 2 + left.count("-player1.hkl")


@pytest.mark.parametrize("words, status, told", [
    (["--replay_pat", "x"], 2, "replay_pat"),
    (["stray"], 2, "'stray'"),
    (["--race", "human"], 2, "terran|zerg|protoss"),
    (["--step_mul", "0"], 2, "step_mul"),
    (["--winners_only", "perhaps"], 2, "expected True or False"),
    (["--replay_path", "nowhere"], 1, "There is no folder or file nowhere"),
    (["--replay_path", "."], 1, "holds no replay"),
    (["--arrays", "screen,radar"], 1, "last_actions"),
    (["--screen_layers", "colour"], 1, "visibility_map"),
    (["--interface", "raw", "--arrays", "screen"], 1, "raw_units"),
    (["--game", "starcraft2"], 1, "SC2PATH"),
])
def test_bad_input_is_told_in_one_line(tmp_path, monkeypatch, capsys, words, status, told):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SC2PATH", raising=False)
    assert trajectory_generator.main(["trajectory_generator.py", *words]) == status
    complained = capsys.readouterr().err
    assert complained.startswith("trajectory_generator.py: ") and complained.count("\n") == 1
    assert told in complained
    assert not list(tmp_path.iterdir())


def test_help_shows_every_flag_and_loads_nothing_heavy():
    script = ("import sys, trajectory_generator as t; assert t.main(['t', '--help']) == 0; "
              "assert not {'tensorflow', 'keras', 'pysc2', 'h5py'} & set(sys.modules)")
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True,
                            text=True, check=True)
    assert all(f"--{name} (" in result.stdout for name in trajectory_generator.define_flags()
               if name not in ("h", "flagfile", "undefok"))


def test_converting_loads_no_tensorflow(recorded, tmp_path):
    script = ("import sys, trajectory_generator as t, data.conversion.worker; "
              f"assert t.main(['t', '--replay_path', {str(recorded)!r}, '--saving_path', "
              f"{str(tmp_path)!r}, '--num_workers', '1', '--min_duration', '9999']) == 0; "
              "assert not {'tensorflow', 'keras'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_choices_are_those_of_the_rooms():
    assert trajectory_generator.GAMES == starcraft_game.GAMES
    assert trajectory_generator.RACES == players.RACES
    assert trajectory_generator.INTERFACES == tuple(interfaces.INTERFACES)
    assert set(interfaces.DEFAULT_ARRAYS["feature_layers"]) <= set(observations.ARRAY_NAMES)
    assert set(interfaces.DEFAULT_ARRAYS["raw"]) <= set(raw_observations.ARRAY_NAMES)


def test_the_version_that_the_real_game_lacks_is_named(tmp_path, monkeypatch, capsys):
    source = SHARED_REPLAYS / "simple_test_map" / "1.SC2Replay"
    if not source.exists():
        pytest.skip(f"there is no replay of the real game at {source}")
    (tmp_path / "game" / "Versions" / "Base75689").mkdir(parents=True)
    (tmp_path / "game" / "Maps").mkdir()
    monkeypatch.setenv("SC2PATH", str(tmp_path / "game"))
    (tmp_path / "replays").mkdir()
    shutil.copy(source, tmp_path / "replays")
    assert generate(tmp_path / "replays", "--game", "auto") == 1
    assert ("needs StarCraft II 4.1.2 (Base60321), which is not installed; installed are "
            "Base75689") in capsys.readouterr().err
    assert generate(tmp_path / "replays", "--version", "4.10") == 0  # skipped, not failed
    assert "1  players by --version" in capsys.readouterr().out
