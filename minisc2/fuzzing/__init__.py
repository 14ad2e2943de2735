"""Tries to break the embedded game: random play by all interfaces, and random requests."""
