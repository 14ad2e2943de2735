"""Debug commands: what a client may change about the world beside playing."""

import math

from s2clientprotocol import debug_pb2

from minisc2.api import errors
from minisc2.api import seat as seat_lib
from minisc2.game import ability_data, add_ons, orders, players, unit_data, units
from minisc2.game import world as world_lib

RESOURCES = 5000
FOOD_CAP = 200
MAX_QUANTITY = 1000
MAX_SCORE = 1 << 30
LARGE_FIELD, SMALL_FIELD, GEYSER = 1800, 900, 2250
"""What mineral fields and geysers of ladder maps hold."""

_NEUTRAL_OWNERS = (0, units.NEUTRAL_OWNER)
_FLAGS = {debug_pb2.god: "is_invulnerable", debug_pb2.free: "is_free",
          debug_pb2.tech_tree: "has_all_technology", debug_pb2.cooldown: "has_no_cooldowns"}
"""States that are on or off -> attribute of `players.PlayerState`."""

_STATES = frozenset((debug_pb2.show_map, debug_pb2.food, debug_pb2.all_resources,
                     debug_pb2.minerals, debug_pb2.gas, debug_pb2.upgrade, *_FLAGS))
_VALUES = {debug_pb2.DebugSetUnitValue.Energy: "energy",
           debug_pb2.DebugSetUnitValue.Life: "health",
           debug_pb2.DebugSetUnitValue.Shields: "shield"}


def check(seat: seat_lib.Seat, command: debug_pb2.DebugCommand) -> None:
    """Finds out whether a command can be applied.

    Raises:
        errors.RequestError: it cannot; the text names it.
    """
    kind = command.WhichOneof("command")
    if kind is None:
        raise errors.RequestError("A debug command is empty: set one of its fields.")
    if kind == "test_process":
        test = debug_pb2.DebugTestProcess.Test.Name(command.test_process.test)
        raise errors.RequestError(f"debug.test_process ({test}) is not served: minisc2 does not "
                                  "hang, crash or exit on purpose.")
    if kind == "game_state" and command.game_state not in _STATES:
        known = ", ".join(sorted(map(debug_pb2.DebugGameState.Name, _STATES)))
        raise errors.RequestError(
            f"debug.game_state {debug_pb2.DebugGameState.Name(command.game_state)} is not served; "
            f"there are: {known}.")
    if not all(map(math.isfinite, _numbers(command))):
        raise errors.RequestError(f"debug.{kind} has a number that is not finite.")
    if abs(command.score.score) > MAX_SCORE:
        raise errors.RequestError(f"debug.score is {command.score.score:g}; an observation holds "
                                  f"scores from {-MAX_SCORE} to {MAX_SCORE}.")
    if kind == "create_unit":
        _check_create(seat, command.create_unit)
    if kind == "unit_value" and command.unit_value.unit_tag not in seat.world.units:
        raise errors.RequestError(f"debug.unit_value names unit {command.unit_value.unit_tag}, "
                                  "which is not in the game.")


def _numbers(command: debug_pb2.DebugCommand) -> tuple[float, ...]:
    """The numbers by which a command changes the world."""
    position = command.create_unit.pos
    return command.score.score, command.unit_value.value, position.x, position.y


def _check_create(seat: seat_lib.Seat, create: debug_pb2.DebugCreateUnit) -> None:
    if create.unit_type not in unit_data.UNIT_TYPES:
        raise errors.RequestError(f"debug.create_unit: unit type {create.unit_type} does not "
                                  "exist; ids are those of stableid.json.")
    if create.owner not in _NEUTRAL_OWNERS and create.owner not in seat.world.players:
        known = ", ".join(map(str, seat.world.players))
        raise errors.RequestError(f"debug.create_unit: there is no player {create.owner}; "
                                  f"there are {known}, and {units.NEUTRAL_OWNER} for neutral.")
    if create.quantity > MAX_QUANTITY:
        raise errors.RequestError(f"debug.create_unit: {create.quantity} units at once are too "
                                  f"many; at most {MAX_QUANTITY}.")


def apply(seat: seat_lib.Seat, command: debug_pb2.DebugCommand) -> None:
    """Applies a command that `check` let pass. Drawings are ignored: nobody could see them."""
    kind = command.WhichOneof("command")
    if kind == "game_state":
        _set_state(seat, command.game_state)
    elif kind == "create_unit":
        _create(seat, command.create_unit)
    elif kind == "kill_unit":
        for tag in command.kill_unit.tag:
            unit = seat.world.units.get(tag)
            if unit is not None:  # it may have died since the client looked
                seat.world.kill_unit(unit)
    elif kind == "score":
        seat.player.score.curriculum = int(command.score.score)
    elif kind == "end_game":
        _end(seat, command.end_game.end_result == debug_pb2.DebugEndGame.DeclareVictory)
    elif kind == "unit_value":
        _set_value(seat, command.unit_value)


def _set_state(seat: seat_lib.Seat, state: int) -> None:
    player = seat.player
    if state == debug_pb2.show_map:
        seat.world.set_fog(not seat.world.is_fog_enabled)
    elif state == debug_pb2.food:
        player.food_cap = FOOD_CAP
    elif state == debug_pb2.upgrade:
        _research_everything(seat)
    elif state in _FLAGS:
        setattr(player, _FLAGS[state], not getattr(player, _FLAGS[state]))
        seat.world.num_changes += 1  # what units can do may be another
    if state in (debug_pb2.minerals, debug_pb2.all_resources):
        player.minerals += RESOURCES
    if state in (debug_pb2.gas, debug_pb2.all_resources):
        player.vespene += RESOURCES


def _research_everything(seat: seat_lib.Seat) -> None:
    """Gives the player every upgrade that is simulated."""
    for upgrade_id in sorted(
            ability.upgrade_id for ability in ability_data.load().values()
            if ability.kind is orders.Kind.RESEARCH):
        if upgrade_id not in seat.player.upgrades:
            seat.world.add_upgrade(seat.player_id, upgrade_id)


def _create(seat: seat_lib.Seat, create: debug_pb2.DebugCreateUnit) -> None:
    owner = units.NEUTRAL_OWNER if create.owner in _NEUTRAL_OWNERS else create.owner
    center = seat.interface.raw.raw_to_world((create.pos.x, create.pos.y))
    spacing = 2 * unit_data.get(create.unit_type).radius
    width, height = seat.world.game_map.size
    for number in range(max(1, create.quantity)):
        # A sunflower: the first at the point itself, the others evenly around it.
        distance, angle = spacing * math.sqrt(number), number * math.pi * (3 - math.sqrt(5))
        x = min(max(center[0] + distance * math.cos(angle), 0.0), width - 0.01)
        y = min(max(center[1] + distance * math.sin(angle), 0.0), height - 0.01)
        unit = seat.world.create_unit(create.unit_type, owner, (x, y))
        _fill(seat.world, unit)
        if unit.is_structure:
            _attach(seat.world, unit)


def _fill(world: world_lib.World, made: units.Unit) -> None:
    """Gives resources their usual contents, and a refinery those of the geyser that it is on."""
    if made.type.has_minerals:
        made.mineral_contents = (SMALL_FIELD if made.type.name.endswith("750") else LARGE_FIELD)
    elif made.type.has_vespene:
        made.vespene_contents = GEYSER
        if made.owner != units.NEUTRAL_OWNER:
            made.vespene_contents = next(
                (unit.vespene_contents for unit in world.owned(units.NEUTRAL_OWNER)
                 if unit.type.has_vespene and (unit.x, unit.y) == (made.x, made.y)), 0)


def _attach(world: world_lib.World, made: units.Unit) -> None:
    """Joins what was made beside each other: a structure and its add-on."""
    for unit in list(world.owned(made.owner)):
        if not unit.add_on_tag and (
                unit is made or add_ons.place((unit.x, unit.y)) == (made.x, made.y)):
            add_ons.take_over(world, unit)


def _end(seat: seat_lib.Seat, is_victory: bool) -> None:
    own, others = ((players.VICTORY, players.DEFEAT) if is_victory
                   else (players.DEFEAT, players.VICTORY))
    seat.world.end_game({player_id: own if player_id == seat.player_id else others
                         for player_id in seat.world.players})


def _set_value(seat: seat_lib.Seat, command: debug_pb2.DebugSetUnitValue) -> None:
    unit = seat.world.units.get(command.unit_tag)
    if unit is None:
        return  # an earlier command of the same request killed it
    name = _VALUES[command.unit_value]
    setattr(unit, name, min(max(command.value, 0.0), getattr(unit, f"{name}_max")))
    if name == "health" and unit.health <= 0:
        seat.world.kill_unit(unit)
