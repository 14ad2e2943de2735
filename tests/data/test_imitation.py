"""A learner is fed what the files say, what follows from it, and nothing else."""

import collections
import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from data import conditioning, dataset, hkl, imitation, lanes
from environment import conditioning as match_conditioning
from environment import last_action, match_context
from environment.specs import StepType
from tests.data import episodes

NUM_FILES, NUM_STEPS = 5, 23


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dataset")
    for number in range(NUM_FILES):
        hkl.write(folder / f"{number}.hkl", episodes.small(NUM_STEPS + number, seed=number))
    return folder


def settings(**values):
    return lanes.LaneSettings(**{"batch_size": 3, "unroll_len": 5, "num_epochs": 2, **values})


def numpy_batches(data, split=imitation.TRAINING, **values):
    return [tf.nest.map_structure(lambda value: value.numpy(), batch)
            for batch in data.batches(split, settings(**values))]


def assert_same(one, other):
    for a, b in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_batches_are_time_major_and_of_the_specs(path):
    data = imitation.ImitationData(path)
    for batch in numpy_batches(data):
        data.observation_spec.validate(batch.observations, (6, 3))
        data.action_spec.validate(batch.actions, (5, 3))
        assert batch.mask.shape == (5, 3) and batch.step_types.shape == (6, 3)
    assert data.action_spec.arguments[0].name == "delay"
    assert [array.name for array in data.observation_spec.arrays] == [
        *episodes.SETTINGS.arrays, *match_context.ARRAY_NAMES]


def test_files_come_back_with_their_waits(path):
    data = imitation.ImitationData(path, context_arrays=())
    files = data.files[imitation.TRAINING]
    plain = list(dataset.make(files, hkl.EpisodeReader(files[0].path).specs, settings()
                              ).map(dataset.time_major))
    for batch, other in zip(numpy_batches(data), plain, strict=True):
        delay = batch.actions.pop("delay")
        assert_same(batch, other)
        # The synthetic waits are below 30 game loops, 8 a choice; 3 loops are more than none.
        expected = np.maximum((batch.delays + 4) // 8, batch.delays > 0)
        np.testing.assert_array_equal(delay, expected)
    assert delay.dtype == np.int32


def test_both_players_of_a_match_are_in_one_split_and_no_split_is_empty(path):
    data = imitation.ImitationData(path, validation_fraction=1e-9)
    ids = {split: {file.replay_id for file in files} for split, files in data.files.items()}
    assert len(ids[imitation.VALIDATION]) == 1 and len(ids[imitation.TRAINING]) == NUM_FILES - 1
    assert not ids[imitation.VALIDATION] & ids[imitation.TRAINING]
    half = imitation.ImitationData(path, validation_fraction=0.5)
    assert ids[imitation.VALIDATION] <= {
        file.replay_id for file in half.files[imitation.VALIDATION]}
    assert not imitation.ImitationData(path, 0).files[imitation.VALIDATION]
    assert data.num_transitions(imitation.TRAINING) == sum(
        file.num_steps - 1 for file in data.files[imitation.TRAINING])


def test_the_last_action_is_the_one_before_across_windows(path):
    data = imitation.ImitationData(path)
    before = [None] * 3
    seen = 0
    for batch in numpy_batches(data):
        actions = {name: batch.actions[name] for name in ("action_type", "delay", "queued")}
        codes = last_action.encode(actions)
        shown = batch.observations["last_action"]
        for row in range(3):
            for t in range(6):
                if batch.step_types[t, row] == StepType.FIRST:
                    assert not shown[t, row].any()
                else:
                    expected = codes[t - 1, row] if t else before[row]
                    np.testing.assert_array_equal(shown[t, row], expected)
                    seen += 1
            before[row] = codes[-1, row]
    assert seen > 100


def test_the_match_is_told_alike_in_every_step_and_by_the_coins(path):
    coins = conditioning.Coins(seed=3)
    data = imitation.ImitationData(path, coins=coins)
    files = data.files[imitation.TRAINING]
    known = [conditioning.of_file(file.path) for file in files]
    times_begun = collections.Counter()
    epochs = [-1] * 3  # of the episodes in the lanes
    for batch in numpy_batches(data):
        for row in range(3):
            number = batch.episodes[row]
            if number < 0:
                assert not batch.observations["cumulative_units"][:, row].any()
                continue
            if batch.step_types[0, row] == StepType.FIRST:
                epochs[row] = times_begun[number]
                times_begun[number] += 1
            told = match_conditioning.encode(conditioning.toss(
                known[number], coins, files[number].metadata, epochs[row]))
            length = int(batch.mask[:, row].sum()) + 1
            for name, value in told.items():
                shown = batch.observations[name][:, row]
                np.testing.assert_array_equal(shown[:length], np.stack([value] * length))
                assert not shown[length:].any()
    assert set(times_begun.values()) == {2}


def test_going_on_at_any_batch_gives_the_same(path):
    whole = numpy_batches(imitation.ImitationData(path))
    for first in (1, 7, len(whole) - 1):
        data = imitation.ImitationData(path)
        rest = [tf.nest.map_structure(lambda value: value.numpy(), batch) for batch in
                data.batches(imitation.TRAINING, settings(), first_batch=first)]
        assert len(rest) == len(whole) - first
        for one, other in zip(rest, whole[first:], strict=True):
            assert_same(one, other)


def test_a_damaged_file_among_good_ones_is_left_out_and_counted(path, tmp_path):
    for file in path.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    data = bytearray((tmp_path / "3.hkl").read_bytes())
    data[len(data) // 2] ^= 255
    (tmp_path / "3.hkl").write_bytes(data)
    found = imitation.ImitationData(tmp_path)
    assert found.num_damaged == 1
    assert sum(len(files) for files in found.files.values()) == NUM_FILES - 1
    files = found.files[imitation.TRAINING]
    files[0].path.write_bytes(b"gone meanwhile")
    numpy_batches(found)
    assert found.num_damaged == 2


def test_folders_that_cannot_be_are_one_clear_line(path, tmp_path):
    with pytest.raises(ValueError, match="There is no folder"):
        imitation.ImitationData(tmp_path / "none")
    with pytest.raises(ValueError, match="holds no episode file"):
        imitation.ImitationData(tmp_path)
    (tmp_path / "x.hkl").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"1 damaged, the first: it is no episode file"):
        imitation.ImitationData(tmp_path)
    with pytest.raises(ValueError, match="leaves no match"):
        imitation.ImitationData(path, validation_fraction=1)
    with pytest.raises(ValueError, match=r"no action to learn for validation"):
        imitation.ImitationData(path, 0).batches(imitation.VALIDATION, settings())
    with pytest.raises(ValueError, match="context_arrays: expected different names"):
        imitation.ImitationData(path, context_arrays=("weather",))


def test_files_that_do_not_belong_together_are_refused(path, tmp_path):
    (tmp_path / "0.hkl").write_bytes((path / "0.hkl").read_bytes())
    one = episodes.small()
    other = dataclasses.replace(one, metadata=dataclasses.replace(one.metadata, step_mul=4))
    hkl.write(tmp_path / "1.hkl", other)
    with pytest.raises(ValueError, match="has step_mul 4, .* has 8"):
        imitation.ImitationData(tmp_path)
    hkl.write(tmp_path / "1.hkl", episodes.counting(5))
    with pytest.raises(ValueError, match="does not fit: the list of observation arrays"):
        imitation.ImitationData(tmp_path)


def test_winners_alone_for_fine_tuning(path, tmp_path):
    for number, result in enumerate(("victory", "defeat", "tie", "victory", "victory")):
        one = episodes.small(9, seed=number)
        hkl.write(tmp_path / f"{number}.hkl", dataclasses.replace(
            one, metadata=dataclasses.replace(one.metadata, result=result)))
    everybody = imitation.ImitationData(tmp_path, 0.4).files
    winners = imitation.ImitationData(tmp_path, 0.4, winners_only=True).files
    for split, files in everybody.items():
        assert winners[split] == tuple(file for file in files if file.path.stem in "034")
    assert sum(map(len, winners.values())) == 3


def test_a_model_of_other_specs_is_refused(path):
    data = imitation.ImitationData(path)
    data.require(data.observation_spec, data.action_spec)
    fewer = imitation.ImitationData(path, context_arrays=("mmr",))
    with pytest.raises(ValueError, match="list of observation arrays"):
        data.require(fewer.observation_spec, fewer.action_spec)
    short, long = (imitation.ImitationData(path, max_delay_game_loops=game_loops,
                                           context_arrays=()) for game_loops in (128, 160))
    with pytest.raises(ValueError, match="'delay': the size is 17 in the dataset, 21 is wanted"):
        short.require(long.observation_spec, long.action_spec)


def test_facts(path):
    facts = imitation.ImitationData(path).facts
    assert facts == imitation.Facts("feature_layers", 8, 24, ("Simple64",), ("terran",), 3500)
