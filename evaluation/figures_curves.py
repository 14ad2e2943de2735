"""Draws how supervised learning went: training and validation, losses and agreement.

    python -m evaluation.figures_curves image/imitation.png ./workspace
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

_TRAINING, _VALIDATION = "#9fb8d3", "#1f4e79"
_OTHERS = ("#1f6fb4", "#d9662b", "#3a8f4d", "#8a4fa3", "#b0413e", "#5b5b5b")
_NUM_ARGUMENTS = 6


class Points(NamedTuple):
    """A curve.

    Attributes:
        updates: int64 [N], rising.
        values: float64 [N].
    """

    updates: np.ndarray
    values: np.ndarray


def read(folder: Path) -> dict[str, Points]:
    """The scalars by tag that a folder of TensorBoard files holds, not its subfolders.

    Raises:
        ValueError: there are none.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorBoard loads TensorFlow
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.util import tensor_util

    if not list(folder.glob("events.out.tfevents.*")):
        raise ValueError(f"{folder}: expected TensorBoard files, found none.")
    # 0 keeps every event; the default of 10 would thin the curves out.
    events = event_accumulator.EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    curves = {}
    for tag in events.Tags()["tensors"]:
        if events.SummaryMetadata(tag).plugin_data.plugin_name != "scalars":
            continue
        # Where a run was continued, what it had made after its last save was made again.
        points = {event.step: event for event in events.Tensors(tag)}
        steps = sorted(points)
        curves[tag] = Points(np.array(steps, np.int64), np.array(
            [float(tensor_util.make_ndarray(points[step].tensor_proto)) for step in steps]))
    return curves


def latest_run(workspace: Path) -> Path:
    """The folder of the run in a workspace that validated last.

    Raises:
        ValueError: there is none.
    """
    runs = sorted((path.parent for path in workspace.glob("tensorboard/*/validation")),
                  key=lambda path: path.stat().st_mtime)
    if not runs:
        raise ValueError(f"{workspace}: expected tensorboard/*/validation, the curves of "
                         "supervised learning, found none.")
    return runs[-1]


def draw(path: Path, training: Mapping[str, Points], validation: Mapping[str, Points],
         title: str) -> None:
    """Draws four panels over updates: loss, action type, arguments, distances of clicks.

    Args:
        path: of the picture, .png or .svg.
        training: from `read`.
        validation: likewise.
        title: above the panels.
    """
    from matplotlib import figure
    from matplotlib.backends import backend_agg

    made = figure.Figure(figsize=(10, 7), layout="constrained")
    backend_agg.FigureCanvasAgg(made)
    (loss, types), (arguments, distances) = made.subplots(2, 2)

    _plot(loss, training, "loss/total", "training", _TRAINING, linewidth=1)
    _plot(loss, validation, "loss/total", "validation", _VALIDATION)
    loss.set_ylabel("loss, summed over heads")
    _plot(types, training, "accuracy/action_type", "likeliest, training", _TRAINING, linewidth=1)
    _plot(types, validation, "accuracy/action_type", "likeliest, validation", _VALIDATION)
    _plot(types, validation, "accuracy_top5/action_type", "among five, validation", _OTHERS[1])
    types.set_ylabel("agreement on the action type")

    commonest = sorted((tag for tag in validation if tag.startswith("accuracy/")
                        and tag != "accuracy/action_type"),
                       key=lambda tag: -_mean(validation, tag.replace("accuracy/", "used/")))
    for tag, color in zip(commonest[:_NUM_ARGUMENTS], _OTHERS, strict=False):
        _plot(arguments, validation, tag, tag.partition("/")[2], color)
    arguments.set_ylabel("agreement on arguments, validation")
    for tag, color in zip(sorted(t for t in validation if t.startswith("distance/")), _OTHERS,
                          strict=False):
        _plot(distances, validation, tag, tag.partition("/")[2], color)
    distances.set_ylabel("distance of places in pixels, validation")

    for axes in (loss, types, arguments, distances):
        axes.set_xlabel("updates")
        axes.set_xlim(left=0)
        axes.grid(alpha=0.2)
        axes.spines[["top", "right"]].set_visible(False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, fontsize=8)
    for axes in (types, arguments):
        axes.set_ylim(0, 1)
    made.suptitle(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.savefig(path, dpi=110)


def _plot(axes, curves: Mapping[str, Points], tag: str, label: str, color: str,
          linewidth: float = 2) -> None:
    if tag in curves:
        axes.plot(*curves[tag], color=color, linewidth=linewidth, label=label)


def _mean(curves: Mapping[str, Points], tag: str) -> float:
    return float(curves[tag].values.mean()) if tag in curves else 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], prog="figures_curves")
    parser.add_argument("picture", type=Path, help="the file to write, .png or .svg")
    parser.add_argument("workspace", type=Path, help="its latest run of supervised learning is "
                        "drawn")
    parser.add_argument("--title", default="", help="above the panels")
    options = parser.parse_args(argv)
    try:
        run = latest_run(options.workspace)
        draw(options.picture, read(run), read(run / "validation"), options.title)
    except (ValueError, OSError) as error:
        print(f"figures_curves: {error}", file=sys.stderr)
        return 1
    print(f"Written to {options.picture}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
