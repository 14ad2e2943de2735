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


def test_discs_of_structures_have_as_many_pixels_as_in_the_real_game():
    # Agents written for the real game count structures on 84x84 pixels by these numbers (Steven
    # Brown's pysc2 tutorials, 2017): a supply depot has 69, a barracks 137.
    scale = 84 / 24
    for name, num_pixels in (("SupplyDepot", 69), ("Barracks", 137)):
        radius = unit_data.get(unit_data.id_of(name)).radius * scale
        assert painted((40.3, 40.8), radius, 84, 84).sum() == num_pixels


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


@pytest.mark.parametrize("center", [(5, 3), (-300.5, 2), (5, 500)])
def test_large_discs_are_those_seen_through_a_small_window(center):
    for radius in (raster.LARGE + 1, 305, 4096):
        image = painted(center, radius, 11, 7)
        x, y = int(center[0]), int(center[1])
        rows, columns = np.mgrid[:7, :11]
        assert np.array_equal(
            image, (rows - y) ** 2 + (columns - x) ** 2 <= radius * radius + radius)


def plain_coverage(center, radius, width, height):
    """Counts the samples one by one."""
    image = np.zeros((height, width), int)
    for row in range(height):
        for column in range(width):
            image[row, column] = sum(
                (row + (i + 0.5) / 4 - center[1]) ** 2 + (column + (j + 0.5) / 4 - center[0]) ** 2
                <= radius * radius for i in range(4) for j in range(4))
    return image


def test_coverage_counts_samples_of_a_pixel():
    density = raster.Density(6, 4, 6)
    image = np.zeros((4, 6), np.uint8)
    density.update([(3, 2, 1.0)], image)  # a circle of radius 1 around a pixel corner
    # Of each of the 4 pixels the 4x4 samples at 1/8, 3/8, 5/8, 7/8 with x^2 + y^2 <= 1.
    expected = sum((i / 8) ** 2 + (j / 8) ** 2 <= 1 for i in (1, 3, 5, 7) for j in (1, 3, 5, 7))
    assert image[1:3, 2:4].tolist() == [[expected] * 2] * 2
    assert image.sum() == 4 * expected
    density.update([(3, 2, 1.0)] * 31, image)
    assert image.max() == 255  # it saturates, and does not wrap around
    density.update([], image)
    assert not image.any()


@pytest.mark.parametrize("center", [(-1, 2), (0.2, 0.1), (5.9, 3.9), (7, 2), (3, -1)])
def test_coverage_is_cut_at_the_edge(center):
    for radius in (0.3, 2.3, raster.LARGE + 0.5):
        image = np.zeros((4, 6), np.uint8)
        raster.Density(6, 4, 8).update([(*center, radius)], image)
        assert np.array_equal(image, plain_coverage(center, radius, 6, 4))


@pytest.mark.parametrize("num_circles", [2, 90])
def test_density_is_that_of_the_circles_there_are(num_circles):
    rng = np.random.default_rng(num_circles)
    density = raster.Density(12, 8, 20)
    image = np.zeros((8, 12), np.uint8)
    still, moving = [], []
    for turn in range(20):
        for circles in (still, moving) if turn % 3 == 0 else (moving,):
            circles[:] = [circle for circle in circles if rng.random() < 0.5]
            for _ in range(num_circles):
                x, y = float(rng.uniform(-3, 15)), float(rng.uniform(-3, 11))
                circles.append((x, y, (0.4, 1.0, 2.6, 4.8)[rng.integers(4)]))
        density.update(still + moving, image, len(still))
        if turn % 4 == 0:
            sums = sum(plain_coverage((x, y), radius, 12, 8) for x, y, radius in still + moving)
            assert np.array_equal(image, np.minimum(sums, 255))


def test_pixels_of_a_square():
    for side in (1, 2, 5):
        image = np.zeros((7, 11), int)
        image.ravel()[raster.square_offsets(side, 11) + 1 * 11 + 3] = 1
        assert image[1:1 + side, 3:3 + side].all() and image.sum() == side * side


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
    circles = []
    for unit in message.raw_data.units:
        center = frame.world_to_screen((camera.x, camera.y), (unit.pos.x, unit.pos.y))
        density[raster.disc_pixels(center, unit.radius * frame.scale, size.x, size.y)] += 1
        if max(abs(unit.pos.x - camera.x), abs(unit.pos.y - camera.y)) < 20:
            circles.append((*center, unit.radius * frame.scale))
    density_aa = np.zeros((size.y, size.x), np.uint8)
    raster.Density(size.x, size.y, 100).update(circles, density_aa)
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
