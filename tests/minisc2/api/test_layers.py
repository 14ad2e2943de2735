"""Values of every feature layer for units placed by hand, at several sizes, and both encodings."""

import numpy as np
import pytest
from s2clientprotocol import debug_pb2, sc2api_pb2

from minisc2.api import observation
from minisc2.game import unit_data
from tests.minisc2.api import clients

MARINE, ROACH, ZEALOT, PYLON, BEACON = 48, 110, 73, 60, 317
SIZES = [((64, 64), (64, 64)), ((84, 60), (40, 24)), ((30, 50), (16, 33))]


def flat_game(screen=(64, 64), minimap=(64, 64), **options):
    """A game on Flat64 with the camera in the empty middle of the map."""
    client = clients.Client().play("Flat64", interface=clients.options(screen, minimap, **options),
                                   num_computers=1)
    client.seat.camera_xy = (44.0, 44.0)
    return client


def unit_at(client, x, y):
    return min(client.seat.world.units.values(), key=lambda unit: unit.distance_to(x, y))


@pytest.mark.parametrize(("screen", "minimap"), SIZES)
def test_screen_layers_of_units_placed_by_hand(screen, minimap):
    client = flat_game(screen, minimap)
    client.create_units(MARINE, 1, 44, 44)
    client.create_units(ROACH, 2, 48, 46)
    client.create_units(ZEALOT, 0, 40, 42)
    marine, roach, zealot = (unit_at(client, *xy) for xy in ((44, 44), (48, 46), (40, 42)))
    roach.health, zealot.shield, zealot.energy, zealot.energy_max = 72.5, 10.0, 40.0, 100.0
    zealot.build_progress, marine.is_hallucination = 0.5, True
    marine.buffs.append(27)
    client.seat.selection.select([marine.tag])
    client.act(clients.command_quick(18))  # hold position: a unit with orders is active
    seen = client.observe()
    expected = {
        "unit_type": (MARINE, ROACH, ZEALOT), "player_id": (1, 2, 16),
        "player_relative": (1, 4, 3), "selected": (1, 0, 0),
        "unit_hit_points": (45, 72, 100), "unit_hit_points_ratio": (255, 127, 255),
        "unit_shields": (0, 0, 10), "unit_shields_ratio": (0, 0, 51),
        "unit_energy": (0, 0, 40), "unit_energy_ratio": (0, 0, 102),
        "unit_density": (1, 1, 1), "visibility_map": (2, 2, 2), "hallucinations": (1, 0, 0),
        "cloaked": (0, 0, 0), "active": (1, 0, 0), "buffs": (27, 0, 0),
        "build_progress": (0, 0, 127), "pathable": (1, 1, 1), "creep": (0, 0, 0)}
    frame = client.seat.interface.screen
    for name, values in expected.items():
        image = clients.screen(seen, name)
        assert image.shape == (screen[1], screen[0])
        for unit, value in zip((marine, roach, zealot), values, strict=True):
            x, y = frame.world_to_screen((44.0, 44.0), (unit.x, unit.y))
            assert image[int(y), int(x)] == value, (name, unit)
    types = clients.screen(seen, "unit_type")
    assert set(np.unique(types)) == {0, MARINE, ROACH, ZEALOT}
    assert np.array_equal(types != 0, clients.screen(seen, "unit_density") != 0)
    # The sums of the anti-aliased density approximate the areas of the three circles.
    area = sum(np.pi * (unit.radius * frame.scale) ** 2 for unit in (marine, roach, zealot))
    assert clients.screen(seen, "unit_density_aa").sum() == pytest.approx(16 * area, rel=0.15)


@pytest.mark.parametrize(("screen", "minimap"), SIZES)
@pytest.mark.parametrize("is_cropped", [False, True])
def test_minimap_layers(screen, minimap, is_cropped):
    interface = clients.options(screen, minimap)
    interface.feature_layer.crop_to_playable_area = is_cropped
    interface.feature_layer.allow_cheating_layers = is_cropped
    client = clients.Client().play("Flat64", interface=interface, num_computers=1)
    client.create_units(MARINE, 1, 44, 44)
    marine = unit_at(client, 44, 44)
    client.seat.selection.select([marine.tag])
    seen = client.observe()
    x0, y0, x1, y1 = client.seat.world.game_map.playable if is_cropped else (0, 0, 88, 88)
    scale = min(minimap[0] / (x1 - x0), minimap[1] / (y1 - y0))
    column, row = int((marine.x - x0) * scale), int((y1 - marine.y) * scale)
    expected = {"player_id": 1, "player_relative": 1, "selected": 1, "visibility_map": 2,
                "pathable": 1, "unit_type": MARINE if is_cropped else 0, "alerts": 0, "creep": 0}
    for name, value in expected.items():
        image = clients.minimap(seen, name)
        assert image.shape == (minimap[1], minimap[0])
        assert image[row, column] == value, name
    camera = clients.minimap(seen, "camera")
    frame = client.seat.interface.minimap
    left, bottom, right, top = client.seat.interface.view(client.seat.camera_xy)
    (px0, py0), (px1, py1) = (frame.world_to_minimap(xy) for xy in ((left, top), (right, bottom)))
    rows, columns = np.nonzero(camera)
    assert rows.min() == max(0, int(py0)) and rows.max() == min(minimap[1], int(py1)) - 1
    assert columns.min() == max(0, int(px0)) and columns.max() == min(minimap[0], int(px1)) - 1
    beyond = (np.arange(minimap[1])[:, None] + 0.5) / scale > y1 - y0
    assert not (clients.minimap(seen, "height_map") * beyond).any()


def test_small_units_are_drawn_over_large_ones():
    client = flat_game()
    client.create_units(MARINE, 1, 44, 44)
    client.create_units(BEACON, 0, 44, 44)
    types = clients.screen(client.observe(), "unit_type")
    assert (types == MARINE).sum() == 9
    radius = int(unit_data.get(BEACON).radius * 64 / 24)
    rows, columns = np.nonzero(types == BEACON)
    assert (rows.min(), rows.max()) == (columns.min(), columns.max()) == (32 - radius, 32 + radius)
    assert clients.screen(client.observe(), "unit_density").max() == 2


def test_power_and_effects():
    client = flat_game()
    client.create_units(PYLON, 1, 44, 44)
    seen = client.observe()
    power = clients.screen(seen, "power")
    # Radius 6.5 at 64/24 pixels a unit is 17 whole pixels.
    rows, columns = np.nonzero(power)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (15, 49, 15, 49)
    source = seen.observation.raw_data.player.power_sources[0]
    assert (source.pos.x, source.pos.y, source.radius) == (44, 44, 6.5)


def test_selected_layer_is_empty_without_a_selection_and_of_nobody_elses_units():
    client = flat_game()
    client.create_units(MARINE, 1, 44, 44)
    assert not clients.screen(client.observe(), "selected").any()


def test_a_pixel_outside_the_map_is_zero():
    client = flat_game()
    client.seat.camera_xy = (0.0, 0.0)
    seen = client.observe()
    for name in ("height_map", "visibility_map", "pathable", "buildable"):
        assert not clients.screen(seen, name)[:, :31].any()
        assert not clients.screen(seen, name)[33:].any()
    assert clients.screen(seen, "height_map")[:32, 32:].all()


@pytest.mark.parametrize("interface", [
    clients.options(), clients.options((84, 60), (40, 24), raw=False),
    clients.options((17, 31), (9, 64), score=False, show_cloaked=True),
    clients.options(None), clients.options((64, 64), raw_crop_to_playable_area=True)])
@pytest.mark.parametrize("map_name", ["MoveToBeacon", "DefeatRoaches", "Simple64"])
def test_bytes_and_messages_hold_the_same(map_name, interface):
    def play(as_bytes):
        client = clients.Client().play(map_name, interface=interface,
                                       num_computers=int(map_name == "Simple64"))
        client.debug(create_unit=debug_pb2.DebugCreateUnit(unit_type=76, owner=1, quantity=2))
        client.seat.selection.select_army(add=False)
        seen = []
        for count in (1, 8, 40, 100):
            if interface.HasField("feature_layer"):
                client.act(clients.command_screen(23, 9, 9), clients.group(2, 3))
            client.step(count)
            request = sc2api_pb2.Request(observation=sc2api_pb2.RequestObservation())
            data = (client.server.handle_bytes(request.SerializeToString()) if as_bytes
                    else client.server.handle(request).SerializeToString())
            seen.append(sc2api_pb2.Response.FromString(data))
        return seen

    for fast, plain in zip(play(True), play(False), strict=True):
        assert fast == plain


@pytest.mark.parametrize(("screen", "minimap"), SIZES)
def test_what_is_kept_is_what_would_be_made_anew(screen, minimap):
    rng = np.random.default_rng(3)
    client = flat_game(screen, minimap)
    world, seat = client.seat.world, client.seat
    kinds = [MARINE, ROACH, ZEALOT, PYLON, BEACON, 136, 341]
    for _ in range(150):
        what, xy = rng.integers(10), (float(rng.uniform(34, 54)), float(rng.uniform(34, 54)))
        living = list(world.units.values())
        if what == 0:
            world.create_unit(int(rng.choice(kinds)), int(rng.choice([1, 2, 16])), xy,
                              cloak=int(rng.choice([0, 0, 0, 1])))
        elif what == 1 and len(living) > 40:
            world.kill_unit(living[int(rng.integers(len(living)))])
        elif what == 2:
            seat.camera_xy = (xy[0] - rng.uniform(0, 20), xy[1])
        elif what == 3:
            seat.selection.select([unit.tag for unit in living if rng.random() < 0.2])
        elif what == 4:
            seat.alert_points.append((world.loop, xy))
        elif what == 5:
            seat.alert_points.clear()
        elif what == 6 and living:
            unit = world.units.get(seat.selection.tags[0] if seat.selection.tags else 0, living[-1])
            world.set_position(unit, xy)
            unit.health = float(rng.uniform(1, 90))
        elif what == 7:
            seat.selection.set_group(int(rng.integers(10)), append=False, steal=True)
        elif what == 8:
            seat.player.minerals += 5
            seat.player.score.killed_minerals.army += 5
        elif what == 9 and living:  # what stands still has another look, too
            unit = living[int(rng.integers(len(living)))]
            unit.buffs = rng.permutation([1, 2, 3])[:2].tolist()
            unit.energy = float(rng.integers(0, 50))
        request = sc2api_pb2.Request(observation=sc2api_pb2.RequestObservation())
        kept = sc2api_pb2.Response.FromString(
            client.server.handle_bytes(request.SerializeToString())).observation
        fresh = observation.Observer(seat, seat.interface).observe()
        assert kept.observation == fresh.observation
    assert len(world.units) > 12


def test_every_layer_of_the_protocol_is_drawn():
    seen = clients.Client().play().observe().observation.feature_layer_data
    for message in (seen.renders, seen.minimap_renders):
        assert len(message.ListFields()) == len(message.DESCRIPTOR.fields)


def test_observer_is_the_only_reader_of_what_is_reported_once():
    client = clients.Client().play()
    client.act(clients.group(2, 1))
    client.step(1)
    observer: observation.Observer = client.server._observer
    assert len(observer.observe().actions) == 1
    assert len(observer.observe().actions) == 0


def test_rgb_images_show_units_where_they_are():
    interface = clients.options()
    interface.render.resolution.x, interface.render.resolution.y = 96, 60
    interface.render.minimap_resolution.x, interface.render.minimap_resolution.y = 32, 48
    client = clients.Client().play("Flat64", interface=interface, num_computers=1,
                                   disable_fog=True)
    assert client.ask(game_info=sc2api_pb2.RequestGameInfo()).options == interface
    client.seat.camera_xy = (44.0, 44.0)
    before = client.observe().observation.render_data
    client.create_units(MARINE, 1, 44, 44)
    after = client.observe().observation.render_data
    for name, size in (("map", (60, 96, 3)), ("minimap", (48, 32, 3))):
        old, new = (np.frombuffer(getattr(one, name).data, np.uint8).reshape(size)
                    for one in (before, after))
        assert getattr(after, name).bits_per_pixel == 24
        changed = np.argwhere((old != new).any(axis=-1))
        assert 1 <= len(changed) <= 9 * 9
