"""What every ability is: how it is carried out, what it makes, what it costs, and who has it.

What is made where follows from names in `tables.json` (an ability with the link BarracksTrain is
a Barracks' own), costs and times from `unit_data` and `upgrade_data`. What those do not say is
written down here by hand from the multiplayer game of patch 4.10: morphs, spells and their energy.
Only Terran units and structures have more than the orders to move and to fight.
"""

import dataclasses
import functools
import json
from collections.abc import Iterator

from minisc2.game import orders, unit_data, upgrade_data, weapon_data

Kind, Target = orders.Kind, orders.Target

GATHER_SCV, RETURN_SCV, REPAIR_SCV = 295, 296, 316
GATHER_MULE, RETURN_MULE, REPAIR_MULE = 166, 167, 78
GATHER_PROBE, RETURN_PROBE, GATHER_DRONE, RETURN_DRONE = 298, 299, 1183, 1184
CALLDOWN_MULE, SUPPLY_DROP, SCANNER_SWEEP = 171, 255, 399
STIM_MARINE, STIM_MARAUDER, KD8_CHARGE, HEAL, AFTERBURNERS = 380, 253, 2588, 386, 2116
SALVAGE = 32
GUARDIAN_SHIELD, HALLUCINATION_ARCHON, GRAVITON_BEAM = 76, 146, 173
CANCEL_CONSTRUCTION, HALT_CONSTRUCTION, HALT_BUILDER = 314, 315, 348
RALLY_BUILDING, RALLY_COMMAND_CENTER = 195, 203
LOAD_BUNKER, UNLOAD_BUNKER, LOAD_MEDIVAC, UNLOAD_MEDIVAC = 407, 408, 394, 396
LOAD_COMMAND_CENTER, UNLOAD_COMMAND_CENTER = 416, 413
TECH_LAB, REACTOR = 5, 6
"""Stable ids of abilities, and of the types that stand for every tech lab and every reactor."""


_PLAIN_KINDS = frozenset((
    Kind.SMART, Kind.STOP, Kind.MOVE, Kind.PATROL, Kind.HOLD, Kind.SCAN, Kind.ATTACK, Kind.GATHER,
    Kind.REPAIR, Kind.RALLY, Kind.LOAD))
"""Kinds that cost nothing, need nothing and fit every state of a unit."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ability:
    """One specific ability.

    Attributes:
        ability_id: stable id.
        general_id: the ability that it is a case of (3674 for 23: attack), or its own id.
        target: what it has to be pointed at.
        product: type that it makes or that the unit turns into, or 0.
        upgrade_id: what it researches, or 0.
        minerals: cost; `vespene` and `food` (supply) and `energy` as well.
        game_loops: how long making, researching or turning takes.
        requires: names of structures that the player has to have, all of them.
        add_on: TECH_LAB or REACTOR if the building needs one, or 0.
        cast_range: cells from edge to edge, or edge to point, in which a spell can be cast.
        cooldown_game_loops: from one use to the next.
        can_autocast: whether its automatic use can be switched.
        use: what an observation says of it.
        is_plain: whether nothing but the map's rules can keep a unit from using it.
    """

    ability_id: int
    kind: Kind
    target: Target
    general_id: int
    product: int = 0
    upgrade_id: int = 0
    minerals: int = 0
    vespene: int = 0
    food: float = 0.0
    energy: float = 0.0
    game_loops: float = 0.0
    requires: tuple[str, ...] = ()
    add_on: int = 0
    cast_range: float = 0.0
    cooldown_game_loops: int = 0
    can_autocast: bool = False
    use: orders.AbilityUse = dataclasses.field(init=False)
    is_plain: bool = dataclasses.field(init=False)

    def __post_init__(self):
        # Derived once here, because units are asked for their abilities all the time.
        object.__setattr__(self, "use", orders.AbilityUse(self.ability_id, self.target))
        object.__setattr__(self, "is_plain", self.kind in _PLAIN_KINDS)


_PRODUCERS = {
    "NexusTrain": ("Nexus",),
    "CommandCenterTrain": ("CommandCenter", "OrbitalCommand", "PlanetaryFortress"),
    "BarracksTrain": ("Barracks",), "FactoryTrain": ("Factory",), "StarportTrain": ("Starport",),
    "TerranBuild": ("SCV",),
    "BarracksAddOns": ("Barracks", "BarracksFlying"),
    "FactoryAddOns": ("Factory", "FactoryFlying"),
    "StarportAddOns": ("Starport", "StarportFlying")}
"""Link of the abilities that make units -> types that have them."""

_RESEARCH = {
    "EngineeringBay": (650, 651, 652, 653, 654, 656, 657, 658),
    "Armory": (855, 856, 857, 861, 862, 863, 864, 865, 866),
    "BarracksTechLab": (730, 731, 732),
    "FactoryTechLab": (761, 764, 766),
    "StarportTechLab": (790, 799)}
_ARMORY_PLATING = {864: "TerranVehicleAndShipArmorsLevel1", 865: "TerranVehicleAndShipArmorsLevel2",
                   866: "TerranVehicleAndShipArmorsLevel3"}
"""`tables.json` names these upgrades with abilities that game 4.10 no longer offers."""

_EXTRA_REQUIREMENTS = {"Ghost": ("GhostAcademy",), "Thor": ("Armory",),
                       "Battlecruiser": ("FusionCore",)}
_NEED_TECH_LAB = frozenset(("Ghost", "Thor", "Battlecruiser"))
"""Requirements that `ResponseData` leaves out."""

_CANCELS = (Kind.CANCEL, Target.NONE)
_ROWS: dict[int, tuple[Kind, Target]] = {
    orders.SMART: (Kind.SMART, Target.POINT_OR_UNIT),
    orders.STOP: (Kind.STOP, Target.NONE),
    orders.MOVE: (Kind.MOVE, Target.POINT_OR_UNIT),
    orders.PATROL: (Kind.PATROL, Target.POINT_OR_UNIT),
    orders.HOLD_POSITION: (Kind.HOLD, Target.NONE),
    orders.SCAN_MOVE: (Kind.SCAN, Target.POINT_OR_UNIT),
    orders.ATTACK: (Kind.ATTACK, Target.POINT_OR_UNIT),
    GATHER_SCV: (Kind.GATHER, Target.UNIT), GATHER_MULE: (Kind.GATHER, Target.UNIT),
    GATHER_PROBE: (Kind.GATHER, Target.UNIT), GATHER_DRONE: (Kind.GATHER, Target.UNIT),
    RETURN_SCV: (Kind.RETURN, Target.NONE), RETURN_MULE: (Kind.RETURN, Target.NONE),
    RETURN_PROBE: (Kind.RETURN, Target.NONE), RETURN_DRONE: (Kind.RETURN, Target.NONE),
    REPAIR_SCV: (Kind.REPAIR, Target.UNIT), REPAIR_MULE: (Kind.REPAIR, Target.UNIT),
    HALT_BUILDER: (Kind.HALT, Target.NONE), HALT_CONSTRUCTION: (Kind.HALT, Target.NONE),
    CANCEL_CONSTRUCTION: _CANCELS, 451: _CANCELS, 484: _CANCELS, 517: _CANCELS, 1517: _CANCELS,
    1451: _CANCELS,
    306: (Kind.CANCEL_LAST, Target.NONE), 308: (Kind.CANCEL_LAST, Target.NONE),
    312: (Kind.CANCEL_LAST, Target.NONE),
    RALLY_BUILDING: (Kind.RALLY, Target.POINT_OR_UNIT),
    RALLY_COMMAND_CENTER: (Kind.RALLY, Target.POINT_OR_UNIT),
    LOAD_BUNKER: (Kind.LOAD, Target.UNIT), LOAD_MEDIVAC: (Kind.LOAD, Target.UNIT),
    LOAD_COMMAND_CENTER: (Kind.LOAD, Target.NONE),
    UNLOAD_BUNKER: (Kind.UNLOAD, Target.NONE), UNLOAD_COMMAND_CENTER: (Kind.UNLOAD, Target.NONE),
    UNLOAD_MEDIVAC: (Kind.UNLOAD, Target.POINT_OR_UNIT)}

_SPELLS: dict[int, tuple[Target, float, float, tuple[str, ...]]] = {
    CALLDOWN_MULE: (Target.POINT_OR_UNIT, 50.0, 500.0, ()),
    SUPPLY_DROP: (Target.UNIT, 50.0, 500.0, ()),
    SCANNER_SWEEP: (Target.POINT, 50.0, 500.0, ()),
    STIM_MARINE: (Target.NONE, 0.0, 0.0, ("Stimpack",)),
    STIM_MARAUDER: (Target.NONE, 0.0, 0.0, ("Stimpack",)),
    KD8_CHARGE: (Target.POINT_OR_UNIT, 0.0, 5.0, ()),
    HEAL: (Target.UNIT, 0.0, 4.0, ()),
    AFTERBURNERS: (Target.NONE, 0.0, 0.0, ()),
    SALVAGE: (Target.NONE, 0.0, 0.0, ()),
    GUARDIAN_SHIELD: (Target.NONE, 75.0, 0.0, ()),
    HALLUCINATION_ARCHON: (Target.NONE, 75.0, 0.0, ()),
    GRAVITON_BEAM: (Target.UNIT, 50.0, 4.0, ())}
"""Ability -> target, energy, range, upgrades (or structures) that it needs."""

_COOLDOWNS = {KD8_CHARGE: 320, AFTERBURNERS: 320}
_SPELL_PRODUCTS = {HALLUCINATION_ARCHON: "Archon"}
_AUTOCASTS_AT_FIRST = {"Medivac": frozenset((HEAL,))}

_MORPHS: dict[int, tuple[Kind, str, str, float, tuple[str, ...]]] = {
    # Ability -> kind, from, to, game loops, requirements. Times: the product's build time.
    1516: (Kind.MORPH, "CommandCenter", "OrbitalCommand", 560.0, ("Barracks",)),
    1450: (Kind.MORPH, "CommandCenter", "PlanetaryFortress", 800.0, ("EngineeringBay",)),
    556: (Kind.MORPH, "SupplyDepot", "SupplyDepotLowered", 20.8, ()),
    558: (Kind.MORPH, "SupplyDepotLowered", "SupplyDepot", 20.8, ()),
    388: (Kind.MORPH, "SiegeTank", "SiegeTankSieged", 68.7, ()),
    390: (Kind.MORPH, "SiegeTankSieged", "SiegeTank", 60.7, ()),
    403: (Kind.MORPH, "VikingFighter", "VikingAssault", 41.4, ()),
    405: (Kind.MORPH, "VikingAssault", "VikingFighter", 41.4, ()),
    417: (Kind.LIFT, "CommandCenter", "CommandCenterFlying", 32.0, ()),
    1522: (Kind.LIFT, "OrbitalCommand", "OrbitalCommandFlying", 32.0, ()),
    452: (Kind.LIFT, "Barracks", "BarracksFlying", 32.0, ()),
    485: (Kind.LIFT, "Factory", "FactoryFlying", 32.0, ()),
    518: (Kind.LIFT, "Starport", "StarportFlying", 32.0, ()),
    419: (Kind.LAND, "CommandCenterFlying", "CommandCenter", 32.0, ()),
    1524: (Kind.LAND, "OrbitalCommandFlying", "OrbitalCommand", 32.0, ()),
    554: (Kind.LAND, "BarracksFlying", "Barracks", 32.0, ()),
    520: (Kind.LAND, "FactoryFlying", "Factory", 32.0, ()),
    522: (Kind.LAND, "StarportFlying", "Starport", 32.0, ())}

_OF_TYPE: dict[str, tuple[int, ...]] = {
    "SCV": (GATHER_SCV, RETURN_SCV, REPAIR_SCV, HALT_BUILDER),
    "MULE": (GATHER_MULE, RETURN_MULE, REPAIR_MULE),
    "Probe": (GATHER_PROBE, RETURN_PROBE),
    "Drone": (GATHER_DRONE, RETURN_DRONE),
    "Nexus": (306,),
    "CommandCenter": (RALLY_COMMAND_CENTER, 308, LOAD_COMMAND_CENTER, UNLOAD_COMMAND_CENTER, 1517,
                      1451),
    "CommandCenterFlying": (UNLOAD_COMMAND_CENTER,),
    "OrbitalCommand": (RALLY_COMMAND_CENTER, 308, CALLDOWN_MULE, SUPPLY_DROP, SCANNER_SWEEP),
    "PlanetaryFortress": (RALLY_COMMAND_CENTER, 308, LOAD_COMMAND_CENTER, UNLOAD_COMMAND_CENTER),
    "Barracks": (RALLY_BUILDING, 312, 451),
    "Factory": (RALLY_BUILDING, 312, 484),
    "Starport": (RALLY_BUILDING, 312, 517),
    "EngineeringBay": (306,), "Armory": (306,),
    "BarracksTechLab": (306,), "FactoryTechLab": (306,), "StarportTechLab": (306,),
    "Bunker": (LOAD_BUNKER, UNLOAD_BUNKER, SALVAGE, RALLY_BUILDING),
    "Medivac": (HEAL, LOAD_MEDIVAC, UNLOAD_MEDIVAC, AFTERBURNERS),
    "Marine": (STIM_MARINE,), "Marauder": (STIM_MARAUDER,), "Reaper": (KD8_CHARGE,),
    "Sentry": (GUARDIAN_SHIELD, HALLUCINATION_ARCHON), "Phoenix": (GRAVITON_BEAM,)}
"""Abilities that follow from nothing else, by the name of the type."""

_BUILT_IN_PLACE = (CANCEL_CONSTRUCTION, HALT_CONSTRUCTION)
"""What a Terran structure under construction can do, and nothing else."""


@functools.cache
def _tables() -> dict[int, dict]:
    rows = json.loads(upgrade_data.TABLES.read_text())["abilities"]
    return {int(key): row for key, row in rows.items()}


def _ability(ability_id: int, kind: Kind, target: Target, **values: object) -> Ability:
    row = _tables()[ability_id]
    return Ability(ability_id, kind, target, row.get("remaps_to_ability_id", ability_id),
                   can_autocast=bool(row.get("allow_autocast")), **values)


def _makers() -> Iterator[tuple[str, Ability]]:
    """Abilities that make units and structures, each with the name of a type that has it."""
    kinds = {"TerranBuild": Kind.BUILD, "BarracksAddOns": Kind.BUILD_ADD_ON,
             "FactoryAddOns": Kind.BUILD_ADD_ON, "StarportAddOns": Kind.BUILD_ADD_ON}
    for unit_type in unit_data.UNIT_TYPES.values():
        row = _tables().get(unit_type.ability_id, {})
        producers = _PRODUCERS.get(row.get("link_name", ""))
        if not producers or unit_type.name == "RefineryRich":
            continue
        required = list(_EXTRA_REQUIREMENTS.get(unit_type.name, ()))
        add_on = TECH_LAB if unit_type.name in _NEED_TECH_LAB else 0
        if unit_type.needs_add_on:
            add_on = unit_type.tech_requirement
        elif unit_type.tech_requirement:
            required.append(unit_data.get(unit_type.tech_requirement).name)
        ability = _ability(
            unit_type.ability_id, kinds.get(row["link_name"], Kind.TRAIN),
            Target(row["target"]), product=unit_type.unit_id, minerals=unit_type.mineral_cost,
            vespene=unit_type.vespene_cost, food=unit_type.food_required,
            game_loops=unit_type.build_time, requires=tuple(required), add_on=add_on)
        for producer in producers:
            yield producer, ability


def _researches() -> Iterator[tuple[str, Ability]]:
    by_ability = {upgrade.ability_id: upgrade for upgrade in upgrade_data.load().values()}
    for ability_id, name in _ARMORY_PLATING.items():
        by_ability[ability_id] = upgrade_data.load()[upgrade_data.id_of(name)]
    for name, ability_ids in _RESEARCH.items():
        for ability_id in ability_ids:
            upgrade = by_ability[ability_id]
            yield name, _ability(
                ability_id, Kind.RESEARCH, Target.NONE, upgrade_id=upgrade.upgrade_id,
                minerals=upgrade.mineral_cost, vespene=upgrade.vespene_cost,
                game_loops=upgrade.game_loops,
                requires=(upgrade.structure,) if upgrade.structure else ())


def _morphs() -> Iterator[tuple[str, Ability]]:
    for ability_id, (kind, name, product_name, game_loops, requires) in _MORPHS.items():
        product = unit_data.get(unit_data.id_of(product_name))
        origin = unit_data.get(unit_data.id_of(name))
        yield name, _ability(
            ability_id, kind, Target.POINT if kind is Kind.LAND else Target.NONE,
            product=product.unit_id, minerals=max(0, product.mineral_cost - origin.mineral_cost),
            vespene=max(0, product.vespene_cost - origin.vespene_cost),
            game_loops=game_loops, requires=requires)


@functools.cache
def load() -> dict[int, Ability]:
    """Every ability that is simulated, by id."""
    rows = {ability_id: _ability(ability_id, *row) for ability_id, row in _ROWS.items()}
    for ability_id, (target, energy, cast_range, requires) in _SPELLS.items():
        product = _SPELL_PRODUCTS.get(ability_id)
        rows[ability_id] = _ability(
            ability_id, Kind.SPELL, target, energy=energy, cast_range=cast_range,
            requires=requires, cooldown_game_loops=_COOLDOWNS.get(ability_id, 0),
            product=unit_data.id_of(product) if product else 0)
    for _, ability in (*_makers(), *_researches(), *_morphs()):
        rows[ability.ability_id] = ability
    return rows


@functools.cache
def _made_by_name() -> dict[str, tuple[Ability, ...]]:
    rows = load()
    found: dict[str, list[Ability]] = {
        name: [rows[ability_id] for ability_id in ability_ids]
        for name, ability_ids in _OF_TYPE.items()}
    for name, ability in (*_makers(), *_researches(), *_morphs()):
        found.setdefault(name, []).append(ability)
    return {name: tuple(abilities) for name, abilities in found.items()}


@functools.cache
def of_type(unit_id: int) -> tuple[Ability, ...]:
    """Every ability that units of a type ever have, by id; see `technology` for now."""
    rows, unit_type = load(), unit_data.get(unit_id)
    ids: tuple[int, ...] = ()
    has_weapon = bool(unit_type.weapons) or unit_type.name in weapon_data.HIDDEN_WEAPONS
    if unit_type.speed > 0:
        ids = (orders.SMART, orders.STOP, orders.MOVE, orders.PATROL, orders.HOLD_POSITION)
        if has_weapon or not unit_type.is_structure:
            ids = (*ids, orders.ATTACK if has_weapon else orders.SCAN_MOVE)
    elif unit_type.weapons:
        ids = (orders.SMART, orders.STOP, orders.ATTACK)
    own = _made_by_name().get(unit_type.name, ())
    if unit_type.is_flying:  # what stands can add on where it is, what flies is told where
        own = tuple(dataclasses.replace(ability, target=Target.POINT)
                    if ability.target is Target.POINT_OR_NONE else ability for ability in own)
    if any(ability.kind is Kind.RALLY for ability in own) and not ids:
        ids = (orders.SMART,)
    return tuple(sorted((*(rows[ability_id] for ability_id in ids), *own),
                        key=lambda ability: ability.ability_id))


def autocasts_at_first(unit_id: int) -> frozenset[int]:
    """Abilities that a new unit of a type uses by itself."""
    return _AUTOCASTS_AT_FIRST.get(unit_data.get(unit_id).name, frozenset())


@functools.cache
def of_construction() -> tuple[Ability, ...]:
    """Abilities of a Terran structure under construction."""
    return tuple(load()[ability_id] for ability_id in _BUILT_IN_PLACE)
