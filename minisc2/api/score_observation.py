"""The score of a player as a message."""

import dataclasses
import operator

from s2clientprotocol import score_pb2

from minisc2.game import players


def build(player: players.PlayerState) -> score_pb2.Score:
    """Builds the message from a player's counters."""
    score = player.score
    message = score_pb2.Score(score_type=score.kind, score=total(player))
    details = message.score_details
    for name in _PLAIN:
        setattr(details, name, getattr(score, name))
    for name, parts in _GROUPED.items():
        source, group = getattr(score, name), getattr(details, name)
        for part in parts:
            setattr(group, part, getattr(source, part))
    return message


def key(player: players.PlayerState) -> tuple[float, ...]:
    """Everything the message is built from: equal keys, equal messages."""
    return (player.score.kind, total(player), *_values(player.score))


def total(player: players.PlayerState) -> int:
    """The score: what the map's script counts, or in a melee game the value of all one owns.

    A recorded real match has at its first loop a score of 1050 with 50 minerals and 1000 minerals
    of used value.
    """
    score = player.score
    if score.kind == players.CURRICULUM:
        return int(score.curriculum)
    used = (*vars(score.used_minerals).values(), *vars(score.used_vespene).values())
    return int(player.minerals + player.vespene + sum(used))


_FIELDS = {field.name for field in dataclasses.fields(players.Score)}
_GROUPED = {field.name: tuple(part.name for part in field.message_type.fields)
            for field in score_pb2.ScoreDetails.DESCRIPTOR.fields
            if field.message_type is not None and field.name in _FIELDS}
_PLAIN = tuple(field.name for field in score_pb2.ScoreDetails.DESCRIPTOR.fields
               if field.message_type is None and field.name in _FIELDS)
_values = operator.attrgetter(
    *_PLAIN, *(f"{name}.{part}" for name, parts in _GROUPED.items() for part in parts))
