"""Makes `links.json`: which ability a link number in a replay stands for, build by build.

    python -m minisc2.reconstruction.build_links SC2READER_DATA

SC2READER_DATA is the folder `sc2reader/data/LotV` of the Python package sc2reader 1.9.0 (MIT).
Its files `<build>_abilities.csv` say which link has which name; some names are wrong. Links and
stable ids both follow the order of the game's catalogue, so that between two links whose names
are right the others can be counted off in `game/tables.json` (s2client-proto, MIT), and are.

The table keeps facts only: for each build, runs of (first link, first stable id, number of links),
where the abilities of a run follow each other in the order of their lowest stable ids.
"""

import bisect
import csv
import itertools
import json
import pathlib
import sys
from collections.abc import Sequence

from minisc2.api import tables

PATH = pathlib.Path(__file__).with_name("links.json")
_FIRST_LINK = 35
"""Links below stand for the kinds of abilities themselves."""

_OTHER_NAMES = {
    "BarracksFlyingBuild": "BarracksAddOns", "FactoryFlyingBuild": "FactoryAddOns",
    "StarportFlyingBuild": "StarportAddOns", "GhostAcademyTrain": "ArmSiloWithNuke",
    "CarrierTrain": "CarrierHangar", "TemplarArchiveResearch": "TemplarArchivesResearch",
    "EvolutionChamberResearch": "evolutionchamberresearch", "HiveResearch": "LairResearch",
    "GreaterSpireResearch": "SpireResearch", "HiveTrain": "TrainQueen",
    "CreepTumorBurrowedBuild": "CreepTumorBuild", "NydusNetworkBuild": "BuildNydusCanal",
    "OracleBuild": "OracleStasisTrapBuild", "LurkerDenMPResearch": "LurkerDenResearch",
    "MorphToBaneling": "MorphZerglingToBaneling", "SalvageEffect": "SalvageShared"}
"""Names in sc2reader -> names in the game, where a link's place in the catalogue shows both; the
last two are abilities newer than the stable ids, named as those that they replaced."""

_FIRST_BUILDS = {70154: 67188, 76114: 71663, 96883: 93272}
"""Build of a file -> the first build that it is right for. Found by the units that were selected
when commands were given in real replays: before it, Medivacs burrow and Observers boost Nexuses."""

_SHIFTED = {64469: (70154, 697, -1), 80188: (77379, 697, 1)}
"""Build -> (file, link, step): it is as in the file, but from the link on all numbers are higher by
the step. Found in the same way: of 64469, Nexuses boost by link 708 and Observers settle by 701; of
80188, Nexuses boost by 718, and of the file of 80949 the same links are off from 697 on."""


def ability_order() -> list[tuple[str, int]]:
    """(name, lowest stable id) of every ability, in the order of the catalogue."""
    first: dict[str, int] = {}
    for ability_id, row in sorted(tables.load()["abilities"].items()):
        name = row.get("link_name")
        if name and name not in first:
            first[name] = ability_id
    return list(first.items())


def resolve(rows: Sequence[tuple[int, str]], order: Sequence[tuple[str, int]]) -> dict[int, int]:
    """Link -> position in `order`.

    Args:
        rows: (link, name) of one build, some of them misnamed.
        order: (name, stable id) in the order of the catalogue.
    """
    position = {name: index for index, (name, _) in enumerate(order)}
    known = [(link, position[_OTHER_NAMES.get(name, name)]) for link, name in sorted(rows)
             if link >= _FIRST_LINK and _OTHER_NAMES.get(name, name) in position]
    anchors = _longest_rise(known)
    found = dict(known)
    found.update(anchors)
    for (link, place), (next_link, next_place) in itertools.pairwise(anchors):
        if next_link - link == next_place - place:
            found.update({link + step: place + step for step in range(1, next_link - link)})
    return found


def _longest_rise(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of (link, position) pairs in which positions rise."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect.bisect_left(tails, place)
        before.append(last[length - 1] if length else None)
        if length == len(tails):
            tails.append(place)
            last.append(index)
        else:
            tails[length], last[length] = place, index
    rise = []
    index = last[-1] if last else None
    while index is not None:
        rise.append(pairs[index])
        index = before[index]
    return rise[::-1]


def runs(links: dict[int, int], order: Sequence[tuple[str, int]]) -> list[list[int]]:
    """[first link, first stable id, count] of links that follow each other as abilities do."""
    found: list[list[int]] = []
    last_link = last_place = None
    for link, place in sorted(links.items()):
        if last_link is not None and (link, place) == (last_link + 1, last_place + 1):
            found[-1][2] += 1
        else:
            found.append([link, order[place][1], 1])
        last_link, last_place = link, place
    return found


def main() -> None:
    """Reads the files and writes the table."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    order = ability_order()
    links: dict[int, dict[int, int]] = {}
    for path in pathlib.Path(sys.argv[1]).glob("*_abilities.csv"):
        build = path.stem.removesuffix("_abilities")
        if build.isdigit():
            with path.open(newline="") as lines:
                rows = [(int(row[0]), row[1]) for row in csv.reader(lines) if len(row) > 1]
            links[int(build)] = resolve(rows, order)
    tables_by_build = {_FIRST_BUILDS.get(build, build): found for build, found in links.items()}
    for build, (source, first_link, step) in _SHIFTED.items():
        tables_by_build[build] = {
            link + step * (link >= first_link): place for link, place in links[source].items()
            if step > 0 or link != first_link}
    builds = {build: runs(found, order) for build, found in tables_by_build.items()}
    rows = ",\n".join(f'"{build}":{json.dumps(builds[build], separators=(",", ":"))}'
                      for build in sorted(builds))
    PATH.write_text(f"{{\n{rows}\n}}\n")


if __name__ == "__main__":
    main()
