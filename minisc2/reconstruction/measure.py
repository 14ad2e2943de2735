"""Measures how well replays of the real game are put together again.

    python -m minisc2.reconstruction.measure FOLDER [--every N]

FOLDER holds .SC2Replay files; of those every Nth is measured. What is foretold is compared with
what the replay tells later: stores from every other row of the statistics, places of units that
fought from every other report of them. Where pysc2 is installed, commands are looked up there.
"""

import argparse
import importlib.util
import itertools
import math
import pathlib
import statistics
import time
from collections.abc import Callable, Sequence

from s2clientprotocol import sc2api_pb2

from minisc2.api import tables
from minisc2.game import players as players_lib
from minisc2.reconstruction import agreement, chronicle, economy, inputs, playback

_STORES = (("minerals", "m_scoreValueMineralsCurrent", 0),
           ("vespene", "m_scoreValueVespeneCurrent", 1))
_PLACED_EVERY = 240
"""Game loops between two reports of where units fight."""

_STEP = 8


class Tally:
    """Numbers by name, printed at the end."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        self._numbers.setdefault(name, []).append(float(value))

    def report(self) -> str:
        """A line for each name: how many, mean and median."""
        return "\n".join(
            f"{name:<58}{len(values):>8}  mean {statistics.fmean(values):.4g}  "
            f"median {statistics.median(values):.4g}" for name, values in self._numbers.items())


def _pysc2_functions() -> tuple[dict, dict] | None:
    """pysc2's functions by ability: of feature layers, and raw; None where it is not installed."""
    if importlib.util.find_spec("pysc2") is None:
        return None
    actions = importlib.import_module("pysc2.lib.actions")
    return actions.ABILITY_IDS, actions.RAW_ABILITY_IDS


def _measure_commands(tally: Tally, given: Sequence[inputs.Input],
                      functions: tuple[dict, dict] | None) -> None:
    for one in given:
        if not isinstance(one, inputs.Command):
            continue
        tally.add("commands with a stable id", bool(one.ability_id))
        takes_its_target = agreement.takes_its_target(one)
        if takes_its_target is not None:
            tally.add("commands pointed at what their ability takes", takes_its_target)
        if functions is not None:
            ids = {one.ability_id, tables.general_id(one.ability_id)} - {0}
            for kind, known in zip(("feature-layer", "raw"), functions, strict=True):
                # A click on a queue or on a passenger has a function of its own.
                tally.add(f"commands with a {kind} function of pysc2",
                          (one.slot >= 0 and kind != "raw") or bool(ids & known.keys()))


def _measure_stores(tally: Tally, story: chronicle.Chronicle) -> None:
    """What a row of the statistics says, from the rows before and after it."""
    changes = economy._changes(story)
    rows: dict[int, list[chronicle.Statistics]] = {}
    for one in story.happenings:
        if isinstance(one, chronicle.Statistics):
            rows.setdefault(one.player_id, []).append(one)
    for player_id, own in rows.items():
        for before, hidden, after in zip(own, own[1:], own[2:], strict=False):
            ledger = economy._Ledger([before, after], changes[player_id])
            for name, key, which in _STORES:
                tally.add(f"error of {name} 160 loops from the next statistics",
                          abs(ledger.stored(key, which, hidden.loop) - hidden.values[key]))
                tally.add(f"error of {name} there, on a straight line", abs(
                    (before.values[key] + after.values[key]) / 2 - hidden.values[key]))
        for before, after in itertools.pairwise(own):
            ledger = economy._Ledger([before], changes[player_id])
            foretold = ledger.counted("m_scoreValueFoodUsed", 2, after.loop)
            tally.add("supply foretold right over 160 loops", math.isclose(
                foretold, after.values["m_scoreValueFoodUsed"] / economy.FOOD_STEPS))


def _measure_statistics(tally: Tally, source: playback.Source) -> None:
    """What is shown at the loop of each row of the statistics, against the row."""
    shown = playback.Playback(source, 1, sc2api_pb2.InterfaceOptions(raw=True))
    latest = {(one.loop, one.player_id): one for one in source.story.happenings
              if isinstance(one, chronicle.Statistics) and one.loop <= source.file.num_loops}
    for (loop, player_id), row in latest.items():
        if loop > shown.game_loop:
            shown.step(loop - shown.game_loop)
        state, told = shown.world.players[player_id], row.values
        tally.add("right at statistics: supply", math.isclose(
            state.food_used, told["m_scoreValueFoodUsed"] / economy.FOOD_STEPS))
        tally.add("right at statistics: minerals and vespene", (
            state.minerals, state.vespene) == (told[_STORES[0][1]], told[_STORES[1][1]]))
        tally.add("right at statistics: number of workers",
                  state.food_workers == told["m_scoreValueWorkersActiveCount"])
        tally.add("workers too many or too few at statistics",
                  abs(state.food_workers - told["m_scoreValueWorkersActiveCount"]))


def _measure_places(tally: Tally, source: playback.Source, knows_all: bool) -> None:
    """How far units are from where they are reported to fight, just before the report.

    Args:
        tally: gets the errors in cells.
        source: the replay.
        knows_all: whether units were led to these places, or to every other report's only.
    """

    def is_hidden(one: chronicle.Happening) -> bool:
        return isinstance(one, chronicle.Placed) and one.loop // _PLACED_EVERY % 2 == 1

    story = source.story if knows_all else source.story._replace(happenings=tuple(
        one for one in source.story.happenings if not is_hidden(one)))
    shown = playback.Playback(source._replace(story=story), 1,
                              sc2api_pb2.InterfaceOptions(raw=True))
    name = "led there" if knows_all else "not told"
    for one in source.story.happenings:
        if not is_hidden(one) or one.loop > source.file.num_loops:
            continue
        if one.loop > shown.game_loop:
            shown.step(one.loop - shown.game_loop)
        for tag, xy in one.places:
            unit = shown.world.units.get(tag)
            player = None if unit is None else shown.world.players.get(unit.owner)
            if player is not None and player.kind == players_lib.PARTICIPANT and (
                    not unit.is_structure):
                error = unit.distance_to(*xy)
                tally.add(f"error of fighting people's units, {name} (cells)", error)
                tally.add(f"of those within 3 cells, {name}", error <= 3)


def _measure_speed(tally: Tally, source: playback.Source) -> None:
    options = sc2api_pb2.InterfaceOptions(raw=True, score=True)
    options.feature_layer.width = 24
    for size in (options.feature_layer.resolution, options.feature_layer.minimap_resolution):
        size.x = size.y = 64
    begun = time.process_time()
    shown = playback.Playback(source, source.players[0].player_id, options)
    while not shown.is_over:
        shown.observe_parts(False)
        shown.step(_STEP)
    minutes = source.file.num_loops / 22.4 / 60
    if minutes >= 1:
        tally.add("CPU seconds for 10 minutes of play, raw and 64x64, step 8",
                  (time.process_time() - begun) / minutes * 10)


def _timed(tally: Tally, name: str, work: Callable[[], playback.Source]) -> playback.Source:
    begun = time.process_time()
    result = work()
    tally.add(name, time.process_time() - begun)
    return result


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=1, help="measure every Nth replay")
    arguments = parser.parse_args()
    tally, functions = Tally(), _pysc2_functions()
    for path in sorted(arguments.folder.rglob("*.SC2Replay"))[::arguments.every]:
        data = path.read_bytes()
        source = _timed(tally, "CPU seconds to read a replay",
                        lambda data=data: playback.read(data, actions_only=True))
        _measure_commands(tally, source.given, functions)
        if source.file.tracker_events:
            for is_as_ordered in agreement.begun_as_ordered(source.story, source.given):
                tally.add("structures begun where they, and not others, were ordered",
                          is_as_ordered)
            _measure_stores(tally, source.story)
            _measure_statistics(tally, source)
            for knows_all in (True, False):
                _measure_places(tally, source, knows_all)
            _measure_speed(tally, source)
    print(tally.report())


if __name__ == "__main__":
    main()
