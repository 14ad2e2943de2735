"""A series of recorded matches: their settings, files, and the list of what came of them."""

import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import random

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2 import maps, opponents, replay
from minisc2.scripted import client as client_lib
from minisc2.scripted import knowledge, match, players

_TIME_SECONDS = 1_577_836_800
"""What every replay says about when it was played (2020-01-01), so that equal matches are equal
files. Programs that sort by it see the matches of a series in their order, a minute apart."""

_RESULTS = {sc2api_pb2.Victory: "victory", sc2api_pb2.Defeat: "defeat", sc2api_pb2.Tie: "tie"}


@dataclasses.dataclass(frozen=True)
class Settings:
    """All that decides how the matches of a series go, beside the code.

    Attributes:
        map: as the game names it.
        player: name of the scripted player.
        opponent: key of `opponents.DIFFICULTIES`.
        opponent_build: key of `opponents.BUILDS`.
        seed: of the whole series.
        apm: mean actions a minute of the player.
        max_game_loops: when an undecided match ends.
        resolution: pixels of a side of the screen and the minimap.
        mmr: rating that the replays give both players.
    """

    map: str
    player: str
    opponent: str
    opponent_build: str = "random"
    seed: int = 1
    apm: float = 120.0
    max_game_loops: int = 40_000
    resolution: int = 64
    mmr: int = 1000

    @property
    def title(self) -> str:
        """How the files of the series begin."""
        build = "" if self.opponent_build == "random" else f"-{self.opponent_build}"
        return f"{self.player}_vs_{self.opponent}{build}_{self.map}_seed{self.seed}"

    def file_name(self, number: int) -> str:
        """The replay of the match with a number, counted from 1."""
        return f"{self.title}_{number:05d}.SC2Replay"

    def game_seed(self, number: int) -> int:
        """The seed of the match with a number; no two series share their matches."""
        return random.Random(f"{self.player} {self.opponent} {self.opponent_build} {self.map} "
                             f"{self.seed} {number}").getrandbits(32)


Entry = dict[str, object]
"""One line of a manifest: settings of the series, and what came of one match."""


class MixedSeriesError(ValueError):
    """The folder holds a series of the same name with other settings."""


@functools.lru_cache(maxsize=4)
def _known(map_name: str) -> knowledge.MapKnowledge:
    return knowledge.study(map_name)


def play(settings: Settings, number: int) -> tuple[Entry, bytes]:
    """Plays one match of a series.

    Returns:
        Its line in the manifest, and its replay. Both depend on nothing but the arguments and
        the code.
    """
    seed = settings.game_seed(number)
    plan = players.PLAYERS[settings.player].draw(random.Random(seed))
    opponent = sc2api_pb2.PlayerSetup(
        type=sc2api_pb2.Computer, race=common_pb2.Terran,
        difficulty=opponents.DIFFICULTIES[settings.opponent],
        ai_build=opponents.BUILDS[settings.opponent_build])
    client = client_lib.Client()
    played = match.play(client, _known(settings.map), plan, opponent, seed, settings.apm,
                        settings.resolution, settings.max_game_loops)
    recording = client.server.recording
    recording = dataclasses.replace(recording, players=tuple(
        dataclasses.replace(player, mmr=settings.mmr) for player in recording.players))
    data = replay.encode(recording, map_path=maps.get(settings.map).map_path,
                         time_seconds=_TIME_SECONDS + 60 * number)
    client.leave()
    minutes = played.game_loops / 22.4 / 60
    return {**dataclasses.asdict(settings), "number": number, "file": settings.file_name(number),
            "game_seed": seed, "result": _RESULTS.get(played.result, "undecided"),
            "game_loops": played.game_loops, "actions": played.num_actions,
            "refused_actions": played.num_refused,
            "played_apm": round(played.num_actions / minutes, 1),
            "sha256": hashlib.sha256(data).hexdigest()}, data


def record(settings: Settings, number: int, folder: pathlib.Path) -> Entry:
    """Plays one match and writes its replay. Returns its line in the manifest."""
    entry, data = play(settings, number)
    write_whole(folder / settings.file_name(number), data)
    return entry


def write_whole(path: pathlib.Path, data: bytes) -> None:
    """Writes a file so that it is there as a whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


class Manifest:
    """The list of the matches of a series that are in a folder: JSON, one line a match.

    Attributes:
        path: of the file.
        entries: line by number of the match.
    """

    def __init__(self, settings: Settings, folder: pathlib.Path):
        """Reads what there is.

        Raises:
            MixedSeriesError: it was written with other settings.
        """
        self._settings = settings
        self._folder = folder
        self.path = folder / f"{settings.title}.jsonl"
        self.entries: dict[int, Entry] = {}
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        for line in lines:
            entry = _parsed(line)
            if entry is not None:
                self._check(entry)
                self.entries[entry["number"]] = entry

    def _check(self, entry: Entry) -> None:
        wanted = dataclasses.asdict(self._settings)
        other = [f"--{name} {entry.get(name)} (now {value})" for name, value in wanted.items()
                 if entry.get(name) != value]
        if other:
            raise MixedSeriesError(
                f"{self.path} lists matches recorded with {', '.join(other)}. Use the same "
                "settings to go on with them, or another --out or --seed for new ones.")

    def missing(self, num_games: int) -> list[int]:
        """Numbers of the matches still to be played: those without a whole replay that the game
        as it is now would play back."""
        return [number for number in range(1, num_games + 1) if not self._is_whole(number)]

    def _is_whole(self, number: int) -> bool:
        entry = self.entries.get(number)
        path = self._folder / self._settings.file_name(number)
        if entry is None or not path.is_file():
            return False
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != entry["sha256"]:
            return False
        try:
            replay.decode(data)
        except replay.ReplayError:
            return False
        return True

    def add(self, entry: Entry) -> None:
        """Adds the line of a match."""
        self.entries[entry["number"]] = entry
        with self.path.open("a") as lines:
            lines.write(json.dumps(entry) + "\n")

    def finish(self) -> None:
        """Writes the lines in the order of the matches, each match once."""
        write_whole(self.path, "".join(
            json.dumps(self.entries[number]) + "\n" for number in sorted(self.entries)).encode())


def _parsed(line: str) -> Entry | None:
    """A line of a manifest; None if it was cut off."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    has_all = isinstance(entry, dict) and isinstance(entry.get("number"), int) and (
        "sha256" in entry)
    return entry if has_all else None
