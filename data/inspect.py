"""Says what is in an episode file, and plays it back as a clip.

    python -m data.inspect dataset/simple64/episode.hkl
    python -m data.inspect dataset/simple64/episode.hkl --video episode.gif

The clip shows every kept step as one frame, or every n-th (`--every`): the screen with a ring where
the player clicked, the minimap and single layers. Layers that the file has not are dark.
"""

import argparse
import collections
import contextlib
import os
import pathlib
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from data import command_line, hkl, strategy
from data.seal import EpisodeError
from environment import pysc2_compat, specs
from evaluation import video

pysc2_compat.install()

from pysc2.lib import features

_NUM_ACTIONS = 10
_READ_STEPS = 64


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; exits with status 2 and one line on a mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m data.inspect", description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path, help="an .hkl file")
    parser.add_argument("--video", metavar="OUT", help="write a clip, .gif or .mp4")
    parser.add_argument("--max_frames", type=command_line.positive, default=600,
                        help="of the clip, from the first step on (default %(default)s)")
    parser.add_argument("--every", type=command_line.positive, default=1,
                        help="one frame for so many steps (default %(default)s)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parsed = parse_arguments(arguments)
    try:
        with hkl.EpisodeReader(parsed.file) as reader:
            for line in summary(reader):
                print(line)
            if parsed.video:
                num_frames = write_clip(reader, parsed.video, parsed.max_frames,
                                        parsed.every)
                print(f"\n{num_frames} of {reader.num_steps} steps are in {parsed.video}")
    except (EpisodeError, OSError, ValueError) as error:
        print(f"data.inspect: {error}", file=sys.stderr)
        return 1
    return 0


def summary(reader: hkl.EpisodeReader) -> Iterator[str]:
    """Lines about an episode: where it comes from, what it weighs, what was done."""
    num_bytes, num_steps = os.path.getsize(reader.path), reader.num_steps
    yield f"{reader.path}: {num_steps} steps, {num_bytes} bytes, {num_bytes / num_steps:.1f} a step"
    yield ""
    for name, value in reader.metadata.to_dict().items():
        yield f"{name:<28}{'not known' if value is None else value or 'nothing'}" if (
            value is None or isinstance(value, (list, dict))) else f"{name:<28}{value}"
    yield ""
    yield f"{'array':<36}{'type':<10}{'shape':<20}{'bytes a step':>14}"
    storage = reader.storage()
    rows = [(f"observation/{array.name}", array.dtype, list(array.shape))
            for array in reader.specs.observation.arrays]
    rows += [(f"action/{name}", "int32", []) for name in reader.specs.action.sizes]
    rows += [("game_loop", "int32", []), ("delay", "int32", []), ("reward", "float32", [])]
    for name, dtype, shape in rows:
        yield f"{name:<36}{dtype:<10}{shape!s:<20}{storage[name] / num_steps:>14.1f}"
    rest = num_bytes - sum(storage[name] for name, _, _ in rows)
    yield f"{'strategy, metadata, specs, HDF5':<66}{rest / num_steps:>14.1f}"
    yield ""
    yield from _actions(reader)
    yield from _strategy(reader.read_strategy())


def _actions(reader: hkl.EpisodeReader) -> Iterator[str]:
    counts: collections.Counter = collections.Counter()
    for start in range(0, reader.num_steps, _READ_STEPS):
        steps = reader.read(start, min(start + _READ_STEPS, reader.num_steps))
        counts.update(steps.actions[specs.ACTION_TYPE].tolist())
    yield "commonest actions"
    for action_type, count in counts.most_common(_NUM_ACTIONS):
        name = reader.specs.action.action_types[action_type]
        yield f"{count:>8}  {100 * count / reader.num_steps:4.1f} %  {name}"


def _strategy(played: strategy.Strategy) -> Iterator[str]:
    yield ""
    yield "build order"
    num_made = np.count_nonzero(played.build_order_unit_types)
    for game_loop, unit_type, xy in zip(
            played.build_order_game_loops[:num_made], played.build_order_unit_types[:num_made],
            played.build_order_world_xy[:num_made], strict=True):
        yield f"{game_loop:>8}  unit type {unit_type} at ({xy[0]:.1f}, {xy[1]:.1f})"
    yield (f"{played.cumulative_units.sum()} types of units, "
           f"{played.cumulative_upgrades.sum()} upgrades, "
           f"{played.cumulative_effects.sum()} effects at any time")


def write_clip(reader: hkl.EpisodeReader, path: str, max_frames: int, every: int = 1) -> int:
    """Draws the kept steps of an episode of the feature-layer interface.

    Args:
        reader: of the episode.
        path: ends in .gif or .mp4.
        max_frames: what comes after these is left out.
        every: one frame is drawn for so many steps.

    Returns:
        How many frames there are.

    Raises:
        ValueError: the episode has no screen and minimap to draw, or another ending.
        EpisodeError: it is damaged.
        OSError: the clip cannot be written.
    """
    planes = {array.name: [feature.name for feature in array.features]
              for array in reader.specs.observation.of_kind(specs.Kind.PLANES)}
    if not {"screen", "minimap"} <= set(planes):
        raise ValueError(f"{reader.path}: expected the arrays screen and minimap to draw a clip, "
                         f"got {', '.join(reader.specs.observation.by_name)}.")
    num_frames = min(-(-reader.num_steps // every), max_frames)
    num_steps = min(reader.num_steps, num_frames * every)
    shown = types.SimpleNamespace(pysc2_observation=None)  # what a clip asks of an environment
    metadata, score = reader.metadata, 0.0
    title = f"{metadata.map_name}: {metadata.race}, {metadata.result}, {metadata.game}"
    with contextlib.closing(video.Clip(path, shown, reader.specs.action, title)) as clip:
        for start in range(0, num_steps, _READ_STEPS):
            steps = reader.read(start, min(start + _READ_STEPS, num_steps))
            for row in range(len(steps.rewards)):
                if (start + row) % every == 0:
                    shown.pysc2_observation = types.SimpleNamespace(
                        player=_player(steps.observations, row),
                        game_loop=steps.game_loops[row:row + 1],
                        feature_screen=_layers(features.SCREEN_FEATURES, planes["screen"],
                                               steps.observations["screen"][row]),
                        feature_minimap=_layers(features.MINIMAP_FEATURES, planes["minimap"],
                                                steps.observations["minimap"][row]))
                    taken = _taken(reader.specs.action, steps.actions, row)
                    clip.acted(_time_step(), taken, score)
                score += float(steps.rewards[row])
    return num_frames


def _layers(table: Any, names: Sequence[str], planes: np.ndarray) -> types.SimpleNamespace:
    """Planes [H, W, C] as pysc2's named layers; what is not there is 0, and everything is seen."""
    nothing = np.zeros(planes.shape[:2], planes.dtype)
    layers = {layer.name: nothing for layer in table} | {"visibility_map": nothing + 2}
    for index, name in enumerate(names):
        # The last category of an open list is "unknown", for which pysc2 has no colour.
        layers[name] = np.minimum(planes[..., index], getattr(table, name).scale - 1)
    return types.SimpleNamespace(**layers)


def _player(observations: specs.Observation, row: int) -> types.SimpleNamespace:
    """The player's numbers by name, as of pysc2; zeros where they were not kept."""
    names = [number.name for number in features.Player]
    values = observations["player"][row] if "player" in observations else [0] * len(names)
    return types.SimpleNamespace(**dict(zip(names, map(int, values), strict=True)))


def _time_step() -> specs.TimeStep:
    one = np.ones(1, np.float32)
    return specs.TimeStep(np.array([specs.StepType.MID], np.int8), 0 * one, one, {})


def _taken(spec: specs.ActionSpec, actions: specs.Action, row: int) -> types.SimpleNamespace:
    """What an agent that was sure of this action would have said; nobody has valued anything."""
    logits = {}
    for name, size in spec.sizes.items():
        logits[name] = np.full((1, size), -1e9, np.float32)
        logits[name][0, actions[name][row]] = 0
    return types.SimpleNamespace(action={name: value[row:row + 1] for name, value
                                         in actions.items()}, value=[np.nan], logits=logits)


if __name__ == "__main__":
    sys.exit(main())
