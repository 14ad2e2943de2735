"""What the game's `ResponseData` does not tell about units: life, size, footprint, special senses.

Values of the multiplayer game of patch 4.10 (fields LifeMax, ShieldsMax, EnergyMax, EnergyStart,
Radius, Mover, Footprint of the game's UnitData catalogue), written down by hand for the units of
the ladder. Where `unit_types.json` has a value that was observed in the real game, that one wins.
"""

from typing import NamedTuple

WORKERS = frozenset(("SCV", "Probe", "Drone"))

DETECTORS = frozenset((
    "Observer", "ObserverSiegeMode", "PhotonCannon", "OracleStasisTrap", "MissileTurret", "Raven",
    "Overseer", "OverseerSiegeMode", "SporeCrawler"))

CLOAKED = frozenset(("Observer", "ObserverSiegeMode", "DarkTemplar"))
"""Units that are always cloaked."""

SCENERY_PREFIXES = ("Beacon", "NaturalMinerals", "NaturalGas")
"""Things to walk over that nobody can select or attack: flags Untargetable or ITEM in the data."""

CLIFF_JUMPERS = frozenset(("Reaper", "Colossus"))

WIDEST_SMALL_RADIUS = 0.7
"""Units up to this radius fit through gaps of one cell. Between the 0.625 of a Hellion, which does
in the real game, and the 0.875 of a SiegeTank, which does not."""

ACCELERATIONS: dict[str, float] = {
    "SCV": 2.5, "Probe": 2.5, "Drone": 2.5, "MULE": 2.5,
    "Medivac": 2.25, "VikingFighter": 2.625, "Banshee": 3.25, "Raven": 2.0, "Liberator": 3.5,
    "Battlecruiser": 1.0,
    "CommandCenterFlying": 1.3125, "OrbitalCommandFlying": 1.3125, "BarracksFlying": 1.3125,
    "FactoryFlying": 1.3125, "StarportFlying": 1.3125,
    "Overlord": 1.0625, "Overseer": 2.125, "Mutalisk": 3.5, "Corruptor": 3.0, "BroodLord": 1.0625,
    "Viper": 3.0, "Observer": 2.125, "WarpPrism": 2.125, "Phoenix": 3.25, "VoidRay": 2.0,
    "Oracle": 3.0, "Tempest": 1.5, "Carrier": 1.0625, "Mothership": 1.375,
}
"""Cells a second in each second (field Acceleration of the UnitData catalogue of 4.10, written down
from memory, as the data at hand do not tell). Others have 1000 there: full speed at once. The
catalogue gives none of these a deceleration; here they brake as they speed up."""


class Vitals(NamedTuple):
    """Life and size of a type of unit; 0 stands for unknown.

    Attributes:
        energy_start: energy when the unit is made.
    """

    health: float = 0.0
    shield: float = 0.0
    radius: float = 0.0
    energy_max: float = 0.0
    energy_start: float = 0.0
    is_flying: bool = False


UNKNOWN = Vitals()

_AIR = {"is_flying": True}
_CASTER = {"energy_max": 200.0, "energy_start": 50.0}

VITALS: dict[str, Vitals] = {
    # Protoss units.
    "Probe": Vitals(20, 20, 0.375),
    "Zealot": Vitals(100, 50, 0.5),
    "Stalker": Vitals(80, 80, 0.625),
    "Sentry": Vitals(40, 40, 0.5, **_CASTER),
    "Adept": Vitals(70, 70, 0.5),
    "AdeptPhaseShift": Vitals(90, 90, 0.5),
    "HighTemplar": Vitals(40, 40, 0.375, **_CASTER),
    "DarkTemplar": Vitals(40, 80, 0.375),
    "Archon": Vitals(10, 350, 1.0),
    "Observer": Vitals(40, 20, 0.5, **_AIR),
    "ObserverSiegeMode": Vitals(40, 20, 0.5, **_AIR),
    "Immortal": Vitals(200, 100, 1.0),
    "Colossus": Vitals(200, 150, 1.0),
    "Disruptor": Vitals(100, 100, 0.625),
    "WarpPrism": Vitals(80, 100, 0.875, **_AIR),
    "WarpPrismPhasing": Vitals(80, 100, 0.875, **_AIR),
    "Phoenix": Vitals(120, 60, 0.75, **_CASTER, **_AIR),
    "VoidRay": Vitals(150, 100, 1.0, **_AIR),
    "Oracle": Vitals(100, 60, 0.75, **_CASTER, **_AIR),
    "Tempest": Vitals(200, 100, 1.125, **_AIR),
    "Carrier": Vitals(300, 150, 1.25, **_AIR),
    "Interceptor": Vitals(40, 40, 0.25, **_AIR),
    "Mothership": Vitals(350, 350, 1.375, **_CASTER, **_AIR),
    # Protoss structures.
    "Nexus": Vitals(1000, 1000, 2.75, **_CASTER),
    "Pylon": Vitals(200, 200, 1.125),
    "Assimilator": Vitals(300, 300, 1.8125),
    "Gateway": Vitals(500, 500, 1.8125),
    "WarpGate": Vitals(500, 500, 1.8125),
    "Forge": Vitals(400, 400, 1.8125),
    "CyberneticsCore": Vitals(550, 550, 1.8125),
    "PhotonCannon": Vitals(150, 150, 1.125),
    "ShieldBattery": Vitals(150, 150, 1.125, 100.0, 100.0),
    "TwilightCouncil": Vitals(500, 500, 1.8125),
    "Stargate": Vitals(600, 600, 1.8125),
    "RoboticsFacility": Vitals(450, 450, 1.8125),
    "RoboticsBay": Vitals(500, 500, 1.8125),
    "FleetBeacon": Vitals(500, 500, 1.8125),
    "TemplarArchive": Vitals(500, 500, 1.8125),
    "DarkShrine": Vitals(500, 500, 1.25),
    # Zerg units.
    "Larva": Vitals(25, 0, 0.125),
    "Egg": Vitals(200, 0, 0.125),
    "Drone": Vitals(40, 0, 0.375),
    "Zergling": Vitals(35, 0, 0.375),
    "Baneling": Vitals(30, 0, 0.375),
    "Queen": Vitals(175, 0, 0.875, 200.0, 25.0),
    "Roach": Vitals(145, 0, 0.625),
    "Ravager": Vitals(120, 0, 0.75),
    "Hydralisk": Vitals(90, 0, 0.625),
    "LurkerMP": Vitals(200, 0, 0.9375),
    "LurkerMPBurrowed": Vitals(200, 0, 0.9375),
    "Infestor": Vitals(90, 0, 0.625, **_CASTER),
    "SwarmHostMP": Vitals(160, 0, 0.8125),
    "Ultralisk": Vitals(500, 0, 1.0),
    "Overlord": Vitals(200, 0, 1.0, **_AIR),
    "OverlordTransport": Vitals(200, 0, 1.0, **_AIR),
    "Overseer": Vitals(200, 0, 1.0, **_CASTER, **_AIR),
    "OverseerSiegeMode": Vitals(200, 0, 1.0, **_CASTER, **_AIR),
    "Mutalisk": Vitals(120, 0, 0.5, **_AIR),
    "Corruptor": Vitals(200, 0, 0.625, **_AIR),
    "BroodLord": Vitals(225, 0, 1.0, **_AIR),
    "Viper": Vitals(150, 0, 0.75, **_CASTER, **_AIR),
    "Broodling": Vitals(30, 0, 0.375),
    "Changeling": Vitals(5, 0, 0.375),
    # Zerg structures.
    "Hatchery": Vitals(1500, 0, 3.25),
    "Lair": Vitals(2000, 0, 3.25),
    "Hive": Vitals(2500, 0, 3.25),
    "Extractor": Vitals(500, 0, 1.8125),
    "SpawningPool": Vitals(1000, 0, 1.8125),
    "EvolutionChamber": Vitals(750, 0, 1.8125),
    "RoachWarren": Vitals(850, 0, 1.8125),
    "BanelingNest": Vitals(850, 0, 1.8125),
    "SpineCrawler": Vitals(300, 0, 1.125),
    "SporeCrawler": Vitals(400, 0, 1.125),
    "HydraliskDen": Vitals(850, 0, 1.8125),
    "InfestationPit": Vitals(850, 0, 1.8125),
    "Spire": Vitals(850, 0, 1.25),
    "GreaterSpire": Vitals(1000, 0, 1.25),
    "NydusNetwork": Vitals(850, 0, 1.8125),
    "UltraliskCavern": Vitals(850, 0, 1.8125),
    "CreepTumorBurrowed": Vitals(50, 0, 1.0),
    # Terran casters whose energy was not observed.
    "Ghost": Vitals(100, 0, 0.375, **_CASTER),
    "Medivac": Vitals(150, 0, 0.75, **_CASTER, **_AIR),
    "Raven": Vitals(140, 0, 0.625, **_CASTER, **_AIR),
    "OrbitalCommand": Vitals(1500, 0, 2.75, **_CASTER),
    # Add-ons are observed only without their structure.
    **dict.fromkeys(("BarracksTechLab", "BarracksReactor", "FactoryTechLab", "FactoryReactor",
                     "StarportTechLab", "StarportReactor"), Vitals(400, 0, 1.125)),
    # Scenery. An ITEM has life 10 and the default radius of 0.5. The size of the beacon is our
    # choice: it is drawn a little wider than the round region of radius 1.25 that the script moves
    # with it, so that 16x16 pixels still show it when a Marine stands on its edge.
    "NaturalMinerals": Vitals(10, 0, 0.5),
    "NaturalGas": Vitals(10, 0, 0.5),
    "Beacon_Terran": Vitals(1, 0, 1.5),
    "Beacon_Protoss": Vitals(1, 0, 1.5),
    "Beacon_Zerg": Vitals(1, 0, 1.5),
    "VespeneGeyser": Vitals(10000, 0, 1.5),
    "MineralField750": Vitals(10000, 0, 1.125),
    "RichMineralField": Vitals(10000, 0, 1.125),
}

_THREE_BY_THREE = (
    "Barracks", "Factory", "Starport", "EngineeringBay", "Armory", "FusionCore", "GhostAcademy",
    "Bunker", "Refinery", "Assimilator", "Extractor", "Gateway", "WarpGate", "Forge",
    "CyberneticsCore", "TwilightCouncil", "Stargate", "RoboticsFacility", "RoboticsBay",
    "FleetBeacon", "TemplarArchive", "SpawningPool", "EvolutionChamber", "RoachWarren",
    "BanelingNest", "HydraliskDen", "InfestationPit", "NydusNetwork", "UltraliskCavern",
    "VespeneGeyser", "RichVespeneGeyser", "ProtossVespeneGeyser", "PurifierVespeneGeyser",
    "ShakurasVespeneGeyser")
_TWO_BY_TWO = (
    "SupplyDepot", "SupplyDepotLowered", "MissileTurret", "UnbuildableRocksDestructible",
    "TechLab", "Reactor", "BarracksTechLab", "BarracksReactor",
    "FactoryTechLab", "FactoryReactor", "StarportTechLab", "StarportReactor", "Pylon",
    "PhotonCannon", "ShieldBattery", "DarkShrine", "SpineCrawler", "SporeCrawler", "Spire",
    "GreaterSpire")
_TWO_BY_ONE = (
    "MineralField", "MineralField750", "RichMineralField", "RichMineralField750",
    "LabMineralField", "LabMineralField750", "PurifierMineralField", "PurifierMineralField750",
    "BattleStationMineralField", "BattleStationMineralField750")
_TOWN_HALLS = ("CommandCenter", "OrbitalCommand", "PlanetaryFortress", "Nexus", "Hatchery", "Lair",
               "Hive")

FOOTPRINTS: dict[str, tuple[int, int]] = (
    dict.fromkeys(_THREE_BY_THREE, (3, 3)) | dict.fromkeys(_TWO_BY_TWO, (2, 2))
    | dict.fromkeys(_TWO_BY_ONE, (2, 1)) | dict.fromkeys(_TOWN_HALLS, (5, 5))
    | {"SensorTower": (1, 1)})
"""Cells that a structure stands on, as (width, height)."""

WALKABLE = frozenset(("SupplyDepotLowered", "UnbuildableRocksDestructible"))
