"""Damaged files end in an EpisodeError and in nothing else."""

from data import fuzzing, hkl
from data.seal import EpisodeError
from tests.data import episodes


def test_damaged_files_are_refused(tmp_path):
    refused, failures = fuzzing.run(tmp_path, 300, seed=3)
    assert not failures
    assert sum(refused.values()) == 300
    assert set(refused) == set(fuzzing.DAMAGES)


def test_every_cut_is_refused(tmp_path):
    path = tmp_path / "a.hkl"
    hkl.write(path, episodes.small())
    data = path.read_bytes()
    for length in {0, 1, 45, 511, 512, 520, len(data) - 1, *range(0, len(data), len(data) // 40)}:
        path.write_bytes(data[:length])
        try:
            hkl.check(path)
        except EpisodeError:
            continue
        raise AssertionError(f"read after being cut to {length} of {len(data)}")


def test_fuzzing_notices_what_is_read_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(hkl, "read", lambda path: None)
    refused, failures = fuzzing.run(tmp_path, 5, seed=3)
    assert len(failures) == 5
    assert not refused


def test_the_command_says_what_it_did(capsys):
    assert fuzzing.main(["--files", "20", "--seed", "2"]) == 0
    assert capsys.readouterr().out.startswith("20 of 20 damaged files refused")
