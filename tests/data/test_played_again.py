"""A match, its file, its batches, and the match played again from them are one and the same.

An agent of random actions plays live; its replay becomes a file, the file a batch. Whoever does in
a new game what the batch says, and waits as long, sees everything that is in the batch: maps,
units, what it is told and what it did last.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from data import conditioning, hkl, imitation, lanes
from data.conversion import episodes, interfaces, players
from environment import observations, starcraft, starcraft_replay, starcraft_settings
from tests.data.conversion import matches

# What pysc2 reports as last actions depends on how long one did not look.
ARRAYS = tuple(name for name in observations.ARRAY_NAMES if name != "last_actions")
PLAYED = {"map_name": "Simple64", "game": "minisc2", "race": "terran", "opponent_race": "terran"}
RAW = interfaces.ConversionSettings(
    screen_size=(16, 16), minimap_size=(16, 16), arrays=interfaces.DEFAULT_ARRAYS["raw"],
    max_units=80, raw_resolution=64, max_selected_units=4,
    step_mul=8, no_op_interval=8)


def record_layers(folder: Path) -> None:
    played = matches.play("Simple64", 150, folder)
    matches.convert(played.replay, arrays=ARRAYS)


def record_raw(folder: Path) -> None:
    fields = {field.name for field in dataclasses.fields(starcraft.StarcraftSettings)}
    environment = starcraft.StarcraftEnvironment(starcraft.StarcraftSettings(
        interface="raw", **PLAYED, **{name: value for name, value in vars(RAW).items()
                                      if name in fields}), matches.SEED)
    random = np.random.default_rng(1)
    spec = environment.action_spec
    # Nothing that the game refuses or that not everybody can do: units that are named there are
    # selected all the same, and the replay does not tell it.
    names = [spec.action_types.index(name) for name in (
        "no_op", "no_op", "Move_pt", "Patrol_pt", "raw_move_camera")]
    try:
        step = environment.reset()
        for _ in range(150):
            units = step.observation["raw_units"]
            workers = np.flatnonzero(units[:, 0] == 45)
            action = {**spec.zeros(), "action_type": random.choice(names),
                      "queued": random.integers(2),
                      "world": random.integers(10, 50) * 64 + random.integers(10, 50)}
            for slot, row in enumerate(random.choice(workers, 3, replace=False)):
                action[f"unit_{slot}"] = row + 1
            step = environment.step(action)
        replay = Path(environment.save_replay(str(folder)))
    finally:
        environment.close()
    with starcraft_replay.ReplayGame("minisc2") as game:
        opened = game.open(replay.read_bytes())
        match = players.match(opened.info)
        hkl.write(folder / "a.hkl", episodes.convert(
            game, opened, match, match.players[0], interfaces.Raw(RAW), RAW))


def in_one_order(name: str, value: np.ndarray) -> np.ndarray:
    """In which order the game lists what is neutral may depend on how often one looks."""
    return np.array(sorted(value.tolist())) if name == "raw_units" else value


@pytest.mark.parametrize("record", [record_layers, record_raw])
def test_who_does_and_waits_as_the_batch_says_sees_the_same(record, tmp_path):
    record(tmp_path)
    (file,) = tmp_path.glob("*.hkl")
    certain = conditioning.Coins(build_order=1, cumulative=1, opponent_race=1)
    data = imitation.ImitationData(tmp_path, coins=certain)
    batch = next(iter(data.batches(imitation.TRAINING, lanes.LaneSettings(
        batch_size=1, unroll_len=200, num_epochs=1))))
    seen, done = ({name: value.numpy()[:, 0] for name, value in values.items()}
                  for values in (batch.observations, batch.actions))
    num_actions = int(batch.mask.numpy().sum())
    with hkl.EpisodeReader(file) as reader:
        assert num_actions == reader.num_steps - 1 > 50
    settings = starcraft_settings.settings_for(
        data.observation_spec, data.action_spec, step_mul=data.facts.step_mul,
        camera_width=data.facts.camera_width, told=conditioning.of_file(file), **PLAYED)
    environment = starcraft.StarcraftEnvironment(settings, matches.SEED)
    try:
        step = environment.reset()
        for t in range(num_actions):
            for name, value in step.observation.items():
                np.testing.assert_array_equal(
                    in_one_order(name, value), in_one_order(name, seen[name][t]),
                    f"{name} at step {t}")
            step = environment.step({name: values[t] for name, values in done.items()})
    finally:
        environment.close()
    assert environment.num_impossible_actions == 0
    assert (done["delay"][:num_actions] > 1).any()  # it was waited for more than one observation
