"""The panel of the selection: what a structure makes, whom a carrier carries, and the rest."""

import pytest
from s2clientprotocol import debug_pb2

from minisc2.game import orders, unit_data
from tests.minisc2.api import clients

TRAIN_MARINE, RESEARCH_STIM, MORPH_ORBITAL = 560, 730, 1516


@pytest.fixture
def client():
    client = clients.Client().play("Simple64", num_computers=1)
    client.debug(game_state=debug_pb2.all_resources)
    return client


def add(client, name, xy=(44.5, 48.5), **values):
    return client.seat.world.create_unit(unit_data.id_of(name), 1, xy, **values)


def panel(client, *selected):
    """The observation's user interface while these units are selected."""
    client.seat.selection.select([unit.tag for unit in selected])
    return client.observe().observation.ui_data


def test_a_queue_of_marines(client):
    barracks = add(client, "Barracks")
    assert panel(client, barracks).HasField("single")
    for _ in range(2):
        client.seat.world.order(1, [barracks.tag], TRAIN_MARINE)
    client.step(101)  # the first begins in the first loop
    production = panel(client, barracks).production
    share = pytest.approx(100 / unit_data.get(48).build_time)
    assert production.unit.unit_type == barracks.unit_type
    assert [(one.ability_id, one.build_progress) for one in production.production_queue] == [
        (TRAIN_MARINE, share), (TRAIN_MARINE, 0)]
    assert [(one.unit_type, one.build_progress, one.max_health)
            for one in production.build_queue] == [(48, share, 45), (48, 0, 45)]
    client.step(10)  # and it goes on while nothing else changes
    assert panel(client, barracks).production.production_queue[0].build_progress > 100 / 400


def test_research_and_a_morph(client):
    lab = add(client, "BarracksTechLab", (47.0, 48.0))
    client.seat.world.order(1, [lab.tag], RESEARCH_STIM)
    hall = next(unit for unit in client.seat.world.owned(1)
                if unit.type.name == "CommandCenter")
    add(client, "Barracks", (40.5, 44.5))
    client.seat.world.order(1, [hall.tag], MORPH_ORBITAL)
    client.step(5)
    production = panel(client, lab).production
    assert [one.ability_id for one in production.production_queue] == [RESEARCH_STIM]
    assert not production.build_queue
    (orbital,) = panel(client, hall).production.build_queue
    assert unit_data.get(orbital.unit_type).name == "OrbitalCommand"
    assert orbital.build_progress > 0


def test_a_flying_structure_with_orders_makes_nothing(client):
    barracks = add(client, "BarracksFlying")
    client.seat.world.order(1, [barracks.tag], orders.MOVE, (40.0, 40.0))
    assert panel(client, barracks).HasField("single")


def test_passengers(client):
    bunker = add(client, "Bunker")
    assert panel(client, bunker).HasField("single")
    bunker.cargo += [add(client, "Marine", (40.0, 40.0), health=30.0),
                     add(client, "Marauder", (40.0, 42.0))]
    cargo = panel(client, bunker).cargo
    assert cargo.slots_available == 1 and cargo.unit.transport_slots_taken == 3
    assert [(one.unit_type, one.health, one.transport_slots_taken) for one in cargo.passengers] == [
        (48, 30, 1), (51, 125, 2)]


def test_construction_and_add_ons(client):
    barracks = add(client, "Barracks", build_progress=0.25)
    assert panel(client, barracks).single.unit.build_progress == 0.25
    barracks.build_progress = 1.0
    lab = add(client, "BarracksTechLab", (47.0, 48.0))
    barracks.add_on_tag = lab.tag
    single = panel(client, barracks).single.unit
    assert not single.HasField("build_progress") and single.add_on.unit_type == lab.unit_type


def test_several_units(client):
    marines = [add(client, "Marine", (40.0, 40.0 + y)) for y in range(3)]
    ui = panel(client, *marines)
    assert [unit.unit_type for unit in ui.multi.units] == [48] * 3
    assert not ui.HasField("single")
