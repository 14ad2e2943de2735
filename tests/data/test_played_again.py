"""A match, its file, its batches, and the match played again from them are one and the same.

An agent of random actions plays live; its replay becomes a file, the file a batch. Whoever does in
a new game what the batch says, and waits as long, sees everything that is in the batch: maps,
units, what it is told and what it did last.
"""

import numpy as np
import pytest

from data import conditioning, hkl, imitation, lanes
from environment import observations, starcraft, starcraft_settings
from tests.data.conversion import matches

# What pysc2 reports as last actions depends on how long one did not look.
ARRAYS = tuple(name for name in observations.ARRAY_NAMES if name != "last_actions")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("played")
    played = matches.play("Simple64", 150, path)
    matches.convert(played.replay, arrays=ARRAYS)
    return path


def test_who_does_and_waits_as_the_batch_says_sees_the_same(folder):
    (file,) = folder.glob("*.hkl")
    certain = conditioning.Coins(build_order=1, cumulative=1, opponent_race=1)
    data = imitation.ImitationData(folder, coins=certain)
    batch = next(iter(data.batches(imitation.TRAINING, lanes.LaneSettings(
        batch_size=1, unroll_len=200, num_epochs=1))))
    seen, done = ({name: value.numpy()[:, 0] for name, value in values.items()}
                  for values in (batch.observations, batch.actions))
    num_actions = int(batch.mask.numpy().sum())
    with hkl.EpisodeReader(file) as reader:
        assert num_actions == reader.num_steps - 1 > 80
    settings = starcraft_settings.settings_for(
        data.observation_spec, data.action_spec, step_mul=data.facts.step_mul,
        camera_width=data.facts.camera_width, map_name="Simple64", game="minisc2", race="terran",
        opponent_race="terran", told=conditioning.of_file(file))
    environment = starcraft.StarcraftEnvironment(settings, matches.SEED)
    try:
        step = environment.reset()
        for t in range(num_actions):
            for name, value in step.observation.items():
                np.testing.assert_array_equal(value, seen[name][t], f"{name} at step {t}")
            step = environment.step({name: values[t] for name, values in done.items()})
    finally:
        environment.close()
    assert (done["delay"][:num_actions] > 1).any()  # it was waited for more than one observation
