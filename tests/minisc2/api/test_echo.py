"""Actions in the pixels of who looks on at another size: a click means there what it meant."""

import pytest

from minisc2.api import echo, seat
from minisc2.api import interface as interface_lib
from tests.minisc2.api import clients

SCV, BARRACKS = 45, 21
SIZES = (8, 16, 20, 32, 50, 128)


@pytest.fixture
def client():
    """Flat64 at 64 pixels, seen in the middle: two workers apart and barracks."""
    client = clients.Client().play("Flat64", num_computers=1)
    client.step(2)
    client.observe()  # takes the report of the game's own first camera move
    client.seat.camera_xy = (44.0, 44.0)
    for unit_type, x, y in ((SCV, 40.3, 44.1), (SCV, 47.9, 41.7), (BARRACKS, 44.5, 50.5)):
        client.create_units(unit_type, 1, x, y)
    return client


def interface(client, size):
    return interface_lib.resolve(clients.options((size, size), (size, size)),
                                 client.seat.world.game_map)


def pixels_of(client, unit):
    """Every pixel at 64 that selects a unit."""
    frame = client.seat.interface.screen
    return [(x, y) for x in range(64) for y in range(64) if frame.covers(
        client.seat.camera_xy, (unit.x, unit.y, unit.radius), (x, y, x, y))]


@pytest.mark.parametrize("unit_type", [SCV, BARRACKS])
def test_a_click_on_a_unit_meets_it_in_the_pixels_of_every_viewer(client, unit_type):
    moved = 0
    for unit in [one for one in client.seat.world.units.values() if one.unit_type == unit_type]:
        for pixel in pixels_of(client, unit):
            client.seat.selection.deselect(client.seat.selection.tags)
            client.act(clients.select_point(*pixel))
            assert client.seat.selection.tags == [unit.tag]
            executed = client.seat.executed[-1]
            for size in SIZES:
                viewed = interface(client, size)
                shown = echo.for_viewer(executed, client.seat.interface, viewed)
                point = shown.action_feature_layer.unit_selection_point.selection_screen_coord
                assert viewed.screen.covers(executed.camera_xy, executed.met,
                                            (point.x, point.y, point.x, point.y))
                plain = tuple(int((part + 0.5) * size / 64) for part in pixel)
                moved += (point.x, point.y) != plain
    # Workers are smaller than a coarse pixel, barracks are shown in many.
    assert moved > 10 if unit_type == SCV else moved < 100


def test_a_click_on_the_ground_stays_where_it_was(client):
    client.act(clients.select_point(3, 60))
    executed = client.seat.executed[-1]
    assert executed.met is None
    shown = echo.for_viewer(executed, client.seat.interface, interface(client, 32))
    point = shown.action_feature_layer.unit_selection_point.selection_screen_coord
    assert (point.x, point.y) == (1, 30)


def test_a_unit_at_the_edge_is_met_within_the_screen(client):
    """Where only its rim is on the screen, the nearest pixel there is must do."""
    wide, narrow = interface(client, 64), interface(client, 16)
    action = clients.select_point(0, 20)
    executed = seat.Executed(action, (44.0, 44.0), met=(31.0, 48.0, 1.8))
    shown = echo.for_viewer(executed, wide, narrow)
    point = shown.action_feature_layer.unit_selection_point.selection_screen_coord
    assert (point.x, point.y) == (0, 5)
