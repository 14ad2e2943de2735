"""The embedded StarCraft II: a game behind the StarCraft II API, with its own maps and units."""
