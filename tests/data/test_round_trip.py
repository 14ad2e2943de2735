"""What was done is what is learned: calls go through codec, file and batch and come back."""

import dataclasses

import numpy as np
import pytest

from data import episode, hkl, imitation, lanes, strategy
from environment import actions, delays, observations, pysc2_compat, raw_actions, raw_observations
from tests.data import episodes

pysc2_compat.install()

from pysc2.lib import actions as pysc2_actions

SETTINGS = dataclasses.replace(episodes.SETTINGS, arrays=("player", "game_loop"))
RESOLUTION, MAX_UNITS, MAX_SELECTED = 40, 12, 5
ROWS = np.random.default_rng(0).permutation(MAX_UNITS)


def layers_call(function, random):
    """Any arguments that pysc2 would take."""
    sizes = {"screen": (8, 6), "screen2": (8, 6), "minimap": (4, 5)}  # (width, height)
    return pysc2_actions.FunctionCall(function.id, [
        [int(random.integers(size)) for size in sizes.get(argument.name, argument.sizes)]
        for argument in function.args])


def raw_call(function, random):
    def value(name):
        if name == "unit_tags":
            count = random.integers(1, MAX_SELECTED + 1)
            return [int(n) for n in random.permutation(MAX_UNITS)[:count]]
        size = {"queued": 2, "target_unit_tag": MAX_UNITS, "world": RESOLUTION}[name]
        return [int(random.integers(size)) for _ in range(2 if name == "world" else 1)]

    return pysc2_actions.FunctionCall(
        function.id, [value(argument.name) for argument in function.args])


def layers_case():
    codec = actions.ActionCodec(SETTINGS.screen_size, SETTINGS.minimap_size)
    return (observations.ObservationEncoder(SETTINGS).spec, codec.spec, codec.encode,
            codec.decode, pysc2_actions.FUNCTIONS, layers_call)


def raw_case():
    codec = raw_actions.RawActionCodec(RESOLUTION, MAX_UNITS, MAX_SELECTED)
    settings = dataclasses.replace(SETTINGS, arrays=("raw_units", "player"), max_units=MAX_UNITS)
    spec = raw_observations.RawObservationEncoder(settings, RESOLUTION, MAX_SELECTED).spec
    return (spec, codec.spec, lambda call: codec.encode(call, ROWS),
            lambda action: codec.decode(action, ROWS), pysc2_actions.RAW_FUNCTIONS, raw_call)


@pytest.mark.parametrize("case", [layers_case, raw_case])
def test_every_function_comes_back_with_its_arguments_and_its_wait(case, tmp_path):
    observation_spec, action_spec, encode, decode, functions, make_call = case()
    random = np.random.default_rng(4)
    calls = [make_call(function, random) for function in functions for _ in range(2)]
    game_loops = np.cumsum(8 * random.integers(0, 20, len(calls)))
    builder = episode.EpisodeBuilder(observation_spec, action_spec)
    nothing = {array.name: array.zeros() for array in observation_spec.arrays}
    for call, game_loop in zip(calls, game_loops, strict=True):
        builder.add(nothing, encode(call), int(game_loop))
    hkl.write(tmp_path / "a.hkl", builder.build(strategy.empty(), episodes.small().metadata))
    data = imitation.ImitationData(tmp_path)
    came_back, waits = [], []
    for batch in data.batches(imitation.TRAINING, lanes.LaneSettings(
            batch_size=1, unroll_len=50, num_epochs=1)):
        given = {name: values.numpy() for name, values in batch.actions.items()}
        for t in np.flatnonzero(batch.mask[:, 0]):
            action = {name: values[t, 0] for name, values in given.items()}
            waits.append(data.delay_codec.decode(action.pop(delays.DELAY)))
            came_back.append(decode(action))
    assert len(came_back) == len(calls) - 1  # the last step leads nowhere
    for one, other in zip(came_back, calls, strict=False):
        assert one.function == other.function
        assert [list(np.ravel(value)) for value in one.arguments] == [
            list(np.ravel(value)) for value in other.arguments]
    expected = np.clip(np.diff(game_loops) // 8, 1, 16)  # nothing is played as one observation
    np.testing.assert_array_equal(waits, expected)
