"""How strong groups of soldiers are."""

import math

import pytest

from minisc2.ai import forces
from minisc2.game import unit_data, upgrade_data
from tests.minisc2.ai import matches


def put(world, name, xy=(32.0, 32.0), owner=1, **values):
    return world.create_unit(unit_data.id_of(name), owner, xy, **values)


def test_strength_of_a_marine_is_the_root_of_its_damage_and_life():
    world = matches.match((0, 0), map_name="Flat64")
    marine = put(world, "Marine")
    # 6 damage every 0.61 seconds of 22.4 loops; 45 life.
    loops = marine.ground_weapon.cooldown_game_loops
    assert loops == pytest.approx(0.61 * 22.4, abs=0.2)
    assert forces.force([marine]) == pytest.approx(math.sqrt(6 / loops * 45))
    assert forces.force([marine] * 7) == pytest.approx(7 * forces.force([marine]))


def test_wounds_and_upgrades_count():
    world = matches.match((0, 0), map_name="Flat64")
    whole, wounded = put(world, "Marine"), put(world, "Marine", (34.0, 32.0), health=11.25)
    assert forces.force([wounded]) == pytest.approx(0.5 * forces.force([whole]))  # root of 1/4
    before = forces.force([whole])
    world.add_upgrade(1, upgrade_data.id_of("TerranInfantryWeaponsLevel1"))
    assert forces.force([whole]) == pytest.approx(before * math.sqrt(7 / 6))


def test_siege_mode_is_stronger_and_structures_have_no_strength():
    world = matches.match((0, 0), map_name="Flat64")
    tank, sieged = put(world, "SiegeTank"), put(world, "SiegeTankSieged", (36.0, 32.0))
    assert forces.force([sieged]) > forces.force([tank]) > forces.force([put(world, "Marine")])
    assert forces.force([put(world, "Barracks", (20.5, 20.5))]) == 0
    assert forces.force([put(world, "Medivac")]) > 0
    assert forces.force([]) == 0


def test_the_center_is_where_somebody_stands():
    world = matches.match((0, 0), map_name="Flat64")
    soldiers = [put(world, "Marine", xy) for xy in ((30.0, 30.0), (31.0, 30.0), (60.0, 30.0))]
    # The mean is at x = 40.3, where nobody is.
    assert forces.center(soldiers) == (31.0, 30.0)
