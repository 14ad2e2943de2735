"""Abilities with an effect of their own: stimpack, scan, MULE, supply drop, salvage, healing.

Most take effect when they are ordered and leave the caster's orders alone, as in the real game;
those that are thrown, channelled or take time are orders of kind SPELL. Numbers are those of the
multiplayer game of patch 4.10; seconds are those of the data tables, of 16 game loops (1.4 of them
are a second on screen).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from minisc2.game import (
    ability_data,
    buffs,
    damage,
    effects,
    events,
    mending,
    movement,
    orders,
    results,
    unit_data,
    units,
)

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

Target = tuple[float, float] | units.Unit | None
Act = Callable[["world_lib.World", units.Unit, ability_data.Ability, Target], int]

STIM_GAME_LOOPS = 240
STIM_LIFE = {ability_data.STIM_MARINE: 10.0, ability_data.STIM_MARAUDER: 20.0}
MULE_GAME_LOOPS = 1440
SUPPLY_DROP_FOOD = 8.0
SCAN_RADIUS, SCAN_GAME_LOOPS = 13.0, 196
AFTERBURNER_GAME_LOOPS = 96
GUARDIAN_SHIELD_RADIUS, GUARDIAN_SHIELD_GAME_LOOPS = 4.5, 240
HALLUCINATION_GAME_LOOPS = 960
GRAVITON_BEAM_GAME_LOOPS = 160
KD8_DELAY_GAME_LOOPS, KD8_RADIUS, KD8_DAMAGE, KD8_PUSH = 32, 2.0, 5.0, 1.5
SALVAGE_GAME_LOOPS, SALVAGE_SHARE = 80, 0.75
"""15 s, 90 s, 12.3 s, 6 s, 15 s, 60 s, 10 s, 2 s and 5 s. The push of a KD8 charge is our guess."""

_PULSE_GAME_LOOPS = 4
_MULE_SEARCH_RANGE = 5.0
_GOING, _CASTING = 0, 1


def order_spell(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                target: Target) -> orders.Order | int:
    """Casts a spell at once, or makes the order to."""
    act = _ACTS.get(ability.ability_id)
    if act is not None:
        answer = act(world, unit, ability, target)
        if answer == results.SUCCESS:
            _pay(world, unit, ability)
        return answer
    answer = _CHECKS[ability.ability_id](unit, target)
    if answer != results.SUCCESS:
        return answer
    order = orders.Order(ability.ability_id, orders.Kind.SPELL, ability=ability)
    if isinstance(target, units.Unit):
        order.target_tag = target.tag
    else:
        order.target_xy = target
    return order


def _pay(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability) -> None:
    unit.energy -= ability.energy
    if ability.cooldown_game_loops:
        unit.ready_loops[ability.ability_id] = world.loop + ability.cooldown_game_loops


# Spells that take effect at once.


def _stim(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
          target: Target) -> int:
    del target
    life = STIM_LIFE[ability.ability_id]
    if unit.health <= life:
        return results.NOT_ENOUGH_LIFE
    unit.health -= life
    is_marine = ability.ability_id == ability_data.STIM_MARINE
    buffs.add(world, unit, buffs.STIMPACK if is_marine else buffs.STIMPACK_MARAUDER,
              STIM_GAME_LOOPS)
    return results.SUCCESS


def _call_mule(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
               target: Target) -> int:
    """A MULE lands beside the target and gathers there until its time is over."""
    del ability
    if target is None:
        return results.NOT_SUPPORTED
    xy = (target.x, target.y) if isinstance(target, units.Unit) else target
    if not world.is_visible(unit.owner, xy):
        return results.MUST_TARGET_VISIBLE_LOCATION
    mule = world.create_unit(unit_data.id_of("MULE"), unit.owner, world.ground.clamp(*xy))
    expire_at(world, mule, world.loop + MULE_GAME_LOOPS)
    field = target if isinstance(target, units.Unit) else None
    if field is None or not field.type.has_minerals:
        fields = [other for other in world.units.values() if other.type.has_minerals
                  and other.distance_to(*xy) <= _MULE_SEARCH_RANGE]
        field = min(fields, key=lambda one: (one.distance_to(*xy), one.index), default=None)
    if field is not None:
        world.order(unit.owner, [mule.tag], ability_data.GATHER_MULE, field)
    return results.SUCCESS


def expire_at(world: "world_lib.World", unit: units.Unit, loop: int) -> None:
    """The unit dies by itself in a later game loop."""
    unit.death_loop = loop

    def end() -> None:
        if unit.is_alive:
            world.emit(events.EventKind.UNIT_EXPIRED, unit)
            world.kill_unit(unit)

    world.call_at(loop, end)


def _drop_supplies(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                   target: Target) -> int:
    del ability
    if not (isinstance(target, units.Unit) and target.owner == unit.owner
            and target.build_progress >= 1
            and target.type.name in ("SupplyDepot", "SupplyDepotLowered")):
        return results.CANT_TARGET_THAT_UNIT
    if buffs.SUPPLY_DROP in target.buffs:
        return results.CANT_TARGET_THAT_UNIT
    target.buffs = [*target.buffs, buffs.SUPPLY_DROP]
    target.food_bonus = SUPPLY_DROP_FOOD
    world.players[unit.owner].food_cap += SUPPLY_DROP_FOOD
    return results.SUCCESS


def _scan(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
          target: Target) -> int:
    del ability
    if not isinstance(target, tuple):
        return results.NOT_SUPPORTED
    effect = effects.Effect(effects.SCANNER_SWEEP, unit.owner, SCAN_RADIUS, [target], detects=True)
    effects.show(world, effect, SCAN_GAME_LOOPS)
    world.watch(unit.owner, target, SCAN_RADIUS, SCAN_GAME_LOOPS)
    return results.SUCCESS


def _ignite(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
            target: Target) -> int:
    del ability, target
    buffs.add(world, unit, buffs.MEDIVAC_SPEED_BOOST, AFTERBURNER_GAME_LOOPS)
    return results.SUCCESS


def _raise_shield(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                  target: Target) -> int:
    """A bubble goes with the caster; who is in it takes less from ranged attacks."""
    del ability, target
    effect = effects.Effect(effects.GUARDIAN_SHIELD, unit.owner, GUARDIAN_SHIELD_RADIUS,
                            [(unit.x, unit.y)])
    effects.show(world, effect)
    end_loop = world.loop + GUARDIAN_SHIELD_GAME_LOOPS

    def pulse() -> None:
        if not unit.is_alive or world.loop >= end_loop:
            effects.end(world, effect)
            return
        effect.positions = [(unit.x, unit.y)]
        for friend in world.owned(unit.owner):
            if not friend.is_structure and friend.distance_to(unit.x, unit.y) <= effect.radius:
                buffs.add(world, friend, buffs.GUARDIAN_SHIELD, _PULSE_GAME_LOOPS + 1)
        world.call_at(world.loop + _PULSE_GAME_LOOPS, pulse)

    pulse()
    return results.SUCCESS


def _hallucinate(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                 target: Target) -> int:
    """A copy that does no damage and takes double appears beside the caster."""
    del target
    copy = world.create_unit(ability.product, unit.owner, (unit.x, unit.y), is_hallucination=True)
    expire_at(world, copy, world.loop + HALLUCINATION_GAME_LOOPS)
    return results.SUCCESS


# Spells that are orders.


def _check_heal(unit: units.Unit, target: Target) -> int:
    if not isinstance(target, units.Unit) or not mending.can_heal(unit, target):
        return results.REQUIRES_HEAL_TARGET
    return results.SUCCESS


def _check_beam(unit: units.Unit, target: Target) -> int:
    if not isinstance(target, units.Unit) or target is unit:
        return results.MUST_TARGET_UNIT
    if target.is_flying or target.is_structure or (
            unit_data.MASSIVE in target.type.attributes) or not target.type.is_targetable:
        return results.CANT_TARGET_THAT_UNIT
    return results.SUCCESS


def _check_throw(unit: units.Unit, target: Target) -> int:
    del unit
    return results.SUCCESS if target is not None else results.NOT_SUPPORTED


def _check_salvage(unit: units.Unit, target: Target) -> int:
    del target
    return results.NOT_WHILE_OCCUPIED if unit.cargo else results.SUCCESS


def cast(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """One game loop of casting a spell that is an order."""
    _CASTS[order.ability_id](world, unit, order)


def drop(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """The caster was told otherwise, or died: what it held is free."""
    if order.ability_id == ability_data.GRAVITON_BEAM and order.phase == _CASTING:
        target = world.units.get(order.target_tag)
        if target is not None:
            _put_down(world, target)


def _comes_near(world: "world_lib.World", unit: units.Unit, order: orders.Order,
                target: units.Unit | None) -> bool:
    """Whether the caster is near enough; else it takes a step nearer."""
    if target is not None:
        x, y, radius = target.x, target.y, target.radius
    else:
        (x, y), radius = order.target_xy, 0.0
    if unit.distance_to(x, y) - unit.radius - radius <= order.ability.cast_range:
        return True
    return movement.move_towards(world, unit, x, y)


def _heal(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    target = world.units.get(order.target_tag)
    if target is None or not mending.can_heal(unit, target):
        world.finish_order(unit)
    else:
        mending.heal(world, unit, target)


def _beam(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Lifts the target off the ground, and holds it there until the energy of the beam is out."""
    target = world.units.get(order.target_tag)
    if target is None:
        world.finish_order(unit)
    elif order.phase == _CASTING:
        if world.loop >= order.end_loop:
            _put_down(world, target)
            world.finish_order(unit)
    elif _check_beam(unit, target) != results.SUCCESS or not world.can_see(unit.owner, target):
        world.finish_order(unit)
    elif _comes_near(world, unit, order, target):
        if unit.energy < order.ability.energy:
            world.fail(unit, order.ability_id, results.NOT_ENOUGH_ENERGY)
            world.finish_order(unit)
            return
        _pay(world, unit, order.ability)
        order.phase = _CASTING
        order.start_loop, order.end_loop = world.loop, world.loop + GRAVITON_BEAM_GAME_LOOPS
        unit.wake_loop = order.end_loop
        target.is_disabled = True
        world.set_flying(target, True)
        buffs.add(world, target, buffs.GRAVITON_BEAM, GRAVITON_BEAM_GAME_LOOPS + 1)


def _put_down(world: "world_lib.World", target: units.Unit) -> None:
    buffs.remove(target, buffs.GRAVITON_BEAM)
    target.is_disabled = False
    target.wake_loop = 0
    world.set_flying(target, False)


def _throw(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Throws a charge that goes off a little later, hurts enemies and pushes everybody away."""
    target = world.units.get(order.target_tag)
    if target is None and order.target_xy is None:
        world.finish_order(unit)
    elif _comes_near(world, unit, order, target):
        xy = order.target_xy if target is None else (target.x, target.y)
        _pay(world, unit, order.ability)
        world.call_at(world.loop + KD8_DELAY_GAME_LOOPS,
                      lambda: damage.blast(world, unit, xy, KD8_RADIUS, KD8_DAMAGE, KD8_PUSH))
        world.finish_order(unit)


def _salvage(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    if not order.end_loop:
        order.start_loop, order.end_loop = world.loop, world.loop + SALVAGE_GAME_LOOPS
        unit.wake_loop = order.end_loop
    elif world.loop >= order.end_loop:
        world.refund(unit.owner, unit.type.mineral_cost * SALVAGE_SHARE,
                     unit.type.vespene_cost * SALVAGE_SHARE)
        world.remove_unit(unit)


_ACTS: dict[int, Act] = {
    ability_data.STIM_MARINE: _stim,
    ability_data.STIM_MARAUDER: _stim,
    ability_data.CALLDOWN_MULE: _call_mule,
    ability_data.SUPPLY_DROP: _drop_supplies,
    ability_data.SCANNER_SWEEP: _scan,
    ability_data.AFTERBURNERS: _ignite,
    ability_data.GUARDIAN_SHIELD: _raise_shield,
    ability_data.HALLUCINATION_ARCHON: _hallucinate,
}

_CHECKS: dict[int, Callable[[units.Unit, Target], int]] = {
    ability_data.HEAL: _check_heal,
    ability_data.GRAVITON_BEAM: _check_beam,
    ability_data.KD8_CHARGE: _check_throw,
    ability_data.SALVAGE: _check_salvage,
}

_CASTS: dict[int, Callable[["world_lib.World", units.Unit, orders.Order], None]] = {
    ability_data.HEAL: _heal,
    ability_data.GRAVITON_BEAM: _beam,
    ability_data.KD8_CHARGE: _throw,
    ability_data.SALVAGE: _salvage,
}
