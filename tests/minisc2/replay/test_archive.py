"""Replay files: ours come back unchanged, other programs open them, hostile ones are refused."""

import ast
import hashlib
import io
import json
import os
import pathlib
import random
import shutil

import mpyq
import pytest
from s2clientprotocol import common_pb2, sc2api_pb2

from environment import pysc2_compat
from minisc2 import replay
from minisc2.replay import archive, fingerprint, metadata, mpq, packing

pysc2_compat.install()

from pysc2.lib import replay as pysc2_replay
from pysc2.lib.replay import sc2_replay, sc2_replay_utils
from s2protocol import versions

_PACKAGE = pathlib.Path(archive.__file__).resolve().parents[1]
_SHARED = pathlib.Path(os.environ.get(
    "SHARED_DATA", pathlib.Path(__file__).resolve().parents[4] / "shared" / "data"))


def _action(camera_only: bool) -> bytes:
    action = sc2api_pb2.Action()
    if camera_only:
        action.action_raw.camera_move.center_world_space.x = 3
    else:
        action.action_raw.unit_command.ability_id = 16
        action.action_raw.unit_command.unit_tags.append(1 << 40)
    return action.SerializeToString()


@pytest.fixture
def recording() -> replay.Recording:
    interface = sc2api_pb2.InterfaceOptions(raw=True).SerializeToString()
    result = replay.Recording(
        map_name="Simple64", seed=2**64 - 1, loops=20_000, results={1: 1, 2: 2}, disable_fog=True,
        players=(
            replay.RecordedPlayer(1, sc2api_pb2.Participant, common_pb2.Random, common_pb2.Zerg,
                                  name="Ünïcode", interface=interface),
            replay.RecordedPlayer(2, sc2api_pb2.Participant, common_pb2.Terran, common_pb2.Terran,
                                  interface=interface)))
    result.add(0, 1, replay.EventKind.ACTION, _action(camera_only=False))
    result.add(100, 2, replay.EventKind.ACTION, _action(camera_only=True))
    result.add(5_000, 1, replay.EventKind.DEBUG)
    result.add(20_000, 2, replay.EventKind.ACTION, _action(camera_only=False))
    return result


def test_comes_back_unchanged(recording: replay.Recording) -> None:
    assert replay.decode(replay.encode(recording)) == recording


def test_is_an_archive_that_mpyq_lists_and_extracts(recording: replay.Recording) -> None:
    opened = mpyq.MPQArchive(io.BytesIO(replay.encode(recording))).extract()
    assert set(opened) == {b"replay.details", b"replay.gamemetadata.json", b"replay.game.events",
                           archive.FILE_NAME.encode()}
    assert all(opened.values())


def test_pysc2_reads_the_version(recording: replay.Recording) -> None:
    version = pysc2_replay.get_replay_version(replay.encode(recording))
    assert (version.game_version, version.build_version) == ("4.10.0", 75689)
    assert version.data_version == metadata.DATA_VERSION


def test_s2protocol_reads_header_and_details(recording: replay.Recording) -> None:
    data = replay.encode(recording, title="Simple", map_path="Melee/Simple64.SC2Map",
                         time_seconds=0)
    header = versions.latest().decode_replay_header(
        mpyq.MPQArchive(io.BytesIO(data)).header["user_data_header"]["content"])
    assert header["m_elapsedGameLoops"] == 20_000
    assert header["m_version"]["m_baseBuild"] == 75689
    details = sc2_replay.SC2Replay(data).details()
    assert details["m_title"] == "Simple"
    assert details["m_timeUTC"] == 116_444_736_000_000_000  # 1 January 1970 as a file time
    assert [(p["m_name"], p["m_race"], p["m_result"]) for p in details["m_playerList"]] == [
        ("Ünïcode", "Zerg", 1), ("", "Terran", 2)]


def test_event_stream_tells_when_players_acted(recording: replay.Recording) -> None:
    opened = sc2_replay.SC2Replay(replay.encode(recording))
    events = [(e["_gameloop"], e["_userid"]["m_userId"], e["_event"]) for e in opened.game_events()]
    assert events == [(0, 0, "NNet.Game.SCmdEvent"), (100, 1, "NNet.Game.SCameraUpdateEvent"),
                      (20_000, 1, "NNet.Game.SCmdEvent"),
                      (20_000, 0, "NNet.Game.SGameUserLeaveEvent"),
                      (20_000, 1, "NNet.Game.SGameUserLeaveEvent")]
    skips = sc2_replay_utils.raw_action_skips(opened)
    assert skips == {1: [0, 20_000], 2: [100, 20_000]}


def test_info(recording: replay.Recording) -> None:
    info = replay.info(replay.encode(recording))
    assert not info.HasField("error")
    assert info.game_duration_loops == 20_000
    assert info.game_duration_seconds == pytest.approx(20_000 / 22.4)
    first, second = info.player_info
    assert (first.player_info.race_requested, first.player_info.race_actual) == (
        common_pb2.Random, common_pb2.Zerg)
    assert (first.player_result.result, second.player_result.result) == (1, 2)


def test_apm_counts_actions_of_that_player_only(recording: replay.Recording) -> None:
    # 20,000 loops are 14.88 minutes at 22.4 loops a second.
    assert metadata.actions_per_minute(recording, 1) == pytest.approx(1 / 14.88095)
    assert metadata.actions_per_minute(recording, 2) == pytest.approx(2 / 14.88095)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 1023, 1050, 1200, -600, -1])
def test_truncated_is_refused(recording: replay.Recording, size: int) -> None:
    with pytest.raises(replay.ReplayError):
        replay.decode(replay.encode(recording)[:size])


def test_foreign_bytes_are_refused() -> None:
    with pytest.raises(replay.ReplayError, match="not an MPQ archive"):
        replay.decode(b"PK\3\4" + bytes(2000))


def test_replay_of_the_real_game_is_refused_by_name() -> None:
    foreign = mpq.write({"replay.details": b"x"}, b"")
    with pytest.raises(replay.ReplayError, match="not made by minisc2"):
        replay.decode(foreign)


def test_other_simulation_is_described_but_not_played(
        recording: replay.Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    data = replay.encode(recording)
    monkeypatch.setattr(fingerprint, "simulation", lambda: "another")
    with pytest.raises(replay.ReplayError, match="another version of minisc2"):
        replay.decode(data)
    assert replay.info(data).map_name == "Simple64"


def _imports(name: str) -> set[str]:
    """The modules of minisc2.api that a module of it imports, and those that they import."""
    found, waiting = set(), [name]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for node in ast.walk(ast.parse((_PACKAGE / "api" / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "minisc2.api":
                waiting += [alias.name for alias in node.names]
    return found


# The match knows what players and spectators see, how clients come in and how requests are refused;
# none of it changes the world that a recording makes.
_DECIDES_NOTHING = {"alerts", "sight", "spectator", "lobby", "errors"}


def test_fingerprint_is_of_all_that_decides_and_of_nothing_that_only_shows() -> None:
    files = {path.relative_to(_PACKAGE).as_posix() for path in fingerprint.deciding_files(_PACKAGE)}
    assert {f"api/{name}.py" for name in _imports("match") - _DECIDES_NOTHING} <= files
    assert {"game/world.py", "game/unit_types.json", "maps/move_to_beacon.py", "game/tables.json",
            "ai/__init__.py", "api/playback.py"} <= files
    for name in ("layers", "canvas", "images", "observation", "rgb", "server"):
        assert f"api/{name}.py" not in files


def test_fingerprint_changes_with_what_decides(
        tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = shutil.copytree(_PACKAGE, tmp_path / "minisc2",
                              ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "__file__", str(package / "replay" / "fingerprint.py"))
    make = fingerprint.simulation.__wrapped__
    before = make()
    for name, is_new in (("api/layers.py", False), ("api/seat.py", True),
                         ("game/unit_types.json", True), ("maps/regions.py", True)):
        with (package / name).open("a") as file:
            file.write("\n")
        assert (make() != before) == is_new, name
        before = make()


def _with_description(recording: replay.Recording, **changes: object) -> bytes:
    content = mpq.Archive(replay.encode(recording)).read(archive.FILE_NAME, 1 << 20)
    magic, version, size, _ = packing._PREFIX.unpack_from(content)
    start = packing._PREFIX.size
    description = {**json.loads(content[start:start + size]), **changes}
    text = json.dumps(description).encode()
    body = text + content[start + size:]
    digest = hashlib.sha256(body).digest()
    return mpq.write({archive.FILE_NAME: packing._PREFIX.pack(magic, version, len(text), digest)
                      + body}, b"")


@pytest.mark.parametrize("changes", [
    {"loops": -1}, {"loops": 1 << 60}, {"loops": 4_999}, {"seed": "1"}, {"players": []},
    {"players": 7}, {"players": [{}]}, {"results": {"9": 1}}, {"results": {"1": 77}},
    {"results": [1]}, {"map_name": None}, {"num_events": 3},
], ids=str)
def test_wrong_fields_are_refused(recording: replay.Recording, changes: dict) -> None:
    with pytest.raises(replay.ReplayError, match="damaged"):
        replay.decode(_with_description(recording, **changes))


def test_event_that_is_no_action_is_refused(recording: replay.Recording) -> None:
    recording.add(20_000, 1, replay.EventKind.ACTION, b"\xff\xff")
    content = packing.pack(recording, "Simple64.SC2Map", "any")
    with pytest.raises(replay.ReplayError, match="damaged"):
        replay.decode(mpq.write({archive.FILE_NAME: content}, b""))


def test_recording_is_checked_against_its_digest(recording: replay.Recording) -> None:
    """Also where an archive holds it unpacked, and so without a checksum."""
    content = bytearray(packing.pack(recording, "Simple64.SC2Map", "any"))
    content[content.index(b'"seed": 1') + 9] ^= 1  # another seed would be another match
    with pytest.raises(replay.ReplayError, match="not what was written"):
        packing.unpack(bytes(content))


def test_ratings_can_be_given_and_taken(recording: replay.Recording) -> None:
    data = replay.encode(recording)
    rated = replay.with_ratings(data, {1: 3_500})
    assert [player.player_mmr for player in replay.info(rated).player_info] == [3_500, 0]
    assert [player.mmr for player in replay.decode(rated).players] == [3_500, None]
    extracted = json.loads(mpyq.MPQArchive(io.BytesIO(rated)).read_file("replay.gamemetadata.json"))
    assert [player.get("MMR") for player in extracted["Players"]] == [3_500, None]
    assert replay.decode(replay.with_ratings(rated, {})) == recording
    for wrong in ({3: 1_000}, {1: -1}, {1: 10_001}, {1: "1000"}):
        with pytest.raises(ValueError):
            replay.with_ratings(data, wrong)


def test_unchanged_description_is_accepted(recording: replay.Recording) -> None:
    assert replay.decode(_with_description(recording)) == recording  # the test above can pass


def test_announced_size_is_bounded_before_unpacking() -> None:
    bomb = mpq.write({archive.FILE_NAME: bytes(1 << 20)}, b"")
    with pytest.raises(mpq.MpqError, match="at most"):
        mpq.Archive(bomb).read(archive.FILE_NAME, 1 << 10)


def test_random_damage_raises_nothing_else(recording: replay.Recording) -> None:
    data = replay.encode(recording, time_seconds=0)
    generator = random.Random(0)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(generator.randint(1, 20)):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        try:
            replay.decode(bytes(damaged))
        except replay.ReplayError:
            pass


@pytest.mark.skipif(not (_SHARED / "replays").is_dir(), reason=f"no replays under {_SHARED}")
def test_reads_real_archives_as_mpyq_does() -> None:
    for path in sorted((_SHARED / "replays" / "api").glob("*.SC2Replay")):
        data = path.read_bytes()
        ours, theirs = mpq.Archive(data), mpyq.MPQArchive(io.BytesIO(data))
        for name in (b"replay.details", b"replay.gamemetadata.json", b"replay.game.events"):
            assert ours.read(name.decode(), 1 << 26) == theirs.read_file(name)
        with pytest.raises(replay.ReplayError, match="not made by minisc2"):
            replay.decode(data)
