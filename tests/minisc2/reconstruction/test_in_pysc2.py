"""What pysc2 makes of the actions of real replays."""

import collections

import pytest
from absl import flags
from s2clientprotocol import sc2api_pb2

from environment import pysc2_compat

pysc2_compat.install()

from pysc2.lib import actions, features, point

from minisc2.api import tables
from minisc2.reconstruction import blizzard_file, inputs, participants
from tests.minisc2.api import clients
from tests.minisc2.reconstruction import replays


@pytest.mark.slow
def test_nearly_every_command_has_a_function():
    counts = collections.Counter()
    for path in replays.paths():
        file = blizzard_file.BlizzardFile(path.read_bytes())
        for one in inputs.read(file, participants.read(file)):
            if not isinstance(one, inputs.Command):
                continue
            ids = {one.ability_id, tables.general_id(one.ability_id)} - {0}
            counts["all"] += 1
            counts["raw"] += bool(ids & actions.RAW_ABILITY_IDS.keys())
            counts["feature layers"] += one.slot >= 0 or bool(ids & actions.ABILITY_IDS.keys())
    assert counts["all"] > 100_000
    assert counts["raw"] >= 0.99 * counts["all"]
    assert counts["feature layers"] >= 0.99 * counts["all"]


@pytest.mark.parametrize("name", [replays.TERRAN_AND_ZERG, replays.LADDER])
def test_every_action_is_understood_and_nearly_every_one_available(name):
    if not flags.FLAGS.is_parsed():
        flags.FLAGS(["test"])
    client = clients.Client()
    client.ask(start_replay=sc2api_pb2.RequestStartReplay(
        replay_data=replays.data(name), observed_player_id=1, options=clients.options((64, 64))))
    size = client.ask(game_info=sc2api_pb2.RequestGameInfo()).start_raw.map_size
    transform = features.Features(features.AgentInterfaceFormat(
        feature_dimensions=features.Dimensions(64, 64), camera_width_world_units=24),
        map_size=point.Point.build(size))
    counts = collections.Counter()
    observation = client.observe()
    for _ in range(300):
        available = set(transform.available_actions(observation.observation))
        client.step(8)
        observation = client.observe()
        for action in observation.actions:
            function = transform.reverse_action(action).function
            counts["all"] += 1
            counts["no_op"] += function == actions.FUNCTIONS.no_op.id
            counts["available"] += function in available
    assert counts["all"] > 100 and counts["no_op"] == 0
    assert counts["available"] > 0.9 * counts["all"]
