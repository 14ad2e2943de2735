"""What clicks mean, mixed groups, queues, and commands that are refused with the right reason."""

import pytest
from s2clientprotocol import error_pb2

from tests.minisc2.terran import stage as stage_lib

MOVE, ATTACK, GATHER, RETURN, REPAIR, SCAN_MOVE, PATROL, HOLD = 16, 23, 295, 296, 316, 19, 17, 18


def _orders(stage: stage_lib.Stage, tag: int) -> list[tuple[int, int]]:
    """(ability, tag of the target or 0) of a unit's orders."""
    return [(one.ability_id, one.target_unit_tag) for one in stage.by_tag(tag).orders]


def test_a_right_click_means_what_the_target_is_for(stage: stage_lib.Stage) -> None:
    worker, marine = stage.create("SCV", 40, 40), stage.create("Marine", 40, 44)
    field = stage.create("MineralField", 48, 40.5, owner=16)
    geyser = stage.create("VespeneGeyser", 42.5, 36.5, owner=16)
    enemy = stage.create("Probe", 47, 45, owner=2)
    depot, bunker = stage.create("SupplyDepot", 36, 48), stage.create("Bunker", 44.5, 50.5)
    stage.value(bunker.tag, life=300)
    bunker = stage.by_tag(bunker.tag)
    for unit, target, expected in (
            (worker, field, GATHER), (worker, geyser, MOVE), (worker, enemy, ATTACK),
            (worker, depot, MOVE), (worker, bunker, REPAIR), (marine, field, MOVE),
            (marine, enemy, ATTACK), (marine, depot, MOVE), (marine, bunker, MOVE)):
        stage.use("Smart", unit, target)
        assert _orders(stage, unit.tag) == [(expected, target.tag)]
        stage.use("Stop", unit)
    stage.use("Smart", marine, (44.0, 40.0))
    (order,) = stage.by_tag(marine.tag).orders
    assert order.ability_id == MOVE
    assert order.target_world_space_pos.x == pytest.approx(44, abs=.6)


def test_the_minimap_takes_commands(screen: stage_lib.Stage) -> None:
    marine = screen.create("Marine", 44, 44)
    screen.select(marine)
    for name, ability_id in (("Smart", MOVE), ("Move", MOVE), ("Attack", ATTACK),
                             ("Patrol", PATROL)):
        screen.do(f"{name}_minimap", "now", screen.minimap_pixel(60, 20))
        (order,) = screen.by_tag(marine.tag).orders
        assert order.ability_id == ability_id
        assert order.target_world_space_pos.x == pytest.approx(60, abs=1.4)
        assert order.target_world_space_pos.y == pytest.approx(20, abs=1.4)
        assert screen.told()[0].function.name == f"{name}_minimap"


def test_commands_queue_and_replace(stage: stage_lib.Stage) -> None:
    marine = stage.create("Marine", 44, 44)
    for number in range(8):
        stage.use("Move", marine, (38.0 + 1.5 * number, 36.0), queued=number > 0)
    assert len(_orders(stage, marine.tag)) == 8
    stage.use("HoldPosition", marine)
    assert _orders(stage, marine.tag) == [(HOLD, 0)]
    stage.use("Attack", marine, (50.0, 50.0))
    stage.use("Patrol", marine, (40.0, 50.0), queued=True)
    assert [one for one, _ in _orders(stage, marine.tag)] == [ATTACK, PATROL]
    stage.use("Stop", marine)
    assert not _orders(stage, marine.tag)


def test_a_mixed_group_does_what_each_can(screen: stage_lib.Stage) -> None:
    marine, medivac = screen.create("Marine", 40, 44), screen.create("Medivac", 44, 44)
    worker, tank = screen.create("SCV", 48, 44), screen.create("SiegeTank", 44, 40)
    field = screen.create("MineralField", 50, 50.5, owner=16)
    screen.do("select_rect", "select", screen.pixel(36, 48), screen.pixel(52, 38))
    screen.call("Attack_screen", marine.tag, (44.0, 52.0))
    assert not screen.errors()
    assert [_orders(screen, one.tag)[0][0] for one in (marine, medivac, worker, tank)] == [
        ATTACK, SCAN_MOVE, ATTACK, ATTACK]
    screen.call("Smart_screen", marine.tag, field)
    assert _orders(screen, worker.tag) == [(GATHER, field.tag)]
    assert [_orders(screen, one.tag)[0][0] for one in (marine, medivac, tank)] == [MOVE] * 3
    screen.do("Morph_SiegeMode_quick", "now")
    assert not screen.errors()
    assert screen.told()[0].function.name == "Morph_SiegeMode_quick"
    assert _orders(screen, worker.tag) == [(GATHER, field.tag)]
    (action,) = screen.response.actions
    assert list(action.action_raw.unit_command.unit_tags) == [tank.tag]


def test_only_one_of_several_builds(screen: stage_lib.Stage) -> None:
    screen.rich()
    workers = [screen.create("SCV", 40 + 2 * number, 44) for number in range(3)]
    screen.do("select_idle_worker", "select_all")
    screen.call("Build_SupplyDepot_screen", workers[0].tag, (44.0, 48.0))
    assert sum(bool(_orders(screen, one.tag)) for one in workers) == 1
    before = screen.money
    screen.wait(100)
    assert screen.money == (before[0] - 100, before[1])


def test_one_of_several_structures_trains(screen: stage_lib.Stage) -> None:
    screen.rich()
    barracks = [screen.create("Barracks", x, 44.5) for x in (40.5, 46.5)]
    screen.do("select_rect", "select", screen.pixel(38, 46), screen.pixel(49, 43))
    before = screen.money
    for number in (1, 2, 3):
        screen.do("Train_Marine_quick", "now")
        queues = sorted(len(_orders(screen, one.tag)) for one in barracks)
        assert queues == [number // 2, number - number // 2]
    assert screen.money == (before[0] - 150, before[1])


@pytest.mark.parametrize(("xy", "reason"), [
    ((48.0, 44.0), error_pb2.CantBuildLocationInvalid),  # a depot stands there
    ((10.0, 10.0), error_pb2.CantBuildLocationInvalid)])  # beyond the playable area
def test_blocked_sites_are_refused(stage: stage_lib.Stage, xy: tuple[float, float], reason: int
                                   ) -> None:
    stage.rich()
    worker = stage.create("SCV", 40, 40)
    stage.create("SupplyDepot", 48, 44)
    if xy[0] < 33:
        if not stage.is_raw:
            stage.select(worker)
            stage.do("select_control_group", "set", 1)
            stage.look_at(20, 20)
            stage.do("select_control_group", "recall", 1)
    elif not stage.is_raw:
        stage.select(worker)
    name = "Build_SupplyDepot_pt" if stage.is_raw else "Build_SupplyDepot_screen"
    stage.call(name, worker.tag, xy)
    assert stage.errors() == [reason]
    assert not stage.told()
    assert list(stage.observation.action_result) == [reason]


def test_refusals_give_their_reason(stage: stage_lib.Stage) -> None:
    barracks = stage.create("Barracks", 44.5, 44.5)
    worker = stage.create("SCV", 40, 40)

    def refusal(ability_id: int, tag: int, xy: tuple[float, float] | None = None) -> list[int]:
        stage.order(ability_id, tag, xy)
        return stage.errors()

    reaper, marauder, marine, barracks_id, refinery, depot = 561, 563, 560, 321, 320, 319
    assert refusal(reaper, barracks.tag) == [error_pb2.NotEnoughVespene]
    assert refusal(depot, worker.tag, (50.0, 50.0)) == [error_pb2.NotEnoughMinerals]
    stage.debug(game_state=stage_lib.debug_pb2.all_resources)
    stage.wait(1)
    assert refusal(marauder, barracks.tag) == [error_pb2.TechRequirementsNotMet]
    assert refusal(barracks_id, worker.tag, (50.0, 50.0)) == [
        error_pb2.BuildTechRequirementsNotMet]
    assert refusal(refinery, worker.tag, (50.0, 50.0)) == [error_pb2.CantBuildLocationInvalid]
    for _ in range(5):
        assert not refusal(marine, barracks.tag)
    assert refusal(marine, barracks.tag) == [error_pb2.QueueIsFull]
    stage.create("Marine", 40, 48, count=20)
    other = stage.create("Barracks", 50.5, 38.5)
    assert refusal(marine, other.tag) == [error_pb2.NotEnoughFood]
    assert refusal(GATHER, worker.tag, (50.0, 50.0)) == [error_pb2.MustTargetResources]
    assert refusal(388, worker.tag) == [error_pb2.NotSupported]
