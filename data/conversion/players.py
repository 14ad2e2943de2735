"""Who played in a replay, and whom of them to learn from."""

import dataclasses
import math

from environment import pysc2_compat

pysc2_compat.install()

from s2clientprotocol import common_pb2, sc2api_pb2

GAME_LOOPS_PER_SECOND = 22.4
"""At the speed "faster", at which people play."""

RACES = ("terran", "zerg", "protoss")
_RESULTS = {sc2api_pb2.Victory: "victory", sc2api_pb2.Defeat: "defeat", sc2api_pb2.Tie: "tie"}


@dataclasses.dataclass(frozen=True)
class Player:
    """One of at most two players of a match. None is "not known".

    Attributes:
        player_id: 1 or 2.
        is_computer: whether the game itself played.
        race: as played, one of `RACES`, or "unknown".
        result: "victory", "defeat", "tie" or "undecided".
        mmr: rating.
        apm: actions a minute.
    """

    player_id: int
    is_computer: bool
    race: str
    result: str
    mmr: int | None
    apm: float | None


@dataclasses.dataclass(frozen=True)
class Match:
    """What a replay says about the match.

    Attributes:
        map_name: as the game names it.
        game_version: such as "4.10.0.75689".
        num_game_loops: its length.
        players: by id.
    """

    map_name: str
    game_version: str
    num_game_loops: int
    players: tuple[Player, ...]

    def opponent(self, player: Player) -> Player | None:
        """The other player, if there is one."""
        return next((other for other in self.players if other != player), None)


def match(info: sc2api_pb2.ResponseReplayInfo) -> Match:
    """Reads the game's answer about a replay; observers are no players."""
    players = [_player(extra) for extra in info.player_info
               if extra.player_info.type != sc2api_pb2.Observer]
    return Match(info.map_name, info.game_version, info.game_duration_loops,
                 tuple(sorted(players, key=lambda player: player.player_id)))


def _player(extra: sc2api_pb2.PlayerInfoExtra) -> Player:
    info = extra.player_info
    race = common_pb2.Race.Name(info.race_actual).lower()
    return Player(
        player_id=info.player_id or extra.player_result.player_id,
        is_computer=info.type == sc2api_pb2.Computer,
        race=race if race in RACES else "unknown",
        result=_RESULTS.get(extra.player_result.result, "undecided"),
        mmr=extra.player_mmr if extra.HasField("player_mmr") else None,
        apm=float(extra.player_apm) if extra.HasField("player_apm") else None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Filters:
    """Which players to learn from. None or 0 lets everyone through.

    Attributes:
        race: of the player.
        opponent_race: of the other one.
        maps: names, compared without regard to case.
        versions: of the game; "4.10" lets all of 4.10 through.
        min_mmr: rating; who has none known has not enough.
        min_apm: actions a minute; likewise.
        min_duration: seconds of play at the speed "faster".
        winners_only: leaves out who did not win.
        computers: whether the game's own players are taken, too.
    """

    race: str | None = None
    opponent_race: str | None = None
    maps: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    min_mmr: float = 0
    min_apm: float = 0
    min_duration: float = 0
    winners_only: bool = False
    computers: bool = False

    def reason_to_skip(self, match: Match, player: Player) -> str | None:
        """The first filter that leaves a player out, or None."""
        opponent = match.opponent(player)
        seconds = match.num_game_loops / GAME_LOOPS_PER_SECOND
        maps = [name.casefold() for name in self.maps]
        # Not known is less than anything.
        mmr = -math.inf if player.mmr is None else player.mmr
        apm = -math.inf if player.apm is None else player.apm
        checks = {
            "computer player": player.is_computer and not self.computers,
            "--race": self.race and player.race != self.race,
            "--opponent_race": self.opponent_race and (
                opponent is None or opponent.race != self.opponent_race),
            "--map": maps and match.map_name.casefold() not in maps,
            "--version": self.versions and not any(
                f"{match.game_version}.".startswith(f"{version}.") for version in self.versions),
            "--min_duration": seconds < self.min_duration,
            "--min_mmr": self.min_mmr and mmr < self.min_mmr,
            "--min_apm": self.min_apm and apm < self.min_apm,
            "--winners_only": self.winners_only and player.result != "victory",
        }
        return next((reason for reason, leaves_out in checks.items() if leaves_out), None)
