"""Makes `casters.json`: which types of units use which abilities in real replays.

    python -m minisc2.reconstruction.build_casters FOLDER

FOLDER holds .SC2Replay files of the real game; the table in the repository was made from 93 replays
of icpm/pysc2-replay-data-extraction, google-deepmind/pysc2, opendilab/DI-star (Apache-2.0),
BurnySc2/python-sc2, Blizzard/s2protocol (MIT) and others. Of each command to units of one type
only, type and ability count. An ability stays with a type that got a fair share of its commands:
less where many types have it. Commands beside it were given to what had been selected before.
"""

import collections
import json
import pathlib
import sys
from collections.abc import Iterable

from minisc2.game import orders, unit_data
from minisc2.reconstruction import (
    abilities,
    blizzard_file,
    casters,
    chronicle,
    inputs,
    participants,
)

_SHARE, _SHARE_AMONG_MANY, _MANY, _LEAST = 0.1, 0.03, 5, 2
_STILL = ("Larva", "Egg")
_OF_ALL_THAT_MOVE = frozenset((orders.STOP, orders.MOVE, orders.PATROL, orders.HOLD_POSITION,
                               orders.SCAN_MOVE, orders.ATTACK))


def count(paths: Iterable[pathlib.Path]) -> dict[int, collections.Counter[int]]:
    """Ability -> how many commands to each type of unit, given to units of one type only."""
    counts: dict[int, collections.Counter[int]] = collections.defaultdict(collections.Counter)
    for path in paths:
        file = blizzard_file.BlizzardFile(path.read_bytes())
        if not file.tracker_events:
            continue
        happenings = iter(chronicle.read(file).happenings)
        following = next(happenings, None)
        types: dict[int, int] = {}
        for one in inputs.read(file, participants.read(file)):
            while following is not None and following.loop < one.loop:
                if isinstance(following, (chronicle.Appeared, chronicle.BecameType)):
                    types[following.tag] = following.unit_type
                following = next(happenings, None)
            if isinstance(one, inputs.Command):
                selected = {types.get(tag, 0) for tag in one.selection}
                if len(selected) == 1 and 0 not in selected:
                    counts[one.ability_id][selected.pop()] += 1
    return counts


def table(counts: dict[int, collections.Counter[int]]) -> dict[str, list[int]]:
    """Name of a type -> abilities, by id."""
    found: dict[str, set[int]] = collections.defaultdict(set)
    for ability_id, types in counts.items():
        if not ability_id or ability_id in _OF_ALL_THAT_MOVE or ability_id == abilities.SMART:
            continue
        total = sum(types.values())
        share = _SHARE_AMONG_MANY if len(types) >= _MANY else _SHARE
        for unit_type, amount in types.items():
            if amount >= max(share * total, _LEAST):
                found[unit_data.get(unit_type).name].add(ability_id)
    for unit_type in unit_data.UNIT_TYPES.values():
        if unit_type.race and unit_type.speed > 0 and unit_type.name not in _STILL:
            found[unit_type.name] |= _OF_ALL_THAT_MOVE | {abilities.SMART}
        elif unit_type.name in found:
            found[unit_type.name].add(abilities.SMART)  # sets the rally point
    return {name: sorted(ids) for name, ids in sorted(found.items())}


def main() -> None:
    """Reads the replays and writes the table."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rows = table(count(sorted(pathlib.Path(sys.argv[1]).rglob("*.SC2Replay"))))
    lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(ids, separators=(',', ':'))}"
                       for name, ids in rows.items())
    casters.PATH.write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
