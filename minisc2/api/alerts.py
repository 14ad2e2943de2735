"""What happened, in the words that the game has for it: `sc2api_pb2.Alert`."""

from s2clientprotocol import sc2api_pb2

from minisc2.game import events, unit_data
from minisc2.game import world as world_lib

BASE_RANGE = 10.0
"""Cells around a finished town hall in which an exhausted resource was its owner's."""

_TOWN_HALLS = frozenset(map(unit_data.id_of, (
    "CommandCenter", "OrbitalCommand", "PlanetaryFortress", "Nexus", "Hatchery", "Lair", "Hive")))
_Kind = events.EventKind
_BY_KIND = {
    _Kind.STRUCTURE_FINISHED: sc2api_pb2.BuildingComplete,
    _Kind.ADD_ON_FINISHED: sc2api_pb2.AddOnComplete,
    _Kind.RESEARCH_FINISHED: sc2api_pb2.ResearchComplete,
}


def alert_of(event: events.Event, world: world_lib.World, player_id: int) -> int | None:
    """The alert by which a player learns of an event, or None if there is none.

    Attacks are alerts, too, but not each of them is one: see `Seat`.

    Args:
        event: what happened.
        world: where it happened.
        player_id: who is told.
    """
    if event.kind is _Kind.RESOURCE_EXHAUSTED:
        return _exhausted(event, world, player_id)
    if event.owner != player_id:
        return None
    unit_type = unit_data.get(event.unit_type)
    if event.kind is _Kind.UNIT_TRAINED:
        return (sc2api_pb2.TrainWorkerComplete if unit_type.is_worker
                else sc2api_pb2.TrainUnitComplete)
    if event.kind is _Kind.STRUCTURE_FINISHED and unit_type.name.endswith(("TechLab", "Reactor")):
        return None  # ADD_ON_FINISHED tells of it
    if event.kind is _Kind.MORPH_FINISHED:  # of a town hall; other changes take a moment
        return sc2api_pb2.MorphComplete if event.unit_type in _TOWN_HALLS else None
    if event.kind is _Kind.UNIT_EXPIRED:
        return sc2api_pb2.MULEExpired if unit_type.name == "MULE" else None
    return _BY_KIND.get(event.kind)


def _exhausted(event: events.Event, world: world_lib.World, player_id: int) -> int | None:
    """Told to the owner of a gas structure, and to whoever has a base beside a mineral field."""
    if event.owner != player_id and not any(
            unit.owner == player_id and unit.unit_type in _TOWN_HALLS and unit.build_progress >= 1
            and unit.distance_to(*event.xy) <= BASE_RANGE for unit in world.units.values()):
        return None
    return (sc2api_pb2.MineralsExhausted if unit_data.get(event.unit_type).has_minerals
            else sc2api_pb2.VespeneExhausted)
