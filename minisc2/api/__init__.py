"""The StarCraft II API of the embedded game: `server.Server` answers requests, one client each."""
