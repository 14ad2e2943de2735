"""How commands in raw coordinates are reported: as the clicks that would have done the same."""

import pytest
from s2clientprotocol import common_pb2, raw_pb2, sc2api_pb2

from tests.minisc2.api import clients

MARINE, SENTRY = 48, 77
MOVE, GUARDIAN_SHIELD = 16, 76


def _command(ability_id, tag, **target):
    return sc2api_pb2.Action(action_raw=raw_pb2.ActionRaw(unit_command=raw_pb2.ActionRawUnitCommand(
        ability_id=ability_id, unit_tags=[tag], **target)))


def _find(client, unit_type):
    return next(one for one in client.seat.world.units.values() if one.unit_type == unit_type)


def _reported(client, action):
    """The raw and the spatial command that the next observation tells of."""
    assert client.act(action) == [1]
    client.step(1)
    (echo,) = client.observe().actions
    return echo.action_raw.unit_command, echo.action_feature_layer.unit_command


@pytest.fixture
def client():
    client = clients.Client().play("Flat64", num_computers=1)
    client.step(2)
    client.observe()
    client.seat.camera_xy = (44.0, 44.0)
    client.create_units(MARINE, 1, 44, 44)
    client.create_units(SENTRY, 1, 40, 44)
    _find(client, SENTRY).energy = 200.0
    return client


def test_a_raw_command_is_reported_as_a_click_on_the_screen_too(client):
    marine = _find(client, MARINE)
    raw, spatial = _reported(client, _command(
        MOVE, marine.tag, target_world_space_pos=common_pb2.Point2D(x=47.0, y=41.0),
        queue_command=True))
    assert (raw.ability_id, spatial.ability_id) == (MOVE, MOVE)
    assert raw.queue_command
    assert spatial.queue_command
    x, y = client.seat.interface.screen.world_to_screen((44.0, 44.0), (47.0, 41.0))
    assert (spatial.target_screen_coord.x, spatial.target_screen_coord.y) == (int(x), int(y))


def test_targets_off_the_screen_are_reported_at_its_edge(client):
    marine = _find(client, MARINE)
    _, spatial = _reported(client, _command(
        MOVE, marine.tag, target_world_space_pos=common_pb2.Point2D(x=74.0, y=14.0)))
    assert (spatial.target_screen_coord.x, spatial.target_screen_coord.y) == (63, 63)


def test_commands_without_a_target_have_none_on_the_screen(client):
    _, spatial = _reported(client, _command(GUARDIAN_SHIELD, _find(client, SENTRY).tag))
    assert spatial.ability_id == GUARDIAN_SHIELD
    assert not spatial.HasField("target_screen_coord")


def test_without_images_only_the_raw_command_is_reported():
    client = clients.Client().play("Flat64", num_computers=1,
                                   interface=clients.options(screen=None))
    client.step(2)
    client.observe()
    client.create_units(MARINE, 1, 44, 44)
    client.act(_command(MOVE, _find(client, MARINE).tag,
                        target_world_space_pos=common_pb2.Point2D(x=47.0, y=41.0)))
    client.step(1)
    (echo,) = client.observe().actions
    assert echo.HasField("action_raw")
    assert not echo.HasField("action_feature_layer")
