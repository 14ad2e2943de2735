"""Replays of the real game, put together again by the embedded one, on their way into episodes."""

import collections
import dataclasses
import itertools

import numpy as np
import pytest

from data.conversion import episodes, interfaces, players
from environment import starcraft_replay
from environment.specs import ACTION_TYPE
from tests.data.conversion import matches
from tests.minisc2.reconstruction import replays

SETTINGS = {name: interfaces.ConversionSettings(
    screen_size=(16, 16), minimap_size=(16, 16), arrays=interfaces.DEFAULT_ARRAYS[name],
    max_units=interfaces.DEFAULT_MAX_UNITS[name], screen_layers=("player_relative",),
    minimap_layers=("player_relative",), step_mul=8, no_op_interval=1)
    for name in interfaces.INTERFACES}
SHORT = "ladder/distar_replay_4.10.4.SC2Replay"


def convert(data, interface_name="feature_layers", changed=lambda observation: observation,
            settings=None):
    """An episode, and how many actions the game reported."""
    settings, num_reported = settings or SETTINGS[interface_name], collections.Counter()
    interface = interfaces.INTERFACES[interface_name](settings)
    with starcraft_replay.ReplayGame("minisc2") as game:
        replay = game.open(data)
        match = players.match(replay.info)
        watch = game.watch

        def watched(*arguments):
            perspective = watch(*arguments)
            show = perspective.observations

            def observations(game_loops):
                num_reported.clear()  # it is played twice
                for observation in map(changed, show(game_loops)):
                    num_reported["actions"] += len(observation.actions)
                    yield observation

            perspective.observations = observations
            return perspective

        game.watch = watched
        return episodes.convert(game, replay, match, match.players[0], interface,
                                settings), num_reported["actions"]


@pytest.mark.parametrize("interface_name", interfaces.INTERFACES)
def test_every_action_that_the_game_reports_is_kept_or_counted(interface_name):
    episode, num_reported = convert(replays.data(SHORT), interface_name)
    num_kept = np.count_nonzero(episode.actions[ACTION_TYPE])
    assert num_kept + sum(episode.metadata.dropped.values()) == num_reported > 100
    assert episode.metadata.game == "minisc2" and len(episode.metadata.inferred) > 5
    assert episode.metadata.num_unavailable_actions < 0.1 * num_kept
    assert episode.strategy.cumulative_units.any()


def test_camera_moves_are_merged_if_asked_to():
    data, settings = replays.data(SHORT), SETTINGS["raw"]
    whole, _ = convert(data, "raw")
    merged, _ = convert(data, "raw", settings=dataclasses.replace(
        settings, merges_camera_moves=True))
    num_merged = merged.metadata.dropped["camera moved on before the next observation"]
    assert num_merged > 10 and merged.num_steps == whole.num_steps - num_merged
    camera = whole.action_spec.action_types.index("raw_move_camera")

    def done(episode):
        """(game loop, action, place) of all actions, and of the last ones only."""
        rows = list(zip(episode.game_loops.tolist(), episode.actions[ACTION_TYPE].tolist(),
                        episode.actions["world"].tolist(), strict=True))
        return rows, [one for one, following in itertools.pairwise(rows) if not (
            one[:2] == following[:2] and one[1] == camera)] + rows[-1:]

    assert done(merged)[0] == done(whole)[1]


def test_an_action_without_a_function_is_dropped_and_ends_nothing(tmp_path):
    """pysc2 looks for the functions of all actions, for its array last_actions, and raises."""
    data = matches.play("Simple64", 20, tmp_path).replay.read_bytes()

    def build_on_minimap(observation):
        if observation.observation.game_loop == 40:
            command = observation.actions.add().action_feature_layer.unit_command
            command.ability_id = 319  # a Supply Depot
            command.target_minimap_coord.x = 3
        return observation

    sound, _ = convert(data)
    episode, _ = convert(data, changed=build_on_minimap)
    assert episode.metadata.dropped == {
        **sound.metadata.dropped, "no function takes it in this way": 1}
    np.testing.assert_array_equal(episode.actions[ACTION_TYPE][episode.game_loops > 40],
                                  sound.actions[ACTION_TYPE][sound.game_loops > 40])
