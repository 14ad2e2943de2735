"""Names instead of numbers: what makes what, and what a name stands for.

Plans speak of names only ("Barracks", "BarracksTechLab", "Stimpack"); here they meet the game's
tables. A *base name* is what a unit counts as in a plan: an OrbitalCommand is a CommandCenter, a
SiegeTankSieged is a SiegeTank.
"""

import functools

from minisc2.game import ability_data, orders, unit_data, upgrade_data

Kind = orders.Kind

_BASE_NAMES = {
    "OrbitalCommand": "CommandCenter", "PlanetaryFortress": "CommandCenter",
    "CommandCenterFlying": "CommandCenter", "OrbitalCommandFlying": "CommandCenter",
    "SupplyDepotLowered": "SupplyDepot", "RefineryRich": "Refinery",
    "BarracksFlying": "Barracks", "FactoryFlying": "Factory", "StarportFlying": "Starport",
    "SiegeTankSieged": "SiegeTank", "VikingAssault": "VikingFighter", "LiberatorAG": "Liberator"}

HALLS = ("CommandCenter", "OrbitalCommand", "PlanetaryFortress")
PRODUCERS = ("Barracks", "Factory", "Starport")
"""Structures that make an army; the only ones with add-ons."""

_MAKING = (Kind.BUILD, Kind.BUILD_ADD_ON, Kind.TRAIN, Kind.MORPH, Kind.RESEARCH)
_NOT_A_GOAL = ("SupplyDepotLowered", "SiegeTankSieged", "VikingAssault")
"""Morphs that are a matter of tactics, not of what to own."""


@functools.cache
def base_name(type_id: int) -> str:
    """What a type of unit counts as in a plan."""
    name = unit_data.get(type_id).name
    return _BASE_NAMES.get(name, name)


@functools.cache
def _makers() -> dict[str, tuple[ability_data.Ability, tuple[str, ...]]]:
    """Name of a unit, structure or upgrade -> the ability that makes it, and who has that."""
    found: dict[str, tuple[ability_data.Ability, tuple[str, ...]]] = {}
    for unit_type in unit_data.UNIT_TYPES.values():
        if (unit_type.race != unit_data.TERRAN or unit_type.name in _NOT_A_GOAL
                or unit_type.name.endswith("Flying")):
            continue  # turning back makes nothing
        for ability in ability_data.of_type(unit_type.unit_id):
            if ability.kind not in _MAKING:
                continue
            name = (upgrade_data.load()[ability.upgrade_id].name if ability.upgrade_id
                    else unit_data.get(ability.product).name)
            if name in _NOT_A_GOAL or ability.kind is Kind.MORPH and name == "SupplyDepot":
                continue
            _, makers = found.get(name, (ability, ()))
            if unit_type.name not in makers:
                found[name] = (ability, (*makers, unit_type.name))
    return found


def is_known(name: str) -> bool:
    """Whether something of this name can be made."""
    return name in _makers()


@functools.cache
def ability(name: str) -> ability_data.Ability:
    """The ability that makes a unit, structure, add-on or upgrade.

    Raises:
        ValueError: nothing of this name can be made.
    """
    if name not in _makers():
        raise ValueError(f"Nothing named {name!r} can be made by Terrans in this game.")
    return _makers()[name][0]


@functools.cache
def makers(name: str) -> tuple[str, ...]:
    """Names of the types that can make it."""
    ability(name)
    return _makers()[name][1]


@functools.cache
def trained_by(name: str) -> tuple[str, ...]:
    """Units that a structure of this name can train."""
    return tuple(product for product, (row, types) in _makers().items()
                 if row.kind is Kind.TRAIN and name in types)


@functools.cache
def researched_by(name: str) -> tuple[str, ...]:
    """Upgrades that a structure of this name can research, by id."""
    return tuple(product for product, (row, types) in _makers().items()
                 if row.kind is Kind.RESEARCH and name in types)


@functools.cache
def army_value(type_id: int) -> float:
    """What a unit is worth in a fight: its cost, gas counted half as much again; 0 without weapons.

    Gas buys what hits harder, so counting it once would take Siege Tanks for weak.
    """
    kind = unit_data.get(type_id)
    if kind.is_worker or not (kind.weapons or kind.name in ("Medivac", "Bunker", "Banshee",
                                                            "Battlecruiser", "SiegeTankSieged")):
        return 0.0
    return kind.mineral_cost + 1.5 * kind.vespene_cost
