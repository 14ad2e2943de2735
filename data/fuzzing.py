"""Damages episode files in every way and sees that reading them ends in an `EpisodeError`.

    python -m data.fuzzing --files 2000 --seed 1

Each damaged file is checked and, if that accepts it, read whole. Anything but an `EpisodeError`,
and any file that was damaged and is read all the same, is reported, and the exit status is 1.
"""

import argparse
import collections
import pathlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence

from data import hkl, seal, synthetic
from data.seal import EpisodeError

_NUM_STEPS = 40


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data)):]


def _flip_bits(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 1, 8, 100))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _flip_early_bit(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(min(len(data), 2 * seal.BLOCK_BYTES))] ^= 1 << rng.randrange(8)


def _overwrite(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data))
    length = min(rng.choice((1, 16, 512, 4096)), len(data) - start)
    data[start:start + length] = rng.randbytes(length) if rng.random() < 0.5 else bytes(length)


def _insert(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data))
    data[start:start] = rng.randbytes(rng.choice((1, 8, 512)))


def _append(data: bytearray, rng: random.Random) -> None:
    data += rng.randbytes(rng.choice((1, 512, 70_000)))


def _exchange(data: bytearray, rng: random.Random) -> None:
    data[:] = rng.randbytes(rng.choice((0, 1, 100, 100_000)))


def _swap_blocks(data: bytearray, rng: random.Random) -> None:
    first, second = (rng.randrange(len(data) // 512) * 512 for _ in range(2))
    data[first:first + 512], data[second:second + 512] = (
        data[second:second + 512], data[first:first + 512])


DAMAGES: Mapping[str, Callable[[bytearray, random.Random], None]] = {
    "cut": _cut, "bits flipped": _flip_bits, "early bit flipped": _flip_early_bit,
    "overwritten": _overwrite, "inserted": _insert, "appended": _append, "exchanged": _exchange,
    "blocks swapped": _swap_blocks}


def run(folder: pathlib.Path, num_files: int, seed: int) -> tuple[collections.Counter, list[str]]:
    """Damages and reads files one after the other.

    Args:
        folder: where there is room for them.
        num_files: how many.
        seed: the same seed gives the same files.

    Returns:
        How many of each kind of damage were refused, and what was not as it should be, as words.
    """
    rng = random.Random(seed)
    good, bad = folder / "good.hkl", folder / "bad.hkl"
    hkl.write(good, synthetic.make(synthetic.with_resolution(8), _NUM_STEPS, seed))
    original = good.read_bytes()
    refused: collections.Counter = collections.Counter()
    failures = []
    for number in range(num_files):
        name = rng.choice(list(DAMAGES))
        data = bytearray(original)
        while data == original:  # zeros over zeros, a block that changed places with itself
            DAMAGES[name](data, rng)
        bad.write_bytes(data)
        try:
            hkl.read(bad)
        except EpisodeError:
            refused[name] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            failures.append(f"file {number} ({name}): {type(error).__name__}: {error}")
        else:
            failures.append(f"file {number} ({name}) was read")
    return refused, failures


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m data.fuzzing", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000, help="how many (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the damage (default %(default)s)")
    parsed = parser.parse_args(arguments)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        refused, failures = run(pathlib.Path(folder), parsed.files, parsed.seed)
    print(f"{sum(refused.values())} of {parsed.files} damaged files refused in "
          f"{time.monotonic() - start:.0f} s: "
          f"{', '.join(f'{count} {name}' for name, count in sorted(refused.items()))}")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
