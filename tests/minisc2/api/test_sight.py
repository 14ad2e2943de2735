"""Fog, memory and cloaks: what each player is told about units."""

import numpy as np
from s2clientprotocol import debug_pb2, raw_pb2

from minisc2.api import sight
from minisc2.game import units
from tests.minisc2.api import clients

MARINE, BARRACKS, DARK_TEMPLAR, RAVEN, MINERALS = 48, 21, 76, 56, 341
BARRACKS_FLYING = 46


def game(**options):
    client = clients.Client().play("Flat64", interface=clients.options(**options), num_computers=1)
    client.debug(game_state=debug_pb2.god)
    return client


def shown(client, unit_type, owner=2, **request):
    return [unit for unit in client.observe(**request).observation.raw_data.units
            if unit.unit_type == unit_type and unit.owner == owner]


def newest(client, unit_type):
    return [unit for unit in client.seat.world.units.values() if unit.unit_type == unit_type][-1]


def test_units_out_of_sight_are_not_told():
    client = game()
    client.create_units(MARINE, 2, 44, 44)
    assert not shown(client, MARINE)
    client.create_units(MARINE, 1, 44, 50)
    (marine,) = shown(client, MARINE)
    assert (marine.display_type, marine.alliance, marine.health) == (
        raw_pb2.Visible, raw_pb2.Enemy, 45)
    assert not marine.orders and not marine.HasField("weapon_cooldown")  # the owner's business


def test_disable_fog_lists_hidden_units():
    client = game()
    client.create_units(MARINE, 2, 44, 44)
    (marine,) = shown(client, MARINE, disable_fog=True)
    assert (marine.display_type, marine.cloak, marine.is_active) == (
        raw_pb2.Hidden, raw_pb2.CloakedUnknown, False)
    assert not marine.HasField("health")


def test_a_game_without_fog_shows_everything():
    client = clients.Client().play("Flat64", num_computers=1, disable_fog=True)
    client.create_units(MARINE, 2, 44, 44)
    (marine,) = shown(client, MARINE)
    assert marine.display_type == raw_pb2.Visible
    assert (clients.minimap(client.observe(), "visibility_map")[:60] == 2).all()


def test_structures_are_remembered_until_their_place_is_seen_empty():
    client = game()
    client.create_units(BARRACKS, 2, 44, 44)
    assert not shown(client, BARRACKS)
    client.create_units(MARINE, 1, 44, 50)
    assert shown(client, BARRACKS)[0].display_type == raw_pb2.Visible
    scout = newest(client, MARINE)
    client.seat.world.set_position(scout, (20, 68))
    (barracks,) = shown(client, BARRACKS)
    assert barracks.display_type == raw_pb2.Snapshot
    assert not barracks.HasField("health") and barracks.cloak == raw_pb2.CloakedUnknown
    assert (barracks.pos.x, barracks.pos.y) == (44, 44)
    client.seat.camera_xy = (44.0, 44.0)
    seen = client.observe()
    assert (clients.screen(seen, "unit_type") == BARRACKS).any()
    assert not clients.screen(seen, "unit_hit_points").any()
    client.seat.world.kill_unit(newest(client, BARRACKS))
    assert shown(client, BARRACKS)  # nobody has looked since
    client.seat.world.set_position(scout, (44, 50))
    assert not shown(client, BARRACKS)


def test_what_was_seen_between_two_observations_is_remembered():
    client = game()
    world = client.seat.world
    client.create_units(MARINE, 1, 20, 68)
    scout = newest(client, MARINE)
    for _ in range(2):  # the second time on ground that was explored before
        client.create_units(BARRACKS, 2, 44, 44)
        barracks = newest(client, BARRACKS)
        assert not shown(client, BARRACKS)
        world.set_position(scout, (44, 50))
        world.set_position(scout, (20, 68))
        (remembered,) = shown(client, BARRACKS)
        assert remembered.display_type == raw_pb2.Snapshot
        world.kill_unit(barracks)
        assert shown(client, BARRACKS)
        world.set_position(scout, (44, 50))
        world.set_position(scout, (20, 68))
        assert not shown(client, BARRACKS)


def test_a_memory_does_not_change_with_what_it_is_of():
    client = game()
    world = client.seat.world
    client.create_units(BARRACKS, 2, 44, 44)
    client.create_units(MARINE, 1, 44, 50)
    barracks, scout = newest(client, BARRACKS), newest(client, MARINE)
    barracks.build_progress = 0.25
    assert shown(client, BARRACKS)[0].display_type == raw_pb2.Visible
    world.set_position(scout, (20, 68))
    assert shown(client, BARRACKS)[0].display_type == raw_pb2.Snapshot
    barracks.build_progress = 1.0
    world.change_type(barracks, BARRACKS_FLYING)
    (remembered,) = shown(client, BARRACKS)
    assert remembered.build_progress == 0.25 and not shown(client, BARRACKS_FLYING)
    world.set_position(barracks, (68, 20))
    world.set_position(scout, (44, 50))
    assert not shown(client, BARRACKS)


class PlainMemory:
    """What player 1 sees and remembers, found by looking at everybody each time."""

    def __init__(self, world):
        self.snapshots = {unit.tag: unit.cell for unit in world.units.values()
                          if unit.owner == 16 and sight.is_remembered(unit.unit_type)}
        self.standing = set()

    def seen(self, world, fresh):
        others = [unit for unit in world.units.values() if unit.owner != 1]
        in_sight = {unit.tag for unit in others if world.can_see(1, unit)}
        looked_at = fresh | (world.visibility(1) == 2)
        still = {unit.tag: unit for unit in others if sight.is_remembered(unit.unit_type)}
        for tag, (column, row) in list(self.snapshots.items()):
            is_gone = tag not in still or still[tag].cell != (column, row)
            if tag in in_sight or (is_gone and looked_at[row, column]):
                del self.snapshots[tag]
        for tag, unit in still.items():
            column, row = unit.cell
            if tag not in in_sight and (tag in self.standing or (
                    fresh[row, column] and unit.cloak == units.NOT_CLOAKED)):
                self.snapshots[tag] = unit.cell
        self.standing = in_sight & still.keys()
        own = {unit.tag for unit in world.units.values() if unit.owner == 1}
        return sorted([(tag, raw_pb2.Visible) for tag in in_sight | own]
                      + [(tag, raw_pb2.Snapshot) for tag in self.snapshots])


def test_what_is_seen_is_what_a_look_at_everybody_finds(monkeypatch):
    rng = np.random.default_rng(8)
    client = game()
    world = client.seat.world
    world.take_fresh_sight(1)
    plain, memory = PlainMemory(world), sight.Memory(world, 1)
    kinds, num_remembered = [MARINE, BARRACKS, BARRACKS_FLYING, RAVEN], 0
    for _ in range(300):
        what, xy = rng.integers(8), (float(rng.uniform(12, 76)), float(rng.uniform(12, 76)))
        unit = list(world.units.values())[int(rng.integers(len(world.units)))]
        if what == 0 and len(world.units) < 40:
            world.create_unit(int(rng.choice(kinds)), int(rng.choice([1, 2])), xy)
        elif what == 1 and unit.owner != 1:
            world.kill_unit(unit)
        elif what == 2 and unit.unit_type in (BARRACKS, BARRACKS_FLYING):
            world.change_type(unit, BARRACKS + BARRACKS_FLYING - unit.unit_type)
        elif what == 3:
            for unit in world.units.values():
                if unit.unit_type == MARINE:
                    unit.cloak = 4 - unit.cloak  # no change that the world counts
        elif unit.owner != 16:
            world.set_position(unit, xy)
        fresh = world._sights[1].take_fresh()
        monkeypatch.setattr(world, "take_fresh_sight", lambda player_id, fresh=fresh: fresh)
        memory.update(world, world.visibility(1))
        seen = sight.units_seen(world, 1, memory, False, False)
        expected = plain.seen(world, fresh)
        assert sorted((one.unit.tag, one.display) for one in seen) == expected
        assert all((one.cloak == raw_pb2.NotCloaked) == (one.unit.cloak == units.NOT_CLOAKED)
                   for one in seen if one.display == raw_pb2.Visible)
        num_remembered += any(one.unit.owner == 2 and one.display == raw_pb2.Snapshot
                              for one in seen)
    assert num_remembered > 100


def test_a_flying_structure_leaves_no_memory():
    client = game()
    world = client.seat.world
    client.create_units(BARRACKS, 2, 44, 44)
    client.create_units(MARINE, 1, 44, 50)
    barracks, scout = newest(client, BARRACKS), newest(client, MARINE)
    world.change_type(barracks, BARRACKS_FLYING)
    assert shown(client, BARRACKS_FLYING)
    world.set_position(scout, (20, 68))
    assert not shown(client, BARRACKS_FLYING) and not shown(client, BARRACKS)


def test_resources_are_known_from_the_start():
    client = game()
    minerals = shown(client, MINERALS, owner=16)
    assert {unit.display_type for unit in minerals} == {raw_pb2.Visible, raw_pb2.Snapshot}
    far = [unit for unit in minerals if unit.display_type == raw_pb2.Snapshot]
    assert all(not unit.HasField("mineral_contents") for unit in far)


def cloaked_game(show_cloaked):
    client = game(show_cloaked=show_cloaked)
    client.seat.camera_xy = (44.0, 44.0)
    client.create_units(MARINE, 1, 44, 50)
    client.create_units(DARK_TEMPLAR, 2, 44, 44)
    newest(client, DARK_TEMPLAR).cloak = raw_pb2.Cloaked
    return client


def test_cloaked_units_are_hidden_unless_asked_for():
    assert not shown(cloaked_game(show_cloaked=False), DARK_TEMPLAR)
    client = cloaked_game(show_cloaked=True)
    (templar,) = shown(client, DARK_TEMPLAR)
    assert (templar.display_type, templar.cloak) == (raw_pb2.Hidden, raw_pb2.Cloaked)
    assert not templar.HasField("health")
    seen = client.observe()
    cloaked = clients.screen(seen, "cloaked")
    assert cloaked.any()
    assert (clients.screen(seen, "unit_type")[cloaked == 1] == DARK_TEMPLAR).all()
    for name in ("unit_hit_points", "unit_shields", "active"):
        assert not clients.screen(seen, name)[cloaked == 1].any()


def test_a_detector_shows_cloaked_units():
    for show_cloaked in (False, True):
        client = cloaked_game(show_cloaked)
        client.create_units(RAVEN, 1, 42, 44)
        (templar,) = shown(client, DARK_TEMPLAR)
        assert (templar.display_type, templar.cloak) == (
            raw_pb2.Visible, raw_pb2.CloakedDetected)
        seen = client.observe()
        assert np.array_equal(clients.screen(seen, "unit_type") == DARK_TEMPLAR,
                              clients.screen(seen, "cloaked") == 1)


def test_ones_own_cloaked_units_are_allied():
    client = game()
    client.create_units(DARK_TEMPLAR, 1, 44, 44)
    newest(client, DARK_TEMPLAR).cloak = raw_pb2.Cloaked
    (templar,) = shown(client, DARK_TEMPLAR, owner=1)
    assert (templar.display_type, templar.cloak) == (raw_pb2.Visible, raw_pb2.CloakedAllied)


def test_scenery_is_remembered_by_its_name():
    assert sight.is_remembered(BARRACKS) and sight.is_remembered(MINERALS)
    assert not sight.is_remembered(MARINE)


def test_on_screen_units_touch_the_screen():
    client = game()
    client.seat.camera_xy = (44.0, 44.0)
    for x in (44 + 12.3, 44 + 12.5):  # a Marine's radius is 0.375
        client.create_units(MARINE, 1, x, 44)
    flags = {round(unit.pos.x, 1): unit.is_on_screen for unit in shown(client, MARINE, owner=1)}
    assert flags[56.3] is True
    assert not all(flags.values())
