"""What a run remembers for the next one, whatever happened in between."""

import json
import os

import pytest

from data.conversion import ledger
from data.conversion.messages import Outcome, WrittenFile

SETTINGS = {"screen_size": 32, "arrays": ["screen"]}
FILTERS = {"race": None}


def written(folder, name="a-player1.hkl", data=b"12345"):
    (folder / name).write_bytes(data)
    return WrittenFile(name, 1, 10, len(data), num_actions=8, num_unavailable=3, num_dropped=2,
                       num_units_left_out=1)


def opened(folder, settings=SETTINGS, filters=FILTERS):
    return ledger.Ledger(folder, settings, filters)


def test_what_is_done_is_done_for_the_next_run(tmp_path):
    converted = Outcome("a.SC2Replay", "aa", (written(tmp_path),), {2: "computer player"})
    with opened(tmp_path) as first:
        assert not first.is_done("aa")
        first.add(converted)
        assert first.is_done("aa")
    with opened(tmp_path) as second:
        assert second.is_done("aa") and second.outcome("aa") == converted
        assert not second.is_done("bb")


def test_what_failed_is_tried_again_and_what_other_filters_left_out(tmp_path):
    with opened(tmp_path) as first:
        first.add(Outcome("a", "aa", failed="it is broken"))
        first.add(Outcome("b", "bb", skipped={1: "--race"}))
        first.add(Outcome("c", "cc", (written(tmp_path),)))
    with opened(tmp_path) as same:
        assert (same.is_done("aa"), same.is_done("bb"), same.is_done("cc")) == (False, True, True)
    with opened(tmp_path, filters={"race": "zerg"}) as other:
        assert (other.is_done("bb"), other.is_done("cc")) == (False, True)


def test_files_of_earlier_filters_stay_in_mind(tmp_path):
    kept = written(tmp_path)
    with opened(tmp_path) as first:
        first.add(Outcome("a", "aa", (kept,), {2: "--race"}))
    with opened(tmp_path, filters={"race": "zerg"}) as second:
        second.add(Outcome("a", "aa", (written(tmp_path, "a-player2.hkl"),), {1: "--race"}))
        names = [file.name for file in second.outcome("aa").written]
    assert names == ["a-player2.hkl", "a-player1.hkl"]


@pytest.mark.parametrize("spoil", [
    lambda path: path.unlink(), lambda path: path.write_bytes(b"1234")])
def test_a_replay_whose_file_is_gone_or_cut_is_not_done(tmp_path, spoil):
    with opened(tmp_path) as first:
        first.add(Outcome("a", "aa", (written(tmp_path),)))
    spoil(tmp_path / "a-player1.hkl")
    with opened(tmp_path) as second:
        assert not second.is_done("aa") and second.num_widowed == 1


def test_a_journal_cut_anywhere_loses_the_last_line_at_most(tmp_path):
    with opened(tmp_path) as first:
        first.add(Outcome("a", "aa", (written(tmp_path),)))
        first.add(Outcome("b", "bb", skipped={1: "--race"}))
    whole = (tmp_path / ledger.JOURNAL).read_bytes()
    begin_of_last = whole[:-1].rindex(b"\n") + 1
    for size in range(begin_of_last, len(whole)):
        (tmp_path / ledger.JOURNAL).write_bytes(whole[:size])
        with opened(tmp_path) as second:
            assert second.is_done("aa")
            assert second.is_done("bb") == (size == len(whole) - 1)  # only the line's end is gone
            second.add(Outcome("c", "cc", skipped={1: "--race"}))
        with opened(tmp_path) as third:
            assert third.is_done("cc")


def test_episodes_of_other_settings_are_not_mixed(tmp_path):
    with opened(tmp_path):
        pass
    with pytest.raises(ledger.LedgerError, match="screen_size 32; this run has 64"):
        opened(tmp_path, {**SETTINGS, "screen_size": 64})


def test_episodes_of_another_format_are_not_mixed(tmp_path):
    with opened(tmp_path) as first:
        first.add(Outcome("a", "aa", (written(tmp_path),)))
    journal = tmp_path / ledger.JOURNAL
    first_line, *rest = journal.read_text().splitlines()
    journal.write_text("\n".join([json.dumps({**json.loads(first_line), "format": 1}), *rest]))
    with pytest.raises(ledger.LedgerError, match="of format 1; this program writes format 2"):
        opened(tmp_path)


def test_what_a_killed_run_left_half_written_is_swept_up(tmp_path):
    (tmp_path / ".a.hkl.123.partial").write_bytes(b"half")
    with opened(tmp_path):
        assert not list(tmp_path.glob(".*.partial"))


def test_index_tells_everything(tmp_path):
    with opened(tmp_path) as open_ledger:
        open_ledger.add(Outcome("b", "bb", failed="it is broken"))
        open_ledger.add(Outcome("c", "cc", skipped={2: "computer player"}))
        open_ledger.add(Outcome("a", "aa", (written(tmp_path), written(tmp_path, "a-player2.hkl"))))
        index = json.loads(open_ledger.write_index().read_text())
    assert (index["num_replays"], index["num_files"], index["num_steps"]) == (3, 2, 20)
    assert index["settings"] == SETTINGS and index["num_bytes"] == 10
    assert [index[f"num_{name}"] for name in (
        "actions", "unavailable", "dropped", "units_left_out")] == [16, 6, 4, 2]
    assert [line["replay"] for line in index["replays"]] == ["a", "b", "c"]
    assert index["replays"][0]["written"][0]["num_unavailable"] == 3
    assert index["replays"][1]["failed"] == "it is broken"
    assert index["replays"][2]["skipped"] == {"2": "computer player"}
    assert not list(tmp_path.glob(".*.partial"))


def test_a_folder_is_for_one_run(tmp_path):
    with ledger.locked(tmp_path), \
            pytest.raises(ledger.LedgerError, match=f"process {os.getpid()}.*--saving_path"), \
            ledger.locked(tmp_path):
        pass
    with ledger.locked(tmp_path):
        pass


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ledger.LedgerError, match="cannot be written"), \
            ledger.locked(tmp_path / "file" / "folder"):
        pass
