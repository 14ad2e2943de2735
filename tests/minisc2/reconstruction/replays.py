"""Real replays, where the reference data is at hand."""

import functools
import os
import pathlib

import pytest

from minisc2.reconstruction import blizzard_file, inputs, participants, playback

FOLDER = pathlib.Path(os.environ.get(
    "SC2_REFERENCE_DATA", pathlib.Path(__file__).resolve().parents[4] / "shared" / "data")) / (
        "replays")
WITHOUT_TRACKER = "ladder/distar_replay_4.10.0.SC2Replay"
TERRAN_AND_ZERG = "simple_test_map/1.SC2Replay"
ZERG = "api/replay_04.SC2Replay"
LADDER = "ladder/utils_replay3.SC2Replay"


def paths() -> list[pathlib.Path]:
    """Every replay; skips the test where there are none."""
    found = sorted(FOLDER.rglob("*.SC2Replay"))
    if not found:
        pytest.skip(f"no replays under {FOLDER}: set SC2_REFERENCE_DATA to the reference data")
    return found


def data(name: str) -> bytes:
    """The bytes of a replay; skips the test where it is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is not at hand: set SC2_REFERENCE_DATA to the reference data")
    return path.read_bytes()


@functools.cache
def file(name: str) -> blizzard_file.BlizzardFile:
    return blizzard_file.BlizzardFile(data(name))


@functools.cache
def source(name: str) -> playback.Source:
    return playback.read(data(name))


@functools.cache
def given(name: str) -> tuple[inputs.Input, ...]:
    return tuple(inputs.read(file(name), participants.read(file(name))))
