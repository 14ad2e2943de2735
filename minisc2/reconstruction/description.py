"""The answer to `replay_info` for a replay of the real game."""

from s2clientprotocol import sc2api_pb2

from minisc2.reconstruction import blizzard_file, participants

LOOPS_PER_SECOND = 22.4
"""At the speed "faster", in which replays count their seconds."""


def info(file: blizzard_file.BlizzardFile) -> sc2api_pb2.ResponseReplayInfo:
    """Describes a replay; fields that the file does not tell are left out.

    Raises:
        ReplayError: the file is damaged.
    """
    response = sc2api_pb2.ResponseReplayInfo(
        map_name=title(file), game_duration_loops=file.num_loops,
        game_duration_seconds=file.num_loops / LOOPS_PER_SECOND, game_version=file.version,
        base_build=file.build)
    path = file.metadata.get("MapName")
    if isinstance(path, str):
        response.local_map_path = path
    version, build = file.metadata.get("DataVersion"), str(file.metadata.get("DataBuild", ""))
    if isinstance(version, str):
        response.data_version = version
    if build.isdigit():
        response.data_build = int(build) & 0xFFFFFFFF
    for player in participants.read(file):
        extra = response.player_info.add()
        extra.player_info.player_id = player.player_id
        extra.player_info.type = player.kind
        extra.player_info.race_requested = player.race_requested
        extra.player_info.race_actual = player.race
        if player.difficulty in sc2api_pb2.Difficulty.values():
            extra.player_info.difficulty = player.difficulty
        if player.ai_build in sc2api_pb2.AIBuild.values():
            extra.player_info.ai_build = player.ai_build
        if player.name:
            extra.player_info.player_name = player.name
        if player.mmr is not None:
            extra.player_mmr = player.mmr
        if player.apm is not None:
            extra.player_apm = round(player.apm)
        extra.player_result.player_id = player.player_id
        extra.player_result.result = player.result
    return response


def title(file: blizzard_file.BlizzardFile) -> str:
    """The map's name as people see it, in the language of whoever saved the replay."""
    name = file.metadata.get("Title")
    return name if isinstance(name, str) else file.details["m_title"].decode("utf-8", "replace")
