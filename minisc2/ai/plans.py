"""What a computer player sets out to do: one table for each build of the API.

A plan is data only. Its steps are taken in order, each as soon as the supply in use has reached
its `food`; what a level does not know (second bases, Starports, ...) is left out. The names are
those of `sc2api_pb2.AIBuild`; what they mean is ours.
"""

import dataclasses
import random


@dataclasses.dataclass(frozen=True)
class Step:
    """One thing to have.

    Attributes:
        food: supply in use from which it is wanted.
        name: of a structure, an add-on, a morph or an upgrade.
        count: how many of them in all.
    """

    food: int
    name: str
    count: int = 1


@dataclasses.dataclass(frozen=True)
class Plan:
    """One build.

    Attributes:
        name: as the API calls it.
        steps: what to have, in order.
        army: unit -> its part of the army by supply; whoever can be made is made by these parts.
        growth: what to add, again and again in this order, while money is left over.
        upgrades: to be researched in this order.
        first_wave_game_loop: it attacks no earlier than this.
        wave_food: supply of an army that attacks; each attack waits for `wave_growth` more.
        expands: whether it takes another base when those it has are full.
    """

    name: str
    steps: tuple[Step, ...]
    army: dict[str, float]
    growth: tuple[str, ...]
    upgrades: tuple[str, ...]
    first_wave_game_loop: int
    wave_food: int
    wave_growth: int
    expands: bool


_START = (Step(14, "SupplyDepot"), Step(15, "Barracks"))
_INFANTRY = ("TerranInfantryWeaponsLevel1", "TerranInfantryArmorsLevel1",
             "TerranInfantryWeaponsLevel2", "TerranInfantryArmorsLevel2",
             "TerranInfantryWeaponsLevel3", "TerranInfantryArmorsLevel3")

RUSH = Plan(
    name="Rush",
    steps=(*_START, Step(16, "Barracks", 2), Step(17, "Barracks", 3), Step(19, "OrbitalCommand"),
           Step(26, "Refinery"), Step(30, "BarracksTechLab"), Step(34, "ShieldWall"),
           Step(38, "BarracksReactor"), Step(42, "CommandCenter", 2)),
    army={"Marine": 10.0, "Marauder": 2.0, "Reaper": 0.5},
    growth=("Barracks", "Barracks", "EngineeringBay", "Factory", "Starport"),
    upgrades=("ShieldWall", "Stimpack", "PunisherGrenades", *_INFANTRY),
    first_wave_game_loop=2600, wave_food=10, wave_growth=5, expands=True)

TIMING = Plan(
    name="Timing",
    steps=(*_START, Step(16, "Refinery"), Step(19, "OrbitalCommand"),
           Step(21, "CommandCenter", 2), Step(21, "Barracks", 2), Step(22, "BarracksTechLab"),
           Step(24, "BarracksReactor"), Step(26, "Barracks", 3), Step(30, "Stimpack"),
           Step(36, "Refinery", 2),
           Step(38, "Factory"), Step(40, "ShieldWall"), Step(44, "EngineeringBay"),
           Step(46, "Starport"), Step(50, "FactoryTechLab"), Step(52, "Barracks", 4)),
    army={"Marine": 10.0, "Marauder": 5.0, "Medivac": 3.0, "SiegeTank": 2.0},
    growth=("Barracks", "Barracks", "EngineeringBay", "Refinery", "Armory", "Factory"),
    upgrades=("Stimpack", "ShieldWall", "PunisherGrenades", *_INFANTRY),
    first_wave_game_loop=4800, wave_food=26, wave_growth=10, expands=True)

POWER = Plan(
    name="Power",
    steps=(*_START, Step(16, "Refinery"), Step(19, "OrbitalCommand"), Step(20, "Factory"),
           Step(22, "BarracksReactor"), Step(23, "CommandCenter", 2), Step(24, "FactoryTechLab"),
           Step(26, "Barracks", 2), Step(28, "Refinery", 2), Step(34, "Factory", 2),
           Step(36, "FactoryTechLab", 2), Step(38, "BarracksTechLab"), Step(40, "ShieldWall"),
           Step(44, "Starport"), Step(46, "Armory"), Step(48, "Refinery", 3),
           Step(50, "EngineeringBay"), Step(54, "Factory", 3), Step(56, "FactoryTechLab", 3)),
    army={"Marine": 7.0, "SiegeTank": 7.0, "Hellion": 2.0, "VikingFighter": 2.0, "Medivac": 1.0},
    growth=("Factory", "Barracks", "Refinery", "Factory", "Starport"),
    upgrades=("TerranVehicleWeaponsLevel1", "ShieldWall", "TerranVehicleAndShipArmorsLevel1",
              "TerranInfantryWeaponsLevel1", "TerranVehicleWeaponsLevel2",
              "TerranVehicleAndShipArmorsLevel2", "TerranVehicleWeaponsLevel3"),
    first_wave_game_loop=7000, wave_food=44, wave_growth=14, expands=True)

MACRO = Plan(
    name="Macro",
    steps=(*_START, Step(16, "Refinery"), Step(19, "OrbitalCommand"),
           Step(19, "CommandCenter", 2), Step(22, "Barracks", 2), Step(24, "BarracksReactor"),
           Step(26, "Factory"), Step(28, "BarracksTechLab"), Step(32, "Refinery", 2),
           Step(34, "Barracks", 3), Step(36, "Starport"), Step(38, "EngineeringBay"),
           Step(40, "FactoryTechLab"), Step(44, "Stimpack"), Step(48, "Barracks", 5),
           Step(52, "Refinery", 4), Step(60, "Armory"), Step(60, "EngineeringBay", 2),
           Step(70, "CommandCenter", 3)),
    army={"Marine": 10.0, "Marauder": 4.0, "Medivac": 3.0, "SiegeTank": 4.0,
          "VikingFighter": 1.0},
    growth=("Barracks", "Barracks", "Factory", "Barracks", "Starport", "Refinery"),
    upgrades=("Stimpack", "ShieldWall", *_INFANTRY, "PunisherGrenades",
              "TerranVehicleWeaponsLevel1", "TerranVehicleWeaponsLevel2"),
    first_wave_game_loop=7500, wave_food=56, wave_growth=18, expands=True)

AIR = Plan(
    name="Air",
    steps=(*_START, Step(16, "Refinery"), Step(19, "OrbitalCommand"),
           Step(21, "CommandCenter", 2), Step(21, "Barracks", 2), Step(22, "BarracksTechLab"),
           Step(24, "BarracksReactor"), Step(26, "Barracks", 3), Step(28, "Factory"),
           Step(30, "ShieldWall"), Step(32, "Refinery", 2), Step(36, "Starport"),
           Step(40, "StarportTechLab"), Step(44, "Starport", 2), Step(46, "Refinery", 3),
           Step(48, "StarportTechLab", 2), Step(54, "Starport", 3), Step(58, "Refinery", 4),
           Step(62, "Armory")),
    army={"Marine": 10.0, "Banshee": 8.0, "VikingFighter": 1.0, "Medivac": 3.0},
    growth=("Starport", "Barracks", "Refinery", "Starport"),
    upgrades=("ShieldWall", "Stimpack", "TerranShipWeaponsLevel1",
              "TerranVehicleAndShipArmorsLevel1", "TerranShipWeaponsLevel2",
              "TerranShipWeaponsLevel3"),
    first_wave_game_loop=6500, wave_food=40, wave_growth=12, expands=True)

SKY = Plan(
    name="Sky",
    steps=(Step(0, "SupplyDepot"), Step(0, "Barracks"), Step(0, "Refinery"), Step(0, "Factory"),
           Step(0, "Starport")),
    army={"VikingFighter": 1.0}, growth=(), upgrades=(),
    first_wave_game_loop=0, wave_food=2, wave_growth=0, expands=False)
"""Taken up by everybody when nothing but flying structures is left of the enemy."""
SKY_NEEDS = frozenset((*(step.name for step in SKY.steps), *SKY.army))

RANDOM_BUILD = 1
PLANS: dict[int, Plan] = {2: RUSH, 3: TIMING, 4: POWER, 5: MACRO, 6: AIR}
"""`sc2api_pb2.AIBuild` -> plan."""


def get(ai_build: int, rng: random.Random) -> Plan:
    """The plan of a build of the API; one of all of them for RandomBuild, or where none is given.

    Raises:
        ValueError: the API has no such build.
    """
    if ai_build in (0, RANDOM_BUILD):
        return PLANS[rng.choice(sorted(PLANS))]
    if ai_build not in PLANS:
        raise ValueError(f"AI build {ai_build} does not exist; builds are 1 (RandomBuild) to "
                         f"{max(PLANS)} (Air).")
    return PLANS[ai_build]
