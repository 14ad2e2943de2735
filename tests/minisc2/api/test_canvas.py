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


def test_painting_units_is_painting_them_one_after_the_other():
    rng = np.random.default_rng(5)
    names = ("unit_type", "selected", "player_id", "active", "unit_hit_points", "cloaked")
    limits = (2000, 2, 17, 2, 70_000, 2)
    layers = screen_canvas()
    painter = canvas.UnitPainter(layers, names, WIDTH * HEIGHT)
    places = pixels = rows = []
    for _ in range(300):
        if rng.random() < 0.7:
            num_units = int(rng.integers(5))
            pixels = [np.sort(rng.choice(35, int(rng.integers(1, 9)), replace=False))
                      for _ in range(num_units)]
            places = [tuple(one) for one in pixels]
        if rng.random() < 0.7 or len(rows) != len(pixels):
            rows = [tuple(int(rng.integers(limit)) for limit in limits) for _ in pixels]
        painter.paint(places, pixels, rows)
        message = layers.to_message()
        for column, name in enumerate(names):
            expected = np.zeros(35, int)
            for one, row in zip(pixels, rows, strict=True):
                expected[one] = row[column]
            assert np.array_equal(clients.layer(getattr(message, name)).ravel(), expected), name
    assert not clients.layer(message.height_map).any()
