"""Alerts: what a player is told of what happened, once, however long the steps are."""

import dataclasses

import pytest
from s2clientprotocol import sc2api_pb2

from minisc2.api import alerts
from minisc2.game import events, unit_data, units
from tests.minisc2.api import clients

Kind = events.EventKind


def melee() -> clients.Client:
    return clients.Client().play("Flat64", num_computers=1)


def tell(client: clients.Client, *happened: events.Event) -> list[int]:
    """The alerts of the next observation when these things happened in a game loop."""
    world = client.seat.world
    world.events[:] = happened
    client.seat.after_step()
    return list(client.observe().observation.alerts)


def event(kind: events.EventKind, name: str, owner: int = 1, loop: int = 0,
          xy: tuple[float, float] = (0, 0)) -> events.Event:
    return events.Event(kind, loop, 1 << 40, unit_data.id_of(name), owner, xy)


@pytest.mark.parametrize(("kind", "name", "alert"), [
    (Kind.UNIT_TRAINED, "SCV", sc2api_pb2.TrainWorkerComplete),
    (Kind.UNIT_TRAINED, "Marine", sc2api_pb2.TrainUnitComplete),
    (Kind.STRUCTURE_FINISHED, "Barracks", sc2api_pb2.BuildingComplete),
    (Kind.ADD_ON_FINISHED, "BarracksTechLab", sc2api_pb2.AddOnComplete),
    (Kind.RESEARCH_FINISHED, "BarracksTechLab", sc2api_pb2.ResearchComplete),
    (Kind.MORPH_FINISHED, "OrbitalCommand", sc2api_pb2.MorphComplete),
    (Kind.UNIT_EXPIRED, "MULE", sc2api_pb2.MULEExpired),
    (Kind.RESOURCE_EXHAUSTED, "Refinery", sc2api_pb2.VespeneExhausted),
    (Kind.UNIT_ATTACKED, "SCV", sc2api_pb2.UnitUnderAttack),
    (Kind.UNIT_ATTACKED, "Barracks", sc2api_pb2.BuildingUnderAttack),
])
def test_the_owner_is_told_and_nobody_else(kind, name, alert):
    client = melee()
    assert tell(client, event(kind, name)) == [alert]
    assert not client.observe().observation.alerts  # once
    assert tell(client, event(kind, name, owner=2)) == []


@pytest.mark.parametrize(("kind", "name"), [
    (Kind.MORPH_FINISHED, "SiegeTankSieged"), (Kind.STRUCTURE_FINISHED, "FactoryReactor"),
    (Kind.UNIT_CREATED, "Marine"), (Kind.STRUCTURE_STARTED, "Barracks"),
    (Kind.UNIT_EXPIRED, "AutoTurret")])
def test_other_events_are_no_alerts(kind, name):
    assert tell(melee(), event(kind, name)) == []


def test_an_exhausted_mineral_field_is_told_to_the_base_beside_it():
    client = melee()
    center = next(one for one in client.seat.world.units.values()
                  if one.owner == 1 and one.is_structure)

    def alert_at(distance: float, player_id: int) -> int | None:
        return alerts.alert_of(
            event(Kind.RESOURCE_EXHAUSTED, "MineralField", units.NEUTRAL_OWNER,
                  xy=(center.x + distance, center.y)), client.seat.world, player_id)

    assert alert_at(7, 1) == sc2api_pb2.MineralsExhausted
    assert alert_at(11, 1) is None
    assert alert_at(7, 2) is None


def test_an_attack_is_told_again_only_when_the_first_alert_is_gone():
    attacks = [event(Kind.UNIT_ATTACKED, "SCV", loop=loop) for loop in (1, 20, 33, 34, 60, 70)]
    in_one_step, loop_by_loop = melee(), melee()
    # 34 and 70 are more than 32 loops after 1 and 34.
    assert tell(in_one_step, *attacks) == [sc2api_pb2.UnitUnderAttack] * 3
    told = [tell(loop_by_loop, one) for one in attacks]
    assert [len(one) for one in told] == [1, 0, 0, 1, 0, 1]


def test_failed_orders_are_told_to_the_owner():
    client = melee()
    world = client.seat.world
    own, other = (next(one for one in world.units.values() if one.owner == owner)
                  for owner in (1, 2))
    world.events.clear()
    world.failures[:] = [(own, 318, 2), (other, 318, 2)]
    client.seat.after_step()
    (error,) = client.observe().action_errors
    assert (error.unit_tag, error.ability_id, error.result) == (own.tag, 318, 2)


def test_what_nobody_asks_for_does_not_pile_up():
    client = melee()
    for _ in range(3):
        client.seat.world.events[:] = [
            dataclasses.replace(event(Kind.UNIT_DIED, "SCV"), seen_by=(1,))] * 900
        client.seat.after_step()
    assert len(client.observe().observation.raw_data.event.dead_units) == 1000
