"""The score of a player as a message."""

import dataclasses

from s2clientprotocol import score_pb2

from minisc2.game import players


def build(player: players.PlayerState) -> score_pb2.Score:
    """Builds the message from a player's counters."""
    score = player.score
    message = score_pb2.Score(score_type=score.kind, score=total(player))
    details = message.score_details
    for name in _PLAIN:
        setattr(details, name, getattr(score, name))
    for name in _GROUPED:
        group = getattr(details, name)
        for part, value in vars(getattr(score, name)).items():
            setattr(group, part, value)
    return message


def key(player: players.PlayerState) -> tuple[float, ...]:
    """Everything the message is built from: equal keys, equal messages."""
    score = player.score
    values: list[float] = [score.kind, total(player)]
    values.extend([getattr(score, name) for name in _PLAIN])
    for name in _GROUPED:
        values.extend(vars(getattr(score, name)).values())
    return tuple(values)


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
_GROUPED = tuple(field.name for field in score_pb2.ScoreDetails.DESCRIPTOR.fields
                 if field.message_type is not None and field.name in _FIELDS)
_PLAIN = tuple(field.name for field in score_pb2.ScoreDetails.DESCRIPTOR.fields
               if field.message_type is None and field.name in _FIELDS)
