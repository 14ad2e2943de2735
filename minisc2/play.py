"""Play against the computer, or watch a replay, in pysc2's window.

    python -m minisc2.play                                          # Simple64 against easy
    python -m minisc2.play --map MoveToBeacon
    python -m minisc2.play --map Simple64 --opponent hard --opponent_build rush --seed 3
    python -m minisc2.play --replay match.SC2Replay --player 2

The window shows the match as a person sees it beside the feature layers as an agent does. Left
click or drag selects, right click commands, a click on the minimap moves the camera; F1 shows the
keys; Escape ends, and a match that was played is then saved as a replay. It needs a display: on a
machine without one, record a match (`python -m minisc2.record`) and watch it elsewhere.
"""

import argparse
import importlib
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from s2clientprotocol import common_pb2, sc2api_pb2

from minisc2 import display, maps, opponents, pysc2_setup, replay

_GAME_LOOPS_PER_SECOND = 22.4
_SCREEN, _MINIMAP, _CAMERA_WIDTH = 84, 64, 24
_PICTURE, _PICTURE_MINIMAP = (480, 360), 128


def main(arguments: Sequence[str]) -> int:
    """Opens the window and plays. Returns the exit status."""
    parsed = _parse(arguments)
    obstacle = display.prepare()
    if obstacle is not None:
        print(f"minisc2.play: the window cannot be opened: {obstacle}. Matches can be recorded "
              "without one by python -m minisc2.record, and watched where there is a display.",
              file=sys.stderr)
        return 1
    pysc2_setup.prepare("minisc2.play")
    run_config = importlib.import_module("minisc2.run_config").Minisc2()
    with run_config.start() as controller:
        if parsed.replay is None:
            _start_match(controller, run_config, parsed)
        else:
            _start_replay(controller, parsed)
        renderer = importlib.import_module("pysc2.lib.renderer_human").RendererHuman(
            fps=_GAME_LOOPS_PER_SECOND * parsed.speed, step_mul=1)
        renderer.run(run_config, controller, max_game_steps=parsed.max_game_loops,
                     max_episodes=1, save_replay=parsed.replay is None)
    return 0


def _start_match(controller: Any, run_config: Any, parsed: argparse.Namespace) -> None:
    game_map = maps.get(parsed.map)
    create = sc2api_pb2.RequestCreateGame(local_map=sc2api_pb2.LocalMap(
        map_path=game_map.map_path, map_data=run_config.map_data(game_map.name)))
    if parsed.seed is not None:
        create.random_seed = parsed.seed
    create.player_setup.add(type=sc2api_pb2.Participant)
    if game_map.max_players > 1:
        create.player_setup.add(
            type=sc2api_pb2.Computer, race=common_pb2.Terran,
            difficulty=opponents.DIFFICULTIES[parsed.opponent],
            ai_build=opponents.BUILDS[parsed.opponent_build])
    controller.create_game(create)
    controller.join_game(sc2api_pb2.RequestJoinGame(
        race=common_pb2.Terran, player_name="human", options=_interface()))


def _start_replay(controller: Any, parsed: argparse.Namespace) -> None:
    controller.start_replay(sc2api_pb2.RequestStartReplay(
        replay_data=parsed.replay, options=_interface(), observed_player_id=parsed.player))


def _interface() -> sc2api_pb2.InterfaceOptions:
    """What the window shows: the picture, the layers, and the raw units for its tooltips."""
    options = sc2api_pb2.InterfaceOptions(
        raw=True, score=True, show_cloaked=True, raw_affects_selection=True,
        raw_crop_to_playable_area=True)
    layers = options.feature_layer
    layers.width = _CAMERA_WIDTH
    layers.resolution.x = layers.resolution.y = _SCREEN
    layers.minimap_resolution.x = layers.minimap_resolution.y = _MINIMAP
    layers.crop_to_playable_area = layers.allow_cheating_layers = True
    options.render.resolution.x, options.render.resolution.y = _PICTURE
    options.render.minimap_resolution.x = options.render.minimap_resolution.y = _PICTURE_MINIMAP
    return options


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m minisc2.play", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--map", type=_map_name, default="Simple64", metavar="NAME",
                        help=f"where to play: {', '.join(maps.names())} (default %(default)s)")
    parser.add_argument("--opponent", choices=opponents.DIFFICULTIES, default="easy",
                        help="strength of the computer, weakest first (default %(default)s); "
                        "mini-games have none")
    parser.add_argument("--opponent_build", choices=opponents.BUILDS, default="random",
                        help="how the computer plays (default %(default)s)")
    parser.add_argument("--seed", type=int, help="repeats a match (default: another each time)")
    parser.add_argument("--replay", type=_replay_bytes, metavar="FILE",
                        help="watch this .SC2Replay of minisc2 instead of playing")
    parser.add_argument("--player", type=int, default=1, metavar="ID",
                        help="whose eyes to watch a replay with (default %(default)s)")
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="FACTOR",
                        help="1 is the speed at which people play, 22.4 game loops a second")
    parser.add_argument("--max_game_loops", type=int, default=0, metavar="N",
                        help="end after so many game loops; 0 for no limit (default)")
    return parser.parse_args(arguments)


def _map_name(text: str) -> str:
    try:
        return maps.get(text).name
    except maps.UnknownMapError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _replay_bytes(text: str) -> bytes:
    path = pathlib.Path(text)
    try:
        content = path.read_bytes()
        replay.decode(content)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from error
    except replay.ReplayError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from error
    return content


def _speed(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0.0 < factor <= 100.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no factor; expected more than 0, up to 100")
    return factor


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
