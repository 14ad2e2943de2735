"""The embedded StarCraft II as a process of its own.

    python -m minisc2 -port 5000                       # serves ws://127.0.0.1:5000/sc2api
    python -m minisc2.install DIR                      # a folder for SC2PATH that runs this
    python -m minisc2.benchmark                        # speed, memory and scores

It takes the command line of the real game's `SC2_x64`, so that programs which start the game
themselves can start this one. What concerns windows, graphics and Blizzard's data files is
accepted and has no effect; a flag that is unknown is an error.
"""

import argparse
import logging
import sys
from collections.abc import Sequence

from minisc2 import multiplayer, websocket_server
from minisc2.api import server

DATA_VERSION = "B89B5D6FA7CBF6452E721311BFBC6CB2"  # of game 4.10.0, pysc2.run_configs.lib.VERSIONS

# What pysc2, python-sc2 and s2client-api give to SC2_x64. Values and switches are told apart
# because a value would otherwise be taken for a stray word.
_VALUES_WITHOUT_EFFECT = {
    "dataDir": "folder of the real game's data files",
    "tempDir": "folder for temporary files: maps saved by a client are kept in memory",
    "displayMode": "0 for a window, 1 for full screen",
    "windowwidth": "width of the window",
    "windowheight": "height of the window",
    "windowx": "place of the window",
    "windowy": "place of the window",
    "eglpath": "library for rendering",
    "osmesapath": "library for rendering",
    "uid": "process name for logs",
    "simulationSpeed": "pace of the real-time mode",
}
_SWITCHES_WITHOUT_EFFECT = {
    "headlessNoRender": "do not render; nothing ever is",
    "verboseMP": "report multiplayer traffic",
    "ipv6": "listen on IPv6; the address given to -listen decides",
}


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Reads the command line; prints help or one line on a mistake, and exits (status 0 or 2)."""
    parser = argparse.ArgumentParser(
        prog="python -m minisc2", allow_abbrev=False, description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-listen", metavar="HOST", default="127.0.0.1",
                        help="address to listen on (default %(default)s)")
    parser.add_argument("-port", metavar="N", type=_port, required=True,
                        help="TCP port to listen on; 0 picks a free one and prints it")
    parser.add_argument("-dataVersion", metavar="HASH", default=DATA_VERSION, type=str.upper,
                        help="data version wanted; only that of game 4.10.0 is served")
    parser.add_argument("-verbose", action="store_true", help="report connections on stderr")
    ignored = parser.add_argument_group("accepted, without effect")
    for name, meaning in _VALUES_WITHOUT_EFFECT.items():
        ignored.add_argument(f"-{name}", metavar="X", help=meaning)
    for name, meaning in _SWITCHES_WITHOUT_EFFECT.items():
        ignored.add_argument(f"-{name}", action="store_true", help=meaning)
    parsed = parser.parse_args(arguments)
    if parsed.dataVersion != DATA_VERSION:
        parser.error(f"-dataVersion {parsed.dataVersion} is not served; only {DATA_VERSION} "
                     "(game version 4.10.0) is.")
    return parsed


def main(arguments: Sequence[str]) -> int:
    """Serves one client until it quits. Returns the exit status."""
    parsed = parse_arguments(arguments)
    logging.basicConfig(stream=sys.stderr, format="minisc2: %(message)s",
                        level=logging.INFO if parsed.verbose else logging.WARNING)
    try:
        listener = websocket_server.listen(parsed.listen, parsed.port)
    except OSError as error:
        print(f"minisc2: cannot listen on {parsed.listen} port {parsed.port}: {error}. "
              "Choose another -port, or 0 for a free one.", file=sys.stderr)
        return 1
    print(f"minisc2: listening on {parsed.listen} port {listener.getsockname()[1]}", flush=True)
    rendezvous = multiplayer.Rendezvous(lambda place: server.Server(multiplayer=place))
    client = multiplayer.Client(rendezvous, server.Server(multiplayer=rendezvous))
    try:
        websocket_server.WebsocketServer(listener, client).serve_until_quit()
    except KeyboardInterrupt:
        return 130  # what a shell reports for a process ended by Ctrl-C
    return 0


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected 0 to 65535")
    return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
