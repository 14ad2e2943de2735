"""Pictures of what a policy confuses, for TensorBoard: action types, and places on a map."""

from collections.abc import Mapping, Sequence

import numpy as np

NUM_COMMONEST = 20
"""Action types that the confusion picture shows."""

_DOTS_PER_INCH = 100


def of_counts(action_types: Sequence[str], counts: Mapping[str, np.ndarray]
              ) -> dict[str, np.ndarray]:
    """All pictures of what a validation has counted.

    Args:
        action_types: names of the action types.
        counts: `confusion/action_type` [A, A] and `clicks/<argument>` [2, H, W], in the data and
            predicted; maps without a click are left out.

    Returns:
        uint8 [H, W, 3] by the same names.
    """
    pictures = {}
    for tag, values in counts.items():
        kind, _, name = tag.partition("/")
        if kind == "confusion":
            pictures[tag] = confusion(values, action_types)
        elif values.any():
            pictures[tag] = clicks(*values, name)
    return pictures


def confusion(counts: np.ndarray, names: Sequence[str], num_commonest: int = NUM_COMMONEST
              ) -> np.ndarray:
    """Which choice is taken for which.

    A row is a choice of the data, the commonest first, and adds up to 1 with the last column, which
    holds the predictions that are not among the commonest.

    Args:
        counts: int [A, A], how often the row's choice was predicted to be the column's.
        names: of the choices, A.
        num_commonest: rows that are shown at most; those that never occur are left out.

    Returns:
        uint8 [H, W, 3].

    Raises:
        ValueError: the counts are not square, or not of as many choices as there are names.
    """
    counts = np.asarray(counts)
    if counts.shape != (len(names), len(names)):
        raise ValueError(f"counts: expected the shape {(len(names), len(names))} of the "
                         f"{len(names)} names, got {counts.shape}.")
    occurrences = counts.sum(axis=1)
    order = np.argsort(-occurrences, kind="stable")[:num_commonest]
    order = order[occurrences[order] > 0] if occurrences.any() else order[:1]
    rows = counts[order].astype(np.float64)
    columns = np.concatenate([rows[:, order], rows.sum(axis=1, keepdims=True)
                              - rows[:, order].sum(axis=1, keepdims=True)], axis=1)
    shares = columns / np.maximum(occurrences[order], 1)[:, None]

    figure = _figure(9.6, 8.4)
    axes = figure.subplots()
    axes.imshow(shares, cmap="magma", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:
            axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=6.5,
                      color="black" if share > 0.6 else "white")
    labels = [names[index] for index in order]
    axes.set_yticks(range(len(labels)), [f"{label}  ({occurrences[index]:,})" for label, index
                                         in zip(labels, order, strict=True)], fontsize=7)
    axes.set_xticks(range(len(labels) + 1), [*labels, "any other"], rotation=90, fontsize=7)
    axes.set_ylabel("in the data (how often)")
    axes.set_xlabel("predicted, per cent of the row")
    return _pixels(figure)


def clicks(true: np.ndarray, predicted: np.ndarray, name: str) -> np.ndarray:
    """Where the data clicks, and where the likeliest clicks of the policy are, on one scale.

    Args:
        true: int [H, W], how often the data chose each place.
        predicted: int [H, W], how often the policy would have, at the same observations.
        name: of the argument.

    Returns:
        uint8 [H, W, 3].

    Raises:
        ValueError: the two are not maps of one size.
    """
    true, predicted = np.asarray(true), np.asarray(predicted)
    if true.ndim != 2 or true.shape != predicted.shape:
        raise ValueError(f"Clicks on {name}: expected two maps of one size, got {true.shape} and "
                         f"{predicted.shape}.")
    figure = _figure(9.6, 4.4)
    # A few places get most of the clicks; the root lets the others be seen.
    roots = [np.sqrt(true), np.sqrt(predicted)]
    brightest = max(1.0, *(root.max() for root in roots))
    for axes, root, who in zip(figure.subplots(1, 2), roots, ("in the data", "predicted"),
                               strict=True):
        axes.imshow(root, cmap="inferno", vmin=0, vmax=brightest)
        axes.set_title(f"{name}: {who}", fontsize=10)
        axes.tick_params(labelsize=7)
    return _pixels(figure)


def _figure(width: float, height: float):
    """A figure of its own canvas: nothing of Matplotlib's global state is touched."""
    from matplotlib import figure
    from matplotlib.backends import backend_agg

    made = figure.Figure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout="constrained")
    backend_agg.FigureCanvasAgg(made)
    return made


def _pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
