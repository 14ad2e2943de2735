"""pysc2's programs for replays, unmodified, on replays of the embedded game."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
from s2clientprotocol import sc2api_pb2

from minisc2 import install, replay
from tests.minisc2.api import clients, matches

_RUNNER = pathlib.Path(__file__).with_name("run_pysc2_test.py")
_NUM_LOOPS = 1_040  # replay_actions leaves out what is shorter than 1,000
_LOOPS_PER_ACTION = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with one replay of a client against a computer, both rated, and one unrated."""
    client = clients.Client().play("Simple64", num_computers=1, seed=2,
                                   difficulty=sc2api_pb2.VeryHard)  # an easy one does too little
    while client.step(_LOOPS_PER_ACTION) < _NUM_LOOPS:
        client.act(clients.select_rect(0, 0, 63, 63))
    data = matches.saved_replay(client)
    path = tmp_path_factory.mktemp("replays")
    (path / "b_rated.SC2Replay").write_bytes(replay.with_ratings(data, {1: 3_000, 2: 2_000}))
    (path / "a_unrated.SC2Replay").write_bytes(data)
    return path


def _run(transport: str, program: str, *arguments: object, game: pathlib.Path | None = None) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "SC2PATH"}
    if game is not None:
        environment["SC2PATH"] = str(game)
    finished = subprocess.run(
        [sys.executable, str(_RUNNER), transport, f"bin.{program}", *map(str, arguments)],
        env=environment, text=True, check=False, timeout=120, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    assert finished.returncode == 0, finished.stdout[-4000:]
    return finished.stdout


@pytest.mark.parametrize("transport", ["in_process", "socket"])
def test_replay_info_describes_a_folder(
        folder: pathlib.Path, tmp_path: pathlib.Path, transport: str) -> None:
    game = install.install(tmp_path / "StarCraftII") if transport == "socket" else None
    output = _run(transport, "replay_info", folder, game=game)
    assert "Found 2 replays" in output
    row = next(line for line in output.splitlines() if line.startswith("b_rated.SC2Replay"))
    _, version, map_name, loops, players, outcome, *_ = row.split(",")
    assert (version, map_name, int(loops), int(players), outcome) == (
        "4.10.0.75689", "Simple64", _NUM_LOOPS, 2, "Undecided")
    assert "errors" not in output


def test_replay_info_describes_a_file(folder: pathlib.Path) -> None:
    output = _run("in_process", "replay_info", folder / "b_rated.SC2Replay")
    assert "player_mmr: 3000" in output and "player_mmr: 2000" in output
    assert "player_mmr" not in _run("in_process", "replay_info", folder / "a_unrated.SC2Replay")


def test_replay_actions_plays_what_is_rated_from_both_views(folder: pathlib.Path) -> None:
    output = _run("in_process", "replay_actions", "--replays", folder)
    summary = output[output.rindex("Summary"):]
    # What is found out about the last replay is not always reported: the unrated one comes first.
    # Twice the first step and then steps of 8 until the end; the other replay has no ratings.
    assert f"Replays: 2, Steps total: {2 * (1 + -(-(_NUM_LOOPS - 1) // 8))}" in summary
    assert f"Select rect: {_NUM_LOOPS // _LOOPS_PER_ACTION - 1}," in summary
    assert re.search(r"Invalid replays: 1\b.*unrated", summary, re.DOTALL)
    assert "Crashing replays: 0" in summary
    assert "New units: 0" in summary and "New abilities: 0" in summary


def test_benchmark_replay_plays_to_the_end(folder: pathlib.Path) -> None:
    output = _run("in_process", "benchmark_replay", "--replay", folder / "a_unrated.SC2Replay")
    observed = re.search(r"^ *observe +.* (\d+)$", output, re.MULTILINE)
    assert int(observed[1]) == _NUM_LOOPS // 8
