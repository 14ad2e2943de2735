"""Queries about the world: ways, abilities of units, and places to build."""

import math

from s2clientprotocol import query_pb2

from minisc2.api import errors, observation
from minisc2.api import seat as seat_lib


def answer(seat: seat_lib.Seat, query: query_pb2.RequestQuery) -> query_pb2.ResponseQuery:
    """Answers every part of a query, in the order of the request.

    Raises:
        errors.RequestError: a pathing query has no start, or a coordinate is not finite.
    """
    _check(query)
    response = query_pb2.ResponseQuery()
    for pathing in query.pathing:
        response.pathing.add(distance=_distance(seat, pathing))
    for abilities in query.abilities:
        unit = seat.world.units.get(abilities.unit_tag)
        part = response.abilities.add(unit_tag=abilities.unit_tag)
        if unit is not None:
            part.unit_type_id = unit.unit_type
            part.abilities.extend(
                [message for use in sorted(seat.world.abilities(
                    seat.player_id, unit, query.ignore_resource_requirements))
                 for message in observation.ability_messages(use)])
    for placement in query.placements:
        xy = seat.interface.raw.raw_to_world((placement.target_pos.x, placement.target_pos.y))
        builder = seat.world.units.get(placement.placing_unit_tag)
        response.placements.add(
            result=seat.world.placement(placement.ability_id, xy, builder))
    return response


def _check(query: query_pb2.RequestQuery) -> None:
    points = [point for pathing in query.pathing for point in (pathing.start_pos, pathing.end_pos)]
    points += [placement.target_pos for placement in query.placements]
    for point in points:
        if not (math.isfinite(point.x) and math.isfinite(point.y)):
            raise errors.RequestError(f"A query has the point ({point.x}, {point.y}); both "
                                      "coordinates have to be finite.")


def _distance(seat: seat_lib.Seat, pathing: query_pb2.RequestQueryPathing) -> float:
    """Length of the way, 0 where there is none or the unit is gone."""
    to_world = seat.interface.raw.raw_to_world
    end_xy = to_world((pathing.end_pos.x, pathing.end_pos.y))
    start = pathing.WhichOneof("start")
    if start == "unit_tag":
        unit = seat.world.units.get(pathing.unit_tag)
        return 0.0 if unit is None else seat.world.path_distance(unit, end_xy)
    if start == "start_pos":
        return seat.world.path_distance(to_world((pathing.start_pos.x, pathing.start_pos.y)),
                                        end_xy)
    raise errors.RequestError("A pathing query has no start: set start_pos or unit_tag.")
