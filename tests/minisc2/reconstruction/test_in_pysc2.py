"""What pysc2 makes of the actions of real replays."""

import collections

import pytest
from absl import flags
from s2clientprotocol import sc2api_pb2

from environment import pysc2_compat

pysc2_compat.install()

from pysc2.lib import actions, features, point

from minisc2.api import tables
from minisc2.reconstruction import (
    abilities,
    blizzard_file,
    casters,
    chronicle,
    inputs,
    participants,
)
from tests.minisc2.api import clients
from tests.minisc2.reconstruction import replays


def commands_with_types(path):
    """(command, types of the selected units at that moment) of a replay."""
    file = blizzard_file.BlizzardFile(path.read_bytes())
    types = {}
    happenings = iter(chronicle.read(file).happenings)
    following = next(happenings, None)
    for one in inputs.read(file, participants.read(file)):
        while following is not None and following.loop < one.loop:
            if isinstance(following, (chronicle.Appeared, chronicle.BecameType)):
                types[following.tag] = following.unit_type
            following = next(happenings, None)
        if isinstance(one, inputs.Command):
            yield one, [types[tag] for tag in one.selection if tag in types]


@pytest.mark.slow
def test_nearly_every_command_has_a_function_and_hits_units_that_have_the_ability():
    counts = collections.Counter()
    for path in replays.paths():
        for one, types in commands_with_types(path):
            ids = {one.ability_id, tables.general_id(one.ability_id)} - {0}
            counts["all"] += 1
            counts["unknown"] += not one.ability_id
            counts["raw"] += bool(ids & actions.RAW_ABILITY_IDS.keys())
            counts["feature layers"] += one.slot >= 0 or bool(ids & actions.ABILITY_IDS.keys())
            if types and one.ability_id > abilities.SMART:
                counts["selected"] += 1
                counts["fitting"] += any(casters.obeys(unit_type, one.ability_id)
                                         for unit_type in types)
    assert counts["all"] > 100_000
    assert counts["unknown"] < 0.001 * counts["all"]
    assert counts["raw"] >= 0.99 * counts["all"]
    assert counts["feature layers"] >= 0.99 * counts["all"]
    assert counts["fitting"] > 0.97 * counts["selected"]


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
