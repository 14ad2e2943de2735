"""What a unit fights with once its owner's upgrades are counted."""

import dataclasses
import functools
from collections.abc import Iterable

from minisc2.game import unit_data, units
from minisc2.game import weapon_data as data

MELEE_RANGE = 1.0
"""Weapons of at most this range are not ranged attacks."""


@dataclasses.dataclass(frozen=True, slots=True)
class Weapon:
    """A weapon in somebody's hands.

    Attributes:
        damage: of one hit, before armor, upgrades included; `attacks` hits make a shot.
        bonuses: (attribute, damage added against it).
        range: from edge to edge in cells; not below `min_range`.
        cooldown_game_loops: from one shot to the next.
        damage_point_game_loops: from the beginning of a shot to its hit.
        traits: splash and other ways of its own.
        slows: whether those who are hit are slowed (concussive shells).
    """

    damage: float
    attacks: int
    bonuses: tuple[tuple[int, float], ...]
    range: float
    min_range: float
    cooldown_game_loops: float
    damage_point_game_loops: float
    traits: data.Traits
    slows: bool
    _damages: dict[int, float] = dataclasses.field(default_factory=dict, compare=False)

    @property
    def is_ranged(self) -> bool:
        return self.range > MELEE_RANGE

    def damage_to(self, target: unit_data.UnitType) -> float:
        """Damage of one hit on a type of unit, before its armor."""
        damage = self._damages.get(target.unit_id)
        if damage is None:
            if target.is_structure and self.traits.structure_damage:
                damage = self.traits.structure_damage
            else:
                damage = self.damage + sum(bonus for attribute, bonus in self.bonuses
                                           if attribute in target.attributes)
            self._damages[target.unit_id] = damage
        return damage


@dataclasses.dataclass(frozen=True, slots=True)
class Loadout:
    """What a type of unit has with a set of upgrades.

    Attributes:
        ground: weapon against units on the ground, or None; `air` against those in the air.
        armor: taken off every hit on its life.
        health_max: most life.
        attack_level: levels of its weapon upgrades, as an observation shows them; `armor_level`
            of those of its armor.
    """

    ground: Weapon | None
    air: Weapon | None
    armor: float
    health_max: float
    attack_level: int
    armor_level: int


_NO_GROWTH = data.Growth((), ())


def _weapon(unit_type: unit_data.UnitType, upgrades: frozenset[int], level: int, plane: int
            ) -> Weapon | None:
    is_air = plane == unit_data.TARGET_AIR
    base = unit_type.air_weapon if is_air else unit_type.ground_weapon
    for hidden in data.HIDDEN_WEAPONS.get(unit_type.name, ()):
        if hidden.target in (plane, unit_data.TARGET_ANY):
            base = hidden
    if base is None:
        return None
    growth = data.GROWTH.get(unit_type.name, _NO_GROWTH)
    each, each_bonus = ((growth.air, growth.air_bonus) if is_air
                        else (growth.ground, growth.ground_bonus))
    bonuses = tuple((attribute, bonus + level * each_bonus) for attribute, bonus in base.bonuses)
    if unit_type.name == "Hellion" and data.BLUE_FLAME in upgrades:
        bonuses = tuple((attribute, bonus + data.BLUE_FLAME_DAMAGE)
                        for attribute, bonus in bonuses)
    reach = base.range
    if unit_type.name in data.RANGED_BY_HI_SEC and data.HI_SEC in upgrades:
        reach += data.HI_SEC_RANGE
    table = data.AIR_TRAITS if is_air else data.GROUND_TRAITS
    traits = table.get(unit_type.name, data.DEFAULT_TRAITS)
    return Weapon(
        base.damage + level * each, base.attacks, bonuses, reach, traits.min_range,
        base.cooldown_game_loops,
        traits.damage_point_seconds * unit_data.LOOPS_PER_SECOND, traits,
        unit_type.name == "Marauder" and data.CONCUSSIVE_SHELLS in upgrades)


@functools.cache
def loadout(unit_id: int, upgrades: frozenset[int]) -> Loadout:
    """What units of a type have when their owner has some upgrades."""
    unit_type = unit_data.get(unit_id)
    growth = data.GROWTH.get(unit_type.name, _NO_GROWTH)
    attack_level = sum(upgrade in upgrades for upgrade in growth.weapon_upgrades)
    armor_level = sum(upgrade in upgrades for upgrade in growth.armor_upgrades)
    armor = unit_type.armor + armor_level
    if (unit_type.is_structure and unit_type.race == unit_data.TERRAN
            and data.BUILDING_ARMOR in upgrades):
        armor += data.BUILDING_ARMOR_BONUS
        armor_level += 1
    health_max = unit_type.health_max
    if unit_type.name == "Marine" and data.COMBAT_SHIELD in upgrades:
        health_max += data.COMBAT_SHIELD_HEALTH
    return Loadout(
        _weapon(unit_type, upgrades, attack_level, unit_data.TARGET_GROUND),
        _weapon(unit_type, upgrades, attack_level, unit_data.TARGET_AIR),
        armor, health_max, attack_level, armor_level)


def equip(unit: units.Unit, upgrades: Iterable[int]) -> None:
    """Gives a unit what its type and its owner's upgrades make of it."""
    having = loadout(unit.unit_type, frozenset(upgrades))
    unit.ground_weapon = having.ground
    unit.air_weapon = having.air
    unit.armor = having.armor
    unit.attack_upgrade_level = having.attack_level
    unit.armor_upgrade_level = having.armor_level
    if having.health_max != unit.health_max:
        unit.health += having.health_max - unit.health_max
        unit.health_max = having.health_max
    unit.is_on_guard = (not unit.type.is_worker
                        and (having.ground is not None or having.air is not None))


def is_armed(unit: units.Unit) -> bool:
    """Whether it has a weapon of its own."""
    return unit.ground_weapon is not None or unit.air_weapon is not None
