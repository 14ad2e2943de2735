"""The simulation: units, orders, movement, combat and sight, one game loop at a time."""
