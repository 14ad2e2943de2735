"""Which pixels a unit covers: by definition, and as in a recorded real observation."""

import numpy as np
import pytest

from minisc2.api import frames, images, raster, sight
from minisc2.game import unit_data
from tests.minisc2.api import clients, recorded


def painted(center, radius, width, height):
    image = np.zeros(width * height, int)
    image[raster.disc_pixels(center, radius, width, height)] = 1
    return image.reshape(height, width)


def test_small_discs():
    # r = 0 is a pixel, r = 1 a 3x3 block, r = 2 a 5x5 block without its corners.
    assert painted((5.2, 5.9), 0.9, 11, 11).sum() == 1
    assert painted((5.2, 5.9), 0.9, 11, 11)[5, 5] == 1
    assert painted((5.2, 5.9), 1.3, 11, 11).sum() == 9
    disc = painted((5, 5), 2, 11, 11)
    assert disc.sum() == 21 and disc[3, 3] == 0 and disc[3, 4] == 1


@pytest.mark.parametrize("center", [(0, 0), (10.9, 6.9), (-2.5, 3), (5, 9), (100, 3), (5, -100)])
@pytest.mark.parametrize("radius", [0, 1, 3.7])
def test_discs_are_cut_at_the_edge(center, radius):
    width, height = 11, 7
    image = painted(center, radius, width, height)
    x, y, r = int(center[0]), int(center[1]), int(radius)
    for row in range(height):
        for column in range(width):
            inside = (row - y) ** 2 + (column - x) ** 2 <= r * r + r
            assert image[row, column] == inside


def test_coverage_counts_samples_of_a_pixel():
    image = np.zeros((4, 6), np.uint16)
    raster.add_coverage(image, (3, 2), 1.0)  # a circle of radius 1 around a pixel corner
    # Of each of the 4 pixels the 4x4 samples at 1/8, 3/8, 5/8, 7/8 with x^2 + y^2 <= 1.
    expected = sum((i / 8) ** 2 + (j / 8) ** 2 <= 1 for i in (1, 3, 5, 7) for j in (1, 3, 5, 7))
    assert image[1:3, 2:4].tolist() == [[expected] * 2] * 2
    assert image.sum() == 4 * expected
    for _ in range(30):
        raster.add_coverage(image, (3, 2), 1.0)
    assert raster.saturated(image).max() == 255  # it saturates instead of wrapping around
    assert raster.saturated(image).dtype == np.uint8


@pytest.mark.parametrize("center", [(-3, 2), (0.2, 0.1), (5.9, 3.9), (90, 2), (3, -9)])
def test_coverage_is_cut_at_the_edge(center):
    large = np.zeros((40, 40), np.uint16)
    raster.add_coverage(large, (center[0] + 15, center[1] + 15), 2.3)
    small = np.zeros((4, 6), np.uint16)
    raster.add_coverage(small, center, 2.3)
    assert np.array_equal(small, large[15:19, 15:21])


@pytest.mark.parametrize("num_circles", [3, 90])
def test_redrawn_coverage_is_that_of_the_new_circles(num_circles):
    rng = np.random.default_rng(num_circles)

    def circles():
        some = [((rng.uniform(-3, 15), rng.uniform(-3, 11)), rng.uniform(0.2, 5))
                for _ in range(num_circles)]
        # Some stay as they are, and some are there several times.
        return some + old[::2] + some[:rng.integers(2)]

    image = np.zeros((8, 12), np.uint8)
    old = []
    for _ in range(20):
        new = circles()
        raster.redraw_coverage(image, old, new)
        sums = np.zeros((8, 12), np.uint16)
        for center, radius in new:
            raster.add_coverage(sums, center, radius)
        assert np.array_equal(image, np.minimum(sums, 255))
        old = new
    assert (sums > 255).any() == (num_circles > 15)
    raster.redraw_coverage(image, old, [])
    assert not image.any()


def test_pixels_of_a_square_are_cut_at_the_edge():
    for center, radius in (((5.5, 3.5), 1.6), ((0.2, 0.2), 3), ((10.9, 6.9), 2.2), ((30, 2), 1),
                           ((2, 30), 1), ((-9, -9), 2)):
        image, flat = np.zeros((7, 11), int), np.zeros(77, int)
        image[raster.minimap_square(center, radius)] = 1
        flat[raster.square_pixels(raster.square(center, radius), 11, 7)] = 1
        assert np.array_equal(image.ravel(), flat)


def test_minimap_squares():
    assert raster.minimap_square((5.5, 5.5), 0.1) == (slice(5, 6), slice(5, 6))
    assert raster.minimap_square((5.13, 5.87), 1.04) == (slice(5, 7), slice(4, 6))
    assert raster.minimap_square((0.2, 0.2), 1.9) == (slice(0, 2), slice(0, 2))


def test_screen_of_a_recorded_observation():
    message = recorded.observation().observation
    real = message.feature_layer_data.renders
    size = real.unit_type.size
    frame = frames.ScreenFrame(size.x, size.y, 24)
    camera = message.raw_data.player.camera
    density = np.zeros(size.x * size.y, np.uint8)
    density_aa = np.zeros((size.y, size.x), np.uint16)
    for unit in message.raw_data.units:
        center = frame.world_to_screen((camera.x, camera.y), (unit.pos.x, unit.pos.y))
        density[raster.disc_pixels(center, unit.radius * frame.scale, size.x, size.y)] += 1
        raster.add_coverage(density_aa, center, unit.radius * frame.scale)
    assert density_aa.sum() > 30_000  # two large rocks are in view
    assert np.array_equal(density_aa, clients.layer(real.unit_density_aa))
    assert np.array_equal(density.reshape(size.y, size.x), clients.layer(real.unit_density))


def test_minimap_of_a_recorded_observation():
    message = recorded.observation().observation
    real = message.feature_layer_data.minimap_renders
    size = real.player_id.size
    visibility = clients.layer(message.raw_data.map_state.visibility)
    map_height, map_width = visibility.shape
    frame = frames.MinimapFrame(size.x, size.y, 0, 0, map_width, map_height)
    owners = np.zeros((size.y, size.x), int)
    for unit in message.raw_data.units:
        if not unit_data.get(unit.unit_type).name.startswith(sight.SCENERY_PREFIXES):
            owners[raster.minimap_square(
                frame.world_to_minimap((unit.pos.x, unit.pos.y)),
                unit.radius * frame.scale)] = unit.owner
    assert (owners > 0).sum() == 241
    assert np.array_equal(owners, clients.layer(real.player_id))
    indices, outside = frame.cells((map_width, map_height))
    assert outside is None
    # This recording is older than 4.10: its raw grids have the top row first.
    assert np.array_equal(visibility[::-1].ravel()[indices], clients.layer(real.visibility_map))


def test_bits_per_pixel_of_a_recorded_observation():
    layers = recorded.observation().observation.feature_layer_data
    for message, bits in ((layers.renders, images.SCREEN_BITS),
                          (layers.minimap_renders, images.MINIMAP_BITS)):
        present = message.ListFields()
        assert len(present) >= 9
        for field, image in present:
            assert image.bits_per_pixel == bits[field.name], field.name
