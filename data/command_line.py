"""Values of command lines, checked where they are given."""

import argparse


def positive(text: str) -> int:
    """A whole number of at least 1; argparse tells the user what else was given."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {value}")
    return value
