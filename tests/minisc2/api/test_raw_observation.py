"""Raw units: every field by known values, and which fields there are for which units."""

import lzma
import pickle

import pytest
from google.protobuf import message as protobuf_message
from s2clientprotocol import debug_pb2, raw_pb2

from minisc2.game import effects, orders, unit_data, units, upgrade_data
from tests.minisc2.api import clients, recorded

TRAIN_MARINE = 560


def game(**options):
    """A game on Simple64 with raw units only, for the player below and to the right."""
    client = clients.Client().play("Simple64", num_computers=1,
                                   interface=clients.options(None, **options))
    client.debug(game_state=debug_pb2.all_resources)
    return client


def add(client, name, owner=1, xy=(44.0, 48.0), **values):
    return client.seat.world.create_unit(unit_data.id_of(name), owner, xy, **values)


def raw(client, unit=None, **request):
    """The raw observation, or a unit's message in it."""
    message = client.observe(**request).observation.raw_data
    if unit is None:
        return message
    (found,) = [one for one in message.units if one.tag == unit.tag]
    return found


def own(client, name):
    return next(unit for unit in client.seat.world.owned(1) if unit.type.name == name)


def test_place_and_look_of_a_unit():
    client = game()
    marine = add(client, "Marine", facing=1.25)
    message = raw(client, marine)
    assert (message.pos.x, message.pos.y, message.pos.z) == pytest.approx(
        (marine.x, marine.y, marine.z))
    assert message.facing == 1.25 and message.radius == 0.375
    assert (message.display_type, message.alliance, message.owner, message.cloak) == (
        raw_pb2.Visible, raw_pb2.Self, 1, raw_pb2.NotCloaked)
    assert (message.health, message.health_max, message.build_progress) == (45, 45, 1)


def test_positions_are_those_of_the_cropped_map():
    client = game(raw_crop_to_playable_area=True)
    marine = add(client, "Marine")
    message = raw(client, marine)
    assert (message.pos.x, message.pos.y) == pytest.approx((marine.x - 12, marine.y - 12))


def test_a_unit_that_moved_is_written_anew():
    client = game()
    marine = add(client, "Marine")
    raw(client, marine)
    client.seat.world.set_position(marine, (40.25, 44.5))
    marine.health = 12.5
    message = raw(client, marine)
    assert (message.pos.x, message.pos.y, message.health) == (40.25, 44.5, 12.5)


def test_orders_and_their_targets():
    client = game()
    marine = add(client, "Marine")
    field = next(unit for unit in client.seat.world.units.values() if unit.type.has_minerals)
    scv = own(client, "SCV")
    world = client.seat.world
    world.order(1, [marine.tag], orders.MOVE, (50.5, 40.0))
    world.order(1, [marine.tag], orders.ATTACK, (51.5, 41.0), queued=True)
    world.order(1, [scv.tag], 295, field)
    move, scan = raw(client, marine).orders
    assert (move.ability_id, move.target_world_space_pos.x) == (orders.MOVE, 50.5)
    assert (scan.ability_id, scan.target_world_space_pos.y) == (orders.ATTACK, 41.0)
    (gather,) = raw(client, scv).orders
    assert (gather.ability_id, gather.target_unit_tag) == (295, field.tag)
    assert not gather.HasField("progress") and not gather.HasField("target_world_space_pos")


def test_progress_of_training():
    client = game()
    barracks = add(client, "Barracks")
    assert not raw(client, barracks).is_active
    client.seat.world.order(1, [barracks.tag], TRAIN_MARINE)
    client.step(101)  # it begins in the first
    message = raw(client, barracks)
    game_loops = unit_data.get(48).build_time
    assert message.is_active and message.orders[0].ability_id == TRAIN_MARINE
    assert message.orders[0].progress == pytest.approx(100 / game_loops)


def test_weapon_cooldown_counts_down():
    client = game()
    marine = add(client, "Marine")
    assert raw(client, marine).weapon_cooldown == 0
    marine.weapon_ready_loop = client.seat.world.loop + 5.5
    assert raw(client, marine).weapon_cooldown == 5.5
    client.step(2)
    assert raw(client, marine).weapon_cooldown == 3.5


def test_harvesters_of_town_halls_and_refineries():
    client = game()
    world = client.seat.world
    hall = own(client, "CommandCenter")
    workers = [unit for unit in world.owned(1) if unit.type.is_worker]
    world.order(1, [unit.tag for unit in workers], orders.STOP)
    message = raw(client, hall)
    assert (message.assigned_harvesters, message.ideal_harvesters) == (0, 16)  # eight fields
    fields = sorted((unit for unit in world.units.values() if unit.type.has_minerals),
                    key=lambda unit: unit.distance_to(hall.x, hall.y))
    world.order(1, [unit.tag for unit in workers[:5]], 295, fields[0])
    client.step(1)  # a worker counts from its next game loop on
    assert raw(client, hall).assigned_harvesters == 5
    geyser = min((unit for unit in world.units.values() if unit.type.has_vespene),
                 key=lambda unit: unit.distance_to(hall.x, hall.y))
    refinery = add(client, "Refinery", xy=(geyser.x, geyser.y), vespene_contents=2250)
    world.order(1, [unit.tag for unit in workers[5:7]], 295, refinery)
    client.step(1)
    message = raw(client, refinery)
    assert (message.assigned_harvesters, message.ideal_harvesters) == (2, 3)
    assert message.vespene_contents == 2250
    assert raw(client, fields[0]).mineral_contents == fields[0].mineral_contents


def test_rally_points_add_ons_and_cargo():
    client = game()
    barracks = add(client, "Barracks", xy=(40.5, 48.5))
    field = next(unit for unit in client.seat.world.units.values() if unit.type.has_minerals)
    barracks.rally = [(30.0, 40.0)]
    (target,) = raw(client, barracks).rally_targets
    assert (target.point.x, target.point.y, target.HasField("tag")) == (30, 40, False)
    barracks.rally = [field]
    (target,) = raw(client, barracks).rally_targets
    assert (target.point.x, target.tag) == (field.x, field.tag)
    lab = add(client, "BarracksTechLab", xy=(43.0, 48.0))
    barracks.add_on_tag = lab.tag
    assert raw(client, barracks).add_on_tag == lab.tag
    bunker = add(client, "Bunker", xy=(50.5, 50.5))
    message = raw(client, bunker)
    assert (message.cargo_space_taken, message.cargo_space_max) == (0, 4)
    marine = add(client, "Marine", health=30.0)
    bunker.cargo.append(marine)
    message = raw(client, bunker)
    assert (message.cargo_space_taken, message.cargo_space_max) == (1, 4)
    assert (message.passengers[0].tag, message.passengers[0].health) == (marine.tag, 30)


def test_buffs_and_what_is_left_of_them():
    client = game()
    marine = add(client, "Marine")
    loop = client.seat.world.loop
    marine.buffs, marine.buff_ends = [27], {27: loop + 90}
    message = raw(client, marine)
    assert (list(message.buff_ids), message.buff_duration_remain) == ([27], 90)
    client.seat.world.loop += 10
    assert raw(client, marine).buff_duration_remain == 80
    marine.buffs, marine.buff_ends = [], {}
    message = raw(client, marine)
    assert not message.buff_ids and not message.buff_duration_remain


def test_enemies_do_not_tell_what_they_are_up_to():
    client = game()
    add(client, "Marine", xy=(44.0, 50.0))
    marauder = add(client, "Marauder", owner=2, xy=(44.0, 54.0))
    marauder.buffs, marauder.buff_ends = [24], {24: 999}
    marauder.weapon_ready_loop = 50.0
    client.seat.world.order(2, [marauder.tag], orders.MOVE, (40.0, 60.0))
    message = raw(client, marauder)
    assert message.alliance == raw_pb2.Enemy and list(message.buff_ids) == [24]
    assert message.is_active and not message.orders
    for name in ("weapon_cooldown", "engaged_target_tag", "assigned_harvesters",
                 "buff_duration_remain"):
        assert not message.HasField(name), name


def test_upgrade_levels_and_ranges():
    client = game()
    world = client.seat.world
    marine = add(client, "Marine")
    world.add_upgrade(1, upgrade_data.id_of("TerranInfantryWeaponsLevel1"))
    assert raw(client, marine).attack_upgrade_level == 1
    turret = add(client, "MissileTurret", xy=(40, 48))
    assert raw(client, turret).detect_range == 11
    tower = add(client, "SensorTower", xy=(46.5, 44.5))
    assert raw(client, tower).radar_range == 30
    (ring,) = raw(client).radar
    assert (ring.pos.x, ring.pos.y, ring.radius) == (46.5, 44.5, 30)
    assert not raw(client, marine).HasField("radar_range")


def test_radar_tells_that_something_is_there_and_not_what():
    client = game()
    add(client, "SensorTower", xy=(44.5, 48.5))
    marine = add(client, "Marine", owner=2, xy=(44.0, 66.0))
    message = raw(client, marine)
    assert message.is_blip and message.display_type == raw_pb2.Hidden
    assert message.unit_type == 0 and not message.HasField("health")
    add(client, "Marine", xy=(44.0, 62.0))
    message = raw(client, marine)
    assert not message.is_blip and message.unit_type == 48


def test_effects_in_sight_are_told_with_their_owner():
    client = game()
    world = client.seat.world
    add(client, "Marine")
    unseen = world.players[2].start_xy
    for owner, xy in ((2, (44.0, 48.0)), (2, unseen), (1, (60.0, 70.0))):
        effects.show(world, effects.Effect(effects.SCANNER_SWEEP, owner, 13.0, [xy]))
    told = [(one.effect_id, one.owner, one.alliance, one.radius, one.pos[0].x)
            for one in raw(client).effects]
    assert told == [(6, 2, raw_pb2.Enemy, 13, 44), (6, 1, raw_pb2.Self, 13, 60)]


def field_names(message: protobuf_message.Message) -> set[str]:
    return {field.name for field, _ in message.ListFields()}


@pytest.mark.parametrize("name", ["MineralField", "VespeneGeyser", "CommandCenter", "SCV"])
def test_fields_are_those_that_the_real_game_sets(name):
    with lzma.open(recorded.path("observations/raw/AutomatonLE.xz")) as file:
        real = pickle.load(file)[2].observation.raw_data
    client = game()
    ours = raw(client)
    for display in (raw_pb2.Visible, raw_pb2.Snapshot):
        told, expected = (
            [field_names(unit) for unit in message.units if unit.display_type == display
             and kind_of(unit) == name] for message in (ours, real))
        if expected:
            # Orders and rally points depend on what the units are told.
            assert told[0] - {"orders", "rally_targets"} == expected[0] - {
                "orders", "rally_targets"}


def kind_of(unit: raw_pb2.Unit) -> str:
    kind = unit_data.get(unit.unit_type)
    if kind.has_minerals:
        return "MineralField"
    return "VespeneGeyser" if kind.has_vespene and unit.owner == units.NEUTRAL_OWNER else kind.name
