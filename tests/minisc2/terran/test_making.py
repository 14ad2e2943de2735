"""Everything Terran that is trained, built, researched or morphed, asked for as pysc2 asks for it.

Costs and times are those of the game's own tables (`ResponseData` of game 4.10), written down here
a second time: loops are those of 16 a second.
"""

import dataclasses

import pytest
from s2clientprotocol import sc2api_pb2 as sc_pb

from tests.minisc2.terran import stage as stage_lib

SITE = (44.0, 44.0)
SLACK = 3
"""Game loops from the action to the first loop of work, and from the last one to an observation."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One thing to be made.

    Attributes:
        maker: type of the unit that makes it.
        function: name of the function of the feature-layer interface, without `_quick`, `_screen`.
        product: type that is there afterwards, or the name of the upgrade's id in `upgrades`.
        cost: (minerals, vespene).
        loops: how long it takes.
        needs: what the player has to have.
        add_on: type of the maker's add-on.
        food: supply of the product.
        upgrade: stable id of what is researched.
        alert: that tells of its completion.
        cancel: function that takes it back, and the part of the cost that comes back.
    """

    maker: str
    function: str
    product: str
    cost: tuple[int, int]
    loops: int
    needs: tuple[str, ...] = ()
    add_on: str = ""
    food: int = 0
    upgrade: int = 0
    alert: int = 0
    cancel: tuple[str, float] | None = ("Cancel_Last_quick", 1.0)

    def __str__(self) -> str:
        return f"{self.maker}-{self.function}"


def _trained(maker: str, product: str, cost: tuple[int, int], food: int, loops: int,
             **values: object) -> Row:
    alert = sc_pb.TrainWorkerComplete if product == "SCV" else sc_pb.TrainUnitComplete
    return Row(maker, f"Train_{product}", product, cost, loops, food=food, alert=alert, **values)


def _built(product: str, cost: tuple[int, int], loops: int, *needs: str) -> Row:
    return Row("SCV", f"Build_{product}", product, cost, loops, needs,
               alert=sc_pb.BuildingComplete, cancel=("Cancel_quick", 0.75))


def _added(maker: str, product: str, cost: tuple[int, int], loops: int) -> Row:
    return Row(maker, f"Build_{product}", maker + product, cost, loops,
               alert=sc_pb.AddOnComplete, cancel=("Cancel_quick", 0.75))


def _researched(maker: str, function: str, upgrade: int, cost: int, loops: int,
                *needs: str) -> Row:
    return Row(maker, f"Research_{function}", "", (cost, cost), loops, needs, upgrade=upgrade,
               alert=sc_pb.ResearchComplete)


TRAINED = (
    _trained("CommandCenter", "SCV", (50, 0), 1, 272),
    _trained("OrbitalCommand", "SCV", (50, 0), 1, 272),
    _trained("PlanetaryFortress", "SCV", (50, 0), 1, 272),
    _trained("Barracks", "Marine", (50, 0), 1, 400),
    _trained("Barracks", "Reaper", (50, 50), 1, 720),
    _trained("Barracks", "Marauder", (100, 25), 2, 480, add_on="BarracksTechLab"),
    _trained("Factory", "Hellion", (100, 0), 2, 480),
    _trained("Factory", "SiegeTank", (150, 125), 3, 720, add_on="FactoryTechLab"),
    _trained("Starport", "Medivac", (100, 100), 2, 672),
    _trained("Starport", "VikingFighter", (150, 75), 2, 672))

BUILT = (
    _built("CommandCenter", (400, 0), 1600),
    _built("SupplyDepot", (100, 0), 480),
    _built("Refinery", (75, 0), 480),
    _built("Barracks", (150, 0), 1040, "SupplyDepot"),
    _built("EngineeringBay", (125, 0), 560),
    _built("Bunker", (100, 0), 640, "Barracks"),
    _built("MissileTurret", (100, 0), 400, "EngineeringBay"),
    _built("SensorTower", (125, 100), 400, "EngineeringBay"),
    _built("Factory", (150, 100), 960, "Barracks"),
    _built("Starport", (150, 100), 800, "Factory"),
    _built("Armory", (150, 100), 1040, "Factory"))

ADDED = tuple(_added(maker, *row) for maker in ("Barracks", "Factory", "Starport")
              for row in (("TechLab", (50, 25), 400), ("Reactor", (50, 50), 800)))

RESEARCHED = (
    _researched("BarracksTechLab", "Stimpack", 15, 100, 2240),
    _researched("BarracksTechLab", "CombatShield", 16, 100, 1760),
    _researched("BarracksTechLab", "ConcussiveShells", 17, 50, 960),
    _researched("EngineeringBay", "TerranInfantryWeapons", 7, 100, 2560),
    _researched("EngineeringBay", "TerranInfantryArmor", 11, 100, 2560))

MORPHED = (
    Row("CommandCenter", "Morph_OrbitalCommand", "OrbitalCommand", (150, 0), 560, ("Barracks",),
        alert=sc_pb.MorphComplete, cancel=("Cancel_quick", 1.0)),
    Row("CommandCenter", "Morph_PlanetaryFortress", "PlanetaryFortress", (150, 150), 800,
        ("EngineeringBay",), alert=sc_pb.MorphComplete, cancel=("Cancel_quick", 1.0)),
    Row("SupplyDepot", "Morph_SupplyDepot_Lower", "SupplyDepotLowered", (0, 0), 21, cancel=None),
    Row("SupplyDepotLowered", "Morph_SupplyDepot_Raise", "SupplyDepot", (0, 0), 21, cancel=None),
    Row("SiegeTank", "Morph_SiegeMode", "SiegeTankSieged", (0, 0), 69, cancel=None),
    Row("SiegeTankSieged", "Morph_Unsiege", "SiegeTank", (0, 0), 61, cancel=None),
    Row("VikingFighter", "Morph_VikingAssaultMode", "VikingAssault", (0, 0), 41, cancel=None),
    Row("VikingAssault", "Morph_VikingFighterMode", "VikingFighter", (0, 0), 41, cancel=None))

ROWS = (*TRAINED, *BUILT, *ADDED, *RESEARCHED, *MORPHED)


class Case:
    """A row on a stage: the maker is there, means and requirements are not."""

    def __init__(self, row: Row, stage: stage_lib.Stage):
        self.row, self.stage = row, stage
        self.maker = stage.create(row.maker, *SITE).tag
        self.target: tuple[float, float] | None = None
        suffix = "quick"
        if row in BUILT:
            self.target, suffix = (SITE[0] + 5, SITE[1]), "pt" if stage.is_raw else "screen"
        if row.product == "Refinery":
            self.target = (SITE[0] + 5.5, SITE[1] + .5)
            stage.create("VespeneGeyser", *self.target, owner=16)
            suffix = "pt" if stage.is_raw else "screen"
        self.name = f"{row.function}_{suffix}"
        if not stage.is_raw:
            stage.select(stage.by_tag(self.maker))
        self.known = self._products()

    def meet_requirements(self) -> None:
        for number, name in enumerate(self.row.needs):
            self.stage.create(name, SITE[0] - 12, SITE[1] + 6 * number)
        if self.row.add_on:
            self.stage.create(self.row.add_on, SITE[0] + 2.5, SITE[1] - .5)
        self.known = self._products()

    def _products(self) -> set[int]:
        if not self.row.product:
            return set()
        return {one.tag for one in self.stage.all(self.row.product) if one.build_progress == 1}

    def is_done(self) -> bool:
        stage, row = self.stage, self.row
        if row.upgrade:
            return row.upgrade in stage.response.observation.raw_data.player.upgrade_ids
        if row in MORPHED:
            return stage.by_tag(self.maker).unit_type == stage_lib.type_id(row.product)
        return bool(self._products() - self.known)

    def order(self) -> None:
        """Calls the function, and plays until it is paid for."""
        before = self.stage.money
        called = self.stage.call(self.name, self.maker, self.target)
        assert not self.stage.errors()
        (told,) = self.stage.told()
        assert stage_lib.same(told, called)
        for _ in range(200):
            if self.stage.money != before or self.row in MORPHED:
                break
            self.stage.wait(1)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_it_is_made_at_its_price_in_its_time(row: Row, stage: stage_lib.Stage) -> None:
    case = Case(row, stage)
    if row.cost[0] > 50 or row.cost[1]:
        assert not stage.can(case.name, case.maker), "without the means"
    stage.rich()
    if row.needs or row.add_on:
        assert not stage.can(case.name, case.maker), "without the requirements"
    case.meet_requirements()
    assert stage.can(case.name, case.maker)

    minerals, vespene = stage.money
    food = stage.observation.player.food_used
    case.order()
    assert stage.money == (minerals - row.cost[0], vespene - row.cost[1])
    stage.wait(row.loops // 2)
    assert stage.observation.player.food_used == food + row.food
    _check_progress(case)
    stage.wait(row.loops - row.loops // 2 - SLACK)
    assert not case.is_done()
    stage.wait(2 * SLACK)
    assert case.is_done()
    assert not stage.by_tag(case.maker).orders
    assert list(stage.observation.alerts) == ([row.alert] if row.alert else [])
    assert stage.money == (minerals - row.cost[0], vespene - row.cost[1])
    assert stage.observation.player.food_used == food + row.food


def _check_progress(case: Case) -> None:
    """Half of the time is over: this is what an observation shows of it."""
    row, stage = case.row, case.stage
    (order,) = stage.by_tag(case.maker).orders
    shown = next(one for one in stage.observation.raw_units if one.tag == case.maker)
    assert shown.order_length == 1
    assert shown.active == 1
    if row in BUILT:
        product = stage.one(row.product)
    elif row in ADDED:
        product = stage.one(row.product)
        assert order.progress == pytest.approx(.5, abs=.03)
    else:
        assert order.progress == pytest.approx(.5, abs=.03)
        if not stage.is_raw and row not in MORPHED:
            assert list(stage.observation.production_queue[0]) == [
                order.ability_id, pytest.approx(50, abs=2)]
        return
    assert product.build_progress == pytest.approx(.5, abs=.03)
    assert product.health == pytest.approx(product.health_max * .55, rel=.03)


@pytest.mark.parametrize("row", [row for row in ROWS if row.cancel], ids=str)
def test_it_is_taken_back_for_its_price(row: Row, stage: stage_lib.Stage) -> None:
    case = Case(row, stage)
    stage.rich()
    case.meet_requirements()
    minerals, vespene = stage.money
    food = stage.observation.player.food_used
    name, share = row.cancel
    case.order()
    stage.wait(20)
    canceller = case.maker
    if row in BUILT:
        canceller = stage.one(row.product).tag
        if not stage.is_raw:
            stage.select(stage.by_tag(canceller))
    assert stage.can(name, canceller)
    called = stage.call(name, canceller)
    assert stage_lib.same(*stage.told(), called)
    stage.wait(2)
    assert stage.money == (minerals - row.cost[0] + int(share * row.cost[0]),
                           vespene - row.cost[1] + int(share * row.cost[1]))
    assert stage.observation.player.food_used == food
    assert not stage.by_tag(case.maker).orders
    assert not stage.can(name, case.maker)
    stage.wait(row.loops)
    assert not case.is_done()
    assert not list(stage.observation.alerts)
