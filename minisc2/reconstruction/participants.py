"""Who played in a replay of the real game: names, races, results, ratings."""

import dataclasses
import html
from collections.abc import Mapping
from typing import Any

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2.reconstruction import blizzard_file
from minisc2.replay import ReplayError

_COMPUTER_CONTROL = 3
_PLAYER_TYPES = (1, 2)
"""Of the tracker's setup events: people and computers; others own no base."""

_RACES = {"Terr": common_pb2.Terran, "Zerg": common_pb2.Zerg, "Prot": common_pb2.Protoss,
          "Rand": common_pb2.Random}
_LOCAL_RACES = {"Terran": common_pb2.Terran, "Zerg": common_pb2.Zerg, "Protoss": common_pb2.Protoss}
_RACE_OF_WORKER = {b"SCV": common_pb2.Terran, b"Drone": common_pb2.Zerg,
                   b"Probe": common_pb2.Protoss}
_RESULTS = {1: sc2api_pb2.Victory, 2: sc2api_pb2.Defeat, 3: sc2api_pb2.Tie}
_RESULT_NAMES = {"Win": sc2api_pb2.Victory, "Loss": sc2api_pb2.Defeat, "Tie": sc2api_pb2.Tie}


@dataclasses.dataclass(frozen=True)
class Participant:
    """One player.

    Attributes:
        player_id: 1, 2, ...
        user_ids: whose events are the player's; two people can play as one.
        race: the race played; NoRace where the file does not tell.
        race_requested: the race chosen, which may be Random.
        kind: sc2api_pb2.Participant or Computer.
        difficulty: sc2api_pb2.Difficulty of a computer, else 0.
        ai_build: sc2api_pb2.AIBuild of a computer, else 0.
        result: sc2api_pb2.Result.
        mmr: rating before the match, or None.
        apm: actions a minute as the game counted them, or None.
    """

    player_id: int
    user_ids: tuple[int, ...]
    name: str
    race: int
    race_requested: int
    kind: int
    difficulty: int
    ai_build: int
    result: int
    mmr: int | None
    apm: float | None


def read(file: blizzard_file.BlizzardFile) -> tuple[Participant, ...]:
    """The players of a replay, by id.

    Raises:
        ReplayError: there are none, or the lobby is damaged.
    """
    try:
        return _read(file)
    except ReplayError:  # of a part, which it names
        raise
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise ReplayError("The players of the replay cannot be read: its lobby is damaged "
                          f"({type(error).__name__}: {error}).") from error


def _read(file: blizzard_file.BlizzardFile) -> tuple[Participant, ...]:
    slots = file.init_data["m_syncLobbyState"]["m_lobbyState"]["m_slots"]
    users = file.init_data["m_syncLobbyState"]["m_userInitialData"]
    in_metadata = {row.get("PlayerID"): row for row in file.metadata.get("Players", ())}
    workers = _races_by_workers(file)
    seats = _setups(file) or _slots_of_players(slots)
    if not seats:
        raise ReplayError("The replay has no players.")
    listed = {row["m_workingSetSlotId"]: row for row in file.details["m_playerList"]
              if row["m_workingSetSlotId"] is not None}
    in_order = [row for row in file.details["m_playerList"] if not row["m_observe"]]
    found = []
    for player_id, (slot_ids, user_ids) in sorted(seats.items()):
        slot = slots[slot_ids[0]]
        details = listed.get(slot.get("m_workingSetSlotId")) or (
            in_order[slot_ids[0]] if slot_ids[0] < len(in_order) else {})
        row = in_metadata.get(player_id, {})
        is_computer = slot["m_control"] == _COMPUTER_CONTROL
        race = _RACES.get(row.get("AssignedRace")) or workers.get(player_id) or (
            _LOCAL_RACES.get(_text(details.get("m_race", b"")), common_pb2.NoRace))
        found.append(Participant(
            player_id, tuple(user_ids), _text(details.get("m_name", b"")), race,
            _RACES.get(row.get("SelectedRace"), race),
            sc2api_pb2.Computer if is_computer else sc2api_pb2.Participant,
            slot["m_difficulty"] if is_computer else 0,
            slot["m_aiBuild"] if is_computer else 0,
            _RESULT_NAMES.get(row.get("Result")) or _RESULTS.get(details.get("m_result"),
                                                                sc2api_pb2.Undecided),
            _rating(row, users, user_ids), _number(row.get("APM"))))
    return tuple(found)


def _setups(file: blizzard_file.BlizzardFile) -> dict[int, tuple[list[int], list[int]]]:
    """Player id -> (slots, users), as the tracker tells; empty without tracker events."""
    found: dict[int, tuple[list[int], list[int]]] = {}
    for event in file.tracker_events:
        if event["_gameloop"] > 0:
            break
        if event["_eventid"] == 9 and event["m_type"] in _PLAYER_TYPES:
            slot_ids, user_ids = found.setdefault(event["m_playerId"], ([], []))
            slot_ids.append(event["m_slotId"])
            if event["m_userId"] is not None:
                user_ids.append(event["m_userId"])
    return found


def _slots_of_players(slots: list[Mapping[str, Any]]) -> dict[int, tuple[list[int], list[int]]]:
    """The same from the lobby: who sits there and does not look on, in order."""
    found: dict[int, tuple[list[int], list[int]]] = {}
    player_of_user: dict[int, int] = {}
    for index, slot in enumerate(slots):
        if slot["m_control"] not in (2, _COMPUTER_CONTROL) or slot["m_observe"]:
            continue
        user_id = slot["m_userId"]
        leader = slot.get("m_tandemLeaderId")
        player_id = player_of_user.get(leader, len(found) + 1) if leader is not None else (
            len(found) + 1)
        slot_ids, user_ids = found.setdefault(player_id, ([], []))
        slot_ids.append(index)
        if user_id is not None:
            user_ids.append(user_id)
            player_of_user[user_id] = player_id
    return found


def _races_by_workers(file: blizzard_file.BlizzardFile) -> dict[int, int]:
    """Player id -> race, by the workers that a player starts with."""
    found = {}
    for event in file.tracker_events:
        if event["_gameloop"] > 0:
            break
        race = _RACE_OF_WORKER.get(event.get("m_unitTypeName"))
        if race is not None:
            found[event["m_controlPlayerId"]] = race
    return found


def _rating(row: Mapping[str, Any], users: list[Mapping[str, Any]], user_ids: list[int]
            ) -> int | None:
    """A player's rating; the game writes negative numbers for those that have none."""
    values = [row.get("MMR")]
    values += [users[user_id].get("m_scaledRating") for user_id in user_ids
               if user_id < len(users)]
    return next((int(value) for value in values
                 if isinstance(value, (int, float)) and value > 0), None)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _text(value: bytes) -> str:
    """Names hold clan tags as escaped markup."""
    return html.unescape(value.decode("utf-8", "replace").replace("<sp/>", " "))
