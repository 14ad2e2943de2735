"""Which files of a folder are read, and on which side of the split they are."""

import dataclasses
import re

import pytest

from data import folder, hkl, spec_text, synthetic
from tests.data import episodes


def test_damaged_files_are_left_out_and_counted(tmp_path):
    for number in range(3):
        hkl.write(tmp_path / f"{number}.hkl", episodes.counting(4 + number, f"match {number}"))
    data = bytearray((tmp_path / "1.hkl").read_bytes())
    data[-100] ^= 1
    (tmp_path / "1.hkl").write_bytes(data)
    (tmp_path / ".3.hkl.77.partial").write_bytes(b"half")
    (tmp_path / "index.json").write_text("{}")
    found = folder.scan(tmp_path)
    assert [(file.path.name, file.replay_id, file.num_steps) for file in found.files] == [
        ("0.hkl", "match 0", 4), ("2.hkl", "match 2", 6)]
    assert [one.path.name for one in found.damaged] == ["1.hkl"]
    assert "seal" in found.damaged[0].reason


def test_other_specs_are_refused_with_both_values(tmp_path):
    for number, pixels in enumerate((8, 16)):
        hkl.write(tmp_path / f"{number}.hkl",
                  synthetic.make(synthetic.with_resolution(pixels), 3, number))
    with pytest.raises(ValueError, match=r"1\.hkl.*'screen': the shape is \[16, 16, 7\] in the "
                                         r"file, \[8, 8, 7\] is wanted"):
        folder.scan(tmp_path)
    wanted = synthetic.make(synthetic.with_resolution(16), 3, 0)
    (tmp_path / "1.hkl").unlink()
    with pytest.raises(ValueError, match=r"0\.hkl.*\[8, 8, 7\] in the file, \[16, 16, 7\]"):
        folder.scan(tmp_path, spec_text.Specs(wanted.observation_spec, wanted.action_spec))


def test_every_difference_is_found():
    settings = synthetic.with_resolution(8)
    base = synthetic.make(settings, 2, 0)
    specs = spec_text.Specs(base.observation_spec, base.action_spec)
    for changes, words in (
            ({"screen_layers": settings.screen_layers[:-1]}, "'screen': the list of features"),
            ({"max_units": 9}, r"'feature_units': the shape is \[9, 43\]"),
            ({"arrays": settings.arrays[:-1]}, "the list of observation arrays"),
            ({"minimap_size": (4, 8)}, "'minimap': the shape")):
        other = synthetic.make(dataclasses.replace(settings, **changes), 2, 0)
        difference = spec_text.first_difference(
            spec_text.Specs(other.observation_spec, other.action_spec), specs)
        assert re.search(words, difference), difference
    # Feature layers agree and only places of the actions differ.
    other = synthetic.make(dataclasses.replace(settings, screen_size=(4, 16)), 2, 0)
    difference = spec_text.first_difference(
        spec_text.Specs(specs.observation, other.action_spec), specs)
    assert difference == "action argument 'screen': the plane is (4, 16) in the file, (8, 8) " \
                         "is wanted"


def test_folders_without_episodes_say_so(tmp_path):
    with pytest.raises(ValueError, match="no episode file"):
        folder.scan(tmp_path)
    (tmp_path / "a.hkl").write_bytes(b"text")
    with pytest.raises(ValueError, match="1 damaged, the first: it is no episode file"):
        folder.scan(tmp_path)
    with pytest.raises(ValueError, match="no folder"):
        folder.scan(tmp_path / "nowhere")


def _files(num_matches):
    return tuple(folder.EpisodeFile(None, f"match {n // 2}", 5, None)
                 for n in range(2 * num_matches))


def test_both_players_of_a_match_are_on_one_side():
    training, validation = folder.split(_files(1000), 0.2)
    assert not {file.replay_id for file in training} & {file.replay_id for file in validation}
    assert len(training) + len(validation) == 2000
    # Binomial, 1,000 matches at 0.2: 200 with a standard deviation of 12.6; 5 of them are 63.
    assert abs(len(validation) / 2 - 200) < 63


def test_more_files_and_larger_fractions_move_no_match():
    few, many = folder.split(_files(100), 0.3)[1], folder.split(_files(1000), 0.3)[1]
    assert {file.replay_id for file in few} <= {file.replay_id for file in many}
    larger = folder.split(_files(100), 0.5)[1]
    assert {file.replay_id for file in few} < {file.replay_id for file in larger}
    assert folder.split(_files(10), 0.0)[1] == ()
    assert folder.split(_files(10), 1.0)[0] == ()
    with pytest.raises(ValueError, match="validation_fraction"):
        folder.split(_files(1), 1.5)


def test_no_side_is_left_without_a_match_if_asked_for():
    for num_matches in (1, 2, 3, 10):
        files = _files(num_matches)
        for fraction in (1e-9, 0.5, 1 - 1e-9):
            training, validation = folder.split(files, fraction, at_least_one=True)
            assert {f.replay_id for f in training}.isdisjoint(f.replay_id for f in validation)
            assert len(training) + len(validation) == len(files)
            assert training and bool(validation) == (num_matches > 1)
        assert folder.split(files, 0, at_least_one=True) == (files, ())
        assert folder.split(files, 1, at_least_one=True) == ((), files)
