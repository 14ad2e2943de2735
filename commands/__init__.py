"""The parts of run.py: its flags, what they come to, and the commands that they ask for."""
