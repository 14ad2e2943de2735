"""Debug commands that set the scene of a match."""

import pytest
from pysc2.lib import protocol
from s2clientprotocol import debug_pb2

from tests.minisc2.terran import stage as stage_lib


def test_nothing_costs_anything(stage: stage_lib.Stage) -> None:
    stage.debug(game_state=debug_pb2.free)
    barracks, before = stage.create("Barracks", 44.5, 44.5), stage.money
    stage.use("Train_Reaper", barracks)
    stage.use("Cancel_Last", barracks)
    assert stage.money == before
    stage.debug(game_state=debug_pb2.free)  # a second time switches it off
    stage.wait(1)
    assert not stage.can_use("Train_Reaper", barracks)


def test_the_whole_technology_is_there(stage: stage_lib.Stage) -> None:
    stage.rich()
    worker, barracks = stage.create("SCV", 44, 44), stage.create("Barracks", 40.5, 40.5)
    assert not stage.can_use("Train_Marauder", barracks)
    stage.debug(game_state=debug_pb2.tech_tree)
    stage.wait(1)
    stage.use("Train_Marauder", barracks)
    stage.use("Build_Armory", worker, (48.5, 44.5))
    assert stage.can_use("Effect_Stim", stage.create("Marine", 44, 40))


def test_abilities_need_not_cool_down(stage: stage_lib.Stage) -> None:
    medivac = stage.create("Medivac", 44, 44)
    stage.use("Effect_MedivacIgniteAfterburners", medivac)
    assert not stage.can_use("Effect_MedivacIgniteAfterburners", medivac)
    stage.debug(game_state=debug_pb2.cooldown)
    stage.wait(1)
    stage.use("Effect_MedivacIgniteAfterburners", medivac)


def test_everything_is_researched(stage: stage_lib.Stage) -> None:
    marine = stage.create("Marine", 44, 44)
    stage.debug(game_state=debug_pb2.upgrade)
    stage.wait(1)
    marine = stage.by_tag(marine.tag)
    assert (marine.attack_upgrade_level, marine.armor_upgrade_level, marine.health_max) == (
        3, 3, 55)


def test_what_is_not_served_is_named(stage: stage_lib.Stage) -> None:
    for state in (debug_pb2.fast_build, debug_pb2.control_enemy):
        name = debug_pb2.DebugGameState.Name(state)
        with pytest.raises(protocol.ProtocolError, match=f"{name} is not served"):
            stage.debug(game_state=state)


def test_queries_can_leave_costs_aside(stage: stage_lib.Stage) -> None:
    train_reaper, train_marauder = 561, 563
    barracks = stage.create("Barracks", 44.5, 44.5)
    assert train_reaper not in stage.abilities(barracks.tag)
    assert train_reaper in stage.abilities(barracks.tag, ignore_costs=True)
    assert train_marauder not in stage.abilities(barracks.tag, ignore_costs=True)


@pytest.mark.parametrize("is_lab_first", [True, False])
def test_what_is_made_side_by_side_belongs_together(stage: stage_lib.Stage, is_lab_first: bool
                                                    ) -> None:
    made = [("Barracks", 44.5, 44.5), ("TechLab", 47.0, 44.0)]
    for name, x, y in made[::-1] if is_lab_first else made:
        stage.debug(create_unit=debug_pb2.DebugCreateUnit(
            unit_type=stage_lib.type_id(name), owner=1, quantity=1,
            pos=stage_lib.point(x, y)))
    stage.wait(1)
    assert stage.one("Barracks").add_on_tag == stage.one("BarracksTechLab").tag
