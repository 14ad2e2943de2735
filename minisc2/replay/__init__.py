"""Replays of the embedded game: what was played, written into a real MPQ archive and read back."""
