"""What the game's `ResponseData` does not tell about weapons: delays, splash, what upgrades add.

Numbers of the multiplayer game of patch 4.10 (fields DamagePoint, MinimumRange, AreaArray and
Level of the weapons, effects and upgrades of its catalogue), written down by hand. Seconds are
those of the data tables, of 16 game loops. A weapon without a row has the catalogue's default delay
and no splash. Upgrades are written down for Terran only; nobody else can research here.
"""

from typing import NamedTuple

from minisc2.game import unit_data

DEFAULT_DAMAGE_POINT_SECONDS = 0.167

HI_SEC, BUILDING_ARMOR, COMBAT_SHIELD, CONCUSSIVE_SHELLS, BLUE_FLAME = 5, 6, 16, 17, 19
INFANTRY_WEAPONS, INFANTRY_ARMOR = (7, 8, 9), (11, 12, 13)
VEHICLE_WEAPONS, SHIP_WEAPONS, VEHICLE_AND_SHIP_ARMOR = (30, 31, 32), (36, 37, 38), (116, 117, 118)
"""Stable ids of upgrades; three of them are the levels of one."""

HI_SEC_RANGE = 1.0
BUILDING_ARMOR_BONUS = 2.0
COMBAT_SHIELD_HEALTH = 10.0
BLUE_FLAME_DAMAGE = 5.0


class Traits(NamedTuple):
    """What a weapon has beside damage, range and rate.

    Attributes:
        damage_point_seconds: from the beginning of an attack to its hit.
        min_range: from edge to edge, in cells; nearer targets cannot be hit.
        splash: (radius in cells around the centre of the target, share of the damage), from
            the inner ring to the outer one.
        hits_friends: whether splash hurts units of the attacker's owner.
        line: (length, half a width) of the line of fire from the attacker's centre, in which every
            enemy is hit; (0, 0) for none.
        is_suicide: the attacker dies with its attack, and attacks once more when it is killed.
        structure_damage: what it does to structures instead; 0 for no difference.
    """

    damage_point_seconds: float = DEFAULT_DAMAGE_POINT_SECONDS
    min_range: float = 0.0
    splash: tuple[tuple[float, float], ...] = ()
    hits_friends: bool = False
    line: tuple[float, float] = (0.0, 0.0)
    is_suicide: bool = False
    structure_damage: float = 0.0


DEFAULT_TRAITS = Traits()

GROUND_TRAITS: dict[str, Traits] = {
    "Marine": Traits(0.05),
    "Marauder": Traits(0.0),
    "Reaper": Traits(0.0),
    "Hellion": Traits(0.25, line=(5.5, 0.15)),
    "Thor": Traits(0.831),
    "SiegeTankSieged": Traits(min_range=2.0, hits_friends=True,
                              splash=((0.4687, 1.0), (0.7812, 0.5), (1.25, 0.25))),
    "PlanetaryFortress": Traits(splash=((0.5, 1.0), (0.8, 0.5), (1.25, 0.25))),
    "Baneling": Traits(0.0, splash=((2.2, 1.0),), is_suicide=True, structure_damage=80.0),
}
"""Weapons against the ground, by the name of the type."""

AIR_TRAITS: dict[str, Traits] = {
    "Marine": Traits(0.05),
    "VikingFighter": Traits(0.05),
    "Thor": Traits(splash=((0.5, 1.0),)),
    "Liberator": Traits(splash=((1.5, 1.0),)),
}

_LIGHT = unit_data.LIGHT

HIDDEN_WEAPONS: dict[str, tuple[unit_data.Weapon, ...]] = {
    "Baneling": (unit_data.Weapon(unit_data.TARGET_GROUND, 16, 1, 0.25, 13.328, ((_LIGHT, 19),)),),
    "Sentry": (unit_data.Weapon(unit_data.TARGET_ANY, 6, 1, 5, 16.0),),
    "Battlecruiser": (unit_data.Weapon(unit_data.TARGET_GROUND, 8, 1, 6, 3.6),
                      unit_data.Weapon(unit_data.TARGET_AIR, 5, 1, 6, 3.6)),
}
"""Weapons that `ResponseData` leaves out, because the game makes them of abilities and effects."""


class Growth(NamedTuple):
    """What levels of upgrades add to the units of a type.

    Attributes:
        weapon_upgrades: ids of the levels of its weapons.
        armor_upgrades: ids of the levels of its armor.
        ground: damage that a level adds to each hit on the ground; `air` to each in the air.
        ground_bonus: what a level adds to every bonus; `air_bonus` as well.
    """

    weapon_upgrades: tuple[int, ...]
    armor_upgrades: tuple[int, ...]
    ground: float = 1.0
    ground_bonus: float = 0.0
    air: float = 1.0
    air_bonus: float = 0.0


_INFANTRY = (INFANTRY_WEAPONS, INFANTRY_ARMOR)
_VEHICLE = (VEHICLE_WEAPONS, VEHICLE_AND_SHIP_ARMOR)
_SHIP = (SHIP_WEAPONS, VEHICLE_AND_SHIP_ARMOR)

GROWTH: dict[str, Growth] = {
    "SCV": Growth((), INFANTRY_ARMOR),
    "Marine": Growth(*_INFANTRY),
    "Marauder": Growth(*_INFANTRY, ground_bonus=1.0),
    "Reaper": Growth(*_INFANTRY),
    "Ghost": Growth(*_INFANTRY, ground_bonus=1.0, air_bonus=1.0),
    "Hellion": Growth(*_VEHICLE, ground_bonus=1.0),
    "HellionTank": Growth(*_VEHICLE, ground=2.0),
    "WidowMine": Growth((), VEHICLE_AND_SHIP_ARMOR),
    "SiegeTank": Growth(*_VEHICLE, ground=2.0, ground_bonus=1.0),
    "SiegeTankSieged": Growth(*_VEHICLE, ground=4.0, ground_bonus=1.0),
    "Cyclone": Growth(*_VEHICLE, ground=2.0, air=2.0),
    "Thor": Growth(*_VEHICLE, ground=3.0, air_bonus=1.0),
    "Medivac": Growth((), VEHICLE_AND_SHIP_ARMOR),
    "Raven": Growth((), VEHICLE_AND_SHIP_ARMOR),
    "VikingFighter": Growth(*_SHIP),
    "VikingAssault": Growth(*_SHIP, ground_bonus=1.0),
    "Liberator": Growth(*_SHIP),
    "LiberatorAG": Growth(*_SHIP, ground=5.0),
    "Banshee": Growth(*_SHIP),
    "Battlecruiser": Growth(*_SHIP),
}

RANGED_BY_HI_SEC = frozenset(("MissileTurret", "PlanetaryFortress", "AutoTurret"))
