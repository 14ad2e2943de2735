"""Plays the recorded sessions anew and writes what is observed now.

    python -m tests.minisc2.sessions.renew            # the same actions, today's observations
    python -m tests.minisc2.sessions.renew --draw     # other actions as well, drawn at random

A change of the simulation that is meant changes the digests: renew them, and say so in the commit.
"""

import argparse
import random
import sys
from collections.abc import Sequence

from google.protobuf import json_format
from s2clientprotocol import sc2api_pb2

from minisc2.api import server
from minisc2.fuzzing import play
from tests.minisc2.sessions import session

_EASY, _HARD, _RANDOM_BUILD, _MACRO = 2, 5, 1, 5
# Name of the file -> map, seed, interface, computer, game loops a step, steps.
_DRAWN: dict[str, tuple[str, int, str, tuple[int, int] | None, int, int]] = {
    "simple64_layers": ("Simple64", 11, "feature_layer", (_EASY, _RANDOM_BUILD), 8, 300),
    "simple64_raw": ("Simple64", 12, "raw", (_HARD, _MACRO), 16, 250),
    "flat64_both": ("Flat64", 13, "both", (_EASY, _RANDOM_BUILD), 8, 200),
    "build_marines": ("BuildMarines", 14, "both", None, 16, 150),
    "defeat_roaches": ("DefeatRoaches", 15, "feature_layer", None, 8, 120),
    "defeat_zerglings_and_banelings": ("DefeatZerglingsAndBanelings", 16, "raw", None, 8, 120),
}


def main(arguments: Sequence[str]) -> int:
    """Renews what the command line asks for. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.minisc2.sessions.renew",
                                     description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draw", action="store_true", help="draw the actions anew")
    parsed = parser.parse_args(arguments)
    for name in _DRAWN:
        path = session.FOLDER / f"{name}.json"
        game = server.Server()
        if parsed.draw or not path.exists():
            renewed = _draw(name, game)
        else:
            renewed = session.play(session.Session.load(path), game.handle_bytes)
        renewed.save(path)
        print(f"{path.name}: {len(renewed.actions)} actions, {len(renewed.digests)} digests")
    return 0


def _draw(name: str, game: server.Server) -> session.Session:
    map_name, seed, interface, computer, step_mul, num_steps = _DRAWN[name]

    def ask(request: sc2api_pb2.Request) -> sc2api_pb2.Response:
        return sc2api_pb2.Response.FromString(game.handle_bytes(request.SerializeToString()))

    player = play.RandomPlayer(ask, random.Random(seed), interface)
    blank = session.Session(map_name, seed, json_format.MessageToDict(player.options()), computer,
                            step_mul, num_steps)
    return session.play(blank, game.handle_bytes,
                        lambda step, observation: player.actions(observation))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
