"""Nothing of the enemy is known that was not seen: units, maps, score, deaths, building sites."""

import numpy as np
from s2clientprotocol import debug_pb2
from s2clientprotocol import sc2api_pb2 as sc_pb

from tests.minisc2.terran import stage as stage_lib

SITE, AWAY = (44.5, 48.5), (30.0, 25.0)


def _enemies(stage: stage_lib.Stage) -> list[tuple[int, int]]:
    """(unit type, display type) of every enemy in the raw observation, oldest first."""
    return [(one.unit_type, one.display_type)
            for one in stage.response.observation.raw_data.units
            if one.alliance == stage_lib.ENEMY]


def _num_on_minimap(stage: stage_lib.Stage) -> int:
    return int((np.asarray(stage.observation.feature_minimap.player_relative)
                == stage_lib.ENEMY).sum())


def _make_unseen(stage: stage_lib.Stage, name: str) -> None:
    stage.debug(create_unit=debug_pb2.DebugCreateUnit(
        unit_type=stage_lib.type_id(name), owner=2, quantity=1,
        pos=stage_lib.point(*SITE)))
    stage.wait(2)


def test_a_structure_is_remembered_as_it_was_seen(stage: stage_lib.Stage) -> None:
    assert not _enemies(stage) and not _num_on_minimap(stage)
    _make_unseen(stage, "Barracks")
    assert not _enemies(stage) and not _num_on_minimap(stage)
    barracks = stage_lib.type_id("Barracks")
    scout = stage.create("Medivac", 44, 42)
    assert _enemies(stage) == [(barracks, 1)]
    assert _num_on_minimap(stage)
    (shown,) = stage.all("Barracks", stage_lib.ENEMY)
    assert (shown.health, len(shown.orders)) == (1000, 0)
    stage.use("Move", scout, (44.0, 36.0))
    stage.use("Move", scout, AWAY, queued=True) if stage.is_raw else stage.do(
        "Move_minimap", "now", stage.minimap_pixel(*AWAY))
    stage.wait(160)
    assert _enemies(stage) == [(barracks, 2)]
    (shown,) = stage.all("Barracks", stage_lib.ENEMY)
    assert (shown.health, shown.health_max) == (0, 0)
    assert _num_on_minimap(stage)
    assert stage_lib.type_id("Barracks") in np.asarray(stage.observation.feature_screen.unit_type)
    stage.kill(shown.tag)
    assert _enemies(stage) == [(barracks, 2)]  # nobody saw it
    assert not stage.response.observation.raw_data.event.dead_units
    orbital = stage.create("OrbitalCommand", 36.5, 36.5)
    stage.use("Effect_Scan", orbital, (44.0, 48.0))
    stage.wait(2)
    assert not _enemies(stage) and not _num_on_minimap(stage)


def test_a_scan_shows_what_is_there_for_its_time(stage: stage_lib.Stage) -> None:
    _make_unseen(stage, "Probe")
    _make_unseen(stage, "DarkTemplar")
    assert not _enemies(stage)
    orbital = stage.create("OrbitalCommand", 36.5, 36.5)
    stage.use("Effect_Scan", orbital, (44.0, 48.0))
    stage.wait(2)
    probe, templar = stage_lib.type_id("Probe"), stage_lib.type_id("DarkTemplar")
    assert sorted(_enemies(stage)) == sorted([(probe, 1), (templar, 1)])
    assert stage.one("DarkTemplar", stage_lib.ENEMY).cloak == 2  # detected
    stage.wait(190)
    assert len(_enemies(stage)) == 2
    stage.wait(8)
    assert not _enemies(stage)


def test_deaths_and_score_tell_nothing_of_the_unseen(stage: stage_lib.Stage) -> None:
    before = stage.response.observation.score.SerializeToString()
    _make_unseen(stage, "Marine")
    marine = stage.create("Marine", *AWAY)
    seat_units = stage.controller.observe(disable_fog=True).observation.raw_data.units
    (unseen,) = [one.tag for one in seat_units
                 if one.alliance == stage_lib.ENEMY and one.unit_type == marine.unit_type]
    stage.kill(unseen)
    assert not stage.response.observation.raw_data.event.dead_units
    stage.kill(marine.tag)
    assert list(stage.response.observation.raw_data.event.dead_units) == [marine.tag]
    after = sc_pb.Observation(score=stage.response.observation.score)
    killed = after.score.score_details.killed_value_units
    assert killed == 0
    assert before != stage.response.observation.score.SerializeToString()  # the own Marine counts


def test_resources_in_the_fog_can_be_sent_for(stage: stage_lib.Stage) -> None:
    worker = stage.create("SCV", 44, 44)
    field = max(stage.all("MineralField", stage_lib.NEUTRAL),
                key=lambda one: (one.display_type, one.pos.x))
    assert field.display_type == 2
    if stage.is_raw:
        stage.use("Harvest_Gather", worker, field)
    else:
        stage.select(worker)
        stage.do("select_control_group", "set", 1)
        stage.look_at(field.pos.x, field.pos.y)
        stage.do("select_control_group", "recall", 1)
        stage.call("Smart_screen", worker.tag, field)
    (order,) = stage.by_tag(worker.tag).orders
    target = stage.by_tag(order.target_unit_tag)  # it may take the field beside it
    assert (order.ability_id, target.display_type) == (295, 2)
    assert abs(target.pos.x - field.pos.x) + abs(target.pos.y - field.pos.y) < 15


def test_an_unseen_structure_is_found_in_the_way_on_arrival(stage: stage_lib.Stage) -> None:
    stage.rich()
    _make_unseen(stage, "Barracks")
    worker = stage.create("SCV", 44, 37)
    stage.use("Build_SupplyDepot", worker, (44.0, 49.0))
    before = stage.money
    found = []
    for _ in range(60):
        stage.wait(4)
        found += stage.errors()
    assert found == [44]  # cannot build there
    assert stage.money == before
    assert not stage.by_tag(worker.tag).orders
