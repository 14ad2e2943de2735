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
    num_episodes: int


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
    first = reached[0]
    return Crossing(int(curve.agent_steps[first]), float(curve.wall_seconds[first]),
                    int(curve.num_episodes[first]))


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
    pyplot = _pyplot()
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
        _furnish(panel, label, references or {})
    panels[0].xaxis.set_major_formatter(lambda x, _: f"{x / 1000:g}k")
    panels[0].set_ylabel("score, mean of 100 episodes")
    panels[0].legend(loc="lower right", frameon=False)
    _save(pyplot, figure, path, title)


def draw_episodes(path: Path, groups: Mapping[str, Sequence[Curve]], title: str,
                  references: Mapping[str, float] | None = None) -> None:
    """Draws groups of runs over the episodes that they have played.

    Each run is a thin line. The bold one is the mean of the group and the band around it one
    standard deviation, as far as all its runs go.

    Args:
        path: of the picture, which ends in .png or .svg.
        groups: label -> runs of it.
        title: above the panel.
        references: label -> score, drawn as level lines.
    """
    pyplot = _pyplot()
    figure, panel = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    for color, (name, runs) in zip(_COLORS, groups.items(), strict=False):
        for run in runs:
            panel.plot(run.num_episodes, run.scores, color=color, alpha=0.3, linewidth=1)
        grid, mean, deviation = mean_over_episodes(runs)
        panel.plot(grid, mean, color=color, linewidth=2.2, label=f"{name} ({len(runs)} seeds)")
        panel.fill_between(grid, mean - deviation, mean + deviation, color=color, alpha=0.15,
                           linewidth=0)
    _furnish(panel, "episodes", references or {})
    panel.set_ylabel("score, mean of 100 episodes")
    panel.legend(loc="lower right", frameon=False)
    _save(pyplot, figure, path, title)


def mean_over_episodes(runs: Sequence[Curve], num_points: int = 200
                       ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Episodes, and there the mean and the standard deviation of the runs' scores: [num_points].

    They go as far as all runs do: where some have ended already, a mean of the others would be one
    of the slow runs, or of the fast ones.
    """
    grid = np.linspace(max(run.num_episodes[0] for run in runs),
                       min(run.num_episodes[-1] for run in runs), num_points)
    scores = [np.interp(grid, run.num_episodes, run.scores) for run in runs]
    return grid, np.mean(scores, axis=0), np.std(scores, axis=0)


def _pyplot():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def _furnish(panel, label: str, references: Mapping[str, float]) -> None:
    """Level lines, the name of the horizontal axis, a grid."""
    for name, score in references.items():
        panel.axhline(score, color="#888888", linewidth=1, linestyle="--")
        panel.annotate(name, (0.99, score), xycoords=("axes fraction", "data"), ha="right",
                       va="bottom", fontsize=8, color="#555555")
    panel.set_xlabel(label)
    panel.grid(alpha=0.2)
    panel.set_xlim(left=0)
    panel.spines[["top", "right"]].set_visible(False)


def _save(pyplot, figure, path: Path, title: str) -> None:
    figure.suptitle(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


_COLORS = ("#1f6fb4", "#d9662b", "#3a8f4d", "#8a4fa3", "#b0413e", "#5b5b5b")
