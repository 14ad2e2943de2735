"""Layers kept as a serialized message: as protobuf writes it, and painted by plain loops."""

import numpy as np
import pytest
from s2clientprotocol import spatial_pb2

from minisc2.api import canvas, images
from tests.minisc2.api import clients

WIDTH, HEIGHT = 7, 5


def screen_canvas():
    return canvas.Canvas(spatial_pb2.FeatureLayers, images.SCREEN_BITS, WIDTH, HEIGHT)


def test_data_is_what_protobuf_writes():
    layers = screen_canvas()
    image = np.arange(35).reshape(HEIGHT, WIDTH) % 3
    for name, bits in images.SCREEN_BITS.items():
        if name != "creep":
            layers.put(name, images.pack(image, bits))
    message = layers.to_message()
    assert spatial_pb2.FeatureLayers.FromString(bytes(layers.data)) == message
    assert np.array_equal(clients.layer(message.unit_type), image)
    assert np.array_equal(clients.layer(message.power), image != 0)
    assert not clients.layer(message.creep).any()


def test_an_array_is_put_as_its_bytes_are():
    layers = screen_canvas()
    layers.put("height_map", np.arange(35, dtype=np.uint8).reshape(HEIGHT, WIDTH))
    assert clients.layer(layers.to_message().height_map).ravel().tolist() == list(range(35))
    with pytest.raises(ValueError, match="broadcast"):
        layers.put("height_map", b"123")


MARGIN = 6


def stamp(shape, row):
    """Pixels (dx, dy) of a shape that is named by them, as offsets from its place."""
    return np.array([dy * row + dx for dx, dy in shape], np.intp)


def random_shape(rng):
    pixels = rng.integers(-3, 4, (int(rng.integers(1, 9)), 2))
    return tuple(dict.fromkeys((int(dx), int(dy)) for dx, dy in pixels))


def test_painting_units_is_painting_them_one_after_the_other():
    rng = np.random.default_rng(5)
    names = ("unit_type", "selected", "player_id", "active", "unit_hit_points", "cloaked")
    limits = (2000, 2, 17, 2, 70_000, 2)
    layers = screen_canvas()
    painter = canvas.UnitPainter(layers, names, (WIDTH, HEIGHT), MARGIN, stamp)
    centers, shapes, rows = [], [], []
    for turn in range(400):
        if rng.random() < 0.7:
            centers = [(int(rng.integers(-2, WIDTH + 2)), int(rng.integers(-2, HEIGHT + 2)))
                       for _ in range(int(rng.integers(5)))]
            shapes = [random_shape(rng) for _ in centers]
        if rng.random() < 0.7 or len(rows) != len(centers):
            rows = [tuple(int(rng.integers(limit)) for limit in limits) for _ in centers]
        if turn % 5 == 4:
            painter.forget_looks()
        looks = [painter.look(row) for row in rows]
        painter.paint([y * painter.row + x + painter.origin for x, y in centers], shapes, looks,
                      int(rng.integers(len(centers) + 1)))
        painter.count("unit_density")
        message = layers.to_message()
        expected = np.zeros((len(names), HEIGHT, WIDTH), int)
        counts = np.zeros((HEIGHT, WIDTH), int)
        for (x, y), shape, row in zip(centers, shapes, rows, strict=True):
            for dx, dy in shape:
                if 0 <= x + dx < WIDTH and 0 <= y + dy < HEIGHT:
                    expected[:, y + dy, x + dx] = row
                    counts[y + dy, x + dx] += 1
        for column, name in enumerate(names):
            assert np.array_equal(clients.layer(getattr(message, name)), expected[column]), name
        assert np.array_equal(clients.layer(message.unit_density), counts)
    assert not clients.layer(message.height_map).any()


def test_looks_are_numbered_until_there_are_many():
    painter = canvas.UnitPainter(screen_canvas(), ("unit_hit_points",), (WIDTH, HEIGHT), 0, stamp)
    numbers = [painter.look((value,)) for value in (7, 8, 7)]
    assert numbers[0] == numbers[2] != numbers[1] and 0 not in numbers
    assert not painter.has_many_looks
    for value in range(5000):
        painter.look((value,))
    assert painter.has_many_looks
    painter.paint([0], [((0, 0),)], [painter.look((4999,))])
    painter.forget_looks()
    assert not painter.has_many_looks


def test_a_repeated_painting_changes_nothing():
    layers = screen_canvas()
    painter = canvas.UnitPainter(layers, ("unit_type",), (WIDTH, HEIGHT), 0, stamp)
    unit = [painter.origin], [((0, 0),)], [painter.look((48,))]
    assert painter.paint(*unit) and not painter.paint(*unit)
    assert painter.paint([], [], []) and not painter.paint([], [], [])
    assert not clients.layer(layers.to_message().unit_type).any()


def test_numbers_of_forgotten_looks_may_mean_something_else():
    layers = screen_canvas()
    painter = canvas.UnitPainter(layers, ("unit_type",), (WIDTH, HEIGHT), 0, stamp)
    for num_still in (0, 1):
        for value in (48, 51):
            painter.forget_looks()
            assert painter.paint([painter.origin], [((0, 0),)], [painter.look((value,))],
                                 num_still)
            assert clients.layer(layers.to_message().unit_type)[0, 0] == value
