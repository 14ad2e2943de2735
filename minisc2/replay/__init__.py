"""Replays of the embedded game: what was played, written into a real MPQ archive and read back."""

from minisc2.replay.archive import ReplayError, decode, encode, info, with_ratings
from minisc2.replay.recording import Event, EventKind, RecordedPlayer, Recording

__all__ = ["Event", "EventKind", "RecordedPlayer", "Recording", "ReplayError", "decode", "encode",
           "info", "with_ratings"]
