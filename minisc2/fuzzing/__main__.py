"""Tries to break the embedded game, and says how often it tried.

    python -m minisc2.fuzzing                              # a minute of each
    python -m minisc2.fuzzing --matches 200 --requests 200000
    python -m minisc2.fuzzing --matches 1 --seed 17        # one match again

Matches: two clients of one match on Simple64 do what they may, at random, through feature layers,
raw units or both. Requests: random bytes and random valid protobufs, at a game in whatever state
they have brought it to. An answer that speaks of a failure of the game itself ends the run with
status 1 and the seed that repeats it.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence

import psutil

from minisc2.fuzzing import trials


def main(arguments: Sequence[str]) -> int:
    """Runs what the command line asks for. Returns the exit status."""
    parsed = _parse(arguments)
    process = psutil.Process()
    start = time.monotonic()
    mebibytes = []
    try:
        for number in range(parsed.matches):
            seed = parsed.seed + number
            outcome = trials.play_match(seed, parsed.max_game_loops)
            mebibytes.append(process.memory_info().rss / 2**20)
            print(f"match {number + 1}/{parsed.matches} seed {seed}: {outcome}; "
                  f"{mebibytes[-1]:.0f} MiB, {time.monotonic() - start:.0f} s", flush=True)
        refused = trials.send_requests(random.Random(parsed.seed), parsed.requests)
    except trials.BrokenError as error:
        print(f"broken: {error}", file=sys.stderr)
        return 1
    tenths = mebibytes[::max(1, len(mebibytes) // 10)]
    print(f"{parsed.matches} matches; memory in MiB along the way: "
          f"{' '.join(f'{value:.0f}' for value in tenths)}")
    print(f"{parsed.requests} random requests, {refused} of them refused; the game still answers")
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m minisc2.fuzzing", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matches", type=int, default=10, metavar="N",
                        help="matches of random play (default %(default)s)")
    parser.add_argument("--max_game_loops", type=int, default=4000, metavar="N",
                        help="a match that is not over by then is left (default %(default)s)")
    parser.add_argument("--requests", type=int, default=20_000, metavar="N",
                        help="random requests (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the first match and the requests")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
