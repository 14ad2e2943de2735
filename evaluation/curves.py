"""Learning curves: read from TensorBoard's files, measured against a target, drawn."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

SCORE_TAG = "episode/score_mean"
NUM_EPISODES_TAG = "episode/finished"


class Curve(NamedTuple):
    """Scores of one run over time.

    Attributes:
        agent_steps: int64 [N], rising.
        wall_seconds: float64 [N], seconds since 1970 at which each point was written.
        scores: float32 [N], mean of the latest episodes (at most 100).
        num_episodes: float32 [N], episodes finished until then.
    """

    agent_steps: np.ndarray
    wall_seconds: np.ndarray
    scores: np.ndarray
    num_episodes: np.ndarray


class Crossing(NamedTuple):
    """When a curve reached a score first."""

    agent_steps: int
    wall_seconds: float


def read(folder: Path) -> Curve:
    """Reads the curve of one run.

    Args:
        folder: holds TensorBoard's event files, possibly in a folder below it.

    Raises:
        ValueError: no scores are there, or those of several runs.
    """
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.util import tensor_util

    runs = sorted({file.parent for file in Path(folder).rglob("events.out.tfevents.*")})
    if len(runs) != 1:
        raise ValueError(f"{folder}: expected the TensorBoard files of one run, found "
                         f"{[str(run) for run in runs] or 'none'}.")
    # 0 keeps every event; the default of 10 would thin the curve out.
    events = event_accumulator.EventAccumulator(str(runs[0]), size_guidance={"tensors": 0})
    events.Reload()
    if SCORE_TAG not in events.Tags()["tensors"]:
        raise ValueError(f"{runs[0]}: no episode has ended in this run.")
    finished = {event.step: float(tensor_util.make_ndarray(event.tensor_proto))
                for event in events.Tensors(NUM_EPISODES_TAG)}
    points = sorted({event.step: event for event in events.Tensors(SCORE_TAG)}.items())
    return Curve(
        agent_steps=np.array([step for step, _ in points], np.int64),
        wall_seconds=np.array([event.wall_time for _, event in points]),
        scores=np.array([tensor_util.make_ndarray(event.tensor_proto) for _, event in points],
                        np.float32),
        num_episodes=np.array([finished[step] for step, _ in points], np.float32))


def crossing(curve: Curve, target: float, num_episodes: int = 100) -> Crossing | None:
    """The first point at which the mean of `num_episodes` episodes is at least `target`."""
    reached = np.flatnonzero((curve.scores >= target) & (curve.num_episodes >= num_episodes))
    if not reached.size:
        return None
    return Crossing(int(curve.agent_steps[reached[0]]), float(curve.wall_seconds[reached[0]]))


def draw(path: Path, groups: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]],
         title: str, references: Mapping[str, float] | None = None) -> None:
    """Draws groups of runs over agent steps and over minutes.

    Each run is a thin line; the bold one is the median of the group, as far as all its runs go.

    Args:
        path: of the picture, which ends in .png or .svg.
        groups: label -> runs of it, each of them agent steps, minutes and scores, [N].
        title: above both panels.
        references: label -> score, drawn as level lines.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    for panel, axis, label in zip(panels, (0, 1), ("agent steps", "minutes"), strict=True):
        for color, (name, runs) in zip(_COLORS, groups.items(), strict=False):
            for run in runs:
                panel.plot(run[axis], run[2], color=color, alpha=0.3, linewidth=1)
            grid = np.linspace(max(run[axis][0] for run in runs),
                               min(run[axis][-1] for run in runs), 200)
            median = np.median([np.interp(grid, run[axis], run[2]) for run in runs], axis=0)
            panel.plot(grid, median, color=color, linewidth=2.2,
                       label=f"{name} ({len(runs)} seeds)")
        for name, score in (references or {}).items():
            panel.axhline(score, color="#888888", linewidth=1, linestyle="--")
            panel.annotate(name, (0.99, score), xycoords=("axes fraction", "data"), ha="right",
                           va="bottom", fontsize=8, color="#555555")
        panel.set_xlabel(label)
        panel.grid(alpha=0.2)
        panel.set_xlim(left=0)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].xaxis.set_major_formatter(lambda x, _: f"{x / 1000:g}k")
    panels[0].set_ylabel("score, mean of 100 episodes")
    panels[0].legend(loc="lower right", frameon=False)
    figure.suptitle(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


_COLORS = ("#1f6fb4", "#d9662b", "#3a8f4d", "#8a4fa3", "#b0413e", "#5b5b5b")
