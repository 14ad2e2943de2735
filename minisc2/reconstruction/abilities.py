"""Abilities as replays name them, by a link and an index, and as the API does, by a stable id.

Links change from build to build; `links.json` holds them (`build_links` says where from). A build
that it does not list is read by the nearest lower one.
"""

import functools
import json
import pathlib

from minisc2.api import tables

SMART = 1
"""What a command without an ability is: a right click."""

_TABLE = pathlib.Path(__file__).with_name("links.json")


@functools.cache
def _runs() -> dict[int, list[list[int]]]:
    return {int(build): rows for build, rows in json.loads(_TABLE.read_text()).items()}


@functools.cache
def _names() -> tuple[list[str], dict[int, int], dict[tuple[str, int], int]]:
    """Names in the order of the catalogue, lowest stable id -> place in it, and (name, index) ->
    stable id."""
    names: list[str] = []
    places: dict[int, int] = {}
    ids: dict[tuple[str, int], int] = {}
    for ability_id, row in sorted(tables.load()["abilities"].items()):
        name = row.get("link_name")
        if not name:
            continue
        if (name, row.get("link_index", 0)) not in ids:
            ids[name, row.get("link_index", 0)] = ability_id
        if name not in names:
            places[ability_id] = len(names)
            names.append(name)
    return names, places, ids


@functools.cache
def table_build(build: int) -> int:
    """The build whose links are used for a build."""
    known = sorted(_runs())
    return max((one for one in known if one <= build), default=known[0])


@functools.cache
def names(build: int) -> dict[int, str]:
    """Link -> name of the ability, in a build."""
    order, places, _ = _names()
    return {link + step: order[places[first] + step]
            for link, first, count in _runs()[table_build(build)] for step in range(count)}


@functools.cache
def stable_id(build: int, link: int, index: int) -> int:
    """The stable id of a command in a build's replays; 0 where it is not known."""
    name = names(build).get(link)
    return _names()[2].get((name, index), 0) if name is not None else 0
