"""Records of matches: written whole, read back, and refused if they are something else."""

import pytest

from evaluation import match_records
from tests.evaluation import match_library


def test_a_record_comes_back_as_it_was(tmp_path):
    record = match_library.record(
        number=12, result="victory", made=((8, 45, 1.5, 2.0),), finished={"SCV": 3},
        first_attack=900, replay="match-00012.SC2Replay")
    assert not match_records.is_written(tmp_path, 12)
    match_records.write(tmp_path, record)
    assert match_records.is_written(tmp_path, 12)
    assert match_records.read_all(tmp_path, [12]) == [record]
    assert [path.name for path in tmp_path.iterdir()] == ["match-00012.json"]


def test_minutes_are_those_of_the_speed_faster():
    # 22.4 loops a second: 13,440 are ten minutes.
    record = match_library.record(game_loops=13_440, num_actions=600)
    assert record.minutes == pytest.approx(10)
    assert record.actions_per_minute == pytest.approx(60)
    assert match_library.record(game_loops=0).actions_per_minute == 0


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"made": []}'])
def test_other_files_are_refused(tmp_path, text):
    (tmp_path / "match-00001.json").write_text(text)
    with pytest.raises(match_records.RecordError, match=r"match-00001.json .*Delete it"):
        match_records.read(tmp_path, 1)


@pytest.mark.parametrize("wrong", [{"number": 2}, {"result": "won"}])
def test_a_record_of_something_else_is_refused(tmp_path, wrong):
    match_records.write(tmp_path, match_library.record(**wrong))
    path = next(tmp_path.iterdir())
    path.rename(tmp_path / "match-00001.json")
    with pytest.raises(match_records.RecordError, match="Delete it"):
        match_records.read(tmp_path, 1)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(match_records.RecordError, match="match-00003.json"):
        match_records.read(tmp_path, 3)
