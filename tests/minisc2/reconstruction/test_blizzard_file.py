"""Real replays are read whole, and damaged ones refused with the reason."""

import random

import pytest
from s2clientprotocol import sc2api_pb2

from minisc2 import replay
from minisc2.reconstruction import blizzard_file, description, participants, playback, protocols
from minisc2.replay import mpq
from tests.minisc2.api import clients
from tests.minisc2.reconstruction import replays

WIN, LOSS = sc2api_pb2.Victory, sc2api_pb2.Defeat


def test_a_replay_is_described():
    info = description.info(replays.file("ladder/coach_Oxide_LE__147__Archon_Mode.SC2Replay"))
    assert (info.map_name, info.game_version, info.base_build) == (
        "Oxide LE", "5.0.7.84643", 84643)
    assert info.game_duration_loops == 17225
    assert info.game_duration_seconds == pytest.approx(17225 / 22.4)
    assert [(one.player_info.race_actual, one.player_result.result, one.player_mmr,
             one.player_apm) for one in info.player_info] == [(1, LOSS, 2373, 162),
                                                              (2, WIN, 4135, 246)]


def test_two_people_can_play_as_one():
    players = participants.read(
        replays.file("ladder/coach_Oxide_LE__147__Archon_Mode.SC2Replay"))
    assert [player.user_ids for player in players] == [(0, 2), (1, 3)]


def test_a_computer_is_known_with_its_difficulty():
    info = description.info(replays.file("api/replay_07.SC2Replay"))
    computer = info.player_info[1].player_info
    assert computer.type == sc2api_pb2.Computer
    assert computer.difficulty == sc2api_pb2.VeryHard
    assert computer.player_name == "A.I. 1 (Elite)"
    assert info.player_info[0].player_info.type == sc2api_pb2.Participant


def test_names_are_read_without_their_markup():
    (player, _) = participants.read(replays.file(replays.LADDER))
    assert "<" not in player.name or ">" in player.name
    assert "&" not in player.name and "sp/" not in player.name


@pytest.mark.slow
def test_every_replay_is_described():
    for path in replays.paths():
        info = description.info(blizzard_file.BlizzardFile(path.read_bytes()))
        assert len(info.player_info) == 2, path
        for one in info.player_info:
            assert one.player_info.race_actual in (1, 2, 3), path
        results = {one.player_result.result for one in info.player_info}
        assert results in ({WIN, LOSS}, {sc2api_pb2.Undecided}), path
        assert info.map_name and info.game_duration_loops > 0, path


def test_an_anonymised_replay_is_described_and_refused_without_tracker_events():
    data = replays.data(replays.WITHOUT_TRACKER)
    info = description.info(blizzard_file.BlizzardFile(data))
    assert [one.player_mmr for one in info.player_info] == [3941, 3316]
    with pytest.raises(playback.MissingTrackerError, match="tracker events"):
        playback.read(data)
    assert playback.read(data, actions_only=True).given


def test_a_build_without_protocol_takes_the_nearest_lower_one():
    known = protocols.builds()
    assert protocols.nearest(known[5]) == known[5]
    assert protocols.nearest(known[5] + 1) == known[5]
    assert protocols.nearest(10 ** 6) == known[-1]
    assert protocols.nearest(1) == known[0]


def test_numbers_without_an_end_are_refused():
    decoder = protocols.load(protocols.builds()[-1]).VersionedDecoder(b"\xff" * 100, [])
    with pytest.raises(ValueError, match="64 bits"):
        decoder._vint()


def test_what_unpacks_to_too_much_is_refused(monkeypatch):
    data = replays.data(replays.TERRAN_AND_ZERG)
    monkeypatch.setitem(blizzard_file.MAX_PART_BYTES, "replay.game.events", 1000)
    with pytest.raises(replay.ReplayError, match="at most 1000 are read"):
        playback.read(data)


def test_other_archives_are_no_replays_of_the_real_game():
    assert not blizzard_file.is_blizzard_file(b"")
    assert not blizzard_file.is_blizzard_file(b"PK" * 3000)
    assert not blizzard_file.is_blizzard_file(mpq.write({"MapInfo": b"x"}, b""))
    assert blizzard_file.is_blizzard_file(replays.data(replays.ZERG))


def refusal(data: bytes) -> str | None:
    """Why a damaged replay is refused; None if it is played."""
    client = clients.Client()
    response = client.ask(start_replay=sc2api_pb2.RequestStartReplay(
        replay_data=data, observed_player_id=1, options=clients.options((16, 16), (16, 16))))
    if response.HasField("error"):
        assert response.error == sc2api_pb2.ResponseStartReplay.InvalidReplayData
        return response.error_details
    client.observe()
    client.step(100_000)
    client.observe()
    return None


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_replay_is_refused(share):
    data = replays.data("simple_test_map/21.SC2Replay")
    reason = refusal(data[:int(share * len(data))])
    assert reason is not None and len(reason) > 20


@pytest.mark.parametrize("seed", range(25))
def test_flipped_bits_are_refused_or_played(seed):
    """Never an error of the server's own: those have no error enum, and fail `ask`."""
    data = bytearray(replays.data("simple_test_map/21.SC2Replay"))
    generator = random.Random(seed)
    for _ in range(1 + seed % 4):
        data[generator.randrange(1024, len(data))] ^= 1 << generator.randrange(8)
    refusal(bytes(data))


def rewritten(name: str, part: str, change) -> bytes:
    """A replay with one part of it changed before it is packed, so that the damage gets in."""
    opened = mpq.Archive(replays.data(name))
    files = {one: opened.read(one, 1 << 26) for one in blizzard_file.MAX_PART_BYTES
             if one != "replay.message.events"}
    files[part] = bytes(change(bytearray(files[part])))
    return mpq.write(files, opened.user_data)


@pytest.mark.parametrize("part", [
    "replay.details", "replay.initData", "replay.gamemetadata.json", "replay.game.events",
    "replay.tracker.events"])
@pytest.mark.parametrize("seed", range(8))
def test_damage_inside_a_part_is_refused_or_played(part, seed):
    generator = random.Random(f"{part}{seed}")

    def change(content: bytearray) -> bytearray:
        if seed == 0:
            return content[:len(content) // 2]
        for _ in range(seed):
            content[generator.randrange(len(content))] = generator.randrange(256)
        return content

    refusal(rewritten("simple_test_map/21.SC2Replay", part, change))
