"""Training and research: what structures make one after the other, or two at once by a reactor."""

import math
from typing import TYPE_CHECKING

from minisc2.game import ability_data, combat, events, orders, results, unit_data, units

if TYPE_CHECKING:
    from minisc2.game import world as world_lib

Target = tuple[float, float] | units.Unit

KINDS = frozenset((orders.Kind.TRAIN, orders.Kind.RESEARCH))

_QUEUE_LENGTH, _REACTOR_QUEUE_LENGTH = 5, 8
_RETRY_GAME_LOOPS = 8
"""How often something that waits for supply looks whether there is some."""


def num_lines(world: "world_lib.World", unit: units.Unit) -> int:
    """How many things a structure makes at the same time."""
    add_on = world.units.get(unit.add_on_tag)
    has_reactor = (add_on is not None and add_on.build_progress >= 1
                   and ability_data.REACTOR in add_on.type.tech_alias)
    return 2 if has_reactor else 1


def has_room(world: "world_lib.World", unit: units.Unit) -> bool:
    """Whether one more fits into the queue."""
    limit = _QUEUE_LENGTH if num_lines(world, unit) == 1 else _REACTOR_QUEUE_LENGTH
    return len(unit.orders) < limit


def enqueue(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
            target: tuple[float, float] | units.Unit | None) -> int:
    """Pays for something and puts it at the end of the queue."""
    del target
    if not world.pay(unit.owner, ability.minerals, ability.vespene):
        return results.NOT_ENOUGH_MINERALS
    order = orders.Order(ability.ability_id, ability.kind, ability=ability)
    order.paid = (ability.minerals, ability.vespene)
    if ability.upgrade_id:
        world.players[unit.owner].upgrades_in_research.add(ability.upgrade_id)
    unit.orders.append(order)
    unit.wake_loop = 0
    return results.SUCCESS


def produce(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Begins what can begin, ends what is done, and sleeps until the next end."""
    del order
    wake_loop = units.NEVER
    for order in unit.orders[:num_lines(world, unit)]:
        if order.kind not in KINDS:  # what it makes comes first, then what else it was told
            break
        if not order.end_loop and not _begin(world, unit, order):
            wake_loop = min(wake_loop, world.loop + _RETRY_GAME_LOOPS)
        elif world.loop >= order.end_loop:
            unit.orders.remove(order)
            _finish(world, unit, order)
            wake_loop = 0
        else:
            wake_loop = min(wake_loop, order.end_loop)
    if unit.is_on_guard and unit.is_alive:  # it shoots all the same
        unit.wake_loop = world.loop + 1
        combat.guard(world, unit)
        wake_loop = min(wake_loop, unit.wake_loop)
    unit.wake_loop = wake_loop


def _begin(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> bool:
    state = world.players[unit.owner]
    food = order.ability.food
    if food and food > state.food_left:
        return False
    state.food_used += food
    order.start_loop = world.loop
    order.end_loop = world.loop + round(order.ability.game_loops)
    return True


def _finish(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    state = world.players[unit.owner]
    ability = order.ability
    if ability.upgrade_id:
        state.upgrades_in_research.discard(ability.upgrade_id)
        world.add_upgrade(unit.owner, ability.upgrade_id)
        world.accounts.research(unit.owner, ability)
        world.emit(events.EventKind.RESEARCH_FINISHED, unit)
        return
    state.food_used -= ability.food  # the unit itself counts from now on
    made = world.create_unit(ability.product, unit.owner, _exit(unit, ability.product))
    world.emit(events.EventKind.UNIT_TRAINED, made)
    unit.rally = [_last_place(target) for target in unit.rally]
    for target in unit.rally:
        world.order(made.owner, [made.tag], orders.SMART, target, queued=True)


def _exit(unit: units.Unit, product: int) -> tuple[float, float]:
    """Where a new unit appears: at the edge towards the rally point, else below."""
    x, y = unit.x, unit.y - 1.0
    if unit.rally:
        target = unit.rally[0]
        x, y = (target.x, target.y) if isinstance(target, units.Unit) else target
    angle = math.atan2(y - unit.y, x - unit.x)
    distance = unit.radius + unit_data.get(product).radius
    return unit.x + distance * math.cos(angle), unit.y + distance * math.sin(angle)


def _last_place(target: Target) -> Target:
    """A rally point at a unit that is gone stays where the unit was."""
    if isinstance(target, units.Unit) and not target.is_alive:
        return target.x, target.y
    return target


def set_rally(world: "world_lib.World", unit: units.Unit, target: Target | None, queued: bool
              ) -> int:
    """Where units go that the structure makes from now on; itself clears it.

    Args:
        world: its world.
        unit: the structure.
        target: world point or unit.
        queued: whether they go there after the rally points that there are.
    """
    if target is None:
        return results.NOT_SUPPORTED
    if target is unit:
        unit.rally = []
        return results.SUCCESS
    if not isinstance(target, units.Unit):
        target = world.ground.clamp(*target)
    if not queued:
        unit.rally = [target]
    elif len(unit.rally) >= orders.MAX_ORDERS:
        return results.QUEUE_IS_FULL
    else:
        unit.rally = [*unit.rally, target]
    return results.SUCCESS


def cancel_last(world: "world_lib.World", unit: units.Unit, ability: ability_data.Ability,
                target: tuple[float, float] | units.Unit | None) -> int:
    """Takes back the last thing in the queue."""
    del ability, target
    indices = [index for index, order in enumerate(unit.orders) if order.kind in KINDS]
    return cancel(world, unit, indices[-1]) if indices else results.ERROR


def cancel(world: "world_lib.World", unit: units.Unit, index: int) -> int:
    """Takes back one thing in the queue, for its whole cost.

    Returns:
        A `results` answer: ERROR where nothing is made at that place of the queue.
    """
    if not 0 <= index < len(unit.orders) or unit.orders[index].kind not in KINDS:
        return results.ERROR
    drop(world, unit, unit.orders.pop(index))
    unit.wake_loop = 0
    return results.SUCCESS


def drop(world: "world_lib.World", unit: units.Unit, order: orders.Order) -> None:
    """Gives back what was paid for, and the supply that was taken."""
    state = world.players[unit.owner]
    world.refund(unit.owner, *order.paid)
    if order.end_loop:
        state.food_used -= order.ability.food
    if order.ability.upgrade_id:
        state.upgrades_in_research.discard(order.ability.upgrade_id)
