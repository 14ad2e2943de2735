"""What is written is what was seen and done, step by step, and each environment's share of it."""

import dataclasses

import numpy as np
import pytest

from data import hkl, imitation, lanes, recording
from environment import delays, parallel
from environment.specs import ActionSpec, ArgumentSpec, StepType
from tests.environment import counting

SOURCE = recording.Source(game="a fake", game_version="1.0", map_name="Count/Up-v1", step_mul=4)
NOTHING, FAIL = counting.NOTHING, counting.FAIL


def environments(num_environments, num_workers=0, make=counting.make):
    return parallel.ParallelEnvironments(make, num_environments, num_workers,
                                         counting.OBSERVATION_SPEC, counting.ACTION_SPEC)


def play(recorded, num_steps, action_type=lambda t: NOTHING):
    """Environment i answers observation t with the value 10 t + i."""
    recorded.reset()
    for t in range(num_steps):
        for group in range(recorded.num_groups):
            recorded.receive(group)
            part = recorded.group_slice(group)
            size = part.stop - part.start
            recorded.send(group, {
                "action_type": np.full(size, action_type(t), np.int32),
                "value": np.arange(part.start, part.stop, dtype=np.int32) + 10 * t})


def written(folder):
    return [hkl.read(path) for path in sorted(folder.glob("*.hkl"))]


@pytest.mark.parametrize("num_workers", [0, 2])
def test_files_hold_every_observation_with_what_was_done_in_it(tmp_path, num_workers):
    with environments(2, num_workers) as played:
        recorded = recording.RecordedEnvironments(played, 4, tmp_path, SOURCE)
        play(recorded, 20)
    # An episode has 6 observations. The answer to the last one is ignored, and is not written.
    expected = [(number, episode, 60 * episode // 10 * 10 + number)
                for episode in range(2) for number in range(2)]
    for found, (number, episode, first) in zip(written(tmp_path), expected, strict=True):
        values = [10 * t + first for t in range(5)]
        np.testing.assert_array_equal(
            found.observations["counts"],
            [[number, episode, t, ([-1, *values])[t]] for t in range(6)])
        assert found.actions["value"].tolist() == [*values, 0]
        assert found.rewards.tolist() == [*values, 0]  # each earned by the action of its step
        assert found.game_loops.tolist() == [0, 4, 8, 12, 16, 20]
        assert found.observation_spec == counting.OBSERVATION_SPEC
        assert found.action_spec.to_json() == counting.ACTION_SPEC.to_json()
    assert recorded.num_written == 4


def test_files_say_where_they_come_from(tmp_path):
    with environments(1) as played:
        play(recording.RecordedEnvironments(played, 1, tmp_path, SOURCE), 8)
    (path,) = tmp_path.iterdir()
    assert path.name == "Count-Up-v1-00000.hkl"
    metadata = hkl.read(path).metadata
    assert {name: getattr(metadata, name) for name in dataclasses.asdict(SOURCE)} == (
        dataclasses.asdict(SOURCE))
    assert (metadata.interface, metadata.result, metadata.num_game_loops,
            metadata.num_observed_steps) == ("played", "undecided", 20, 6)


def test_equal_episodes_and_no_others_have_the_same_id(tmp_path):
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        with environments(2) as played:
            play(recording.RecordedEnvironments(played, 4, tmp_path / name, SOURCE), 20)
    ids = [[found.metadata.replay_id for found in written(tmp_path / name)]
           for name in ("once", "again")]
    assert ids[0] == ids[1] and len(set(ids[0])) == 4


def test_short_episodes_are_not_favoured(tmp_path):
    # Episodes of 3, 4 and 5 steps. Whoever took the first 5 that end would have 3 of the shortest.
    with environments(3, make=counting.make_with_episode_len_by_number) as played:
        recorded = recording.RecordedEnvironments(played, 5, tmp_path, SOURCE)
        play(recorded, 40)
    numbers = [int(found.observations["counts"][0, 0]) for found in written(tmp_path)]
    assert sorted(numbers) == [0, 0, 1, 1, 2] and recorded.num_written == 5


def test_a_dropped_episode_is_not_written(tmp_path):
    with environments(1) as played:
        recorded = recording.RecordedEnvironments(played, 2, tmp_path, SOURCE)
        play(recorded, 20, action_type=lambda t: FAIL if t == 2 else NOTHING)
        assert played.num_dropped_episodes == 1
    found = written(tmp_path)
    # The environment that took over has the next number, and began with the answer to step 2.
    assert [one.observations["counts"][0, :2].tolist() for one in found] == [[1, 0], [1, 1]]
    assert found[0].actions["value"].tolist() == [30, 40, 50, 60, 70, 0]
    assert [one.num_steps for one in found] == [6, 6]


def test_an_agent_that_chooses_its_waits_has_them_in_the_game_loops(tmp_path):
    action_spec = ActionSpec(("nothing",), (ArgumentSpec(delays.DELAY, 9),), np.ones((1, 1), bool))

    class Waiting:
        num_environments = num_groups = 1
        observation_spec = counting.OBSERVATION_SPEC

        def __init__(self):
            self.action_spec, self._one = action_spec, counting.CountingEnvironment(0)
            self.reset()

        def group_slice(self, group):
            return slice(0, 1)

        def reset(self):
            self._step = self._one.reset()

        def receive(self, group):
            step_type, reward, discount, observation = self._step
            return type(self._step)(
                np.array([step_type], np.int8), np.array([reward], np.float32),
                np.array([discount], np.float32),
                {name: value[None] for name, value in observation.items()})

        def send(self, group, action):
            self._step = self._one.step({"action_type": 0, "value": 0})

    recorded = recording.RecordedEnvironments(Waiting(), 1, tmp_path, SOURCE)
    for wait in (2, 0, 8, 1, 3, 1):  # no wait at all is one observation
        recorded.receive(0)
        recorded.send(0, {"action_type": np.zeros(1, np.int32),
                          delays.DELAY: np.array([wait], np.int32)})
    (found,) = written(tmp_path)
    assert found.game_loops.tolist() == [0, 8, 12, 44, 48, 60]
    assert found.actions[delays.DELAY].tolist() == [2, 0, 8, 1, 3, 0]


def test_a_folder_with_episodes_is_refused(tmp_path):
    folder = recording.prepare_folder(tmp_path / "new" / "folder")
    assert folder.is_dir() and recording.prepare_folder(folder) == folder
    (folder / "notes.txt").write_text("no episode")
    recording.prepare_folder(folder)
    (folder / "one.hkl").write_text("an episode")
    with pytest.raises(ValueError, match=r"holds episodes \(\*\.hkl\) already.*another"):
        recording.prepare_folder(folder)


def test_who_learns_from_them_has_the_specs_of_who_played(tmp_path):
    with environments(3) as played:
        play(recording.RecordedEnvironments(played, 9, tmp_path, SOURCE), 40)
    data = imitation.ImitationData(tmp_path, validation_fraction=0.2)
    assert data.observation_spec == counting.OBSERVATION_SPEC
    assert data.action_spec.to_json() == counting.ACTION_SPEC.to_json()
    assert data.delay_codec is None
    assert data.facts == imitation.Facts("played", 4, 24, ("Count/Up-v1",), ("none",), None)
    data.require(counting.OBSERVATION_SPEC, counting.ACTION_SPEC)
    settings = lanes.LaneSettings(batch_size=2, unroll_len=4, num_epochs=1)
    num_actions = 0
    for batch in data.batches(imitation.TRAINING, settings):
        counts, mask = batch.observations["counts"].numpy(), batch.mask.numpy()
        # What is done in an observation is what the next one says was done.
        np.testing.assert_array_equal(counts[1:, :, 3][mask], batch.actions["value"].numpy()[mask])
        np.testing.assert_array_equal(batch.delays.numpy()[mask], 4)
        assert (batch.step_types.numpy()[counts[:, :, 2] == 5] == StepType.LAST).all()
        num_actions += mask.sum()
    assert num_actions == data.num_transitions(imitation.TRAINING) == 5 * len(
        data.files[imitation.TRAINING])
