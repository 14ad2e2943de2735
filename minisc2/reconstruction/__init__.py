"""Matches of the real game, put together again from the events in their .SC2Replay files."""
