"""Random API requests: any message that the protocol can carry, with any values in it."""

import random
import string
from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor, message
from s2clientprotocol import sc2api_pb2

_Field = descriptor.FieldDescriptor
_MAX_DEPTH = 6
_MAX_REPEATED = 3
_GAME_LOOPS = 64
_UNITS = 8
# A game lasts long enough to be played when what ends it is rare.
_WEIGHTS = {"action": 8.0, "step": 6.0, "debug": 4.0, "observation": 4.0, "query": 4.0,
            "join_game": 4.0, "create_game": 1.5, "leave_game": 0.3, "restart_game": 0.3,
            "start_replay": 0.5}
_MAPS = ("Simple64", "MoveToBeacon", "DefeatRoaches", "Flat32", "CollectMineralShards")


def random_bytes(rng: random.Random) -> bytes:
    """Bytes that are most often no request at all."""
    return rng.randbytes(rng.choice((0, 1, 2, 7, 40, 400)))


def random_request(rng: random.Random) -> sc2api_pb2.Request:
    """A request of a random kind, with a random subset of its fields set.

    Valid in its form only. What would merely take long is kept short: steps of at most 64 game
    loops (or far too many, which is refused), and at most 8 units made at once.
    """
    request = sc2api_pb2.Request()
    kinds = [field for field in request.DESCRIPTOR.oneofs_by_name["request"].fields
             if field.name != "quit"]
    (kind,) = rng.choices(kinds, [_WEIGHTS.get(field.name, 1.0) for field in kinds])
    part = getattr(request, kind.name)
    part.SetInParent()
    _fill(part, rng, 0)
    if rng.random() < 0.8:
        if kind.name == "create_game":
            _make_playable(part, rng)
        elif kind.name == "join_game":
            _make_joinable(part, rng)
    if rng.random() < 0.9:
        request.id = rng.getrandbits(32)
    return request


def _make_playable(create: sc2api_pb2.RequestCreateGame, rng: random.Random) -> None:
    """Lets most games begin, so that the requests that follow meet one."""
    create.local_map.Clear()
    create.local_map.map_path = rng.choice(_MAPS)
    create.realtime = False
    del create.player_setup[:]
    create.player_setup.add(type=sc2api_pb2.Participant)
    if rng.random() < 0.5:
        create.player_setup.add(type=sc2api_pb2.Computer, race=rng.choice((1, 4)),
                                difficulty=rng.randint(1, 10))


def _make_joinable(join: sc2api_pb2.RequestJoinGame, rng: random.Random) -> None:
    """Lets most clients in, with layers of a size that is quickly drawn."""
    join.Clear()
    join.race = rng.choice((1, 4))
    join.options.raw = rng.random() < 0.7
    join.options.score = rng.random() < 0.5
    layers = join.options.feature_layer
    layers.width = rng.choice((8, 24))
    for size in (layers.resolution, layers.minimap_resolution):
        size.x, size.y = rng.choice(((16, 16), (32, 24), (1, 1), (64, 64)))


def _fill(part: message.Message, rng: random.Random, depth: int) -> None:
    for field in part.DESCRIPTOR.fields:
        if rng.random() < 0.4:
            continue
        if field.is_repeated:
            for _ in range(rng.randint(0, _MAX_REPEATED)):
                if field.message_type is None:
                    getattr(part, field.name).append(_value(field, rng))
                elif depth < _MAX_DEPTH:
                    _fill(getattr(part, field.name).add(), rng, depth + 1)
        elif field.message_type is None:
            setattr(part, field.name, _value(field, rng))
        elif depth < _MAX_DEPTH:
            getattr(part, field.name).SetInParent()
            _fill(getattr(part, field.name), rng, depth + 1)


def _value(field: descriptor.FieldDescriptor, rng: random.Random) -> Any:
    if field.name == "count":
        return rng.choice((0, 1, 8, _GAME_LOOPS, 1 << 31))
    if field.name == "quantity":
        return rng.choice((0, 1, _UNITS, 1 << 31))
    return _VALUES[field.type](field, rng)


def _number(bits: int, signed: bool) -> Callable[[descriptor.FieldDescriptor, random.Random], int]:
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)

    def draw(field: descriptor.FieldDescriptor, rng: random.Random) -> int:
        del field
        choice = rng.random()
        if choice < 0.5:
            return rng.randint(0, 64)
        return rng.choice((low, high, 0)) if choice < 0.6 else rng.randint(0, 5000)

    return draw


def _real(field: descriptor.FieldDescriptor, rng: random.Random) -> float:
    del field
    return rng.choice((rng.uniform(0, 96), rng.gauss(0, 100), 0.0, 1e30, -1e30, float("nan"),
                       float("inf")))


def _text(field: descriptor.FieldDescriptor, rng: random.Random) -> str:
    del field
    drawn = "".join(rng.choices(string.printable, k=12))
    return rng.choice(("", rng.choice(_MAPS), drawn, "\u00e4"))


_VALUES: dict[int, Callable[[descriptor.FieldDescriptor, random.Random], Any]] = {
    _Field.TYPE_BOOL: lambda field, rng: rng.random() < 0.5,
    _Field.TYPE_BYTES: lambda field, rng: random_bytes(rng),
    _Field.TYPE_STRING: _text,
    _Field.TYPE_ENUM: lambda field, rng: rng.choice(field.enum_type.values).number,
    _Field.TYPE_FLOAT: _real,
    _Field.TYPE_DOUBLE: _real,
    _Field.TYPE_INT32: _number(32, signed=True),
    _Field.TYPE_INT64: _number(64, signed=True),
    _Field.TYPE_UINT32: _number(32, signed=False),
    _Field.TYPE_UINT64: _number(64, signed=False),
}
