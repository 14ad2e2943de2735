"""What is written is read again, by us and by hickle, whole and in windows; and nothing halfway."""

import dataclasses
import errno
import json
import os
import warnings

import hickle
import numpy as np
import pytest

from data import episode, hkl, seal, spec_text, strategy, synthetic
from data.seal import EpisodeError
from tests.data import episodes


@pytest.fixture
def path(tmp_path):
    hkl.write(tmp_path / "one.hkl", episodes.small())
    return tmp_path / "one.hkl"


def test_what_is_written_is_read(path):
    episodes.assert_equal(hkl.read(path), episodes.small())


def test_hickle_loads_the_arrays_of_the_specs_and_the_metadata(path):
    written = episodes.small()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = hickle.load(path)
    assert list(loaded["observation"]) == list(written.observation_spec.by_name)
    written.observation_spec.validate(loaded["observation"], (30,))
    written.action_spec.validate(loaded["action"], (30,))
    for name, value in written.observations.items():
        np.testing.assert_array_equal(loaded["observation"][name], value)
    for name, value in written.actions.items():
        np.testing.assert_array_equal(loaded["action"][name], value)
    for name, value in written.strategy.to_dict().items():
        np.testing.assert_array_equal(loaded["strategy"][name], value)
        assert loaded["strategy"][name].dtype == value.dtype
    np.testing.assert_array_equal(loaded["game_loop"], written.game_loops)
    np.testing.assert_array_equal(loaded["delay"], [*np.diff(written.game_loops), 0])
    np.testing.assert_array_equal(loaded["reward"], written.rewards)
    assert loaded["metadata"] == written.metadata.to_dict()
    assert (type(loaded["metadata"]["seed"]), loaded["metadata"]["opponent_mmr"]) == (int, None)
    assert loaded["metadata"]["inferred"] == ["health of units"] * 2
    assert loaded["metadata"]["dropped"]["no such function"] == 2
    assert json.loads(loaded["spec"]["description"])["observation"][0]["name"] == "screen"


@pytest.mark.parametrize("num_steps", [1, 2, 63, 64, 65, 200])
def test_windows_are_parts_of_the_whole(tmp_path, num_steps, monkeypatch):
    monkeypatch.setattr(hkl, "_SMALL_ARRAY_BYTES", 4 * num_steps)  # both ways of reading
    written = episodes.small(num_steps, seed=num_steps)
    hkl.write(tmp_path / "a.hkl", written)
    with hkl.EpisodeReader(tmp_path / "a.hkl") as reader:
        assert reader.num_steps == num_steps
        for start, stop in {(0, 1), (0, num_steps), (num_steps // 2, num_steps),
                            (max(num_steps - 3, 0), num_steps)}:
            steps = reader.read(start, stop)
            for name, value in written.observations.items():
                np.testing.assert_array_equal(steps.observations[name], value[start:stop])
            for name, value in written.actions.items():
                np.testing.assert_array_equal(steps.actions[name], value[start:stop])
            np.testing.assert_array_equal(steps.game_loops, written.game_loops[start:stop])
            np.testing.assert_array_equal(steps.delays, written.delays[start:stop])
            np.testing.assert_array_equal(steps.rewards, written.rewards[start:stop])


def test_windows_do_not_share_memory(path):
    with hkl.EpisodeReader(path) as reader:
        reader.read(0, 4).actions["action_type"][:] = 7
        reader.read(0, 4).observations["screen"][:] = 3
        np.testing.assert_array_equal(reader.read(0, 4).actions["action_type"],
                                      episodes.small().actions["action_type"][:4])


@pytest.mark.parametrize("window", [(-1, 3), (3, 3), (4, 2), (0, 31)])
def test_windows_outside_are_refused(path, window):
    with hkl.EpisodeReader(path) as reader, pytest.raises(ValueError, match="not among its 30"):
        reader.read(*window)


def test_a_window_reads_a_part_of_the_file(tmp_path):
    """Planes and units lie in chunks of at most 64 steps, a layer each."""
    settings = synthetic.with_resolution(32)
    hkl.write(tmp_path / "a.hkl", synthetic.make(settings, 300, 1))
    with hkl.EpisodeReader(tmp_path / "a.hkl") as reader:
        assert reader._observations["screen"].chunks == (64, 32, 32, 1)
        assert reader._observations["feature_units"].chunks == (64, 64, 43)
        assert reader._actions["queued"].chunks == (300,)


def test_a_step_like_the_one_before_takes_little_room(tmp_path):
    """14 kB of screen a step, of which one pixel moves. What a file costs before its first step is
    left out. Random units, 5.5 kB, are written once in 64 steps, which is 86 bytes a step; the
    noise of the layers and random actions take about as much."""
    sizes = {}
    for num_steps in (256, 512):
        made = synthetic.make(synthetic.with_resolution(32), num_steps, 1)
        still = {name: np.repeat(value[:1], num_steps, axis=0)
                 for name, value in made.observations.items()}
        still["screen"][np.arange(num_steps), np.arange(num_steps) % 32, 5] = 1
        hkl.write(tmp_path / "a.hkl", dataclasses.replace(made, observations=still))
        sizes[num_steps] = (tmp_path / "a.hkl").stat().st_size
    assert (sizes[512] - sizes[256]) / 256 < 300


def test_only_whole_files_appear(tmp_path, monkeypatch):
    target = tmp_path / "one.hkl"
    hkl.write(target, episodes.small())
    before = target.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            hkl.write(target, episodes.small(31, seed=5))
    assert [file.name for file in tmp_path.iterdir()] == ["one.hkl"]
    assert target.read_bytes() == before
    hkl.write(target, episodes.small(31, seed=5))
    assert hkl.read(target).num_steps == 31


def test_unwritable_places_are_named(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        hkl.write(tmp_path / "nowhere" / "one.hkl", episodes.small())
    with pytest.raises(ValueError, match=r"ends in \.hkl"):
        hkl.write(tmp_path / "one.npz", episodes.small())


def test_episodes_that_do_not_fit_their_specs_are_not_written(tmp_path):
    good = episodes.small()
    for changes, words in (
            ({"game_loops": good.game_loops.astype(np.int64)}, "game_loops: expected int32"),
            ({"game_loops": good.game_loops[::-1].copy()}, "never fall"),
            ({"rewards": np.full(30, np.nan, np.float32)}, "finite"),
            ({"actions": {**good.actions, "queued": good.actions["queued"] + 2}}, "'queued'"),
            ({"observations": {**good.observations, "screen": good.observations["screen"][:5]}},
             "'screen'"),
            ({"strategy": dataclasses.replace(
                good.strategy, cumulative_units=np.zeros(3, bool))}, "'cumulative_units'")):
        with pytest.raises(ValueError, match=words):
            hkl.write(tmp_path / "bad.hkl", dataclasses.replace(good, **changes))
    assert not list(tmp_path.iterdir())


def test_other_files_are_named(tmp_path):
    target = tmp_path / "a.hkl"
    with pytest.raises(FileNotFoundError):
        hkl.check(target)
    for content in (b"", b"text", b"\x89HDF\r\n\x1a\n" + bytes(600)):
        target.write_bytes(content)
        with pytest.raises(EpisodeError, match=r"a\.hkl: it is no episode file"):
            hkl.check(target)
    hickle.dump({"observation": np.zeros(3)}, target, mode="w")
    with pytest.raises(EpisodeError, match="no episode file"):
        hkl.check(target)
    with pytest.raises(EpisodeError, match="not a file"):
        hkl.check(tmp_path)
    os.mkfifo(tmp_path / "pipe.hkl")
    with pytest.raises(EpisodeError, match="not a file"):
        hkl.check(tmp_path / "pipe.hkl")


def test_another_format_is_named(tmp_path):
    def change(file):
        node = file['data/"spec"/"format"']
        node[()] = 9

    episodes.tamper(tmp_path / "a.hkl", change)
    with pytest.raises(EpisodeError, match="format 9, this program reads 2"):
        hkl.check(tmp_path / "a.hkl")


def test_the_seal_is_text_before_the_hdf5(path):
    lines = path.read_bytes()[:seal.BLOCK_BYTES].rstrip(b"\0").decode().splitlines()
    assert lines[1] == f"bytes {path.stat().st_size}"
    assert path.read_bytes()[seal.BLOCK_BYTES:][:8] == b"\x89HDF\r\n\x1a\n"


def test_builder_collects_steps():
    whole = episodes.counting(5)
    builder = episode.EpisodeBuilder(whole.observation_spec, whole.action_spec)
    for n in range(5):
        builder.add({name: value[n] for name, value in whole.observations.items()},
                    {name: value[n] for name, value in whole.actions.items()}, 10 * n,
                    reward=n - 1)
    built = builder.build(strategy.empty(), whole.metadata)
    # The reward that comes with step n + 1 is what step n has brought; nothing follows the last.
    np.testing.assert_array_equal(built.rewards, [0, 1, 2, 3, 0])
    episodes.assert_equal(built, dataclasses.replace(whole, rewards=built.rewards))
    with pytest.raises(ValueError, match="at least one step"):
        episode.EpisodeBuilder(whole.observation_spec, whole.action_spec).build(
            strategy.empty(), whole.metadata)


@pytest.mark.parametrize(("change", "words"), [
    ({"result": "won"}, "victory"), ({"seed": 1.5}, "seed"), ({"map_name": None}, "map_name"),
    ({"race": "T"}, "two characters"), ({"step_mul": 0}, "step_mul"), ({"apm": 3}, "apm"),
    ({"dropped": {"a/b": 1}}, "slashes"), ({"dropped": {"reason": True}}, "dropped"),
    ({"inferred": ["health"]}, "inferred"), ({"player_id": True}, "player_id")])
def test_metadata_are_checked(change, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(episodes.small().metadata, **change)


def test_metadata_of_other_names_are_refused():
    values = episodes.small().metadata.to_dict()
    assert episode.Metadata.from_dict(values) == episodes.small().metadata
    with pytest.raises(ValueError, match=r"missing \['race'\], unexpected \['tribe'\]"):
        episode.Metadata.from_dict({**{k: v for k, v in values.items() if k != "race"},
                                    "tribe": "terran"})


def test_specs_survive_as_text():
    specs = spec_text.Specs(episodes.small().observation_spec, episodes.small().action_spec)
    again = spec_text.decode(spec_text.encode(specs))
    assert again.observation == specs.observation
    assert again.action.to_json() == specs.action.to_json()
    assert spec_text.first_difference(specs, again) is None
    assert spec_text.fingerprints(specs) == spec_text.fingerprints(again)
    for text in ("", "[]", "{}", '{"observation": 3, "action": {}}', "[" * 100_000,
                 spec_text.encode(specs).replace('"kind":"planes"', '"kind":"plains"'),
                 spec_text.encode(specs).replace('"scale":1.0', '"scale":1.0,"more":2', 1),
                 spec_text.encode(specs).replace('"kind":', '"more":2,"kind":', 1)):
        with pytest.raises(ValueError, match="describes"):
            spec_text.decode(text)
