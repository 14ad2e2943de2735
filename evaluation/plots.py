"""Draws the learning curves of runs that `evaluation.learning_curves` has made.

    python -m evaluation.plots image/move_to_beacon.png --title MoveToBeacon \\
        --runs fullyconv=workspace/curves/fullyconv --reference "FullyConv of DeepMind=26"

Over agent steps and minutes; with `--episodes` over the episodes that were played.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation import curves


def load_runs(folder: Path) -> list[curves.Curve]:
    """Every seed in a folder; its time counts from the start of the process.

    Raises:
        ValueError: there is no finished seed.
    """
    runs = []
    for file in sorted(folder.glob("seed-*/result.json")):
        curve = curves.read(file.parent / "tensorboard")
        started_at = json.loads(file.read_text())["started_at"]
        runs.append(curve._replace(wall_seconds=curve.wall_seconds - started_at))
    if not runs:
        raise ValueError(f"{folder}: expected seed-*/result.json, found none. Make them with "
                         "python -m evaluation.learning_curves.")
    return runs


def _label_and_value(text: str) -> tuple[str, str]:
    label, equals, value = text.rpartition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected LABEL=VALUE, got {text!r}")
    return label, value


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], prog="plots")
    parser.add_argument("picture", type=Path, help="the file to write, .png or .svg")
    parser.add_argument("--title", default="", help="above the curves")
    parser.add_argument("--runs", type=_label_and_value, action="append", required=True,
                        metavar="LABEL=FOLDER", help="a group of seeds; may be repeated")
    parser.add_argument("--reference", type=_label_and_value, action="append", default=[],
                        metavar="LABEL=SCORE", help="a level line; may be repeated")
    parser.add_argument("--episodes", action="store_true", help="draw over episodes")
    options = parser.parse_args(argv)
    try:
        groups = {label: load_runs(Path(folder)) for label, folder in options.runs}
        references = {label: float(score) for label, score in options.reference}
        if options.episodes:
            curves.draw_episodes(options.picture, groups, options.title, references)
        else:
            curves.draw(options.picture, {
                label: [(run.agent_steps, run.wall_seconds / 60, run.scores) for run in runs]
                for label, runs in groups.items()}, options.title, references)
    except (ValueError, OSError) as error:
        print(f"plots: {error}", file=sys.stderr)
        return 1
    print(f"Written to {options.picture}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
