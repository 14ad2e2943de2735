"""The installation-shaped folder: its shape, its script, and what it refuses to touch."""

import os
import pathlib
import subprocess

import pytest

from minisc2 import install, maps


def test_holds_what_programs_look_for(tmp_path: pathlib.Path) -> None:
    folder = install.install(tmp_path / "new" / "folder")
    executable = folder / "Versions" / "Base75689" / "SC2_x64"
    assert os.access(executable, os.X_OK)
    for name in maps.names():
        (path,) = (folder / "Maps").rglob(f"{name}.SC2Map")
        assert maps.get(path.read_bytes()).name == name
    assert (folder / "Maps" / "mini_games" / "MoveToBeacon.SC2Map").is_file()
    assert (folder / "Replays").is_dir()


def test_script_starts_the_game_from_anywhere(tmp_path: pathlib.Path) -> None:
    folder = install.install(tmp_path / "with spaces; and 'quotes'")
    finished = subprocess.run(
        [folder / "Versions" / "Base75689" / "SC2_x64", "--help"], cwd="/", check=True, text=True,
        env={}, capture_output=True, timeout=60)
    assert "/sc2api" in finished.stdout


def test_can_be_renewed_and_forgets_old_maps(tmp_path: pathlib.Path) -> None:
    folder = install.install(tmp_path / "x")
    old = folder / "Maps" / "mini_games" / "Gone.SC2Map"
    old.write_bytes(b"old")
    (folder / "Replays" / "mine.SC2Replay").write_bytes(b"kept")
    install.install(folder)
    assert not old.exists()
    assert (folder / "Replays" / "mine.SC2Replay").read_bytes() == b"kept"


def test_real_installation_is_left_alone(tmp_path: pathlib.Path) -> None:
    real = tmp_path / "Versions" / "Base75689" / "SC2_x64"
    real.parent.mkdir(parents=True)
    real.write_bytes(b"the real game")
    with pytest.raises(install.InstallError, match="real game"):
        install.install(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [real]
    assert real.read_bytes() == b"the real game"


@pytest.mark.parametrize("make", [
    lambda path: path.write_bytes(b"a file"),
    lambda path: (path / "photos").mkdir(parents=True),
], ids=["file", "other-folder"])
def test_other_places_are_refused_in_one_line(
        tmp_path: pathlib.Path, make: object, capsys: pytest.CaptureFixture) -> None:
    place = tmp_path / "place"
    make(place)
    assert install.main([str(place)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
