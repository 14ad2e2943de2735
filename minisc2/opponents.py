"""Computer players as command lines name them."""

from collections.abc import Mapping

from s2clientprotocol import sc2api_pb2

DIFFICULTIES: Mapping[str, int] = {
    "very_easy": sc2api_pb2.VeryEasy, "easy": sc2api_pb2.Easy, "medium": sc2api_pb2.Medium,
    "medium_hard": sc2api_pb2.MediumHard, "hard": sc2api_pb2.Hard, "harder": sc2api_pb2.Harder,
    "very_hard": sc2api_pb2.VeryHard, "cheat_vision": sc2api_pb2.CheatVision,
    "cheat_money": sc2api_pb2.CheatMoney, "cheat_insane": sc2api_pb2.CheatInsane}
"""`sc2api_pb2.Difficulty` by name, weakest first."""

BUILDS: Mapping[str, int] = {
    "random": sc2api_pb2.RandomBuild, "rush": sc2api_pb2.Rush, "timing": sc2api_pb2.Timing,
    "power": sc2api_pb2.Power, "macro": sc2api_pb2.Macro, "air": sc2api_pb2.Air}
"""`sc2api_pb2.AIBuild` by name: what a computer player sets out to do."""
