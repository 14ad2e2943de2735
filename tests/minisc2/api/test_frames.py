"""Pixels to the world and back, by the rules of pysc2's transforms."""

import numpy as np
import pytest

from minisc2.api import frames

SIZES = [(64, 64), (32, 32), (84, 63), (16, 40), (1, 1), (7, 3)]
CAMERA = (33.25, 25.5)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("camera_width", [24.0, 10.5])
def test_screen_pixels_survive_the_way_to_the_world_and_back(size, camera_width):
    frame = frames.ScreenFrame(*size, camera_width)
    for x in range(size[0]):
        for y in range(size[1]):
            back = frame.world_to_screen(CAMERA, frame.screen_to_world(CAMERA, (x, y)))
            assert back == pytest.approx((x + 0.5, y + 0.5))


def test_screen_coordinates_are_those_of_pysc2():
    # world_to_world_tl, then relative to the camera, then scale and shift by half the screen.
    frame = frames.ScreenFrame(64, 64, 24)
    assert frame.world_to_screen(CAMERA, CAMERA) == (32, 32)
    x, y = frame.world_to_screen(CAMERA, (CAMERA[0] - 12, CAMERA[1] + 12))
    assert (x, y) == pytest.approx((0, 0))  # upper left corner: y is upwards in the world


def test_a_screen_that_is_not_square_has_square_pixels():
    # pysc2 documents 64x48 at camera width 24 as 24 x 18 world units.
    frame = frames.ScreenFrame(64, 48, 24)
    assert frame.camera_height == 18
    assert frame.world_to_screen((0, 0), (12, 9)) == pytest.approx((64, 0))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("area", [(0, 0, 64, 64), (22, 20, 44, 36), (0, 0, 88, 96)])
def test_minimap_pixels_survive_the_way_to_the_world_and_back(size, area):
    frame = frames.MinimapFrame(*size, *area)
    for x in range(size[0]):
        for y in range(size[1]):
            back = frame.world_to_minimap(frame.minimap_to_world((x, y)))
            assert back == pytest.approx((x + 0.5, y + 0.5))


def test_minimap_puts_the_upper_left_corner_of_the_area_at_pixel_zero():
    frame = frames.MinimapFrame(64, 64, 22, 20, 44, 36)
    assert frame.world_to_minimap((22, 36)) == (0, 0)
    assert frame.scale == 64 / 22  # the longer side fills the minimap


@pytest.mark.parametrize(("size", "area"), [((64, 64), (0, 0, 64, 64)), ((40, 24), (0, 0, 88, 96)),
                                            ((24, 40), (22, 20, 44, 36))])
def test_minimap_cells_are_those_under_the_pixel_centres(size, area):
    frame = frames.MinimapFrame(*size, *area)
    map_size = (88, 96)
    indices, outside = frame.cells(map_size)
    for y in range(size[1]):
        for x in range(size[0]):
            world_x, world_y = frame.minimap_to_world((x, y))
            is_outside = not (area[0] <= world_x < area[2] and area[1] <= world_y < area[3])
            assert (outside is not None and outside[y, x]) == is_outside
            if not is_outside:
                assert indices[y, x] == int(world_y) * map_size[0] + int(world_x)


def test_screen_cells_mark_what_lies_outside_the_map():
    frame = frames.ScreenFrame(24, 24, 24)
    indices, outside = frame.cells((0, 0), (8, 8))
    # The camera is on the lower left corner: only the upper right quarter of the screen is map.
    expected = np.ones((24, 24), bool)
    expected[4:12, 12:20] = False
    assert np.array_equal(outside, expected)
    assert indices[11, 12] == 0 and indices[4, 19] == 7 * 8 + 7


def test_raw_coordinates_of_a_cropped_map_begin_at_zero():
    frame = frames.RawFrame((22, 20))
    assert frame.world_to_raw((23.5, 21)) == (1.5, 1)
    assert frame.raw_to_world(frame.world_to_raw((30, 31))) == (30, 31)
