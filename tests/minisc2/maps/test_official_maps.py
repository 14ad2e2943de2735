"""Numbers of the mini-games against the official map files, where those are at hand."""

import os
import pathlib
import re
from xml.etree import ElementTree

import mpyq
import pytest

from minisc2 import maps
from minisc2.game import players, unit_data, units
from minisc2.game import world as world_lib
from minisc2.maps import economy_game, find_and_defeat_zerglings, skirmish

MAPS = pathlib.Path(os.environ.get(
    "SHARED_DATA", pathlib.Path(__file__).resolve().parents[4] / "shared" / "data")) / "minigames"
NAMES = ("MoveToBeacon", "CollectMineralShards", "DefeatRoaches", "DefeatZerglingsAndBanelings",
         "FindAndDefeatZerglings", "CollectMineralsAndGas", "BuildMarines")

pytestmark = pytest.mark.skipif(
    not MAPS.is_dir(), reason=f"the official mini-game maps are not in {MAPS}")


def _read(name, part):
    return mpyq.MPQArchive(str(MAPS / f"{name}.SC2Map")).read_file(part)


def _quads(name, region_id):
    region = ElementTree.fromstring(_read(name, "Regions")).find(f"region[@id='{region_id}']")
    return [tuple(map(float, quad.get("value").split(","))) for quad in region.iter("quad")]


def _corners(rectangle):
    return rectangle.x0, rectangle.y0, rectangle.x1, rectangle.y1


@pytest.mark.parametrize("name", NAMES)
def test_playable_area_and_timer(name):
    game_map = maps.get(name)
    (area,) = _quads(name, 1)
    assert _corners(game_map.playable_region) == pytest.approx(area)
    assert game_map.playable == tuple(map(round, area))
    script = _read(name, "MapScript.galaxy").decode()
    seconds = re.search(r"TimerStart\(gv_episodeCountdownTimer, ([\d.]+|gv_\w+)", script).group(1)
    if seconds == "gv_episodeTimeSec":
        seconds = re.search(r"gv_episodeTimeSec = (\d+)", script).group(1)
    assert game_map.timer_seconds == float(seconds)
    assert game_map.is_one_screen == ("VisRevealArea(1, RegionFromId(1), 0.0" in script)
    assert game_map.is_one_screen == ("CameraLockInput(1, true)" in script)


@pytest.mark.parametrize("name", NAMES)
def test_the_ground_is_flat(name):
    cliff_levels = _read(name, "t3SyncCliffLevel")[-2 * 64 * 64:]
    assert len(set(cliff_levels[::2])) == len(set(cliff_levels[1::2])) == 1


@pytest.mark.parametrize("name", ["DefeatRoaches", "DefeatZerglingsAndBanelings"])
def test_where_waves_appear(name):
    assert _quads(name, 4) == [pytest.approx(_corners(skirmish.SPAWN_LEFT))]
    assert _quads(name, 5) == [pytest.approx(_corners(skirmish.SPAWN_RIGHT))]


def test_where_zerglings_appear():
    tree = ElementTree.fromstring(_read("FindAndDefeatZerglings", "Regions"))
    outer, inner = find_and_defeat_zerglings.SPAWN_OUTER, find_and_defeat_zerglings.SPAWN_INNER
    assert _quads("FindAndDefeatZerglings", 3) == [_corners(outer.rectangle)]
    radii = {region_id: [float(circle.get("value"))
                         for circle in tree.find(f"region[@id='{region_id}']").iter("radius")]
             for region_id in (3, 4)}
    assert radii == {3: [outer.hole_radius], 4: [inner.outer_radius, inner.inner_radius]}


@pytest.mark.parametrize("name", ["CollectMineralsAndGas", "BuildMarines"])
def test_where_resources_lie(name):
    tree = ElementTree.fromstring(_read(name, "Objects"))
    expected = sorted(
        (placed.get("UnitType"), *map(float, placed.get("Position").split(",")[:2]))
        for placed in tree.iter("ObjectUnit"))
    world = world_lib.World(maps.get(name), (players.PlayerSetup(1, unit_data.TERRAN),), 1)
    assert sorted((unit.type.name, unit.x, unit.y) for unit in world.units.values()
                  if unit.owner == units.NEUTRAL_OWNER) == expected
    point = tree.find("ObjectPoint[@Name='Command Center']").get("Position").split(",")
    assert economy_game.COMMAND_CENTER_POINT == (float(point[0]), float(point[1]))
