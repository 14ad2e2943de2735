"""Values of command lines, checked where they are given."""

import argparse
from collections.abc import Sequence


def positive(text: str) -> int:
    """A whole number of at least 1; argparse tells the user what else was given."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {value}")
    return value


def split_at_dashes(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words before the first `--`, which are for this program, and those behind it.

    Left to itself, argparse gives the latter to the first positional argument that may be empty.
    """
    words = list(words)
    end = words.index("--") if "--" in words else len(words)
    return words[:end], words[end + 1:]
